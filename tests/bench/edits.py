"""Edits, take-downs and desk marks over HTTP: the page Sửa và gỡ, and search that asks for them, at any size.

    DIEMTIN_SHARED=… python -m tests.bench edits [--articles 20000 200000 1000000] [--folder DIR] [--rounds 5]

The archives are those of ``bench search``. One article in twenty is edited (a third of the edits change a
figure), one in a hundred taken down, one in ten of these published again; one in fifty was decided on at the
desk, one in seven only mentions the province. The best of the rounds counts.
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
from archive.db import minute_of
from archive.desk.db import open_desk
from archive.schema import open_archive
from tests.bench.search import Way, ask, best_of, made, served

FIGURE = [{"kind": "figure", "field": "body", "before": "7,8%", "after": "6,8%"}]
WORDING = [{"kind": "wording", "field": "body", "before": "có thể", "after": "không thể"}]
MARKS = ("chosen", "chosen", "left", "irrelevant")
ASKED = [
    ("/sua-go", {}), ("/sua-go", {"so": "1"}), ("/sua-go", {"loai": "go"}), ("/sua-go", {"loai": "lai"}),
    ("/sua-go", {"nguon": "bao-7"}), ("/sua-go", {"chude": "y-te"}),
    ("/sua-go", {"nguon": "bao-7", "chude": "y-te", "so": "1"}),
    ("/sua-go", {"tu": "2024-01-01", "den": "2024-01-31"}), ("/sua-go", {"truoc": "2022-06-01T00:00:00Z~0~1"}),
    ("/sua-go", {"nguon": "khong-co"}), ("/sua-go.atom", {}), ("/sua-go.csv", {}),
    ("/tim", {"q": "đã:sửa"}), ("/tim", {"q": "đã:gỡ"}), ("/tim", {"q": "đã:sửa,gỡ -mức:nhắc"}),
    ("/tim", {"q": "bệnh viện đã:sửa"}), ("/tim", {"q": "đã:sửa nguồn:bao-7 chủ-đề:y-te"}),
    ("/tim", {"q": "-đã:sửa -đã:gỡ"}), ("/tim", {"q": "mức:nhắc"}), ("/tim", {"q": "dấu:chọn"}),
    ("/tim", {"q": "bệnh viện dấu:bỏ"}),
]  # fmt: skip


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


def measure(home: Path, rounds: int) -> list[float]:
    """Milliseconds of each way to ask."""
    names = [str(number) for number in range(len(ASKED))]
    with served(home) as there:

        def timed(name: str) -> float:
            path, params = ASKED[int(name)]
            return ask(*there, Way("", path, {key: value for key, value in params.items() if key != "q"}),
                       params.get("q", ""))  # fmt: skip

        return best_of(rounds, names, timed)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench edits", description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[20_000, 200_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "diemtin-search")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    corpus = Path(os.environ["DIEMTIN_SHARED"]) / "corpus" / "vietnews-20k.jsonl.xz"
    times = []
    for articles in given.articles:
        home = made(given.folder, corpus, articles)
        began = time.perf_counter()
        happen(home)
        print(f"{articles:,} articles ready in {time.perf_counter() - began:.0f} s", flush=True)
        times.append(measure(home, given.rounds))
    rows = [
        (path, " ".join(f"{key}={value}" for key, value in params.items()), *(f"{one:.0f}" for one in found))
        for (path, params), *found in zip(ASKED, *times, strict=True)
    ]
    print(tabulate(rows, ("", "asked", *(f"{number:,}" for number in given.articles)), "github"))


if __name__ == "__main__":
    main()
