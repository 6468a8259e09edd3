"""Foreign text costs no more than its length: no title, list or page makes a reader take the square of it."""

import html
from collections.abc import Callable

import pytest
from lxml.etree import Element
from lxml.html import fromstring as parsed

from archive.evidence.still import as_file
from archive.sentences import sentences
from archive.text import without_markup, without_tags
from crawler.listings.feed import read_feed
from crawler.listings.section import read_section
from crawler.listings.sitemap import read_sitemap
from crawler.robotstxt import plain
from pipelines.extract import labels
from pipelines.extract.text import _paragraphs as _paragraphs_of
from pipelines.extract.text import captions, embeds, marks, scripts
from pipelines.growing import _paragraphs, _titles
from pipelines.judge import headline_share
from tests.adversary import LINEAR, grows
from tests.story import TEXT, TITLE, linked, page, read

pytestmark = pytest.mark.timeless

URL = "https://baomau.example/tin.rss"
OPENINGS = (
    "<",
    "</",
    "<a ",
    "<a href=x><b>",
    "<!--",
    "<![CDATA[",
    "<script>",
    "<p ",
    "&",
    "&#x",
    "[",
    "(",
    '"',
    " ",
    "\ufffe",
)


def feed(field: str, text: str) -> bytes:
    values = {"title": "Tin", "description": "Một tin", "pubDate": "Fri, 20 Nov 2026 10:00:00 +0700"} | {
        field: text
    }
    inner = "".join(f"<{name}>{html.escape(value)}</{name}>" for name, value in values.items() if name != "raw")
    channel = f"<title>Báo</title><item>{inner}</item>{values.get('raw', '')}"
    return f'<rss version="2.0"><channel>{channel}</channel></rss>'.encode()


def sitemap(inner: str) -> bytes:
    return f"<urlset><url><loc>https://baomau.example/a.htm</loc>{inner}</url></urlset>".encode()


LISTS: dict[str, Callable[[str], object]] = {
    "title of a feed": lambda text: read_feed(feed("title", text), URL),
    "date of a feed": lambda text: read_feed(feed("pubDate", text), URL),
    "feed": lambda text: read_feed(feed("raw", text), URL),
    "sitemap": lambda text: read_sitemap(sitemap(text), URL),
    "section": lambda text: read_section(f"<html><body><a href=/a.htm>a</a>{text}</body></html>".encode(), URL),
    "robots.txt": lambda text: plain(f"User-agent: *\nDisallow: /{text}\n".encode()),
}
RAW: dict[str, Callable[[str], object]] = {
    "tags": without_tags,
    "markup": without_markup,
    "paragraphs": _paragraphs,
    "titles": _titles,
    "links": lambda text: headline_share(text, 100),
    "scripts": lambda text: scripts.article(text, []),
}
FIELDS: dict[str, Callable[[str], str]] = {
    "title": lambda text: page("<p>Một tin.</p>", title=html.escape(text)),
    "text": lambda text: page(f"<p>{html.escape(text)}</p>"),
    "markup": lambda text: page(f"<article>{text}</article>"),
    "head": lambda text: page("<p>Một tin.</p>", f'<meta property="og:title" content="{html.escape(text)}">'),
    "name": lambda text: page(f'<p class="{html.escape(text)}">Một tin.</p>'),
    "linked data": lambda text: page(
        "<p>Một tin.</p>",
        linked(headline=text, author=text),
    ),
}

RUNS: tuple[tuple[Callable[[str], object], str], ...] = (
    (lambda text: [*sentences(f"{text}x")], "…"),
    (lambda text: [*sentences(f"A. {text}x")], "."),
    (lambda text: as_file(text.encode(), "text/html"), "<meta"),
    (lambda text: [*scripts._strings(text)], '"\\'),
    (lambda text: marks.read(parsed(f"<p>{text}<sup>2</sup></p>")), "/"),
    (lambda text: labels.body_names(Element("div", {"class": f"7{text}x"})), "_"),
    (lambda text: labels.body_names(Element("div", {"class": f"7{text}x"})), "7"),
)
BLOCKS = (
    "<h3><a href=/x>Tin khác ở đây</a></h3>",
    "<section class=tin><h2><a href=/x>Tin khác</a></h2></section>",
    "<figure><img><figcaption>Ảnh: A</figcaption></figure>",
    "<img>x ",
    "<ul><li><a href=/x>tin</a></ul>",
)


