"""``diemtin up``: crawl now, keep the schedule, serve the archive."""

from dataclasses import replace

import click

from crawler.cli import open_home


@click.command("up")
@click.option(
    "--sample", is_flag=True, help="On a sample press served from this machine, in a throw-away home."
)
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
def command(ctx: click.Context, sample: bool, host: str, port: int, public: bool) -> None:
    """Crawl now, keep the schedule, serve the archive; Ctrl-C stops cleanly.

    Example: diemtin up --sample
    """
    from archive.web.access import Access
    from crawler.office import Office
    from crawler.serving import take_port

    home = None if sample else open_home(ctx)
    access = Access.of(host, public, home)
    taken = take_port(host, port)
    try:
        if home is None:
            from crawler.sample import sample_office

            with sample_office(taken, click.echo) as office:
                replace(office, access=access).run()
            return
        with home.lock("up"):
            click.echo(f"home: {home.path}")
            Office(home, click.echo, taken, access=access).run()
    finally:
        taken.close()
