"""The pair index: which articles have two syllables side by side, for phrases that are rare though no word is.

``articles_pairs`` holds, beside ``articles_fts``, the folded pairs of each article (``archive.text.pairs``):
not where they stand, and not those that stand in many articles, which narrow no search down. It is for large
archives; whoever wants it calls :func:`build`. It is never wrong: triggers keep it, each batch of the building
is one transaction, and searches use it only when it is whole.
"""

import json
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from sqlite_utils import Database

from archive.config import ConfigError, load_yaml, only_keys
from archive.db import writing
from archive.i18n import current
from archive.text import key, pairs

Wanted = Literal["auto", "on", "off"]
LEAST = 100_000  # articles from which the index pays: see docs/search.md
WHOLE = 1 << 62  # ``pair_index.done`` when all articles are in it
BATCH = 250  # articles of one transaction: others wait for 0.1 s at most
SAMPLE = 10_000  # articles that tell which pairs are common
COMMON = 0.05  # of the sample have a pair that is left out
_LEAST = 20  # articles of the sample that do, so that a small archive has all its pairs
_KNOWN = 0.002  # of the sample have a word whose share is kept
_PARTS, _PARTS_MEANWHILE = 4, 8  # of one size that FTS5 joins: its own number, and one that costs less writing
_PAGES = 200  # of the index that are merged in one transaction
_TEXT = "title, lead || char(10) || body"
_TRIGGERS = ("insert", "delete", "update")
_CREATE = """
create virtual table articles_pairs using fts5(
    pairs, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '_'");
create trigger articles_pairs_insert after insert on articles begin
    {insert};
end;
create trigger articles_pairs_delete after delete on articles begin
    {delete};
end;
create trigger articles_pairs_update after update of sort, title, lead, body on articles begin
    {delete};
    {insert};
end;"""
_GIVEN = "{version}, {row}.title, {row}.lead || char(10) || {row}.body"
_PAIRS = f"coalesce(vn_pairs({_GIVEN}), vn_pairs({_GIVEN}, (select common from pair_index)))"
_DONE = "where {row}.sort <= (select done from pair_index)"
_INSERT = f"insert into articles_pairs (rowid, pairs) select {{row}}.sort, {_PAIRS} {_DONE}"
_DELETE = (
    f"insert into articles_pairs (articles_pairs, rowid, pairs) select 'delete', {{row}}.sort, {_PAIRS} {_DONE}"
)


@dataclass(frozen=True, slots=True)
class Lexis:
    """What the index knows of words: the pairs it leaves out, and the share of articles that have a word."""

    common: frozenset[str]
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PairIndex:
    """The state of the index: of ``articles`` there are ``held`` in it; its size in bytes."""

    wanted: Wanted
    there: bool
    articles: int
    held: int
    size: int

    @property
    def whole(self) -> bool:
        """Whether searches use it."""
        return self.there and self.held == self.articles


def build(db: Database) -> Iterator[int]:
    """Make the index, or go on where it was left; after each batch how many articles came into it.

    Other processes may read and write meanwhile. What was done when it is ended, or the process dies, stays.
    """
    _begin(db)
    while count := _next_batch(db):
        yield count
    if _version(db) is not None:
        _merge(db)


def drop(db: Database) -> None:
    """Take the index away, in one transaction."""
    with writing(db):
        for name in _TRIGGERS:
            db.execute(f"drop trigger if exists articles_pairs_{name}")
        db.execute("drop table if exists articles_pairs")
        db.execute("update pair_index set version = null, done = 0, common = '', words = '{}'")


def renew(db: Database) -> None:
    """Make the index anew, where there is one."""
    if _version(db) is not None:
        drop(db)
        deque(build(db), maxlen=0)


def lexis(db: Database) -> Lexis | None:
    """What a search needs to know to use the index; None while there is none, or a part of it."""
    row = db.execute("select version, done from pair_index").fetchone()
    if row is None or row[0] is None or row[1] != WHOLE:
        return None
    return _lexis(db, row[0])


def state(db: Database) -> PairIndex:
    """How far the index is and what it takes."""
    wanted, version, done = db.execute("select wanted, version, done from pair_index").fetchone()
    (articles,) = db.execute("select count(*) from articles").fetchone()
    if version is None:
        return PairIndex(wanted, False, articles, 0, 0)
    (held,) = db.execute("select count(*) from articles where sort <= ?", (done,)).fetchone()
    (size,) = db.execute("select sum(length(block)) from articles_pairs_data").fetchone()
    return PairIndex(wanted, True, articles, held, size)


def load_least(path: Path) -> int:
    """``pairs_from`` of search.yml: the number of articles from which the index is made by itself.

    Raises ConfigError for what the user must mend.
    """
    data = load_yaml(path)
    only_keys(path, "", data, {"search"})
    block = data.get("search") or {}
    if not isinstance(block, dict):
        raise ConfigError(f"{path}: search: {current()('config.expected_pairs')}")
    only_keys(path, "search", block, {"pairs_from"})
    least = block.get("pairs_from", LEAST)
    if isinstance(least, bool) or not isinstance(least, int) or least < 1:
        raise ConfigError(f"{path}: search.pairs_from: {current()('config.not_positive')}")
    return least


