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
    from crawler.sources import home_sources, sources_folder

    home = config_home(ctx)
    rows = [_row(source) for source in home_sources(home).by_key.values()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    from tabulate import tabulate

    words, folder = current(), sources_folder(home)
    table = [{words.named("column", k): v for k, v in row.items() if k != "home"} for row in rows]
    click.echo(tabulate(table, headers="keys"))
    files = [str(home.config("sources.yml")), *([f"{folder}/*.yml"] if folder.is_dir() else [])]
    click.echo(words("cli.sources.total", n=len(rows), path=", ".join(files)))


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
    from crawler.onboarding.probe import Finding, probe_all
    from crawler.onboarding.report import as_json as everything
    from crawler.onboarding.report import judge_source, table
    from crawler.service.process import follow_parent
    from crawler.sources import home_sources
    from pipelines.item import ContextFiles

    follow_parent()
    home = config_home(ctx)
    sources = home_sources(home)
    chosen = sources.named(keys) if keys else list(sources.by_key.values())
    now, context = utc_now(), ContextFiles.of(home, sources.families).load()
    probed: dict[str, Finding] = {}
    label, interrupted = current()("cli.sources.probing"), False
    with click.progressbar(length=len(chosen), label=label, file=sys.stderr, hidden=not on_terminal()) as bar:

        def note(finding: Finding) -> None:
            probed[finding.source.key] = finding
            bar.update(1)

        try:
            probe_all(chosen, sources.contact, context, note, thorough=thorough)
        except KeyboardInterrupt:
            interrupted = True
    findings = [probed[source.key] for source in chosen if source.key in probed]
    checked = [(finding, judge_source(finding, now)) for finding in findings]
    click.echo(everything(checked) if as_json else table(checked))
    if interrupted:
        click.echo(current()("cli.sources.interrupted", n=len(checked), total=len(chosen)), err=True)
    ctx.exit(1 if interrupted or any(judged.state == "broken" for _, judged in checked) else 0)


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
@click.option("--json", "as_json", is_flag=True, help="Only show, as JSON with all that writing it needs.")
@click.pass_context
def add(
    ctx: click.Context, /, url: str, delay: float, write: bool | None, as_json: bool, **wishes: Any
) -> None:
    """Find out how a site is read, from its home page, a section or an article, and show it.

    With --write, or after a yes, it goes into a file of its own, config/sources.d/KEY.yml of the home, and the
    page that was read, with what it must give, into pages-golden/.

    Example: diemtin sources add https://baothainguyen.vn --write
    """
    from crawler.onboarding.proposal import Unfit, Wish, propose
    from crawler.onboarding.report import proposal_json, proposal_text
    from crawler.onboarding.writer import block_of, prepared, write_source
    from crawler.service.process import follow_parent
    from crawler.sources import home_sources
    from pipelines.item import ContextFiles

    follow_parent()
    home, words, now = config_home(ctx), current(), utc_now()
    sources = home_sources(home)
    try:
        proposal = propose(Wish(url, **wishes), sources, ContextFiles.of(home, sources.families).load(), delay)
    except Unfit as error:
        click.echo(f"diemtin: {error}", err=True)
        ctx.exit(1)
    if as_json:
        click.echo(proposal_json(proposal, prepared(proposal, now)))
        return
    click.echo(proposal_text(proposal, block_of(proposal, now)))
    if write is None:
        write = sys.stdin.isatty() and sys.stdout.isatty() and click.confirm(words("cli.sources.write"))
    if not write:
        click.echo(words("cli.sources.not_written"))
        return
    for path in write_source(Home.at(ctx.obj), proposal, now):
        click.echo(words("cli.sources.wrote", path=path))
