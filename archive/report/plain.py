"""The report as plain text and as JSON."""

import json
import textwrap
from typing import Any

import msgspec
from tabulate import tabulate

from archive.report.shown import ShownColumn, ShownNumber, ShownReport, ShownRow, ShownTable

_WIDTH = 100


def to_text(shown: ShownReport) -> str:
    """The report for a terminal or a message."""
    head = [shown.title, *(textwrap.fill(note, _WIDTH) for note in shown.notes), shown.made]
    drawn = [_column_table(shown, table, at) for table in shown.tables for at in range(len(table.heads))]
    return "\n\n".join(["\n".join(head), *drawn]) + "\n"


def _column_table(shown: ShownReport, table: ShownTable, at: int) -> str:
    """One count of a table with the three months: all of them beside each other are wider than a terminal."""
    title = ": ".join(filter(None, (table.title.upper(), table.heads[at])))
    rows = [[_label(row), *_texts(row.columns[at])] for row in table.rows]
    drawn = tabulate(
        rows, ["", *shown.heads], "simple", disable_numparse=True, colalign=["left", *["right"] * 3]
    )
    note = textwrap.fill(table.note, _WIDTH) if at == len(table.heads) - 1 else ""
    return "\n".join(filter(None, (title, drawn if rows else shown.words("report.none"), note)))


def _label(row: ShownRow) -> str:
    return f"{row.label} ({row.beside})" if row.beside else row.label


def _texts(column: ShownColumn) -> list[str]:
    return [" ".join(filter(None, (one.text, one.change))) for one in (column.now, column.before, column.year)]


def to_json(shown: ShownReport) -> str:
    """The report for programs: each number with what it is compared with, and the address of its list."""
    tables = [
        {"key": table.key, "title": table.title, "rows": [_row(row) for row in table.rows]}
        for table in shown.tables
    ]
    own = msgspec.to_builtins(shown.report)
    return json.dumps(own | {"title": shown.title, "notes": shown.notes, "tables": tables}, ensure_ascii=False)


def _row(row: ShownRow) -> dict[str, Any]:
    own = {"key": row.key, "label": row.label, "beside": row.beside}
    return own | {"columns": [_column(column) for column in row.columns]}


def _column(column: ShownColumn) -> dict[str, Any]:
    compared = {name: _number(getattr(column, name)) for name in ("before", "year")}
    return {"unit": column.unit, "now": column.now.value, "list": column.now.href, **compared}


def _number(one: ShownNumber) -> dict[str, Any] | None:
    if one.value is None:
        return None
    return {"value": one.value, "difference": one.difference, "percent": one.percent, "list": one.href}
