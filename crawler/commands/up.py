"""``diemtin up``: crawl now, keep the schedule, serve the archive."""

import click

from crawler.cli import open_home


@click.command("up")
@click.option(
    "--sample", is_flag=True, help="On a sample press served from this machine, in a throw-away home."
)
@click.option("--port", default=8001, show_default=True, help="Port of the archive's pages.")
@click.pass_context
def command(ctx: click.Context, sample: bool, port: int) -> None:
    """Crawl now, keep the schedule, serve the archive; Ctrl-C stops cleanly.

    Example: diemtin up --sample
    """
    from crawler.office import Office
    from crawler.serving import HOST, take_port

    taken = take_port(HOST, port)
    try:
        if sample:
            from crawler.sample import sample_office

            with sample_office(taken, click.echo) as office:
                office.run()
            return
        home = open_home(ctx)
        with home.lock("up"):
            click.echo(f"home: {home.path}")
            Office(home, click.echo, taken).run()
    finally:
        taken.close()
