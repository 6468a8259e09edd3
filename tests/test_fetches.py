"""How a page came is kept with it: over a real TLS connection, packed, after a redirect."""

import gzip
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from archive.evidence.chain import sha256
from archive.model import Fetch
from archive.pages import note_fetches, open_pages
from crawler.responses import fetch_of
from crawler.spiders.visit import run, visit_site
from tests.evidence_sample import NOON, Authority

pytestmark = pytest.mark.timeless
PAGE = b"<p>Trang " + b"x" * 900


@contextmanager
def secure_server(folder: Path) -> Iterator[str]:
    """A host over TLS that packs its page and sends on from /cu."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            moved = self.path == "/cu"
            body = b"" if moved else gzip.compress(PAGE)
            self.send_response(301 if moved else 404 if self.path == "/robots.txt" else 200)
            self.send_header("Location" if moved else "Content-Encoding", "/moi" if moved else "gzip")
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "tsa.pem", folder / "tsa.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def came(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes, Fetch]:
    """The host, its certificate, and how its page came."""
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority(folder)
    with secure_server(folder) as host:

        async def get() -> Fetch:
            async with visit_site("") as visitor:
                return fetch_of(await visitor.response(f"{host}/cu"), f"{host}/cu", NOON)

        return host, authority.openssl("x509 -in tsa.pem -outform DER"), run(get(), {"127.0.0.1"})


def test_everything_that_is_worth_keeping_is_there(came: tuple[str, bytes, Fetch]) -> None:
    host, certificate, fetch = came
    assert (fetch.asked, fetch.answered) == (f"{host}/cu", f"{host}/moi")
    assert fetch.redirects == ((f"{host}/cu", "301"),)
    assert (fetch.status, fetch.ip, fetch.protocol) == (200, "127.0.0.1", "HTTP/1.0")
    assert (fetch.sha256, fetch.size, fetch.encoding) == (sha256(PAGE), len(PAGE), "gzip")
    assert fetch.certificate == certificate
    assert any(name == "User-Agent" and value.startswith("diemtin/") for name, value in fetch.request)
    assert ("Content-Type", "text/html") in fetch.response


def test_a_certificate_is_kept_once(came: tuple[str, bytes, Fetch], tmp_path: Path) -> None:
    pages = open_pages(tmp_path / "pages.db")
    for _ in range(2):
        note_fetches(pages, "https://a.example/", [came[2]], None, None)
    assert list(pages.execute("select count(*) from certificates")) == [(1,)]
    pages.close()


def test_endless_headers_are_cut() -> None:
    from scrapy import Request
    from scrapy.http import Response

    headers = {f"X-{n}": "y" * 1000 for n in range(100)}
    response = Response("https://a.example/", headers=headers, request=Request("https://a.example/"))
    kept = fetch_of(response, "https://a.example/", NOON).response
    assert 25 < len(kept) < 35
