"""Whatever stands in an address, every route answers or says plainly why not: never a 500."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from datasette.app import Datasette

from archive.home import Home
from archive.web.app import build
from archive.web.request import served
from tests import web_sample

ROUTES = [
    "/", "/tim", "/tim.atom", "/tim.csv", "/bai/1", "/bai/1/ban-luu", "/bai/1/ban-luu/1", "/nguon", "/ban-tin",
    "/ban-tin/7", "/ban-tin/sang.atom", "/ban-tin/7/noi-dung", "/chu-de", "/chu-de/cong-nghiep", "/van-ban",
    "/dang-nhap", "/dang-xuat", "/sua-go", "/sua-go.atom", "/sua-go.csv",
    "/bao-cao", "/bao-cao/bai", "/truong-hop", "/so-lieu", "/so-lieu/iip", "/so-lieu/iip.csv",
    "/phan-hoi", "/phan-hoi.csv", "/phan-hoi/moi", "/phan-hoi/1",
    "/tim/so-sanh", "/tim/da-luu", "/tro-giup",
]  # fmt: skip
PARAMS = (
    "q",
    "tim",
    "nguon",
    "chude",
    "noi",
    "tochuc",
    "tu",
    "den",
    "xep",
    "trang",
    "so",
    "ve",
    "lang",
    "da",
    "dau",
    "loai",
    "truoc",
    "thang",
    "theo",
    "gia",
    "dem",
    "muc",
    "nay",
    "ma",
    "loc",
    "giao",
    "bai",
    "a",
    "b",
    "xem",
    "ten",
    "xong",
)
NUMBERS = ("-1", "0", "9" * 400, "1e9", "٣", "²", "0x10", "1.5", "+1", "NaN", "9223372036854775808")
DAYS = ("2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "2026-W07-1", "20261121", "hôm qua",
        "-2026-01-01",
        "2026-11-21T25:00", "10000-01-01", "2026-1-1")  # fmt: skip
WORDS = (
    "a" * 10_000, "khu công nghiệp " * 625, '"' * 333, '"khu công', "(" * 200 + ")" * 90, "và của là",
    "😀🎉👨‍👩‍👧",
    "'; drop table articles; --", "1 union select body from articles", "<script>alert(1)</script>", "\x00",
    "a\x00b",
    "đã:", 'dấu:"', "is:,", "2026-11-21T04:00:00Z~1~2~" + "9" * 18, "~0~0",
    "NEAR(", "-", "OR OR", "title:", "sau:hôm-qua after:x before:", "*", "%", "\u202e\u0301\u0301",
    "\ufeff\ufffe",
    "khu* " * 200, "nguồn:" * 50, "\r\nset-cookie: x=1", "../../etc/passwd", "{{7*7}}", "\\", "a" * 200 + "*",
)  # fmt: skip
BYTES = (
    "%ff%fe",
    "%C3%28",
    "%ED%A0%80",
    "%",
    "%zz",
    "%u0061",
    "%00",
    "%F4%90%80%80",
    "+" * 500,
    "&&==&=",
    "%26%3D",
)
PATHS = (
    "/bai/0", "/bai/-1", "/bai/1e3", "/bai/99999999999999999999", "/bai/1%00", "/bai/%C4%90",
    "/bai/1/ban-luu/x",
    "/bai/1/ban-luu/9999999999999999999999", "/chu-de/%FF", "/chu-de/%00",
    "/chu-de/" + "a" * 5000, "/ban-tin/%FF.atom",
    "/ban-tin/0/noi-dung", "/tim.xml", "/tim/", "//", "/%2e%2e/", "/%0d%0aset-cookie:x=1", "/archive/x", "/%FF",
    "/archive/articles/%FF", "/archive/articles/%00", "/-/static-plugins/diemtin/%00",
    "/-/static-plugins/diemtin/..",
    "/.json", "/archive/articles.json?_search=%22%22%22",
    "/archive/articles?_next=%FF",
)  # fmt: skip


@pytest.fixture
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Datasette]:
    home = Home.at(tmp_path_factory.mktemp("bad"))
    web_sample.fill(home.archive_db)
    web_sample.fill_pages(home.pages_db)
    async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as datasette:
        yield datasette


async def fault(site: Datasette, address: str, **given: object) -> str:
    """The address and what is wrong with its answer; '' for a fine one."""
    answer = await site.client.get(address, **given)
    html = "html" in answer.headers.get("content-type", "")
    plain = answer.status_code < 500 and not (html and "<script>alert" in answer.text)
    strange = [name for name in answer.headers if name == "set-cookie" and "x=1" in answer.headers[name]]
    return "" if plain and not strange else f"{answer.status_code} {address[:120]} {strange}"


@pytest.mark.parametrize("route", ROUTES)
async def test_nonsense_in_any_parameter_is_no_fault(site: Datasette, route: str) -> None:
    chance = random.Random(route)
    told = [*WORDS, *DAYS, *NUMBERS]
    asked = [
        f"{name}={quote(text)}"
        for name in ("q", "trang", "tu")
        for text in told
        if name == "q" or len(text) < 99
    ]
    asked += [f"{name}={quote(chance.choice(told))}" for name in PARAMS]
    asked += [f"{name}={raw}" for name in PARAMS for raw in chance.sample(BYTES, 2)]
    asked += ["&".join(f"{name}={quote(chance.choice(told)[:500])}" for name in PARAMS) for _ in range(5)]
    asked += [f"q={quote(bytes(chance.randbytes(60)))}" for _ in range(5)]
    if route != "/tim":
        asked = chance.sample(asked, 25)
    assert not [wrong for query in asked if (wrong := await fault(site, f"{route}?{query}"))]


@pytest.mark.parametrize("path", PATHS)
async def test_nonsense_in_a_path_is_no_fault(site: Datasette, path: str) -> None:
    assert not await fault(site, path)


async def test_nonsense_in_headers_is_no_fault(site: Datasette) -> None:
    for name, value in [
        ("cookie", "diemtin_lang=\xff; ds_csrftoken=%00; =; ;;"),
        ("cookie", "diemtin_reader=" + "a." * 2000),
        ("authorization", "Basic \xff"),
        ("x-csrftoken", "\xff"),
        ("host", "evil.example"),
        ("content-length", "-1"),
    ]:
        assert not await fault(site, "/tim?q=x", headers={name: value.encode("latin-1")}), name


@pytest.mark.parametrize(
    "query",
    [
        "a" * 10_000,
        "khu công nghiệp " * 700,
        '"' * 500,
        '"khu công',
        "(" * 300,
        "và của là",
        "😀🎉",
        "'; drop table articles; --",
        "<script>alert(1)</script>",
        "\x00",
        "khu\x00cong",
        "NEAR(",
        "-công",
        "OR OR OR",
        "title:",
        "sau:hôm-qua",
        "*",
        "{title} : x",
        "%",
        "\ud83d".encode("utf-8", "replace").decode(),
    ],
)
async def test_any_text_may_be_searched_for(site: Datasette, query: str) -> None:
    for path in ("/tim", "/tim.atom", "/tim.csv", "/bai/1", "/archive/articles.json"):
        name = "_search" if path.startswith("/archive") else "q"
        page = await site.client.get(path, params={name: query})
        assert page.status_code == 200, path
        assert "json" in page.headers["content-type"] or "<script>alert(1)" not in page.text


@pytest.mark.parametrize(
    "params",
    [
        {"trang": "0"},
        {"trang": "-3"},
        {"trang": "abc"},
        {"trang": "9" * 40},
        {"trang": "٣"},
        {"tu": "2026-99-99"},
        {"tu": "0001-01-01", "den": "9999-12-31"},
        {"tu": "2026-12-31", "den": "2026-01-01"},
        {"xep": "x"},
        {"nguon": "' or 1=1 --"},
        {"chude": "x" * 5000},
        {"noi": "\x00"},
        {"lang": "xx"},
    ],
)
async def test_bad_parameters_are_no_fault(site: Datasette, params: dict[str, str]) -> None:
    for path in ("/tim", "/chu-de/cong-nghiep", "/van-ban", "/"):
        page = await site.client.get(path, params={"q": "cong nghiep", **params})
        assert page.status_code == 200, path


CLIMBING = (
    "../etc/passwd", "../" * 8 + "etc/passwd", "..%2f" * 8 + "etc%2fpasswd", "%2e%2e/" * 8 + "etc/passwd",
    "..%252f" * 8 + "etc/passwd", "....//" * 8 + "etc/passwd", "..\\" * 8 + "etc\\passwd", "%00", "/etc/passwd",
    "%2fetc%2fpasswd", "..%c0%af" * 6 + "etc/passwd", "password", "../password", "..%2fpassword", "a" * 5000,
    "~2E~2E~2Fpassword",
)  # fmt: skip
FOLDERS = (
    "/-/static-plugins/diemtin/", "/-/static/", "/ban-tin/", "/ban-tin/7/tep/", "/bai/1/ban-luu/", "/so-lieu/",
    "/chu-de/", "/cai-dat/chu-de/", "/cai-dat/ban-tin/", "/cai-dat/nguon/viec/", "/archive/", "/", "/tro-giup/",
    "/archive/articles/", "/phan-hoi/", "/bao-cao/tep?dang=", "/bao-cao/tep?thang=",
)  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS)
async def test_no_name_leads_out_of_its_folder(site: Datasette, folder: str, tmp_path: Path) -> None:
    home = served(site).home
    assert home
    (home.path / "password").write_text("root:x:bí mật")
    for name in CLIMBING:
        answer = await site.client.get(folder + name)
        assert answer.status_code < 500, name
        assert "root:" not in answer.text, name


ODD_CHOICES = ("NaN", "9999-12-31", "😀", "\x00", "' or 1=1", "-1", "x" * 500, "[", "{x}")


@pytest.mark.parametrize(
    ("path", "name"),
    [("/cai-dat/quy-tac", "days"), ("/cai-dat/quy-tac", "digest"),
     ("/cai-dat/ban-tin/hang-ngay/noi-nhan/moi", "loai"),
     ("/cai-dat", "loai"), ("/cai-dat/nhat-ky", "trang"), ("/bao-cao/tep", "dang"), ("/ban/xem-truoc", "dang")],
)  # fmt: skip
async def test_an_odd_choice_is_no_fault(site: Datasette, path: str, name: str) -> None:
    token = site.sign("x", "csrftoken")
    own = {"cookies": {"ds_csrftoken": token}, "headers": {"origin": "http://localhost"}}
    for odd in ODD_CHOICES:
        assert not await fault(site, f"{path}?q=công&{name}={quote(odd)}")
        data = {"csrftoken": token, "q": "công", name: odd}
        assert (await site.client.post(path, data=data, **own)).status_code < 500
