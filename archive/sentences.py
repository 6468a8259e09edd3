"""Where sentences end: in a text as written, as shown to readers, in folded text, and among tokens."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Protocol

_END = re.compile(  # each run of stops is looked at once, from its beginning
    r"(?<![.!?…])[.!?…]++[\"”’»)]*+(?=\s++[\"“‘«(\-–]?\s*+[A-ZÀ-ỸĐ0-9])|\n+"
)
_SHORT = re.compile(
    r"(?:^|[\s(])(?:TP|T\.P|Tp|P|Q|H|X|TX|TT|T\.X|T\.T|PGS|GS|TS|ThS|Ths|BS|KTS|Mr|Ms|Mrs|Dr|St|U|Đ/c|No|[A-ZĐ])\.$"
)
# Shown to readers, a text is never cut within a name («anh C.V. H.»); for facts it may be cut once too often.
_SHOWN_END = re.compile(r"(?<=[.!?…])[\"”»)\]]*\s+(?=[\"“«(\[]*[A-ZÀ-Ỹ\d])")
_SHOWN_SHORT = re.compile(
    r"(?:\b(?:TP|Tp|TX|TT|ThS|TS|PGS|GS|BS|KS|CN|NSND|NSƯT|St|Q|P|H|X|tr|v\.v)|\b[A-ZĐ])\.$"
)
_FOLDED_END = re.compile(r"(?<=[.!?…])\s+|\n")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a text as offsets, without the white space around them; a line end ends a sentence."""
    start = 0
    for end in _END.finditer(text):
        if "\n" not in end[0] and _SHORT.search(text, max(start, end.start() - 6), end.end()):
            continue
        yield from _trimmed(text, start, end.end())
        start = end.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    inner = piece.strip()
    if inner:
        begin = start + piece.index(inner)
        yield begin, begin + len(inner)


def first_sentences(text: str, count: int, longest: int = 420) -> str:
    """The first sentences of a text, cut with … at a word if they are longer than ``longest`` characters."""
    flat = " ".join(text.split())
    ends = (end.start() for end in _SHOWN_END.finditer(flat) if not _SHOWN_SHORT.search(flat[: end.start()]))
    shown = flat[: next(islice(ends, count - 1, None), None)]
    if len(shown) <= longest:
        return shown
    return shown[: shown.rfind(" ", 0, longest)].rstrip(" ,;:–-") + "…"


def folded_sentences(text: str) -> list[str]:
    """The sentences of a folded text, whose capitals are gone."""
    return _FOLDED_END.split(text)


class TokenLike(Protocol):
    """A token of a text: its words and where it stands."""

    @property
    def key(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def sentence_ends(tokens: Sequence[TokenLike], text: str) -> list[int]:
    """Where sentences end, as indexes past their last token; paragraphs end sentences."""
    ends = [
        at + 1
        for at, (one, after) in enumerate(pairwise(tokens))
        if "\n" in text[one.end : after.start]
        or (one.key in {".", "!", "?", "…"} and not text[after.start].islower())
    ]
    return [*ends, len(tokens)] if tokens else []
