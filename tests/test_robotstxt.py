"""robots.txt however oddly it is written: what can be read of it is heeded."""

import codecs

import pytest
from protego import Protego

from crawler.robotstxt import LARGEST, plain

RULES = "User-agent: *\nDisallow: /cam/\nCrawl-delay: 0.5\n"


def allowed(body: bytes | str, path: str, agent: str = "diemtin") -> bool:
    body = body.encode() if isinstance(body, str) else body
    return bool(Protego.parse(plain(body).decode()).can_fetch(f"https://baomau.vn{path}", agent))


def delay(body: str) -> float | None:
    return Protego.parse(plain(body.encode()).decode()).crawl_delay("diemtin")


@pytest.mark.parametrize(
    "body",
    [
        RULES,
        codecs.BOM_UTF8 + RULES.encode(),
        RULES.encode("utf-16"),
        RULES.encode("utf-16-le"),
        RULES.replace("\n", "\r\n"),
        RULES.replace("\n", "\r"),
        RULES.replace("\n", "\u2028"),
        RULES.strip(),
        RULES.upper().replace("/CAM/", "/cam/"),
        RULES.replace(": ", ":\u00a0"),
        RULES.replace(": ", " : "),
        RULES.replace(": ", ":\t"),
        RULES.replace(": ", "\uff1a"),
        RULES.replace(": ", " "),
        RULES.replace("\n", "\n\n"),
        RULES.replace("\n", "  # ghi chú\n"),
        RULES.replace("User-agent", "User agent").replace("Disallow", "Dissallow"),
        RULES.replace("/cam/", "cam/"),
        RULES.replace("/cam/", "https://baomau.vn/cam/"),
        RULES.replace("/cam/", "/*cam/"),
        f"# {'x' * 600_000}\n{RULES}",
        "User-agent: Googlebot\nUser-agent: diemtin/0.1\nDisallow: /cam/\n\nUser-agent: *\nDisallow:\n",
        f"User-agent: *\nDisallow: /tam/\n\nUser-agent: x\nDisallow: /\n\n{RULES}",
        "User-agent: *\nAllow: /cam/mo/\nDisallow: /cam/",
        "Sitemap: https://baomau.vn/a.xml\nUser-agent: *\nNoindex: /\nclean-param: a\nDisallow: /cam/",
        b"\xfa rubbish \x00\n" + RULES.encode(),
    ],
)
def test_a_rule_holds_however_it_is_written(body: bytes | str) -> None:
    assert not allowed(body, "/cam/tin-1.htm")
    assert allowed(body, "/tin-1.htm")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<!DOCTYPE html><html><head><title>Trang chủ</title></head><body>Disallow: /</body></html>",
        "User-agent: *\nDisallow:\n",
        "Không tìm thấy",
        "User-agent: Googlebot\nDisallow: /\n",
    ],
)
def test_what_holds_no_rule_for_us_allows_all(body: str) -> None:
    assert allowed(body, "/cam/tin-1.htm")


def test_vietnamese_letters_in_a_rule_and_in_an_address_meet() -> None:
    body = "User-agent: *\nDisallow: /cấm/\n"
    assert not allowed(body, "/c%E1%BA%A5m/tin-1.htm")
    assert not allowed(body, "/cấm/tin-1.htm")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("0,5", 0.5), ("0.5", 0.5), ("10", 10.0), ("10s", 10.0), ("2 giây", 2.0), ("x", None)],
)
def test_a_crawl_delay_is_read_with_comma_and_unit(written: str, seconds: float | None) -> None:
    assert delay(f"User-agent: *\nCrawl-delay: {written}\nDisallow: /cam/") == seconds


def test_rules_beyond_the_limit_are_left_out() -> None:
    many = "".join(f"Disallow: /x{n}\n" for n in range(LARGEST // 10))
    assert len(plain(f"User-agent: *\nDisallow: /cam/\n{many}".encode())) <= LARGEST
    assert not allowed(f"User-agent: *\nDisallow: /cam/\n{many}", "/cam/a")
