"""Check copies: every file's size and SHA-256, every database opened, every raw page there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from archive.backup import BackupError
from archive.backup.files import sha256_of
from archive.backup.manifest import HomeCopy
from archive.backup.raw_pages import missing_bodies
from archive.db import migration_names
from archive.snapshots import complaint_of

_SCHEMAS = {"archive.db": "archive", "pages.db": "pages", "desk.db": "desk"}


@dataclass(slots=True)
class Checker:
    """Looks at copies; a file that several of them need is read once."""

    sums: dict[Path, str] = field(default_factory=dict)
    complaints: dict[Path, str] = field(default_factory=dict)

    def faults(self, copy: HomeCopy) -> Iterator[BackupError]:
        """What is wrong with a copy; nothing where it can be brought back whole."""
        bad = False
        for path, size, digest in copy.sizes():
            if not path.is_file():
                bad = True
                yield BackupError("backup_file_missing", path=str(path))
            elif path.stat().st_size != size or self._sum(path) != digest:
                bad = True
                yield BackupError("backup_damaged", path=str(path))
        if not bad:
            yield from self._within(copy)

    def check(self, copy: HomeCopy) -> None:
        """Raise BackupError for the first fault."""
        for fault in self.faults(copy):
            raise fault

    def _within(self, copy: HomeCopy) -> Iterator[BackupError]:
        databases = [copy.path / one.name for one in copy.manifest.databases]
        for path in [*databases, *(copy.raw_pages / one.name for one in copy.manifest.raw_pages)]:
            if complaint := self._complaint(path):
                yield BackupError("backup_db_damaged", path=str(path), why=complaint)
                return
        pages = copy.path / "pages.db"
        if pages in databases and (missing := missing_bodies(pages, copy.raw_pages, copy.manifest.raw_pages)):
            yield BackupError("backup_pages_missing", path=str(pages), count=missing)

    def _sum(self, path: Path) -> str:
        if path not in self.sums:
            self.sums[path] = sha256_of(path)
        return self.sums[path]

    def _complaint(self, path: Path) -> str:
        if path not in self.complaints:
            self.complaints[path] = complaint_of(path)
        return self.complaints[path]


def refuse_newer(copy: HomeCopy) -> None:
    """Raise BackupError for a copy that a newer release made: this one does not know all that is in it."""
    made = copy.manifest
    newer = _numbers(made.program) > _numbers(version("diemtin"))
    unknown = any(
        set(one.schema) - set(migration_names(_SCHEMAS[one.name]))
        for one in made.databases
        if one.name in _SCHEMAS
    )
    if newer or unknown:
        raise BackupError("backup_newer", path=str(copy.path), version=made.program, own=version("diemtin"))


def _numbers(text: str) -> tuple[int, ...]:
    """``0.2.0`` as numbers; what follows them (a build of the development) counts for nothing."""
    match = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in match[0].split(".")) if match else ()
