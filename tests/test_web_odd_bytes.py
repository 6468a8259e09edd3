"""Any bytes in headers, addresses and forms, over a real server: an answer that is no 500."""

import base64
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.home import Home
from archive.web.access import Access
from tests import web_sample
from tests.part import part
from tests.test_web_hosts import on_a_port

pytestmark = pytest.mark.timeless
ODD = (
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\x80",
    b"\x7f",
    b"%00",
    b"%ff",
    "ệ".encode(),
    b"[",
    b"=",
    b"\xf4\x90\x80\x80",
)
SURROGATE = "\ud800".encode("utf-8", "surrogatepass")
ROUTES = (b"GET /tim", b"GET /archive.json", b"POST /dang-nhap", b"POST /ban/tin", b"POST /-/mcp", b"HEAD /")
FORMS = (
    "/dang-nhap", "/dang-xuat", "/ban/tin", "/tai-khoan", "/cai-dat/chung", "/truong-hop", "/da-loai",
    "/tim/da-luu", "/phan-hoi/moi", "/su-kien", "/archive/articles", "/archive", "/-/mcp",
    "/-/permissions", "/-/messages", "/-/logout", "/bai/1/bang-chung",
)  # fmt: skip


def basic(given: bytes) -> bytes:
    return b"Authorization: Basic " + base64.b64encode(given)


def headers(odd: bytes) -> Iterator[bytes]:
    named = ("Authorization: Basic ", "Authorization: ", "Authorization: Bearer ", "Cookie: diemtin_session=",
             "Cookie: ds_csrftoken=", "Cookie: ", "Cookie: diemtin_lang=", "Cookie: diemtin_reader=",
             "Cookie: ds_actor=", "Origin: ", "Origin: http://[", "Sec-Fetch-Site: ", "Accept: ", "Via: ",
             "X-Csrftoken: ", "Referer: ",
             "If-None-Match: ", "Content-Type: ", "Content-Length: ", "X-Forwarded-For: ", "Range: ",
             "Content-Type: multipart/form-data; boundary=", "Transfer-Encoding: ")  # fmt: skip
    yield from (name.encode() + odd for name in named)
    yield from (
        basic(odd),
        basic(odd + b":" + odd),
        basic(b"a:" + odd),
        basic(SURROGATE + b":x"),
        basic(b"\x00:\x00"),
    )


def addresses(odd: bytes) -> Iterator[bytes]:
    for path in (b"/", b"/tim?q=", b"/tim?", b"/archive/", b"/archive/articles/", b"/chu-de/",
                 b"/dang-nhap?ve=", b"/-/static-plugins/diemtin/", b"/archive/articles?_search=",
                 b"/archive?sql=select+'", b"/archive/articles.json?_where=", b"/archive/articles?_sort=",
                 b"/so-lieu/", b"/bai/", b"/-/",
                 b"/ban-tin/", b"/tim.csv?q=", b"/bao-cao/tep?dang="):  # fmt: skip
        yield path + odd
        yield path + b"".join(b"%%%02x" % one for one in odd)


def bodies(odd: bytes) -> Iterator[tuple[bytes, bytes]]:
    form, multipart = b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b"
    yield from ((b"name=" + odd + b"&password=" + odd, form), (odd, form), (b"&" * 3000, form))
    yield from ((b'{"a":"' + odd, b"application/json"), (odd, odd), (b"a=%ff&%ff=%00&csrftoken=%ff", form))
    yield b'--b\r\nContent-Disposition: form-data; name="csrftoken"\r\n\r\n' + odd + b"\r\n--b--", multipart


def asked(chance: random.Random) -> Iterator[bytes]:
    """A sample of all requests, each kind of header, address and form among them."""
    for odd in ODD:
        for header in headers(odd):
            yield chance.choice(ROUTES) + b" HTTP/1.1\r\nHost: localhost\r\n" + header
        yield from (b"GET " + one + b" HTTP/1.1\r\nHost: localhost" for one in addresses(odd))
        for body, kind in bodies(odd):
            lines = (b"POST " + chance.choice(FORMS).encode() + b" HTTP/1.1", b"Host: localhost",
                     b"Content-Type: " + kind, b"Content-Length: %d" % len(body),
                     b"Origin: http://localhost", b"Cookie: ds_csrftoken=x")  # fmt: skip
            yield b"\r\n".join(lines) + b"\r\nConnection: close\r\n\r\n" + body


def answer(port: int, request: bytes) -> bytes:
    ended = request if b"\r\n\r\n" in request else request + b"\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(ended)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("access", [Access(), Access("mật khẩu chung"), Access(public=True)])
def test_no_bytes_make_a_fault(tmp_path: Path, access: Access) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    web_sample.fill_pages(home.pages_db)
    faults = []
    with on_a_port(home, access) as port:
        for request in part(list(asked(random.Random(repr(access)))), 3):
            got = answer(port, request)
            if got and not got.split(b" ")[1].startswith((b"2", b"3", b"4")):
                faults.append((request[:120], got[:60]))
    assert not faults
