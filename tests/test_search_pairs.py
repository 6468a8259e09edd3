"""Search by the pair index finds what a plain scan finds, whatever became of the articles and of the index."""

import json
import random
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.config import ConfigError
from archive.db import as_database, sort_at
from archive.home import DEFAULTS, Home
from archive.query import parse
from archive.schema import open_archive
from archive.search import candidates, pairs
from archive.search.cursor import Cursor
from archive.search.results import reindex
from archive.text import TOKENIZER, fold
from archive.text import pairs as pairs_of
from tests.commands import Copy, diemtin
from tests.plain_scan import Told, as_told, asked, made, random_article, with_words, words_of
from tests.search_sample import bare_word, insert

pytestmark = pytest.mark.timeless


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """What many articles are, for archives of a few hundred: some pairs are common, some are not."""
    monkeypatch.setattr(pairs, "COMMON", 0.05)
    monkeypatch.setattr(pairs, "_LEAST", 1)
    monkeypatch.setattr(pairs, "BATCH", 50)
    monkeypatch.setattr(candidates, "_FEW", 0)


def whole(db: Database) -> None:
    for _ in pairs.build(db):
        pass


def held(db: Database) -> set[tuple[str, int]]:
    """Each pair and row of the index, as its own vocabulary has them."""
    db.execute("create virtual table temp.held using fts5vocab(main, articles_pairs, instance)")
    rows = set(db.execute("select term, doc from held"))
    db.execute("drop table temp.held")
    return rows


def as_made_anew(db: Database) -> set[tuple[str, int]]:
    """What the index should hold: made of the articles by the scan's own words."""
    common = set(db.execute("select common from pair_index").fetchone()[0].split())
    rows = set()
    for sort, *texts in db.execute("select sort, title, lead || char(10) || body from articles"):
        for text in texts:
            words = [bare_word(word) for word in words_of(text)]
            rows |= {(f"{a}_{b}", sort) for a, b in pairwise(words) if a[0].isalpha() and b[0].isalpha()}
    return {(pair, sort) for pair, sort in rows if pair not in common}


@pytest.mark.parametrize("read", [1e-9, 1.0, 1e9], ids=["always by pairs", "by counts", "by FTS5"])
def test_whatever_the_way_hits_are_those_of_a_plain_scan(
    tmp_path: Path, many: None, monkeypatch: pytest.MonkeyPatch, read: float
) -> None:
    db, told = made(tmp_path / "archive.db")
    whole(db)
    monkeypatch.setattr(candidates, "READ", read)
    chooser = random.Random(17)
    hits, by_pairs = 0, 0
    for _ in range(90):
        query, wanted = asked(chooser, told)
        assert Cursor(db, query).newest(-1) == wanted, query.text
        with closing(Cursor(db, query, patience=60)) as timed:
            assert [timed.newest(3), timed.newest(25, 3), timed.newest(-1)] == [
                wanted[:3],
                wanted[3:28],
                wanted,
            ]
        by_pairs += candidates.by_pairs(db, query, (-pairs.WHOLE, pairs.WHOLE)) is not None
        hits += len(wanted)
    assert hits > 900
    assert by_pairs > (40 if read < 1 else 5)
    db.close()


def test_without_the_index_hits_are_the_same(tmp_path: Path) -> None:
    db, told = made(tmp_path / "archive.db")
    chooser = random.Random(17)
    for _ in range(60):
        query, wanted = asked(chooser, told)
        assert Cursor(db, query).newest(-1) == wanted, query.text
    db.close()


def happen(db: Database, chooser: random.Random, told: dict[int, Told], at: int) -> None:
    """Something that befalls an archive: a new article, one in between, an edit, a later date, a deletion."""
    article = random_article(chooser, at)
    assert article.published_at
    article.url = f"later {len(told)} {at} {chooser.random()}"
    ids = [id_ for (id_,) in db.execute("select id from articles order by id")]
    what, id_ = chooser.choice(("new", "edit", "moved", "deleted", "gone")), chooser.choice(ids)
    (sort,) = db.execute("select sort from articles where id = ?", (id_,)).fetchone()
    if what == "new":
        insert(db, max(ids) + 1, article)
        told[sort_at(article.published_at) + (max(ids) + 1) % 1024] = as_told(article)
    elif what == "edit":
        given = (article.title, article.lead, article.body, id_)
        db.execute("update articles set title = ?, lead = ?, body = ? where id = ?", given)
        edited = as_told(article)
        told[sort] = Told(edited.title, edited.text, told[sort].source, told[sort].hour)
    elif what == "moved":
        db.execute("update articles set sort = ? where id = ?", (sort + 17, id_))
        told[sort + 17] = told.pop(sort)
    elif what == "deleted":
        db.execute("delete from mentions where article_id = ?", (id_,))
        db.execute("delete from articles where id = ?", (id_,))
        del told[sort]
    else:
        db.execute("update articles set state = 'gone' where id = ?", (id_,))


def test_the_index_follows_what_becomes_of_articles_before_while_and_after_it_is_made(
    tmp_path: Path, many: None
) -> None:
    db, told = made(tmp_path / "archive.db")
    chooser = random.Random(23)
    making = pairs.build(db)
    for at in range(5):
        next(making)
        assert pairs.lexis(db) is None, "half an index is no index"
        for step in range(15):
            happen(db, chooser, told, chooser.choice((100, 500)) + at * 15 + step)
        query, wanted = asked(chooser, told)
        assert Cursor(db, query).newest(-1) == wanted, query.text
    making.close()
    whole(db)
    assert pairs.state(db).whole
    assert held(db) == as_made_anew(db)
    for step in range(150):
        happen(db, chooser, told, 900 + step)
    assert held(db) == as_made_anew(db)
    for _ in range(40):
        query, wanted = asked(chooser, told)
        assert Cursor(db, query).newest(-1) == wanted, query.text
    assert reindex(db) == len(told)
    assert held(db) == as_made_anew(db)
    pairs.drop(db)
    assert not [name for (name,) in db.execute("select name from sqlite_master") if "articles_pairs" in name]
    happen(db, chooser, told, 2000)
    db.close()


