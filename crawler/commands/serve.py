"""``diemtin serve``: the web half of ``up``."""

import click

from archive.home import Home
from crawler.cli import open_home
from crawler.commands.options import serving_options


@click.command("serve")
@serving_options
@click.pass_context
def command(ctx: click.Context, host: str, port: int, public: bool) -> None:
    """Serve the archive without crawling.

    Example: DIEMTIN_PASSWORD=… diemtin serve --host 0.0.0.0 --port 8080
    """
    from archive.web.access import Access
    from crawler.service.server import take_port
    from crawler.service.supervisor import Supervisor

    access = Access.of(host, public, Home.named(ctx.obj))
    taken = take_port(host, port)
    try:
        home = open_home(ctx)
        Supervisor(home, click.echo, taken, crawling=False, access=access).run()
    finally:
        taken.close()
