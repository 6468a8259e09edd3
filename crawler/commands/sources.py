"""``diemtin sources``: every source with its state; ``check`` probes them live, ``add`` writes a new one."""

import json
import sys
from typing import Any

import click

from archive.clock import utc_now
from archive.home import Home
from archive.i18n import current
from crawler.cli import config_home, on_terminal


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

    home = config_home(ctx)
    rows = [_row(source) for source in load_sources(home.config("sources.yml")).by_key.values()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    from tabulate import tabulate

    words = current()
    table = [{words.named("column", k): v for k, v in row.items() if k != "home"} for row in rows]
    click.echo(tabulate(table, headers="keys"))
    click.echo(words("cli.sources.total", n=len(rows), path=home.config("sources.yml")))


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


@command.command("check")
@click.argument("keys", nargs=-1, metavar="[SOURCE]...")
@click.option("--thorough", is_flag=True, help="Try every list, not about six requests a source.")
@click.option("--json", "as_json", is_flag=True, help="Print everything found as JSON.")
@click.pass_context
def check(ctx: click.Context, keys: tuple[str, ...], thorough: bool, as_json: bool) -> None:
    """Probe sources live: robots.txt, feeds, sitemaps, a section, one article. All of them when none is named.

    The states: ok; look (works, but something is odd); broken; blocked (the site refuses us, or is set so);
    unverified (says what to confirm). Ends with 1 when a source is broken.

    Example: diemtin sources check baotintuc vnexpress
    """
    from crawler.onboarding.probe import probe_all
    from crawler.onboarding.report import as_json_row, table
    from crawler.onboarding.verdict import verdict
    from crawler.sources import load_sources
    from pipelines.item import ContextFiles

    home = config_home(ctx)
    sources = load_sources(home.config("sources.yml"))
    chosen = sources.named(keys) if keys else list(sources.by_key.values())
    now = utc_now()
    context = ContextFiles.of(home, sources.families).load()
    probing = probe_all(chosen, sources.contact, context, thorough=thorough)
    with click.progressbar(
        probing,
        length=len(chosen),
        label=current()("cli.sources.probing"),
        file=sys.stderr,
        hidden=not on_terminal(),
    ) as stats:
        found = {finding.source.key: (finding, verdict(finding, now)) for finding in stats}
    ordered = [found[source.key] for source in chosen]
    click.echo(as_json_row(ordered) if as_json else table(ordered))
    ctx.exit(1 if any(judged.state == "broken" for _, judged in ordered) else 0)


@command.command("add")
@click.argument("url")
@click.option("--key", default="", help="The name of its block (else from its host).")
@click.option("--name", default="", help="The outlet's name (else what the site calls itself).")
@click.option("--kind", type=click.Choice(["provincial", "national", "portal", "magazine"]))
@click.option(
    "--article", default="", metavar="REGEX", help="What an article address looks like (else found out)."
)
@click.option("--delay", default=2.0, show_default=True, help="Seconds between requests.")
@click.option("--write/--dry-run", default=None, help="Write without asking, or only show.")
@click.pass_context
def add(ctx: click.Context, /, url: str, delay: float, write: bool | None, **wishes: Any) -> None:
    """Find out how a site is read, from its home page, a section or an article, and show it.

    With --write, or after a yes, its block goes into config/sources.yml of the home, and the page that was
    read, with what it must give, into pages-golden/.

    Example: diemtin sources add https://baothainguyen.vn --write
    """
    from crawler.onboarding.add import propose
    from crawler.onboarding.proposal import Unfit, Wish
    from crawler.onboarding.report import proposal_text
    from crawler.onboarding.writer import block_of, write_source
    from crawler.sources import load_sources
    from pipelines.item import ContextFiles

    home = config_home(ctx)
    sources = load_sources(home.config("sources.yml"))
    now = utc_now()
    try:
        found = propose(Wish(url, **wishes), sources, ContextFiles.of(home, sources.families).load(), delay)
    except Unfit as error:
        click.echo(f"diemtin: {error}", err=True)
        ctx.exit(1)
    click.echo(proposal_text(found, block_of(found, now)))
    words = current()
    if write is None:
        write = sys.stdin.isatty() and sys.stdout.isatty() and click.confirm(words("cli.sources.write"))
    if not write:
        click.echo(words("cli.sources.not_written"))
        return
    home = Home.at(ctx.obj)
    for path in write_source(home, found, now):
        click.echo(words("cli.sources.wrote", path=path))