KILLED = """
import sys
from archive.schema import open_archive
from archive.search import pairs
pairs.BATCH, pairs._LEAST = 20, 1
for _ in pairs.build(open_archive(sys.argv[1])):
    print("a batch", flush=True)
    if len(sys.argv) > 2:
        sys.stdin.read()
"""


def test_killed_half_way_it_is_not_used_and_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    db, told = made(path, 120)
    with Copy(path, "wait", program=KILLED, stdin=PIPE) as child:
        assert child.stdout
        assert child.stdout.readline()
        child.kill()
    half = pairs.state(db)
    assert (half.there, half.whole, half.held) == (True, False, 20)
    happen(db, random.Random(5), told, 700)
    assert Cursor(db, parse('"thai nguyen"')).newest(-1) == with_words(told, "thai", "nguyen")
    whole(db)
    assert pairs.state(db).whole
    assert held(db) == as_made_anew(db)
    assert Cursor(db, parse('"thai nguyen"')).newest(-1) == with_words(told, "thai", "nguyen")
    db.close()


def test_a_search_keeps_to_the_archive_as_it_was_when_the_index_is_taken_away(
    tmp_path: Path, many: None
) -> None:
    db, told = made(tmp_path / "archive.db")
    whole(db)
    reader = as_database(sqlite3.connect(tmp_path / "archive.db"))
    wanted = with_words(told, "minh", "anh")
    with closing(Cursor(reader, parse('"minh anh"'))) as cursor:
        assert cursor.newest(1) == wanted[:1]
        pairs.drop(db)
        assert cursor.newest(-1) == wanted
    assert Cursor(reader, parse('"minh anh"')).newest(-1) == wanted
    reader.close()
    db.close()


ODD = [
    "công",
    "nghệ",
    "Ðiện",
    "İ",
    "straße",
    "🤖",
    "a\u0301\u0323",
    "\u0301x",
    "x\u200by",
    "2026",
    "5g",
    "g5",
    "ñ",
    "ﬁ",
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(ODD), st.sampled_from([" ", "_", "-", "\n", "", "“", "."])), max_size=9)
)
def test_pairs_are_words_that_fts5_finds_side_by_side(parts: list[tuple[str, str]]) -> None:
    text = "".join(word + between for word, between in parts)
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"create virtual table one using fts5(text, tokenize='{TOKENIZER}')")
        db.execute("insert into one values (?)", (fold(text),))
        db.execute("create virtual table words using fts5vocab(one, 'instance')")
        row = [word for (word,) in db.execute("select term from words order by offset")]
    sides = ((a, b) for a, b in pairwise(row) if not (a[0] in "0123456789" or b[0] in "0123456789"))
    assert pairs_of(text) == {f"{a}_{b}" for a, b in sides}


def test_it_is_made_when_it_pays_or_is_wanted_and_taken_away_when_not(tmp_path: Path) -> None:
    db, _ = made(tmp_path / "archive.db", 30)
    assert [pairs.due(db, least) for least in (30, 31)] == [True, None]
    pairs.choose(db, "on")
    assert pairs.due(db, 31) is True
    whole(db)
    assert pairs.due(db, 31) is None
    pairs.choose(db, "auto")
    assert pairs.due(db, 31) is None, "it stays"
    pairs.choose(db, "off")
    assert pairs.due(db, 1) is False
    pairs.drop(db)
    assert pairs.due(db, 1) is None
    db.close()


def test_the_command_tells_makes_and_takes_away(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    made(home.archive_db, 30)[0].close()
    said = diemtin("--lang", "vi", "index", home=home.path).stdout
    assert said.splitlines()[0] == "chỉ mục cặp tiếng: không có (30 bài trong kho)"
    assert "100.000" in said
    assert diemtin("index", "--due", home=home.path).stdout == ""
    (home.path / "config").mkdir()
    (home.path / "config" / "search.yml").write_text("search: {pairs_from: 30}\n", encoding="utf-8")
    assert "all 30 articles" in diemtin("--lang", "en", "index", "--due", home=home.path).stdout
    told = json.loads(
        diemtin("index", "--pairs", "off", "--rebuild", "--json", home=home.path).stdout.splitlines()[-1]
    )
    assert (told["articles"], told["pairs"]["wanted"], told["pairs"]["there"], told["pays"]) == (
        30,
        "off",
        False,
        True,
    )


def test_the_config_says_from_how_many_articles(tmp_path: Path) -> None:
    assert pairs.load_least(DEFAULTS / "search.yml") == pairs.LEAST
    path = tmp_path / "search.yml"
    for text, complaint in (
        ("search: {pair: 1}", "pair"),
        ("search: {pairs_from: many}", "pairs_from"),
        ("find: 1", "find"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=complaint):
            pairs.load_least(path)


def test_an_archive_of_an_older_release_has_no_index_and_is_searched(tmp_path: Path) -> None:
    with closing(open_archive(tmp_path / "archive.db").conn) as conn:
        db = as_database(conn)
        assert pairs.lexis(db) is None
        assert not pairs.state(db).there
