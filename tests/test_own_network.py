"""No page, redirect, webhook or changing name leads into one's own network (SSRF, DNS rebinding)."""

import socket
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from archive.digests import webhook
from archive.digests.channels import Secrets, Undelivered, WebhookChannel
from archive.evidence.stamps import NoStamp, _post
from archive.network.addresses import is_local_name, is_public, names_own_network, number_of
from archive.network.dial import PrivateAddress, opener
from archive.refused import BadAddress
from crawler import resolver
from crawler.asked import ask
from crawler.resolver import own_network_as_named, private_hosts
from crawler.sources import Sources, load_sources
from crawler.spiders.visit import fetch, run, visit_site
from tests.part import part
from tests.raw_site import Raw, RawSite, answer
from tests.refusing_site import write_home

pytestmark = pytest.mark.timeless

ANY = "0.0.0.0"  # noqa: S104 - nothing is bound to it
PAGE = answer("<p>Bài</p>")
LOOPBACK = (
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0x7f.0x0.0x0.0x1",
    "0177.0.0.1", "017700000001", "１２７.0.0.1", "127。0。0。1", "127．0．0．1", "127.0.0.1.", "[::1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
)  # fmt: skip
NOT_PUBLIC = (
    "127.0.0.1", "127.8.9.1", ANY, "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1", "203.0.113.5", "::", "::1",
    "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "64:ff9b:1::808:808", "2002:7f00:1::", "2002:808:808::1", "2001:0:808:808::1", "fe80::1",
    "fe80::1%eth0", "2606:4700::1%lo", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "203.113.131.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_of_the_open_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", LOOPBACK)
def test_a_number_is_known_however_it_is_spelled(host: str) -> None:
    number = number_of(host)
    assert number is not None
    assert not is_public(number)
    assert not own_network_as_named([])(f"{host}:8001")


@pytest.mark.parametrize("host", ["bao.vn", "10.vn", "beef.vn", "a.0x7f", "1.2.3.4.5"])
def test_names_are_no_numbers(host: str) -> None:
    assert number_of(host) is None


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.", "a.localhost", "ｌocalhost"])
def test_names_of_this_machine(host: str) -> None:
    assert is_local_name(host)


def test_only_plain_numbers_of_ones_own_network_count_as_meant() -> None:
    assert [host for host in (*LOOPBACK, "localhost") if names_own_network(host)] == [
        "127.0.0.1", "[::1]", "localhost",
    ]  # fmt: skip
    assert not any(map(names_own_network, ["169.254.169.254", ANY, "224.0.0.1", "[fe80::1]", "[::]"]))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> "Names":
    return Names(monkeypatch)


