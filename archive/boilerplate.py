"""Lines of a page that are not the story: related links, counters, share buttons, clocks."""

import re
from hashlib import blake2b
from pathlib import Path

from archive.config import WordLists
from archive.text import fold, nfc

LONG = 200  # characters; boilerplate is shorter

# Patterns are over folded text (no marks, đ -> d, lower case).
_WORDS = WordLists(Path(__file__).with_suffix(".yml"))
_PHRASE = _WORDS.pattern(r"\W*(?:«links»|«controls»)\W*$", flags=0)
_HEADING = _WORDS.pattern(r"\W*(?:«links»)\W*$", flags=0)
_LINK = _WORDS.pattern(r"(?:>>|»|➤|►|▶)|\W*(?:«links»)\s*[:>»]", flags=0)
_LINE = _WORDS.pattern(r"\W*+(?:«controls»|«changing»)\W*$", flags=0)
_BETWEEN = re.compile(r"\s*[|·•∙⋅●;]\s*|\s+[-–—/]\s+|,\s+|\)\s+")  # what parts counters in one line
_BEHIND_NUMBER = re.compile(r"(?<=\d)\s+(?=[^\W\d])")
_CAPTION = _WORDS.pattern(r"(?:«captions»)$")
_SENTENCE_END = re.compile(r"[.!?…:;”\"»)]\W*$")
_DATELINE = re.compile(r"(?:\([\w .]{2,20}\)|[A-ZĐ]{2,8}(?:\.VN)?)\s*[-–—]+\s*(?=\S)")
_SENTENCE = 6  # words
_FULL_STOP = re.compile(r"[.!?…][”\"»)]*$")
_NUMBER = re.compile(r"\d[\d.,:/]*")
_NOT_WORDS = re.compile(r"\W+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def plain(line: str) -> str:
    """One line composed, its white space single, without invisible characters."""
    return " ".join(_INVISIBLE.sub("", nfc(line)).split())


def is_phrase(line: str) -> bool:
    """Whether a whole line is a heading over links or a button, with marks or without."""
    return _PHRASE.match(fold(line)) is not None


def is_caption(line: str) -> bool:
    """Whether a line is what stands below a picture, by its source or by «Ảnh:»."""
    return len(line) <= LONG and _CAPTION.match(line) is not None


def is_sentence(line: str) -> bool:
    """Whether a line is told, not listed: words enough, and a full stop."""
    return bool(_FULL_STOP.search(line)) and len(line.split()) >= _SENTENCE


def shape(line: str) -> int:
    """What a line looks like whatever its numbers are: lines that differ in them alone have one shape."""
    bare = _NOT_WORDS.sub(" ", _NUMBER.sub("0", fold(line))).strip()
    return int.from_bytes(blake2b(bare.encode(), digest_size=8).digest(), signed=True)


def paragraphs(text: str) -> list[str]:
    """The paragraphs a reader came for, in order, without boilerplate.

    Below a heading such as «Tin liên quan», lines that do not end like a sentence are links.
    """
    kept: list[str] = []
    under_heading = False
    for line in filter(None, map(plain, text.split("\n"))):
        folded = fold(line) if len(line) <= LONG else ""
        if folded and _HEADING.match(folded):
            under_heading = True
        elif folded and (_LINK.match(folded) or _is_changing(folded)):
            continue
        elif not under_heading or not folded or _SENTENCE_END.search(line):
            under_heading = False
            kept.append(line)
    return kept


def _is_changing(folded: str) -> bool:
    """Whether a line is a clock or a counter, or some of them: «Lượt xem: 12 | Bình luận: 3»."""
    if _LINE.match(folded):
        return True
    parts = [part for part in _BETWEEN.split(folded) if part.strip()]
    if len(parts) > 1 and all(map(_LINE.match, parts)):
        return True
    parts = [piece for part in parts for piece in _BEHIND_NUMBER.split(part)]
    return len(parts) > 1 and all(map(_LINE.match, parts))


def lead(text: str) -> list[str]:
    """The lead's paragraphs without the outlet's mark before them: «(Dân trí) - », «TTO - »."""
    lines = paragraphs(text)
    return [_DATELINE.sub("", lines[0], count=1), *lines[1:]] if lines else []
