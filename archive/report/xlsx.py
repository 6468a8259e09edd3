"""The report as an Excel workbook: a sheet for each table, every number a number and a link to its list."""

from collections.abc import Iterator

from archive.clock import moment
from archive.report.shown import NOTHING, ShownNumber, ShownReport, ShownRow, ShownTable
from archive.sheets import Cell, NumberLink, Sheet, to_xlsx

_NAME, _NUMBER = 34, 9  # characters, at least


def to_workbook(shown: ShownReport) -> bytes:
    """The workbook: what was counted, then the tables, then the last months."""
    notes = [*shown.notes, shown.made]
    about = Sheet(shown.title, [(shown.title, max(map(len, notes)))], [[line] for line in notes])
    trend = Sheet(
        shown.words("report.trend"),
        [_wide(shown.words("report.month")), _wide(shown.words("report.unit.articles"))],
        [[one.label, NumberLink(one.n, one.href) if one.href else NOTHING] for one in shown.trend],
    )
    sheets = [about, *(_sheet(shown, table) for table in shown.tables), trend]
    return to_xlsx(sheets, shown.title, moment(shown.report.made_at))


def _sheet(shown: ShownReport, table: ShownTable) -> Sheet:
    rows: list[list[Cell]] = [list(_row(row)) for row in table.rows]
    notes: list[list[Cell]] = [[], [table.note]] if table.note else []
    return Sheet(table.title, [(table.title, _NAME), *map(_wide, _heads(shown, table))], rows + notes)


def _wide(head: str) -> tuple[str, int]:
    """A head with a column in which it stands on one line."""
    return head, max(_NUMBER, len(head) + 3)


def _heads(shown: ShownReport, table: ShownTable) -> Iterator[str]:
    """Each count of the month, then each it is compared with, the difference, and that in percent."""
    this, *others = shown.heads
    for head in table.heads:
        yield f"{head} {this}".strip()
        for month in others:
            yield f"{head} {month}".strip()
            yield shown.words("report.difference", month=month.rstrip("*"))
            yield "%"


def _row(row: ShownRow) -> Iterator[Cell]:
    yield f"{row.label} ({row.beside})" if row.beside else row.label
    for column in row.columns:
        yield _number(column.now)
        for one in (column.before, column.year):
            yield from (_number(one), _known(one.difference), _known(one.percent))


def _number(one: ShownNumber) -> Cell:
    return NOTHING if one.value is None else NumberLink(one.value, one.href)


def _known(value: float | None) -> Cell:
    return NOTHING if value is None else value
