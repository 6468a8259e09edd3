"""What outlets tell all at once goes out at once: one alert an event or topic; the edition goes on."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from archive.clock import stamp
from archive.desk.db import open_desk
from archive.desk.due import make_due
from archive.digests.content import Content
from archive.digests.editions import read
from archive.digests.layout.html import brief, to_text
from archive.schema import open_archive
from archive.stories.events import event_of
from tests.happenings import ANEW, Fire, tell_fire
from tests.newsroom import ALERTS, Newsroom, hanoi

RULES = ALERTS.replace("{working_days: true}", "{burst: true}").replace(
    "  schedule: daily", "  topics: [fdi]\n  schedule: daily"
)
EIGHT = hanoi("2026-11-24", "08:00")
VOWELS, ENDS = "aăâeêioôơuưy", ("n", "ng", "t", "m", "p", "nh")


def burning(room: Newsroom) -> Fire:
    """The fire of the morning, which a third outlet told in its own words at eight."""
    fire = tell_fire(room, EIGHT - timedelta(hours=3))
    event = event_of(room.db, fire.first)
    room.db.execute("update events set burst_at = ?, own = 3 where id = ?", [stamp(EIGHT), event])
    room.db.conn.commit()
    return fire


def made(room: Newsroom, at: datetime) -> list[Content]:
    return [read(room.db, one) for one in make_due(room.db, room.alerts, at)]


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    room = Newsroom(tmp_path, RULES)
    room.db.table("topics").insert({"key": "fdi", "name": "Vốn FDI", "query": '"vốn"', "weight": 1})
    first = "Nhà máy kẽm Đìa mở cổng", "Thợ cả Nhót bấm chuông.", "Mẻ kẽm đầu ra lò lúc gà gáy."
    room.publish(first, EIGHT - timedelta(days=20))
    assert [one.burst for one in made(room, hanoi("2026-11-24", "07:00"))] == [""]
    return room


def test_an_event_that_bursts_is_told_at_once_and_once(room: Newsroom) -> None:
    burning(room)
    [alert] = made(room, EIGHT + timedelta(minutes=1))
    assert alert.burst == "event"
    text = to_text(alert)
    assert "3 báo cùng đưa bằng lời của mình trong 3 giờ" in text
    assert ANEW[0] in text
    assert brief(alert).startswith(f"Tin nổi lên: {ANEW[0]} – Điểm tin Sông Bằng")
    waits = room.db.execute("select count(*) from deliveries where state = 'pending'").fetchone()[0]
    assert waits == 2, "the morning's edition, and the alert"
    for minutes in (2, 60, 300):
        assert made(room, EIGHT + timedelta(minutes=minutes)) == []
    later = "Xưởng gỗ Thành Đạt: thêm hai xe", "Đội cứu hỏa Sông Bằng thêm xe.", "Xe mới sơn đỏ au. " * 9
    room.publish(later, EIGHT + timedelta(hours=1), source="dien-dan-so")
    assert made(room, EIGHT + timedelta(hours=2)) == []


def test_the_edition_after_an_alert_tells_the_event_and_leaves_no_gap(room: Newsroom) -> None:
    burning(room)
    made(room, EIGHT + timedelta(minutes=1))
    [edition] = made(room, hanoi("2026-11-25", "07:00"))
    assert edition.covers_from == stamp(hanoi("2026-11-24", "07:00"))
    assert ANEW[0] in [story.title.text for part in edition.parts for story in part.stories]
    assert edition.again == []


def test_without_the_option_and_in_an_instant_digest_there_is_no_alert(room: Newsroom) -> None:
    burning(room)
    room.use(RULES.replace("burst: true", "burst: false"))
    assert made(room, EIGHT + timedelta(minutes=1)) == []


def test_a_burst_noticed_late_is_left_to_the_next_edition(room: Newsroom) -> None:
    burning(room)
    assert [one.burst for one in made(room, EIGHT + timedelta(hours=13))] == []


def unlike(seed: int) -> tuple[str, str, str]:
    """A text whose words no other one has."""
    random = Random(seed)
    words = [random.choice("bcdghklmnprstvx") + random.choice(VOWELS) + random.choice(ENDS) for _ in range(60)]
    return " ".join(words[:7]), " ".join(words[7:20]), f"{' '.join(words[20:])} vốn"


def test_a_topic_far_above_its_rhythm_is_told_once(room: Newsroom) -> None:
    for day in range(2, 26):
        room.publish(unlike(day), EIGHT - timedelta(days=day), topics=["fdi"])
    made(room, EIGHT)
    evening = EIGHT + timedelta(hours=10)
    for at in range(4):
        room.publish(unlike(100 + at), EIGHT + timedelta(hours=at), topics=["fdi"])
    assert made(room, evening) == [], "four are not far above one a day"
    for at in range(4, 8):
        room.publish(unlike(100 + at), EIGHT + timedelta(hours=at), topics=["fdi"])
    [alert] = made(room, evening)
    assert alert.burst == "fdi"
    text = to_text(alert)
    assert "8 tin trong 24 giờ, thường mỗi ngày 1." in text
    assert brief(alert).startswith("Tin nổi lên: Vốn FDI – ")
    assert len([story for part in alert.parts for story in part.stories]) == 8
    assert made(room, evening + timedelta(hours=1)) == []


def test_an_alert_that_the_archive_lost_goes_to_nobody_again(room: Newsroom, tmp_path: Path) -> None:
    """archive.db is put back from a copy of before the alert; desk.db knows that it went."""
    desk = open_desk(tmp_path / "desk.db")
    burning(room)
    copy, path = tmp_path / "copy.db", room.folder / "archive.db"
    room.db.execute("vacuum into ?", [str(copy)])
    [alert] = make_due(room.db, room.alerts, EIGHT + timedelta(minutes=1), desk)
    assert read(room.db, alert).burst == "event"
    room.db.close()
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    copy.rename(path)
    room.db = open_archive(path)
    assert make_due(room.db, room.alerts, EIGHT + timedelta(minutes=2), desk) == []
    pending = "select count(*) from deliveries where state = 'pending' and digest_id > 1"
    assert room.db.execute(pending).fetchone() == (0,)
    desk.close()
