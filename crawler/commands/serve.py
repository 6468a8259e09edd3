"""``diemtin serve``: the web half of ``up``."""

import click

from crawler.cli import open_home


@click.command("serve")
@click.option("--port", default=8001, show_default=True, help="Port of the archive's pages.")
@click.pass_context
def command(ctx: click.Context, port: int) -> None:
    """Serve the archive without crawling.

    Example: diemtin serve --port 8080
    """
    from crawler.office import Office
    from crawler.serving import HOST, take_port

    home = open_home(ctx)
    taken = take_port(HOST, port)
    try:
        Office(home, click.echo, taken, crawling=False).run()
    finally:
        taken.close()
