"""``diemtin sources``: every source with its state."""

import json
from typing import Any

import click

from crawler.cli import open_home


@click.group("sources", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the sources with how they are found and when they were last crawled.

    Example: diemtin sources
    """
    if ctx.invoked_subcommand:
        return
    from crawler.sources import load_sources

    home = open_home(ctx)
    rows = [_row(source) for source in load_sources(home.config("sources.yml")).by_key.values()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    from tabulate import tabulate

    click.echo(tabulate([{k: v for k, v in row.items() if k != "home"} for row in rows], headers="keys"))
    click.echo(f"{len(rows)} sources, from {home.config('sources.yml')}")


def _row(source: Any) -> dict[str, Any]:
    return {
        "key": source.key,
        "name": source.name,
        "kind": source.kind,
        "state": source.state,
        "feeds": len(source.feeds),
        "sitemaps": len(source.sitemaps),
        "sections": len(source.sections),
        "keep": source.keep,
        "every": f"{source.every.total_seconds() / 60:g} m",
        "home": source.home,
        "seen": source.seen,
    }
