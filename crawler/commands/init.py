"""``diemtin init``: make a home."""

import shutil

import click

from archive.home import DEFAULTS, Home
from archive.i18n import current


@click.command("init")
@click.option("--config", "with_config", is_flag=True, help="Copy the config files into it, to be changed.")
@click.pass_context
def command(ctx: click.Context, with_config: bool) -> None:
    """Make a home (the folder of --home, DIEMTIN_HOME or the platform) with an empty archive.

    Example: diemtin --home /srv/diemtin init --config
    """
    from archive.schema import open_archive

    words, home = current(), Home.at(ctx.obj)
    begun = home.archive_db.exists()
    open_archive(home.archive_db).close()
    click.echo(words("cli.home.is" if begun else "cli.home.made", path=home.path))
    folder = home.path / "config"
    folder.mkdir(exist_ok=True)
    for default in sorted(DEFAULTS.glob("*.yml")) if with_config else []:
        own = folder / default.name
        click.echo(words("cli.init.kept" if own.exists() else "cli.init.copied", path=own))
        if not own.exists():
            shutil.copyfile(default, own)
    named = f" --home {ctx.obj}" if ctx.obj else ""
    click.echo(words("cli.init.next", home=named, config=folder))
