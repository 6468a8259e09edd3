"""A little that becomes very much is given up at the limit of what comes out, in every decoder and codec."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import brotli
import pytest

from archive.config import ConfigError
from archive.network.charsets import text_codec
from archive.network.unpacking import TooLarge, Unpackable, gunzip_all, unpack
from crawler.importing import jsonl
from crawler.importing.jsonl import Fault
from crawler.listings.feed import read_feed
from crawler.listings.section import read_section
from crawler.listings.sitemap import read_sitemap
from crawler.robotstxt import plain
from crawler.spiders.visit import Reply, fetch
from pipelines.extract.charset import decode
from tests.raw_site import HTML, Raw, RawSite, answer, endless, for_ever

try:
    from compression import zstd
except ImportError:
    from backports import zstd

pytestmark = pytest.mark.timeless
LARGEST = 1_000_000
OUT = 20_000_000  # bytes that would come out
NO_TEXT = (
    "zlib", "zip", "bz2", "hex", "base64", "uu", "rot13", "rot_13", "unicode_escape", "idna", "punycode",
    "raw_unicode_escape", "undefined", "mbcs", "utf-7", "zlib_codec", "ZLIB", "z lib", "aliases", "x" * 99,
)  # fmt: skip


def _streamed(write: Callable[[bytes], bytes], end: Callable[[], bytes]) -> bytes:
    piece = b"\0" * 5_000_000
    return b"".join(write(piece) for _ in range(OUT // len(piece))) + end()


@cache
def _gzip() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return _streamed(packer.compress, packer.flush)


@cache
def _deflate() -> bytes:
    packer = zlib.compressobj(9)
    return _streamed(packer.compress, packer.flush)


@cache
def _br() -> bytes:
    packer = brotli.Compressor(quality=1)
    return _streamed(packer.process, packer.finish)


@cache
def _zstd() -> bytes:
    packer = zstd.ZstdCompressor()
    return _streamed(packer.compress, packer.flush)


BOMBS: dict[str, Callable[[], bytes]] = {"gzip": _gzip, "deflate": _deflate, "br": _br, "zstd": _zstd}


@pytest.mark.parametrize("coding", BOMBS)
def test_no_more_comes_out_than_may_and_memory_stays_flat(coding: str) -> None:
    bomb = BOMBS[coding]()
    for body, codings in ((bomb, [coding]), (gzip.compress(bomb), [coding, "gzip"])):
        tracemalloc.start()
        with pytest.raises(TooLarge):
            unpack(body, codings, LARGEST)
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
        tracemalloc.stop()


def test_a_stream_of_many_empty_streams_and_many_layers_are_given_up() -> None:
    with pytest.raises(TooLarge):
        unpack(gzip.compress(b"") * 100_000, ["gzip"], LARGEST)
    with pytest.raises(TooLarge):
        unpack(gzip.compress(b"a"), ["gzip"] * 40, LARGEST)


@pytest.mark.parametrize("coding", BOMBS)
def test_other_bytes_than_those_announced_are_unpackable(coding: str) -> None:
    with pytest.raises(Unpackable):
        unpack(b"GIF89a" + bytes(range(256)) * 9, [coding], LARGEST)


def reply_to(raw: Raw, robots: Raw | None = None) -> Reply:
    with RawSite({"/a": raw} | ({"/robots.txt": robots} if robots else {})) as site:
        return fetch(f"{site.home}/a", "")


@pytest.mark.parametrize("coding", BOMBS)
def test_a_page_that_is_a_bomb_is_named_so(coding: str) -> None:
    reply = reply_to(answer(BOMBS[coding](), HTML, f"Content-Encoding: {coding}"))
    assert "too_large" in reply.problem


def test_a_robots_txt_that_is_a_bomb_allows_nothing() -> None:
    robots = answer(_gzip(), "text/plain", "Content-Encoding: gzip")
    assert "too_large" in reply_to(answer("<p>Bài</p>"), robots).problem


def test_a_packed_sitemap_that_is_a_bomb_is_a_problem_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.listings.sitemap.LARGEST", LARGEST)
    with pytest.raises(TooLarge):
        gunzip_all(gzip.compress(_gzip()), LARGEST)
    assert read_sitemap(_gzip(), "http://a/sitemap.xml.gz").problem.startswith("no_gzip ")


@pytest.mark.parametrize(
    "talk",
    [
        for_ever(b"HTTP/1.1 200 OK\r\n", b"X-A: %s\r\n" % (b"a" * 900)),
        for_ever(b"HTTP/1.1 200 OK\r\nX-A: b\r\n", b" %s\r\n" % (b"a" * 900)),
        for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 40),
    ],
    ids=["headers", "one header", "1xx"],
)
def test_headers_without_end_are_given_up(talk: Raw) -> None:
    assert "endless_headers" in reply_to(talk).problem


def test_a_body_without_end_is_given_up() -> None:
    assert "too_large" in reply_to(for_ever(endless(""), b"<p>a</p>" * 8_000)).problem


@pytest.mark.parametrize("name", NO_TEXT)
def test_only_text_encodings_are_known(name: str) -> None:
    assert text_codec(name) is None


@pytest.mark.parametrize(
    "name", ["UTF-8", "utf8", "windows-1258", "ISO-8859-1", "gb2312", "shift-jis", "koi8-r"]
)
def test_text_encodings_are(name: str) -> None:
    assert text_codec(name)


@pytest.mark.parametrize("name", NO_TEXT[:14:3])
def test_no_other_codec_is_run_wherever_it_is_named(name: str) -> None:
    body = zlib.compress(b"a" * 10_000_000)
    claimed = f"text/html; charset={name}"
    tracemalloc.start()
    for text in (
        decode(body, claimed),
        decode(f'<?xml version="1.0" encoding="{name}"?>'.encode() + body),
        decode(f'<meta charset="{name}">'.encode() + body),
        plain(f'<meta charset="{name}">'.encode() + body).decode(),
    ):
        assert isinstance(text, str)
        assert len(text) < 100_000
    read_feed(body, "http://a/", claimed)
    read_section(body, "http://a/", claimed)
    read_sitemap(body, "http://a/", claimed)
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("name", ["zlib", "unicode_escape", "punycode", "undefined", "idna"])
def test_a_signpost_in_such_a_codec_leads_on_as_any_other(name: str) -> None:
    body = f"<meta charset={name}><meta http-equiv=refresh content='0; url=/b'><p>\xff</p>".encode("latin-1")
    pages: dict[str, Raw] = {"/a": answer(body, f"text/html; charset={name}"), "/b": answer("<p>Bài</p>")}
    with RawSite(pages) as site:
        assert fetch(f"{site.home}/a", "").url == f"{site.home}/b"


def test_an_imported_file_that_is_a_bomb_costs_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "LONGEST_LINE", 1_000)
    monkeypatch.setattr(jsonl, "LARGEST_ARRAY", 1_000)
    file = tmp_path / "bai.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"a": 1}\n{"a": "' + b"x" * 50_000 + b'"}\n{"a": 2}\n'))
    found = list(jsonl.records(file))
    assert [(number, isinstance(one, Fault)) for number, one in found] == [(1, False), (2, True), (3, False)]
    file.write_bytes(gzip.compress(b"[" + b"1," * 50_000 + b"1]"))
    with pytest.raises(ConfigError):
        list(jsonl.records(file))
    file.write_bytes(gzip.compress(b'{"a": 1}\n' * 9_000)[:-30] + b"\xff" * 30)
    with pytest.raises(ConfigError):
        list(jsonl.records(file))
