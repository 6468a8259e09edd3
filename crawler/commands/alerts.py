"""``diemtin alerts``: the rules and their last matches; try a rule before it is saved."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from archive.config import ConfigError
from crawler.cli import open_home

if TYPE_CHECKING:
    from archive.digests.rules import Alert
    from archive.finding.snippets import Part


@click.group("alerts", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the rules of alerts.yml with their number of matches and the last one.

    Example: diemtin alerts
    """
    if ctx.invoked_subcommand:
        return
    from crawler.shift import open_shift

    with open_shift(open_home(ctx)) as shift:
        for name, alert in shift.alerts.rules.items():
            count, last = shift.archive.execute(
                "select count(*), max(matched_at) from matches where alert = ?", [name]
            ).fetchone()
            click.echo(f"{name}: {count} matches{f', last {last}' if last else ''}\n    {alert.text}")
        for problem in shift.alerts.problems:
            click.echo(f"diemtin: {problem}", err=True)
        if shift.alerts.problems:
            ctx.exit(1)


@command.command("test")
@click.argument("name", required=False)
@click.option("--query", help="A query to try, instead of a rule of alerts.yml.")
@click.option("--days", default=30, show_default=True, help="How many days back.")
@click.option("--limit", default=20, show_default=True, help="How many stories to show.")
@click.pass_context
def try_rule(ctx: click.Context, name: str | None, query: str | None, days: int, limit: int) -> None:
    """Try a rule on the archive before saving it.

    Example: diemtin alerts test --query '"khu công nghiệp" OR KCN' --days 7
    """
    from archive.alerts import try_query
    from crawler.shift import open_shift

    if bool(name) == bool(query):
        raise click.UsageError("give the NAME of a rule or --query")
    with open_shift(open_home(ctx)) as shift:
        text = query or _text_of(shift.alerts.rules, str(name))
        found = try_query(shift.archive, text, days, shift.now(), places=shift.desk.places, limit=limit)
    click.echo(f"{'hơn ' if found.capped else ''}{found.total} bài trong {days} ngày · {found.understood}")
    for hit in found.hits:
        click.echo(f"{(hit.published_at or '?')[:10]}  {hit.source}  {_marked(hit.title_parts)}")
        click.echo(f"    {_marked(hit.snippet_parts)}")


def _text_of(rules: "Mapping[str, Alert]", name: str) -> str:
    found = rules.get(name) or next((rule for key, rule in rules.items() if key.endswith(f"/{name}")), None)
    if found is None:
        raise ConfigError(f"no rule `{name}`; there are: {', '.join(rules) or 'none'}")
    return found.text


def _marked(parts: "Iterable[Part]") -> str:
    """Text with the matched words in «», since a terminal may have no colours."""
    return "".join(f"«{part.text}»" if part.marked else part.text for part in parts)
