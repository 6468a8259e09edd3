"""``diemtin health``: each source's last run, its yield, what its lists cover and what is wrong."""

import json
from typing import TYPE_CHECKING, Any

import click

from archive.i18n import current
from crawler.cli import check_whole, open_home

if TYPE_CHECKING:
    from archive.health import SourceHealth
    from archive.health.cluster import ClusterStatus
    from archive.health.machine import HomeHealth

NAMED = 8  # sources that are named where none answers
MARKS = {"green": "  ", "grey": "··", "amber": "! ", "red": "!!"}


@click.command("health")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option(
    "--files", is_flag=True, help="Only read the databases through; nothing is said where they are whole."
)
@click.pass_context
def command(ctx: click.Context, as_json: bool, files: bool) -> None:
    """Say how each source is doing; exit 1 when one is red.

    Example: diemtin health
    """
    from archive.clock import utc_now
    from archive.health import report
    from archive.health.cluster import read_status
    from archive.health.machine import home_report
    from archive.health.runs import unreached
    from archive.schema import open_archive
    from crawler.sources import sources_fault

    home = open_home(ctx, reads=True)
    if files:
        check_whole(home)
        return
    db = open_archive(home.archive_db)
    try:
        sources, lost = report(db, utc_now()), unreached(db)
    finally:
        db.close()
    whole, status = home_report(home, utc_now(), sources_fault(home)), read_status(home)
    if as_json:
        rows = [_row(one, status) for one in whole if _is_told(one)]
        rows += [health.to_builtins(current()) for health in sources]
        click.echo(json.dumps(rows, ensure_ascii=False))
        _end(ctx, whole, sources)
        return
    for one in whole:
        name, sentence = current()(f"health.home.{one.key}"), current().reason(one.alarm.reason)
        click.echo(f"{MARKS[one.alarm.level]} {name}: {sentence}")
        if one.key == "cluster" and status:
            _say_workers(status)
    if not sources:
        click.echo(current()("cli.health.none"))
    if lost:
        click.echo(f"{MARKS['red']} {_unreached(list(lost))}")
    for health in sources:
        if health.key not in lost:
            _say(health)
    _end(ctx, whole, sources)


def _is_told(one: "HomeHealth") -> bool:
    """Whether programs are told: of what is wrong, and how the workers do; else of the sources alone."""
    return one.alarm.level in ("amber", "red") or (one.key == "cluster" and one.alarm.level != "grey")


def _row(one: "HomeHealth", status: "ClusterStatus | None") -> dict[str, Any]:
    import msgspec

    row = one.to_builtins(current())
    return row | msgspec.to_builtins(status) if one.key == "cluster" and status else row


def _unreached(keys: list[str]) -> str:
    """That these did not answer, in one line."""
    words, more = current(), len(keys) - NAMED
    rest = " " + words("edition.sources.more", n=more) if more > 0 else ""
    return words("cli.health.unreached", n=len(keys), names=", ".join(sorted(keys)[:NAMED]) + rest)


def _say_workers(status: "ClusterStatus") -> None:
    """Each worker in a line, then what waits."""
    from archive.clock import moment
    from archive.formats import Formats
    from archive.health.cluster import queues_in_words

    words, fmt = current(), Formats(current())
    for worker in status.workers:
        sources = f" ({', '.join(worker.crawling)})" if worker.crawling else ""
        seen = fmt.near(moment(worker.at))
        told = {"name": worker.name, "crawling": len(worker.crawling), "crawls": worker.crawls}
        told |= {"sources": sources, "reading": worker.reading, "readers": worker.readers, "seen": seen}
        other = status.other_release(worker)
        release = f"; {words('workers.release', release=other)}" if other else ""
        click.echo(f"     {words('workers.line', **told)}{release}")
    click.echo(f"     {queues_in_words(status, words)}")


def _say(health: "SourceHealth") -> None:
    """A source's level and reason, its last run, and what its lists cover."""
    from archive.clock import local_time
    from archive.health.coverage import in_words
    from crawler.state.run_log import summary

    ran = health.last_run_at
    last = f" [{local_time(ran)}; {summary(health.outcomes)}]" if ran else ""
    click.echo(f"{MARKS[health.level]} {health.key}: {current().reason(health.reason)}{last}")
    if health.coverage:
        counts, missed = in_words(health.coverage, current())
        click.echo(f"     {current()('sources.coverage')}: {', '.join([*counts, missed])}")


def _end(ctx: click.Context, whole: "list[HomeHealth]", sources: "list[SourceHealth]") -> None:
    levels = [*(one.alarm.level for one in whole), *(source.level for source in sources)]
    if "red" in levels:
        ctx.exit(1)
