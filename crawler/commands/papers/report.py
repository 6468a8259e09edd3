"""``diemtin report``: the month's report, as text or as a file to hand in."""

import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.config import ConfigError
from archive.i18n import Words, current
from crawler.cli import open_home

if TYPE_CHECKING:
    from archive.home import Home
    from archive.report.content import MonthReport
    from archive.report.month import Month
    from archive.report.scope import Breadth

FORMS = ("text", "html", "docx", "xlsx", "json")
BINARY = ("docx", "xlsx")


@click.command("report")
@click.argument("month")
@click.option("--format", "form", type=click.Choice(FORMS), help="Unless given, as FILE ends, else text.")
@click.option("--out", metavar="FILE", help="Write it there.")
@click.option(
    "--level",
    "breadth",
    type=click.Choice(["about", "named", "all"]),
    default="about",
    show_default=True,
    help="Count what is about the province, what names it too, or all that is kept.",
)
@click.pass_context
def command(ctx: click.Context, month: str, form: str | None, out: str | None, breadth: "Breadth") -> None:
    """Count a MONTH's stories and articles, beside the month before and the same month a year ago.

    Example: diemtin report 2026-11 --out bao-cao.docx
    """
    chosen = form or _form(out)
    if chosen in BINARY and out is None and sys.stdout.isatty():
        raise ConfigError(current()("cli.report.binary", form=chosen))
    asked = _month(month)
    body = _render(open_home(ctx, reads=True), asked, chosen, breadth)
    if out is None:
        click.echo(body, nl=False)
        return
    _write(Path(out), body)


def _form(out: str | None) -> str:
    """The form that a file's name asks for; an ending that is none of them would hold something else."""
    ending = Path(out or "").suffix[1:].lower()
    if ending in ("", "txt"):
        return "text"
    if ending not in FORMS:
        raise ConfigError(current()("cli.report.ending", path=out, forms=", ".join(["txt", *FORMS[1:]])))
    return ending


def _render(home: "Home", month: "Month", form: str, breadth: "Breadth") -> str | bytes:
    """The report in a form; files are in Vietnamese, as editions are."""
    from archive.digests.config import house_of
    from archive.report.shown import ShownReport, paper_address

    url, office = house_of(home.config("alerts.yml"))
    words = current() if form in ("text", "json") else Words("vi")
    shown = ShownReport(_load(home, month, breadth), words, paper_address(url))
    if form == "docx":
        from archive.report.docx import to_docx

        return to_docx(shown, office)
    if form == "xlsx":
        from archive.report.xlsx import to_workbook

        return to_workbook(shown)
    if form == "html":
        from archive.report.html import to_html

        return to_html(shown)
    from archive.report.plain import to_json, to_text

    return to_json(shown) + "\n" if form == "json" else to_text(shown)


def _month(text: str) -> "Month":
    from archive.clock import utc_now
    from archive.report.month import Month

    try:
        return Month.read(text)
    except ValueError as error:
        message = current()("cli.report.month", text=text, now=Month.of(utc_now()))
        raise ConfigError(message) from error


def _load(home: "Home", month: "Month", breadth: "Breadth") -> "MonthReport":
    from archive.clock import utc_now
    from archive.desk.db import open_desk
    from archive.report.build import compared_months, load_report
    from archive.report.desk import load_desk_facts
    from archive.schema import open_archive

    now = utc_now()
    with ExitStack() as stack:
        desk = stack.enter_context(closing(open_desk(home.desk_db))) if home.desk_db.exists() else None
        facts = load_desk_facts(desk, compared_months(month), now)
        archive = stack.enter_context(closing(open_archive(home.archive_db)))
        return load_report(archive, month, breadth, facts, now)


def _write(out: Path, body: str | bytes) -> None:
    try:
        out.write_bytes(body if isinstance(body, bytes) else body.encode())
    except OSError as error:
        raise ConfigError(current()("cli.report.unwritable", path=out, why=error.strerror)) from error
    click.echo(current()("cli.report.written", path=out))
