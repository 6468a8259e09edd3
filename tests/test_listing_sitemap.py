"""Sitemaps: indexes, news, gzip, dates; and those that are broken or meant to break the reader."""

import gzip
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.listings import sitemap
from crawler.listings.sitemap import read_sitemap

URL = "https://baomau.vn/sitemap.xml"
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(inside: str, *, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f"{head}<urlset {SPACE} {NEWS}>{inside}</urlset>".encode()


def entry(number: int, extra: str = "") -> str:
    return f"<url><loc>https://baomau.vn/tin-{number}.htm</loc>{extra}</url>"


def test_addresses_come_in_order_with_their_last_change() -> None:
    body = urlset(entry(1, "<lastmod>2026-09-05T13:30:00+07:00</lastmod>") + entry(2))
    first, second = read_sitemap(body, URL).links
    assert (first.url, second.url) == ("https://baomau.vn/tin-1.htm", "https://baomau.vn/tin-2.htm")
    assert first.changed_at == datetime(2026, 9, 5, 6, 30, tzinfo=UTC)
    assert second.changed_at is None


def test_a_last_change_is_no_time_of_publication() -> None:
    (link,) = read_sitemap(urlset(entry(1, "<lastmod>2026-09-05</lastmod>")), URL).links
    assert link.published_at is None
    assert link.newest_at == link.changed_at


def test_a_news_sitemap_gives_title_and_publication_date_before_the_last_change() -> None:
    news = (
        "<lastmod>2026-09-20</lastmod><news:news><news:publication_date>2026-09-05T13:30:00+07:00"
        "</news:publication_date><news:title><![CDATA[ Gang thép & điện ]]></news:title></news:news>"
    )
    (link,) = read_sitemap(urlset(entry(1, news)), URL).links
    assert link.title == "Gang thép & điện"
    assert link.published_at == datetime(2026, 9, 5, 6, 30, tzinfo=UTC)


def test_an_index_names_further_sitemaps_and_no_articles() -> None:
    body = (
        f"<sitemapindex {SPACE}><sitemap><loc>/sitemap-2026-09.xml.gz</loc><lastmod>2026-09-05</lastmod>"
        "</sitemap><sitemap><loc> https://baomau.vn/b.xml </loc></sitemap></sitemapindex>"
    )
    listing = read_sitemap(body.encode(), URL)
    assert listing.links == ()
    assert [link.url for link in listing.further] == [
        "https://baomau.vn/sitemap-2026-09.xml.gz",
        "https://baomau.vn/b.xml",
    ]
    assert listing.further[0].changed_at == datetime(2026, 9, 4, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip.compress(urlset(entry(1))), id="gzip"),
        pytest.param(
            gzip.compress(urlset("")[:90]) + gzip.compress(urlset(entry(1))[90:]), id="gzip in two parts"
        ),
        pytest.param(b"\xef\xbb\xbf" + urlset(entry(1)), id="byte order mark"),
        pytest.param(b"\n \n" + urlset(entry(1)), id="blank lines first"),
        pytest.param(urlset(entry(1), head=""), id="no declaration"),
        pytest.param(b"<urlset><url><loc>https://baomau.vn/tin-1.htm</loc></url></urlset>", id="no namespace"),
        pytest.param(
            urlset(entry(1), head='<?xml version="1.0" encoding="utf-16"?>'), id="says utf-16, is UTF-8"
        ),
        pytest.param(
            urlset(entry(1), head='<?xml version="1.0" encoding="utf-16"?>').decode().encode("utf-16"),
            id="UTF-16",
        ),
    ],
)
def test_a_sitemap_is_read_however_it_is_packed(body: bytes) -> None:
    listing = read_sitemap(body, URL)
    assert listing.problem == ""
    assert [link.url for link in listing.links] == ["https://baomau.vn/tin-1.htm"]


def test_a_gzip_bomb_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "LARGEST", 1_000_000)
    bomb = gzip.compress(urlset(" " * 2_000_000), 9)
    assert len(bomb) < 20_000
    listing = read_sitemap(bomb, URL)
    assert listing.problem.startswith("no_gzip ")
    assert listing.links == ()


