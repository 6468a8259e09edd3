"""Archives of any size made of real texts: each copy has other syllables, figures, times, sources and names."""

import json
import lzma
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from archive.clock import stamp
from archive.db import SORT_SLOTS
from archive.schema import open_archive
from archive.text import fold, norm

LAST = datetime(2026, 11, 20, tzinfo=UTC)
YEARS = 6
SOURCES = [f"bao-{number}" for number in range(1, 25)]
TOPICS = {
    "cong-nghiep": ("Công nghiệp", "nhà máy"), "chuyen-doi-so": ("Chuyển đổi số", "công nghệ"),
    "giao-thong": ("Giao thông", "giao thông"), "giao-duc": ("Giáo dục", "học sinh"),
    "an-ninh": ("An ninh", "công an"), "y-te": ("Y tế", "bệnh viện"),
}  # fmt: skip
NAMES = 400  # of the most frequent names are kept as mentions
ORGANISATION = 3  # every third of them as an organisation, the others as places
EXCHANGED = 12  # one syllable in so many is another one in a copy
BATCH = 500
_NAME = re.compile(r"(?<=[^\W\d_] )[^\W\d_a-zà-ỹđ][a-zà-ỹđ]+(?: [^\W\d_a-zà-ỹđ][a-zà-ỹđ]+){1,2}")
_FIGURE = re.compile(r"\d+")

Row = tuple[str, str, str, str, str, str, str]  # title, lead, body; both exact, both folded


@dataclass(frozen=True, slots=True)
class Text:
    """A real text, its topics and the names in it."""

    title: str
    lead: str
    body: str
    topics: tuple[str, ...]
    names: tuple[int, ...]


def build(path: Path, corpus: Path, articles: int, seed: int = 5) -> None:
    """Write an archive of the real schema that does not exist yet, with triggers, in the order of publication.

    What the triggers would index is made in a second process and put in beside the articles.
    """
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with closing(open_archive(part)) as db:
        conn = db.conn
        conn.execute("pragma journal_mode = off")
        triggers = [sql for (sql,) in conn.execute("select sql from sqlite_master where type = 'trigger'")]
        conn.execute("drop trigger articles_fts_insert")
        texts, names = _texts(corpus)
        _fill(conn, texts, names, articles, seed)
        conn.execute(next(sql for sql in triggers if "articles_fts_insert" in sql))
        conn.execute("analyze")
        conn.execute("pragma journal_mode = wal")
    part.rename(path)


def sizes(path: Path) -> dict[str, int]:
    """Bytes of text (UTF-8) and of its index, as kept in the tables."""
    with closing(sqlite3.connect(path)) as db:
        (text,) = db.execute(
            "select sum(length(cast(title as blob)) + length(cast(lead as blob)) + length(cast(body as blob)))"
            " from articles"
        ).fetchone()
        (index,) = db.execute("select sum(length(block)) from articles_fts_data").fetchone()
        (more,) = db.execute("select sum(length(sz)) from articles_fts_docsize").fetchone()
        (there,) = db.execute("select count(*) from sqlite_master where name = 'articles_pairs'").fetchone()
        pairs = "select sum(length(block)) from articles_pairs_data" if there else "select 0"
        (paired,) = db.execute(pairs).fetchone()
    return {"text": text, "index": index + more, "pairs": paired, "file": path.stat().st_size}


