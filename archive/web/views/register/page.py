"""``/phan-hoi``: the list, with its filters, and the same rows as Word, Excel and CSV."""

from dataclasses import dataclass
from datetime import date

from datasette.utils.asgi import Response

from archive.desk.fields import BadValue, checked
from archive.desk.register import VIEWS
from archive.desk.register.listing import RegisterFilter, RegisterList
from archive.desk.register.proofs import hinted_ids
from archive.web.request import PageRequest
from archive.web.views.register.opened import OpenedRegister, RegisterLine, at_register, outlet_names
from archive.web.views.register.tables import FILES

ROWS = 50  # on a page


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """What the page shows: a page of rows, and what the whole list is filtered by.

    ``outlets`` are keys with names, ``mine`` is how many rows wait for whoever looks, ``problem`` what of the
    filter was not understood.
    """

    filter: RegisterFilter
    number: int
    lines: list[RegisterLine]
    counts: dict[str, int]
    outlets: list[tuple[str, str]]
    assignees: list[str]
    mine: int
    problem: str

    @property
    def total(self) -> int:
        return self.counts[self.filter.view]

    @property
    def more(self) -> bool:
        return self.total > self.number * ROWS

    @property
    def narrowed(self) -> bool:
        """Whether anything but the view is chosen."""
        return self.filter != RegisterFilter(self.filter.view)

    def params(self, **other: object) -> dict[str, object]:
        """The parameters of its address, with others in their place."""
        return {**_params(self.filter), **other}


async def register(req: PageRequest) -> Response:
    """A page of the list."""
    chosen, problem = _filter(req)
    number = req.page_number()

    def look(opened: OpenedRegister) -> RegisterPage:
        found = _found(opened, chosen)
        lines = opened.lines(found.page(ROWS, (number - 1) * ROWS))
        names = outlet_names(opened.archive, found.sources)
        outlets = [(key, names.get(key, key)) for key in found.sources]
        return RegisterPage(
            chosen, number, lines, found.counts, outlets, found.assignees, _mine(opened), problem
        )

    page = await at_register(req, look)
    return await req.render("register.html", page=page, views=list(VIEWS), may_edit=req.may("editor"))


async def table(req: PageRequest) -> Response:
    """All rows of the filter as a file."""
    chosen, _ = _filter(req)
    make, kind = FILES[req.url_vars["form"]]

    def write(opened: OpenedRegister) -> bytes:
        found = _found(opened, chosen)
        return make(req, found, opened.lines(found.page(found.total)), _described(req, opened, chosen))

    body = await at_register(req, write)
    name = f"so-phan-hoi-{req.formats.today.isoformat()}.{req.url_vars['form']}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(body, headers=headers, content_type=kind)


def _found(opened: OpenedRegister, chosen: RegisterFilter) -> RegisterList:
    return RegisterList(opened.desk, chosen, opened.today, hinted_ids(opened.archive, opened.desk))


def _mine(opened: OpenedRegister) -> int:
    """How many rows wait for whoever looks."""
    name = opened.req.user.name
    mine = RegisterList(opened.desk, RegisterFilter("cho", assignee=name), opened.today)
    return mine.total if name else 0


def _filter(req: PageRequest) -> tuple[RegisterFilter, str]:
    """What the address asks for, and what of it is no day."""
    (first, odd), (last, odd_too) = _day(req, "tu"), _day(req, "den")
    view = req.arg("loc")
    chosen = RegisterFilter(
        view if view in VIEWS else "", req.arg("nguon")[:100], req.arg("giao")[:100], first, last
    )
    bad = odd or odd_too
    return chosen, req.words("desk.no_day", text=bad[:40]) if bad else ""


def _day(req: PageRequest, name: str) -> tuple[date | None, str]:
    try:
        day = checked("due", req.arg(name))
    except BadValue:
        return None, req.arg(name)
    return (date.fromisoformat(day) if day else None), ""


def _params(chosen: RegisterFilter) -> dict[str, str]:
    days = {"tu": chosen.first, "den": chosen.last}
    named = {"loc": chosen.view, "nguon": chosen.source, "giao": chosen.assignee}
    return {**named, **{name: day.isoformat() for name, day in days.items() if day}}


def _described(req: PageRequest, opened: OpenedRegister, chosen: RegisterFilter) -> str:
    """The filter in a sentence, for the head of a paper."""
    words, day = req.words, req.formats.day
    parts = [words(f"register.view.{(chosen.view or 'all').replace('-', '_')}")]
    if chosen.source:
        names = outlet_names(opened.archive, [chosen.source])
        parts.append(names.get(chosen.source, chosen.source))
    if chosen.assignee:
        parts.append(f"{words('desk.assignee')} {chosen.assignee}")
    for key, at in (("register.from", chosen.first), ("register.until", chosen.last)):
        if at:
            parts.append(words(key, day=day(at.isoformat())))
    return " · ".join(parts)
