"""``diemtin init``: make a home."""

import shutil
import sys
from pathlib import Path

import click

from archive.config import ConfigError
from archive.home import DEFAULTS, Home
from archive.i18n import current
from crawler.cli import check_files


@click.command("init")
@click.option("--config", "with_config", is_flag=True, help="Copy the config files into it, to be changed.")
@click.option("--systemd", metavar="DIR", help="Write its two systemd units into a folder.")
@click.pass_context
def command(ctx: click.Context, with_config: bool, systemd: str | None) -> None:
    """Make a home (the folder of --home, DIEMTIN_HOME or the platform) with an empty archive.

    Example: diemtin --home /srv/diemtin init --config
    """
    from archive.schema import open_archive

    words, home = current(), Home.at(ctx.obj)
    begun = home.archive_db.exists()
    check_files(home)
    open_archive(home.archive_db).close()
    click.echo(words("cli.home.is" if begun else "cli.home.made", path=home.path))
    folder = home.path / "config"
    folder.mkdir(exist_ok=True)
    for default in sorted(DEFAULTS.glob("*.yml")) if with_config else []:
        own = folder / default.name
        click.echo(words("cli.init.kept" if own.exists() else "cli.init.copied", path=own))
        if not own.exists():
            shutil.copyfile(default, own)
    for unit in write_units(home, Path(systemd)) if systemd else []:
        click.echo(words("cli.init.unit", path=unit))
    named = f" --home {ctx.obj}" if ctx.obj else ""
    click.echo(words("cli.init.next", home=named, config=folder))


def write_units(home: Home, folder: Path) -> list[Path]:
    """Write the units that serve a home and keep its schedule, for the user the home belongs to.

    Raises ConfigError where they cannot be written.
    """
    program = Path(sys.executable).with_name("diemtin")
    filled = {
        "DIEMTIN": _quoted(program), "HOME": _quoted(home.path), "USER": home.path.owner(),
        "WRITABLE": _writable(home),
    }  # fmt: skip
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for shipped in sorted((DEFAULTS / "systemd").glob("*.service")):
            unit = shipped.read_text(encoding="utf-8")
            for name, value in filled.items():
                unit = unit.replace(f"@{name}@", value)
            (folder / shipped.name).write_text(unit, encoding="utf-8")
            written.append(folder / shipped.name)
    except OSError as error:
        raise ConfigError(current()("config.unwritable", path=folder, why=error.strerror)) from error
    return written


def _writable(home: Home) -> str:
    """The home, and the folder of its copies: ``-``, it is no error that its disk is away."""
    from archive.backup.config import load_backup

    copies = load_backup(home.config("backup.yml")).folder
    return " ".join([_quoted(home.path), *([_quoted(Path(f"-{copies}"))] if copies else [])])


def _quoted(path: Path) -> str:
    """A path as a unit has it (systemd.syntax(7)): ``%`` begins a specifier, a blank ends a word."""
    text = str(path).replace("%", "%%")
    return f'"{text}"' if " " in text else text
