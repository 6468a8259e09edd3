"""retention.yml: after how many days each kind of thing is put away, and when a disk counts as nearly full."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from archive.config import as_block, load_yaml, only_keys

Days = Annotated[int, msgspec.Meta(ge=1, le=36_500)] | Literal["forever"]


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days after which each kind goes; ``docs/growth.md`` says what exactly."""

    refused_pages: Days = 180
    visits: Days = 400
    addresses: Days = 730
    runs: Days = 400
    reads: Days = 400
    log: Days = "forever"

    def before(self, rule: str, now: datetime) -> datetime | None:
        """The time before which things of a rule go; None where they stay for ever."""
        days: Days = getattr(self, rule)
        return None if days == "forever" else now - timedelta(days=days)


class DiskWatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When health warns: less than so many MB left, or full within so many days."""

    least_mb: int = 500
    within_days: int = 30


class GrowthConfig(msgspec.Struct, frozen=True):
    """All of retention.yml."""

    retention: Retention = Retention()
    disk: DiskWatch = DiskWatch()


def load_growth(path: Path) -> GrowthConfig:
    """The config; raises ConfigError for what the user must mend."""
    data = load_yaml(path)
    only_keys(path, "", data, {"retention", "disk"})
    return GrowthConfig(
        as_block(path, "retention", data.get("retention") or {}, Retention),
        as_block(path, "disk", data.get("disk") or {}, DiskWatch),
    )