def test_a_gzip_bomb_in_many_parts_is_a_problem_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "LARGEST", 1_000_000)
    assert read_sitemap(gzip.compress(b" " * 300_000) * 4, URL).problem.startswith("no_gzip ")


def test_an_unpacked_sitemap_of_the_largest_size_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    body = urlset(entry(1))
    monkeypatch.setattr(sitemap, "LARGEST", len(body))
    assert len(read_sitemap(gzip.compress(body), URL).links) == 1


def test_damaged_gzip_is_a_problem() -> None:
    packed = gzip.compress(urlset(entry(1)))
    assert read_sitemap(packed[:4] + b"\xff" * 40, URL).problem.startswith("no_gzip ")
    assert read_sitemap(packed[:-12], URL).problem.startswith("no_gzip ")
    assert zlib.crc32(packed)


def test_an_entity_bomb_gives_no_flood() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY l0 "ha">{levels}]>'.encode() + urlset(
        "<url><loc>https://baomau.vn/&l9;</loc></url>" + entry(1), head=""
    )
    assert sum(len(link.url) for link in read_sitemap(bomb, URL).links) < 10_000


def test_an_entity_does_not_bring_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("matkhau", encoding="utf-8")
    head = f'<!DOCTYPE urlset [<!ENTITY f SYSTEM "file://{secret}">]>'
    body = urlset("<url><loc>https://baomau.vn/&f;</loc></url>", head=head)
    assert "matkhau" not in str(read_sitemap(body, URL))


def test_broken_xml_gives_what_can_be_read() -> None:
    body = urlset(entry(1) + "<url><loc>https://baomau.vn/a&b</loc></url>" + entry(2))[:-15]
    urls = [link.url for link in read_sitemap(body, URL).links]
    assert urls[0] == "https://baomau.vn/tin-1.htm"
    assert "https://baomau.vn/tin-2.htm" in urls


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"\x00\x01",
        b"not found",
        b"<!DOCTYPE html><html><head><title>404</title></head><body>x</body></html>",
        b'<rss version="2.0"><channel></channel></rss>',
    ],
)
def test_what_is_no_sitemap_is_a_problem(body: bytes) -> None:
    listing = read_sitemap(body, URL)
    assert listing.problem
    assert listing.links == ()


def test_an_empty_sitemap_is_a_sitemap_without_links() -> None:
    listing = read_sitemap(urlset("<url><loc> </loc></url><url/>"), URL)
    assert listing.problem == ""
    assert listing.links == ()


def test_an_address_that_is_none_does_not_lose_the_others() -> None:
    body = urlset("<url><loc>http://[::1</loc></url>" + entry(2))
    assert "https://baomau.vn/tin-2.htm" in [link.url for link in read_sitemap(body, URL).links]


def test_a_date_that_is_none_does_not_lose_the_address() -> None:
    (link,) = read_sitemap(urlset(entry(1, "<lastmod>0001-01-01T00:00:00+07:00</lastmod>")), URL).links
    assert link.published_at is None


def urls(body: bytes | str, content_type: str = "") -> list[str]:
    listing = read_sitemap(body.encode() if isinstance(body, str) else body, URL, content_type)
    assert listing.problem == ""
    return [link.url for link in listing.links]


BOTH = ["https://baomau.vn/tin-1.htm", "https://baomau.vn/tin-2.htm"]
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("?id=1&cat=2", "?id=1&cat=2"),
        ("?id=1&amp;cat=2", "?id=1&cat=2"),
        ("?id=1&copy=2&lt=3", "?id=1&copy=2&lt=3"),
        ("?id=1&#38;cat=2", "?id=1&cat=2"),
        ("<![CDATA[?id=1&cat=2]]>", "?id=1&cat=2"),
        ("?ten=B&ecirc;&nbsp;T&#xF4;ng", "?ten=Bê\xa0Tông"),
    ],
)
def test_an_ampersand_costs_neither_its_own_address_nor_the_next(written: str, meant: str) -> None:
    body = f"{HEAD}<urlset><url><loc>https://baomau.vn/tin{written}</loc></url>{entry(2)}</urlset>"
    assert urls(body) == [f"https://baomau.vn/tin{meant}", BOTH[1]]


