"""``diemtin serve``: the web half of ``up``."""

import click

from crawler.cli import open_home


@click.command("serve")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to serve at; elsewhere than here "
    "with a password (DIEMTIN_PASSWORD or the home's file `password`) or --public.",
)
@click.option("--port", default=8001, show_default=True, help="Port of the archive's pages.")
@click.option("--public", is_flag=True, help="Show anyone titles, two sentences and links, nothing more.")
@click.pass_context
def command(ctx: click.Context, host: str, port: int, public: bool) -> None:
    """Serve the archive without crawling.

    Example: DIEMTIN_PASSWORD=… diemtin serve --host 0.0.0.0 --port 8080
    """
    from archive.web.access import Access
    from crawler.office import Office
    from crawler.serving import take_port

    home = open_home(ctx)
    access = Access.of(host, public, home)
    taken = take_port(host, port)
    try:
        Office(home, click.echo, taken, crawling=False, access=access).run()
    finally:
        taken.close()
