"""Feeds as sites really send them: every encoding, date and escape seen, and answers that are no feed."""

import codecs
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.listings import Listing
from crawler.listings.feed import read_feed

URL = "https://baomau.vn/rss/kinh-te.rss"
TITLE = "Thái Nguyên đẩy mạnh chuyển đổi số"


def rss(title: str = TITLE, *, declared: str = "", extra: str = "") -> str:
    head = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    return (
        f'{head}<rss version="2.0"><channel><title>Kinh tế</title><item><title>{title}</title>'
        f"<link>https://baomau.vn/tin-1.htm</link><description>Phường Phan Đình Phùng</description>"
        f"{extra}</item></channel></rss>"
    )


def only_title(listing: Listing) -> str:
    assert listing.problem == ""
    (link,) = listing.links
    assert link.url == "https://baomau.vn/tin-1.htm"
    return link.title


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss(declared="utf-8").encode(), id="utf-8"),
        pytest.param(codecs.BOM_UTF8 + rss(declared="utf-8").encode(), id="byte order mark"),
        pytest.param(rss().encode(), id="no XML declaration"),
        pytest.param(rss(declared="utf-16").encode(), id="says utf-16, is UTF-8"),
        pytest.param(rss(declared="utf-8").encode("utf-16-le"), id="UTF-16LE without a mark"),
        pytest.param(rss(declared="utf-16").encode("utf-16-le"), id="UTF-16LE declared, without a mark"),
        pytest.param(rss(declared="utf-16").encode("utf-16"), id="UTF-16 with a mark"),
        pytest.param(b"\n\n  " + rss(declared="utf-8").encode(), id="blank lines before the declaration"),
    ],
)
def test_a_feed_is_read_whatever_it_says_of_its_encoding(body: bytes) -> None:
    assert only_title(read_feed(body, URL)) == TITLE


def test_a_lying_content_type_is_not_believed() -> None:
    body = rss(declared="utf-8").encode()
    assert only_title(read_feed(body, URL, "text/xml; charset=iso-8859-1")) == TITLE


