"""Where data and the user's config live, and who holds them."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from archive.config import ConfigError
from archive.i18n import current

log = logging.getLogger(__name__)
_INSTALLED = Path(__file__).parent / "defaults"
_CHECKOUT = Path(__file__).parent.parent / "config"
DEFAULTS = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
RESTORE_LOCK = "restore"
RESTORE_PLAN = Path(
    "restoring", "plan.json"
)  # there while the files of a home change places (archive/backup/swap)


class Held(Exception):
    """Someone else holds the lock; the message names who."""


@dataclass(frozen=True, slots=True)
class Home:
    """One data folder: ``archive.db``, ``pages.db``, ``desk.db``, ``config/``, ``locks/``."""

    path: Path

    @classmethod
    def named(cls, path: str | os.PathLike[str] | None = None) -> "Home":
        """The home named, else ``$DIEMTIN_HOME``, else the platform's data folder; nothing is made."""
        chosen = path or os.environ.get("DIEMTIN_HOME") or _usual()
        return cls(Path(chosen).expanduser().absolute())

    @classmethod
    def at(cls, path: str | os.PathLike[str] | None = None) -> "Home":
        """The same, made if missing.

        Raises ConfigError when it cannot be made or written to, Held when a restore goes on or was cut off.
        """
        home = cls.named(path)
        if home.is_locked(RESTORE_LOCK):
            raise Held(current()("cli.home.being_restored", path=home.path))
        if (home.path / RESTORE_PLAN).exists():
            raise Held(current()("cli.home.restoring", path=home.path))
        try:
            home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            home.locks.mkdir(exist_ok=True)
            home.close_to_others()
            probe = home.locks / f".probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise ConfigError(current()("cli.home.unusable", path=home.path, why=error.strerror)) from error
        return home

    def close_to_others(self) -> None:
        """Let nobody but its owner into the folder, nor read its databases; that of an older home is told.

        It holds accounts, what people wrote, passwords of channels and pages that are not ours to pass on.
        """
        if not self.path.stat().st_mode & 0o077:
            return
        databases = list(self.path.glob("*.db*"))
        for path in (self.path, *databases):
            with suppress(OSError):  # another's, or on a disk that cannot be written to
                path.chmod(path.stat().st_mode & 0o700)
        if databases and not self.path.stat().st_mode & 0o077:
            log.warning("%s", current()("cli.home.closed", path=self.path))

    @property
    def archive_db(self) -> Path:
        return self.path / "archive.db"

    @property
    def pages_db(self) -> Path:
        return self.path / "pages.db"

    @property
    def desk_db(self) -> Path:
        return self.path / "desk.db"

    @property
    def locks(self) -> Path:
        return self.path / "locks"

    def config(self, name: str) -> Path:
        """The user's copy of a config file, else the one installed with the package."""
        own = self.path / "config" / name
        return own if own.exists() else DEFAULTS / name

    def is_locked(self, name: str) -> bool:
        """Whether a process holds ``locks/<name>``."""
        try:
            with (self.locks / name).open(encoding="ascii") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    @contextmanager
    def lock(self, name: str, *, wait: bool = False) -> Iterator[None]:
        """Hold ``locks/<name>`` while inside; freed at once when the process ends, however it ends.

        Raises Held naming the process that has it, unless it is to ``wait`` for that one.
        """
        path = self.locks / name
        with path.open("a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                process = file.read().strip() or "?"
                raise Held(current()("cli.held", path=self.path, process=process, name=name)) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield


def _usual() -> str:
    """The platform's data folder for this program."""
    import platformdirs

    return platformdirs.user_data_dir("diemtin", appauthor=False)
