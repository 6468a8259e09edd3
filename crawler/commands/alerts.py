"""``diemtin alerts``: the rules and their last matches; try a rule before it is saved."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from archive.clock import local_time
from archive.config import unknown_name
from archive.i18n import current
from crawler.cli import open_home
from crawler.commands.search import counted, published, understood

if TYPE_CHECKING:
    from archive.digests.config import Alert


@click.group("alerts", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the rules of alerts.yml with their number of matches and the last one.

    Example: diemtin alerts
    """
    if ctx.invoked_subcommand:
        return
    from archive.digests.alerts import told_anew
    from crawler.workspace import open_workspace

    with open_workspace(open_home(ctx, reads=True)) as workspace:
        words = current()
        anew = told_anew(workspace.archive, workspace.alerts)
        for name, alert in workspace.alerts.rules.items():
            count, last = workspace.archive.execute(
                "select count(*), max(matched_at) from matches where alert = ?", [name]
            ).fetchone()
            when = words("cli.alerts.last", at=local_time(last)) if last else ""
            click.echo(f"{name}: {words('cli.alerts.matches', n=count)}{when}\n    {alert.text}")
            if name in anew:
                click.echo(f"    {words('cli.alerts.read_as', what=understood(alert.query))}")
        if anew:
            click.echo(words("cli.alerts.apart"))
        for problem in workspace.alerts.problems:
            click.echo(f"diemtin: {problem}", err=True)
        if workspace.alerts.problems:
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
    from archive.digests.alerts import try_query
    from archive.search.highlight import as_text
    from archive.search.lexicon import lexicon_for
    from crawler.workspace import open_workspace

    if bool(name) == bool(query):
        raise click.UsageError(current()("cli.usage.rule"))
    with open_workspace(open_home(ctx, reads=True)) as workspace:
        text = query or _text_of(workspace.alerts.rules, str(name))
        results = try_query(
            workspace.archive,
            text,
            days,
            workspace.now(),
            places=workspace.context.places,
            lexicon=lexicon_for(workspace.archive, workspace.context.places),
            limit=limit,
        )
    total = current()("cli.alerts.total", what=counted(results), days=days)
    click.echo(f"{total} · {understood(results)}")
    for hit in results.hits:
        click.echo(f"{published(hit.published_at)}  {hit.source}  {as_text(hit.title_parts)}")
        click.echo(f"    {as_text(hit.snippet_parts)}")


def _text_of(rules: "Mapping[str, Alert]", name: str) -> str:
    rule = rules.get(name) or next((rule for key, rule in rules.items() if key.endswith(f"/{name}")), None)
    if rule is None:
        raise unknown_name("rule", name, rules)
    return rule.text
