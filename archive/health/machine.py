"""What is wrong with the home as a whole, whatever the sources do: its databases, its config, its copies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from archive.backup.config import load_backup
from archive.backup.record import read_record, state
from archive.clock import moment, stamp
from archive.config import ConfigError, load_yaml
from archive.databases.check import storage_fault
from archive.databases.faults import DatabaseFault
from archive.databases.partners import desk_lost_at, find_losses
from archive.db import reading
from archive.health.clock import mended_clock, wrong_clock
from archive.health.cluster import cluster
from archive.health.runs import Alarm, Level, unreached
from archive.home import Home
from archive.i18n import Words
from archive.reasons import parse, reason

TOLD = timedelta(days=7)  # for so long health says what cannot be brought back
LATELY = timedelta(days=3)  # editions that are looked at
ROOMY = 10e9  # bytes, told without a fraction
IDLE: dict[Level, timedelta] = {"red": timedelta(days=2), "amber": timedelta(hours=12)}  # without any crawl
LOOKED_AT = ("backup.yml", "retention.yml")  # config files that other checks read
TOLD_AT_MOST = 3  # problems of one config file
TRIED = 3  # times in vain, from which a delivery that is tried again is told
_LATE = """
    select v.state, coalesce(v.last_error, '') from digests d join deliveries v on v.digest_id = d.id
    where d.created_at > ?
      and (v.state = 'failed' or v.state = 'retry' and v.last_error <> '' and v.attempts >= ?)
    order by v.state, d.id desc"""


@dataclass(frozen=True, slots=True)
class HomeHealth:
    """How one thing of the home is doing; ``key`` as in ``health.home.*`` of words.yml."""

    key: str
    alarm: Alarm

    def to_builtins(self, words: Words) -> dict[str, Any]:
        """For programs, in the form of a source."""
        code, params = parse(self.alarm.reason)
        row = {"key": self.key, "name": words(f"health.home.{self.key}"), "level": self.alarm.level}
        return row | {"code": code, "params": params, "sentence": words.reason(self.alarm.reason)}


def copies(home: Home, now: datetime) -> Alarm:
    """Whether copies are made as configured."""
    try:
        config = load_backup(home.config("backup.yml"))
    except ConfigError as error:
        return Alarm("red", reason("backup_config", why=str(error)))
    return Alarm(*state(config, read_record(home), now))


def settings(home: Home, now: datetime) -> Alarm:
    """Whether the home's own config files can be read, and every digest of alerts.yml can be used.

    A rule that is left out, or is understood in part, while its digest goes on, is amber.
    """
    config = home.path / "config"
    own = {
        path for path in (*config.glob("*.yml"), *config.glob("sources.d/*.yml")) if path.name not in LOOKED_AT
    }
    files = sorted(own | {home.config("alerts.yml"), home.config("topics.yml")})
    try:
        states = [path.stat() for path in files]
    except OSError as error:
        return Alarm("red", reason("health_config", why=f"{config}: {error.strerror}"))
    marks = tuple((path, state.st_mtime_ns, state.st_size) for path, state in zip(files, states, strict=True))
    level, why = _config_fault(home, marks)
    return Alarm(level, reason("health_config", why=why)) if why else Alarm("green", reason("health_fine"))


@lru_cache(maxsize=4)
def _config_fault(home: Home, marks: tuple[tuple[Path, int, int], ...]) -> tuple[Level, str]:
    """The level and what is wrong, '' for nothing; read anew once a file changed, for pages ask each time."""
    try:
        for path, *_ in marks:
            load_yaml(path)
        return _alerts_fault(home)
    except ConfigError as error:
        return "red", str(error)


def _alerts_fault(home: Home) -> tuple[Level, str]:
    """How grave the problems of alerts.yml are, and the gravest in words, '' for none; raises ConfigError."""
    from archive.digests.config import load_alerts

    topics = load_yaml(home.config("topics.yml")).get("topics")
    alerts = load_alerts(home.config("alerts.yml"), topics=list(map(str, topics)) if topics else None)
    usable = tuple(f"{name}{end}" for name in alerts.digests for end in ".:")
    lost = [one for one in alerts.problems if not one.reason.startswith(usable)]
    why = "; ".join(map(str, (lost or alerts.problems)[:TOLD_AT_MOST]))
    return "red" if lost else "amber", why


def files(home: Home, now: datetime) -> Alarm:
    """Whether the databases can be read and written to, and each holds what the others saw of it."""
    if why := storage_fault(home.path):
        return Alarm("red", reason("health_storage", why=why))
    if _are_apart(home):
        return Alarm("red", reason("health_apart"))
    lost_at = _desk_lost_at(home)
    if lost_at and now - lost_at < TOLD:
        return Alarm("amber", reason("health_desk_lost", at=stamp(lost_at)))
    return Alarm("green", reason("health_fine"))


def _desk_lost_at(home: Home) -> datetime | None:
    if not home.archive_db.exists():
        return None
    with reading(home.archive_db) as archive:
        known = "desk_lost_at" in archive.table("partners").columns_dict
        return desk_lost_at(archive) if known else None


def _are_apart(home: Home) -> bool:
    if not home.archive_db.exists() or not home.pages_db.exists():
        return False
    with reading(home.archive_db) as archive, reading(home.pages_db) as pages:
        if not all(db.table("partners").exists() for db in (archive, pages)):
            return False
        losses = find_losses(archive, pages)
    return losses.archive or losses.pages


def disk(home: Home, now: datetime) -> Alarm:
    """Whether the disk has room, and for how long."""
    from archive.growth.config import load_growth
    from archive.growth.forecast import disk_state

    try:
        config = load_growth(home.config("retention.yml"))
        level, days, free = disk_state(home, config, now)
    except (ConfigError, OSError) as error:
        return Alarm("red", reason("disk_unknown", why=str(error)))
    left = {"left": f"{free / 1e9:.0f}" if free > ROOMY else f"{free / 1e9:.1f}"}
    if level == "amber" and days is not None and days < config.disk.within_days:
        return Alarm(level, reason("disk_full_soon", **left, days=round(days)))
    return Alarm(level, reason("disk_room" if level == "green" else "disk_low", **left))


def clock(home: Home, now: datetime) -> Alarm:
    """Whether the clock of the machine is right, and was lately."""
    fine = Alarm("green", reason("health_fine"))
    if not home.archive_db.exists():
        return fine
    with reading(home.archive_db) as db:
        if not db.table("clock_jumps").exists():  # not upgraded yet
            return fine
        return wrong_clock(db, now) or mended_clock(db, now) or fine


def crawls(home: Home, now: datetime) -> Alarm:
    """Whether anything was crawled of late, by the schedule or by hand, and any outlet answered.

    Of a new home nothing is asked.
    """
    if not home.archive_db.exists():
        return Alarm("green", reason("health_fine"))
    with reading(home.archive_db) as db:
        newest = db.execute("select started_at from runs order by id desc limit 1").fetchone()
        lost = unreached(db) if newest else {}
    idle = now - moment(newest[0]) if newest else timedelta()
    level = next((level for level, least in IDLE.items() if idle >= least), None)
    if level:
        return Alarm(level, reason("health_idle", at=newest[0]))
    if lost:
        return Alarm("red", reason("health_offline", n=len(lost), at=min(lost.values())))
    return Alarm("green", reason("health_fine"))


def sending(home: Home, now: datetime) -> Alarm:
    """Whether the editions of the last days reached everyone."""
    fine = Alarm("green", reason("health_fine"))
    if not home.archive_db.exists():
        return fine
    with reading(home.archive_db) as db:
        if not db.table("deliveries").exists():
            return fine
        late = db.execute(_LATE, [stamp(now - LATELY), TRIED]).fetchall()
    if not late:
        return fine
    level: Level = "red" if any(state == "failed" for state, _ in late) else "amber"
    return Alarm(level, reason("health_undelivered", n=len(late), why=late[0][1]))


CHECKS: dict[str, Callable[[Home, datetime], Alarm]] = {
    "files": files,
    "config": settings,
    "crawls": crawls,
    "backup": copies,
    "disk": disk,
    "clock": clock,
    "sending": sending,
    "cluster": cluster,
}


def home_report(home: Home, now: datetime, sources_fault: str = "") -> list[HomeHealth]:
    """How the home itself is doing, the checks in their order.

    ``sources_fault``: what is wrong with the config of sources by whoever crawls, '' for nothing.
    """
    found = {key: _looked_at(check, home, now) for key, check in CHECKS.items()}
    if sources_fault and found["config"].level != "red":
        found["config"] = Alarm("red", reason("health_config", why=sources_fault))
    return [HomeHealth(key, alarm) for key, alarm in found.items()]


def _looked_at(check: Callable[[Home, datetime], Alarm], home: Home, now: datetime) -> Alarm:
    """What a check finds; a database that it cannot read is what is wrong."""
    try:
        return check(home, now)
    except DatabaseFault as fault:
        return Alarm("red", reason("health_storage", why=fault.reason))
