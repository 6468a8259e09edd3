"""Slow, hanging and broken receivers get an edition once; of several senders one sends; what is unsure is told.

The receivers are real ones on loopback; the limits are made small.
"""

import os
import signal
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from archive.db import connect
from archive.digests.content import sentence
from archive.digests.mail import smtp as mail
from archive.digests.outbox import claims, deliver
from archive.health.machine import sending
from archive.home import Home
from archive.i18n import Words
from tests.commands import Copy
from tests.receivers import Mailbox, WebSink, mail_server, web_server
from tests.test_outbox import AT, edition, row, send, smtp, states, webhook

pytestmark = pytest.mark.timeless

MINUTE = timedelta(minutes=1)
SENDER = """
import sys, threading
from pathlib import Path
from archive.clock import moment
from archive.digests.config import load_alerts
from archive.digests.outbox import deliver
from archive.schema import open_archive
from crawler.service.process import listen

home, at = Path(sys.argv[1]), moment(sys.argv[2])
asked = listen()
db, alerts = open_archive(home / "archive.db"), load_alerts(home / "alerts.yml")
print("ready", flush=True)
for report in deliver(db, alerts, at, base=home, asked=asked):
    print(report.state, flush=True)
"""


@dataclass
class SlowMail:
    """A mail server that waits before some answers, by the first word of the command, '.' for the text."""

    waits: dict[str, float] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    silent_at: str = ""
    hang: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    texts: list[str] = field(default_factory=list)
    port: int = 0


@contextmanager
def slow_mail(box: SlowMail) -> Iterator[SlowMail]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with_text = ""
            self.say("220 mau")
            for raw in self.rfile:
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                word = line.split(" ", 1)[0].upper()
                if with_text:
                    if line != ".":
                        with_text += line + "\n"
                        continue
                    box.texts.append(with_text)
                    with_text, word = "", "."
                if word == box.silent_at:
                    box.reached.set()
                    box.hang.wait(60)
                    return
                time.sleep(box.waits.get(word, 0))
                answer = box.answers.get(word, "354 go on" if word == "DATA" else "250 OK")
                self.say(answer)
                if answer.startswith("354"):
                    with_text = "\n"
                if word == "QUIT":
                    return

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A sender that hung up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield box
        finally:
            box.hang.set()
            server.shutdown()


@contextmanager
def sender(home: Path, at: str = AT.isoformat()) -> Iterator[Copy]:
    """A process that sends what is due."""
    with Copy(home, at, program=SENDER) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_patience_is_what_mail_asks_for_and_a_sender_lives_longer() -> None:
    from archive.digests.outbox import LIMIT
    from crawler.commands.papers.digest import BEGIN_FOR
    from crawler.service.scheduler import SEND_LIMIT

    assert mail.PATIENT.command >= 300
    assert mail.PATIENT.answer >= 600
    assert 6 * mail.PATIENT.command + mail.PATIENT.answer <= LIMIT, "RFC 5321, 4.5.3.2"
    assert SEND_LIMIT > BEGIN_FOR + LIMIT
    assert claims.ANSWER.total_seconds() > mail.PATIENT.answer


def test_a_server_that_takes_its_time_at_each_step_gets_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "_GOODBYE", 0.3)
    slow = dict.fromkeys(("EHLO", "MAIL", "RCPT", "DATA", "."), 0.1)
    with slow_mail(SlowMail(slow, silent_at="QUIT")) as box:
        room = edition(tmp_path, smtp(box.port))
        assert [report.state for report in send(room)] == ["sent"]
        assert [send(room, AT + minute * MINUTE) for minute in (1, 60, 3000)] == [[], [], []]
    assert len(box.texts) == 1


def test_a_step_longer_than_the_limit_of_a_delivery_sends_nothing_afterwards(tmp_path: Path) -> None:
    with slow_mail(SlowMail({"RCPT": 0.6})) as box:
        room = edition(tmp_path, smtp(box.port))
        for minute in range(2):
            [report] = send(room, AT + minute * 61 * MINUTE, limit=0.2)
            assert report.state == "retry"
        time.sleep(0.8)
        assert box.texts == [], "what was left is not sent behind its back"
        send(room, AT + timedelta(hours=6))
    assert len(box.texts) == 1


