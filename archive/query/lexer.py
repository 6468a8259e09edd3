"""A typed query cut into its tokens: words, quoted phrases, NEAR, fields, OR; what fields may hold."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Literal

from archive.text import fold, marked, nfc, norm, words

Kind = Literal["words", "near", "open", "close", "or", "and", "not"]

FIELDS = {
    "title": ("title", "tiêu đề", "tiêu-đề", "tieu de", "tieu-de"),
    "source": ("source", "nguồn", "nguon"),
    "topic": ("topic", "chủ đề", "chủ-đề", "chu de", "chu-de"),
    "place": ("place", "nơi", "noi"),
    "org": ("org", "tổ chức", "tổ-chức", "to chuc", "to-chuc"),
    "level": ("level", "mức", "muc"),
    "state": ("is", "đã", "da"),
    "mark": ("mark", "dấu", "dau"),
    "after": ("after", "sau"),
    "before": ("before", "trước", "truoc"),
}
# field -> stored code -> what may be typed for it besides the code
VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "level": {"about": ("trọng tâm", "chính"), "mention": ("có nhắc đến", "nhắc")},
    "state": {"edited": ("sửa", "đã sửa"), "gone": ("gỡ", "đã gỡ")},
    "mark": {
        "chosen": ("chọn", "đã chọn"),
        "starred": ("nổi-bật", "nổibật"),
        "left": ("để-lại", "đểlại", "bỏ"),
        "irrelevant": ("không-liên-quan", "khôngliênquan", "bỏ"),
    },
}
STRICT = ("state", "mark")  # fields whose unknown values are ordinary text
_FIELD_OF = {nfc(name): field for field, names in FIELDS.items() for name in names}
_NAMES = "|".join(sorted(map(re.escape, _FIELD_OF), key=len, reverse=True))
# no space after the colon: «Ông nói: …» and «Sau: …» in a pasted sentence are words
_FIELD = re.compile(rf"({_NAMES}):(?=[^\s)])", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]*)"(?:~(\d{1,3}))?(\*)?')
_NEAR = re.compile(r"NEAR\s?\(([^()]*)\)")
_NEAR_ITEM = re.compile(r'"([^"]*)"|([^\s,"]+)')
_NEAR_DISTANCE = re.compile(r",\s*(\d{1,3})\s*$")
_CHUNK = re.compile(r'[^\s"()]+')
_VALUE = re.compile(r'"([^"]*)"|([^\s"()]+)')
_COMMA = re.compile(r"[;,](?!\d)|(?<!\d)[;,]")
_ENDS = frozenset(".:!?…")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″＂", '"'))
_OPERATORS: dict[str, Kind] = {
    "OR": "or", "HOẶC": "or", "HOAC": "or", "|": "or", "||": "or", "AND": "and", "&&": "and", "NOT": "not",
}  # fmt: skip
_MOST_VALUES = 200  # of one field
NEAR_DISTANCE = 10  # FTS5's own default


@dataclass(frozen=True, slots=True)
class QueryToken:
    """A token of a query; ``phrases`` are rows of words (several only for ``near``), ``raw`` the text typed.

    ``ends``: what stands behind it, a comma or a dash, parts it from the next.
    """

    kind: Kind
    phrases: tuple[tuple[str, ...], ...] = ()
    raw: str = ""
    field: str = ""
    negated: bool = False
    prefix: bool = False
    quoted: bool = False
    distance: int = NEAR_DISTANCE
    ends: bool = False

    @property
    def bare(self) -> bool:
        """Whether it is one word as people type it, without field, quotes or operator."""
        plain = self.kind == "words" and not (self.field or self.negated or self.prefix or self.quoted)
        return plain and len(self.phrases) == 1 and len(self.phrases[0]) == 1


def named(asked: str, name: str) -> bool:
    """Whether a name is the one asked for, by the rule of the language: marks as typed, where typed."""
    typed, there = words(asked), words(name)
    return len(typed) == len(there) and all(_same(*pair) for pair in zip(typed, there, strict=True))


def codes_for(field: str, asked: str) -> list[str]:
    """The codes of a field that a typed value means; «bỏ» means both kinds of what was left out."""
    known = VALUES[field].items()
    return [code for code, names in known if any(named(asked, name) for name in (code, *names))]


def _same(typed: str, there: str) -> bool:
    return norm(typed).lower() == norm(there).lower() if marked(typed) else fold(typed) == fold(there)


def clean(text: str) -> str:
    """The text composed, with all kinds of double quotes as one, and without what no database can hold."""
    text = nfc(text).translate(_QUOTES)
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)


class Lexer:
    """Cuts a cleaned text; ``stray`` says that a quote without a partner was left out.

    ``as_text``: what looks like a condition and was taken as ordinary text, as its field has no such value, or
    asks for marks at the desk (``desk``) where there are none.
    """

    def __init__(self, text: str, *, desk: bool = False) -> None:
        self.text = text
        self.stray = False
        self.as_text: list[str] = []
        self._desk = desk
        self._at = 0

    def tokens(self) -> list[QueryToken]:
        """All tokens, in the order typed."""
        tokens: list[QueryToken] = []
        while self._skip_space():
            negated = self._starts_exclusion() and self._take("-")
            more = self._next(negated)
            if not more and tokens:
                tokens[-1] = replace(tokens[-1], ends=True)
            tokens += more
        return tokens

    def _skip_space(self) -> bool:
        while self._at < len(self.text) and self.text[self._at].isspace():
            self._at += 1
        return self._at < len(self.text)

    def _starts_exclusion(self) -> bool:
        before, after = self.text[max(self._at - 1, 0) : self._at], self.text[self._at + 1 : self._at + 2]
        free = not before or before.isspace() or before == "("
        return self.text[self._at] == "-" and free and bool(after) and not after.isspace() and after != "-"

    def _take(self, mark: str) -> bool:
        taken = self.text.startswith(mark, self._at)
        self._at += len(mark) if taken else 0
        return taken

    def _next(self, negated: bool) -> list[QueryToken]:
        field = self._field()
        if self._take("("):
            return [QueryToken("open", field=field, negated=negated)]
        if self._take(")"):
            return [QueryToken("close")]
        if match := _QUOTED.match(self.text, self._at):
            self._at = match.end()
            return _quoted(match, field, negated)
        if self._take('"'):
            self.stray = True
            return []
        if match := _NEAR.match(self.text, self._at):
            self._at = match.end()
            return _near(match[1], field, negated)
        match = _CHUNK.match(self.text, self._at)
        assert match  # noqa: S101 - neither space, quote nor bracket stands here
        self._at = match.end()
        return _chunk(match[0], field, negated)

    def _field(self) -> str:
        """The field that begins here, "" for none."""
        match = _FIELD.match(self.text, self._at)
        field = _FIELD_OF.get(match[1].lower(), "") if match else ""
        if match is None or not field:
            return ""
        if field in STRICT:
            value = _VALUE.match(self.text, match.end())
            if not self._knows(field, value):
                self.as_text.append(match[0] + (value[0] if value else ""))
                return ""
        self._at = match.end()
        return field

    def _knows(self, field: str, value: re.Match[str] | None) -> bool:
        if value is None or (field == "mark" and not self._desk):
            return False
        values = values_of(value[1] or value[2] or "", quoted=value[1] is not None)
        return bool(values) and all(codes_for(field, one) for one in values)


def values_of(text: str, *, quoted: bool) -> tuple[str, ...]:
    """The values of a field: several with commas, those that are words."""
    parts = [text] if quoted else text.split(",")
    return tuple(dict.fromkeys(part.strip() for part in parts if words(part)))[:_MOST_VALUES]


def _quoted(match: re.Match[str], field: str, negated: bool) -> list[QueryToken]:
    row = tuple(words(match[1]))
    if match[2] and len(row) > 1:
        rows = tuple((word,) for word in row)
        return [QueryToken("near", rows, match[1], field, negated, distance=int(match[2]))]
    prefix = bool(match[3]) or match[1].endswith("*")
    return [QueryToken("words", (row,), match[1], field, negated, prefix=prefix, quoted=True)] if row else []


def _near(inside: str, field: str, negated: bool) -> list[QueryToken]:
    distance = NEAR_DISTANCE
    if match := _NEAR_DISTANCE.search(inside):
        distance, inside = int(match[1]), inside[: match.start()]
    rows = [tuple(words(quoted or plain)) for quoted, plain in _NEAR_ITEM.findall(inside)]
    rows = [row for row in rows if row]
    if len(rows) > 1:
        return [QueryToken("near", tuple(rows), inside, field, negated, distance=distance)]
    return [QueryToken("words", (row,), inside, field, negated, quoted=True) for row in rows]


def _chunk(chunk: str, field: str, negated: bool) -> list[QueryToken]:
    if not field and not negated and chunk in _OPERATORS:
        return [QueryToken(_OPERATORS[chunk])]
    if field and field != "title":
        return [QueryToken("words", (tuple(words(chunk)),), chunk, field, negated)]
    parts = _COMMA.split(chunk)
    rows = [
        (part, tuple(words(part)), at < len(parts) or part[-1:] in _ENDS) for at, part in enumerate(parts, 1)
    ]
    return [
        QueryToken("words", (row,), raw, field, negated, prefix=raw.endswith("*"), ends=ends)
        for raw, row, ends in rows
        if row
    ]
