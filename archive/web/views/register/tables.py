"""The rows of the register as files: CSV and Excel with a column each, Word as offices file it."""

from collections.abc import Callable, Iterator
from datetime import date

from archive.desk.register.listing import RegisterList
from archive.sheets import Cell, CellLink, Sheet, to_csv, to_xlsx
from archive.web.request import PageRequest
from archive.web.views.register.opened import RegisterLine

COLUMNS = (  # the word under register.column, and its width in characters
    ("number", 7), ("title", 44), ("outlet", 20), ("asked", 44), ("asked_by", 20), ("asked_on", 12),
    ("assignee", 16), ("due", 12), ("state", 18), ("answered_on", 12), ("answer", 28), ("answer_url", 28),
    ("outcome", 20), ("outcome_on", 12), ("proof", 24), ("note", 30), ("entered_by", 14),
)  # fmt: skip
IN_WORD = 500  # rows; more are for a spreadsheet

Make = Callable[[PageRequest, RegisterList, list[RegisterLine], str], bytes]


def _csv(req: PageRequest, _: RegisterList, lines: list[RegisterLine], __: str) -> bytes:
    heads = [req.words(f"register.column.{name}") for name, _ in COLUMNS]
    return to_csv(heads, _rows(req, lines, plain=True)).encode("utf-8")


def _xlsx(req: PageRequest, _: RegisterList, lines: list[RegisterLine], __: str) -> bytes:
    columns = [(req.words(f"register.column.{name}"), width) for name, width in COLUMNS]
    title = req.words("register.title")
    return to_xlsx([Sheet(title, columns, _rows(req, lines))], title, req.now)


def _rows(req: PageRequest, lines: list[RegisterLine], *, plain: bool = False) -> Iterator[list[Cell]]:
    """A row each; ``plain`` gives the address of the proof instead of a link to it."""
    for line in lines:
        one = line.entry
        proof, link = line.proof_path, req.absolute(req.path(f"/bai/{one.article_id}"))
        shown = req.absolute(req.path(proof)) if proof else ""
        yield [
            one.id,
            one.title,
            line.outlet
            if plain
            else CellLink(line.outlet, link),  # LibreOffice does not wrap the text of a link
            one.asked,
            one.asked_by,
            _date(one.asked_on),
            one.assignee,
            _date(one.due),
            line.state_words,
            _date(one.answered_on),
            one.answer,
            one.answer_url if plain else CellLink(one.answer_url, one.answer_url),
            req.words.named("register.outcome", one.outcome) if one.outcome else "",
            _date(one.outcome_on),
            shown if plain else CellLink(req.words("register.proof") if shown else "", shown),
            one.note,
            one.entered_by or req.words("desk.this_machine"),
        ]


def _date(stored: str | None) -> date | None:
    return date.fromisoformat(stored) if stored else None


def _docx(req: PageRequest, found: RegisterList, lines: list[RegisterLine], described: str) -> bytes:
    from archive.web.views.register.paper import to_paper

    return to_paper(req, found.counts, lines[:IN_WORD], len(lines), described)


FILES: dict[str, tuple[Make, str]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "xlsx": (_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": (_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
