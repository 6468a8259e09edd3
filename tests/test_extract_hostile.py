"""Pages that are broken, huge or meant to hurt: a named outcome or an article, never a crash or a hang."""

import gzip
import json
import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.i18n import Words
from archive.model import Outcome
from pipelines.extract.charset import binary_kind
from tests.story import read

pytestmark = pytest.mark.timeless

OWN = Path(__file__).parent / "quality" / "pages"
SHARED = os.environ.get("DIEMTIN_SHARED")
PARAGRAPH = "Nhà máy bắt đầu chạy thử từ đầu tháng, theo kế hoạch đã báo cáo với ban quản lý khu công nghiệp. "


def page(inner: str, head: str = "") -> str:
    return (
        f"<html><head><title>Tin mẫu</title>{head}</head><body><h1>Nhà máy chạy thử</h1>{inner}</body></html>"
    )


def test_random_bytes_are_no_page_whichever_they_are() -> None:
    assert all(binary_kind(random.Random(seed).randbytes(3000)) for seed in range(300))
    text = page("<p>Nha may\tchay.</p>\r\n" * 40)
    for encoding in ("utf-8", "utf-16", "windows-1258"):
        assert binary_kind(text.encode(encoding, "ignore")) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG"),
        (random.Random(7).randbytes(5000), "binary"),
        (b"<p>x</p>" * 2_500_000, "MB"),
        (b"<b>" * 200_000, "elements"),
        (b"<!-- nothing -->", "without a single tag"),
    ],
)
def test_what_is_no_page_fails_by_name(body: bytes, reason: str) -> None:
    item = read(body)
    assert item.outcome in (Outcome.FAILED, Outcome.TOO_SHORT)
    if item.outcome is Outcome.FAILED:
        assert reason in Words("en").reason(item.reason)


@pytest.mark.parametrize(
    "tag", ["div", "b", "span", "table><tr><td", "ul><li", "font", "blockquote", "a href=x"]
)
def test_a_hundred_thousand_nested_tags_end(tag: str) -> None:
    body = page(f"<{tag}>" * 50_000 + PARAGRAPH * 3)
    assert read(body.encode()).outcome in (None, Outcome.FAILED, Outcome.TOO_SHORT, Outcome.NOT_ARTICLE)


@pytest.mark.parametrize("behind", ["", "</main><p>Chân trang</p>", "<body><p>Chân trang</p></body>"])
@pytest.mark.parametrize("opening", ["<main>", "<article>", "<header>Tin</header><main>", "<x-page>", "<lnik>"])
def test_a_page_may_leave_out_the_tags_of_head_and_body(opening: str, behind: str) -> None:
    story = f"{opening}<h1>Nhà máy chạy thử</h1><p>{PARAGRAPH}</p><p>{PARAGRAPH.upper()}</p>{behind}"
    item = read(f"<!doctype html><title>Tin mẫu</title><meta name=robots content=all>{story}".encode())
    assert item.outcome is None
    assert item.article.title == "Nhà máy chạy thử"
    assert item.article.body.startswith(f"{PARAGRAPH.strip()}\n{PARAGRAPH.upper().strip()}")


def test_nesting_a_template_may_have_is_read() -> None:
    body = page("<div>" * 300 + f"<p>{PARAGRAPH * 2}</p><p>{PARAGRAPH}</p>" + "</div>" * 300)
    assert "chạy thử từ đầu tháng" in read(body.encode()).article.body


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("claimed", ["", "text/html; charset=iso-8859-1", "text/html; charset=nonsense"])
def test_the_bytes_say_which_charset_it_is(charset: str, claimed: str) -> None:
    body = page(f"<p>{PARAGRAPH}</p>").encode(charset)
    assert PARAGRAPH.strip() in read(body, claimed).article.body


def test_windows_1258_is_composed() -> None:
    body = page(f"<p>{PARAGRAPH}</p>").encode("utf-8").decode("utf-8")
    marks = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    typed = "".join(_as_1258(letter, marks) for letter in body).encode("cp1258")
    for claim in ("text/html; charset=windows-1258", ""):
        assert PARAGRAPH.strip() in read(typed, claim).article.body


