"""What happened to articles, newest first: against a plain look at every version and state; page by page."""

import json
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.articles import missed
from archive.clock import moment, stamp
from archive.digests.alerts import evaluate
from archive.model import Article
from archive.revisions.events import KINDS, ArticleEvent, EventPlace, EventQuery, count, events
from tests.newsroom import ALERTS, FACTORY, Newsroom, hanoi
from tests.search_sample import archive_of

pytestmark = pytest.mark.timeless

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
FIGURE = {"kind": "figure", "field": "body", "before": "7,8%", "after": "6,8%"}
WORDING = {"kind": "wording", "field": "body", "before": '"kind": "figure"', "after": '"kind":"figure"'}
URL = "https://song-bang.example/cam-bien.html"
Row = tuple[str, int, int, int]  # as an event's place


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Sixty articles, each with a life of its own; many things happen in the same second."""
    chooser = random.Random(7)
    made = [Article(f"https://bao.example/{at}", chooser.choice(("bao-a", "bao-b")), f"Tin {at}",
                    published_at=NOW, topics=chooser.choice((["so"], []))) for at in range(60)]  # fmt: skip
    with closing(archive_of(tmp_path_factory.mktemp("events") / "archive.db", made)) as db:
        for _ in range(900):
            at = stamp(NOW - timedelta(hours=chooser.randrange(24 * 40)))
            article = chooser.randint(1, 60)
            if chooser.random() < 0.5:
                kind = chooser.choice(("first", "edit", "edit", "extractor"))
                changes = chooser.choice(([FIGURE], [WORDING], [WORDING, FIGURE], []))
                text = json.dumps(changes, separators=chooser.choice(((",", ":"), None)))
                db.execute(
                    """insert into versions (article_id, seen_at, kind, title, lead, body, sha256, changes)
                       values (?, ?, ?, '', '', '', '', ?)""",
                    [article, at, kind, text],
                )
            else:
                state = chooser.choice(("suspected", "gone", "live"))
                db.execute("insert into states (article_id, at, state) values (?, ?, ?)", [article, at, state])
        yield db


def plain(db: Database, asked: EventQuery) -> list[Row]:
    """The same, row by row."""
    articles = {row["id"]: row for row in db.query("select id, source from articles")}
    topics = set(db.execute("select article_id, topic from article_topics").fetchall())
    before: dict[int, str] = {}
    rows: list[tuple[Row, str, int, bool]] = []
    for one in db.query("select id, article_id, seen_at, changes from versions where kind = 'edit'"):
        figures = any(change["kind"] == "figure" for change in json.loads(one["changes"]))
        rows.append(((one["seen_at"], 0, one["article_id"], one["id"]), "edit", one["article_id"], figures))
    states = "select rowid, article_id, at, state from states order by rowid"
    for number, article, at, state in db.execute(states).fetchall():
        if state == "gone" or (state == "live" and before.get(article) == "gone"):
            rows.append(((at, 1, article, number), state, article, False))
        before[article] = state
    kept = [
        place
        for place, kind, article, figures in rows
        if asked.kind in ("", kind)
        and asked.source in ("", articles[article]["source"])
        and (not asked.topic or (article, asked.topic) in topics)
        and (figures or not asked.figures)
        and (asked.since is None or moment(place[0]) >= asked.since)
        and (asked.until is None or moment(place[0]) < asked.until)
    ]
    return sorted(kept, reverse=True)


WEEK = timedelta(days=7)
ASKED = [
    EventQuery(),
    *(EventQuery(kind=kind) for kind in KINDS),
    EventQuery(figures=True),
    EventQuery(kind="edit", figures=True, source="bao-a"),
    EventQuery(kind="gone", figures=True),
    EventQuery(source="bao-b"),
    EventQuery(topic="so", since=NOW - 2 * WEEK),
    EventQuery(kind="live", source="bao-a", topic="so"),
    EventQuery(since=NOW - 3 * WEEK, until=NOW - WEEK),
    EventQuery(source="khong-co"),
    EventQuery(topic="' or 1 --"),
]


def places(found: list[ArticleEvent]) -> list[Row]:
    return [tuple(event.place) for event in found]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_same_as_a_plain_look_at_every_row(db: Database, asked: EventQuery) -> None:
    wanted = plain(db, asked)
    assert places(events(db, asked, 10_000)) == wanted
    assert places(events(db, asked, 7)) == wanted[:7]
    assert [count(db, asked, most) for most in (1, 10, 10_000)] == [
        min(len(wanted), most) for most in (1, 10, 10_000)
    ]


@pytest.mark.parametrize("asked", [EventQuery(), EventQuery(kind="edit"), EventQuery(source="bao-a")], ids=str)
def test_page_by_page_nothing_is_missed_or_told_twice(db: Database, asked: EventQuery) -> None:
    walked: list[Row] = []
    before: EventPlace | None = None
    while page := events(db, asked, 13, before):
        walked += places(page)
        before = page[-1].place
    assert walked == plain(db, asked)
    assert len(walked) > 100


def test_what_an_event_tells(tmp_path_factory: pytest.TempPathFactory) -> None:
    room = Newsroom(tmp_path_factory.mktemp("room"))
    at = hanoi("2026-11-20", "09:00")
    room.publish(FACTORY, at, url=URL)
    edited = (FACTORY[0], FACTORY[1].replace("340 lao động", "430 lao động"), FACTORY[2])
    room.publish(edited, at, seen=at + timedelta(hours=2), url=URL)
    for hours in (3, 16, 30):
        missed(room.db, URL, 'http {"status": 404}', at + timedelta(hours=hours), timedelta(hours=12))
    room.publish(edited, at, seen=at + timedelta(hours=40), url=URL)
    back, gone, edit = events(room.db, EventQuery(), 10)
    assert [back.kind, gone.kind, edit.kind] == ["live", "gone", "edit"]
    assert (gone.at, gone.suspected_at) == (stamp(at + timedelta(hours=16)), stamp(at + timedelta(hours=3)))
    assert [(one.before, one.after) for one in edit.changes] == [("340 lao động", "430 lao động")]
    assert (edit.outlet, edit.url, edit.title) == ("Báo Sông Bằng", URL, FACTORY[0])
    assert len({event.id for event in (back, gone, edit)}) == 3
    assert count(room.db, EventQuery(figures=True), 9) == 1


GONE = ALERTS.replace("chuyen doi so", "đã:gỡ nhà máy")


def matches(room: Newsroom) -> set[tuple[str, str]]:
    return set(room.db.execute("select alert, why from matches").fetchall())


def test_a_rule_that_asks_for_take_downs_matches_when_one_is_confirmed(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, GONE)
    at = hanoi("2026-11-20", "09:00")
    room.publish(FACTORY, at, url=URL)
    assert matches(room) == {("hang-ngay/Công nghiệp", "new")}
    missed(room.db, URL, "404", at + timedelta(hours=1), timedelta(hours=12))
    assert evaluate(room.db, room.alerts, at + timedelta(hours=1)) == 0
    missed(room.db, URL, "404", at + timedelta(hours=20), timedelta(hours=12))
    assert evaluate(room.db, room.alerts, at + timedelta(hours=20)) == 1
    assert matches(room) == {("hang-ngay/Công nghiệp", "new"), ("hang-ngay/Chuyển đổi số", "edit")}


def test_other_rules_are_not_matched_because_of_a_take_down(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, GONE)
    at = hanoi("2026-11-20", "09:00")
    room.publish(FACTORY, at, url=URL)
    room.db.execute("delete from matches")  # a rule that came later
    room.take_down(URL, at + timedelta(hours=1), at + timedelta(hours=20))
    evaluate(room.db, room.alerts, at + timedelta(hours=20))
    assert matches(room) == {("hang-ngay/Chuyển đổi số", "edit")}


def test_a_rule_may_ask_for_edits(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, ALERTS.replace("chuyen doi so", "đã:sửa lao động"))
    at = hanoi("2026-11-20", "09:00")
    room.publish(FACTORY, at, url=URL)
    assert ("hang-ngay/Chuyển đổi số", "new") not in matches(room)
    edited = (FACTORY[0], FACTORY[1].replace("340 lao động", "430 lao động"), FACTORY[2])
    room.publish(edited, at, seen=at + timedelta(hours=2), url=URL)
    assert ("hang-ngay/Chuyển đổi số", "edit") in matches(room)


def test_a_rule_cannot_ask_for_marks_and_is_told_so(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, ALERTS.replace("chuyen doi so", "dấu:chọn"))
    (problem,) = room.alerts.problems
    assert "«dấu:chọn» được tìm như chữ thường" in str(problem)
