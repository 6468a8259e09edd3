"""``diemtin restore``: bring a copy back, checked before anything is replaced."""

import os
from datetime import date
from pathlib import Path

import click

from archive.config import ConfigError
from archive.home import Home
from archive.i18n import current
from crawler.commands.keeping.options import at_option, end_of


@click.command("restore")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@at_option("The newest copy made on that day or before (else the newest).")
@click.pass_context
def command(ctx: click.Context, folder: Path, at: date | None) -> None:
    """Make the home what a copy in DIR holds; DIR may also be one copy.

    The copy is checked first, byte by byte; a damaged one, or one of a newer release, replaces nothing. Nothing
    may run on the home. What it replaces is kept beside it. Everyone at the desk logs in anew.

    Example: diemtin restore /mnt/backup/diemtin
    """
    from archive.backup import BackupError
    from archive.backup.restore import restore
    from archive.clock import local_time, utc_now

    words = current()
    try:
        done = restore(_home(ctx), folder, utc_now(), end_of(at))
    except BackupError as error:
        click.echo(f"diemtin: {error}", err=True)
        ctx.exit(1)
    made, path = local_time(done.copy.manifest.made_at), done.copy.path
    click.echo(words("cli.restore.done", path=Home.named(ctx.obj).path, copy=path, at=made))
    if done.replaced:
        click.echo(words("cli.restore.kept", path=done.replaced))
    click.echo(words("cli.restore.sessions"))


def _home(ctx: click.Context) -> Home:
    """The home to restore, which need not be there yet; a name in a folder that is not there is an error."""
    home = Home.named(ctx.obj)
    if not home.path.parent.is_dir():
        if ctx.obj or os.environ.get("DIEMTIN_HOME"):
            raise ConfigError(current()("cli.home.missing", path=home.path))
        home.path.parent.mkdir(parents=True)
    return home
