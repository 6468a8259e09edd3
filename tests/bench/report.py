"""The report of a made-up year, 20,000 articles: each number beside a plain SQL count, and how long it takes.

    python -m tests.bench report [--articles 20000] [--months 13] [--seed 11] [--rounds 3]

The year is written straight into the tables, with edits, take-downs, reprints, tones, documents, days without a
crawl and an outlet that changed its name.
"""

import argparse
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database
from tabulate import tabulate

from archive.clock import stamp
from archive.db import sort_at, writing
from archive.desk.db import open_desk
from archive.home import Home
from archive.report.month import Month
from archive.schema import open_archive
from tests.bench.desk import get
from tests.bench.search import served
from tests.commands import diemtin
from tests.report_expected import differences, numbers_of, read_list

DAY = timedelta(days=1)
Row = dict[str, Any]


@dataclass(frozen=True)
class MadeYear:
    """What is to be made: ``last`` is the newest month, ``now`` a time in or after it."""

    articles: int
    months: int
    last: Month
    now: datetime
    seed: int = 11
    outlets: int = 24
    topics: int = 9
    documents: int = 60


def make_year(home: Home, year: MadeYear) -> None:
    """Fill the home's databases."""
    chance = random.Random(year.seed)
    with closing(open_archive(home.archive_db)) as db, writing(db):
        _names(db, year)
        articles = list(_articles(chance, year))
        db.table("articles").insert_all(articles, batch_size=500)
        _stories(db, articles)
        _facts(db, chance, articles, year)
        _changes(db, chance, articles)
        _runs(db, chance, year)
    with closing(open_desk(home.desk_db)) as desk, writing(desk):
        desk.table("notes").insert_all(_notes(chance, articles))
        desk.table("register").insert_all(_requests(chance, articles))


def _names(db: Database, year: MadeYear) -> None:
    rows = [
        {"key": f"bao{at}", "name": f"Báo Số {at}", "home": f"https://bao{at}.example/"}
        for at in range(year.outlets)
    ]
    db.table("sources").insert_all(rows)
    before = ["bao1", "Báo Một cũ", stamp(year.last.plus(-1).start)]
    db.execute("insert into source_names values (?, ?, ?)", before)
    topics = [
        {"key": f"chu-de-{at}", "name": f"Chủ đề {at}", "weight": year.topics - at} for at in range(year.topics)
    ]
    db.table("topics").insert_all(topics)
    documents = [
        {"number": f"{at}/QĐ-UBND", "kind": "Quyết định", "issuer": "UBND tỉnh"} for at in range(year.documents)
    ]
    db.table("documents").insert_all(documents)


