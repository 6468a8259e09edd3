"""``diemtin mcp``: the archive as tools for an assistant, on standard input and output."""

import sys
from importlib.util import find_spec

import click

from archive.config import ConfigError
from archive.i18n import current
from crawler.cli import open_home


@click.command("mcp")
@click.option("--public", is_flag=True, help="Tell titles and links alone, and leads where the outlet agreed.")
@click.pass_context
def command(ctx: click.Context, public: bool) -> None:
    """Answer an assistant (Model Context Protocol) that starts this; it only reads.

    Example: diemtin --home /srv/diemtin mcp
    """
    if find_spec("mcp") is None:
        raise ConfigError(current()("cli.mcp.missing"))
    from archive.assistants.server import serve_home
    from archive.clock import utc_now
    from archive.schema import open_archive

    home = open_home(ctx, reads=True)
    open_archive(home.archive_db).close()  # an old one is upgraded
    if sys.stdin.isatty():
        click.echo(current()("cli.mcp.waits"), err=True)
    serve_home(home, utc_now, public=public)
