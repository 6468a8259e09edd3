"""When copies are made, which stay, and what is told of them: config, retention, health, the schedule."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive.backup.config import BackupConfig, Keep, load_backup
from archive.backup.folder import prune
from archive.backup.make import make_copy
from archive.backup.manifest import copies_in
from archive.backup.record import CopyRecord, is_due, note_made, state
from archive.backup.restore import restore
from archive.backup.verify import Checker
from archive.clock import utc_now
from archive.config import ConfigError
from archive.home import Home
from archive.pages import keep, open_pages
from archive.web.access import Access
from archive.web.app import build
from crawler.service.chores import CHORES
from crawler.service.launcher import Launcher
from crawler.service.scheduler import Scheduler
from tests import web_sample
from tests.backup_home import NOW, raw_page
from tests.commands import diemtin


def test_newest_days_weeks_and_months_stay(home: Home, folder: Path) -> None:
    pages = open_pages(home.pages_db)
    for day in (0, 20, 30, 45, 60, 63, 66, 68, 70, 71, 72, 73, 74):
        if day % 10 == 0:
            keep(pages, raw_page(300 + day))
        make_copy(home, folder, NOW + timedelta(days=day))
        prune(folder, Keep(daily=3, weekly=2, monthly=2), NOW + timedelta(days=day))
    pages.close()
    days = [f"{copy.made_at:%m-%d}" for copy in copies_in(folder)[0]]
    assert days == ["01-31", "02-07", "02-09", "02-10", "02-11"]
    assert not [fault for copy in copies_in(folder)[0] for fault in Checker().faults(copy)]


def test_the_newest_whole_copy_stays_and_future_ones_too(home: Home, folder: Path) -> None:
    future = make_copy(home, folder, NOW + timedelta(days=400)).copy
    good = make_copy(home, folder, NOW).copy
    bad = make_copy(home, folder, NOW + timedelta(days=1)).copy
    os.truncate(bad.path / "archive.db", 10)
    prune(folder, Keep(daily=1, weekly=0, monthly=0), NOW + timedelta(days=2))
    assert {copy.path for copy in copies_in(folder)[0]} == {future.path, good.path, bad.path}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("backup: {too: /x}", "too"),
        ("backup: {to: copies}", "to:"),
        ("backup: {at: half past two}", "at:"),
        ("backup: {at: '25:00'}", "at:"),
        ("backup: {keep: {daily: 0}}", "keep:"),
        ("backup: {keep: {yearly: 1}}", "yearly"),
        ("to: /x", "to"),
    ],
)
def test_a_wrong_config_names_the_key(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "backup.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=named):
        load_backup(path)


def test_a_time_without_quotes_is_read_as_meant(tmp_path: Path) -> None:
    path = tmp_path / "backup.yml"
    path.write_text("backup: {at: 12:30}", encoding="utf-8")
    assert load_backup(path).time.isoformat() == "12:30:00"


def at(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02}T{clock}:00+07:00")


def made(good: str = "", tried: str = "", failed: str = "") -> CopyRecord:
    return CopyRecord("/x", good, tried or good, failed)


def test_a_copy_is_due_once_a_day_and_an_hour_after_a_failure() -> None:
    config = BackupConfig("/x", "02:30")
    assert is_due(config, CopyRecord(), at(20, "09:00"))
    done = made("2026-11-19T19:30:10Z")  # 02:30:10 of the 20th in Hà Nội
    assert not is_due(config, done, at(20, "23:00"))
    assert not is_due(config, done, at(21, "02:29"))
    assert is_due(config, done, at(21, "02:30"))
    failed = made("2026-11-19T19:30:10Z", "2026-11-20T19:30:00Z", "backup_busy")
    assert not is_due(config, failed, at(21, "03:00"))
    assert is_due(config, failed, at(21, "03:30"))
    assert is_due(config, made("2027-11-19T19:30:00Z"), at(21, "12:00")), "noted by a clock a year ahead"
    assert not is_due(BackupConfig(), CopyRecord(), at(20, "09:00"))


def test_health_tells_of_copies_that_are_late_failed_or_were_never_made() -> None:
    config = BackupConfig("/x")
    levels = {
        state(BackupConfig(), CopyRecord(), NOW)[0]: "grey",
        state(config, CopyRecord(), NOW)[0]: "amber",
        state(config, made(tried="2026-11-29T00:00:00Z", failed="backup_busy"), NOW)[0]: "red",
        state(config, made("2026-11-28T19:30:00Z"), NOW)[0]: "green",
    }
    assert all(told == wanted for told, wanted in levels.items())
    assert state(config, made("2026-11-27T03:00:00Z"), NOW)[0] == "amber"
    assert state(config, made("2026-11-20T03:00:00Z"), NOW)[0] == "red"
    assert state(config, made("2027-11-20T03:00:00Z"), NOW)[0] == "amber"
    assert state(config, made("2026-11-29T00:00:00Z", "2026-11-29T01:00:00Z", "backup_busy"), NOW)[0] == "amber"


def test_the_health_command_tells_why_there_is_no_copy(home: Home, tmp_path: Path) -> None:
    away = tmp_path / "away" / "copies"
    (home.path / "config" / "backup.yml").write_text(f"backup: {{to: {away}}}\n", encoding="utf-8")
    failed = diemtin("--lang", "en", "backup", home=home.path, check=False)
    assert (failed.returncode, str(away) in failed.stderr) == (1, True)
    told = diemtin("--lang", "en", "health", home=home.path, check=False)
    assert told.returncode == 1
    assert f"!! Copies: No copy was ever made: {away}" in told.stdout
    rows = json.loads(diemtin("health", "--json", home=home.path, check=False).stdout)
    row = next(row for row in rows if row["key"] == "backup")
    assert (row["level"], row["code"]) == ("red", "backup_never_failed")
    away.parent.mkdir()
    diemtin("backup", home=home.path)
    assert (
        "Copies: The newest copy is of" in diemtin("--lang", "en", "health", home=home.path, check=False).stdout
    )


def test_what_a_machine_knows_of_its_copies_outlives_a_restore(home: Home, folder: Path) -> None:
    make_copy(home, folder, NOW)
    note_made(home, folder, NOW)
    known = (home.path / "backup.json").read_bytes()
    restore(home, folder, NOW)
    assert (home.path / "backup.json").read_bytes() == known


async def test_the_schedule_makes_a_copy_each_day(home: Home, folder: Path) -> None:
    """With the real scheduler and real children, the clock alone is told."""
    (home.path / "config" / "backup.yml").write_text(f"backup: {{to: {folder}}}\n", encoding="utf-8")
    real, heard, later = utc_now(), list[str](), timedelta()
    schedule = Scheduler(home, [], Launcher(home.path), lambda: real + later, heard.append)
    chore = next(chore for chore in CHORES if chore.name == "backup")
    said = []
    for wait in (timedelta(), timedelta(minutes=1), timedelta(days=1, minutes=1)):
        later = wait
        await schedule.work(chore)
        said.append(len(heard))
    assert said == [1, 1, 2]
    assert len(copies_in(folder)[0]) == 1, "one of each day stays"


async def test_a_copy_waits_for_no_crawl(home: Home, folder: Path) -> None:
    (home.path / "config" / "backup.yml").write_text(f"backup: {{to: {folder}}}\n", encoding="utf-8")
    launcher = Launcher(home.path)
    schedule = Scheduler(home, [], launcher, utc_now, [].append)
    async with launcher.slots["crawl"], launcher.slots["crawl"], launcher.slots["keep"]:
        await schedule.work(next(chore for chore in CHORES if chore.name == "backup"))
    assert len(copies_in(folder)[0]) == 1


async def test_pages_tell_of_copies_but_not_to_the_public(home: Home) -> None:
    home.desk_db.unlink()
    (home.path / "has-accounts").unlink()  # no accounts: whoever is here may look
    (home.path / "config" / "backup.yml").write_text("backup: {to: /nowhere/x}\n", encoding="utf-8")
    for access, told in ((None, True), (Access(public=True), False)):
        async with web_sample.running(build(home, now=lambda: NOW, access=access)) as site:
            for path in ("/", "/nguon"):
                page = (await site.client.get(path)).text
                assert ("chưa có bản nào" in page) == told, path
            measured = (await site.client.get("/-/metrics")).text
            assert ('diemtin_home_state{level="amber",part="backup"} 1.0' in measured) == told