def choose(db: Database, wanted: Wanted) -> None:
    """Say whether the index is wanted: ``auto`` when the archive is large enough."""
    with writing(db):
        db.execute("update pair_index set wanted = ?", (wanted,))


def due(db: Database, least: int) -> bool | None:
    """Whether the index is to be made (True) or taken away (False); None where all is well.

    ``least``: the number of articles from which ``auto`` wants one. One that is there stays.
    """
    wanted, version, done = db.execute("select wanted, version, done from pair_index").fetchone()
    if wanted == "off":
        return None if version is None else False
    if version is not None:
        return None if done == WHOLE else True
    if wanted == "auto":
        (many,) = db.execute("select count(*) from (select 1 from articles limit ?)", (least,)).fetchone()
        return True if many >= least else None
    return True


_known: dict[int, Lexis] = {}


def _lexis(db: Database, version: int) -> Lexis:
    if version not in _known:
        common, words = db.execute("select common, words from pair_index").fetchone()
        _known[version] = Lexis(frozenset(common.split()), json.loads(words))
    return _known[version]


def _begin(db: Database) -> None:
    """Make the empty index with its lists and triggers, unless there is one."""
    if _version(db) is not None:
        return
    common, words = _lists(_sample(db))
    version = int.from_bytes(sha256(f"{common} {words}".encode()).digest()[:6], "big")
    statements = {
        "insert": _INSERT.format(row="new", version=version),
        "delete": _DELETE.format(row="old", version=version),
    }
    with writing(db):
        if _version(db) is None:
            db.executescript(_CREATE.format(**statements))
            _set(db, "automerge", _PARTS_MEANWHILE)
            given = (version, -WHOLE, common, words)
            db.execute("update pair_index set version = ?, done = ?, common = ?, words = ?", given)


def _version(db: Database) -> int | None:
    version: int | None = db.execute("select version from pair_index").fetchone()[0]
    return version


def _sample(db: Database) -> list[tuple[str, str]]:
    """Title and text of articles spread over the archive."""
    first, last = db.execute("select min(id), max(id) from articles").fetchone()
    step = ((last or 0) - (first or 0)) // SAMPLE + 1
    ids = json.dumps(list(range(first or 0, (last or 0) + 1, step)))
    sql = f"select {_TEXT} from articles where id in (select value from json_each(?))"
    return list(db.execute(sql, (ids,)))


def _lists(sample: list[tuple[str, str]]) -> tuple[str, str]:
    """The pairs that are left out, and the shares of words as JSON."""
    standing, words = Counter[str](), Counter[str]()
    for texts in sample:
        standing.update(pairs(*texts))
        words.update({word for text in texts for word in key(text).split()})
    least = max(COMMON * len(sample), _LEAST)
    common = sorted(pair for pair, count in standing.items() if count > least)
    shares = {word: round(count / len(sample), 4) for word, count in sorted(words.items())
              if count >= _KNOWN * len(sample)}  # fmt: skip
    return " ".join(common), json.dumps(shares, ensure_ascii=False)


def _next_batch(db: Database) -> int:
    """Put the next articles into the index; how many, 0 when it is whole or gone.

    Most of the time goes into reading, before others are kept from writing; what they changed meanwhile is read
    again.
    """
    version, done = progress = _progress(db)
    if version is None or done == WHOLE:
        return 0
    common = _lexis(db, version).common
    read = {row: _tokens(common, *row) for row in _after(db, done)}
    with writing(db):
        if _progress(db) != progress:  # another process makes it too
            return len(read)
        rows = _after(db, done)
        made = [(row[0], read.get(row) or _tokens(common, *row)) for row in rows]
        db.conn.executemany("insert into articles_pairs (rowid, pairs) values (?, ?)", made)
        db.execute("update pair_index set done = ?", (rows[-1][0] if len(rows) == BATCH else WHOLE,))
    return len(rows)


def _progress(db: Database) -> tuple[int | None, int]:
    version, done = db.execute("select version, done from pair_index").fetchone()
    return version, done


def _after(db: Database, done: int) -> list[tuple[int, str, str]]:
    sql = f"select sort, {_TEXT} from articles where sort > ? order by sort limit ?"
    return list(db.execute(sql, (done, BATCH)))


def _tokens(common: frozenset[str], _sort: int, title: str, text: str) -> str:
    return " ".join(pairs(title, text) - common)


def _merge(db: Database) -> None:
    """Join the parts that the batches left, a few pages in a transaction: a sixth smaller, and read faster."""
    pages = -_PAGES  # negative: all parts, however few; positive: go on
    while True:
        with writing(db):
            before = db.conn.total_changes
            _set(db, "merge", pages)
            if db.conn.total_changes - before < 2:  # as FTS5 says that nothing was left to do
                _set(db, "automerge", _PARTS)
                return
        pages = _PAGES


def _set(db: Database, name: str, value: int) -> None:
    """One of FTS5's settings, or a task for it."""
    db.execute("insert into articles_pairs (articles_pairs, rank) values (?, ?)", (name, value))
