"""``diemtin digest``: make one edition, look at it, send it."""

import sys
from typing import TYPE_CHECKING

import click

from archive.config import ConfigError
from crawler.cli import open_home

if TYPE_CHECKING:
    from archive.render.content import Content
    from crawler.shift import Shift


@click.command("digest")
@click.argument("name", required=False)
@click.option("--edition", metavar="DATE", help="The edition of that day, e.g. 2026-11-23; else one made now.")
@click.option("--preview", is_flag=True, help="Print what an edition made now would tell; keep nothing.")
@click.option(
    "--send", is_flag=True, help="Send the last edition that did not reach everyone, else one made now."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "html", "docx", "atom"]), default="text", show_default=True
)
@click.option("--due", is_flag=True, help="Make every edition that is due and send what waits, as `up` does.")
@click.option("--now", "at_once", is_flag=True, help="Make an edition of every digest now, and send it.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str | None,
    edition: str | None,
    preview: bool,
    send: bool,
    form: str,
    due: bool,
    at_once: bool,
) -> None:
    """Make one edition of the digest NAME and print it.

    Example: diemtin digest hang-ngay --preview --format html > thu.html
    """
    from archive.digests.digest import Covered
    from crawler.shift import open_shift

    if bool(name) == (due or at_once):
        raise click.UsageError("give the NAME of a digest, or --due, or --now")
    with open_shift(open_home(ctx)) as shift:
        try:
            if name:
                _one(ctx, shift, name, edition, preview, send, form)
            else:
                _all(ctx, shift, at_once)
        except (Covered, ValueError) as error:
            raise ConfigError(str(error)) from error


def _one(
    ctx: click.Context, shift: "Shift", name: str, edition: str | None, preview: bool, send: bool, form: str
) -> None:
    from archive.digests import digest as digests

    digest = shift.alerts.digest(name)
    now = shift.now()
    if preview:
        _print(digests.preview(shift.archive, digest, now), form, name)
        return
    made = digests.make_named(shift.archive, digest, edition, now) if edition else None
    if made is None and send:
        made = digests.undelivered(shift.archive.conn, name)
    made = made or digests.make_now(shift.archive, digest, now)
    if send:
        _deliver(ctx, shift, only=made, again=True)
    else:
        _print(digests.read(shift.archive.conn, made), form, name)


def _all(ctx: click.Context, shift: "Shift", at_once: bool) -> None:
    from archive.digests.digest import make_due, make_now

    if at_once:
        made = [make_now(shift.archive, digest, shift.now()) for digest in shift.alerts.digests.values()]
    else:
        made = make_due(shift.archive, shift.alerts, shift.now())
    for name, edition in _named(shift, made):
        click.echo(f"digest {name}: edition {edition} made")
    _deliver(ctx, shift)


def _named(shift: "Shift", ids: list[int]) -> list[tuple[str, str]]:
    marks = ",".join("?" * len(ids))
    rows = shift.archive.execute(f"select name, edition from digests where id in ({marks}) order by id", ids)
    return list(rows)


def _deliver(ctx: click.Context, shift: "Shift", *, only: int | None = None, again: bool = False) -> None:
    from archive.digests.outbox import deliver

    reports = deliver(shift.archive, shift.alerts, shift.now(), base=shift.home.path, only=only, again=again)
    for report in reports:
        why = f" ({report.reason})" if report.reason else ""
        click.echo(f"digest {report.name}: edition {report.edition} to {report.channel}: {report.state}{why}")
    if any(report.state == "failed" for report in reports):
        ctx.exit(1)


def _print(content: "Content", form: str, name: str) -> None:
    from archive.render.edition import to_html, to_text

    if form == "text":
        click.echo(to_text(content))
    elif form == "html":
        click.echo(to_html(content))
    elif sys.stdout.isatty():
        raise ConfigError(f"a {form} edition goes into a file: diemtin digest {name} --format {form} > FILE")
    else:
        sys.stdout.buffer.write(_packed(content, form))


def _packed(content: "Content", form: str) -> bytes:
    if form == "docx":
        from archive.render.word import to_docx

        return to_docx(content)
    from archive.render.atom import Entry, to_atom
    from archive.render.edition import subject, to_html

    entry = Entry(0, content.edition, subject(content), to_html(content), content.made_at)
    return to_atom(content.title, content.name, content.archive_url, [entry])
