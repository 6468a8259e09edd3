"""The option ``--at`` of commands that choose a copy, and the time that it stands for."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import click

from crawler.commands.options import Day, midnight


def at_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--at DATE``: the newest copy made on that day (Hà Nội) or before."""
    return click.option("--at", type=Day(), metavar="DATE", help=help_text)


def end_of(day: date | None) -> datetime | None:
    """When the day is over in Hà Nội."""
    return midnight(day + timedelta(days=1)) if day else None
