"""A text cut into sentences, as Vietnamese newspapers write them."""

import re
from collections.abc import Iterator

_END = re.compile(r"[.!?…]+[\"”’»)]*(?=\s+[\"“‘«(\-–]?\s*[A-ZÀ-ỸĐ0-9])|\n+")
_SHORT = re.compile(
    r"(?:^|[\s(])(?:TP|T\.P|Tp|P|Q|H|X|TX|TT|T\.X|T\.T|PGS|GS|TS|ThS|Ths|BS|KTS|Mr|Ms|Mrs|Dr|St|U|Đ/c|No|[A-ZĐ])\.$"
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a text as offsets, without the white space around them; a line end ends a sentence."""
    start = 0
    for found in _END.finditer(text):
        if "\n" not in found[0] and _SHORT.search(text, max(start, found.start() - 6), found.end()):
            continue
        yield from _trimmed(text, start, found.end())
        start = found.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    inner = piece.strip()
    if inner:
        begin = start + piece.index(inner)
        yield begin, begin + len(inner)
