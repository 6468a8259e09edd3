"""``diemtin digest``: look at an edition, make one, send it; looking never sends."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from archive.config import ConfigError, unknown_name
from archive.i18n import current
from crawler.cli import open_home
from crawler.commands.options import check_clock, read_day

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.digests.config import Digest
    from archive.digests.content import Content
    from crawler.workspace import Workspace

BEGIN_FOR = 600.0  # seconds in which a child of `up` begins to send; what is left is the next one's


@click.command("digest")
@click.argument("name", required=False)
@click.option("--edition", metavar="DATE", help="The edition of that day, e.g. 2026-11-23, as it was made.")
@click.option("--make", is_flag=True, help="Make an edition of what is new; `up` or --send sends it.")
@click.option(
    "--send", is_flag=True, help="Send what has not reached everyone, else make an edition and send it."
)
@click.option(
    "--only", metavar="ADDRESS", help="With --send: a copy of the edition, else a draft, to this address alone."
)
@click.option("--preview", is_flag=True, hidden=True, help="As without.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "docx", "pdf", "atom"]),
    default="text",
    show_default=True,
)
@click.option("--due", is_flag=True, help="Make every edition that is due and send what waits, as `up` does.")
@click.option("--remind", is_flag=True, hidden=True, help="With --due: tell editors and others what waits.")
@click.option("--now", "at_once", is_flag=True, help="Make an edition of every digest now, and send it.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str | None,
    edition: str | None,
    make: bool,
    send: bool,
    only: str | None,
    preview: bool,
    form: str,
    due: bool,
    remind: bool,
    at_once: bool,
) -> None:
    """Show what the digest NAME would tell now; nothing is made, sent or written without an option.

    Example: diemtin digest hang-ngay --format html > thu.html
    """
    from archive.digests.editions import Covered
    from archive.digests.paper.pdf import NoPdf

    if bool(name) == (due or at_once):
        raise click.UsageError(current()("cli.usage.digest"))
    steps = [step for step, chosen in (("make", make), ("send", send), ("remind", remind)) if chosen]
    if (only is not None and (not send or not name)) or len(steps) > 1 or (remind and not due):
        raise click.UsageError(current()("cli.usage.digest_only"))
    if edition:
        read_day(edition[:10])
    try:
        if not name:
            _all(ctx, at_once, steps or ["make", "send", "remind"])
        elif make or send:
            _work(ctx, name, edition or "", send, only)
        else:
            _show(ctx, name, edition or "", form)
    except NoPdf as error:
        click.echo(current()("cli.digest.no_pdf", why=current().reason(error.reason)), err=True)
        ctx.exit(1)
    except (Covered, ValueError) as error:
        raise ConfigError(str(error)) from error


def _show(ctx: click.Context, name: str, edition: str, form: str) -> None:
    """Print an edition that was made, else what one made now would tell; writes nothing."""
    from archive.digests import editions
    from archive.digests.alerts import evaluate
    from crawler.workspace import open_workspace

    with open_workspace(open_home(ctx, reads=True), looking=True) as workspace:
        digest = _digest(workspace, name)
        if edition:
            _print(editions.read(workspace.archive, _made(workspace, digest, edition)), form, name)
            return
        evaluate(workspace.archive, workspace.alerts, workspace.now())
        draft = _draft(workspace, digest)
    _print(draft, form, name)


def _draft(workspace: "Workspace", digest: "Digest") -> "Content":
    """What an edition made now would tell, as it is decided at the desk; reads only."""
    from archive.db import reading
    from archive.desk.approvals import open_window

    now = workspace.now()
    if workspace.home.desk_db.exists():
        with reading(workspace.home.desk_db) as desk:
            window = open_window(workspace.archive, digest, desk, now)
    else:
        window = open_window(workspace.archive, digest, None, now)
    chosen = digest.review.kind != "none" and any(one.mark == "chosen" for one in window.choices.values())
    return window.edited(everything=not chosen)


def _digest(workspace: "Workspace", name: str) -> "Digest":
    if name not in workspace.alerts.digests and not workspace.alerts.problems:
        raise unknown_name("digest", name, workspace.alerts.digests)
    return workspace.alerts.digest(name)


def _made(workspace: "Workspace", digest: "Digest", edition: str) -> int:
    """The id of an edition that was made; raises ConfigError without one."""
    from archive.digests import editions

    if edition:
        known = editions.find(workspace.archive, digest.name, edition)
    else:
        known = editions.latest(workspace.archive, digest.name)
    if known is None:
        raise ConfigError(current()("cli.digest.no_edition", name=digest.name, edition=edition))
    return known


@contextmanager
def _opened(ctx: click.Context, *, evaluated: bool = True) -> "Iterator[tuple[Workspace, Database]]":
    """The home and its desk; ``evaluated``: with every pending article and new rule matched."""
    from archive.desk.db import open_desk
    from archive.digests.alerts import evaluate
    from crawler.workspace import open_workspace

    with open_workspace(open_home(ctx)) as workspace:
        if evaluated:
            evaluate(workspace.archive, workspace.alerts, workspace.now())
        desk = open_desk(workspace.home.desk_db)
        try:
            yield workspace, desk
        finally:
            desk.close()


def _work(ctx: click.Context, name: str, edition: str, send: bool, only: str | None) -> None:
    from archive.desk.due import Unapproved

    with _opened(ctx) as (workspace, desk):
        digest = _digest(workspace, name)
        try:
            if only is not None:
                _send_copy(ctx, workspace, digest, edition, only)
            elif send:
                _send(ctx, workspace, desk, digest, edition)
            else:
                _make(workspace, desk, digest, edition)
        except Unapproved:
            _refuse_unapproved(digest)
            ctx.exit(1)


def _refuse_unapproved(digest: "Digest") -> None:
    link = f"{digest.archive_url}/ban?ban={digest.name}"
    click.echo(current()("cli.digest.waits", name=digest.name, link=link), err=True)


def _make(workspace: "Workspace", desk: "Database", digest: "Digest", edition: str) -> None:
    from archive.desk.due import make_one

    words = current()
    made = make_one(workspace.archive, digest, workspace.now(), desk, edition)
    if made is None:
        click.echo(words("cli.digest.nothing_new", name=digest.name))
        return
    _tell_made(workspace, [made])
    sql = "select count(*) from deliveries where digest_id = ? and state <> 'sent'"
    waiting = workspace.archive.execute(sql, [made]).fetchone()[0]
    if waiting:
        click.echo(words("cli.digest.pending", n=waiting, name=digest.name))


def _send(ctx: click.Context, workspace: "Workspace", desk: "Database", digest: "Digest", edition: str) -> None:
    from archive.desk.due import make_one
    from archive.digests import editions

    if edition:
        _deliver(ctx, workspace, only=_made(workspace, digest, edition))
        return
    waiting = editions.undelivered(workspace.archive, digest.name)
    if waiting is None:
        waiting = make_one(workspace.archive, digest, workspace.now(), desk)
        _tell_made(workspace, [waiting] if waiting else [])
    if waiting is None:
        click.echo(current()("cli.digest.nothing"))
    else:
        _deliver(ctx, workspace, only=waiting)


def _send_copy(ctx: click.Context, workspace: "Workspace", digest: "Digest", edition: str, to: str) -> None:
    """A copy of an edition to one address; before the first edition a draft of it, marked as a test."""
    from archive.desk.fields import BadValue
    from archive.desk.sending import send_copy, send_test
    from archive.digests import editions
    from archive.digests.channels import Undelivered

    words = current()
    early = not edition and editions.latest(workspace.archive, digest.name) is None
    if early:
        content, send = _draft(workspace, digest), send_test
    else:
        content, send = editions.read(workspace.archive, _made(workspace, digest, edition)), send_copy
    try:
        send(workspace.home, workspace.alerts, digest, content, to, workspace.now())
    except BadValue as error:
        raise ConfigError(words("cli.digest.address", to=to)) from error
    except Undelivered as error:
        click.echo(words("cli.digest.not_copied", why=words.reason(error.reason)), err=True)
        ctx.exit(1)
    said = "cli.digest.draft_sent" if early else "cli.digest.copied"
    click.echo(words(said, name=digest.name, edition=content.edition, to=to))


def _all(ctx: click.Context, at_once: bool, steps: list[str]) -> None:
    """What `up` does each minute: each step can be done by a process of its own, so that none holds another."""
    from crawler.service.process import follow_parent, listen

    asked = listen() if "send" in steps else threading.Event()
    follow_parent()
    if "make" in steps:
        check_clock()
    with _opened(ctx, evaluated="make" in steps) as (workspace, desk):
        problems = [str(problem) for problem in workspace.alerts.problems] if "make" in steps else []
        for problem in problems:
            click.echo(f"diemtin: {problem}", err=True)
        broken = "make" in steps and _make_all(workspace, desk, at_once)
        failed = "send" in steps and _delivered(workspace, asked=asked)
        if "remind" in steps:
            _remind(workspace, desk)
    if broken or failed:
        ctx.exit(1)


def _make_all(workspace: "Workspace", desk: "Database", at_once: bool) -> bool:
    """Make the editions, each digest for itself, another first each minute; whether any could not be made."""
    from archive.desk.due import make_due

    names, now = list(workspace.alerts.digests), workspace.now()
    first = int(now.timestamp() // 60) % len(names) if names else 0
    broken = False
    for name in names[first:] + names[:first]:
        one = replace(workspace.alerts, digests={name: workspace.alerts.digests[name]})
        try:
            if at_once:
                _make_each(replace(workspace, alerts=one), desk)
            else:
                _tell_made(workspace, make_due(workspace.archive, one, now, desk))
        except Exception as error:  # whatever broke, the other digests are made
            logging.getLogger(__name__).debug("%s", name, exc_info=True)
            why = f"{type(error).__name__}: {error}"
            click.echo(current()("cli.digest.broken", name=name, why=why), err=True)
            broken = True
    return broken


def _remind(workspace: "Workspace", desk: "Database") -> None:
    from archive.desk.reminders import remind, remind_of_register

    for one in remind(workspace.archive, desk, workspace.alerts, workspace.home, workspace.now()):
        click.echo(current()("cli.digest.reminded", name=one.digest.name, edition=one.edition))
    if told := remind_of_register(desk, workspace.alerts, workspace.home, workspace.now()):
        click.echo(current()("cli.digest.register", names=", ".join(told)))


def _make_each(workspace: "Workspace", desk: "Database") -> None:
    from archive.desk.due import Unapproved, make_one

    for digest in workspace.alerts.digests.values():
        try:
            made = make_one(workspace.archive, digest, workspace.now(), desk)
        except Unapproved:
            _refuse_unapproved(digest)
        else:
            _tell_made(workspace, [made] if made else [])


def _tell_made(workspace: "Workspace", ids: list[int]) -> None:
    for one in ids:
        sql = "select name, edition from digests where id = ?"
        name, edition = workspace.archive.execute(sql, [one]).fetchone()
        click.echo(current()("cli.edition.made", name=name, edition=edition))


def _deliver(ctx: click.Context, workspace: "Workspace", *, only: int) -> None:
    """Send what of an edition did not arrive yet, what failed too."""
    from crawler.service.process import listen

    if _delivered(workspace, only=only, asked=listen()):
        ctx.exit(1)


def _delivered(
    workspace: "Workspace", *, only: int | None = None, asked: threading.Event | None = None
) -> bool:
    """Send what waits, or what of one edition did not arrive, and say how it went; whether any was given up."""
    from archive.digests.outbox import deliver

    words, again = current(), only is not None
    reports = deliver(
        workspace.archive, workspace.alerts, workspace.now(), base=workspace.home.path, only=only, again=again,
        begin_for=None if again else BEGIN_FOR, asked=asked,
    )  # fmt: skip
    for report in reports:
        about = {"name": report.name, "edition": report.edition, "channel": report.channel}
        why = f" ({words.reason(report.reason)})" if report.reason else ""
        click.echo(words("cli.edition.sent", **about, state=words.named("send", report.state)) + why)
    if again and not reports:
        click.echo(words("cli.digest.nothing"))
    return any(report.state == "failed" for report in reports)


def _print(content: "Content", form: str, name: str) -> None:
    from archive.digests.layout.html import to_html, to_text

    if form == "text":
        click.echo(to_text(content))
    elif form == "html":
        click.echo(to_html(content))
    elif sys.stdout.isatty():
        raise ConfigError(current()("cli.digest.file", form=form, name=name))
    else:
        sys.stdout.buffer.write(_file(content, form))


def _file(content: "Content", form: str) -> bytes:
    if form in ("docx", "pdf"):
        from archive.digests.layout.docx import to_docx
        from archive.digests.paper.pdf import to_pdf

        return to_docx(content) if form == "docx" else to_pdf(to_docx(content))
    from archive.digests.layout.atom import FeedEntry, to_atom

    return to_atom(content.title, content.name, content.archive_url, [FeedEntry.of(content)])
