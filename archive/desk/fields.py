"""What people may write at the desk: the fields, how much each holds, and how a typed value is kept."""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from archive.clock import moment, stamp
from archive.digests.mail.addresses import PLACEHOLDER, parse
from archive.text import safe_url

MOST = {  # characters
    "comment": 2000, "note": 5000, "title": 300, "summary": 3000, "why": 300, "assignee": 100, "section": 200,
    "notice": 2000, "address": 254, "asked": 2000, "ground": 2000, "asked_by": 200, "answer": 500,
    "answer_url": 2000,
}  # fmt: skip
MARKS = ("chosen", "left", "irrelevant")
TONES = ("good", "neutral", "bad")
OUTCOMES = ("edited", "corrected", "removed", "kept")
CLOSURES = ("closed", "withdrawn")

_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")


class BadValue(ValueError):
    """A value that a field cannot hold; ``typed`` is what came, to be shown again."""

    def __init__(self, field: str, typed: object) -> None:
        super().__init__(f"{field}: {str(typed)[:80]!r}")
        self.field, self.typed = field, typed


class TooLong(BadValue):
    """More than the ``most`` characters that a field holds."""

    def __init__(self, field: str, typed: str, most: int) -> None:
        super().__init__(field, typed)
        self.most = most


def checked(field: str, value: Any) -> Any:
    """The value as the field keeps it; raises BadValue or TooLong, KeyError for an unknown field."""
    try:
        return _KINDS[field](field, value)
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, BadValue):
            raise
        raise BadValue(field, value) from error


def tidied(text: str) -> str:
    """Text as it is kept: composed letters, ``\\n`` between lines, no control characters, no blank ends."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in lines if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return "".join(kept).strip()


def _text(field: str, value: str | None) -> str:
    text = tidied(value or "")
    if len(text) > MOST[field]:
        raise TooLong(field, value or "", MOST[field])
    return text


def _some_text(field: str, value: str | None) -> str:
    if not (text := _text(field, value)):
        raise BadValue(field, value)
    return text


def _address(field: str, value: str | None) -> str:
    """One address; never a ``${NAME}``, which would be filled with a secret."""
    text = _text(field, value)
    if PLACEHOLDER.search(text):
        raise BadValue(field, value)
    return parse(text).address


def _line(field: str, value: str | None) -> str:
    return " ".join(_text(field, value).split())


def _section(field: str, value: str | None) -> str | None:
    return None if value is None else _line(field, value)


def _one_of(*names: str) -> Callable[[str, str | None], str | None]:
    def check(field: str, value: str | None) -> str | None:
        if value and value not in names:
            raise BadValue(field, value)
        return value or None

    return check


def _day(field: str, value: str | None) -> str | None:
    """A day as it is stored, ``2026-11-30``; typed so or as ``30/11/2026``."""
    if not (typed := (value or "").strip()):
        return None
    written = _DAY.fullmatch(typed)
    day = date(*map(int, written.groups()[::-1])) if written else date.fromisoformat(typed)
    if not 1900 <= day.year < 2200:  # a slip of the finger, and no day that Excel knows
        raise BadValue(field, value)
    return day.isoformat()


def _some_day(field: str, value: str | None) -> str:
    if (day := _day(field, value)) is None:
        raise BadValue(field, value)
    return day


def _time(_field: str, value: str | None) -> str | None:
    return stamp(moment(value)) if value else None


def _web_address(field: str, value: str | None) -> str:
    address = _line(field, value)
    if address and not safe_url(address):
        raise BadValue(field, value)
    return address


def _number(field: str, value: float | str | None) -> float | None:
    number = None if value is None or value == "" else float(value)
    if number is not None and not math.isfinite(number):
        raise BadValue(field, value)
    return number


def _id(field: str, value: int | str | None) -> int | None:
    number = None if value is None or value == "" else int(value)
    if number is not None and not 0 < number < 2**63:
        raise BadValue(field, value)
    return number


def _yes(_field: str, value: object) -> bool:
    return bool(value) and value not in ("0", "false")


_KINDS: dict[str, Callable[[str, Any], Any]] = {
    "mark": _one_of(*MARKS), "why": _text, "star": _yes, "comment": _text, "section": _section,
    "position": _number, "title": _line, "summary": _text, "head_id": _id, "apart": _yes,
    "tone": _one_of(*TONES), "note": _text, "notice": _some_text,
    "address": _address, "assignee": _line, "due": _day,
    "whole_story": _yes, "asked": _some_text, "ground": _some_text, "asked_by": _line, "asked_on": _some_day,
    "answered_on": _day, "answer": _line, "answer_url": _web_address,
    "outcome": _one_of(*OUTCOMES), "outcome_on": _day, "closed": _one_of(*CLOSURES),
    "proof_article": _id, "proof_version": _id, "proof_at": _time, "seen_until": _time,
}  # fmt: skip
