"""Edits, take-downs and desk marks over HTTP: the page Sửa và gỡ, and search that asks for them, at any size.

    DIEMTIN_SHARED=… python -m tests.bench edits [--articles N …] [--folder DIR] [--rounds 5] [--plain]

The archives are those of ``bench search``. One article in twenty is edited (a third of the edits change a
figure), one in a hundred taken down, one in ten of these published again; one in fifty was decided on at the
desk, one in seven only mentions the province. The best of the rounds counts. With ``--plain`` the texts are
the corpus's own, over and over, without a search index, which takes a minute to make, not half an hour; what
asks for words is left out.
"""

import argparse
import json
import os
import random
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tabulate import tabulate

from archive.clock import stamp
from archive.db import SORT_SLOTS, minute_of, sort_at
from archive.desk.db import open_desk
from archive.schema import open_archive
from tests.bench.haystack import LAST, SOURCES, TOPICS, YEARS, read_corpus
from tests.bench.search import Way, ask, best_of, made, served

FIGURE = [{"kind": "figure", "field": "body", "before": "7,8%", "after": "6,8%"}]
WORDING = [{"kind": "wording", "field": "body", "before": "có thể", "after": "không thể"}]
MARKS = ("chosen", "chosen", "left", "irrelevant")
ASKED = [
    ("/sua-go", {}), ("/sua-go", {"so": "1"}), ("/sua-go", {"loai": "go"}), ("/sua-go", {"loai": "lai"}),
    ("/sua-go", {"nguon": "bao-7"}), ("/sua-go", {"chude": "y-te"}),
    ("/sua-go", {"nguon": "bao-7", "chude": "y-te", "so": "1"}),
    ("/sua-go", {"tu": "2024-01-01", "den": "2024-01-31"}),
    ("/sua-go", {"truoc": "2022-06-01T00:00:00Z~0~1~1"}),
    ("/sua-go", {"nguon": "khong-co"}), ("/sua-go.atom", {}), ("/sua-go.csv", {}),
    ("/tim", {"q": "đã:sửa"}), ("/tim", {"q": "đã:gỡ"}), ("/tim", {"q": "đã:sửa,gỡ -mức:nhắc"}),
    ("/tim", {"q": "bệnh viện đã:sửa"}), ("/tim", {"q": "đã:sửa nguồn:bao-7 chủ-đề:y-te"}),
    ("/tim", {"q": "-đã:sửa -đã:gỡ"}), ("/tim", {"q": "mức:nhắc"}), ("/tim", {"q": "dấu:chọn"}),
    ("/tim", {"q": "bệnh viện dấu:bỏ"}),
]  # fmt: skip


def plain(folder: Path, corpus: Path, articles: int) -> Path:
    """The home of an archive without a search index, built unless it is there."""
    home = folder / f"plain-{articles}"
    home.mkdir(parents=True, exist_ok=True)
    if (home / "archive.db").exists():
        return home
    texts = list(read_corpus(corpus))
    topics = [[key for key, (_, word) in TOPICS.items() if word in " ".join(one).lower()] for one in texts]
    first, minutes = sort_at(LAST - timedelta(days=365 * YEARS)), 365 * YEARS * 24 * 60
    with closing(open_archive(home / "archive.db")) as db:
        db.execute("pragma journal_mode = off")
        db.execute("drop trigger articles_fts_insert")
        with db.conn:
            db.execute("begin")
            for key, (name, _) in TOPICS.items():
                db.execute("insert into topics (key, name) values (?, ?)", [key, name])
            for source in SOURCES:
                db.execute("insert into sources (key, name) values (?, ?)", [source, source])
            for number in range(articles):
                sort = first + number * minutes // articles * SORT_SLOTS + number % SORT_SLOTS
                _insert(db.conn, number + 1, sort, texts[number % len(texts)])
                rows = [(number + 1, topic) for topic in topics[number % len(texts)]]
                db.conn.executemany("insert into article_topics values (?, ?)", rows)
        db.execute("pragma journal_mode = wal")
    return home


