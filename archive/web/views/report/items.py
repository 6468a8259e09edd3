"""``/bao-cao/bai``: what a number of the report counts, all of it and nothing else."""

from functools import partial
from typing import Any, NamedTuple

from datasette.utils.asgi import NotFound, Response
from sqlite_utils import Database

from archive.report.asked import ListAsked
from archive.report.counts import scope_of
from archive.report.desk import DeskFacts
from archive.report.month import Month
from archive.report.scope import Listed, counts, listed
from archive.report.shown import LIST, month_name, row_name
from archive.revisions.changes import from_json, headline
from archive.web.request import PageRequest
from archive.web.views.lists import ArticleLine, lines_of
from archive.web.views.report.page import facts_of

PAGE = 50
_NAMES = {
    "outlet": "select name, '' from sources where key = ?",
    "topic": "select name, name_en from topics where key = ?",
}
_TABLES = {"first": "outlet", "reprint": "outlet"}  # what is told apart as something else is


class ReportList(NamedTuple):
    """One page of a list; ``name`` is what its key is called, in both languages."""

    total: int
    items: list[Listed]
    lines: dict[int, ArticleLine]
    outlets: dict[str, str]
    name: tuple[str, str]


async def items(req: PageRequest) -> Response:
    """The list that the address asks for."""
    asked = _asked(req)
    facts, page = facts_of(req, asked.month), req.page_number()
    found = await req.query(lambda db: load_list(db, asked, facts, page))
    return await req.render(
        "report_list.html",
        asked=asked,
        found=found,
        page=page,
        what=_what(req, asked, found),
        more=found.total > page * PAGE,
        month_name=month_name(asked.month),
        told=partial(_told, req, asked),
        of_each=lambda key: req.path(LIST, _of_each(asked, key).params),
        address=lambda number: req.path(LIST, asked.params | {"trang": number}),
    )


def _asked(req: PageRequest) -> ListAsked:
    try:
        asked = ListAsked.read(req.arg, Month.of(req.now))
    except ValueError as error:
        raise NotFound(str(error)) from error
    return asked


def load_list(db: Database, asked: ListAsked, facts: DeskFacts | None, page: int) -> ReportList:
    """One page, and how many there are in all."""
    scope = scope_of(db, asked.month, asked.breadth, facts)
    total = counts(db, scope, asked.by, asked.unit).get(asked.key, 0)
    given: dict[str, Any] = {"limit": PAGE, "offset": (page - 1) * PAGE}
    found = listed(db, scope, asked.by, asked.unit, asked.key, **given)
    articles = asked.unit not in ("outlets", "documents")
    sql = _NAMES.get(_TABLES.get(asked.by, asked.by), "select ?, ''")
    name = db.execute(sql, [asked.key]).fetchone() or (asked.key, "")
    return ReportList(
        total,
        found,
        lines_of(db, [one.article_id for one in found]) if articles else {},
        dict(db.execute("select key, name from sources").fetchall()) if asked.unit == "outlets" else {},
        (name[0] or asked.key, name[1] or ""),
    )


def _what(req: PageRequest, asked: ListAsked, found: ReportList) -> str:
    """What they have in common: «Theo báo: Báo Trung Du»; '' where all of the month are listed."""
    if not asked.by:
        return ""
    label = row_name(req.formats, _TABLES.get(asked.by, asked.by), asked.key, *found.name)
    return f"{req.words(f'report.by.{asked.by}')}: {label}"


def _of_each(asked: ListAsked, key: str) -> ListAsked:
    """The articles of one of the outlets or documents listed."""
    return ListAsked(
        asked.month, "articles", "outlet" if asked.unit == "outlets" else "document", key, asked.breadth
    )


def _told(req: PageRequest, asked: ListAsked, one: Listed) -> str:
    """What an edit changed, or why an article was found gone."""
    if asked.unit == "edits":
        changes = from_json(one.what)
        return headline(changes, req.words)
    return req.words.reason(one.what) if asked.unit == "gone" else ""
