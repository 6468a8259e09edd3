"""Put the numbers of three months beside each other: the report as a value."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlite_utils import Database

from archive.clock import stamp
from archive.desk.register import FIGURES
from archive.report.content import (
    Column,
    Compared,
    CrawledDays,
    MonthReport,
    ReportRow,
    ReportTable,
    TrendMonth,
)
from archive.report.counts import COLUMNS, OF_THE_DESK, MonthCounts, load_counts, load_trend
from archive.report.desk import DeskFacts
from archive.report.month import Month
from archive.report.scope import BREADTHS, Breadth, Unit

_FIXED = {"tone": ("good", "neutral", "bad", ""), "level": ("about", "mention", ""), "answered": tuple(FIGURES)}
BY_OUTLET = {"outlet", "spread", "changes"}  # tables whose rows are outlets
_SEEN_ONLY = {"edits", "gone"}  # units that nobody knows of without a crawl


class ReportNames(NamedTuple):
    """What the keys of rows are called: outlets with their earlier names, topics by weight, documents."""

    outlets: dict[str, str]
    once: dict[str, list[str]]
    topics: dict[str, tuple[str, str]]
    documents: dict[str, str]


class ReportBasis(NamedTuple):
    """What a report has besides its numbers."""

    names: ReportNames
    trend: list[tuple[Month, int | None]]
    undated: int


def compared_months(month: Month) -> tuple[Month, Month, Month]:
    """The month, the one before, and the same one a year ago."""
    return month, month.plus(-1), month.plus(-12)


def load_report(
    db: Database, month: Month, breadth: Breadth, facts: DeskFacts | None, now: datetime
) -> MonthReport:
    """The report of a month as the archive stands; without ``facts`` as the public sees it."""
    three = [load_counts(db, one, breadth, facts, now) for one in compared_months(month)]
    return build(three, load_basis(db, month, breadth), breadth, facts, now)


def load_basis(db: Database, month: Month, breadth: Breadth) -> ReportBasis:
    """Names, the last thirteen months, and how many articles have no day of their own."""
    outlets = {key: name or key for key, name in db.execute("select key, name from sources")}
    once: dict[str, list[str]] = {}
    sql = "select source, name from source_names where until_at >= ? order by until_at"
    for key, name in db.execute(sql, [stamp(month.plus(-12).start)]):
        if name != outlets.get(key):
            once.setdefault(key, []).append(name)
    topics = db.execute("select key, name, name_en from topics order by weight desc, key")
    documents = db.execute(
        "select number, trim(coalesce(kind, '') || ' ' || coalesce(issuer, '')) from documents"
    )
    names = ReportNames(outlets, once, {key: (name, name_en) for key, name, name_en in topics}, dict(documents))
    return ReportBasis(names, load_trend(db, month, breadth), _undated(db, month, breadth))


def _undated(db: Database, month: Month, breadth: Breadth) -> int:
    sql = f"""select count(*) from articles a where a.sort >= ? and a.sort < ? and {BREADTHS[breadth]}
        and (a.published_at is null or instr(a.doubt, 'date_future'))"""
    return int(db.execute(sql, month.sorts).fetchone()[0])


def build(
    three: Sequence[MonthCounts], basis: ReportBasis, breadth: Breadth, facts: DeskFacts | None, now: datetime
) -> MonthReport:
    """The report of what was counted."""
    month, before, year = (one.month for one in three)
    tables = _Tables(three, basis.names)
    return MonthReport(
        month=str(month),
        before=str(before),
        year=str(year),
        made_at=stamp(now),
        breadth=breadth,
        crawled=[CrawledDays(str(one.month), one.crawled.days, one.crawled.of, one.held) for one in three],
        undated=basis.undated,
        tables=[tables.table(key) for key in COLUMNS if facts or key not in OF_THE_DESK],
        trend=[TrendMonth(str(one), count) for one, count in basis.trend],
    )


class _Tables:
    """The tables of three months, the newest first."""

    def __init__(self, three: Sequence[MonthCounts], names: ReportNames) -> None:
        self.three, self.names = three, names

    def table(self, key: str) -> ReportTable:
        columns = [Column(*one) for one in COLUMNS[key]]
        if key == "total":
            rows = [
                ReportRow(one.unit, "", [self._cell(key, at, "", one.unit)]) for at, one in enumerate(columns)
            ]
            return ReportTable(key, columns, rows)
        return ReportTable(key, columns, [self._row(key, row, columns) for row in self._keys(key)])

    def _row(self, table: str, key: str, columns: list[Column]) -> ReportRow:
        cells = [self._cell(table, at, key, column.unit) for at, column in enumerate(columns)]
        name, name_en = self._name(table, key)
        once = self.names.once.get(key, []) if table in BY_OUTLET else []
        detail = self.names.documents.get(key, "") if table == "document" else ""
        return ReportRow(key, name, cells, name_en, once, detail)

    def _name(self, table: str, key: str) -> tuple[str, str]:
        if table in BY_OUTLET:
            return self.names.outlets.get(key, key), ""
        if table == "topic":
            return self.names.topics.get(key, (key, ""))
        return (key if table == "document" else "", "")

    def _keys(self, table: str) -> list[str]:
        """The rows of a table: the most numerous first, those of a fixed number in their own order."""
        if table == "day":
            return [day.isoformat() for day in self.three[0].month.dates]
        if table in _FIXED:
            return list(_FIXED[table])
        three = self.three[:1] if table == "document" else self.three
        seen = {key for one in three for at in range(len(COLUMNS[table])) for key in one.numbers[table, at]}
        if table == "topic":
            seen |= self.names.topics.keys()
        return sorted(
            seen, key=lambda key: (key == "", [-n for n in self._all(table, key)], self._name(table, key))
        )

    def _all(self, table: str, key: str) -> list[int]:
        """Every number of a row, those of the month first and of its last column before the others."""
        columns = range(len(COLUMNS[table]))
        return [one.numbers[table, at].get(key, 0) for one in self.three for at in reversed(columns)]

    def _cell(self, table: str, at: int, key: str, unit: Unit) -> Compared:
        now, before, year = (self._number(one, table, at, key, unit) for one in self.three)
        return Compared(now, before, year)

    def _number(self, one: MonthCounts, table: str, at: int, key: str, unit: Unit) -> int | None:
        """A number of one month; None for a nought that says nothing, as nobody looked."""
        if table == "day":
            key = f"{one.month}{key[7:]}"
        number = one.numbers[table, at].get(key, 0)
        looked = one.crawled.days > 0 if unit in _SEEN_ONLY else one.known or table == "answered"
        if table in BY_OUTLET:
            looked = key in one.crawled.sources
        if table == "day":  # it must have come, and be there: the 31st is not in every month
            looked &= int(key[8:]) <= one.crawled.of
        return number if number or looked else None
