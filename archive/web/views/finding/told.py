"""What the filters of a search are called: on their labels, as a heading, and in one sentence."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlite_utils import Database

from archive.formats import Formats
from archive.i18n import Words
from archive.query.lexer import STRICT, VALUES
from archive.query.tree import FilterField
from archive.search.filters import LEVELS, Names, load_names
from archive.web.search_params import SearchParams


@dataclass(frozen=True, slots=True)
class FilterNames:
    """The names of sources and topics, as one reader reads them."""

    words: Words
    formats: Formats
    names: Names
    topics_en: Mapping[str, str] = field(default_factory=dict)

    def name_of(self, field: FilterField, key: str, name: str = "") -> str:
        """What a value of a filter is called; ``name`` or itself where nothing else is known."""
        name = name or key
        if field == "level":
            return self.words.named("level", key) if key in LEVELS else name
        if field in STRICT:
            return self.words(f"query.{field}.{key}") if key in VALUES[field] else name
        if field == "topic":
            return self.words.either(self.names.topics.get(key, name), self.topics_en.get(key))
        return self.names.sources.get(key, name) if field == "source" else name

    def period(self, since: date | None, until: date | None) -> str:
        """``tháng 11/2026``, one day, or ``từ … đến …``; '' for any time."""
        if since and since == until:
            return self.formats.day(since.isoformat())
        if since and until and since.day == 1 and until == month_end(since):
            return self.words("search.month", month=f"{since:%m/%Y}")
        ends = (("search.since", since), ("search.until", until))
        return " ".join(self.words(word, day=self.formats.day(day.isoformat())) for word, day in ends if day)

    def heading(self, params: SearchParams) -> str:
        """The filters in a few words: ``Báo Trung Du · Công nghiệp · tháng 11/2026``."""
        parts = [self.name_of(field, value) for field, value in params.chosen.items()]
        text = " · ".join(filter(None, [*parts, self.period(params.since, params.until)]))
        return f"{text[:1].upper()}{text[1:]}"

    def sentence(self, params: SearchParams) -> str:
        """The same as one sentence, as the words of a search are explained."""
        parts = [self.words("query.nothing"), *(self._said(*one) for one in params.chosen.items())]
        return "; ".join(filter(None, [*parts, self.period(params.since, params.until)])) + "."

    def _said(self, field: FilterField, value: str) -> str:
        name = self.name_of(field, value)
        if field in STRICT:
            return self.words(f"query.only.{field}", what=name)
        return self.words(f"query.field.{field}", what=f"«{name}»")


def load_topics_en(db: Database) -> dict[str, str]:
    """The English names of the topics that have one."""
    return dict(db.execute("select key, name_en from topics where name_en <> ''").fetchall())


def load_filter_names(db: Database, words: Words, formats: Formats) -> FilterNames:
    """The names that an archive has."""
    return FilterNames(words, formats, load_names(db), load_topics_en(db))


def month_end(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])
