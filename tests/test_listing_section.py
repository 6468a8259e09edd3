"""Section pages: their links, once each, with the words that name them, and the next page."""

import pytest

from crawler.listings.section import read_section

URL = "https://baomau.vn/kinh-te/"


def page(body: str, head: str = "<title> Kinh tế\n Báo Mẫu </title>") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def urls(body: bytes) -> list[str]:
    return [link.url for link in read_section(body, URL).links]


def test_links_come_once_in_the_order_of_the_page() -> None:
    body = page('<a href="/b-2.htm">B</a><a href="a-1.htm">A</a><a href="/b-2.htm">B lại</a>')
    listing = read_section(body, URL)
    assert [(link.url, link.title) for link in listing.links] == [
        ("https://baomau.vn/b-2.htm", "B"),
        ("https://baomau.vn/kinh-te/a-1.htm", "A"),
    ]
    assert listing.title == "Kinh tế Báo Mẫu"
    assert listing.problem == ""


def test_a_picture_link_takes_the_words_of_the_link_beside_it() -> None:
    body = page(
        '<a href="/a-1.htm"><img src="x.jpg"></a><h3><a href="/a-1.htm">Gang <b>thép</b>\n mới</a></h3>'
    )
    (link,) = read_section(body, URL).links
    assert link.title == "Gang thép mới"


def test_a_base_address_holds_for_relative_links() -> None:
    head = '<base href="https://baomau.vn/tin/">'
    assert urls(page('<a href="a-1.htm">A</a>', head)) == ["https://baomau.vn/tin/a-1.htm"]
    assert urls(page('<a href="a-1.htm">A</a>', '<base target="_blank">')) == [
        "https://baomau.vn/kinh-te/a-1.htm"
    ]
    assert urls(page('<a href="a-1.htm">A</a>', '<base href="/">')) == ["https://baomau.vn/a-1.htm"]


@pytest.mark.parametrize("href", ["#len-dau", "javascript:void(0)", "mailto:a@baomau.vn", "tel:113", "", "  "])
def test_what_leads_nowhere_is_no_link(href: str) -> None:
    assert urls(page(f'<a href="{href}">X</a><a name="y">Y</a><a href="/a-1.htm">A</a>')) == [
        "https://baomau.vn/a-1.htm"
    ]


def test_an_address_that_is_none_does_not_lose_the_others() -> None:
    assert "https://baomau.vn/a-1.htm" in urls(page('<a href="http://[::1">X</a><a href="/a-1.htm">A</a>'))


def test_xhtml_with_a_declaration_is_a_page() -> None:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">'
        '<body><a href="/a-1.htm">Điểm tin</a></body></html>'
    )
    (link,) = read_section(body.encode(), URL).links
    assert link.title == "Điểm tin"


def test_a_page_in_utf_16_or_with_a_wrong_charset_is_read() -> None:
    text = page('<a href="/a-1.htm">Điểm tin</a>').decode()
    for body in (text.encode("utf-16"), text.encode("utf-16-le"), text.encode()):
        (link,) = read_section(body, URL, "text/html; charset=iso-8859-1").links
        assert link.title == "Điểm tin"


@pytest.mark.parametrize("body", [b"", b"   ", b"\x00\x01"])
def test_nothing_is_a_problem(body: bytes) -> None:
    assert read_section(body, URL).problem


def test_a_page_without_links_is_a_page_without_links() -> None:
    listing = read_section(page("<p>Đang cập nhật</p>"), URL)
    assert listing.links == ()
    assert listing.problem == ""


def test_deep_nesting_neither_breaks_nor_hangs() -> None:
    deep = page("<div>" * 20_000 + '<a href="/a-1.htm">A</a>')
    assert read_section(deep, URL).title


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/kinh-te/trang-2.htm">Trang sau</a>',
        '<a href="trang-2.htm">»</a>',
        '<a class="page-next" href="https://baomau.vn/kinh-te/trang-2.htm">2</a>',
        '<a rel="next" href="/kinh-te/trang-2.htm">2</a>',
    ],
)
def test_the_next_page_of_a_list_is_found(link: str) -> None:
    further = read_section(page(f'<a href="/a-1.htm">A</a>{link}'), URL).further
    assert [found.url for found in further] == ["https://baomau.vn/kinh-te/trang-2.htm"]


@pytest.mark.parametrize(
    "link",
    [
        '<a rel="next" href="https://khac.vn/trang-2.htm">2</a>',
        f'<a rel="next" href="{URL}">2</a>',
        '<a href="/a-1.htm">Bài sau cơn bão</a>',
    ],
)
def test_no_next_page_elsewhere_or_where_there_is_none(link: str) -> None:
    assert read_section(page(link), URL).further == ()


def test_a_next_page_that_is_no_address_is_none() -> None:
    body = page('<a rel="next" href="#">2</a><a rel="next" href="javascript:more()">3</a>')
    assert read_section(body, URL).further == ()


@pytest.mark.parametrize(
    ("here", "links", "after"),
    [
        (URL, '<a href="?page=1">1</a><a href="?page=2">2</a><a href="?page=3">3</a>', f"{URL}?page=2"),
        (f"{URL}?page=2", '<a href="?page=2">2</a><a href="?page=3">3</a>', f"{URL}?page=3"),
        (f"{URL}?page=9", '<a href="?page=9">9</a><a href="?page=10">10</a>', f"{URL}?page=10"),
        (
            "https://baomau.vn/the/chè/trang-2",
            '<a href="/the/chè/trang-3">3</a>',
            "https://baomau.vn/the/chè/trang-3",
        ),
        ("https://baomau.vn/the/", '<a href="/the/page/2/">2</a>', "https://baomau.vn/the/page/2/"),
        ("https://baomau.vn/tin-p2.htm", '<a href="/tin-p3.htm">3</a>', "https://baomau.vn/tin-p3.htm"),
        (f"{URL}?page=3", '<a href="?page=2">2</a><a href="?page=3">3</a>', None),
        (URL, '<a href="/tin-2.htm">2</a>', None),
        (URL, '<a href="?page=2">Hai bài mới</a>', None),
    ],
)
def test_the_next_page_is_known_by_its_number(here: str, links: str, after: str | None) -> None:
    assert [link.url for link in read_section(page(links), here).further] == ([after] if after else [])


@pytest.mark.parametrize("grown", ["/the/page/2/page/3/", "?page=2&page=3", "/the/trang-2?trang=3"])
def test_an_address_that_grows_is_no_next_page(grown: str) -> None:
    assert read_section(page(f'<a rel="next" href="{grown}">Trang sau</a>'), URL).further == ()
