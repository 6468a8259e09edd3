"""``/bao-cao`` and ``/bao-cao/tep``: the report of a month on a page, as Word and as Excel."""

import asyncio
from collections.abc import Callable, Mapping
from typing import get_args

from datasette.utils.asgi import NotFound, Response

from archive.config import ConfigError
from archive.digests.config import house_of
from archive.digests.paper.office import Office
from archive.report.build import build, compared_months, load_basis
from archive.report.content import MonthReport
from archive.report.counts import load_counts, load_months
from archive.report.desk import DeskFacts, load_desk_facts
from archive.report.month import Month
from archive.report.scope import Breadth
from archive.report.shown import Address, ShownBar, ShownReport, paper_address
from archive.web.charts import Chart, chart
from archive.web.request import PageRequest

FOLDED = ("document", "day")  # tables as long as a month; the chart shows the days
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def report(req: PageRequest) -> Response:
    """The report of the month that ``thang`` names, else of the newest one that has articles."""
    months = await req.query(load_months)
    month = asked_month(req) or (months[0] if months else Month.of(req.now))
    breadth = asked_breadth(req)
    shown = ShownReport(await made(req, month, breadth), req.words, req.path)
    return await req.render(
        "report.html",
        shown=shown,
        month=month,
        breadth=breadth,
        breadths=get_args(Breadth),
        years=_by_year([*months, month, Month.of(req.now)]),
        folded=FOLDED,
        trend=_plot(shown.trend),
        days=_plot(shown.days),
        address=lambda month, breadth, path="/bao-cao", **more: req.path(path, _params(month, breadth) | more),
    )


async def file(req: PageRequest) -> Response:
    """The report as Word or Excel, in the reader's language."""
    month, form = asked_month(req) or Month.of(req.now), req.arg("dang") or "docx"
    if form not in TYPES:
        raise NotFound("No such file")
    address, office = _house(req)
    shown = ShownReport(await made(req, month, asked_breadth(req)), req.words, address)
    body = await asyncio.to_thread(_writer(form, office), shown)
    name = f'attachment; filename="Bao-cao-{month}.{form}"'
    return Response(body, content_type=TYPES[form], headers={"content-disposition": name})


async def made(req: PageRequest, month: Month, breadth: Breadth) -> MonthReport:
    """The report of a month as this reader may see it; a query for each of its three months."""
    facts = facts_of(req, *compared_months(month))
    three = [
        await req.query(lambda db, one=one: load_counts(db, one, breadth, facts, req.now))  # type: ignore[misc]
        for one in compared_months(month)
    ]
    basis = await req.query(lambda db: load_basis(db, month, breadth))
    return build(three, basis, breadth, facts, req.now)


def facts_of(req: PageRequest, *months: Month) -> DeskFacts | None:
    """What the desk knows."""
    return load_desk_facts(req.site.desk.get(), months, req.now)


def asked_month(req: PageRequest) -> Month | None:
    """The month that the address names; raises datasette's NotFound for what is none."""
    text = req.arg("thang")
    try:
        return Month.read(text) if text else None
    except ValueError as error:
        raise NotFound(str(error)) from error


def asked_breadth(req: PageRequest) -> Breadth:
    """How much is counted; what is in focus unless the address names another breadth."""
    known: dict[str, Breadth] = {name: name for name in get_args(Breadth)}
    return known.get(req.arg("muc"), "about")


def _params(month: Month, breadth: Breadth) -> dict[str, str]:
    return {"thang": str(month), "muc": "" if breadth == "about" else breadth}


def _by_year(months: list[Month]) -> dict[int, list[Month]]:
    """All months of the list, the newest year first."""
    years: dict[int, list[Month]] = {}
    for month in sorted(set(months), reverse=True):
        years.setdefault(month.year, []).append(month)
    return years


def _plot(bars: list[ShownBar]) -> Chart | None:
    counts = [(bar.n, bar.text, bar.href if bar.n else "") for bar in bars]
    return chart(counts, height=80) if any(bar.n for bar in bars) else None


def _house(req: PageRequest) -> tuple[Address, Office]:
    """How the lists are reached from a file, and whose paper it is."""
    own: Callable[[str, Mapping[str, str]], str] = lambda path, params: req.absolute(req.path(path, params))  # noqa: E731
    if req.site.home is None:
        return own, Office()
    try:
        url, office = house_of(req.site.home.config("alerts.yml"))
    except ConfigError:
        return own, Office()
    return paper_address(url), office


def _writer(form: str, office: Office) -> Callable[[ShownReport], bytes]:
    if form == "docx":
        from archive.report.docx import to_docx

        return lambda shown: to_docx(shown, office)
    from archive.report.xlsx import to_workbook

    return to_workbook
