"""Editions reach every channel that lives, once; the others are tried again, then given up loudly."""

import json
import logging
import re
import shutil
import ssl
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

import archive.digests
from archive.desk.due import make_due
from archive.digests.content import sentence
from archive.digests.outbox import Report, deliver
from archive.i18n import entries
from tests.newsroom import ALERTS, FACTORY, Newsroom, hanoi
from tests.receivers import Mailbox, WebSink, free_port, mail_server, silent_server, web_server

AT = hanoi("2026-11-26")
HEAD = ALERTS[: ALERTS.index("  channels:")] + "  channels:\n"
FILE = "    - {type: file, path: out}\n"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def smtp(port: int, to: str = "a@example.vn", more: str = "") -> str:
    return (
        f"    - type: smtp\n      host: 127.0.0.1\n      port: {port}\n      tls: none\n"
        f"      sender: Điểm Tin <tin@example.vn>\n      to: [{to}]\n{more}"
    )


def webhook(url: str = "${HOOK}") -> str:
    return f"    - {{type: webhook, url: '{url}'}}\n"


def edition(folder: Path, channels: str) -> Newsroom:
    """An archive with one edition to send."""
    room = Newsroom(folder, HEAD + channels)
    assert not room.alerts.problems
    room.publish(FACTORY, hanoi("2026-11-25", "09:00"))
    make_due(room.db, room.alerts, AT)
    return room


def send(
    room: Newsroom, at: datetime = AT, again: bool = False, limit: float = 10, **environ: str
) -> list[Report]:
    return deliver(room.db, room.alerts, at, base=room.folder, again=again, environ=environ, limit=limit)


def states(room: Newsroom) -> dict[str, str]:
    return dict(room.db.execute("select channel, state from deliveries order by channel"))


def row(room: Newsroom, channel: str) -> dict[str, object]:
    return next(iter(room.db.query("select * from deliveries where channel = ?", [channel])))


def test_a_folder_gets_whole_files_only(tmp_path: Path) -> None:
    room = edition(tmp_path, "    - {type: file, path: out, formats: [html, text, docx, json]}\n")
    [report] = send(room)
    assert report.state == "sent"
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"hang-ngay-2026-11-26.{ext}" for ext in ("docx", "html", "json", "txt")]
    assert "340 lao động" in (tmp_path / "out" / names[1]).read_text(encoding="utf-8")
    assert json.loads((tmp_path / "out" / names[2]).read_bytes())["counts"]["stories"] == 1
    assert send(room) == []