def tones_apart(text: str) -> str:
    """As windows-1258 types it: the vowels with hat, horn and breve whole, the tones as marks of their own."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    letters = [unicodedata.normalize("NFD", letter) for letter in text]
    return "".join(
        unicodedata.normalize("NFC", "".join(mark for mark in letter if mark not in tones))
        + "".join(mark for mark in letter if mark in tones)
        for letter in letters
    )


def test_windows_1258_comes_out_composed() -> None:
    body = tones_apart(rss(declared="windows-1258")).encode("cp1258")
    listing = read_feed(body, URL)
    assert only_title(listing) == TITLE
    assert listing.links[0].summary == "Phường Phan Đình Phùng"


@pytest.mark.parametrize(
    "title",
    [
        "<![CDATA[Gang thép &amp; điện]]>",
        "Gang thép &amp; điện",
        "<![CDATA[<![CDATA[Gang thép &amp;amp; điện]]]]>",
        "<![CDATA[<![CDATA[Gang thép &amp;amp; điện]]>]]>",
        "<![CDATA[&lt;![CDATA[Gang thép &amp;amp; điện]]&gt;]]>",
        "&lt;![CDATA[Gang thép &amp;amp; điện]]&gt;",
        "&amp;lt;b&amp;gt;Gang thép&amp;lt;/b&amp;gt; &amp;amp;amp; điện",
        "<![CDATA[ <b>Gang thép</b>\n &amp; điện ]]>",
    ],
)
def test_titles_escaped_once_twice_or_not_at_all_read_alike(title: str) -> None:
    assert only_title(read_feed(rss(title).encode(), URL)) == "Gang thép & điện"


def test_the_text_of_an_item_has_no_tags() -> None:
    extra = "<description>&lt;img src='x.jpg'/&gt;Sông Công II &lt;br/&gt;mở rộng</description>"
    body = rss(extra=extra).replace("<description>Phường Phan Đình Phùng</description>", "")
    assert read_feed(body.encode(), URL).links[0].summary == "Sông Công II mở rộng"


def test_an_atom_feed_and_relative_links_are_read() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Tin</title><entry><title>A</title>'
        '<link href="/tin-2.htm"/><updated>2026-09-05T13:30:00+07:00</updated></entry></feed>'
    )
    (link,) = read_feed(body.encode(), URL).links
    assert link.url == "https://baomau.vn/tin-2.htm"
    assert link.published_at == datetime(2026, 9, 5, 6, 30, tzinfo=UTC)


def test_an_item_without_a_link_falls_back_to_its_guid_or_is_left_out() -> None:
    body = (
        '<rss version="2.0"><channel><title>T</title>'
        '<item><title>A</title><guid isPermaLink="false">https://baomau.vn/a-1.htm</guid></item>'
        '<item><title>B</title><guid isPermaLink="false">17</guid></item></channel></rss>'
    )
    assert [link.url for link in read_feed(body.encode(), URL).links] == ["https://baomau.vn/a-1.htm"]


def test_the_channel_title_is_told_so_that_a_wrong_channel_is_noticed() -> None:
    assert read_feed(rss().encode(), URL).title == "Kinh tế"


def test_an_empty_feed_is_a_feed_without_links() -> None:
    body = b'<rss version="2.0"><channel><title>Kinh</title></channel></rss>'
    assert read_feed(body, URL) == Listing(title="Kinh")


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><head><title>Tin</title></head><body><a href='/a-1.htm'>A</a></body></html>",
        b"<script>document.cookie='D1N=abc';location.reload()</script>",
        b"not found",
        b"",
        b"\x00\x01\x02",
        b"<urlset><url><loc>https://baomau.vn/a-1.htm</loc></url></urlset>",
    ],
)
def test_what_is_no_feed_is_a_problem(body: bytes) -> None:
    listing = read_feed(body, URL)
    assert listing.problem
    assert not listing.links


def test_a_body_that_looks_like_a_file_name_or_address_opens_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "feed.xml"
    secret.write_text(rss("Chuyện nội bộ"), encoding="utf-8")
    assert read_feed(str(secret).encode(), URL).problem


def test_an_entity_bomb_gives_no_flood() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{levels}]>{rss("&l9;")}'
    titles = [link.title for link in read_feed(bomb.encode(), URL).links]
    assert sum(map(len, titles)) < 10_000


def test_an_entity_does_not_bring_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("matkhau", encoding="utf-8")
    body = f'<!DOCTYPE rss [<!ENTITY f SYSTEM "file://{secret}">]>{rss("&f;")}'
    assert "matkhau" not in str(read_feed(body.encode(), URL))


def test_a_feed_cut_off_in_the_middle_gives_the_items_that_came() -> None:
    body = rss().replace("</channel></rss>", "<item><title>Nửa chừng</title><link>https://bao")
    listing = read_feed(body.encode(), URL)
    assert listing.links[0].url == "https://baomau.vn/tin-1.htm"


def test_an_item_with_an_empty_date_has_none() -> None:
    assert read_feed(rss(extra="<pubDate></pubDate>").encode(), URL).links[0].published_at is None


STORY = "https://baomau.vn/tin.aspx?id=1&cat=2"
ESCAPED = STORY.replace("&", "&amp;")
FRONT = "<link>https://baomau.vn/</link>"
BASE64 = "CBMiJWh0dHBzOi8vYmFvbWF1LnZuL3Rpbi5hc3B4P2lkPTEmY2F0PTLSAQA"
NAMESPACES = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def channel(*items: str) -> bytes:
    inside = "".join(f"<item><title>T</title>{item}</item>" for item in items)
    return f'<rss version="2.0" {NAMESPACES}><channel><title>Kinh tế</title>{inside}</channel></rss>'.encode()


@pytest.mark.parametrize(
    "links",
    [
        f"<link>{ESCAPED}</link>",
        f"<link>{STORY}</link>",
        "<link>/tin.aspx?id=1&amp;cat=2</link>",
        "<link>//baomau.vn/tin.aspx?id=1&amp;cat=2</link>",
        f"<link>\n  <![CDATA[\n  {STORY}\n ]]>\n</link>",
        f"<link/><guid isPermaLink='true'>{ESCAPED}</guid>",
        f"<link></link><guid>{ESCAPED}</guid>",
        f"<guid isPermaLink='false'>{ESCAPED}</guid>",
        f"<atom:link rel='alternate' type='text/html' href='{ESCAPED}'/>",
        f"<link>https://baomau.vn/~r/tin/~3/x/</link><feedburner:origLink>{ESCAPED}</feedburner:origLink>",
        "<link>https://tin.vn/chuyen?src=rss&amp;url=https%3A%2F%2Fbaomau.vn%2Ftin.aspx%3Fid%3D1%26cat%3D2</link>",
        f"<link>https://news.google.com/rss/articles/{BASE64}?oc=5</link>",
    ],
)
def test_the_address_of_an_item_is_found_wherever_it_stands(links: str) -> None:
    (link,) = read_feed(channel(links), URL).links
    assert link.url == STORY


def test_a_link_that_items_share_says_less_than_their_guids() -> None:
    items = [f"{FRONT}<guid>https://baomau.vn/tin-{n}.htm</guid>" for n in (1, 2)]
    links = read_feed(channel(*items), URL).links
    assert [link.url for link in links] == ["https://baomau.vn/tin-1.htm", "https://baomau.vn/tin-2.htm"]
    assert links[0].others == ("https://baomau.vn/",)


def test_what_a_link_mentions_is_not_what_it_wraps() -> None:
    url = "https://baomau.vn/tin-1.htm?returnUrl=https%3A%2F%2Fbaomau.vn%2Ftin-2.htm"
    (link,) = read_feed(channel(f"<link>{url}</link>"), URL).links
    assert link.addresses == (url,)


@pytest.mark.parametrize(
    "bad", ["\x0b", "\x00", "&#0;", "&#xD83D;", "&#8;", "\ufffe", "&khongco;", "&nbsp;", " & ", "&", "<", "]]>"]
)
def test_a_bad_character_costs_at_most_itself(bad: str) -> None:
    body = channel(
        f"<description>Gang{bad} thép</description><link>{ESCAPED}</link>", f"<link>{ESCAPED}3</link>"
    )
    assert [link.url for link in read_feed(body, URL).links] == [STORY, f"{STORY}3"]


def test_one_bad_byte_does_not_cost_the_letters_of_the_others() -> None:
    summary = "Khu công nghiệp Sông Công II ở Thái Nguyên mở rộng thêm 74 ha trước ngày 30 tháng 11".encode()
    item = f"<description>{summary.decode()}</description><link>{ESCAPED}</link>"
    for body in (channel(item, item), b'<?xml version="1.0" encoding="ISO-8859-1"?>' + channel(item, item)):
        links = read_feed(body.replace("Sông".encode(), b"S\xf4ng", 1), URL).links
        assert links[1].summary == summary.decode()
        assert "Thái Nguyên mở rộng" in links[0].summary
