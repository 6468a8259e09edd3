"""Stories of several outlets on one happening are one event; another happening of its kind is another."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.articles import store
from archive.db import writing
from archive.i18n import Words
from archive.model import Article, Credit
from archive.schema import open_archive
from archive.stories import events, grouping
from archive.stories.tellings import word_number
from pipelines.fingerprint import shingles

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
FIRE = (
    "Cháy xưởng gỗ ở cụm công nghiệp Sông Bằng",
    "Khoảng 5h sáng nay, xưởng gỗ rộng 2.400 m² của Công ty Thành Đạt ở cụm công nghiệp Sông Bằng bốc cháy.",
)
FIRE_TOLD_ANEW = (
    "Lửa thiêu rụi xưởng gỗ 2.400 m² của Công ty Thành Đạt",
    "Lính cứu hỏa được điều tới cụm công nghiệp Sông Bằng, nơi xưởng gỗ của Công ty Thành Đạt bốc cháy.",
)
BRIDGE = (
    "Thông xe cầu Bến Đẫm nối hai bờ sông Cầu",
    "Cầu Bến Đẫm dài 460 m được đưa vào sử dụng sáng 20/11, rút ngắn đường từ thị trấn về khu công nghiệp.",
)


class Press:
    """Articles stored in order, each with a body of its own."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.count = 0

    def tell(
        self, told: tuple[str, str], source: str = "", after: float = 0, body: str = "", credit: str = ""
    ) -> int:
        self.count += 1
        own = "\n".join(f"Câu riêng số {self.count} {line} của bài {self.count} {line}." for line in range(12))
        source = source or f"bao-{self.count}"
        article = Article(
            f"https://{source}.example/{self.count}",
            source,
            *told,
            body or own,
            published_at=NOW - timedelta(days=3) + timedelta(hours=after, seconds=self.count),
            credit=Credit(credit) if credit else None,
        )
        return store(self.db, article, shingles(article.text), NOW).article_id

    def event(self, article_id: int) -> int | None:
        return events.event_of(self.db, article_id)

    def fill(self) -> None:
        """Other news, by which the archive learns which words are rare."""
        for at in range(60):
            kind = ("Khánh thành", "Khởi công", "Tổng kết", "Thăm hỏi", "Kiểm tra")[at % 5]
            told = (
                f"{kind} công trình {at} ở cụm công nghiệp",
                f"Sáng nay, công ty {at} báo cáo kết quả {at + 7}.",
            )
            self.tell(told, after=-30)

    def consistent(self) -> None:
        """Articles are in one event with its founder, stories are not divided, counts are right."""
        counted = self.db.execute(
            """select e.event_id, count(*), count(distinct a.story_id), count(distinct a.source)
               from article_events e join articles a on a.id = e.article_id group by 1 order by 1"""
        ).fetchall()
        kept = "select id, articles, stories, outlets from events order by id"
        assert counted == self.db.execute(kept).fetchall()
        divided = """select story_id from articles a join article_events e on e.article_id = a.id
            group by 1 having count(distinct event_id) > 1"""
        assert not self.db.execute(divided).fetchall()
        assert all(self.event(event) == event for event, *_ in counted)


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    db = open_archive(tmp_path / "archive.db")
    press = Press(db)
    press.fill()
    yield press
    press.consistent()
    db.close()


def test_one_happening_told_by_two_outlets_is_one_event(press: Press) -> None:
    first, again, other = press.tell(FIRE), press.tell(FIRE_TOLD_ANEW, after=2), press.tell(BRIDGE, after=2)
    assert press.event(first) == press.event(again) == first
    assert press.event(other) == other
    row = press.db.execute("select title, articles, stories, outlets, own from events where id = ?", [first])
    assert row.fetchone() == (FIRE[0], 2, 2, 2, 2)


def test_the_same_words_days_later_are_another_event(press: Press) -> None:
    first, later = press.tell(FIRE), press.tell(FIRE_TOLD_ANEW, after=60)
    assert press.event(later) == later != press.event(first)