class Names:
    """What names lead to, one answer after the other, and how often they were looked up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, Iterator[str]] = {}
        self.asked: list[str] = []
        by_name, info = socket.gethostbyname, socket.getaddrinfo

        def gethostbyname(name: str) -> str:
            return self._next(name) if name in self.answers else by_name(name)

        def getaddrinfo(host: str, port: int, *more: int, **named: int) -> object:
            return info(self._next(host) if host in self.answers else host, port, *more, **named)

        monkeypatch.setattr(socket, "gethostbyname", gethostbyname)
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        # the second loopback address stands for one of the open internet
        for module in (resolver, __import__("archive.network.dial", fromlist=["dial"])):
            monkeypatch.setattr(module, "is_public", lambda address: address == "127.0.0.2")
        monkeypatch.setattr(
            resolver, "may_dial", lambda host, address, own: address == "127.0.0.2" or host in own
        )

    def _next(self, name: str) -> str:
        self.asked.append(name)
        return next(self.answers[name])


def changing(*answers: str) -> Iterator[str]:
    yield from answers
    while True:
        yield answers[-1]


def visits(url: str, *more: str) -> list[str]:
    async def get() -> list[str]:
        async with visit_site("", owns=bool) as visitor:
            return [(await visitor.get(one)).problem for one in (url, *more)]

    return run(get())


def test_the_address_that_was_checked_is_dialled_though_the_name_changes_its_answer(names: Names) -> None:
    pages: dict[str, Raw] = {"/a": PAGE, "/b": PAGE}
    with RawSite({"/a": PAGE}, host="127.0.0.2") as outside, RawSite(pages, outside.port) as inside:
        names.answers["doi-ten.vn"] = changing("127.0.0.2", "127.0.0.1")
        base = f"http://doi-ten.vn:{outside.port}"
        assert visits(f"{base}/a", f"{base}/b") == ["", 'answered {"status": 404}']
        assert names.asked == ["doi-ten.vn"]
        assert outside.asked == ["/robots.txt", "/a", "/b"]
        names.answers["noi-bo.vn"] = changing("127.0.0.1")
        assert "private_address" in fetch(f"http://noi-bo.vn:{inside.port}/a", "").problem
        assert inside.connections == []


def test_a_redirect_to_a_name_of_ones_own_network_is_not_followed(names: Names) -> None:
    with RawSite({"/a": PAGE}) as inside:
        hosts = [f"noi-bo.vn:{inside.port}", *(f"{host}:{inside.port}" for host in part(LOOPBACK[:9], 3))]
        leads: dict[str, Raw] = {
            f"/{n}": answer("", "text/html", f"Location: http://{host}/a", status="302 Found")
            for n, host in enumerate(hosts)
        }
        names.answers |= {"ngoai.vn": changing("127.0.0.2"), "noi-bo.vn": changing("127.0.0.1")}
        with RawSite(leads, host="127.0.0.2") as outside:
            for path in leads:
                assert fetch(f"http://ngoai.vn:{outside.port}{path}", "").problem
        assert inside.connections == []


def test_a_page_may_not_lead_to_another_door_of_a_machine_where_a_source_is() -> None:
    with RawSite({"/a": PAGE}) as inside:
        lead = answer("", "text/html", f"Location: {inside.home}/a", status="302 Found")
        with RawSite({"/a": lead}) as outside:
            assert fetch(f"{outside.home}/a", "").problem.startswith("redirect_host ")
        assert inside.connections == []


@pytest.mark.parametrize("host", [*LOOPBACK, "localhost", "localhost.", ANY, "[::]", "169.254.169.254"])
def test_nobody_asks_to_keep_a_page_of_ones_own_network(host: str) -> None:
    with pytest.raises(BadAddress):
        ask(f"http://{host}:8001/bai-1.html", Sources({}, ()))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://a@127.0.0.1/", "gopher://a/", "http://[::1", "data:,a"]
)
def test_nor_one_of_another_scheme_or_nonsense(url: str) -> None:
    with pytest.raises(BadAddress):
        ask(url, Sources({}, ()))
    assert fetch(url, "").problem


def test_where_the_config_names_a_press_on_this_machine_it_is_read(tmp_path: Path) -> None:
    with RawSite({}) as site:
        home = write_home(tmp_path, site.home)
        sources = load_sources(home.config("sources.yml"))
        assert ask(f"{site.home}/bai-1.html", sources).source.key == "thu"
        assert private_hosts(sources.by_key.values()) == ["127.0.0.1"]


class Edition:
    """As much of a message as a webhook needs."""

    json, message_id, subject, brief = b"{}", "<1@may>", "Điểm tin", "Tin"


def hook(url: str, **more: object) -> Callable[[], None]:
    channel = WebhookChannel(url, **more)  # type: ignore[arg-type]
    return lambda: webhook.post(channel, Edition(), Secrets({}))  # type: ignore[arg-type]


def test_a_webhook_and_a_stamp_dial_the_address_that_was_checked(names: Names) -> None:
    with RawSite({"/a": PAGE}, host="127.0.0.2") as outside, RawSite({"/a": PAGE}, outside.port) as inside:
        names.answers["doi-ten.vn"] = changing("127.0.0.2", "127.0.0.1")
        hook(f"http://doi-ten.vn:{outside.port}/a")()
        assert (outside.asked, names.asked) == (["/a"], ["doi-ten.vn"])
        names.answers["noi-bo.vn"] = changing("127.0.0.1")
        with pytest.raises(Undelivered, match="webhook_private"):
            hook(f"http://noi-bo.vn:{inside.port}/a")()
        with pytest.raises(NoStamp):
            _post(f"http://noi-bo.vn:{inside.port}/a", b"")
        assert inside.connections == []
        hook(f"http://noi-bo.vn:{inside.port}/a", private=True)()
        hook(f"{inside.home}/a")()
        assert inside.asked == ["/a", "/a"]


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "169.254.169.254", ANY, "localhost."])
def test_odd_spellings_and_metadata_services_are_not_dialled(host: str) -> None:
    with RawSite({"/a": PAGE}) as inside:
        with pytest.raises((PrivateAddress, OSError, HTTPException)):
            opener().open(f"http://{host}:{inside.port}/a", timeout=2)
        assert inside.connections == []


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "\udc80", "a\nb"])
def test_a_header_that_none_may_be_is_told_without_its_value(value: str) -> None:
    with RawSite({"/a": PAGE}) as site:
        with pytest.raises(Undelivered) as told:
            hook(f"{site.home}/a", headers={"Authorization": value})()
        assert value not in str(told.value)
        assert not any("X-Evil" in head for head in site.heads)
