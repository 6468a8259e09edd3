"""``diemtin reprocess``: run the stages again over stored pages."""

from datetime import date

import click

from crawler.cli import on_terminal, open_home
from crawler.commands.options import Day, midnight


@click.command("reprocess")
@click.option("--source", help="Only the pages of this source.")
@click.option("--since", type=Day(), help="Only pages fetched since that day.")
@click.pass_context
def command(ctx: click.Context, source: str | None, since: date | None) -> None:
    """Run the stages again over the stored pages, with today's rules and without network.

    Example: diemtin reprocess --source baotintuc --since 2026-11-01
    """
    from crawler.reprocess import reprocess
    from crawler.state.run_log import summary
    from crawler.workspace import open_workspace

    with open_workspace(open_home(ctx)) as workspace:
        if source:
            workspace.sources.named([source])
        outcomes = reprocess(workspace, source, midnight(since), progress=on_terminal())
    click.echo(summary(outcomes))
