"""The records of a WARC file, gzip or not, whoever wrote it; damage is told and passed over.

warcio's own iterator ends at the first record that is damaged or says a wrong length; here the next one is
found.
Formats: WARC 1.1 (ISO 28500:2017), RFC 1952 (gzip).
"""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

MOST = 64_000_000  # bytes of a record that are looked at; longer ones are passed over
_HEAD = 64_000  # bytes of a record's own headers
_CHUNK = 1 << 16
_GZIP = b"\x1f\x8b\x08"
_VERSIONS = ["WARC/1.1", "WARC/1.0", "WARC/0.18", "WARC/0.17"]
_NEXT = re.compile(rb"\r?\nWARC/[01]\.\d")


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record: ``whole`` when as many bytes came as it says; ``block`` is empty where it is too long."""

    headers: StatusAndHeaders
    block: bytes
    whole: bool = True
    too_long: bool = False

    def header(self, name: str) -> str:
        """A header of the record, '' where it has none."""
        return str(self.headers.get_header(name) or "")


def is_warc(file: Path) -> bool:
    """Whether a file begins as a WARC does, packed or not. Raises OSError."""
    with file.open("rb") as raw:
        return _Unpacked(raw).read(5) == b"WARC/"


def records(raw: IO[bytes]) -> Iterator[WarcRecord]:
    """Every record that can be found; raises OSError."""
    stream = _Lines(_Unpacked(raw))
    while (head := _head(stream)) is not None:
        try:
            headers = StatusAndHeadersParser(_VERSIONS).parse(io.BytesIO(head))
            length = int(headers.get_header("Content-Length", ""))
        except (StatusAndHeadersParserException, EOFError, ValueError, TypeError):
            continue
        if length >= 0:
            yield _record(stream, headers, length)


def _head(stream: "_Lines") -> bytes | None:
    """The headers of the next record, whatever stands before it; None at the end."""
    while line := stream.line():
        if line.startswith(b"WARC/"):
            head = bytearray(line)
            while (more := stream.line()).strip() and len(head) < _HEAD:
                head += more
            return bytes(head) + b"\r\n"
    return None


def _record(stream: "_Lines", headers: StatusAndHeaders, length: int) -> WarcRecord:
    if length > MOST:
        whole = stream.skip(length)
        return WarcRecord(headers, b"", whole, too_long=True)
    block, whole = stream.block(length)
    return WarcRecord(headers, block, whole)


class _Unpacked:
    """A file as it is, or the members of a gzip file one after the other; one is left where it is damaged."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._waiting = raw.read(_CHUNK)
        self._packed = self._waiting.startswith(_GZIP)
        self._member = zlib.decompressobj(31)
        self.damages = 0

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        return self._unpack(size) if self._packed else self._take(size)

    def _take(self, size: int) -> bytes:
        given, self._waiting = self._waiting[:size], self._waiting[size:]
        return given or self._raw.read(size)

    def _unpack(self, size: int) -> bytes:
        while True:
            if self._member.eof and not self._begin_member():
                return b""
            data = self._member.unconsumed_tail or self._take(_CHUNK)
            if not data:
                self.damages += not self._member.eof
                return b""
            try:
                out = self._member.decompress(data, size)
            except zlib.error:
                self._lose_member(data)
                return b"\r\n\r\n"
            if out:
                return out

    def _begin_member(self) -> bool:
        """The member that follows, if one does."""
        self._waiting = self._member.unused_data + self._waiting
        self._member = zlib.decompressobj(31)
        self._waiting = (self._waiting or self._raw.read(_CHUNK)).lstrip(b"\0\r\n")
        return bool(self._waiting)

    def _lose_member(self, data: bytes) -> None:
        """Go on at the next bytes that may begin a member."""
        self.damages += 1
        self._waiting = data[1:] + self._waiting
        while (at := self._waiting.find(_GZIP)) < 0 and (more := self._raw.read(_CHUNK)):
            self._waiting = self._waiting[-2:] + more
        self._waiting = self._waiting[at:] if at >= 0 else b""
        self._member = zlib.decompressobj(31)


class _Lines:
    """Lines and blocks of an unpacked file."""

    def __init__(self, source: _Unpacked) -> None:
        self._source = source
        self._held = bytearray()

    def line(self) -> bytes:
        """The next line, at most 64 kB of it; empty at the end."""
        while (at := self._held.find(b"\n", 0, _HEAD)) < 0 and len(self._held) < _HEAD and self._more():
            pass
        return self._cut(at + 1 if at >= 0 else _HEAD)

    def block(self, length: int) -> tuple[bytes, bool]:
        """What a record holds that says so much of itself, and whether that is all and nothing else."""
        damages = self._source.damages
        self._fill(length)
        if self._source.damages == damages and self._ends_at(length):
            return self._cut(length), True
        inner = _NEXT.search(self._held, 0, length)  # it is shorter than it says: the next record is within
        return self._cut(inner.start() if inner else length), False

    def skip(self, size: int) -> bool:
        """Pass over so many bytes; whether there were as many."""
        while size > 0 and (self._held or self._more()):
            size -= len(self._cut(size))
        return size == 0

    def _ends_at(self, at: int) -> bool:
        """Whether a record ends there: two blank lines follow, the next record, or nothing more."""
        self._fill(at + 64)
        rest = bytes(self._held[at : at + 64])
        follows = rest.startswith(b"\r\n\r\n") or rest.lstrip(b"\r\n\0")[:5] in (b"WARC/", b"")
        return len(self._held) >= at and follows

    def _fill(self, size: int) -> None:
        while len(self._held) < size and self._more():
            pass

    def _more(self) -> bool:
        data = self._source.read(_CHUNK)
        self._held += data
        return bool(data)

    def _cut(self, size: int) -> bytes:
        given = bytes(self._held[:size])
        del self._held[:size]
        return given