def test_a_reprint_is_in_the_event_of_its_story_and_no_text_of_its_own(press: Press) -> None:
    body = "\n".join(
        f"Dòng {at} của bản gốc kể lại toàn bộ vụ việc theo lời nhân chứng {at}." for at in range(12)
    )
    first = press.tell(FIRE, body=body)
    reprint = press.tell(("Tin nóng buổi sáng", "Không có gì chung."), body=body, after=1, credit="bao-61")
    press.tell(FIRE_TOLD_ANEW, after=2)
    assert press.event(reprint) == first
    row = press.db.execute("select articles, stories, outlets, own from events where id = ?", [first])
    assert row.fetchone() == (3, 2, 3, 2)


def test_an_editor_joins_and_splits_for_good(press: Press) -> None:
    first, again, other = press.tell(FIRE), press.tell(FIRE_TOLD_ANEW, after=2), press.tell(BRIDGE, after=2)
    with writing(press.db):
        assert events.split_story(press.db, again, NOW) == again
        events.join_events(press.db, other, first, NOW)
    assert press.event(other) == first
    press.consistent()
    grouping.rebuild(press.db, NOW)
    assert (press.event(again), press.event(other)) == (again, first)


def test_the_founder_is_split_off_and_the_rest_stays(press: Press) -> None:
    first, again, third = (press.tell(told, after=at) for at, told in enumerate((FIRE, FIRE_TOLD_ANEW, FIRE)))
    with writing(press.db):
        events.split_story(press.db, first, NOW)
    assert (press.event(first), press.event(again), press.event(third)) == (first, again, again)


def test_three_outlets_within_hours_are_a_burst(press: Press) -> None:
    first = press.tell(FIRE)
    press.tell(FIRE_TOLD_ANEW, after=1)
    press.tell(FIRE_TOLD_ANEW, source="bao-61", after=2)
    burst = "select burst_at from events where id = ?"
    assert press.db.execute(burst, [first]).fetchone() == (None,), "bao-61 tells it twice"
    press.tell(FIRE_TOLD_ANEW, after=3)
    assert press.db.execute(burst, [first]).fetchone() == ("2026-11-18T06:01:00Z",)


def test_a_third_outlet_that_tells_another_side_is_no_burst(press: Press) -> None:
    both = f"{FIRE[0]}; {BRIDGE[0]}", f"{FIRE[1]} {BRIDGE[1]}"
    first, fire, bridge = press.tell(both), press.tell(FIRE, after=1), press.tell(BRIDGE, after=2)
    scores = press.db.execute("select score from article_events where event_id = ?", [first]).fetchall()
    assert [press.event(one) for one in (first, fire, bridge)] == [first] * 3
    assert all(score is None or score > 0.7 for (score,) in scores), "each surely tells what the founder tells"
    assert press.db.execute("select burst_at from events where id = ?", [first]).fetchone() == (None,)


def test_words_are_counted_once_a_story(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_COUNTED_AT", 16)
    press.tell(FIRE)
    press.fill()
    grouping.rebuild(press.db, NOW)
    counted = dict(press.db.execute("select word, stories from event_words").fetchall())
    waiting = press.db.execute("select count(*) from event_clues where clue = 0").fetchone()[0]
    stories = press.db.table("stories").count
    assert counted[0] == stories - waiting
    assert waiting < 16
    assert counted[word_number("xưởng gỗ")] == 1


def test_it_says_why(press: Press) -> None:
    first, again, other = press.tell(FIRE), press.tell(FIRE_TOLD_ANEW, after=2), press.tell(BRIDGE, after=2)
    words = Words("vi")
    why = [words.reason(one) for one in events.explain(press.db, first, again)]
    assert "Sông Bằng" in why[0]
    assert "cùng con số: 2.400 m²" in why
    assert "cách nhau 2 giờ" in why
    with writing(press.db):
        events.join_events(press.db, other, first, NOW)
    assert words.reason(events.explain(press.db, first, other)[0]) == "biên tập viên gộp"
