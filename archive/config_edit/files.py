"""Config files of a home, read to be changed and written back: checked first, the old one kept."""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.clock import HANOI
from archive.config import ConfigError, load_yaml
from archive.config_edit.surgery import Uneditable, edited
from archive.home import Held, Home
from archive.i18n import current

HISTORY = "history"
OURS_ALONE = 0o600  # alerts.yml may hold passwords, and so do its versions
PATIENCE = 5.0  # seconds that one who saves waits for another
_NONE = "none"

Check = Callable[[Path], object]


class ChangedMeanwhile(ConfigError):
    """Someone changed the file since it was read, by hand or by another page."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A config file as it was read; ``version`` says whether it is still the same.

    ``path`` is the home's own copy, which need not be there: then ``text`` is the shipped one's, or ''.
    """

    name: str
    path: Path
    text: str
    data: dict[str, Any]
    version: str


def open_config(home: Home, name: str) -> ConfigFile:
    """A config file of a home, to be changed; one that is nowhere is empty. Raises ConfigError."""
    own, used = home.path / "config" / name, home.config(name)
    if not used.exists():
        return ConfigFile(name, own, "", {}, _NONE)
    data, raw = load_yaml(used), used.read_bytes()
    return ConfigFile(name, own, raw.decode("utf-8"), data, _version(raw))


def save_config(
    home: Home, name: str, version: str, data: dict[str, Any], check: Check, now: datetime
) -> Path | None:
    """Make a config file say ``data``; returns where the version before is kept, None where nothing changed.

    ``check`` gets the new file under another name and raises ConfigError for what its reader refuses. Raises
    ChangedMeanwhile when the file is no longer the ``version`` that was read, and then writes nothing.
    """
    with _locked(home, Path(name).name):
        file = open_config(home, name)
        if file.version != version:
            raise ChangedMeanwhile(current()("config.changed_meanwhile", path=file.path))
        text = _edited(file, data)
        if text == file.text and file.version != _NONE:
            return None
        with _written_beside(file.path, text) as new:
            _checked(new, file.path, check)
            kept = _keep(file, now)
            new.replace(file.path)
        _sync_folder(file.path.parent)
    return kept


@contextmanager
def _locked(home: Home, name: str) -> Iterator[None]:
    """Hold the lock of a file; whoever is saving it has the time to end. Raises Held after a while."""
    end = time.monotonic() + PATIENCE
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(home.lock(name))
                break
            except Held:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        yield


def _edited(file: ConfigFile, data: dict[str, Any]) -> str:
    try:
        return edited(file.text, data)
    except Uneditable as error:
        raise ConfigError(current()("config.by_hand", path=file.path)) from error


@contextmanager
def _written_beside(path: Path, text: str) -> Iterator[Path]:
    """The text in a file of its own in the same folder, on the disk; gone at the end unless it was moved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".making", dir=path.parent)
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        new.chmod(path.stat().st_mode & 0o777 if path.exists() else OURS_ALONE)
        yield new
    except OSError as error:
        raise ConfigError(current()("config.unwritable", path=path, why=error.strerror)) from error
    finally:
        new.unlink(missing_ok=True)


def _checked(new: Path, path: Path, check: Check) -> None:
    """Let the reader check the new text; its error speaks of the file, not of the copy."""
    try:
        check(new)
    except ConfigError as error:
        raise ConfigError(str(error).replace(str(new), str(path))) from error


def _keep(file: ConfigFile, now: datetime) -> Path:
    """The version before, in ``config/history``, readable by us alone."""
    folder = _config_of(file) / HISTORY
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{file.path.name}.{now.astimezone(HANOI):%Y%m%d-%H%M%S-%f}"
    descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OURS_ALONE)
    with os.fdopen(descriptor, "wb") as out:
        out.write(file.text.encode("utf-8"))
        out.flush()
        os.fsync(out.fileno())
    return kept


def _config_of(file: ConfigFile) -> Path:
    return file.path.parents[len(Path(file.name).parts) - 1]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _version(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
