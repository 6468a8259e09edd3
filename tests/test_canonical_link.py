"""The address a page names as its own: right ones bring twins together, wrong ones lose no story."""

import re

import pytest

from crawler.canonical_link import canonical_link
from crawler.sources import Source

SOURCE = Source(
    "baomau", "Báo Mẫu", "https://baomau.vn/", "national", re.compile(r"/(?!muc/)[^/?]+\.htm|\?p=\d|/tin")
)
OWN = "https://baomau.vn/kinh-te/thai-nguyen-mo-rong-khu-cong-nghiep-4711.htm"
OTHER = "https://baomau.vn/kinh-te/pho-yen-khoi-cong-nha-may-linh-kien-4702.htm"
TWIN = "https://baomau.vn/thai-nguyen-4711.htm"
TITLE = "Thái Nguyên mở rộng khu công nghiệp"


def named(head: str, own: str = OWN, title: str = TITLE, body: str = "") -> str | None:
    page = f"<!doctype html><html><head><title>{title} - Báo Mẫu</title>{head}</head><body>{body}<p>x</html>"
    return canonical_link(page.encode(), own, own, SOURCE)


def link(url: str) -> str:
    return f'<link rel="canonical" href="{url}">'


@pytest.mark.parametrize(
    "url",
    [
        OWN,
        "https://baomau.vn/thai-nguyen-mo-rong-khu-cong-nghiep-4711.htm",
        "https://baomau.vn/kinh-te/mo-rong-khu-cong-nghiep-o-thai-nguyen-them-74-ha-4711.htm",
        "http://www.baomau.vn/kinh-te/thai-nguyen-mo-rong-khu-cong-nghiep-4711.htm",
        "/kinh-te/thai-nguyen-mo-rong-khu-cong-nghiep-4711.htm",
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        '<link rel="canonical" href="{}">',
        "<LINK HREF='{}' REL=canonical />",
        "<link rel=canonical href={}>",
        '<link rel="alternate canonical" href="{}">',
    ],
)
def test_the_same_article_elsewhere_is_believed(url: str, form: str) -> None:
    found = named(form.format(url))
    assert found is not None
    assert found.endswith("-4711.htm")
    assert found.startswith("https://baomau.vn/")


@pytest.mark.parametrize(
    ("own", "url"),
    [
        ("https://baomau.vn/?p=4711", "https://baomau.vn/thai-nguyen-mo-rong-khu-cong-nghiep.htm"),
        ("https://baomau.vn/tin?id=4711&page=2", "https://baomau.vn/tin?id=4711"),
        ("https://baomau.vn/tin?newsid=4711", "https://baomau.vn/tin/thai-nguyen-4711.htm"),
        ("https://baomau.vn/a/thai-nguyen-mo-rong.htm", "https://baomau.vn/b/thai-nguyen-mo-rong.htm"),
        ("https://baomau.vn/thai-nguyen-mo-rong-khu-cn.htm", "https://baomau.vn/thai-nguyen-mo-rong-khu.htm"),
        (
            "https://baomau.vn/tin/2026/11/20/mo-rong/index.htm",
            "https://baomau.vn/tin/2026/11/20/mo-rong/index.htm",
        ),
    ],
)
def test_an_address_is_known_by_its_number_its_headline_or_the_title(own: str, url: str) -> None:
    assert named(link(url), own) == url


@pytest.mark.parametrize(
    "head",
    [
        "",
        link(OTHER),
        link("https://baomau.vn/"),
        link("https://baomau.vn/muc/kinh-te"),
        link("https://khac.vn/thai-nguyen-mo-rong-khu-cong-nghiep-4711.htm"),
        link("http://localhost:8080/thai-nguyen-mo-rong-khu-cong-nghiep-4711.htm"),
        link("{{ canonical_url }}"),
        link("{{url}}.htm"),
        link("/undefined.htm"),
        link(""),
        f"<!-- {link(TWIN)} -->",
        f"<script>document.write('{link(TWIN)}')</script>",
        f"<noscript>{link(TWIN)}</noscript>",
        f"<template>{link(TWIN)}</template>",
        "<link rel='stylesheet' href='/a-4711.htm'>",
    ],
)
def test_what_is_no_address_of_the_page_is_not_believed(head: str) -> None:
    assert named(head) is None


def test_a_link_in_the_body_is_of_something_else() -> None:
    assert named("", body=f"<div class='embed'>{link(TWIN)}</div>") is None


def test_of_several_links_the_pages_own_counts() -> None:
    assert named(link(OTHER) + link(OWN)) == OWN
    assert named(f"<!-- {link(OTHER)} -->{link(OWN)}{link(OTHER)}") == OWN


@pytest.mark.parametrize(
    ("own", "url"),
    [
        ("https://baomau.vn/tin?id=4711", "https://baomau.vn/tin"),
        ("https://baomau.vn/tin?id=4711", "https://baomau.vn/tin?id=1"),
        ("https://baomau.vn/ky-3.htm", "https://baomau.vn/ky-1.htm"),
        ("https://baomau.vn/gia-vang-hom-nay-4711.htm", "https://baomau.vn/gia-vang-hom-nay-4702.htm"),
        ("https://baomau.vn/thai-nguyen-nam-2026.htm", "https://baomau.vn/pho-yen-don-tet-2026.htm"),
        ("https://baomau.vn/thai-nguyen-hop-lan-thu-2.htm", "https://baomau.vn/giai-bong-da-vong-2.htm"),
        ("https://baomau.vn/tin/2026/11/20/mo-rong/", "https://baomau.vn/tin/2026/11/20/thu-hep/"),
    ],
)
def test_a_canonical_that_several_pages_share_is_none(own: str, url: str) -> None:
    assert named(link(url), own, title="Tin trong ngày") is None


def test_a_long_page_is_looked_through_in_no_time() -> None:
    page = b"<html><head>" + b"<script>" * 20_000 + b"<!--" * 20_000 + link(OWN).encode()
    assert canonical_link(page, OWN, OWN, SOURCE) is None
