"""``diemtin backup``: copy the home to another disk while everything runs, or check the copies there."""

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from archive.config import ConfigError
from archive.home import Home
from archive.i18n import current
from crawler.cli import open_home
from crawler.commands.keeping.options import at_option, end_of

if TYPE_CHECKING:
    from datetime import date

    from archive.backup.config import BackupConfig
    from archive.backup.manifest import HomeCopy


@click.command("backup")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Make no copy; check those that are there, every byte.")
@at_option("With --verify: only the newest copy made on that day or before.")
@click.option("--new", is_flag=True, help="Begin in an empty DIR, though copies were made there before.")
@click.pass_context
def command(ctx: click.Context, folder: Path | None, verify: bool, at: "date | None", new: bool) -> None:
    """Copy the whole home – archive, raw pages, desk, accounts, config – into a new folder below DIR.

    It may run beside everything else. Raw pages go to DIR once and are shared by its copies. Without DIR it
    goes to the folder that backup.yml names. `diemtin restore DIR` brings a copy back.

    Example: diemtin backup /mnt/backup/diemtin
    """
    from archive.backup import BackupError
    from archive.backup.config import load_backup
    from crawler.service.process import follow_parent

    follow_parent()
    home = Home.named(ctx.obj) if verify else open_home(ctx)  # also where the home is damaged
    config = load_backup(home.config("backup.yml"))
    chosen = folder or config.folder
    if chosen is None:
        raise ConfigError(current()("cli.backup.no_dir", path=home.path / "config" / "backup.yml"))
    try:
        if verify:
            _verify(ctx, chosen, at)
        else:
            _make(home, chosen, config, new=new)
    except BackupError as error:
        _fail(ctx, error)


def _fail(ctx: click.Context, error: Exception) -> NoReturn:
    click.echo(f"diemtin: {error}", err=True)
    ctx.exit(1)


def _make(home: Home, folder: Path, config: "BackupConfig", *, new: bool) -> None:
    """Make a copy, note in the home what came of it, and take away what backup.yml does not keep."""
    from archive.backup import BackupError
    from archive.backup.folder import prune
    from archive.backup.make import make_copy
    from archive.backup.record import note_failed, note_made, read_record
    from archive.clock import utc_now

    record, now = read_record(home), utc_now()
    known = record.to == str(folder.absolute()) and not new
    try:
        made = make_copy(home, folder, now, known=known)
    except BackupError as error:
        note_failed(home, error, now)
        raise
    note_made(home, folder, now)
    gone = (
        prune(folder, config.keep, now) if config.folder and config.folder.resolve() == folder.resolve() else []
    )
    words = current()
    size = words.number(round(made.size / 1e6, 1))
    click.echo(words("cli.backup.made", path=made.copy.path, mb=size))
    if gone:
        click.echo(words("cli.backup.pruned", n=words.number(len(gone))))


def _only_copy(folder: Path) -> "HomeCopy":
    """The copy that a folder itself is."""
    from archive.backup import BackupError
    from archive.backup.manifest import MANIFEST, read_copy

    if not (folder / MANIFEST).exists():
        raise BackupError("backup_none_yet", path=str(folder))
    return read_copy(folder)


def _verify(ctx: click.Context, folder: Path, at: "date | None") -> None:
    """Check the copies of a folder, the newest first; exit 1 when one is not whole."""
    from archive.backup import failing_as
    from archive.backup.folder import held
    from archive.backup.manifest import copies_in, newest_copy
    from archive.backup.verify import Checker

    checker, words = Checker(), current()
    with failing_as("backup_unreadable", folder), held(folder, alone=False):
        found, wrong = copies_in(folder) if at is None else ([newest_copy(folder, end_of(at))], [])
        if not found and not wrong:
            found = [_only_copy(folder)]
        faults: list[Exception] = list(wrong)
        for copy in reversed(found):
            bad = list(checker.faults(copy))
            faults += bad
            if not bad:
                click.echo(words("cli.backup.whole", path=copy.path, n=words.number(len(list(copy.sizes())))))
    for fault in faults:
        click.echo(f"diemtin: {fault}", err=True)
    if faults:
        ctx.exit(1)
