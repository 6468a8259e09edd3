"""The console command ``diemtin``: finds the command, opens the home, turns errors into one plain line."""

import gc
import importlib
import sys
from typing import Any

import click

from archive.config import ConfigError
from archive.home import Held, Home

COMMANDS = {
    "up": "up",
    "crawl": "crawl",
    "sources": "sources",
    "read": "read",
    "search": "search",
    "alerts": "alerts",
    "digest": "digest",
    "health": "health",
    "reprocess": "reprocess",
    "import": "import_",
    "serve": "serve",
    "schedule": "schedule",
}
OBJECTS = 50_000  # made before cycles are looked for: a page and an import make many and leave few behind


class Commands(click.Group):
    """Commands by name, each imported only when it is called; failures are one line on stderr."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f"crawler.commands.{COMMANDS[cmd_name]}").command
        return found

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            click.echo(f"diemtin: {error}", err=True)
            ctx.exit(2)
        except Held as error:
            click.echo(f"diemtin: {error}", err=True)
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", metavar="DIR", help="Data and config folder (else DIEMTIN_HOME, else the platform's).")
@click.version_option(package_name="diemtin")
@click.pass_context
def main(ctx: click.Context, home: str | None) -> None:
    """Điểm Tin: watches the press for Thái Nguyên's industry and digital transformation.

    Example: diemtin up --sample
    """
    gc.set_threshold(OBJECTS)
    ctx.obj = home


def open_home(ctx: click.Context) -> Home:
    """The home that ``--home`` or the environment names."""
    return Home.at(ctx.obj)


def on_terminal() -> bool:
    """Whether progress may be drawn."""
    return sys.stderr.isatty()
