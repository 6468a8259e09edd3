"""``diemtin init``: make a home."""

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

import click

from archive.config import ConfigError
from archive.home import DEFAULTS, Home
from archive.i18n import current
from crawler.cli import check_files

PRIVATE = ("/tmp", "/var/tmp")  # noqa: S108 - which a service has to itself (``PrivateTmp=yes``)


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
    for warning in unit_warnings(home) if systemd else []:
        click.echo(f"diemtin: {warning}", err=True)
    named = f" --home {shlex.quote(ctx.obj)}" if ctx.obj else ""
    click.echo(words("cli.init.next", home=named, config=folder))


def write_units(home: Home, folder: Path) -> list[Path]:
    """Write the units that serve a home and keep its schedule, for the user the home belongs to.

    Raises ConfigError where they cannot be written.
    """
    filled = {
        "DIEMTIN": _word(_program()), "HOME": _word(home.path), "USER": home.path.owner(),
        "WRITABLE": " ".join(_quoted(path) for path in _writable(home)), "HOME_PATH": _quoted(home.path),
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


def unit_warnings(home: Home) -> list[str]:
    """What would keep the units from serving this home well, a line each, with what to do."""
    words, owner = current(), home.path.owner()
    hidden = [path for path in (_program(), home.path, _copies(home)) if path and _is_hidden(path)]
    warnings = [words("cli.init.hidden", path=path) for path in hidden]
    if owner == "root":
        warnings.append(words("cli.init.of_root", path=home.path))
    elif os.geteuid() == 0:
        path = shlex.quote(str(home.path))
        warnings.append(words("cli.init.as_root", owner=owner, path=path))
    return warnings


def _is_hidden(path: Path) -> bool:
    """Whether a unit with ``PrivateTmp=yes`` finds another folder there."""
    return any(path.resolve().is_relative_to(folder) for folder in PRIVATE)


def _program() -> Path:
    return Path(sys.executable).with_name("diemtin")


def _copies(home: Home) -> Path | None:
    from archive.backup.config import load_backup

    return load_backup(home.config("backup.yml")).folder


def _writable(home: Home) -> list[Path]:
    """The home, and the folder of its copies: ``-``, it is no error that its disk is away."""
    copies = _copies(home)
    return [home.path, *([Path(f"-{copies}")] if copies else [])]


def _word(path: Path) -> str:
    """A path as a command of a unit has it: ``$`` begins a variable there."""
    return _quoted(path).replace("$", "$$")


def _quoted(path: Path) -> str:
    """A path as a unit has it (systemd.syntax(7)): ``%`` begins a specifier, a blank ends a word.

    Raises ConfigError for a line break, which no unit can have.
    """
    text = str(path).replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    if any(letter in text for letter in "\n\r"):
        raise ConfigError(current()("cli.init.line_break", path=repr(str(path))))
    return f'"{text}"' if re.search(r"[\s\"'\\]", text) else text
