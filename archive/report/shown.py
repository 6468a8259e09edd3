"""The report in a reader's words, every number with the address of its list: what all renderings draw."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from archive.clock import HANOI, moment
from archive.formats import Formats
from archive.i18n import Words
from archive.report.asked import ListAsked
from archive.report.content import Column, Compared, CrawledDays, MonthReport, ReportRow, ReportTable
from archive.report.counts import breadth_of
from archive.report.desk import register_list
from archive.report.month import Month
from archive.sheets import UNKNOWN

LIST, REGISTER = "/bao-cao/bai", "/phan-hoi"
NOTHING = UNKNOWN
_WITHOUT_BARS = ("total", "answered", "spread", "changes")  # one row or column is not measured against the next
Address = Callable[[str, Mapping[str, str]], str]


class ShownNumber(NamedTuple):
    """A number and its list; both empty where nothing is known. ``change``: the month against it, in words."""

    value: int | None
    text: str
    href: str
    change: str = ""
    difference: int | None = None
    percent: float | None = None


class ShownColumn(NamedTuple):
    """One count of a row: the month's, and those it is compared with. ``share`` of the column's largest."""

    unit: str
    now: ShownNumber
    before: ShownNumber
    year: ShownNumber
    share: float


class ShownRow(NamedTuple):
    """A line with its name; ``beside`` is what an outlet was called before, or of what kind a document is."""

    key: str
    label: str
    beside: str
    columns: list[ShownColumn]


class ShownTable(NamedTuple):
    """A table; ``heads`` names its columns, ``note`` says how it was counted."""

    key: str
    title: str
    heads: list[str]
    rows: list[ShownRow]
    note: str


class ShownBar(NamedTuple):
    """A bar of a chart: how many, what it says, and its list; without one where nothing is known."""

    n: int
    label: str
    text: str
    href: str


def paper_address(archive_url: str) -> Address:
    """Addresses for papers, which are read anywhere."""
    return lambda path, params: f"{archive_url}{path}?{urlencode(params)}"


class ShownReport:
    """A report for one reader."""

    def __init__(self, report: MonthReport, words: Words, address: Address) -> None:
        self.report, self.words, self.address = report, words, address
        self.months = [Month.read(one) for one in (report.month, report.before, report.year)]
        self.formats = Formats(words, moment(report.made_at))

    @property
    def title(self) -> str:
        return self.words("report.title", month=month_name(self.months[0]))

    @property
    def made(self) -> str:
        """When it was made."""
        return self.words("report.made", at=f"{moment(self.report.made_at).astimezone(HANOI):%H:%M %d/%m/%Y}")

    @property
    def heads(self) -> list[str]:
        """The three months, those marked that were not crawled on every day."""
        return [
            month_name(month) + ("*" if one.days < one.of else "")
            for month, one in zip(self.months, self.report.crawled, strict=True)
        ]

    @property
    def tables(self) -> list[ShownTable]:
        return [self._table(table) for table in self.report.tables]

    @property
    def notes(self) -> list[str]:
        """What was counted and how, and where data may be missing."""
        words, undated = self.words, self.report.undated
        how = words("report.how", undated=words("report.undated", n=words.number(undated)) if undated else "")
        notes = [words(f"report.breadth.{self.report.breadth}"), how, *self._unfinished()]
        return [*notes, *(f"* {line}" for one in self.report.crawled if (line := self._missing(one)))]

    @property
    def trend(self) -> list[ShownBar]:
        """The articles of the last thirteen months."""
        return [
            self._bar(
                one.articles, month_name(month), ListAsked(month, "articles", breadth=self.report.breadth)
            )
            for one in self.report.trend
            for month in [Month.read(one.month)]
        ]

    @property
    def days(self) -> list[ShownBar]:
        """The articles of each day."""
        table, breadth = self.report.table("day"), self.report.breadth
        return [
            self._bar(
                row.cells[-1].now or 0,
                self.formats.day(row.key),
                ListAsked(self.months[0], "articles", "day", row.key, breadth),
            )
            for row in (table.rows if table else ())
        ]

    def _bar(self, count: int | None, label: str, asked: ListAsked) -> ShownBar:
        if count is None:
            return ShownBar(0, label, f"{label}: {NOTHING}", "")
        text = f"{label}: {self.formats.count('articles', count)}"
        return ShownBar(count, label, text, self.address(LIST, asked.params))

    def _unfinished(self) -> list[str]:
        month, made = self.months[0], moment(self.report.made_at)
        if month.start > made:
            return [self.words("report.future")]
        return [self.words("report.unfinished", at=self.formats.in_print(made))] if month.end > made else []

    def _missing(self, one: CrawledDays) -> str:
        if one.days == one.of:
            return ""
        kind = "part" if one.days else "later" if one.held else "none"
        month = month_name(Month.read(one.month))
        return self.words(f"report.crawled.{kind}", month=month, n=one.days, of=one.of)

    def _table(self, table: ReportTable) -> ShownTable:
        key, words = table.key, self.words
        heads = [""] if key in ("total", "answered") else [self.column_name(column) for column in table.columns]
        tops = [max((row.cells[at].now or 0 for row in table.rows), default=0) for at in range(len(heads))]
        rows = [self._row(table, row, tops) for row in table.rows]
        note = words(f"report.note.{key}") if words.has(f"report.note.{key}") else ""
        return ShownTable(key, words(f"report.table.{key}"), heads, rows, note)

    def column_name(self, column: Column) -> str:
        """What a column counts."""
        named = f"report.column.{column.by}"
        return self.words(named if self.words.has(named) else f"report.unit.{column.unit}")

    def _row(self, table: ReportTable, row: ReportRow, tops: list[int]) -> ShownRow:
        columns = [
            self._column(table, row, table.column(row, at), cell, tops[at]) for at, cell in enumerate(row.cells)
        ]
        once = self.words("report.once", names=", ".join(row.once)) if row.once else row.detail
        return ShownRow(
            row.key, row_name(self.formats, table.key, row.key, row.name, row.name_en), once, columns
        )

    def _column(
        self, table: ReportTable, row: ReportRow, column: Column, cell: Compared, top: int
    ) -> ShownColumn:
        numbers = [
            self._number(table, row, column, value, month, cell.now if at else None)
            for at, (value, month) in enumerate(
                zip((cell.now, cell.before, cell.year), self.months, strict=True)
            )
        ]
        share = (cell.now or 0) / top if top and table.key not in _WITHOUT_BARS else 0.0
        return ShownColumn(column.unit, numbers[0], numbers[1], numbers[2], share)

    def _number(
        self,
        table: ReportTable,
        row: ReportRow,
        column: Column,
        value: int | None,
        month: Month,
        now: int | None,
    ) -> ShownNumber:
        if value is None:
            return ShownNumber(None, NOTHING, "")
        href = self._list_of(table, row, column, month)
        if now is None:
            return ShownNumber(value, self.words.number(value), href)
        difference = now - value
        percent = round(100 * difference / value, 1) if value else None
        return ShownNumber(
            value, self.words.number(value), href, self._change(difference, percent), difference, percent
        )

    def _list_of(self, table: ReportTable, row: ReportRow, column: Column, month: Month) -> str:
        if table.key == "answered":
            return self.address(REGISTER, register_list(row.key, month))
        key = "" if table.key == "total" else f"{month}{row.key[7:]}" if table.key == "day" else row.key
        breadth = breadth_of(table.key, self.report.breadth)
        return self.address(LIST, ListAsked(month, column.unit, column.by, key, breadth).params)

    def _change(self, difference: int, percent: float | None) -> str:
        """``+12 (+8,1%)``; ``0`` for no change; no percentage of nothing."""
        if not difference:
            return "±0"
        text = self._signed(difference)
        return f"{text} ({self._signed(percent)}%)" if percent is not None else text

    def _signed(self, number: float) -> str:
        return f"{'+' if number > 0 else '−'}{self.words.number(abs(number))}"


def month_name(month: Month) -> str:
    """``11/2026``."""
    return f"{month.number:02}/{month.year}"


def row_name(formats: Formats, table: str, key: str, name: str = "", name_en: str = "") -> str:
    """What a row is called: by its own name, else by words for its key."""
    words = formats.words
    if table in ("total", "answered"):
        return words(f"report.unit.{key}")
    if table == "day":
        return _day(formats, key)
    if table in ("tone", "level"):
        named = "desk.tone" if table == "tone" else "level"
        return _sentence(words.named(named, key) if key else words(f"report.{table}.none"))
    return words.either(name, name_en) or _sentence(words("report.topic.none"))


def _day(formats: Formats, key: str) -> str:
    try:
        day = date.fromisoformat(key)
    except ValueError:
        return key
    return f"{formats.weekday(day)}, {day:%d/%m}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