def read_corpus(path: Path) -> Iterator[tuple[str, str, str]]:
    """Title, lead and body of each text."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            yield one["title"], one["lead"], one["body"]


def _texts(corpus: Path) -> tuple[list[Text], list[str]]:
    raw = list(read_corpus(corpus))
    found = [Counter(_NAME.findall(f"{lead}\n{body}")) for _, lead, body in raw]
    total: Counter[str] = Counter()
    for one in found:
        total.update(one.keys())
    names = [name for name, _ in total.most_common(NAMES)]
    place = {name: at for at, name in enumerate(names)}
    texts = []
    for (title, lead, body), one in zip(raw, found, strict=True):
        lower = f"{title} {lead} {body}".lower()
        topics = tuple(key for key, (_, word) in TOPICS.items() if word in lower)
        texts.append(Text(title, lead, body, topics, tuple(place[name] for name in one if name in place)))
    return texts, names


def _fill(conn: sqlite3.Connection, texts: list[Text], names: list[str], articles: int, seed: int) -> None:
    with conn:
        conn.execute("begin")
        conn.executemany("insert into sources (key, name) values (?, ?)",
                         [(key, f"Báo {key[4:]}") for key in SOURCES])  # fmt: skip
        conn.executemany("insert into topics (key, name, weight) values (?, ?, 1)",
                         [(key, name) for key, (name, _) in TOPICS.items()])  # fmt: skip
        conn.execute("commit")
    batches = ((seed, at, min(at + BATCH, articles)) for at in range(0, articles, BATCH))
    minutes = _minutes(articles, seed)
    with get_context("fork").Pool(1, initializer=_take, initargs=(texts,)) as pool:
        for first, rows in pool.imap(_rows, batches):
            conn.execute("begin")
            _insert(conn, first, rows, texts, names, list(islice(minutes, len(rows))))
            conn.execute("commit")


def _minutes(articles: int, seed: int) -> Iterator[tuple[int, int]]:
    """Minute and slot of each article, spread evenly, oldest first."""
    rng = random.Random(seed)
    end = int(LAST.timestamp()) // 60
    start = end - YEARS * 365 * 24 * 60
    before, slot = -1, 0
    for minute in sorted(rng.randrange(start, end) for _ in range(articles)):
        slot = slot + 1 if minute == before else 0
        before = minute
        yield minute, slot


def _insert(
    conn: sqlite3.Connection,
    first: int,
    rows: list[Row],
    texts: list[Text],
    names: list[str],
    minutes: list[tuple[int, int]],
) -> None:
    articles, index, stories, topics, mentions = [], [], [], [], []
    for at, (row, (minute, slot)) in enumerate(zip(rows, minutes, strict=True), start=first + 1):
        sort = minute * SORT_SLOTS + slot
        published = datetime.fromtimestamp(minute * 60, UTC)
        seen = stamp(published + timedelta(minutes=20))
        source = SOURCES[at * 40_503 // 64 % len(SOURCES)]
        url = f"https://{source}.example/{at}.html"
        articles.append((at, sort, url, source, *row[:3], stamp(published), seen, seen, at, f"{at:064x}"))
        index.append((sort, *row[3:]))
        stories.append((at, row[0], at, stamp(published)))
        text = texts[(at - 1) % len(texts)]
        topics += [(at, topic) for topic in text.topics]
        mentions += [
            (at, "place" if one % ORGANISATION else "organisation", names[one], 1) for one in text.names
        ]
    conn.executemany(
        """insert into articles (id, sort, url, source, title, lead, body, published_at, published_from,
           first_seen_at, last_seen_at, relevant, story_id, sha256)
           values (?, ?, ?, ?, ?, ?, ?, ?, 'jsonld', ?, ?, 1, ?, ?)""",
        articles,
    )
    conn.executemany(
        "insert into articles_fts (rowid, title, body, title_f, body_f) values (?, ?, ?, ?, ?)", index
    )
    conn.executemany(
        "insert into stories (id, title, first_article_id, first_published_at) values (?, ?, ?, ?)", stories
    )
    conn.executemany("insert into article_topics values (?, ?)", topics)
    conn.executemany("insert into mentions values (?, ?, ?, ?)", mentions)


_given: list[Text] = []
_syllables: list[str] = []


def _take(texts: list[Text]) -> None:
    _given.extend(texts)
    words = (word for text in texts[::10] for word in text.body.split(" "))
    _syllables.extend(word for word in words if word.isalpha() and word.islower())


def _rows(batch: tuple[int, int, int]) -> tuple[int, list[Row]]:
    """The articles numbered from ``first`` to ``end``, as the tables and the index take them."""
    seed, first, end = batch
    rng = random.Random(seed * 1_000_003 + first)
    rows = []
    for number in range(first, end):
        text, copy = _given[number % len(_given)], number // len(_given)
        title, lead, body = ((_changed(one, copy, rng) for one in (text.title, text.lead, text.body))
                             if copy else (text.title, text.lead, text.body))  # fmt: skip
        whole = f"{lead}\n{body}"
        rows.append((title, lead, body, norm(title), norm(whole), fold(title), fold(whole)))
    return first, rows


def _changed(text: str, copy: int, rng: random.Random) -> str:
    """The text with some syllables exchanged and its figures changed; every other copy plays in Thái Nguyên."""
    if copy % 2:
        text = text.replace("Hà Nội", "Thái Nguyên")
    words = text.split(" ")
    for _ in range(len(words) // EXCHANGED):
        at = rng.randrange(len(words))
        if words[at].islower() and words[at].isalpha():
            words[at] = rng.choice(_syllables)
    return _FIGURE.sub(lambda found: str(rng.randrange(10 ** len(found[0][:6]))), " ".join(words))
