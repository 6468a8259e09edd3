"""``diemtin up``: crawl now, keep the schedule, serve the archive; its halves ``serve`` and ``schedule``."""

from dataclasses import replace

import click

from archive.home import Home
from archive.i18n import current
from crawler.cli import check_whole, open_home
from crawler.commands.options import cluster_option, serving_options


@click.command("up")
@click.option(
    "--sample", is_flag=True, help="On a sample press served from this machine, in a throw-away home."
)
@cluster_option
@serving_options
@click.pass_context
def command(ctx: click.Context, sample: bool, cluster: str | None, host: str, port: int, public: bool) -> None:
    """Crawl now, keep the schedule, serve the archive; Ctrl-C stops cleanly.

    Example: diemtin up --sample
    """
    from archive.web.access import Access
    from crawler.service.server import take_port
    from crawler.service.supervisor import Supervisor

    access = Access.of(host, public, None if sample else Home.named(ctx.obj))
    taken = take_port(host, port)
    try:
        if sample:
            from crawler.demo.run import demo_supervisor

            with demo_supervisor(taken, click.echo) as supervisor:
                replace(supervisor, access=access, cluster=cluster).run()
            return
        home = open_home(ctx, make=True)
        with home.lock("up"):
            check_whole(home)
            click.echo(current()("cli.home.is", path=home.path))
            Supervisor(home, click.echo, taken, access=access, cluster=cluster).run()
    finally:
        taken.close()


@click.command("serve")
@serving_options
@click.pass_context
def serve(ctx: click.Context, host: str, port: int, public: bool) -> None:
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
        check_whole(home)
        Supervisor(home, click.echo, taken, crawling=False, access=access).run()
    finally:
        taken.close()


@click.command("schedule")
@cluster_option
@click.pass_context
def schedule(ctx: click.Context, cluster: str | None) -> None:
    """Crawl on schedule and send digests, without serving pages.

    Example: diemtin schedule
    """
    from crawler.service.supervisor import Supervisor

    home = open_home(ctx, make=True)
    with home.lock("up"):
        check_whole(home)
        Supervisor(home, click.echo, cluster=cluster).run()
