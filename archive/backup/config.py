"""backup.yml: where copies of the home go, when, and how many are kept."""

import re
from datetime import datetime, time, timedelta
from pathlib import Path

import msgspec

from archive.clock import HANOI
from archive.config import ConfigError, as_block, load_yaml, only_keys
from archive.i18n import current

BLOCK = "backup"
_TIME = re.compile(r"(\d{1,2}):(\d\d)")


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of how many days, weeks and months one copy each stays."""

    daily: int = 7
    weekly: int = 5
    monthly: int = 12


class BackupConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``to``: the folder, '' for no copies; ``at``: the time of day in Hà Nội, ``HH:MM``."""

    to: str = ""
    at: str | int = "02:30"
    keep: Keep = Keep()

    @property
    def folder(self) -> Path | None:
        """The folder of copies."""
        return Path(self.to).expanduser() if self.to else None

    @property
    def time(self) -> time:
        """The time of day; YAML 1.1 reads 12:30 without quotes as the number of minutes."""
        text = f"{self.at // 60}:{self.at % 60:02}" if isinstance(self.at, int) else self.at
        match = _TIME.fullmatch(text)
        if not match:
            raise ValueError(text)
        return time(int(match[1]), int(match[2]))

    def last_due(self, now: datetime) -> datetime:
        """The newest time, not after ``now``, at which a copy was to be made."""
        local = now.astimezone(HANOI)
        today = datetime.combine(local, self.time, HANOI)
        return today if today <= local else today - timedelta(days=1)


def load_backup(path: Path) -> BackupConfig:
    """The config of copies; raises ConfigError for what the user must mend."""
    data = load_yaml(path)
    only_keys(path, "", data, {BLOCK})
    config = as_block(path, BLOCK, data.get(BLOCK) or {}, BackupConfig)
    words = current()
    try:
        _ = config.time
    except ValueError as error:
        raise ConfigError(f"{path}: {BLOCK}.at: {words('config.no_time_of_day', text=config.at)}") from error
    if min(config.keep.daily, config.keep.weekly, config.keep.monthly) < 0 or config.keep.daily < 1:
        raise ConfigError(f"{path}: {BLOCK}.keep: {words('config.keep_none')}")
    if config.folder and not config.folder.is_absolute():
        raise ConfigError(f"{path}: {BLOCK}.to: {words('config.not_absolute', text=config.to)}")
    return config
