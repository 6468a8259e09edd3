"""Lines of a page that are not the story: related links, counters, share buttons, clocks."""

import re
from pathlib import Path

from archive.config import WordLists
from archive.text import fold, nfc

_LONG = 200  # characters; boilerplate is shorter

# Patterns are over folded text (no marks, đ -> d, lower case).
_WORDS = WordLists(Path(__file__).with_suffix(".yml"))
_PHRASE = _WORDS.pattern(r"\W*(?:«links»|«controls»)\W*$", flags=0)
_HEADING = _WORDS.pattern(r"\W*(?:«links»)\W*$", flags=0)
_LINK = _WORDS.pattern(r"(?:>>|»|➤|►|▶)|\W*(?:«links»)\s*[:>»]", flags=0)
_LINE = _WORDS.pattern(r"\W*(?:«controls»|«changing»)\W*$", flags=0)
_SENTENCE_END = re.compile(r"[.!?…:;”\"»)]\W*$")
_DATELINE = re.compile(r"(?:\([\w .]{2,20}\)|[A-ZĐ]{2,8}(?:\.VN)?)\s*[-–—]+\s*(?=\S)")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def plain(line: str) -> str:
    """One line composed, its white space single, without invisible characters."""
    return " ".join(_INVISIBLE.sub("", nfc(line)).split())


def is_phrase(line: str) -> bool:
    """Whether a whole line is a heading over links or a button, with marks or without."""
    return _PHRASE.match(fold(line)) is not None


def paragraphs(text: str) -> list[str]:
    """The paragraphs a reader came for, in order, without boilerplate.

    Below a heading such as «Tin liên quan», lines that do not end like a sentence are links.
    """
    kept: list[str] = []
    under_heading = False
    for line in filter(None, map(plain, text.split("\n"))):
        folded = fold(line) if len(line) <= _LONG else ""
        if folded and _HEADING.match(folded):
            under_heading = True
        elif folded and (_LINK.match(folded) or _LINE.match(folded)):
            continue
        elif not under_heading or not folded or _SENTENCE_END.search(line):
            under_heading = False
            kept.append(line)
    return kept


def lead(text: str) -> list[str]:
    """The lead's paragraphs without the outlet's mark before them: «(Dân trí) - », «TTO - »."""
    lines = paragraphs(text)
    return [_DATELINE.sub("", lines[0], count=1), *lines[1:]] if lines else []