def test_without_an_answer_to_the_whole_text_it_goes_out_twice_at_most_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mail, "PATIENT", mail.Patience(5, 0.1))
    monkeypatch.setattr("archive.digests.outbox.send.__defaults__", (lambda: None, mail.Patience(5, 0.1)))
    with slow_mail(SlowMail({".": 1.0})) as box:
        room = edition(tmp_path, smtp(box.port))
        for minute in range(0, 24 * 60, 7):
            send(room, AT + minute * MINUTE)
    assert len(box.texts) == 2, "once, and once more, for it may not have arrived"
    assert len({text.partition("Message-ID:")[2].partition("\n")[0] for text in box.texts}) == 1
    assert states(room) == {"smtp-1": "failed"}
    assert "có thể thư đã tới" in sentence(str(row(room, "smtp-1")["last_error"]))
    assert "NOT DELIVERED" in caplog.text
    health = sending(Home.at(tmp_path), AT + timedelta(days=1))
    assert (health.level, sending(Home.at(tmp_path), AT + timedelta(days=9)).level) == ("red", "green")
    assert "có thể thư đã tới" in Words("vi").reason(health.reason)
    with slow_mail(SlowMail()) as well:
        room.use(room.rules.replace(str(box.port), str(well.port)))
        assert [one.state for one in send(room, again=True)] == ["sent"], "asked for by hand it goes again"


@pytest.mark.parametrize(
    ("word", "answer", "state"),
    [("MAIL", "421 4.3.2 closing", "retry"), ("RCPT", "421 4.7.0 later", "retry"),
     ("DATA", "451 later", "retry"), ("EHLO", "421 busy", "retry"),
     (".", "452 4.3.1 full", "retry"), (".", "554 5.7.1 spam", "failed")],
)  # fmt: skip
def test_a_refusal_is_known_and_never_unsure(tmp_path: Path, word: str, answer: str, state: str) -> None:
    more = {"HELO": answer} if word == "EHLO" else {}
    with slow_mail(SlowMail(answers={word: answer, **more})) as box:
        room = edition(tmp_path, smtp(box.port))
        for hour in range(5):
            send(room, AT + timedelta(hours=hour * 2))
        assert (states(room)["smtp-1"], row(room, "smtp-1")["unsure"]) == (state, 0)


def test_a_slow_webhook_is_waited_for_and_one_that_never_answers_gets_it_twice(tmp_path: Path) -> None:
    with web_server(WebSink(hang=True)) as hook:
        room = edition(tmp_path, webhook())
        for minute in range(0, 24 * 60, 30):
            send(room, AT + minute * MINUTE, limit=0.3, HOOK=hook.url)
    assert len(hook.posts) == 2
    assert len({headers["Idempotency-Key"] for headers, _ in hook.posts}) == 1
    assert states(room) == {"webhook-1": "failed"}


def test_of_four_senders_at_once_one_sends(tmp_path: Path) -> None:
    with slow_mail(SlowMail({".": 0.3, "RCPT": 0.1})) as box:
        room = edition(tmp_path, smtp(box.port, "a@e.vn, b@e.vn, c@e.vn"))
        room.db.close()
        several = [Copy(tmp_path, AT.isoformat(), program=SENDER) for _ in range(4)]
        for one in several:
            with one:
                assert one.communicate()[0]
        assert [one.returncode for one in several] == [0] * 4
    assert len(box.texts) == 3
    assert len({text.partition("\nTo: ")[2].partition("\n")[0] for text in box.texts}) == 3


def test_a_stopped_sender_that_wakes_up_after_its_lease_sends_nothing(tmp_path: Path) -> None:
    with slow_mail(SlowMail({"RCPT": 1.0}, silent_at="")) as box:
        room = edition(tmp_path, smtp(box.port))
        with sender(tmp_path) as first:
            while row(room, "smtp-1")["owner"] is None:
                time.sleep(0.01)
            os.kill(first.pid, signal.SIGSTOP)
            later = AT + claims.LEASE + MINUTE
            assert [one.state for one in send(room, later)] == ["sent"]
            os.kill(first.pid, signal.SIGCONT)
            first.wait(30)
    assert len(box.texts) == 1
    assert states(room) == {"smtp-1": "sent"}


