"""Whatever bytes a page comes in, its reader sees Vietnamese, or is told that it is no page."""

import random
import unicodedata

import pytest

from archive.model import Outcome
from tests.story import PARAGRAPHS, TEXT, TITLE, page, read

MARKS = "\u0300\u0301\u0303\u0309\u0323"
TYPED = {
    "TØnh Th¸i Nguyªn khëi c«ng côm c«ng nghiÖp míi": "Tỉnh Thái Nguyên khởi công cụm công nghiệp mới",
    "§¹i häc më ngµnh b¸n dÉn": "Đại học mở ngành bán dẫn",
}


def windows_1258(text: str) -> bytes:
    """As Windows typed it: letters whole where the code page has them, tones behind."""
    out = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        out.append(unicodedata.normalize("NFC", "".join(part for part in parts if part not in MARKS)))
        out += [part for part in parts if part in MARKS]
    return "".join(out).encode("cp1258")


def assert_read(body: bytes, content_type: str = "") -> None:
    item = read(body, content_type)
    assert item.article.title == TITLE
    assert item.article.body.split("\n") == list(PARAGRAPHS)


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_in_every_form(name: str) -> None:
    assert_read(page(TEXT).encode(name))


@pytest.mark.parametrize("claim", ["iso-8859-1", "windows-1252", "utf-16", "gb2312", "klingon", '"', ""])
def test_a_wrong_charset_in_the_header_does_not_garble_the_page(claim: str) -> None:
    assert_read(page(TEXT).encode(), f"text/html; charset={claim}")


@pytest.mark.parametrize("claim", ["iso-8859-1", "utf-16", "nonsense"])
def test_a_wrong_charset_in_the_page_does_not_garble_it(claim: str) -> None:
    assert_read(page(TEXT, f'<meta charset="{claim}">').encode())


@pytest.mark.parametrize("claim", ["text/html; charset=windows-1258", "text/html", "text/html; charset=utf-8"])
def test_windows_1258_is_read_with_or_without_its_name(claim: str) -> None:
    assert_read(windows_1258(page(TEXT)), claim)


def test_decomposed_letters_are_composed() -> None:
    assert_read(unicodedata.normalize("NFD", page(TEXT)).encode())


def test_nul_bytes_and_control_characters_are_left_out() -> None:
    assert_read(page(TEXT).replace("công nhân", "công\x00 nh\x08ân").replace("Sông", "S\x00ông").encode())


def test_a_page_cut_in_the_middle_of_a_letter_keeps_what_came() -> None:
    whole = page(TEXT).encode()
    cut = whole[: whole.rindex("ừ".encode()) + 1]
    body = read(cut).article.body
    assert body.startswith(PARAGRAPHS[0])
    assert "\ufffd" not in body


def test_one_broken_byte_spoils_one_letter_and_no_more() -> None:
    broken = page(TEXT).encode().replace("Theo quản đốc".encode(), b"Theo qu\xffn " + "đốc".encode())
    item = read(broken, "text/html; charset=utf-8")
    assert PARAGRAPHS[0] in item.article.body
    assert PARAGRAPHS[2] in item.article.body


def test_old_vietnamese_fonts_become_letters_in_title_and_text() -> None:
    (title, real_title), *_ = TYPED.items()
    typed = (title + ". ") * 4
    article = read(page(f"<p>{typed}</p><p>{typed}</p>", title=title)).article
    assert article.title == real_title
    assert (real_title + ". ") * 2 in article.body


def test_foreign_letters_are_not_taken_for_old_fonts() -> None:
    line = "Hãng Müller & Søn (Đức – Đan Mạch) góp 50% vốn, 5 µm ± 1, 25°C, bản quyền ©®, «mẫu»."
    assert line in read(page(f"<p>{line}</p>{TEXT}")).article.body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PK\x03\x04\x14\x00", "ZIP"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"\x1f\x8b\x08\x00" * 9, "gzip"),
        (bytes(range(1, 32)) * 40, "binary"),
        (bytes(random.Random(3).choices([*range(32, 127), *range(160, 256)], k=60_000)), "page_without_tags"),
    ],
)
def test_files_that_are_no_pages_fail_by_name(body: bytes, reason: str) -> None:
    item = read(body, "text/html; charset=utf-8")
    assert item.outcome is Outcome.FAILED
    assert reason in item.reason
