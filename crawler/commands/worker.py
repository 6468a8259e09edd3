"""``diemtin worker``: crawl and read pages for a keeper, on any machine; ``keeper`` is started by ``up``."""

import os

import click

from archive.config import ConfigError
from crawler.cli import open_home


@click.command("worker")
@click.argument("url", metavar="redis://HOST:6379/0")
@click.option(
    "--crawls", type=click.IntRange(0, 500), default=8, show_default=True, help="Crawls that go on at once."
)
@click.option(
    "--readers", type=click.IntRange(0, 500), default=None,
    help="Processes that read pages of reprocess and import (default: one a core).",
)  # fmt: skip
def command(url: str, crawls: int, readers: int | None) -> None:
    """Crawl and read pages for the keeper at this broker (Redis 6.2 or later, Valkey); Ctrl-C stops cleanly.

    A worker needs no config and keeps nothing. The password is taken from DIEMTIN_REDIS_PASSWORD, so that no
    list of processes shows it. Needs the extra `cluster`.

    Example: diemtin worker rediss://broker.example.vn:6380/0
    """
    from crawler.cluster.broker import Broker, BrokerFault
    from crawler.cluster.worker import Worker

    try:
        worker = Worker(Broker(url), click.echo, crawls, (os.cpu_count() or 1) if readers is None else readers)
        worker.run()
    except BrokerFault as error:
        raise ConfigError(str(error)) from error


@click.command("keeper", hidden=True)
@click.argument("url", envvar="DIEMTIN_CLUSTER_ADDRESS")
@click.pass_context
def keeper(ctx: click.Context, url: str) -> None:
    """Answer the workers at this broker and write what they bring; started by `up --cluster`.

    It is given the address by the environment: there may be a password in it.
    """
    from crawler.cluster.broker import Broker, BrokerFault
    from crawler.cluster.keeping import keep
    from crawler.service.process import follow_parent, listen

    asked = listen()
    follow_parent()
    home = open_home(ctx, make=True)
    try:
        keep(home, Broker(url), asked, lambda line: click.echo(f"diemtin: {line}", err=True))
    except BrokerFault as error:
        raise ConfigError(str(error)) from error