def test_mail_has_text_html_and_what_mail_programs_need(tmp_path: Path) -> None:
    more = (
        "      unsubscribe: https://tin.example.vn/thoi\n      attach: [docx]\n      reply_to: ban@example.vn\n"
    )
    with mail_server(Mailbox()) as box:
        room = edition(tmp_path, smtp(box.port, more=more))
        assert [report.state for report in send(room)] == ["sent"]
    [mail] = box.messages
    assert mail["Subject"] == "Điểm tin Sông Bằng – 26/11/2026: 1 tin"
    assert (mail["To"], mail["Reply-To"]) == ("a@example.vn", "ban@example.vn")
    assert mail["From"] == "Điểm Tin <tin@example.vn>"
    assert mail["List-Unsubscribe"] == "<https://tin.example.vn/thoi>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Message-ID"] == row(room, "smtp-1")["message_id"]
    assert mail["Message-ID"].endswith("@example.vn>")
    assert mail["Date"].datetime == AT
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert FACTORY[0] in text.get_content()
    assert "<h1" in html.get_content()
    [paper] = mail.iter_attachments()
    assert paper.get_filename() == "hang-ngay-2026-11-26.docx"


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1, signed by itself."""
    folder.mkdir()
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl command to make a certificate")
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the whole connection is TLS
@pytest.mark.parametrize("tls", ["starttls", "ssl"])
def test_login_is_encrypted_and_the_certificate_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    context = certificate(tmp_path / "tls")
    logins: list[bytes] = []

    def known(
        server: object, session: object, envelope: object, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        logins.append(data.login)
        return AuthResult(success=data.password == b"right", handled=False)

    how: dict[str, object] = {"authenticator": known, "auth_required": True}
    how |= {"ssl_context": context, "auth_require_tls": False} if tls == "ssl" else {"tls_context": context}
    more = "      user: tin\n      password: ${PASS}\n"
    with mail_server(Mailbox(), **how) as box:
        room = edition(tmp_path / "home", smtp(box.port, more=more).replace("tls: none", f"tls: {tls}"))
        [untrusted] = send(room, PASS="right")
        assert (untrusted.state, logins) == ("retry", [])
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "cert.pem"))
        [wrong] = send(room, again=True, PASS="wrong")
        assert (wrong.state, sentence(wrong.reason)) == ("retry", "máy chủ thư không nhận đăng nhập (535)")
        assert [report.state for report in send(room, again=True, PASS="right")] == ["sent"]
    assert set(logins) == {b"tin"}
    assert len(box.messages) == 1


def test_one_bad_channel_delays_no_other(tmp_path: Path) -> None:
    with silent_server() as silent, mail_server(Mailbox()) as good, web_server(WebSink(hang=True)) as hook:
        channels = smtp(silent) + smtp(free_port()) + webhook() + smtp(good.port) + FILE
        room = edition(tmp_path, channels)
        limit = 0.5
        send(room, limit=limit, HOOK=hook.url)
        while {states(room)[able] for able in ("file-1", "smtp-3")} != {"sent"}:
            limit *= 2  # a busy machine needs longer
            send(room, again=True, limit=limit, HOOK=hook.url)
        reports = [report.channel for report in send(room, again=True, limit=limit, HOOK=hook.url)]
    assert states(room) == {
        "file-1": "sent", "smtp-1": "retry", "smtp-2": "retry", "smtp-3": "sent", "webhook-1": "retry",
    }  # fmt: skip
    assert sorted(reports) == ["smtp-1", "smtp-2", "webhook-1"], "what was sent is not sent again"
    assert len(set(good.ids)) == 1
    assert f"quá {limit:g} giây" in sentence(str(row(room, "smtp-1")["last_error"]))
    assert "không kết nối được máy chủ thư" in sentence(str(row(room, "smtp-2")["last_error"]))


def test_a_greylisting_server_gets_it_later_with_the_same_id(tmp_path: Path) -> None:
    answers = iter(["450 4.2.0 Greylisted, come back", "250 OK"])
    with mail_server(Mailbox(answer_rcpt=lambda _: next(answers))) as box:
        room = edition(tmp_path, smtp(box.port))
        [first] = send(room)
        first_id = row(room, "smtp-1")["message_id"]
        assert (first.state, first.next_at) == ("retry", AT + timedelta(minutes=1))
        assert "450" in first.reason
        assert send(room, AT + timedelta(seconds=59)) == []
        assert [report.state for report in send(room, AT + timedelta(minutes=1))] == ["sent"]
    assert box.ids == [first_id]


def test_a_server_that_hangs_up_after_data_gets_the_same_id_again(tmp_path: Path) -> None:
    with mail_server(Mailbox(drop=1)) as box:
        room = edition(tmp_path, smtp(box.port))
        [first] = send(room)
        assert (first.state, sentence(first.reason)) == (
            "retry",
            "máy chủ thư ngắt kết nối khi đã nhận hết thư mà chưa trả lời; có thể thư đã tới",
        )
        send(room, AT + timedelta(minutes=1))
    assert len(box.ids) == 2
    assert len(set(box.ids)) == 1


def test_recipients_have_states_of_their_own(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def answer(to: str) -> str:
        return "550 5.1.1 <nobody@example.vn>: no such user" if to.startswith("nobody") else "250 OK"

    with mail_server(Mailbox(answer_rcpt=answer)) as box:
        room = edition(tmp_path, smtp(box.port, "a@example.vn, nobody@example.vn, c@example.vn"))
        send(room)
    assert states(room) == {"smtp-1.1": "sent", "smtp-1.2": "failed", "smtp-1.3": "sent"}
    assert sorted(mail["To"] for mail in box.messages) == ["a@example.vn", "c@example.vn"]
    assert (
        sentence(str(row(room, "smtp-1.2")["last_error"]))
        == "máy chủ thư từ chối người nhận (550 5.1.1 <…@…>: no such user)"
    )
    assert [record.levelno for record in caplog.records if "NOT DELIVERED" in record.message] == [logging.ERROR]
    assert room.db.execute("select state from digests").fetchone()[0] == "failed"


def test_back_off_grows_and_ends_after_a_day(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    room = edition(tmp_path, smtp(free_port()) + FILE)
    waits, at = [], AT
    while (reports := [one for one in send(room, at) if one.channel == "smtp-1"]) and reports[0].next_at:
        waits.append((reports[0].next_at - at).total_seconds() / 60)
        at = reports[0].next_at
    assert waits[:5] == [1, 5, 15, 60, 60]
    assert timedelta(hours=24) <= at - AT <= timedelta(hours=25)
    assert states(room) == {"file-1": "sent", "smtp-1": "failed"}
    assert "given up" in caplog.text
    assert send(room, at + timedelta(days=1)) == []


def test_again_sends_only_what_failed(tmp_path: Path) -> None:
    with mail_server(Mailbox(answer_data=lambda: "554 5.7.1 looks like spam")) as box:
        room = edition(tmp_path, smtp(box.port) + FILE)
        send(room)
        assert states(room) == {"file-1": "sent", "smtp-1": "failed"}
        box.answer_data = lambda: "250 OK"
        assert [(one.channel, one.state) for one in send(room, again=True)] == [("smtp-1", "sent")]
    assert room.db.execute("select state, sent_at is not null from digests").fetchone() == ("sent", 1)


def test_a_webhook_gets_json_and_its_redirects_are_not_followed(tmp_path: Path) -> None:
    with web_server(WebSink()) as inside:
        outcomes = [(200, "", "sent", ""), (500, "", "retry", "webhook trả lời 500")]
        outcomes += [
            (code, inside.url, "retry", f"webhook chuyển hướng ({code})") for code in (301, 302, 303, 307, 308)
        ]
        for number, (status, location, state, reason) in enumerate(outcomes):
            with web_server(WebSink(status=status, location=location)) as sink:
                room = edition(tmp_path / str(number), webhook())
                [report] = send(room, HOOK=sink.url)
            assert report.state == state
            assert sentence(report.reason).startswith(reason)
            assert len(sink.posts) == 1
    assert (inside.posts, inside.gets) == ([], 0)
    headers, body = sink.posts[0]
    assert headers["Idempotency-Key"] == row(room, "webhook-1")["message_id"]
    assert json.loads(body)["title"] == "Điểm tin Sông Bằng"


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # Apprise 2.2 imports it on Python 3.11 and 3.12
def test_apprise_gets_a_short_text_and_follows_no_redirect(tmp_path: Path) -> None:
    pytest.importorskip("apprise")
    with web_server(WebSink()) as inside, web_server(WebSink(302, inside.url)) as away:
        for sink, state in ((away, "retry"), (inside, "sent")):
            room = edition(tmp_path / state, "    - {type: apprise, url_env: MESSENGER}\n")
            [report] = send(room, MESSENGER=f"json://127.0.0.1:{sink.port}/")
            assert report.state == state
    assert len(away.posts) == 1
    assert FACTORY[0] in json.loads(inside.posts[0][1])["message"]
    assert (len(inside.posts), inside.gets) == (1, 0)


def test_a_channel_whose_package_or_secret_is_missing_says_so(tmp_path: Path) -> None:
    room = edition(tmp_path, "    - {type: apprise, url_env: MESSENGER}\n")
    [report] = send(room)
    assert "pip install" in sentence(report.reason) or "MESSENGER" in report.reason


def test_the_archive_holds_no_secret_and_no_recipient(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.write_text("# ours\nPASS=v3ry-hidden\nTO=leader@example.vn\n", encoding="utf-8")
    more = "      user: tin-user\n      password: ${PASS}\n"
    with (
        mail_server(Mailbox(answer_rcpt=lambda to: f"450 {to} later")) as box,
        web_server(WebSink(500)) as sink,
    ):
        room = Newsroom(
            tmp_path / "home",
            f"defaults: {{secrets: '{secrets}'}}\n" + HEAD + smtp(box.port, '"${TO}"')
            + smtp(box.port, '"${TO}"', more) + webhook() + webhook("${MISSING}"),
        )  # fmt: skip
        room.publish(FACTORY, hanoi("2026-11-25", "09:00"))
        make_due(room.db, room.alerts, AT)
        reports = {report.channel: report for report in send(room, HOOK=sink.url)}
    assert "…@… later" in reports["smtp-1"].reason
    assert "chưa đặt biến MISSING" in sentence(reports["webhook-2"].reason)
    room.db.execute("pragma wal_checkpoint(truncate)")
    kept = room.folder.joinpath("archive.db").read_bytes()
    for secret in (b"v3ry-hidden", b"leader@example.vn", b"s3cret", b"tin-user"):
        assert secret not in kept


def test_a_channel_that_left_the_config_is_given_up(tmp_path: Path) -> None:
    room = edition(tmp_path, FILE)
    room.use(HEAD + webhook("http://127.0.0.1:9/"))
    assert [(one.channel, one.state) for one in send(room)] == [("file-1", "failed")]


def test_what_another_process_is_sending_is_left_to_it(tmp_path: Path) -> None:
    room = edition(tmp_path, FILE)
    room.db.execute(
        "update deliveries set state = 'retry', attempts = 1, next_at = ?", [f"{AT.year}-11-26T00:02:00Z"]
    )
    assert send(room) == []
    assert send(room, again=True) == []
    assert [one.state for one in send(room, AT + timedelta(minutes=3))] == ["sent"]


def test_the_feed_file_holds_the_newest_editions(tmp_path: Path) -> None:
    room = edition(tmp_path, "    - {type: atom, path: out/tin.atom, entries: 2}\n")
    for day in ("2026-11-27", "2026-11-30"):
        make_due(room.db, room.alerts, hanoi(day))
    send(room, hanoi("2026-11-30"))
    feed = (tmp_path / "out" / "tin.atom").read_text(encoding="utf-8")
    assert feed.count("<entry>") == 2
    titles = re.findall("<title>(.*?)</title>", feed)[1:]
    assert [title.partition(" – ")[2][:10] for title in titles] == ["30/11/2026", "27/11/2026"]


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way", encoding="utf-8")
    room = edition(tmp_path, FILE)
    [report] = send(room)
    assert report.state == "retry"
    assert sentence(report.reason).startswith("không ghi được tệp hang-ngay-2026-11-26.html")


def test_every_reason_has_a_sentence_in_each_language() -> None:
    known = {key.removeprefix("reason.") for key in entries() if key.startswith("reason.")}
    code = re.compile(r'(?:reason|Undelivered|_failed)\(\s*"(\w+)"')
    digests = Path(archive.digests.__file__).parent
    used = {match[1] for file in digests.rglob("*.py") for match in code.finditer(file.read_text("utf-8"))}
    used |= {f"smtp_{what}" for what in ("recipient", "sender", "message", "connection")}
    used |= {"webhook_failed_silent", "webhook_unreachable_silent"}
    assert len(used) > 25
    assert used <= known
