"""Pages fetched for ``read`` and ``sources``: robots.txt first, own hosts, nothing private, within limits."""

import pytest

from archive.config import ConfigError
from crawler import fetching
from crawler.fetching import Visitor, fetch
from crawler.sources import Sources
from tests.tiny_site import HTML, TEXT, Page, TinySite

HOST = "127.0.0.1"


def visitor(own: object = True, delay: float = 0.0) -> Visitor:
    return Visitor("", delay, own=lambda netloc: own, private={HOST})


def test_a_page_comes_with_its_final_address_and_type() -> None:
    pages: dict[str, Page] = {"/a": (301, "", TEXT, {"Location": "/b"}), "/b": (200, "<p>Xin chào</p>", HTML)}
    with TinySite(pages) as site:
        body, url, kind = fetch(f"{site.home}/a", Sources({}, ()))
    assert (body.decode(), url, kind) == ("<p>Xin chào</p>", f"{site.home}/b", HTML)
    assert site.paths == ["/robots.txt", "/a", "/b"]


def test_robots_is_asked_once_and_obeyed() -> None:
    pages = {"/robots.txt": (200, "User-agent: diemtin\nDisallow: /rieng", TEXT), "/tin": (200, "x", HTML)}
    with TinySite(pages) as site, visitor() as visits:
        assert visits.get(f"{site.home}/tin").status == 200
        assert visits.get(f"{site.home}/rieng/a").problem == "robots.txt does not allow it"
        with pytest.raises(ConfigError, match="does not allow it"):
            fetch(f"{site.home}/rieng/a", Sources({}, ()))
    assert site.paths == ["/robots.txt", "/tin", "/robots.txt"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_robots_txt_that_fails_means_not_now(status: int) -> None:
    with TinySite({"/robots.txt": (status, "", TEXT), "/tin": (200, "x", HTML)}) as site, visitor() as visits:
        assert visits.get(f"{site.home}/tin").problem == f"robots.txt answered {status}, try again later"
    assert site.paths == ["/robots.txt"]


def test_a_redirect_to_another_host_is_not_followed() -> None:
    with TinySite({"/": (200, "x", HTML)}) as other:
        pages = {"/": (302, "", TEXT, {"Location": f"{other.home}/"})}
        with TinySite(pages) as site:
            own = site.home.removeprefix("http://")
            with Visitor("", own=lambda netloc: netloc == own, private={HOST}) as visits:
                assert "leads to another host" in visits.get(f"{site.home}/").problem
    assert other.visits == []


def test_private_addresses_are_refused_unless_they_are_meant() -> None:
    with TinySite({"/": (200, "x", HTML)}) as site, Visitor("") as visits:
        assert visits.get(f"{site.home}/").problem == "127.0.0.1 leads to the private address 127.0.0.1"
        assert "private address" in visits.get(site.home.replace(HOST, "localhost")).problem
        assert visits.get("http://169.254.169.254/latest").problem.endswith("private address 169.254.169.254")
        assert visits.get("file:///etc/hostname").problem == "is no http(s) address"
    assert site.visits == []


def test_a_page_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "DOWNLOAD_MAXSIZE", 2_000_000)
    with TinySite({"/": (200, "x" * 2_000_001, HTML)}) as site, visitor() as visits:
        assert visits.get(f"{site.home}/").problem == "is larger than 2 MB"


def test_cookies_are_not_kept() -> None:
    pages = {"/": (302, "", TEXT, {"Location": "/", "Set-Cookie": "d=1"})}
    with TinySite(pages) as site, visitor() as visits:
        reply = visits.get(f"{site.home}/")
    assert (reply.problem, reply.refused) == ("redirects without end", True)
    assert len(site.visits) == 7
