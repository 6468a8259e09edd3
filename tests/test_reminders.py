"""Editors hear once a slot that an edition waits; what was refused is tried again under the same Message-ID."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive.desk import reminders
from archive.desk.approvals import approve
from archive.desk.db import open_desk
from archive.desk.reminders import remind
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