def repeated(work: Callable[[str], object], opening: str) -> Callable[[int], object]:
    return lambda length: work(opening * (length // len(opening)))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_in_a_time_like_its_length(name: str) -> None:
    slow = {each: growth for each in OPENINGS if (growth := grows(repeated(LISTS[name], each))) > LINEAR}
    assert not slow


@pytest.mark.parametrize("name", RAW)
def test_the_source_of_a_page_is_looked_through_in_a_time_like_its_length(name: str) -> None:
    slow = {each: growth for each in OPENINGS if (growth := grows(repeated(RAW[name], each))) > LINEAR}
    assert not slow


@pytest.mark.parametrize(("work", "opening"), RUNS)
def test_a_run_of_one_sign_is_read_in_a_time_like_its_length(
    work: Callable[[str], object], opening: str
) -> None:
    assert grows(repeated(work, opening)) <= LINEAR


@pytest.mark.parametrize("name", FIELDS)
def test_a_page_is_read_in_a_time_like_its_length(name: str) -> None:
    slow = {
        each: growth
        for each in OPENINGS
        if (growth := grows(repeated(lambda text: read(FIELDS[name](text)), each))) > LINEAR
    }
    assert not slow


@pytest.mark.parametrize("block", BLOCKS)
def test_many_blocks_of_one_kind_cost_what_each_costs(block: str) -> None:
    def work(length: int) -> None:
        body = parsed(f"<div><div><p>Một tin.</p>{block * (8 * length // len(block))}</div></div>")
        captions.of(body, None)
        _paragraphs_of(body)
        embeds.sweep(body)

    assert grows(work) <= LINEAR


@pytest.mark.parametrize(
    "odd", ["&#xD800;", "&#55296;", "&#xFFFE;", "&#x1;", "&#0;", "&#x110000;", "&#" + "9" * 5000 + ";"]
)
def test_a_reference_to_no_character_costs_itself_alone(odd: str) -> None:
    article = read(
        page(f"<p>{odd}{'Nhà máy chạy thử từ đầu tháng. ' * 8}</p>", title=f"Nhà máy {odd}chạy thử")
    ).article
    assert "Nhà máy chạy thử từ đầu tháng." in article.body
    assert article.title.replace("\ufffd", "") in {"Nhà máy chạy thử", "Nhà máy  chạy thử"}
    f"{article.title}{article.body}".encode()


@pytest.mark.parametrize(
    "image", ["http://[", "//", "http://[::1", "data:image/png;base64," + "A" * 10_000, "javascript:x", "?"]
)
def test_a_broken_address_of_a_picture_fails_no_page(image: str) -> None:
    item = read(page(TEXT, linked(headline=TITLE, image=image, url=image)))
    assert item.outcome is None
    assert item.article.image is None or item.article.image.startswith("https://baomau.example/")


def test_broken_data_of_scripts_and_empty_titles_of_feeds_are_let_be() -> None:
    item = read(page(TEXT, '<script>self.__next_f.push([1,"a\\q"])</script>', title="Một tin ngắn"))
    assert item.outcome is None
    read_feed(b'<rss version="2.0"><channel><title/><item><title/><link>/a</link></item></channel></rss>', URL)


def test_a_tag_of_countless_attributes_costs_itself_alone() -> None:
    many = f"<div {' '.join(f'a{number}=x' for number in range(200_000))}></div>"
    item = read(page(many + TEXT))
    assert item.outcome is None
    assert read_section(page(f"<a href=/a.htm>Một tin</a>{many}").encode(), URL).links
