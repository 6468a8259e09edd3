"""``diemtin schedule``: the crawling half of ``up``."""

import click

from crawler.cli import open_home


@click.command("schedule")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Crawl on schedule and send digests, without serving pages.

    Example: diemtin schedule
    """
    from crawler.service.supervisor import Supervisor

    home = open_home(ctx, make=True)
    with home.lock("up"):
        Supervisor(home, click.echo).run()
