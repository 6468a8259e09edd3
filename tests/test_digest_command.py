"""``diemtin digest`` as users type it: looking writes and sends nothing; sending sends once."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive.clock import HANOI, stamp, utc_now
from archive.desk import log
from archive.desk.approvals import approve, window_name
from archive.desk.choices import Key, change
from archive.desk.db import open_desk
from archive.digests.config import load_alerts
from archive.home import Home
from tests.commands import diemtin
from tests.newsroom import FACTORY, FIELDS, PORTAL, Newsroom
from tests.receivers import Mailbox, mail_server

RULES = """\
sang:
  title: Điểm tin Sông Bằng
  queries: {{Công nghiệp: '"khu công nghiệp"', Chuyển đổi số: chuyen doi so}}
  schedule: daily {slot}
  review: {review}
  channels:
    - {{type: smtp, host: 127.0.0.1, port: {port}, tls: none, sender: Tin <tin@example.vn>,
       to: [gd@example.vn, pgd@example.vn], attach: [docx]}}
"""


@dataclass
class Office:
    """A home whose digest goes to two readers by mail; its slot was an hour ago, or is hours away."""

    path: Path
    box: Mailbox
    now: datetime

    def rules(self, review: str = "none", *, due: bool = False, more: str = "") -> None:
        slot = (self.now + timedelta(hours=-1 if due else 6)).astimezone(HANOI)
        text = RULES.format(slot=f"{slot:%H:%M}", review=review, port=self.box.port) + more
        (self.path / "config" / "alerts.yml").write_text(text, encoding="utf-8")

    def digest(self, *arguments: str, code: int = 0) -> str:
        done = diemtin("--lang", "vi", "digest", *arguments, home=self.path, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def state(self) -> tuple[str, str, int]:
        """All that is kept, as one value, and how many mails came."""
        hashes = []
        for name in ("archive.db", "desk.db"):
            with sqlite3.connect(self.path / name) as db:
                hashes.append(hashlib.sha256("\n".join(db.iterdump()).encode()).hexdigest())
        return hashes[0], hashes[1], len(self.box.messages)

    def received(self) -> list[str]:
        return [str(mail["To"]) for mail in self.box.messages]

    def mark(self, article_id: int, **changes: object) -> None:
        desk, archive = open_desk(self.path / "desk.db"), Newsroom(self.path).db
        key = Key("sang", window_name(archive, "sang"), article_id)
        change(desk, key, 0, changes, by="lan", now=self.now)
        desk.close()
        archive.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    now = utc_now()
    room = Newsroom(Home.at(tmp_path).path)
    (tmp_path / "config").mkdir()
    with mail_server(Mailbox()) as box:
        office = Office(tmp_path, box, now)
        office.rules()
        room.alerts = load_alerts(tmp_path / "config" / "alerts.yml")
        room.publish(FACTORY, now - timedelta(hours=3))
        room.publish(PORTAL, now - timedelta(hours=2))
        room.publish(FIELDS, now - timedelta(hours=2))
        room.db.close()
        open_desk(tmp_path / "desk.db").close()
        yield office


def test_looking_writes_and_sends_nothing(office: Office) -> None:
    office.mark(2, mark="irrelevant")
    office.rules(more="moi:\n  title: Mới\n  queries: {Quả: bưởi}\n")
    before = office.state()
    shown = office.digest("sang")
    assert FACTORY[0] in shown
    assert PORTAL[0] not in shown, "as it was decided at the desk"
    assert FIELDS[0] in office.digest("moi"), "a new rule sees the open window, still without writing"
    assert "<html" in office.digest("sang", "--format", "html", "--preview")
    assert "không có số `2026-11-20`" in office.digest("sang", "--edition", "2026-11-20", code=2)
    assert office.state() == before


def test_looking_makes_no_desk(office: Office) -> None:
    (office.path / "desk.db").unlink()
    assert FACTORY[0] in office.digest("sang")
    assert not (office.path / "desk.db").exists()


def test_make_keeps_one_and_send_sends_it_once(office: Office) -> None:
    made = office.digest("sang", "--make")
    assert "đã lập số" in made
    assert "2 nơi nhận đang chờ" in made
    assert "không có gì mới để lập số" in office.digest("sang", "--make")
    key = made.split("đã lập số ")[1].split()[0]
    assert FACTORY[0] in office.digest("sang", "--edition", key)
    assert office.received() == []
    assert office.digest("sang", "--send").count("đã gửi") == 2
    assert sorted(office.received()) == ["gd@example.vn", "pgd@example.vn"]
    for arguments in (["--send"], ["--send", "--edition", key]):
        assert "không có gì để gửi" in office.digest("sang", *arguments)
    assert len(office.received()) == 2


def test_send_makes_what_is_new_and_says_when_there_is_nothing(office: Office) -> None:
    assert office.digest("sang", "--send").count("đã gửi") == 2
    assert "không có gì để gửi" in office.digest("sang", "--send")
    assert len(set(office.box.ids)) == len(office.box.ids) == 2


@pytest.mark.parametrize("review", ["required", "until 23:59"])
def test_what_must_be_approved_is_neither_made_nor_sent(office: Office, review: str) -> None:
    office.rules(review)
    before = office.state()[2]
    for arguments in (["--send"], ["--make"]):
        refused = office.digest("sang", *arguments, code=1)
        assert "phải được duyệt trước khi gửi: http://127.0.0.1:8001/ban?ban=sang" in refused
    assert "phải được duyệt" in office.digest("--now")
    assert office.state()[2] == before == 0


@pytest.mark.parametrize("review", ["required", "none"])
def test_before_the_first_edition_a_copy_is_a_draft(office: Office, review: str) -> None:
    office.rules(review)
    said = office.digest("sang", "--send", "--only", "a@example.vn")
    assert "chưa có số nào; đã gửi bản nháp" in said
    (mail,) = office.box.messages
    assert mail["To"] == "a@example.vn"
    assert "[Thử]" in str(mail["Subject"])
    assert FACTORY[0] in mail.get_body(("plain",)).get_content()
    with sqlite3.connect(office.path / "archive.db") as db:
        assert db.execute(
            "select (select count(*) from digests), (select count(*) from deliveries)"
        ).fetchone() == (0, 0)
    assert "không có số" in office.digest(
        "sang", "--send", "--only", "a@example.vn", "--edition", "2026-11-20", code=2
    )
    assert len(office.box.messages) == 1


def test_an_approved_edition_is_sent_and_a_copy_goes_to_one_address_alone(office: Office) -> None:
    office.rules("required")
    office.mark(2, mark="chosen")
    room, desk = Newsroom(office.path), open_desk(office.path / "desk.db")
    digest = load_alerts(office.path / "config" / "alerts.yml").digest("sang")
    approve(room.db, desk, digest, until=office.now, everything=False, by="lan", now=office.now)
    assert office.digest("sang", "--send", "--only", "a@example.vn").startswith("bản tin sang: đã gửi một bản")
    assert office.received() == ["a@example.vn"]
    assert {row[0] for row in room.db.execute("select state from deliveries")} == {"pending"}
    assert log.entries(desk)[0].what.startswith("desk_copied")
    assert office.digest("--due").count("đã gửi") == 2
    texts = [mail.get_body(("plain",)).get_content() for mail in office.box.messages]
    assert all(PORTAL[0] in text and FACTORY[0] not in text for text in texts)


@pytest.mark.parametrize("to", ["giam-doc", "${HOME}@example.vn", "a@b, c@d", "", "x" * 100_000])
def test_what_is_no_address_is_refused_with_a_sentence(office: Office, to: str) -> None:
    office.digest("sang", "--make")
    assert "không phải địa chỉ thư" in office.digest("sang", "--send", "--only", to, code=2)
    assert office.received() == []


def test_options_that_do_not_go_together(office: Office) -> None:
    for arguments in (["sang", "--only", "a@example.vn"], ["sang", "--make", "--send"]):
        assert "--only đi với --send" in office.digest(*arguments, code=2)


def test_an_editor_gets_one_mail_a_slot(office: Office) -> None:
    office.rules("required", due=True)
    desk = open_desk(office.path / "desk.db")
    for name, role, email in (
        ("lan", "editor", "lan@example.vn"),
        ("sep", "admin", ""),
        ("doc", "reader", "d@e.vn"),
    ):
        row = {"name": name, "role": role, "email": email, "password": "", "created_at": "", "changed_at": ""}
        desk.table("users").insert(row)
    desk.close()
    assert "chờ duyệt, đã nhắc" in office.digest("--due")
    assert office.digest("--due") == ""
    [mail] = office.box.messages
    assert (mail["To"], list(mail.iter_attachments())) == ("lan@example.vn", [])
    assert str(mail["Subject"]).startswith("Chờ duyệt: Điểm tin Sông Bằng")
    text = mail.get_body(("plain",)).get_content()
    assert "đang chờ duyệt: 2 tin" in text
    assert "http://127.0.0.1:8001/ban?ban=sang" in text
    assert "chỉ gửi đi khi có người duyệt" in text


def test_one_digest_that_breaks_holds_no_other_and_is_told(office: Office) -> None:
    """An earlier edition of the first is damaged; what `up` does by steps is done by each of them alone."""
    other = RULES.replace("sang:", "toi:").format(slot="23:59", review="none", port=office.box.port)
    office.rules(more=other)
    room = Newsroom(office.path)
    room.db.execute(
        """insert into digests (name, edition, created_at, state, html, covers_from, covers_to, content)
           values ('sang', 'x', ?1, 'sent', '', ?1, ?1, '{')""",
        [stamp(office.now - timedelta(days=2))],
    )
    room.db.close()
    said = office.digest("--now", "--make", code=1)
    assert "bản tin sang: không làm được" in said
    assert "bản tin toi: đã lập số" in said
    assert office.received() == []
    assert office.digest("--due", "--remind") == ""
    assert office.digest("--due", "--send").count("đã gửi") == 2
    assert len(office.received()) == 2
