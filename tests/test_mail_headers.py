"""Header lines hold every letter and space of a text, in ASCII and short lines."""

import email
import unicodedata
from email import policy
from email.header import decode_header
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.digests.mail.addresses import MailAddress, plain_text
from archive.digests.mail.headers import address_line, list_line, plain_line, text_line

WORDS = (
    "Thái Nguyên", "Điểm tin", "khu công nghiệp Sông Công", "chuyển đổi số:", "Nguyễn", "quý", "ở", "–",
    "29/11/2026:",
    "1 tin", "«nhiều hơn»", '"nháy"', "R&D", "100%", "a_b=c?", "=?utf-8?q?x?=", "=?", "?=", "🏭",
    "👩‍🔬", "doanh\u00a0nghiệp",
    unicodedata.normalize("NFD", "Thái Nguyên chuyển đổi"), "o" + "\u0323\u0302" * 40, "x" * 300, "ố" * 90,
)  # fmt: skip
LINES = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12)), min_size=1, max_size=40).map(" ".join)
LONG = (
    "Điểm tin buổi chiều của Văn phòng: công nghiệp, xây dựng, chuyển đổi số và đầu tư trên địa bàn Thái Nguyên"
)


def read(line: str) -> EmailMessage:
    """The mail of one header as a program reads it; its lines are as the standards want them."""
    raw = f"{line}\r\nx".encode("ascii")
    assert line.endswith("\r\n")
    for part in line.removesuffix("\r\n").split("\r\n"):
        assert len(part) <= 76
        assert part.strip()
    assert all(part.startswith(" ") for part in line.split("\r\n")[1:-1])
    return email.message_from_bytes(raw, policy=policy.default)


def by_the_book(line: str) -> str:
    """The value of a header by the older decoder, which drops what stands between two encoded words."""
    value = line.partition(": ")[2].replace("\r\n", "")
    return "".join(
        part.decode(charset or "ascii") if isinstance(part, bytes) else part
        for part, charset in decode_header(value)
    )


@given(LINES)
def test_a_subject_comes_back_as_it_was(text: str) -> None:
    wanted = plain_text(text)
    line = text_line("Subject", text)
    assert by_the_book(line) == wanted
    assert list(read(line)) == ["Subject"]
    assert read(line)["Subject"] == wanted


@given(LINES)
def test_a_name_comes_back_as_it_was(text: str) -> None:
    wanted = plain_text(text)
    line = address_line("From", [MailAddress(wanted, "tin@example.vn")])
    mail = read(line)
    assert list(mail) == ["From"]
    [one] = mail["From"].addresses
    assert one.addr_spec == "tin@example.vn"
    if line.count("=?utf-8?") < 2:  # the parser of Python 3.11 keeps the space between two words of a name
        assert one.display_name == wanted
    if "=?utf-8?" in line:
        assert by_the_book(line).removesuffix("<tin@example.vn>").rstrip(" ") == wanted


def test_a_long_subject_keeps_every_space() -> None:
    assert read(text_line("Subject", LONG))["Subject"] == LONG
    assert read(text_line("Subject", LONG * 60))["Subject"] == LONG * 60


def test_decomposed_letters_are_not_parted_from_their_marks() -> None:
    text = unicodedata.normalize("NFD", LONG)
    line = text_line("Subject", text)
    assert read(line)["Subject"] == text
    parts = [
        str(decode_header(part.strip())[0][0], "utf-8") for part in line.partition(": ")[2].split("\r\n")[:-1]
    ]
    assert len(parts) > 2
    assert not any(unicodedata.combining(part[0]) for part in parts)


def test_plain_text_stays_readable() -> None:
    assert text_line("Subject", "Tin 1: quiet") == "Subject: Tin 1: quiet\r\n"
    assert address_line("To", [MailAddress("", "a@example.vn")]) == "To: a@example.vn\r\n"
    assert (
        address_line("To", [MailAddress("Lan, To Tin", "a@example.vn")])
        == 'To: "Lan, To Tin" <a@example.vn>\r\n'
    )
    assert list_line("Tin", "sang.diemtin.example.vn") == "List-Id: Tin <sang.diemtin.example.vn>\r\n"


def test_several_addresses_stand_in_one_header() -> None:
    people = [MailAddress("Trần Lan, Tổ Tin", "lan@example.vn"), MailAddress("", "minh@example.vn")]
    mail = read(address_line("Reply-To", people))
    assert [(one.display_name, one.addr_spec) for one in mail["Reply-To"].addresses] == [
        ("Trần Lan, Tổ Tin", "lan@example.vn"),
        ("", "minh@example.vn"),
    ]


def test_a_line_end_in_a_text_begins_no_header() -> None:
    for end in ("\n", "\r\n", "\r", "\x85", "\u2028", "\x0b", "\x00"):
        mail = read(text_line("Subject", f"Tin{end}Bcc: x@example.vn"))
        assert list(mail) == ["Subject"]
        mail = read(address_line("From", [MailAddress(f"Tin{end}Bcc: x", "tin@example.vn")]))
        assert list(mail) == ["From"]
        with pytest.raises(ValueError, match="Message-ID"):
            plain_line("Message-ID", f"<x@example.vn>{end}Bcc: x@example.vn")


def test_half_a_character_is_no_reason_to_stop() -> None:
    assert read(text_line("Subject", "Tin \ud83d lẻ"))["Subject"] == "Tin ? lẻ"
