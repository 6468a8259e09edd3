"""The report as a value: tables of numbers with what they are compared with; all that renderings know."""

import msgspec

from archive.report.scope import Breadth, By, Unit


class Compared(msgspec.Struct, frozen=True):
    """A number beside the month before and the same month a year ago; None where nothing is known of it."""

    now: int | None
    before: int | None
    year: int | None


class Column(msgspec.Struct, frozen=True):
    """What a column counts."""

    by: By
    unit: Unit


class ReportRow(msgspec.Struct, frozen=True):
    """One line; ``name`` '' is made of words where it is shown.

    ``once`` are earlier names of an outlet, ``detail`` is a document's kind and issuer.
    """

    key: str
    name: str
    cells: list[Compared]
    name_en: str = ""
    once: list[str] = []
    detail: str = ""


class ReportTable(msgspec.Struct, frozen=True):
    """Numbers of one kind; in ``total`` each row has the column of its key alone."""

    key: str
    columns: list[Column]
    rows: list[ReportRow]

    def column(self, row: ReportRow, at: int) -> Column:
        """What a cell counts."""
        if self.key == "total":
            return next(one for one in self.columns if one.unit == row.key)
        return self.columns[at]


class TrendMonth(msgspec.Struct, frozen=True):
    """The articles of one month; None where nothing is known of it."""

    month: str
    articles: int | None


class CrawledDays(msgspec.Struct, frozen=True):
    """On how many of a month's days up to now a crawl went well; ``held``: there are articles of it."""

    month: str
    days: int
    of: int
    held: bool


class MonthReport(msgspec.Struct, frozen=True):
    """The report of one month; times as stored.

    ``undated`` articles are counted by when they were first seen.
    """

    month: str
    before: str
    year: str
    made_at: str
    breadth: Breadth
    crawled: list[CrawledDays]  # of the month, the one before, the one a year ago
    undated: int
    tables: list[ReportTable]
    trend: list[TrendMonth]

    def table(self, key: str) -> ReportTable | None:
        """A table; None where it is not part of this report."""
        return next((table for table in self.tables if table.key == key), None)
