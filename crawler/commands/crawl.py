"""``diemtin crawl``: crawl now; the last line says what came of every page."""

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from archive.config import ConfigError
from archive.i18n import Words, current
from crawler.cli import open_home
from crawler.commands.options import check_clock, cluster_option, read_day

if TYPE_CHECKING:
    import threading

    from archive.home import Home
    from crawler.listings.backfill import Backfill


@click.command("crawl")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--backfill", metavar="FROM..TO", help="Fill in these days, e.g. 2026-10-01..2026-10-31.")
@click.option(
    "--limit", default=0, metavar="SECONDS", help="Ask for no more pages after that time (0: no limit)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the runs as JSON.")
@cluster_option
@click.pass_context
def command(
    ctx: click.Context,
    sources: tuple[str, ...],
    backfill: str | None,
    limit: int,
    as_json: bool,
    cluster: str | None,
) -> None:
    """Crawl the sources named, or all of them, now.

    Example: diemtin crawl baotintuc vnexpress
    """
    from crawler.service.process import crawl, follow_parent, listen

    asked = listen()
    follow_parent()
    from archive.databases.faults import is_urgent
    from crawler.listings.backfill import read_backfill
    from crawler.workspace import open_workspace

    for day in backfill.split("..") if backfill else ():
        read_day(day)
    span = read_backfill(backfill) if backfill else None
    check_clock()
    home = open_home(ctx, make=True)
    if cluster:
        runs = _crawl_there(home, cluster, sources, asked, limit, span)
    else:
        with open_workspace(home) as workspace:
            runs = crawl(workspace, workspace.sources.named(sources), asked, limit, span)
    if as_json:
        click.echo(json.dumps([_read(run) for run in runs], ensure_ascii=False))
    else:
        _print(runs)
    for why in sorted({run["reason"] for run in runs if is_urgent(run["reason"])}):
        click.echo(f"diemtin: {current().reason(why)}", err=True)
    if not any(run["state"] == "done" for run in runs) or any(is_urgent(run["reason"]) for run in runs):
        ctx.exit(1)


def _crawl_there(
    home: "Home",
    url: str,
    keys: tuple[str, ...],
    asked: "threading.Event",
    limit: int,
    backfill: "Backfill | None",
) -> list[dict[str, Any]]:
    """Let the workers of a broker crawl; its keeper, of ``up --cluster``, writes."""
    from crawler.cluster.broker import Broker, BrokerFault
    from crawler.cluster.jobs import crawl_there
    from crawler.sources import home_sources

    sources = [source.key for source in home_sources(home).named(keys)]

    def tell(line: str) -> None:
        click.echo(f"diemtin: {line}", err=True)

    try:
        return crawl_there(Broker(url), home, sources, asked, limit, backfill, tell)
    except BrokerFault as error:
        raise ConfigError(str(error)) from error


def _read(run: dict[str, Any]) -> dict[str, Any]:
    return run | {key: json.loads(run[key]) for key in ("outcomes", "lists", "notes")}


def _print(runs: list[dict[str, Any]]) -> None:
    from crawler.state.run_log import summary

    words, total = current(), Counter[str]()
    for run in runs:
        outcomes = json.loads(run["outcomes"])
        total.update(outcomes)
        why = words.reason(run["reason"])
        state = "" if run["state"] == "done" else f" {_state(words, run['state'])} ({why})"
        click.echo(f"{run['source']}:{state} {summary(outcomes)}")
    click.echo(words("cli.crawl.total", n=len(runs), summary=summary(total)))


def _state(words: Words, state: str) -> str:
    return words.named("run", state) if words.lang == "vi" else state
