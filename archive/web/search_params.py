"""What a reader asks of the search page, as it stands in the address: words, filters, order, page."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from archive.clock import HANOI
from archive.query import PlaceNames, Query, ReadAs, parse
from archive.query.lexer import STRICT, VALUES
from archive.query.lexicon import Lexicon
from archive.query.tree import FilterField, Or

Order = Literal["newest", "relevance"]

LONGEST = 4000  # characters of a query that are read
PARAMS: dict[FilterField, str] = {
    "level": "muc", "state": "da", "mark": "dau",
    "source": "nguon", "topic": "chude", "place": "noi", "org": "tochuc",
}  # fmt: skip
_LANGUAGE: dict[FilterField, str] = {
    "level": "mức", "state": "đã", "source": "nguồn", "topic": "chủ-đề", "place": "nơi", "org": "tổ-chức"
}  # a rule knows no marks  # fmt: skip
SHARED = ("tu", "den", "ten", "tieng", "chu")  # what holds for all searches of a comparison
_RELEVANCE = "dung"
_AS_TYPED = "go"
_APART = "roi"
_ANY_MARKS = "moi"
_GROUPED = "su-kien"


@dataclass(frozen=True, slots=True)
class SearchParams:
    """One search; ``since`` and ``until`` are days in Hà Nội, both included.

    ``as_typed``: names of places are not joined with their old and new names. ``apart``: each syllable is
    looked for by itself. ``any_marks``: what is typed without marks may bear any.
    ``grouped``: each event once. ``desk``: whether whoever asks
    sees the desk, and may ask for its marks.
    """

    words: str = ""
    level: str = ""
    state: str = ""
    mark: str = ""
    source: str = ""
    topic: str = ""
    place: str = ""
    org: str = ""
    since: date | None = None
    until: date | None = None
    order: Order = "newest"
    page: int = 1
    as_typed: bool = False
    apart: bool = False
    any_marks: bool = False
    grouped: bool = False
    desk: bool = False

    @classmethod
    def read(cls, arg: Callable[[str], str], page: int, *, desk: bool = False) -> "SearchParams":
        """What an address asks; a day that is none is left out."""
        return cls(
            words=arg("q")[:LONGEST],
            level=arg("muc")[:20],
            state=arg("da")[:20],
            mark=arg("dau")[:20] if desk and arg("dau") != _ANY_MARKS else "",
            source=arg("nguon")[:200],
            topic=arg("chude")[:200],
            place=arg("noi")[:200],
            org=arg("tochuc")[:200],
            since=day_in(arg("tu")),
            until=day_in(arg("den")),
            order="relevance" if arg("xep") == _RELEVANCE else "newest",
            page=page,
            as_typed=arg("ten") == _AS_TYPED,
            apart=arg("tieng") == _APART,
            any_marks=_ANY_MARKS in (arg("chu"), arg("dau")),
            grouped=arg("gom") == _GROUPED,
            desk=desk,
        )

    @classmethod
    def stored(cls, asked: str, *, desk: bool) -> "SearchParams":
        """What :meth:`to_query` gave, from the first page on."""
        given = dict(parse_qsl(asked))
        return cls.read(lambda name: given.get(name, ""), 1, desk=desk)

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.words or self.chosen or self.since or self.until)

    @property
    def chosen(self) -> dict[FilterField, str]:
        """The filters that are set."""
        fields: dict[FilterField, str] = {
            "level": self.level, "state": self.state, "mark": self.mark, "source": self.source,
            "topic": self.topic, "place": self.place, "org": self.org,
        }  # fmt: skip
        return {field: value for field, value in fields.items() if value}

    def to_dict(self) -> dict[str, object]:
        """The address's parameters; what is usual is left out."""
        return {
            "q": self.words,
            **{PARAMS[field]: value for field, value in self.chosen.items()},
            "tu": self.since,
            "den": self.until,
            "xep": _RELEVANCE if self.order == "relevance" else "",
            "ten": _AS_TYPED if self.as_typed else "",
            "tieng": _APART if self.apart else "",
            "chu": _ANY_MARKS if self.any_marks else "",
            "gom": _GROUPED if self.grouped else "",
            "trang": self.page if self.page > 1 else "",
        }

    def to_query(self) -> str:
        """The same as one text, whatever page is shown."""
        given = replace(self, page=1).to_dict()
        return urlencode([(name, str(value)) for name, value in given.items() if value])

    def filtered(self, field: FilterField, value: str) -> "SearchParams":
        """The same with one filter set, or with '' taken away; back to the first page."""
        changed: dict[str, str] = {field: value}
        return replace(self, page=1, **changed)  # type: ignore[arg-type]

    def within(self, since: date | None, until: date | None) -> "SearchParams":
        """The same within a period."""
        return replace(self, since=since, until=until, page=1)

    def query(self, places: PlaceNames | None, lexicon: Lexicon | None = None) -> Query:
        """The whole of it as a query, its words as the lexicon knows them."""
        how = ReadAs(lexicon, apart=self.apart, any_marks=self.any_marks)
        query = parse(self.words, None if self.as_typed else places, how, desk=self.desk).narrowed(
            **self.chosen
        )
        since = midnight(self.since) if self.since else None
        until = midnight(self.until + timedelta(days=1)) if self.until and self.until < date.max else None
        return replace(
            query,
            after=max((day for day in (query.after, since) if day), default=None),
            before=min((day for day in (query.before, until) if day), default=None),
        )

    def rule_text(self) -> str:
        """The same in the query language without what a rule knows not: period and marks."""
        return self._typed(_LANGUAGE)

    def as_text(self) -> str:
        """The same in the query language without the period; with the marks, for who sees them."""
        return self._typed({**_LANGUAGE, "mark": "dấu"} if self.desk else _LANGUAGE)

    def _typed(self, language: dict[FilterField, str]) -> str:
        filters = [
            f"{language[field]}:{_quoted(_written(field, value))}"
            for field, value in self.chosen.items()
            if field in language
        ]
        either = filters and isinstance(parse(self.words, desk=self.desk).tree, Or)
        return " ".join([f"({self.words})" if either else self.words, *filters]).strip()

    def compared(self) -> dict[str, object]:
        """The address's parameters of a comparison that begins with this search."""
        return {
            "a": self.as_text(),
            **{name: value for name, value in self.to_dict().items() if name in SHARED},
        }

    def as_rule(self) -> str:
        """That, quoted for YAML."""
        return json.dumps(self.rule_text(), ensure_ascii=False)


def _written(field: FilterField, value: str) -> str:
    """A value as it is typed: ``sửa`` for ``edited``."""
    return VALUES[field].get(value, (value,))[0] if field in STRICT else value


def _quoted(value: str) -> str:
    return f'"{value}"' if any(mark.isspace() for mark in value) else value


def midnight(day: date) -> datetime:
    """When a day begins in Hà Nội."""
    return datetime.combine(day, time(), HANOI)


def day_in(text: str) -> date | None:
    """The day that an address names (``2026-11-21``); None for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year > 1 else None