def _as_1258(letter: str, marks: set[str]) -> str:
    import unicodedata

    parts = unicodedata.normalize("NFD", letter)
    kept = unicodedata.normalize("NFC", "".join(part for part in parts if part not in marks))
    return kept + "".join(part for part in parts if part in marks)


def test_tcvn3_fonts_become_letters() -> None:
    typed = "TØnh Th¸i Nguyªn ®Èy m¹nh ph¸t triÓn c«ng nghiÖp vµ chuyÓn ®æi sè trong c¸c doanh nghiÖp. " * 3
    assert (
        "Tỉnh Thái Nguyên đẩy mạnh phát triển công nghiệp"
        in read(page(f"<p>{typed}</p>").encode()).article.body
    )


def test_nul_bytes_and_broken_json_do_no_harm() -> None:
    head = (
        '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-08-14T10:00:00+07:00"'
    )
    body = page(f"<p>{PARAGRAPH}\x00{PARAGRAPH}</p>", head + "</script>").encode()
    item = read(body)
    assert "\x00" not in item.article.body
    assert item.article.published_at == datetime(2026, 8, 14, 3, tzinfo=UTC)


def test_entities_are_not_multiplied() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
    item = read((bomb + page(f"<p>{PARAGRAPH}&c;&c;&c;</p>")).encode())
    assert len(item.article.body) < 1000


def test_deep_json_ld_ends() -> None:
    for text in ("[" * 100_000, '{"@graph":' * 20_000, json.dumps({"@graph": [[]] * 1000})):
        body = page(f"<p>{PARAGRAPH * 2}</p>", f'<script type="application/ld+json">{text}</script>')
        assert PARAGRAPH.strip() in read(body.encode()).article.body


def test_scripts_in_titles_are_no_words() -> None:
    body = f"<html><body><h1>Nhà máy <script>alert(1)</script>chạy thử</h1><p>{PARAGRAPH * 2}</p></body></html>"
    assert read(body.encode()).article.title == "Nhà máy chạy thử"


def test_a_challenge_is_blocked() -> None:
    d1n = '<html><body><script>document.cookie="D1N=0a1b2c"+"; path=/";window.location.reload(true);</script>'
    cloud = (
        "<html><head><title>Just a moment...</title></head><body>"
        "<script src='/cdn-cgi/challenge-platform/x.js'></script></body></html>"
    )
    assert read(d1n.encode()).outcome is Outcome.BLOCKED
    assert read(cloud.encode()).outcome is Outcome.BLOCKED


def test_two_sentences_with_a_title_are_an_article() -> None:
    item = read(page(f"<p>{PARAGRAPH}</p><p>Chưa có thông tin về thiệt hại.</p>").encode())
    assert item.outcome is None


def test_an_empty_frame_is_too_short() -> None:
    assert read(page("<div id='app'></div>").encode()).outcome is Outcome.TOO_SHORT


def _pages() -> list[bytes]:
    own = [path.read_bytes() for path in sorted(OWN.glob("*.html"))]
    if SHARED:
        real = sorted((Path(SHARED) / "pages").glob("*/*.html.gz"))
        own += [gzip.decompress(path.read_bytes()) for path in random.Random(3).sample(real, 12)]
    return own


PAGES = _pages()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_pages_end_by_name(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from(PAGES)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body)))
        size = data.draw(st.integers(0, 3000))
        what = data.draw(st.sampled_from(["cut", "drop", "insert", "repeat", "noise"]))
        if what == "cut":
            del body[max(at, 50) :]
        elif what == "drop":
            del body[at : at + size]
        elif what == "insert":
            body[at:at] = data.draw(
                st.sampled_from([b"<", b"</div>", b"<table><p>", b"\x00", b"<!--", b"&#xD800;", b"\xff\xfe"])
            )
        elif what == "repeat":
            body[at:at] = body[at : at + size] * 3
        else:
            body[at : at + 20] = data.draw(st.binary(max_size=20))
    item = read(bytes(body))
    assert isinstance(item.article.title, str)
    assert item.outcome in (None, Outcome.FAILED, Outcome.NOT_ARTICLE, Outcome.TOO_SHORT, Outcome.BLOCKED)
