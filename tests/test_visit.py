"""Single pages for ``read`` and ``sources``: robots.txt first, own hosts, nothing private, within limits."""

from collections.abc import Callable

import pytest

from crawler import settings
from crawler.spiders.visit import Reply, fetch, run, visit_site
from tests.tiny_site import HTML, TEXT, Page, TinySite

HOST = "127.0.0.1"


def visit(*urls: str, owns: Callable[[str], object] = bool, private: tuple[str, ...] = (HOST,)) -> list[Reply]:
    async def get_all() -> list[Reply]:
        async with visit_site("", owns=owns) as visitor:
            return [await visitor.get(url) for url in urls]

    return run(get_all(), private)


def test_a_page_comes_with_its_final_address_and_type() -> None:
    pages: dict[str, Page] = {"/a": (301, "", TEXT, {"Location": "/b"}), "/b": (200, "<p>Xin chào</p>", HTML)}
    with TinySite(pages) as site:
        reply = fetch(f"{site.home}/a", "")
    assert (reply.body.decode(), reply.url, reply.content_type) == ("<p>Xin chào</p>", f"{site.home}/b", HTML)
    assert site.paths == ["/robots.txt", "/a", "/b"]


def test_robots_is_asked_once_and_obeyed() -> None:
    pages = {"/robots.txt": (200, "User-agent: diemtin\nDisallow: /rieng", TEXT), "/tin": (200, "x", HTML)}
    with TinySite(pages) as site:
        page, forbidden = visit(f"{site.home}/tin", f"{site.home}/rieng/a")
        assert page.status == 200
        assert (forbidden.problem, forbidden.refused) == ("robots", True)
        assert fetch(f"{site.home}/rieng/a", "").problem == "robots"
    assert site.paths == ["/robots.txt", "/tin", "/robots.txt"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_robots_txt_that_fails_means_not_now(status: int) -> None:
    with TinySite({"/robots.txt": (status, "", TEXT), "/tin": (200, "x", HTML)}) as site:
        (reply,) = visit(f"{site.home}/tin")
    assert reply.problem == f'robots_http {{"status": {status}}}'
    assert site.paths == ["/robots.txt"]


def test_a_redirect_to_another_host_is_not_followed() -> None:
    with TinySite({"/": (200, "x", HTML)}) as other:
        pages = {"/": (302, "", TEXT, {"Location": f"{other.home}/"})}
        with TinySite(pages) as site:
            own = site.home.removeprefix("http://")
            (reply,) = visit(f"{site.home}/", owns=lambda netloc: netloc == own)
    assert reply.problem.startswith("redirect_host ")
    assert other.visits == []


def test_private_addresses_are_refused_unless_they_are_meant() -> None:
    with TinySite({"/": (200, "x", HTML)}) as site:
        urls = [f"{site.home}/", site.home.replace(HOST, "localhost"), "http://169.254.169.254/latest"]
        by_number, by_name, link_local, file = visit(*urls, "file:///etc/hostname", private=())
    assert by_number.problem == 'private_address {"host": "127.0.0.1", "address": "127.0.0.1"}'
    assert by_name.problem == 'private_address {"host": "localhost", "address": "127.0.0.1"}'
    assert link_local.problem.startswith("private_address ")
    assert file.problem == "no_address"
    assert site.visits == []


def test_a_name_with_a_private_answer_is_refused_where_a_redirect_leads_to_it() -> None:
    with TinySite({"/": (200, "x", HTML)}) as inside:
        behind = inside.home.replace(HOST, "localhost")
        with TinySite({"/": (302, "", TEXT, {"Location": f"{behind}/"})}) as site:
            (reply,) = visit(f"{site.home}/")
    assert "localhost" in reply.problem
    assert inside.visits == []


def test_a_page_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DOWNLOAD_MAXSIZE", 2_000_000)
    with TinySite({"/": (200, "x" * 2_000_001, HTML)}) as site:
        (reply,) = visit(f"{site.home}/")
    assert (reply.problem, reply.body) == ("too_large", b"")


def test_cookies_are_not_kept() -> None:
    pages = {"/": (302, "", TEXT, {"Location": "/", "Set-Cookie": "d=1"})}
    with TinySite(pages) as site:
        (reply,) = visit(f"{site.home}/")
    assert (reply.problem, reply.refused) == ("redirects", True)
    assert len(site.visits) == 7


def test_the_delay_is_kept_between_all_requests_of_a_visit() -> None:
    async def get(site: str) -> int:
        async with visit_site("", delay=0.05) as visitor:
            for _ in range(3):
                await visitor.get(f"{site}/")
            return visitor.requests

    with TinySite({"/": (200, "x", HTML)}) as site:
        assert run(get(site.home), {HOST}) == 4
    times = [at for _, _, at in site.visits]
    assert times[-1] - times[0] > 0.15


def test_a_fault_of_the_work_comes_out_of_the_visit() -> None:
    async def fail(site: str) -> None:
        async with visit_site("") as visitor:
            await visitor.get(f"{site}/")
            raise LookupError("mine")

    with TinySite({"/": (200, "x", HTML)}) as site, pytest.raises(LookupError, match="mine"):
        run(fail(site.home), {HOST})
