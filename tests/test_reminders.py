"""Who hears of what waits: editors of an edition, whoever has to answer of the register; each once, and again
under the same Message-ID what was refused.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from archive.desk import reminders
from archive.desk.approvals import approve
from archive.desk.db import open_desk
from archive.desk.register import RegisterEntry, change_entry, enter
from archive.desk.reminders import next_working_day, remind, remind_of_register
from archive.home import Home
from tests.newsroom import ALERTS, FACTORY, Newsroom, hanoi
from tests.receivers import Mailbox, mail_server

SLOT = hanoi("2026-11-26")
MINUTE = timedelta(minutes=1)


class Office(Newsroom):
    """A newsroom with two editors, a reader, and an admin without an address."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.desk = open_desk(self.folder / "desk.db")
        people = (
            ("an", "editor", "an@example.vn"),
            ("binh", "admin", "binh@example.vn"),
            ("doc", "reader", "d@e.vn"),
        )
        for name, role, email in (*people, ("sep", "admin", "")):
            self.desk.execute("insert into users values (?, ?, '', ?, '', '')", [name, role, email])
        self.publish(FACTORY, SLOT - timedelta(hours=2))

    def remind(self, at: datetime) -> int:
        return len(remind(self.db, self.desk, self.alerts, Home.at(self.folder), at))


def office(folder: Path, port: int, review: str = "required") -> Office:
    smtp = f"    - {{type: smtp, host: 127.0.0.1, port: {port}, tls: none, sender: t@e.vn, to: [g@e.vn]}}\n"
    return Office(folder, ALERTS.replace("  schedule:", f"  review: {review}\n  schedule:") + smtp)


def test_each_editor_gets_one_mail_a_slot_until_it_is_approved(tmp_path: Path) -> None:
    with mail_server(Mailbox()) as box:
        room = office(tmp_path, box.port)
        assert room.remind(SLOT - MINUTE) == 0
        assert [room.remind(SLOT + n * 20 * MINUTE) for n in range(4)] == [1, 0, 0, 0]
        assert [mail["To"] for mail in box.messages] == ["an@example.vn", "binh@example.vn"]
        assert room.remind(SLOT + timedelta(days=1)) == 1
        assert len(set(box.ids)) == len(box.ids) == 4
        later = SLOT + timedelta(days=1, hours=1)
        approve(
            room.db,
            room.desk,
            room.alerts.digest("hang-ngay"),
            until=later,
            everything=True,
            by="an",
            now=later,
        )
        assert room.remind(later + MINUTE) == 0


def test_an_edition_that_goes_by_itself_says_when(tmp_path: Path) -> None:
    with mail_server(Mailbox()) as box:
        assert office(tmp_path, box.port, "until 08:30").remind(SLOT) == 1
    assert "Nếu không ai sửa, bản tin tự gửi lúc 08:30." in box.messages[0].get_body(("plain",)).get_content()


def test_a_refused_one_is_tried_again_later_and_the_other_is_not_told_twice(tmp_path: Path) -> None:
    with mail_server(Mailbox(lambda to: "250 OK" if to.startswith("an") else "451 later")) as box:
        room = office(tmp_path, box.port)
        assert [room.remind(SLOT + n * MINUTE) for n in (0, 1, 14)] == [1, 0, 0]
        box.answer_rcpt = lambda _: "250 OK"
        assert [room.remind(SLOT + n * MINUTE) for n in (15, 30, 45)] == [1, 0, 0]
    assert [mail["To"] for mail in box.messages] == ["an@example.vn", "binh@example.vn"]


def test_cut_off_after_sending_it_comes_again_under_its_message_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(Mailbox()) as box:
        room = office(tmp_path, box.port)
        with monkeypatch.context() as patch:
            patch.setattr(reminders, "_note", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                room.remind(SLOT)
        assert room.remind(SLOT + MINUTE) == 0
        assert room.remind(SLOT + 15 * MINUTE) == 1
    assert len(box.ids) == 4
    assert len(set(box.ids)) == 2


FRIDAY = hanoi("2026-11-27", "07:30")


def given(room: Office, to: str, due: str, at: datetime = FRIDAY - timedelta(days=9)) -> int:
    asked = {"asked": "Làm rõ số liệu", "assignee": to, "due": due}
    blank = RegisterEntry(0, article_id=1, source="a", title=f"Bài <b>{due}</b>")
    return enter(room.desk, blank, asked, by="sep", now=at).id


def told(room: Office, at: datetime) -> list[str]:
    return remind_of_register(room.desk, room.alerts, Home.at(room.folder), at)


def test_whoever_has_to_answer_hears_on_the_working_day_before_and_once_it_is_over(tmp_path: Path) -> None:
    with mail_server(Mailbox()) as box:
        room = office(tmp_path, box.port)
        monday = given(room, "AN", "2026-11-30")  # the name as somebody typed it
        given(room, "an", "2026-12-01")
        given(room, "binh", "2026-12-02")
        given(room, "ai đó", "2026-11-30")  # has no account
        assert told(room, FRIDAY - timedelta(hours=1)) == []  # before seven
        assert [told(room, FRIDAY + n * 20 * MINUTE) for n in range(3)] == [["an"], [], []]
        assert told(room, FRIDAY + timedelta(days=1)) == []  # a Saturday
        assert told(room, FRIDAY + timedelta(days=3)) == ["an"]  # Monday: what is due on Tuesday
        assert told(room, FRIDAY + timedelta(days=4)) == ["an", "binh"]  # Monday's is over; Wednesday's is due
    assert [mail["To"] for mail in box.messages] == ["an@example.vn"] * 3 + ["binh@example.vn"]
    assert box.messages[0]["Subject"] == "Sổ phản hồi: 1 việc sắp đến hạn, 0 việc quá hạn"
    assert box.messages[2]["Subject"] == "Sổ phản hồi: 0 việc sắp đến hạn, 1 việc quá hạn"
    text = box.messages[2].get_body(("plain",)).get_content()
    assert f"Số {monday}, QUÁ HẠN từ 30/11/2026" in text
    assert f"/phan-hoi/{monday}\n" in text
    assert "<b>2026" not in box.messages[2].get_body(("html",)).get_content()


def test_another_due_day_is_another_reminder_and_an_answer_ends_them(tmp_path: Path) -> None:
    with mail_server(Mailbox()) as box:
        room = office(tmp_path, box.port)
        one = given(room, "an", "2026-11-27")
        assert told(room, FRIDAY) == ["an"]
        change_entry(room.desk, one, 1, {"due": "2026-11-30"}, by="sep", now=FRIDAY)
        assert told(room, FRIDAY + 20 * MINUTE) == ["an"]
        change_entry(room.desk, one, 2, {"answered_on": "2026-11-27"}, by="an", now=FRIDAY)
        assert told(room, FRIDAY + timedelta(days=7)) == []


def test_a_refused_reminder_of_the_register_is_tried_again_under_its_message_id(tmp_path: Path) -> None:
    with mail_server(Mailbox(lambda _: "451 later")) as box:
        room = office(tmp_path, box.port)
        given(room, "an", "2026-11-30")
        assert [told(room, FRIDAY + n * MINUTE) for n in (0, 1)] == [[], []]
        box.answer_rcpt = lambda _: "250 OK"
        assert [told(room, FRIDAY + n * MINUTE) for n in (15, 40)] == [["an"], []]


def test_over_a_long_holiday_the_morning_before_is_the_last_working_day() -> None:
    assert next_working_day(date(2026, 4, 29)) == date(2026, 5, 4)
    assert next_working_day(date(2026, 11, 27)) == date(2026, 11, 30)
