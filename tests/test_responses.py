"""What an answer means before its page is read: there, moved, gone, blocked or broken."""

import re
from datetime import UTC, datetime

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from archive.model import Outcome
from crawler.responses import PageResponse, clock_ahead, read_response
from crawler.sources import Source

STORY = "https://baomau.vn/kinh-te/tin-12.htm"
SOURCE = Source("baomau", "Báo Mẫu", "https://baomau.vn/", "national", re.compile(r"-\d+\.htm$"))


def answer(
    status: int = 200, body: bytes = b"<p>x", landed: str = STORY, asked: str = STORY, **headers: str
) -> PageResponse:
    meta = {} if landed == asked else {"redirect_urls": [asked]}
    named = {"Content-Type": "text/html", **{key.replace("_", "-"): value for key, value in headers.items()}}
    kind = HtmlResponse if status == 200 else Response
    return read_response(
        kind(landed, status=status, body=body, headers=named, request=Request(landed, meta=meta)), SOURCE
    )


def test_a_page_is_to_be_read() -> None:
    assert answer() == PageResponse(STORY)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (304, Outcome.UNCHANGED), (404, Outcome.GONE), (410, Outcome.GONE), (401, Outcome.BLOCKED),
        (403, Outcome.BLOCKED), (429, Outcome.BLOCKED), (451, Outcome.BLOCKED), (500, Outcome.FAILED),
        (503, Outcome.FAILED), (400, Outcome.FAILED), (204, Outcome.FAILED),
    ],
)  # fmt: skip
def test_every_status_has_its_outcome(status: int, outcome: Outcome) -> None:
    found = answer(status)
    assert (found.url, found.outcome) == (STORY, outcome)
    assert str(status) in found.reason


def test_a_challenge_is_blocked() -> None:
    assert answer(503, cf_mitigated="challenge").outcome is Outcome.BLOCKED


@pytest.mark.parametrize("kind", ["application/pdf", "image/jpeg", "video/mp4; codecs=x", "application/json"])
def test_what_is_no_page_is_no_article(kind: str) -> None:
    found = answer(Content_Type=kind)
    assert found.outcome is Outcome.NOT_ARTICLE
    assert kind.split(";")[0] in found.reason


@pytest.mark.parametrize("kind", ["TEXT/HTML; charset=utf-8", "application/xhtml+xml", "text/plain", ""])
def test_pages_come_under_several_types(kind: str) -> None:
    assert answer(Content_Type=kind).outcome is None


@pytest.mark.parametrize("kind", ["application/octet-stream", "html", "; charset=utf-8", "text/x-html"])
@pytest.mark.parametrize("begins", ["<!doctype html><html>", "\ufeff\n <HTML lang=vi>", "<!-- x --><head>"])
def test_a_page_is_known_by_its_first_letters_whatever_its_type(kind: str, begins: str) -> None:
    assert answer(Content_Type=kind, body=f"{begins}<title>Tin".encode()) == PageResponse(STORY)


def test_a_canonical_of_another_article_is_not_believed() -> None:
    link = b'<link rel="canonical" href="https://baomau.vn/kinh-te/tin-1.htm">'
    assert answer(body=b"<html><head>" + link) == PageResponse(STORY)
    assert answer(body=b"<html><head>" + link, landed="https://baomau.vn/tin-moi-12.htm") == PageResponse(
        "https://baomau.vn/tin-moi-12.htm"
    )


def test_an_article_that_moved_is_read_under_its_new_address() -> None:
    assert answer(landed="https://m.baomau.vn/xa-hoi/tin-12.htm?utm_source=x") == PageResponse(
        "https://baomau.vn/xa-hoi/tin-12.htm"
    )


@pytest.mark.parametrize(
    ("landed", "reason"),
    [
        ("https://baomau.vn/", "redirect_home"),
        ("https://baomau.vn/?x=1", "redirect_home"),
        ("https://baomau.vn/kinh-te/", 'redirect {"path": "/kinh-te/"}'),
        ("https://baomau.vn/404", 'redirect {"path": "/404"}'),
    ],
)
def test_an_article_that_leads_elsewhere_is_gone(landed: str, reason: str) -> None:
    assert answer(landed=landed) == PageResponse(STORY, Outcome.GONE, reason)


def test_a_redirect_to_a_404_is_gone_under_the_address_that_was_asked_for() -> None:
    found = answer(404, landed="https://baomau.vn/loi.htm")
    assert (found.url, found.outcome) == (STORY, Outcome.GONE)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('<link rel="canonical" href="https://baomau.vn/goc-12.htm">', "https://baomau.vn/goc-12.htm"),
        ("<LINK href='/goc-12.htm' REL=canonical>", "https://baomau.vn/goc-12.htm"),
        ('<link rel="canonical" href="https://baomau.vn/">', STORY),
        ('<link rel="canonical" href="https://khac.vn/goc-12.htm">', STORY),
        ('<link rel="canonical" href="http://[::1">', STORY),
        ('<link rel="canonical" href="">', STORY),
        ('<link rel="stylesheet" href="/x-12.htm">', STORY),
    ],
)
def test_the_address_a_page_names_itself_counts_where_it_is_the_outlets(link: str, url: str) -> None:
    assert answer(body=f"<html><head>{link}</head>".encode()) == PageResponse(url)


@pytest.mark.parametrize(
    ("headers", "ahead"),
    [
        ({"Date": "Mon, 02 Nov 2026 12:00:00 GMT"}, 0),
        ({"Date": "Tue, 02 Nov 2027 12:00:00 GMT"}, 365 * 86400),
        ({"Date": "Mon, 02 Nov 2026 11:00:00 GMT", "Age": "3600"}, 0),
        ({}, None), ({"Date": "hôm qua"}, None), ({"Date": "Mon, 02 Nov 2026 12:00:00"}, None),
        ({"Date": "Mon, 02 Nov 2026 12:00:00 GMT", "Age": "x"}, None),
    ],
)  # fmt: skip
def test_how_far_the_clock_of_a_server_is_from_ours(headers: dict[str, str], ahead: int | None) -> None:
    now = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    assert clock_ahead(Response("https://a.vn/", headers=headers), now) == ahead