def test_killed_while_the_server_has_the_text_it_comes_once_more_and_no_oftener(tmp_path: Path) -> None:
    with slow_mail(SlowMail(silent_at=".")) as box:
        room = edition(tmp_path, smtp(box.port))
        for at in (AT, AT + 20 * MINUTE):
            box.reached.clear()
            with sender(tmp_path, at.isoformat()) as process:
                assert box.reached.wait(30)
                process.kill()
        assert len(box.texts) == 2
        assert send(room, AT + 21 * MINUTE) == [], "a server may take ten minutes"
        assert [one.state for one in send(room, AT + 60 * MINUTE)] == ["failed"]
    assert len(box.texts) == 2
    assert "hai lần" in sentence(str(row(room, "smtp-1")["last_error"]))


def test_an_interrupt_leaves_what_has_not_gone_out_due_at_once(tmp_path: Path) -> None:
    with slow_mail(SlowMail(silent_at="RCPT")) as box:
        room = edition(tmp_path, smtp(box.port))
        with sender(tmp_path) as process:
            assert box.reached.wait(30)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
    with mail_server(Mailbox()) as well:
        room.use(room.rules.replace(str(box.port), str(well.port)))
        assert [one.state for one in send(room, AT)] == ["sent"]
    assert (len(well.messages), box.texts) == (1, [])


def test_what_was_sent_while_the_archive_was_locked_is_noted_when_it_is_free(tmp_path: Path) -> None:
    with slow_mail(SlowMail({".": 0.8})) as box:
        room = edition(tmp_path, smtp(box.port))
        room.db.execute("pragma busy_timeout = 50")
        sent: list[str] = []
        with closing(connect(tmp_path / "archive.db")) as other:

            def hold() -> None:
                while not box.texts:
                    time.sleep(0.01)

            thread = threading.Thread(target=hold)
            thread.start()

            def lock() -> None:
                thread.join()
                blocked = connect(tmp_path / "archive.db")
                blocked.execute("begin immediate")
                time.sleep(1.2)
                blocked.rollback()
                blocked.close()

            locker = threading.Thread(target=lock)
            locker.start()
            sent = [one.state for one in send(room)]
            locker.join()
            other.execute("select 1")
        assert sent == ["sent"]
        assert send(room, AT + timedelta(hours=3)) == []
    assert len(box.texts) == 1


def test_a_text_goes_out_only_when_that_could_be_noted(tmp_path: Path) -> None:
    with slow_mail(SlowMail()) as box:
        room = edition(tmp_path, smtp(box.port))
        room.db.execute(
            "create trigger full before update of unsure on deliveries when new.unsure > old.unsure"
            " begin select raise(fail, 'database or disk is full'); end"
        )
        with pytest.raises(Exception, match="full"):
            send(room)
        assert box.texts == []


def test_a_wait_that_a_clock_ahead_wrote_is_not_believed(tmp_path: Path) -> None:
    with mail_server(Mailbox()) as box:
        room = edition(tmp_path, smtp(box.port))
        room.db.execute(
            "update deliveries set state = 'retry', last_error = 'x', next_at = '2027-11-30T00:00:00Z'"
        )
        assert [one.state for one in send(room)] == ["sent"]


def test_a_clock_that_jumps_ahead_does_not_give_an_edition_up(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        room = edition(tmp_path, smtp(port))
        assert [one.state for one in send(room, AT + timedelta(days=400))] == ["retry"]
    assert [one.state for one in send(room)] == ["retry"], "and the clock that is right again finds it due"


def test_one_edition_that_cannot_be_read_holds_no_other(tmp_path: Path) -> None:
    with mail_server(Mailbox()) as box:
        room = edition(tmp_path, smtp(box.port) + "    - {type: file, path: out}\n")
        room.db.execute("update digests set content = '{'")
        assert {one.state for one in send(room)} == {"retry"}
        assert deliver(room.db, room.alerts, AT, base=room.folder) == []