def _insert(conn: sqlite3.Connection, id_: int, sort: int, text: tuple[str, str, str]) -> None:
    at, source = stamp(minute_of(sort)), SOURCES[id_ * 7919 % len(SOURCES)]
    conn.execute(
        """insert into articles (id, sort, url, source, title, lead, body, published_at, first_seen_at,
           last_seen_at, relevant, sha256) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, '')""",
        [id_, sort, f"https://{source}.example/{id_}", source, *text, at, at, at],
    )


def happen(home: Path, seed: int = 3) -> None:
    """Put edits, take-downs and marks into an archive that has none yet."""
    rng = random.Random(seed)
    with closing(open_archive(home / "archive.db")) as db, closing(open_desk(home / "desk.db")) as desk:
        if db.execute("select 1 from versions limit 1").fetchone():
            return
        rows = db.execute("select id, sort from articles").fetchall()
        db.execute("begin")
        for id_, sort in rows:
            published = minute_of(sort)
            if rng.random() < 0.05:
                _edit(db.conn, id_, stamp(published + timedelta(minutes=rng.randrange(30_000))), rng)
            if rng.random() < 0.01:
                _take_down(db.conn, id_, [stamp(published + timedelta(days=day)) for day in (2, 3, 9)], rng)
        db.execute("update articles set level = 'mention' where id % 7 = 0")
        db.execute("commit")
        db.execute("analyze")
        marked = [(id_, rng.choice(MARKS), int(rng.random() < 0.1)) for id_, _ in rows if rng.random() < 0.02]
        desk.conn.executemany(
            """insert into choices (digest, window, article_id, mark, star, rev, changed_by, changed_at)
               values ('sang', '', ?, ?, ?, 1, 'x', 'x')""",
            marked,
        )
        desk.conn.commit()


def _edit(conn: sqlite3.Connection, id_: int, at: str, rng: random.Random) -> None:
    conn.execute(
        """insert into versions (article_id, seen_at, kind, title, lead, body, sha256, changes)
           select id, ?, 'edit', title, lead, body, '', ? from articles where id = ?""",
        [at, json.dumps(FIGURE if rng.random() < 0.33 else WORDING), id_],
    )
    conn.execute("update articles set edits = 1, changed_at = ? where id = ?", [at, id_])


def _take_down(conn: sqlite3.Connection, id_: int, days: list[str], rng: random.Random) -> None:
    back = rng.random() < 0.1
    for state, at in zip(("suspected", "gone", "live") if back else ("suspected", "gone"), days, strict=False):
        conn.execute("insert into states (article_id, at, state) values (?, ?, ?)", [id_, at, state])
    if not back:
        conn.execute("update articles set state = 'gone', gone_at = ? where id = ?", [days[1], id_])


def measure(home: Path, rounds: int, asked: list[tuple[str, dict[str, str]]]) -> list[float]:
    """Milliseconds of each way to ask."""
    names = [str(number) for number in range(len(asked))]
    with served(home) as there:

        def timed(name: str) -> float:
            path, params = asked[int(name)]
            return ask(*there, Way("", path, {key: value for key, value in params.items() if key != "q"}),
                       params.get("q", ""))  # fmt: skip

        return best_of(rounds, names, timed)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench edits", description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[20_000, 200_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "diemtin-search")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--plain", action="store_true")
    given = parser.parse_args()
    asked = [one for one in ASKED if not given.plain or "bệnh viện" not in one[1].get("q", "")]
    corpus = Path(os.environ["DIEMTIN_SHARED"]) / "corpus" / "vietnews-20k.jsonl.xz"
    times = []
    for articles in given.articles:
        began = time.perf_counter()
        home = (plain if given.plain else made)(given.folder, corpus, articles)
        happen(home)
        print(f"{articles:,} articles ready in {time.perf_counter() - began:.0f} s", flush=True)
        times.append(measure(home, given.rounds, asked))
    rows = [
        (path, " ".join(f"{key}={value}" for key, value in params.items()), *(f"{one:.0f}" for one in found))
        for (path, params), *found in zip(asked, *times, strict=True)
    ]
    print(tabulate(rows, ("", "asked", *(f"{number:,}" for number in given.articles)), "github"))


if __name__ == "__main__":
    main()
