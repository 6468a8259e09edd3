"""Options that several commands take."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import click

from archive.config import ConfigError
from archive.i18n import current

if TYPE_CHECKING:
    from crawler.bulk import BulkReading
    from crawler.workspace import Workspace


class Day(click.ParamType[date]):
    """A day, ``2026-11-30``; anything else is an error that says what is wrong with it."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        return value if isinstance(value, date) else read_day(str(value))


def read_day(text: str) -> date:
    """The day that the text names; raises ConfigError for one that does not exist, naming the nearest."""
    parts = _DAY.fullmatch(text)
    if not parts:
        raise ConfigError(current()("cli.day.form", text=text))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        year, month = int(parts[1]), int(parts[2])
        hint = ""
        if 1 <= month <= 12 and year and int(parts[3]) > 1:
            last = f"{parts[1]}-{parts[2]}-{monthrange(year, month)[1]}"
            hint = current()("cli.did_you_mean", name=last)
        raise ConfigError(current()("cli.day.none", text=text) + hint) from error


def check_clock() -> None:
    """Raises ConfigError where the machine's clock is not set: what is stored now would lie years back."""
    from archive.clock import EARLIEST, local_time, stamp, utc_now

    now = utc_now()
    if now < EARLIEST:
        raise ConfigError(current()("clock.early", at=local_time(stamp(now))))


def midnight(day: date | None) -> datetime | None:
    """When the day begins in Hà Nội."""
    from archive.clock import HANOI

    return datetime.combine(day, time(), HANOI) if day else None


_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
Command = Callable[..., Any]


def serving_options(command: Command) -> Command:
    """``--host``, ``--port`` and ``--public``: where the archive is served, and to whom."""
    host = click.option(
        "--host",
        default="127.0.0.1",
        show_default=True,
        help="Address to serve at; elsewhere than here "
        "with a password (DIEMTIN_PASSWORD or the home's file `password`) or --public.",
    )
    port = click.option("--port", default=8001, show_default=True, help="Port of the archive's pages.")
    public = click.option(
        "--public", is_flag=True, help="Show anyone titles and links alone, and leads where the outlet agreed."
    )
    return host(port(public(command)))


def cluster_option(command: Command) -> Command:
    """``--cluster``: the broker whose workers do the work; its address is looked at before anything begins."""
    return click.option(
        "--cluster", metavar="redis://HOST:6379/0", help="Give the work to the workers at this broker.",
        callback=lambda ctx, param, url: url and _checked_address(url),
    )(command)  # fmt: skip


def _checked_address(url: str) -> str:
    from crawler.cluster.broker import Broker, BrokerFault

    try:
        Broker(url).check_address()
    except BrokerFault as error:
        raise ConfigError(str(error)) from error
    return url


def _tell(line: str) -> None:
    click.echo(f"diemtin: {line}", err=True)


@contextmanager
def reading_there(workspace: "Workspace", cluster: str | None) -> "Iterator[BulkReading | None]":
    """Who reads the pages of bulk work: the workers of a broker, None for this process."""
    if cluster is None:
        yield None
        return
    from crawler.cluster.broker import Broker, BrokerFault
    from crawler.cluster.reading import reading_there as readers

    try:
        with readers(Broker(cluster), workspace.home, _tell) as reading:
            yield reading
    except BrokerFault as error:
        raise ConfigError(str(error)) from error
