"""Options that several commands take."""

from collections.abc import Callable
from typing import Any

import click

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
        "--public", is_flag=True, help="Show anyone titles, two sentences and links, nothing more."
    )
    return host(port(public(command)))
