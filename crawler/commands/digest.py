"""``diemtin digest``: make one edition, look at it, send it."""

import sys
from typing import TYPE_CHECKING

import click

from archive.config import ConfigError, unknown_name
from archive.i18n import current
from crawler.cli import open_home
from crawler.commands.options import read_day

if TYPE_CHECKING:
    from archive.digests.content import Content
    from crawler.workspace import Workspace


@click.command("digest")
@click.argument("name", required=False)
@click.option("--edition", metavar="DATE", help="The edition of that day, e.g. 2026-11-23; else one made now.")
@click.option("--preview", is_flag=True, help="Print the edition as made now; keep nothing.")
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
    from archive.digests.editions import Covered
    from crawler.workspace import open_workspace

    if bool(name) == (due or at_once):
        raise click.UsageError(current()("cli.usage.digest"))
    with open_workspace(open_home(ctx)) as workspace:
        try:
            if name:
                _one(ctx, workspace, name, edition, preview, send, form)
            else:
                _all(ctx, workspace, at_once)
        except (Covered, ValueError) as error:
            raise ConfigError(str(error)) from error


def _one(
    ctx: click.Context,
    workspace: "Workspace",
    name: str,
    edition: str | None,
    preview: bool,
    send: bool,
    form: str,
) -> None:
    from archive.digests import editions as digests

    if name not in workspace.alerts.digests and not workspace.alerts.problems:
        raise unknown_name("digest", name, workspace.alerts.digests)
    digest = workspace.alerts.digest(name)
    if edition:
        read_day(edition[:10])
    now = workspace.now()
    if preview:
        _print(digests.preview(workspace.archive, digest, now), form, name)
        return
    made = digests.make_named(workspace.archive, digest, edition, now) if edition else None
    if made is None and send:
        made = digests.undelivered(workspace.archive, name)
    made = made or digests.make_now(workspace.archive, digest, now)
    if send:
        _deliver(ctx, workspace, only=made, again=True)
    else:
        _print(digests.read(workspace.archive, made), form, name)


def _all(ctx: click.Context, workspace: "Workspace", at_once: bool) -> None:
    from archive.desk.due import make_due
    from archive.digests.editions import make_now

    for problem in workspace.alerts.problems:
        click.echo(f"diemtin: {problem}", err=True)
    if at_once:
        made = [
            make_now(workspace.archive, digest, workspace.now()) for digest in workspace.alerts.digests.values()
        ]
    else:
        made = make_due(workspace.archive, workspace.alerts, workspace.now())
    for name, edition in _names(workspace, made):
        click.echo(current()("cli.edition.made", name=name, edition=edition))
    _deliver(ctx, workspace)


def _names(workspace: "Workspace", ids: list[int]) -> list[tuple[str, str]]:
    marks = ",".join("?" * len(ids))
    rows = workspace.archive.execute(
        f"select name, edition from digests where id in ({marks}) order by id", ids
    )
    return list(rows)


def _deliver(
    ctx: click.Context, workspace: "Workspace", *, only: int | None = None, again: bool = False
) -> None:
    from archive.digests.outbox import deliver

    words = current()
    reports = deliver(
        workspace.archive, workspace.alerts, workspace.now(), base=workspace.home.path, only=only, again=again
    )
    for report in reports:
        about = {"name": report.name, "edition": report.edition, "channel": report.channel}
        why = f" ({words.reason(report.reason)})" if report.reason else ""
        click.echo(words("cli.edition.sent", **about, state=words.named("send", report.state)) + why)
    if any(report.state == "failed" for report in reports):
        ctx.exit(1)


def _print(content: "Content", form: str, name: str) -> None:
    from archive.digests.html import to_html, to_text

    if form == "text":
        click.echo(to_text(content))
    elif form == "html":
        click.echo(to_html(content))
    elif sys.stdout.isatty():
        raise ConfigError(current()("cli.digest.file", form=form, name=name))
    else:
        sys.stdout.buffer.write(_file(content, form))


def _file(content: "Content", form: str) -> bytes:
    if form == "docx":
        from archive.digests.docx import to_docx

        return to_docx(content)
    from archive.digests.atom import FeedEntry, to_atom

    return to_atom(content.title, content.name, content.archive_url, [FeedEntry.of(content)])
