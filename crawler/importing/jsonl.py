"""JSON lines as other tools write them: with byte order mark, NULs, bad bytes, half emoji, or as one array."""

import bz2
import codecs
import gzip
import io
import json
import lzma
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

from archive.config import ConfigError
from archive.i18n import current
from pipelines.extract.charset import decode, wide

_PACKED: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ": lzma.open, b"BZh": bz2.open}
LONGEST_LINE = 60_000_000  # bytes, unpacked; in UTF-16 characters
LARGEST_ARRAY = 300_000_000  # bytes, unpacked, of a file that is one array
_LENIENT = json.JSONDecoder(strict=False)  # takes control characters and halves of surrogate pairs


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line is no record."""

    reason: str


def records(file: Path) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    """Each record of a file, or what is wrong with it, with the number of its line.

    Raises ConfigError for a file that cannot be read.
    """
    try:
        with _open(file) as stream:
            head = stream.peek(4096)[:4096]
            start = decode(head).lstrip()
            if start.startswith("[") or start.partition("\n")[0].strip() == "{":
                yield from _in_one(decode(_all_of(stream, file)))
            elif name := wide(head):
                with io.TextIOWrapper(stream, name, "replace") as text:
                    yield from _by_line(line.encode() for line in iter(lambda: text.readline(LONGEST_LINE), ""))
            else:
                yield from _by_line(iter(lambda: stream.readline(LONGEST_LINE), b""))
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise ConfigError(current()("config.unreadable", path=file, why=error)) from error


def _all_of(stream: io.BufferedReader, file: Path) -> bytes:
    """What a file of one array holds, unpacked; it has to fit into memory."""
    whole = stream.read(LARGEST_ARRAY + 1)
    if len(whole) > LARGEST_ARRAY:
        raise ConfigError(current()("import.array_too_large", path=file, most=LARGEST_ARRAY // 1_000_000))
    return whole


def _open(file: Path) -> io.BufferedReader:
    with file.open("rb") as stream:
        head = stream.read(8)
    opener = next((opener for magic, opener in _PACKED.items() if head.startswith(magic)), None)
    stream_of: IO[bytes] = opener(file, "rb") if opener else file.open("rb")
    return stream_of if isinstance(stream_of, io.BufferedReader) else io.BufferedReader(stream_of)  # type: ignore[arg-type]


def _by_line(lines: Iterable[bytes]) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    number, is_rest = 1, False
    for line in lines:
        is_whole = len(line) < LONGEST_LINE or line.endswith(b"\n")
        if not is_whole and not is_rest:
            yield number, Fault(current()("import.line_too_long", most=LONGEST_LINE // 1_000_000))
        elif not is_rest and (line := line.removeprefix(codecs.BOM_UTF8).strip(b" \t\r\n\0,")):
            yield number, _record(line)
        number, is_rest = number + is_whole, not is_whole


def _record(line: bytes) -> dict[str, Any] | Fault:
    try:
        return _object(msgspec.json.decode(line))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # the lenient reader says what is wrong, if it cannot read it either
    try:
        return _object(_LENIENT.decode(decode(line)))
    except (ValueError, RecursionError) as error:
        return Fault(_words(error))


def _in_one(text: str) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    """The objects of an array, or objects spread over lines; behind a fault nothing can be told apart."""
    at = 0
    while at < len(text):
        if text[at] in " \t\r\n,[]":
            at += 1
            continue
        number = text.count("\n", 0, at) + 1
        try:
            value, at = _LENIENT.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield getattr(error, "lineno", number), Fault(_words(error))
            return
        yield number, _object(value)


def _object(value: Any) -> dict[str, Any] | Fault:
    return value if isinstance(value, dict) else Fault(current()("import.no_object"))


def _words(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (column {error.colno})"
    return str(error) or type(error).__name__