def _articles(chance: random.Random, year: MadeYear) -> Iterator[Row]:
    """In the order of their time, about a third of them reprints of one of the last twenty."""
    first, last = year.last.plus(1 - year.months).start, min(year.last.end, year.now)
    minutes = int((last - first).total_seconds() // 60)
    times = sorted(chance.randrange(minutes) for _ in range(year.articles))
    taken: dict[int, int] = {}
    newest: list[tuple[int, int]] = []
    for article_id, minute in enumerate(times, 1):
        at = first + timedelta(minutes=minute, seconds=chance.randrange(60))
        slot = taken[minute] = taken.get(minute, -1) + 1
        again = chance.random() < 0.35 and newest
        story = chance.choice(newest)[1] if again else article_id
        newest = [*newest[-19:], (article_id, story)]
        yield _article(chance, year, article_id, at, slot, story)


def _article(
    chance: random.Random, year: MadeYear, article_id: int, at: datetime, slot: int, story: int
) -> Row:
    dated, level = chance.random() > 0.03, chance.choices(["about", "mention", None], [6, 3, 1])[0]
    return {
        "id": article_id,
        "sort": sort_at(at) + slot,
        "url": f"https://bao.example/{article_id}",
        "source": f"bao{int(chance.triangular(0, year.outlets, 0))}",
        "title": f"Khu công nghiệp số {article_id}",
        "lead": "Nhà máy mới chạy dây chuyền thứ ba.",
        "body": f"Sản lượng đạt {article_id} tấn. " * 20,
        "published_at": stamp(at) if dated else None,
        "first_seen_at": stamp(at + timedelta(minutes=20) if dated else at),
        "last_seen_at": stamp(at + DAY),
        "relevant": int(level == "about"),
        "level": level,
        "story_id": story,
        "sha256": "",
    }


def _stories(db: Database, articles: list[Row]) -> None:
    told: dict[int, list[Row]] = {}
    for row in articles:
        told.setdefault(row["story_id"], []).append(row)
    db.table("stories").insert_all(
        {
            "id": story,
            "title": rows[0]["title"],
            "first_article_id": rows[0]["id"],
            "first_published_at": rows[0]["published_at"],
            "articles": len(rows),
            "outlets": len({row["source"] for row in rows}),
        }
        for story, rows in told.items()
    )


def _facts(db: Database, chance: random.Random, articles: list[Row], year: MadeYear) -> None:
    topics = [
        {"article_id": row["id"], "topic": f"chu-de-{at}"}
        for row in articles
        for at in chance.sample(range(year.topics), chance.choice([0, 1, 1, 2]))
    ]
    db.table("article_topics").insert_all(topics)
    cited = [
        {"article_id": row["id"], "number": f"{at}/QĐ-UBND"}
        for row in articles
        if chance.random() < 0.15
        for at in chance.sample(range(year.documents), chance.choice([1, 1, 2]))
    ]
    db.table("article_documents").insert_all(cited)


def _changes(db: Database, chance: random.Random, articles: list[Row]) -> None:
    """Edits up to three days after an article; take-downs, some taken back."""
    for row in articles:
        since = datetime.fromisoformat(row["first_seen_at"])
        for _ in range(chance.choices([0, 1, 3], [90, 8, 2])[0]):
            _edit(db, row, since + timedelta(hours=chance.randrange(72)))
        if chance.random() < 0.02:
            _gone(db, chance, row, since + timedelta(hours=chance.randrange(24, 900)))


def _edit(db: Database, row: Row, at: datetime) -> None:
    change = '[{"kind": "figure", "field": "body", "before": "7,8%", "after": "6,8%"}]'
    own = {"article_id": row["id"], "seen_at": stamp(at), "kind": "edit", "changes": change, "sha256": ""}
    db.table("versions").insert(own | {"title": row["title"], "lead": "", "body": ""})
    sql = "update articles set edits = edits + 1, changed_at = max(coalesce(changed_at, ''), ?) where id = ?"
    db.execute(sql, [stamp(at), row["id"]])


def _gone(db: Database, chance: random.Random, row: Row, at: datetime) -> None:
    states = [(at - DAY, "suspected"), (at, "gone")]
    back = chance.random() < 0.3
    states += [(at + 2 * DAY, "live"), (at + 9 * DAY, "gone")] if back else []
    rows = [
        {"article_id": row["id"], "at": stamp(when), "state": state, "reason": "http"} for when, state in states
    ]
    db.table("states").insert_all(rows)
    db.execute("update articles set state = 'gone', gone_at = ? where id = ?", [rows[-1]["at"], row["id"]])


def _runs(db: Database, chance: random.Random, year: MadeYear) -> None:
    """Each outlet once a day; on one day in ten nothing goes well; the last outlet began three months ago."""
    day, end = year.last.plus(1 - year.months).start, min(year.last.end, year.now)
    while day < end:
        state = "done" if chance.random() > 0.1 else "failed"
        outlets = year.outlets if day >= year.last.plus(-3).start else year.outlets - 1
        at = stamp(day + timedelta(hours=3))
        rows = [
            {"source": f"bao{one}", "started_at": at, "finished_at": at, "state": state}
            for one in range(outlets)
        ]
        db.table("runs").insert_all(rows)
        day += DAY


def _notes(chance: random.Random, articles: list[Row]) -> Iterator[Row]:
    for row in articles:
        if chance.random() < 0.3:
            at = datetime.fromisoformat(row["first_seen_at"]) + timedelta(hours=chance.randrange(48))
            own = {"article_id": row["id"], "tone": chance.choice(["good", "neutral", "bad", None]), "rev": 1}
            yield own | {"changed_by": "Lan", "changed_at": stamp(at)}


def _requests(chance: random.Random, articles: list[Row]) -> Iterator[Row]:
    """One article in forty is asked about on its second day; most are answered within two weeks."""
    for row in articles[::40]:
        asked = datetime.fromisoformat(row["first_seen_at"]) + DAY
        days = {name: asked + chance.randrange(1, 14) * DAY for name in ("due", "answered_on", "outcome_on")}
        own = {name: f"{at:%Y-%m-%d}" if chance.random() < 0.7 else None for name, at in days.items()}
        own |= {"outcome": chance.choice(["edited", "kept"]) if own["outcome_on"] else None, "rev": 1}
        own |= {"article_id": row["id"], "asked": "Đề nghị sửa", "asked_on": f"{asked:%Y-%m-%d}"}
        yield own | {
            "seen_until": stamp(asked),
            "entered_at": stamp(asked),
            "changed_by": "Lan",
            "changed_at": stamp(asked),
        }


def main() -> None:
    """Make the year, compare every number, time the command in each form."""
    parser = argparse.ArgumentParser(prog="bench report", description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=13)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    last = Month(2026, 10)
    year = MadeYear(given.articles, given.months, last, last.end + DAY, given.seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Home.at(folder)
        make_year(home, year)
        checked, wrong = differences(home, last, year.now)
        print(
            f"{given.articles} articles of {given.months} months: {checked} numbers, {len(wrong)} of them wrong"
        )
        print("\n".join(map(str, wrong[:10])))
        followed, unlike = _follow(home, str(last))
        print(f"{followed} lists of {last!s} followed to their ends, {len(unlike)} of them unlike their number")
        print("\n".join(unlike[:10]))
        rows = [
            (form, *_timed(home, str(last), form, given.rounds))
            for form in ("text", "json", "html", "docx", "xlsx")
        ]
    print(tabulate(rows, ("form", "median s", "longest s", "processor s"), "github"))


def _follow(home: Home, month: str) -> tuple[int, list[str]]:
    """How many numbers of the page lead to a list, and the lists that have another number of lines."""
    unlike = []
    with served(home.path) as there:
        found = numbers_of(get(there, f"/bao-cao?thang={month}")[1])
        for path, number in found.items():
            lines, at, page = 0, 1, read_list(get(there, path)[1])
            while page.more:
                lines, at = lines + page.lines, at + 1
                page = read_list(get(there, f"{path}&trang={at}")[1])
            if (lines + page.lines, page.says) != (number, number):
                unlike.append(f"{path}: {number}, {lines + page.lines} lines")
    return len(found), unlike


def _timed(home: Home, month: str, form: str, rounds: int) -> tuple[str, str, str]:
    """The whole command in a process of its own: seconds by the clock, the longest, and of the processor."""
    times, before = [], _processor()
    for _ in range(rounds):
        began = time.perf_counter()
        diemtin("report", month, "--out", str(home.path / f"bao-cao.{form}"), "--format", form, home=home.path)
        times.append(time.perf_counter() - began)
    spent = (_processor() - before) / rounds
    return f"{statistics.median(times):.2f}", f"{max(times):.2f}", f"{spent:.2f}"


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
