"""What is put away and what never is, what the home is said to take, and when its disk is said to be full."""

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.clock import stamp, utc_now
from archive.config import ConfigError
from archive.growth.config import DiskWatch, GrowthConfig, Retention, load_growth
from archive.growth.forecast import disk_state, home_size
from archive.growth.tidy import Tidied, is_due, tidy
from archive.home import Home
from archive.model import Article
from archive.pages import RawPage, keep, open_pages
from archive.schema import open_archive
from pipelines.fingerprint import shingles
from tests.commands import Copy, diemtin

NOW = datetime(2026, 11, 29, 22, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SOON = GrowthConfig(Retention(refused_pages=10, visits=10, addresses=10, runs=10, reads=10, log=10))


def page(home: Home, url: str, age: int, outcome: str | None = "irrelevant", **more: Any) -> None:
    """A raw page, with what became of its address; None: an import, of which no address is known."""
    at = stamp(NOW - age * DAY)
    with closing(open_pages(home.pages_db)) as db:
        keep(db, RawPage(url, "bao", NOW - age * DAY, "text/html", f"<p>{url}".encode()))
        if outcome is not None:
            row = {"url": url, "source": "bao", "found_at": at, "ended_at": at, "outcome": outcome} | more
            db.table("addresses").insert(row)
            db.table("visits").insert({"run_id": 1, "url": url, "at": at, "outcome": outcome})


def article(home: Home, url: str, age: int = 1) -> None:
    from archive import articles

    with closing(open_archive(home.archive_db)) as db:
        one = Article(url, "bao", f"Tin {url}", "", f"Thái Nguyên có tin mới về {url}." * 5)
        articles.store(db, one, shingles(one.text), NOW - age * DAY)


def column(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as db:
        return [value for (value,) in db.execute(sql)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with old and new pages of refused stories and of articles."""
    home = Home.at(tmp_path)
    for url, age, outcome in (("old-refused", 20, "irrelevant"), ("new-refused", 5, "irrelevant"),
                              ("old-failed", 20, "failed"), ("old-article", 20, "stored")):  # fmt: skip
        page(home, url, age, outcome)
    page(home, "old-wanted", 20, wanted_at=stamp(NOW))
    page(home, "old-import", 20, None)
    page(home, "old-lost", 20, "stored")
    page(home, "old-moved", 20, "irrelevant", article_url="old-article")
    page(home, "kept-by-hand", 20, "irrelevant")
    for url in ("old-article", "old-import", "kept-by-hand"):
        article(home, url)
    return home


def test_only_old_pages_of_refused_stories_are_put_away(home: Home) -> None:
    assert tidy(home, SOON, NOW).rows["refused_pages"] == 2
    left = set(column(home.pages_db, "select url from pages"))
    assert left == {
        "new-refused", "old-article", "old-wanted", "old-import", "old-lost", "old-moved", "kept-by-hand",
    }  # fmt: skip
    assert "old-refused" not in column(home.pages_db, "select url from addresses")
    assert tidy(home, SOON, NOW + 6 * DAY).rows["refused_pages"] == 1


def test_nothing_goes_that_an_archive_which_was_lost_needs(home: Home) -> None:
    home.archive_db.unlink()
    tidy(home, SOON, NOW)
    assert {"old-article", "old-lost", "old-import"} <= set(column(home.pages_db, "select url from pages"))
    assert "old-article" in column(home.pages_db, "select url from visits")


def test_forever_is_forever(home: Home) -> None:
    config = GrowthConfig(Retention(**dict.fromkeys(Retention.__struct_fields__, "forever")))  # type: ignore[arg-type]
    before = column(home.pages_db, "select count(*) from pages")
    assert tidy(home, config, NOW + 4000 * DAY).rows == {}
    assert column(home.pages_db, "select count(*) from pages") == before


def test_looks_at_articles_stay_and_others_go(home: Home) -> None:
    assert tidy(home, SOON, NOW).rows["visits"] == 3
    left = column(home.pages_db, "select url from visits order by url")
    assert left == ["kept-by-hand", "new-refused", "old-article", "old-lost", "old-moved"]


def test_one_run_of_a_source_and_day_stays(home: Home) -> None:
    at = NOW - 20 * DAY - 4 * HOUR  # 1 o'clock in Hà Nội
    with closing(open_archive(home.archive_db)) as db:
        rows = [
            {"source": source, "started_at": stamp(at + hour * HOUR), "state": state, "lists": "{}"}
            for source in ("bao", "dai")
            for hour, state in ((0, "failed"), (1, "done"), (2, "done"), (9, "done"))
        ]
        rows.append(rows[-1] | {"lists": '{"channel":{"x":["a","b"]}}'})
        rows.append({"source": "bao", "started_at": stamp(NOW), "state": "done", "lists": "{}"})
        db.table("runs").insert_all(rows)
    assert tidy(home, SOON, NOW).rows["runs"] == 4
    assert tidy(home, SOON, NOW + DAY).rows["runs"] == 0
    assert column(home.archive_db, "select count(*) from runs where state = 'done'") == [4]


def test_a_round_that_is_killed_anywhere_leaves_all_whole_and_the_next_one_ends_it(home: Home) -> None:
    for number in range(30):
        page(home, f"more-{number}", 20)
    with closing(open_pages(home.pages_db)) as db:
        db.table("visits").insert_all(
            {"run_id": 1, "url": f"look-{n}", "at": stamp(NOW - 20 * DAY), "outcome": "robots"}
            for n in range(5000)
        )
    code = (
        "import sys; from archive.growth import tidy, rules; from tests.test_growth import SOON, NOW; "
        "from archive.home import Home; rules.BATCH = 2; print('go', flush=True); "
        "tidy.tidy(Home.at(sys.argv[1]), SOON, NOW)"
    )
    for wait in (0.0, 0.05, 0.2):
        with Copy(home.path, program=code) as child:
            assert child.stdout
            child.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(wait or 0.01)
            child.kill()
        for path in (home.archive_db, home.pages_db):
            assert column(path, "pragma quick_check") == ["ok"]
    tidy(home, SOON, NOW)
    assert column(home.pages_db, "select count(*) from visits where url like 'look%'") == [0]
    assert column(home.pages_db, "select count(*) from pages where url like 'more%'") == [0]


def test_space_is_given_back_and_told(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    article(home, "x")
    with closing(open_pages(home.pages_db)) as db:
        assert db.execute("pragma auto_vacuum").fetchone() == (2,)
        db.execute("create table big (x)")
        db.execute("insert into big with recursive n(x) as (select 1 union all select x+1 from n where x<300) "
                   "select randomblob(4000) from n")  # fmt: skip
        db.execute("drop table big")
        db.execute("pragma wal_checkpoint(truncate)")
    before = home.pages_db.stat().st_size
    done = tidy(home, GrowthConfig(), NOW)
    assert done.given_back > 1_000_000
    assert home.pages_db.stat().st_size < before - 1_000_000


def test_the_round_is_due_once_a_night(home: Home) -> None:
    assert is_due(home, NOW)
    assert isinstance(tidy(home, SOON, NOW), Tidied)
    assert not is_due(home, NOW)  # 5 o'clock in Hà Nội
    assert not is_due(home, NOW + 20 * HOUR)
    assert is_due(home, NOW + DAY)
    assert is_due(home, NOW - 3 * DAY)  # a clock that was ahead
    assert not is_due(Home.at(home.path / "empty"), NOW)


def test_nothing_is_put_away_by_a_clock_that_servers_contradict(home: Home) -> None:
    before = column(home.pages_db, "select url from pages")
    with closing(open_archive(home.archive_db)) as db:
        run = "insert into runs (source, started_at, state, notes) values ('bao', ?, 'done', ?)"
        db.execute(run, [stamp(utc_now() - HOUR), json.dumps({"clocks": {"bao.example": -365 * 86400}})])
    (home.path / "config").mkdir()
    (home.path / "config" / "retention.yml").write_text("retention: {refused_pages: 1}\n")
    refused = diemtin("--lang", "en", "tidy", home=home.path, check=False)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert diemtin("tidy", "--due", home=home.path).stdout == ""
    assert column(home.pages_db, "select url from pages") == before


def test_the_command_says_what_it_put_away(home: Home) -> None:
    (home.path / "config").mkdir()
    (home.path / "config" / "retention.yml").write_text("retention: {refused_pages: 1, visits: forever}\n")
    done = diemtin("--lang", "en", "tidy", home=home.path)
    assert "pages of refused stories" in done.stdout
    assert diemtin("tidy", "--due", home=home.path).stdout == ""
    (home.path / "config" / "retention.yml").write_text("retention: {pages: 1}\n")
    done = diemtin("tidy", home=home.path, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


@pytest.mark.parametrize(
    "text", ["x: 1", "retention: {visits: 0}", "retention: {visits: -3}", "retention: {log: ever}"]
)
def test_a_rule_that_cannot_be_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "retention.yml").write_text(text)
    with pytest.raises(ConfigError, match=r"retention\.yml"):
        load_growth(tmp_path / "retention.yml")


def test_what_the_home_takes_adds_up_and_what_is_not_known_is_not_told(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    with closing(open_archive(home.archive_db)):
        pass
    young = json.loads(diemtin("size", "--json", home=home.path).stdout)
    assert young["a_day"] is None
    assert young["in_a_year"] is None
    assert young["disk"]["full_in_days"] is None
    assert "not known yet" in diemtin("--lang", "en", "size", home=home.path).stdout
    archive = next(part for part in young["parts"] if part["name"] == "archive")
    wal = home.path / "archive.db-wal"
    size = home.archive_db.stat().st_size
    assert sum(archive["kinds"].values()) == size
    assert archive["bytes"] >= size
    assert not wal.exists() or archive["bytes"] <= size + wal.stat().st_size + 100_000


def test_rates_come_from_rows_first_and_from_measurements_later(home: Home) -> None:
    for age in (2, 5, 9, 40, 60, 80, 95, 99):
        article(home, f"of-{age}", age)
    by_rows = {part.name: part for part in home_size(home, NOW).parts}["archive"]
    assert by_rows.measured == "rows"
    assert by_rows.a_day == pytest.approx(by_rows.bytes * 6 / 11 / 30)
    assert by_rows.in_a_year == pytest.approx(by_rows.bytes * (1 + 365 * 6 / 11 / 30), rel=1e-3)
    tidy(home, GrowthConfig(), NOW - 10 * DAY)
    (home.path / "notes.txt").write_bytes(bytes(500_000))
    other = {part.name: part for part in home_size(home, NOW).parts}["other"]
    assert other.measured == "sizes"
    assert other.a_day == pytest.approx(50_000, rel=0.2)


def test_a_disk_that_is_or_will_be_full_is_told_by_health(home: Home) -> None:
    def level(**watch: int) -> str:
        return disk_state(home, GrowthConfig(disk=DiskWatch(**watch)), utc_now())[0]

    free = home_size(home, NOW, kinds=False).free
    assert level(least_mb=1, within_days=1) == "green"
    assert level(least_mb=free // 1_000_000 + 1000) == "red"
    assert level(least_mb=free * 2 // 3_000_000) == "amber"
    (home.path / "config").mkdir()
    config = home.path / "config" / "retention.yml"
    config.write_text(f"disk: {{least_mb: {free // 1_000_000 + 1000}}}\n")
    rows = json.loads(diemtin("--lang", "en", "health", "--json", home=home.path, check=False).stdout)
    (disk,) = [row for row in rows if row["key"] == "disk"]
    assert (disk["level"], disk["code"]) == ("red", "disk_low")


def test_a_home_that_fills_its_disk_within_days_is_amber(home: Home) -> None:
    tidy(home, GrowthConfig(), NOW - 10 * DAY)
    size = home_size(home, NOW, kinds=False)
    with closing(open_pages(home.pages_db)) as db:  # as if it had been so much smaller ten days ago
        db.execute("update sizes set bytes = bytes - ? where kind = 'file/pages'", [size.free])
    state = disk_state(home, GrowthConfig(disk=DiskWatch(1, 30)), NOW)
    assert state[0] == "amber"
    assert state[1] == pytest.approx(10, abs=1)


def test_what_takes_the_room_is_told_on_a_full_disk_too(home: Home, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk needs root and tmpfs")
    try:
        for name in ("archive.db", "pages.db"):
            shutil.copy(home.path / name, small)
        (small / "locks").mkdir()
        with suppress(OSError), (small / "fill").open("wb") as file:
            while True:
                file.write(bytes(4096))
                file.flush()
        size = json.loads(diemtin("size", "--json", home=small).stdout)
        assert size["disk"]["free"] == 0
        assert {part["name"]: part["bytes"] for part in size["parts"]}["archive"] > 100_000
        done = diemtin("--lang", "en", "health", home=small, check=False)
        assert done.returncode == 1
    finally:
        subprocess.run(["umount", small], check=True)
