"""What a copy is made of: ``manifest.json`` with every file's size and SHA-256; and the copies of a folder."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from archive.backup import BackupError, failing_as
from archive.backup.files import write_private
from archive.clock import moment

FORMAT = 1
MANIFEST, CHECKSUM = "manifest.json", "manifest.json.sha256"
HOME = "home"  # folder of a copy with the files of the home that are no databases
RAW_PAGES = "raw-pages"
UNFINISHED = ".unfinished"  # how the name of a folder ends that is no whole copy
_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(?:-\d+)?")


class FileEntry(msgspec.Struct, frozen=True):
    """A file of the home that is no database; ``mode`` as it is to have again."""

    path: str
    size: int
    sha256: str
    mode: int


class DatabaseEntry(msgspec.Struct, frozen=True):
    """A database; ``schema``: the migrations it has run; ``rows`` by table."""

    name: str
    size: int
    sha256: str
    schema: list[str]
    rows: dict[str, int]


class Bodies(msgspec.Struct, frozen=True):
    """Rows of one table of pages.db whose bodies a file of raw pages holds: how many, least and greatest id."""

    count: int = 0
    first: int = 0
    last: int = -1


class RawPagesEntry(msgspec.Struct, frozen=True):
    """A file of ``raw-pages/`` that a copy needs."""

    name: str
    size: int
    sha256: str
    pages: Bodies
    dictionaries: Bodies


class Manifest(msgspec.Struct, frozen=True):
    """All that a copy is made of; ``serial`` grows from copy to copy, whatever the clock does."""

    serial: int
    made_at: str
    program: str
    databases: list[DatabaseEntry]
    raw_pages: list[RawPagesEntry]
    files: list[FileEntry]
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class HomeCopy:
    """A whole copy: its folder and what it is made of."""

    path: Path
    manifest: Manifest

    @property
    def made_at(self) -> datetime:
        return moment(self.manifest.made_at)

    @property
    def raw_pages(self) -> Path:
        """The folder with the raw pages of all copies."""
        return self.path.parent / RAW_PAGES

    def sizes(self) -> Iterable[tuple[Path, int, str]]:
        """Every file of the copy with the size and SHA-256 it is to have."""
        made = self.manifest
        yield from ((self.path / one.name, one.size, one.sha256) for one in made.databases)
        yield from ((self.path / HOME / one.path, one.size, one.sha256) for one in made.files)
        yield from ((self.raw_pages / one.name, one.size, one.sha256) for one in made.raw_pages)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and its own checksum (as ``sha256sum`` writes it)."""
    text = (json.dumps(msgspec.to_builtins(manifest), indent=1) + "\n").encode()
    write_private(folder / MANIFEST, text)
    write_private(folder / CHECKSUM, f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n".encode())


def read_copy(folder: Path) -> HomeCopy:
    """The copy in a folder; its files are not looked at.

    Raises BackupError where the manifest is missing or damaged, or of a newer form than this program knows.
    """
    path = folder / MANIFEST
    with failing_as("backup_unreadable", path):
        text, told = path.read_bytes(), (folder / CHECKSUM).read_bytes()
    if told != f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n".encode():
        raise BackupError("backup_damaged", path=str(path))
    try:
        made = _manifest(json.loads(text))  # msgspec knows no names of files that are not UTF-8
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError("backup_damaged", path=str(path)) from error
    if made is None:
        raise BackupError("backup_newer_form", path=str(folder))
    if not all(map(_is_within, _paths(made))):
        raise BackupError("backup_damaged", path=str(path))
    return HomeCopy(folder, made)


def _manifest(data: dict[str, Any]) -> Manifest | None:
    """The manifest in its JSON; None for one of a newer form."""
    return None if data["format"] > FORMAT else msgspec.convert(data, Manifest)


def _paths(made: Manifest) -> Iterable[str]:
    yield from (one.path for one in made.files)
    yield from (one.name for one in made.databases)
    yield from (one.name for one in made.raw_pages)


def _is_within(path: str) -> bool:
    """Whether a path leads out of no folder."""
    parts = Path(path).parts
    return bool(parts) and not Path(path).is_absolute() and ".." not in parts


def copy_folders(folder: Path) -> list[Path]:
    """The folders in a folder that are named as whole copies."""
    with failing_as("backup_unreadable", folder):
        return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name) and path.is_dir())


def unfinished_in(folder: Path) -> list[Path]:
    """The folders of copies that were cut off; what others keep there has other names."""
    return [path for path in folder.glob(f"*{UNFINISHED}") if _NAME.fullmatch(path.stem) and path.is_dir()]


def copies_in(folder: Path) -> tuple[list[HomeCopy], list[BackupError]]:
    """The copies of a folder, oldest first, and what is wrong with those whose manifest cannot be read."""
    found, wrong = [], []
    for path in copy_folders(folder):
        try:
            found.append(read_copy(path))
        except BackupError as error:
            wrong.append(error)
    return sorted(found, key=lambda copy: copy.manifest.serial), wrong


def newest_copy(folder: Path, until: datetime | None = None) -> HomeCopy:
    """The newest copy of a folder, or of those made before a time; or the one that ``folder`` itself is.

    Raises BackupError where there is none, or where the newest one's manifest is damaged: an older one is taken
    only by whoever asks for it.
    """
    if (folder / MANIFEST).exists():
        return read_copy(folder)
    found, wrong = copies_in(folder)
    if wrong and until is None:
        raise wrong[-1]
    fitting = [copy for copy in found if until is None or copy.made_at < until]
    if not fitting:
        raise BackupError("backup_none", path=str(folder))
    return fitting[-1]


def name_for(at: datetime, folder: Path) -> str:
    """A name for a copy made at a time that no other one in the folder has."""
    name, number = f"{at.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}", 1
    taken = {path.name.removesuffix(UNFINISHED) for path in folder.iterdir()}
    while (tried := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return tried
