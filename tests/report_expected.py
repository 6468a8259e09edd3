"""What the report of a month must say: plain SQL over published and seen times, written apart from it."""

import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from archive.db import reading
from archive.home import Home
from archive.report.build import compared_months, load_report
from archive.report.content import MonthReport
from archive.report.desk import load_desk_facts
from archive.report.month import Month

_MONTH = """create temp table month as
    select a.id, a.source, a.story_id, a.level, coalesce(a.published_at, a.first_seen_at) as at,
        coalesce((select tone from desk.notes where article_id = a.id),
                 (select n.tone from desk.notes n join articles b on b.id = n.article_id
                  where b.story_id = a.story_id and n.tone is not null
                  order by n.changed_at desc, n.article_id desc limit 1), '') as tone
    from articles a where coalesce(a.published_at, a.first_seen_at) >= :since
        and coalesce(a.published_at, a.first_seen_at) < :until"""
_CHANGED = """create temp table changed as
    select 'edits' as unit, a.source from versions v join articles a on a.id = v.article_id
    where v.kind = 'edit' and v.seen_at >= :since and v.seen_at < :until and a.level = 'about'
    union all
    select 'gone', a.source from states s join articles a on a.id = s.article_id
    where s.state = 'gone' and s.at >= :since and s.at < :until and a.level = 'about'"""
_FIRST = "id in (select first_article_id from stories where outlets > 1)"
_OTHERS = """(select f.source from stories t join articles f on f.id = t.first_article_id
    where t.id = month.story_id)"""
_WITH = {
    "": "true",
    "outlet": "source = :key",
    "topic": """:key = '' and id not in (select article_id from article_topics)
        or id in (select article_id from article_topics where topic = :key)""",
    "tone": "tone = :key",
    "level": "coalesce(level, '') = :key",
    "day": "date(at, '+7 hours') = :key",
    "document": "id in (select article_id from article_documents where number = :key)",
    "first": f"source = :key and {_FIRST}",
    "reprint": f"source = :key and {_OTHERS} <> source",
}
_WHAT = {
    "articles": "count(*)",
    "stories": "count(distinct story_id)",
    "outlets": "count(distinct source)",
}
_REGISTER = {
    "requested": "asked_on between :first and :last",
    "answered": "answered_on between :first and :last",
    "on_time": "answered_on between :first and :last and answered_on <= due",
    "overdue": "due between :first and :last and due < :today and coalesce(answered_on, '9') > due",
    "corrected": "outcome_on between :first and :last and outcome = 'edited'",
}


_NUMBER = re.compile(r'<a href="(/bao-cao/bai\?[^"]+)" aria-label="[^"]*: ([0-9.]+)">')


class ListPage(NamedTuple):
    """One page of the list behind a number: its lines, how many it says there are, and whether more follow."""

    lines: int
    says: int
    more: bool


def numbers_of(page: str) -> dict[str, int]:
    """Every number of the report's page that has a list, by the list's address."""
    return {html.unescape(path): _number(number) for path, number in _NUMBER.findall(page)}


def read_list(page: str) -> ListPage:
    """What a page of a list shows."""
    main = page[page.index('<main id="main"') :]
    says = re.search(r"<h1>[^<]*: ([0-9.]+)</h1>", main)
    assert says
    lines = re.findall(r'<li>\s*<h2>|<li>[^<]*<a href="/bao-cao/bai', main)
    return ListPage(len(lines), _number(says[1]), 'rel="next"' in main)


def _number(text: str) -> int:
    return int(text.replace(".", ""))


class Difference(NamedTuple):
    """A number of the report that is not the one counted."""

    table: str
    row: str
    column: str
    month: str
    shown: int | None
    counted: int


def load(home: Home, month: Month, now: datetime) -> MonthReport:
    """The report as the command makes it."""
    with reading(home.archive_db) as archive, reading(home.desk_db) as desk:
        facts = load_desk_facts(desk, compared_months(month), now)
        return load_report(archive, month, "about", facts, now)


def differences(home: Home, month: Month, now: datetime) -> tuple[int, list[Difference]]:
    """How many numbers the report has, and those that are wrong; «–» stands where nothing is to be counted."""
    report = load(home, month, now)
    checked, wrong = 0, []
    for at, name in enumerate((report.month, report.before, report.year)):
        with closing(_counting(home, name)) as db:
            for table, row, column, shown, counted in _numbers(db, report, at, name, now):
                checked += 1
                if shown != counted and not (shown is None and counted == 0):
                    wrong.append(Difference(table, row, column, name, shown, counted))
    return checked, wrong


def _bounds(month: str) -> tuple[date, date]:
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1)


def _counting(home: Home, month: str) -> sqlite3.Connection:
    """The archive and the desk with what belongs to the month: it begins at 17:00 UTC of the day before."""
    db = sqlite3.connect(home.archive_db)
    db.execute("attach database ? as desk", [str(home.desk_db)])
    since, until = (f"{day - timedelta(days=1)}T17:00:00Z" for day in _bounds(month))
    for table in (_MONTH, _CHANGED):
        db.execute(table, {"since": since, "until": until})
    return db


def _numbers(
    db: sqlite3.Connection, report: MonthReport, at: int, month: str, now: datetime
) -> Iterator[tuple[str, str, str, int | None, int]]:
    for table in report.tables:
        for row in table.rows:
            for place, cell in enumerate(row.cells):
                column = table.column(row, place)
                shown = (cell.now, cell.before, cell.year)[at]
                key = month + row.key[7:] if table.key == "day" else "" if table.key == "total" else row.key
                if table.key == "answered":
                    counted = _requests(db, row.key, month, now)
                else:
                    counted = _counted(db, table.key, column.by, column.unit, key)
                yield table.key, row.key, f"{column.by} {column.unit}", shown, counted


def _counted(db: sqlite3.Connection, table: str, by: str, unit: str, key: str) -> int:
    if unit in ("edits", "gone"):
        sql = "select count(*) from changed where unit = :unit and (:by = '' or source = :key)"
        return int(db.execute(sql, {"unit": unit, "by": by, "key": key}).fetchone()[0])
    where = f"({_WITH[by]})" + ("" if table == "level" else " and level = 'about'")
    sql = f"select {_WHAT.get(unit)} from month where {where}"
    if unit == "documents":
        ids = f"select id from month where {where}"
        sql = f"select count(distinct number) from article_documents where article_id in ({ids})"
    return int(db.execute(sql, {"key": key}).fetchone()[0])


def _requests(db: sqlite3.Connection, figure: str, month: str, now: datetime) -> int:
    first, after = _bounds(month)
    today = (now.astimezone(UTC) + timedelta(hours=7)).date()
    given = {"first": str(first), "last": str(after - timedelta(days=1)), "today": str(today)}
    return int(db.execute(f"select count(*) from desk.register where {_REGISTER[figure]}", given).fetchone()[0])