@pytest.mark.parametrize(
    "bad", ["\x0b", "\x00", "&#0;", "&#xD83D;", "&#8;", "\ufffe", "&khongco;", "<", "]]>", "& "]
)
def test_a_bad_character_costs_at_most_its_entry(bad: str) -> None:
    news = f"<news:news><news:title>Gang{bad} thép</news:title></news:news>"
    assert urls(urlset(entry(1, news) + entry(2))) == BOTH


def test_a_bad_byte_costs_nothing_else() -> None:
    title = "<news:news><news:title>Khu công nghiệp Sông Công II mở rộng thêm 74 ha</news:title></news:news>"
    body = urlset(entry(1, title) + entry(2, title)).replace("Sông".encode(), b"S\xf4ng", 1)
    first, second = read_sitemap(body, URL).links
    assert "công nghiệp" in first.title
    assert second.title == "Khu công nghiệp Sông Công II mở rộng thêm 74 ha"


TWO = entry(1) + entry(2)
ITEMS = "".join(f"<item><link>{url}</link></item>" for url in BOTH)
ENTRIES = "".join(f"<entry><title>A</title><link href='{url}'/></entry>" for url in BOTH)
PREFIXED = TWO.replace("<", "<s:").replace("<s:/", "</s:")
PICTURES = "".join(
    f"<url><i:image><i:url>a</i:url><i:loc>{url}.jpg</i:loc></i:image><loc>{url}</loc></url>" for url in BOTH
)
NOT_QUITE = {
    "an address on each line": "\n".join(BOTH),
    "the same with mark and CRLF": "\ufeff" + "\r\n".join(BOTH) + "\r\n\r\n",
    "RSS": f"<rss version='2.0'><channel><image><url>https://baomau.vn/a.png</url></image>{ITEMS}</channel></rss>",
    "Atom": f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{ENTRIES}</feed>",
    "a notice in front": f"<br />\n<b>Notice</b>: on line <b>7</b><br />\n{HEAD}<urlset>{TWO}</urlset>",
    "upper-case tags": f"<URLSET>{TWO}</URLSET>".replace("url>", "URL>").replace("loc>", "LOC>"),
    "two documents": f"{HEAD}<urlset>{entry(1)}</urlset>\n{HEAD}<urlset>{entry(2)}</urlset>",
    "cut off": f"<urlset>{TWO}<url><loc>https://baomau.vn/ti",
    "a tag missing": f"<urlset>{entry(1)}<url><loc>https://baomau.vn/x</url>{entry(2)}</urlset>",
    "an entry in a comment": f"<urlset><!-- {entry(3)} -->{TWO}</urlset>",
    "prefixes": f"<s:urlset xmlns:s='x'>{PREFIXED}</s:urlset>",
    "pictures before the address": f"<urlset>{PICTURES}</urlset>",
    "its beginning lost": f"{TWO}</urlset>",
}


@pytest.mark.parametrize("body", NOT_QUITE.values(), ids=list(NOT_QUITE))
def test_a_sitemap_that_is_not_quite_one_is_read(body: str) -> None:
    assert urls(body) == BOTH


def test_a_sitemap_packed_twice_is_unpacked_twice() -> None:
    assert urls(gzip.compress(gzip.compress(urlset(entry(1) + entry(2)))), "application/xml") == BOTH


def test_news_under_another_prefix_and_pictures_with_titles_are_told_apart() -> None:
    extra = (
        "<i:image><i:loc>a.jpg</i:loc><i:title>Ảnh</i:title></i:image><n:news><n:title>Gang thép</n:title>"
        "<n:publication_date>2026-09-05T13:30:00+07:00</n:publication_date></n:news>"
    )
    (link,) = read_sitemap(urlset(entry(1, extra)), URL).links
    assert (link.title, link.published_at) == ("Gang thép", datetime(2026, 9, 5, 6, 30, tzinfo=UTC))
