"""What is no article is told from what is, and the outcome says which it was."""

import pytest

from archive.i18n import Words
from archive.model import Outcome
from tests.story import ELSEWHERE, LEAD, PARAGRAPHS, TEXT, page, read

TEASERS = "".join(
    f"<div class='item'><a href='/{n}.html'>{ELSEWHERE} lần thứ {n}</a><p>Tóm tắt tin {n}.</p></div>"
    for n in range(30)
)
FRONT = "https://baomau.example/kinh-te"


def test_a_story_is_an_article() -> None:
    assert read(page(TEXT)).outcome is None


def test_a_breaking_story_of_one_sentence_is_an_article() -> None:
    assert read(page(f"<p>{PARAGRAPHS[0]}</p>")).outcome is None


def test_a_story_among_many_teasers_is_an_article() -> None:
    assert read(page(f"<article>{TEXT}</article><div>{TEASERS}</div>")).outcome is None


def test_a_photo_story_of_a_lead_alone_is_an_article() -> None:
    pictures = "".join(f"<figure><img src={n}.jpg></figure>" for n in range(9))
    assert (
        read(page(f'<h2 class="sapo">{LEAD} Dưới đây là mấy tấm ảnh chụp ở xưởng.</h2>{pictures}')).outcome
        is None
    )


def test_a_list_of_headlines_is_no_article() -> None:
    listing = read(page(f"<div>{TEASERS}</div>", title="Kinh tế"), url=FRONT)
    assert listing.outcome is Outcome.NOT_ARTICLE
    assert "listing" in listing.reason


@pytest.mark.parametrize(
    "title", ["404 Not Found", "Không tìm thấy trang", "Trang không tồn tại", "Lỗi 404", "502 Bad Gateway"]
)
def test_an_error_page_is_no_article(title: str) -> None:
    item = read(
        page(
            "<p>Đường dẫn bạn vừa mở không còn nữa, mời bạn quay lại trang chủ để đọc tin khác trong ngày.</p>",
            title=title,
        )
    )
    assert item.outcome is Outcome.NOT_ARTICLE
    assert title[:10] in item.reason


@pytest.mark.parametrize(
    "title", ["404 hộ dân Sông Công nhận đất tái định cư", "Lỗi 404 lần đầu lên sân khấu kịch"]
)
def test_a_story_whose_title_has_such_a_number_is_an_article(title: str) -> None:
    assert read(page(TEXT + TEXT.replace("xưởng", "nhà"), title=title)).outcome is None


@pytest.mark.parametrize(
    "body",
    [
        "<html><body><script>document.cookie='D1N=0a1b';location.reload();</script></body></html>",
        "<html><head><title>Just a moment...</title></head><body><div id=cf>Checking</div></body></html>",
        "<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1></body></html>",
    ],
)
def test_a_challenge_for_browsers_is_blocked(body: str) -> None:
    assert read(body).outcome is Outcome.BLOCKED


def test_a_story_on_a_page_that_carries_a_challenge_script_is_an_article() -> None:
    script = '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'
    item = read(page(f"<article>{TEXT}</article><div>{TEASERS}</div>{script}"))
    assert item.outcome is None


@pytest.mark.parametrize(
    "inner", ["", "<div id=app></div>", "<p>Đang tải…</p>", "<noscript>Hãy bật JavaScript</noscript>"]
)
def test_a_page_without_text_is_too_short_and_says_how_short(inner: str) -> None:
    item = read(page(inner))
    assert item.outcome is Outcome.TOO_SHORT
    assert "characters" in Words("en").reason(item.reason)


@pytest.mark.parametrize("body", [b"", b"   \n", b"chi la chu, khong co the nao", b"<!-- trong -->"])
def test_what_is_no_page_at_all_fails(body: bytes) -> None:
    assert read(body).outcome is Outcome.FAILED


def test_a_guard_that_prints_another_headline_is_a_challenge() -> None:
    text = "<p>" + "You are unable to access this site, which uses a service to protect itself. " * 3 + "</p>"
    raw = page(text, title="Sorry, you have been blocked").replace(
        "<title>Sorry, you have been blocked", "<title>Attention Required! | Cloudflare"
    )
    assert read(raw).outcome is Outcome.BLOCKED


def test_a_story_of_a_guarded_site_is_an_article() -> None:
    guard = "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
    assert read(page(TEXT, head=guard)).outcome is None
