"""One edition to one address: a test is marked, a copy is not, and neither is a delivery."""

import html
from datetime import timedelta
from pathlib import Path

import pytest

from archive.desk import log
from archive.desk.approvals import approve, open_window
from archive.desk.choices import Key, change
from archive.desk.db import open_desk
from archive.desk.fields import BadValue
from archive.desk.sending import send_copy, send_soon, send_test
from archive.digests.channels import Undelivered
from archive.digests.editions import read
from archive.home import Home
from tests.newsroom import ALERTS, FACTORY, Newsroom, hanoi
from tests.receivers import Mailbox, mail_server

NOW = hanoi("2026-11-26")


def office(folder: Path, port: int) -> Newsroom:
    channel = (
        f"    - {{type: smtp, host: 127.0.0.1, port: {port}, tls: none, sender: tin@example.vn,"
        f" to: [gd@example.vn], attach: [docx]}}\n"
    )
    room = Newsroom(folder, ALERTS.replace("  schedule:", "  review: required\n  schedule:") + channel)
    room.publish(FACTORY, NOW - timedelta(hours=2))
    return room


def test_a_test_and_a_copy_and_the_edition_itself(tmp_path: Path) -> None:
    home, desk = Home.at(tmp_path), open_desk(tmp_path / "desk.db")
    comment = "Đề nghị Sở trả lời <b>trước 30/11</b>"
    change(desk, Key("hang-ngay", "", 1), 0, {"mark": "chosen", "comment": comment}, by="lan", now=NOW)
    with mail_server(Mailbox()) as box:
        room = office(tmp_path, box.port)
        digest = room.alerts.digest("hang-ngay")
        content = open_window(room.db, digest, desk, NOW).edited(everything=False)
        send_test(home, room.alerts, digest, content, " lan@example.vn ", NOW, by="lan")
        assert (room.db.table("digests").count, room.db.table("deliveries").count) == (0, 0)
        made = approve(room.db, desk, digest, until=NOW, everything=False, by="lan", now=NOW)
        send_copy(home, room.alerts, digest, read(room.db, made), "sep@example.vn", NOW)
        send_soon(home, room.alerts, made, NOW).join(30)
        send_soon(home, room.alerts, made, NOW).join(30)
    test, copy, edition = box.messages
    assert [mail["To"] for mail in box.messages] == ["lan@example.vn", "sep@example.vn", "gd@example.vn"]
    assert str(test["Subject"]).removeprefix("[Thử] ") == copy["Subject"] == edition["Subject"]
    assert len(set(box.ids)) == 3
    for kind in ("plain", "html"):
        texts = [mail.get_body((kind,)).get_content().strip() for mail in box.messages]
        assert FACTORY[0] in texts[0] or kind == "html", "words that match are marked there"
        assert (comment if kind == "plain" else html.escape(comment)) in texts[0]
        assert texts[1] == texts[2]
    assert [len(list(mail.iter_attachments())) for mail in box.messages] == [1, 1, 1]
    said = [entry.what.partition(" ")[0] for entry in log.entries(desk, limit=3)]
    assert said == ["desk_copied", "desk_approved", "desk_tested"]


@pytest.mark.parametrize(
    "to", ["", "lan", "${SMTP_PASSWORD}@example.vn", "a@b.vn, c@d.vn", "a@b.vn\nBcc: c@d.vn"]
)
def test_what_is_no_address_goes_nowhere(tmp_path: Path, to: str) -> None:
    with mail_server(Mailbox()) as box:
        room = office(tmp_path, box.port)
        digest = room.alerts.digest("hang-ngay")
        content = open_window(room.db, digest, None, NOW).content
        with pytest.raises(BadValue):
            send_test(Home.at(tmp_path), room.alerts, digest, content, to, NOW)
    assert box.messages == []


def test_without_a_mail_channel_it_says_so(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    digest = room.alerts.digest("hang-ngay")
    content = open_window(room.db, digest, None, NOW).content
    with pytest.raises(Undelivered) as failed:
        send_test(Home.at(tmp_path), room.alerts, digest, content, "lan@example.vn", NOW)
    assert failed.value.reason == 'no_mail_channel {"name": "hang-ngay"}'
