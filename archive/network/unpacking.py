"""Unpack what came packed, piece by piece: no more comes out than may, and what is cut off is told.

The limit holds for what comes *out*, whatever a header says of it; memory stays near the limit.
"""

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE = 65_536  # bytes, of what goes in and of what comes out at once
MOST_LAYERS = 3  # ``Content-Encoding: gzip, gzip``; some servers pack what is packed already
_MOST_MEMBERS = 1_000  # of one stream; each costs time, however little is in it
_ZSTD_WINDOW = 23  # as a power of two: RFC 9659 allows 8 MB
GZIP = b"\x1f\x8b"


class Unpackable(ValueError):
    """What came cannot be unpacked; the text says why."""


class TooLarge(Unpackable):
    """More comes out than may."""


class CutOff(Unpackable):
    """The packed bytes end before the end of what is in them."""


def unpack(body: bytes, encodings: Sequence[str], largest: int) -> bytes:
    """The bytes behind content codings (RFC 9110, 8.4.1), given in the order they were applied.

    ``largest`` is in bytes, for each layer. Raises TooLarge, CutOff, or Unpackable for what is none of these.
    """
    if len(encodings) > MOST_LAYERS:
        raise TooLarge(f"packed {len(encodings)} times")
    for encoding in reversed(encodings):
        body = _joined(_DECODERS[encoding](body), largest)
    return body


def can_unpack(encoding: str) -> bool:
    """Whether a content coding is known."""
    return encoding in _DECODERS


def gunzip_all(body: bytes, largest: int) -> bytes:
    """The bytes, gunzipped as long as they are gzip, for files that say nothing of how they are packed."""
    for _ in range(MOST_LAYERS):
        if body[:2] != GZIP:
            break
        body = unpack(body, ["gzip"], largest)
    return body


def _joined(pieces: Iterator[bytes], largest: int) -> bytes:
    whole = bytearray()
    try:
        for piece in pieces:
            whole += piece
            if len(whole) > largest:
                raise TooLarge(f"more than {largest} bytes unpacked")
    except _no_stream() as error:
        raise Unpackable(str(error)) from error
    return bytes(whole)


def _no_stream() -> tuple[type[Exception], ...]:
    """What the decoders raise for bytes that they cannot read."""
    import brotli

    return (zlib.error, brotli.error, zstd.ZstdError)


def _cut(body: bytes) -> Iterator[bytes]:
    return (body[at : at + PIECE] for at in range(0, len(body), PIECE))


def _gunzip(body: bytes) -> Iterator[bytes]:
    """Every member; what stands behind the last one is padding (RFC 1952, 2.2)."""
    return _members(body, lambda: zlib.decompressobj(wbits=31), GZIP)


def _unzstd(body: bytes) -> Iterator[bytes]:
    options = {zstd.DecompressionParameter.window_log_max.value: _ZSTD_WINDOW}
    return _members(body, lambda: zstd.ZstdDecompressor(options=options), b"\x28\xb5\x2f\xfd")


def _members(body: bytes, new: Callable[[], Any], magic: bytes | None) -> Iterator[bytes]:
    """The streams that stand one behind the other, each begun by ``magic``; None where there is but one."""
    stream, members, left = new(), 1, b""
    for piece in _cut(body):
        left += piece
        while left:
            if stream.eof:
                if magic is None or not (left.startswith(magic) or magic.startswith(left)):
                    return
                if len(left) < len(magic):
                    break
                stream, members = new(), members + 1
                if members > _MOST_MEMBERS:
                    raise TooLarge(f"more than {_MOST_MEMBERS} streams in one")
            yield from _out_of(stream, left)
            left = stream.unused_data if stream.eof else b""
    if not stream.eof:
        raise CutOff("the packed bytes end too early")


def _out_of(stream: Any, piece: bytes) -> Iterator[bytes]:
    """All that comes out of a piece, a little at a time."""
    yield stream.decompress(piece, PIECE)
    while not stream.eof:
        tail = getattr(stream, "unconsumed_tail", b"")  # zlib hands back what it did not take, zstd keeps it
        out = stream.decompress(tail, PIECE)
        if not out:
            return
        yield out


def _inflate(body: bytes) -> Iterator[bytes]:
    """zlib's form, or the bare stream that some servers call ``deflate``."""
    is_zlib = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _members(body, lambda: zlib.decompressobj(wbits=15 if is_zlib else -15), None)


def _unbrotli(body: bytes) -> Iterator[bytes]:
    import brotli

    stream = brotli.Decompressor()
    for piece in _cut(body):
        yield stream.process(piece, output_buffer_limit=PIECE)
        while not stream.is_finished() and (out := stream.process(b"", output_buffer_limit=PIECE)):
            yield out
        if stream.is_finished():
            return
    if not stream.is_finished():
        raise CutOff("the packed bytes end too early")


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
