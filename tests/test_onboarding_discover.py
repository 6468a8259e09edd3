"""What a page names is found in it: feeds, the menu, headlines, the outlet's name."""

import gzip
import os
import re
from pathlib import Path

import pytest

from archive.home import DEFAULTS
from crawler.onboarding.discover import named
from crawler.onboarding.url_pattern import MOST, derive
from crawler.sources import load_sources
from crawler.urls import canonical

SHARED = os.environ.get("DIEMTIN_SHARED")
URL = "https://bao.example/"
PAGE = """<html><head><title>Báo Thử - Trang chủ</title>
<link rel="alternate" type="application/rss+xml" href="/rss/the-thao.rss">
<link rel="alternate" type="application/atom+xml" href="/rss/kinh-te.rss">
<link rel="alternate" media="only screen" href="https://m.bao.example/">
</head><body><a href="/kinh-te">Kinh tế</a> <a href="/rss-feeds">RSS</a> <a href="/sitemap.xml">Sơ đồ</a>
<a href="/thoi-su.rss">Thời sự</a> <a href="/a-1.html">Xưởng chè bán hàng bằng mã truy xuất</a></body></html>"""


def test_feeds_menu_and_headlines_are_told_apart() -> None:
    found = named(PAGE.encode(), URL, "text/html; charset=utf-8")
    assert found.feeds == [f"{URL}rss/kinh-te.rss", f"{URL}thoi-su.rss", f"{URL}rss/the-thao.rss"]
    assert found.sitemaps == [f"{URL}sitemap.xml"]
    assert found.directories == [f"{URL}rss-feeds"]
    assert found.menu == [f"{URL}kinh-te", f"{URL}rss-feeds"]
    assert found.headlines == [f"{URL}a-1.html"]
    assert (found.site, found.title) == ("", "Báo Thử")


def test_a_host_is_no_name_of_an_outlet() -> None:
    def site(name: str) -> str:
        return named(f'<html><meta property="og:site_name" content="{name}"><p>x</p></html>'.encode(), URL).site

    assert site("Báo Thử") == "Báo Thử"
    assert site("bao.example") == ""


@pytest.mark.skipif(not SHARED, reason="DIEMTIN_SHARED is unset: the real list pages are not here")
@pytest.mark.parametrize("key", ["baochinhphu", "cafef", "tuoitre", "vnexpress"])
def test_the_form_of_a_real_page_is_the_one_known(key: str) -> None:
    source = load_sources(DEFAULTS / "sources.yml").by_key[key]
    body = gzip.decompress((Path(SHARED or "") / "pages" / "vn_lists" / f"{key}.html.gz").read_bytes())
    found = named(body, f"{source.home}/")
    headlines, menu = (
        [one for url in urls if (one := canonical(url, source))] for urls in (found.headlines, found.menu)
    )
    pattern = derive(headlines, menu, MOST)
    assert pattern is not None
    wrong = [
        url
        for url in headlines + menu
        if bool(re.search(pattern.regex, url)) != bool(source.article.search(url))
    ]
    assert wrong == []
