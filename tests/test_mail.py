"""Editions by mail to a server on loopback: the envelope, the raw headers, what alerts.yml may not say."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes, policy
from email.header import decode_header
from pathlib import Path

import pytest

from archive.config import ConfigError
from archive.desk.due import make_due
from archive.digests import editions
from archive.digests.channels import Format, Secrets, SmtpChannel, recipients
from archive.digests.config import load_alerts
from archive.digests.content import sentence
from archive.digests.mail.smtp import build
from archive.digests.message import Message
from archive.i18n import Language, choose
from tests.commands import diemtin
from tests.newsroom import ALERTS, FACTORY, Newsroom, hanoi
from tests.receivers import Mailbox, mail_server
from tests.test_outbox import AT, row, send, states

TITLE = "Điểm tin buổi chiều của Văn phòng: công nghiệp, xây dựng, chuyển đổi số và đầu tư ở Sông Bằng"
UNSUBSCRIBE = "https://tin.example.vn/thoi-nhan/?so=" + "7d02b5" * 20


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    choose("en")
    yield
    choose(None)


def rules(port: int = 25, more: str = "", title: str = TITLE, **keys: str) -> str:
    head = ALERTS[: ALERTS.index("  channels:")].replace("title: Điểm tin Sông Bằng", f'title: "{title}"')
    given = {"sender": "Điểm Tin <tin@example.vn>", "to": "[lan@example.vn]"} | keys
    lines = "".join(f"      {key}: {value}\n" for key, value in given.items())
    where = f"    - type: smtp\n      host: 127.0.0.1\n      port: {port}\n      tls: none\n"
    return f"{head}  channels:\n{where}{lines}{more}"


def sent(folder: Path, text: str, **environ: str) -> Newsroom:
    """An archive whose one edition was sent by these rules."""
    room = Newsroom(folder, text)
    assert not room.alerts.problems
    room.publish(FACTORY, hanoi("2026-11-25", "09:00"))
    make_due(room.db, room.alerts, AT)
    send(room, **environ)
    return room


def head(raw: bytes) -> dict[str, str]:
    """The raw headers by name: ASCII, no line that a server may cut, none twice."""
    raw.decode("ascii")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    lines = raw.partition(b"\r\n\r\n")[0].decode().replace("\r\n ", "\n ").split("\r\n")
    pairs = [line.partition(": ")[::2] for line in lines]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def read(value: str) -> str:
    """A raw header in words, by the older decoder."""
    return "".join(
        part.decode(charset or "ascii") if isinstance(part, bytes) else part
        for part, charset in decode_header(value.replace("\n", ""))
    )


def test_a_mail_as_it_arrives(tmp_path: Path) -> None:
    with mail_server(Mailbox()) as box:
        room = sent(
            tmp_path,
            rules(
                box.port,
                sender="""'"Điểm Tin, Văn phòng" <tin@SôngBằng.vn>'""",
                to="['Lê Minh, Tổ Số hóa <minh@example.vn>']",
                reply_to="Trần Lan, Tổ Tin <lan@example.vn>; minh@example.vn",
                unsubscribe=UNSUBSCRIBE,
                attach="[docx]",
            ),
        )
    assert states(room) == {"smtp-1": "sent"}
    [(sender, to, raw)], [mail] = box.envelopes, box.messages
    assert (sender, to) == ("tin@xn--sngbng-ixa1202d.vn", ["minh@example.vn"])
    lines = head(raw)
    assert lines["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert lines["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert lines["Message-ID"] == row(room, "smtp-1")["message_id"]
    assert lines["Message-ID"].endswith("@xn--sngbng-ixa1202d.vn>")
    assert lines["List-Id"].endswith("<hang-ngay.diemtin.xn--sngbng-ixa1202d.vn>")
    subject = f"{TITLE} – 26/11/2026: 1 tin"
    assert (mail["Subject"], read(lines["Subject"])) == (subject, subject)
    assert [(one.display_name, one.addr_spec) for one in mail["From"].addresses] == [
        ("Điểm Tin, Văn phòng", sender)
    ]
    assert [(one.display_name, one.addr_spec) for one in mail["To"].addresses] == [("Lê Minh, Tổ Số hóa", *to)]
    assert [one.addr_spec for one in mail["Reply-To"].addresses] == ["lan@example.vn", "minh@example.vn"]
    assert not mail.defects
    assert [part.get_filename() for part in mail.iter_attachments()] == ["hang-ngay-2026-11-26.docx"]


@pytest.mark.parametrize(
    ("to", "reached"),
    [
        ('["lan@example.vn, minh@example.vn"]', ["lan@example.vn", "minh@example.vn"]),
        ('["lan@example.vn; minh@example.vn;"]', ["lan@example.vn", "minh@example.vn"]),
        ("Lan <lan@example.vn>, Minh <minh@example.vn>", ["lan@example.vn", "minh@example.vn"]),
        ("lan@example.vn", ["lan@example.vn"]),
        ("[lan@example.vn, Lan <LAN@example.vn>]", ["lan@example.vn"]),
        ('["${LAN}, minh@sôngbằng.vn"]', ["lan@example.vn", "minh@xn--sngbng-ixa1202d.vn"]),
    ],
)
def test_everyone_whom_alerts_yml_names_gets_it_once(tmp_path: Path, to: str, reached: list[str]) -> None:
    with mail_server(Mailbox()) as box:
        room = sent(tmp_path, rules(box.port, to=to), LAN="Trần Lan, Tổ Tin <lan@example.vn>")
    assert set(states(room).values()) == {"sent"}
    assert sorted(one for _, to, _ in box.envelopes for one in to) == reached
    assert all(head(raw) for _, _, raw in box.envelopes)


def test_names_and_titles_longer_than_a_line(tmp_path: Path) -> None:
    name, title = "Văn phòng Điểm tin «Sông Bằng», tầng 2 " * 30, f"{TITLE} " * 30
    with mail_server(Mailbox()) as box:
        sent(tmp_path, rules(box.port, title=title, sender=f"'{name} <tin@example.vn>'"))
    [(_, _, raw)] = box.envelopes
    lines = head(raw)
    assert read(lines["Subject"]) == f"{title.strip()} – 26/11/2026: 1 tin"
    assert read(lines["From"]) == f"{name.strip()} <tin@example.vn>"
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_a_line_end_in_a_title_begins_no_header(tmp_path: Path) -> None:
    with mail_server(Mailbox()) as box:
        sent(tmp_path, rules(box.port, title="Tin\\r\\nBcc: all@example.vn\\n\\nHallo\\0"))
    [(_, to, raw)] = box.envelopes
    assert to == ["lan@example.vn"]
    assert "Bcc" not in head(raw)
    assert read(head(raw)["Subject"]) == "Tin Bcc: all@example.vn Hallo – 26/11/2026: 1 tin"


WRONG = [
    ("to", "[lan@example.vn, minh.example.vn]", ".to[1]", "`minh.example.vn` is no mail address"),
    ("to", '["Trần Lan, minh@example.vn"]', ".to[0]", "`Trần Lan, minh@example.vn` is no mail address"),
    ("to", '["lan@example.vn minh@example.vn"]', ".to[0]", "is no mail address"),
    ("to", '[""]', ".to[0]", "is no mail address"),
    ("to", "[lân@example.vn]", ".to[0]", "`lân@example.vn` has accents before the @"),
    ("to", "[lan@example..vn]", ".to[0]", "is no domain"),
    ("to", '["lan@example.vn\\r\\nBcc: all@example.vn"]', ".to[0]", "`Bcc: all@example.vn` is no mail address"),
    ("sender", "Điểm Tin", ".sender", "`Điểm Tin` is no mail address"),
    ("sender", "tin@example.vn; lan@example.vn", ".sender", "more than one address"),
    ("sender", '"Tin\\nBcc: all@example.vn <tin@example.vn>"', ".sender", "`Tin` is no mail address"),
    ("reply_to", "Ban biên tập", ".reply_to", "`Ban biên tập` is no mail address"),
    ("unsubscribe", "tin.example.vn/thoi", ".unsubscribe", "is no address to unsubscribe at"),
    ("unsubscribe", f"https://tin.example.vn/{'x' * 900}", ".unsubscribe", "under 900 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "where", "said"), WRONG)
def test_what_is_wrong_is_refused_when_alerts_yml_is_read(
    tmp_path: Path, key: str, value: str, where: str, said: str
) -> None:
    path = tmp_path / "alerts.yml"
    path.write_text(rules(**{key: value}), encoding="utf-8")
    [problem] = load_alerts(path).problems
    assert str(problem).startswith(f"{path}, line ")
    assert f": hang-ngay.channels[0]{where}: " in str(problem)
    assert said in str(problem)
    assert "\n" not in str(problem)
    assert problem.line
    line = path.read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert line.startswith(f"      {key}: ")


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("vi", ", dòng 14: hang-ngay.channels[0].to[0]: `minh` không phải địa chỉ thư; viết `ten@coquan.vn`"),
        ("en", ", line 14: hang-ngay.channels[0].to[0]: `minh` is no mail address; write `name@office.vn`"),
    ],
)
def test_it_is_said_in_the_language_of_the_run(tmp_path: Path, lang: Language, sentence: str) -> None:
    choose(lang)
    path = tmp_path / "alerts.yml"
    path.write_text(rules(to="minh"), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_alerts(path).digest("hang-ngay")
    assert str(raised.value).startswith(f"{path}{sentence}")


@pytest.mark.parametrize(
    ("old", "new", "line", "vi", "en"),
    [
        ("host: 127.0.0.1", "hots: 127.0.0.1", 10, "không có khóa `hots`", "unknown key `hots`"),
        ("host: 127.0.0.1", "name: mot", 9, "thiếu khóa `host`", "object missing required field `host`"),
        ("host: 127.0.0.1", 'host: ""', 9, "không phải máy chủ thư", "is no mail server"),
        ("port: 25", "port: 99999", 9, "cổng từ 1 đến 65535", "a port is from 1 to 65535"),
        ("tls: none", "tls: noone", 12, "không có giá trị `noone`", "invalid enum value 'noone'"),
        ("to: [lan@example.vn]", "to: []", 9, "không có người nhận", "names no recipient"),
        (
            "to: [lan@example.vn]",
            "to: [null]",
            14,
            "cần `str`, không phải `null`",
            "expected `str`, got `null`",
        ),
        ("type: smtp", "type: fax", 9, "không có loại `fax`", "`fax` is none of"),
    ],
)
def test_other_faults_of_a_mail_channel_too(
    tmp_path: Path, old: str, new: str, line: int, vi: str, en: str
) -> None:
    path = tmp_path / "alerts.yml"
    assert old in rules()
    path.write_text(rules().replace(old, new), encoding="utf-8")
    languages: dict[Language, str] = {"vi": vi, "en": en}
    for lang, said in languages.items():
        choose(lang)
        [problem] = load_alerts(path).problems
        assert said in str(problem)
        assert problem.line == line


def test_a_password_with_accents_is_named(tmp_path: Path) -> None:
    with mail_server(Mailbox(), auth_require_tls=False) as box:
        room = sent(tmp_path, rules(box.port, user="tin", password="${PASS}"), PASS="mật khẩu")
    assert row(room, "smtp-1")["last_error"] == "smtp_login_letters"


def test_an_archive_url_left_empty_is_this_machine(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yml"
    for head in ("", 'defaults: {archive_url: ""}\n', "defaults: {}\n"):
        path.write_text(head + rules(), encoding="utf-8")
        assert load_alerts(path, strict=True).digest("hang-ngay").archive_url == "http://127.0.0.1:8001"


def test_what_waits_is_not_given_up_while_alerts_yml_is_wrong(tmp_path: Path) -> None:
    with mail_server(Mailbox(answer_rcpt=lambda _: "450 later")) as box:
        room = sent(tmp_path, rules(box.port))
        assert states(room) == {"smtp-1": "retry"}
        room.use(rules(box.port, to="[lan]"))
        assert send(room, again=True) == []
        assert row(room, "smtp-1")["attempts"] == 1
        room.use(rules(box.port))
        box.answer_rcpt = lambda _: "250 OK"
        assert [one.state for one in send(room, again=True)] == ["sent"]


def test_a_variable_that_holds_no_single_address_is_named_and_kept_out_of_the_archive(tmp_path: Path) -> None:
    with mail_server(Mailbox()) as box:
        room = sent(tmp_path, rules(box.port, to='["${TO}"]'), TO="lan@example.vn, minh@example.vn")
        reason = str(row(room, "smtp-1")["last_error"])
        assert sentence(reason).startswith("`to` sau khi điền biến không phải một địa chỉ thư")
        assert "example.vn" not in reason
        assert [one.state for one in send(room, again=True, TO="Trần Lan <lan@example.vn>")] == ["sent"]
    assert box.envelopes[0][1] == ["lan@example.vn"]


def test_the_message_id_is_plain_and_stays(tmp_path: Path) -> None:
    with mail_server(Mailbox(answer_data=lambda: "450 later")) as box:
        room = sent(tmp_path, rules(box.port, sender='"${SENDER}"'), SENDER="Điểm Tin, Sáng <tin@example.vn>")
        kept = str(row(room, "smtp-1")["message_id"])
        assert kept.endswith("@diemtin.invalid>"), "a secret does not go into archive.db"
        box.answer_data = lambda: "250 OK"
        send(room, again=True, SENDER="tin@example.vn")
    assert box.ids == [kept]


def test_a_message_id_of_old_that_no_mail_can_carry_is_made_anew(tmp_path: Path) -> None:
    with mail_server(Mailbox(answer_data=lambda: "450 later")) as box:
        room = sent(tmp_path, rules(box.port))
        good = row(room, "smtp-1")["message_id"]
        for old, new in (
            ("<diemtin.1@Điểm>", good),
            ("<diemtin.1@old.example.vn>", "<diemtin.1@old.example.vn>"),
        ):
            room.db.execute("update deliveries set message_id = ?", [old])
            send(room, again=True)
            assert row(room, "smtp-1")["message_id"] == new


def test_an_attached_file_keeps_a_name_in_vietnamese(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, rules(attach="[docx]"))
    room.publish(FACTORY, hanoi("2026-11-25", "09:00"))
    [made] = make_due(room.db, room.alerts, AT)
    name = "điểm-tin-của-văn-phòng-" * 5 + ".docx"

    class Named(Message):
        def file_name(self, _: Format) -> str:
            return name

    message = Named("<p>a</p>", "a", editions.read(room.db, made), "<x@example.vn>")
    channel = room.alerts.digest("hang-ngay").channels["smtp-1"]
    assert isinstance(channel, SmtpChannel)
    raw = build(channel, message, "lan@example.vn", Secrets({})).data
    assert head(raw)
    [paper] = message_from_bytes(raw, policy=policy.default).iter_attachments()
    assert paper.get_filename() == name


def test_delivery_keys_count_recipients_as_before(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yml"
    path.write_text(rules(to="[lan@example.vn, Minh <minh@example.vn>]"), encoding="utf-8")
    channels = load_alerts(path, strict=True).digest("hang-ngay").channels
    assert isinstance(channels["smtp-1"], SmtpChannel)
    assert [(key, to) for key, (_, to) in recipients(channels).items()] == [
        ("smtp-1.1", "lan@example.vn"),
        ("smtp-1.2", "Minh <minh@example.vn>"),
    ]


@pytest.mark.parametrize(
    "arguments", [("digest", "--due"), ("digest", "--now"), ("digest", "hang-ngay", "--send")]
)
def test_the_command_names_what_is_wrong_and_makes_nothing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "alerts.yml").write_text(rules(to="[lan]"), encoding="utf-8")
    done = diemtin("--lang", "en", *arguments, home=tmp_path, check=False)
    assert "alerts.yml, line 14: hang-ngay.channels[0].to[0]: `lan` is no mail address" in done.stderr
    assert "Traceback" not in done.stderr
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        assert db.execute("select count(*) from digests").fetchone() == (0,)
