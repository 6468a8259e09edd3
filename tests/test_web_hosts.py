"""Foreign names that lead to this machine, over a real server: DNS rebinding reaches nothing."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from archive.home import Home
from archive.web.access import Access
from archive.web.app import build
from archive.web.hosts import host_name
from tests import web_sample
from tests.web_sample import NOW

SHARED = "mật khẩu chung của kho"


@contextmanager
def on_a_port(home: Home, access: Access) -> Iterator[int]:
    """The archive served by uvicorn on a free port of 127.0.0.1."""
    datasette = build(home, now=lambda: NOW, access=access)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(datasette.app(), log_level="warning", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(10)
    datasette.executor.shutdown()
    for database in datasette.databases.values():
        database.close()


def raw(port: int, request: str) -> tuple[int, str]:
    """Status and text of what the server answers to bytes that no client library would send."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode())
        received = b"".join(iter(lambda: connection.recv(65536), b"")).decode(errors="replace")
    return int(received.split(" ", 2)[1]), received


NAMED = ["127.0.0.1", "localhost", "LocalHost:1", "127.0.0.1.", "tin.so.example", "TIN.so.example."]
FOREIGN = [
    "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "tin.so.example.evil.example",
    "xn--a.example", "evil.example:80@127.0.0.1", "127.0.0.1:x", "[evil.example]", "a b", "\u0111.example",
    "evil.example:99999999", "192.0.2.7", "0.0.0.0", "[2001:db8::1]", "localhost:", "evil.localhost", "127.1",  # noqa: S104
    "2130706433", "localhost,evil.example", "[::1%eth0]", "user@localhost",
]  # fmt: skip

HIDDEN = (
    "/ban", "/", "/archive.json", "/dang-nhap", "/archive/articles.csv", "/-/metadata", "/-/mcp",
    "/-/static-plugins/diemtin/style.css", "/-/static-plugins/diemtin/../../archive/articles.json",
)  # fmt: skip


def test_a_foreign_name_that_leads_here_reaches_nothing(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    (home.path / "config").mkdir()
    alerts = home.config("alerts.yml").read_text(encoding="utf-8")
    own = home.path / "config" / "alerts.yml"
    own.write_text(alerts.replace("http://127.0.0.1:8001", "https://tin.so.example/"), encoding="utf-8")
    machine = socket.gethostname()
    with on_a_port(home, Access()) as port:

        def ask(host: str, path: str = "/ban", method: str = "GET") -> tuple[int, str]:
            return raw(port, f"{method} {path} HTTP/1.1\n{host}Connection: close\n\n")

        for known in [*NAMED, f"127.0.0.1:{port}", f"[::1]:{port}"]:
            assert ask(f"Host: {known}\n")[0] == 200, known
        for foreign in [*FOREIGN, f"evil.example:{port}", machine, f"{machine}.local"]:
            for path in HIDDEN:
                status, text = ask(f"Host: {foreign}\n", path)
                assert status in (400, 421), (foreign, path)
                assert "Sao Mai" not in text
            assert ask(f"Host: {foreign}\nContent-Length: 0\n", "/ban/duyet", "POST")[0] in (400, 421)
        assert "archive_url" in ask("Host: evil.example\n")[1]
        assert "<b>" not in ask("Host: <b>.example\n")[1].partition("<main")[2]
        assert ask("Host: evil.example\nHost: localhost\n")[0] == 400
        assert ask("Host: localhost\nHost: localhost\n")[0] == 400
        assert ask("Host: localhost\nX-Forwarded-Host: evil.example\n")[0] == 200
        assert ask("Host: evil.example\nX-Forwarded-Host: localhost\nForwarded: host=localhost\n")[0] == 421
        assert raw(port, "GET /ban HTTP/1.0\n\n")[0] == 200  # no browser asks so
        own.write_text(alerts.replace("http://127.0.0.1:8001", "https://kho.so.example/"), encoding="utf-8")
        assert ask("Host: kho.so.example\n")[0] == 200  # without a restart
        assert ask("Host: tin.so.example\n")[0] == 421


def test_the_host_served_at_is_known_and_the_public_may_call_it_what_they_like(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    with on_a_port(home, Access(SHARED, elsewhere="kho.example")) as port:
        for host, status in (("kho.example", 302), ("evil.example", 421)):
            assert raw(port, f"GET / HTTP/1.1\nHost: {host}\nConnection: close\n\n")[0] == status
    with on_a_port(home, Access(public=True)) as port:
        assert raw(port, "GET / HTTP/1.1\nHost: evil.example\nConnection: close\n\n")[0] == 200
        assert raw(port, "GET /ban HTTP/1.1\nHost: evil.example\nConnection: close\n\n")[0] == 404


@pytest.mark.parametrize(
    ("header", "name"),
    [("a.example", "a.example"), ("A.Example.:80", "a.example"), ("[::1]:80", "::1"), ("::1", None), ("", None),
     ("a@b", None), ("a/b", None), ("a:b", None), ("a b", None), ("a:123456", None)],
)  # fmt: skip
def test_the_name_of_a_host_header(header: str, name: str | None) -> None:
    assert host_name(header) == name


def test_request_lines_meant_for_proxies_are_refused_and_no_redirect_leads_away(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    with on_a_port(home, Access()) as port:

        def ask(line: str, more: str = "") -> tuple[int, str]:
            return raw(port, f"{line} HTTP/1.1\nHost: localhost\n{more}Connection: close\n\n")

        for line in ("GET http://evil.example/archive.json", "GET http://localhost/archive.json",
                     "OPTIONS *", "CONNECT evil.example:80", "GET evil.example/archive.json"):  # fmt: skip
            status, text = ask(line)
            assert status == 400, line
            assert "Sao Mai" not in text
        for path in ("//evil.example/", "//evil.example/%41", "/\\evil.example/", "//evil.example//",
                     "///evil.example/x/", "/%0d%0aset-cookie:x=1/", "/%2f%2fevil.example/"):  # fmt: skip
            _, text = ask(f"GET {path}")
            leads = [
                line for line in text.partition("\r\n\r\n")[0].split("\r\n") if line.startswith("location")
            ]
            assert all(re.match(r"location: /[^/\\]", one) for one in leads), (path, leads)
            assert "\r\nset-cookie:x" not in text
        upgrade = "Upgrade: websocket\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n"
        assert ask("GET /ban", upgrade)[0] == 200  # no websocket here


@pytest.mark.parametrize(
    ("said", "status"),
    [("", 200), ("Sec-Fetch-Site: same-origin\nSec-Fetch-Mode: cors\nSec-Fetch-Dest: empty\n", 200),
     ("Sec-Fetch-Site: none\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document\n", 200),
     ("Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document\n", 200),
     ("Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe\n", 403),
     ("Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors\nSec-Fetch-Dest: image\n", 403),
     ("Sec-Fetch-Site: same-site\nSec-Fetch-Mode: no-cors\nSec-Fetch-Dest: script\n", 403),
     ("Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: cors\nSec-Fetch-Dest: empty\n", 403)],
)  # fmt: skip
def test_pages_elsewhere_may_link_here_and_nothing_more(tmp_path: Path, said: str, status: int) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    with on_a_port(home, Access()) as port:
        for path in ("/archive.json?sql=select+1", "/tim", "/tim.json?q=cong"):
            assert raw(port, f"GET {path} HTTP/1.1\nHost: localhost\n{said}Connection: close\n\n")[0] == status
