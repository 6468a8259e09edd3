"""What a reader, a terminal and a monitoring server see of the workers."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from datasette.app import Datasette
from prometheus_client.parser import text_string_to_metric_families

from archive.clock import stamp, utc_now
from archive.health.cluster import ClusterStatus, WorkerStatus, forget_status, write_status
from archive.home import Home
from archive.web.access import Access
from archive.web.app import build
from tests import web_sample
from tests.commands import diemtin
from tests.web_sample import NOW

OURS = "0.9 9-abc 1"
BUSY = WorkerStatus("may-1", stamp(NOW), OURS, ["songche", "trungdu"], reading=1, crawls=8, readers=2)
OLD = WorkerStatus("may-2", stamp(NOW - timedelta(minutes=7)), "0.8 8-abc 1", crawls=4, readers=1)
STATUS = ClusterStatus(
    stamp(NOW), "rediss://hang-doi:6380/0", OURS, [BUSY, OLD], jobs=3, coming_home=14, unread=1200, lag=2.34
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    write_status(home, STATUS)
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW)) as datasette:
        yield datasette


async def words(site: Datasette, path: str) -> str:
    return web_sample.words(await site.client.get(path))


async def test_the_page_of_sources_shows_each_worker(site: Datasette) -> None:
    page = await site.client.get("/nguon")
    shown = web_sample.words(page)
    assert "Máy làm việc: 1 máy làm việc, đang thu thập 2 nguồn, 3 nguồn chờ. Từng máy" in shown
    assert "may-1 2 trên 8 Thời báo Sông Chè , Báo Trung Du 1 trên 2 vừa xong" in shown
    assert "may-2 khác phiên bản: 0.8 8-abc 1 0 trên 4 0 trên 1 Im lặng 7 phút trước" in shown
    assert "3 nguồn chờ máy; 14 tin đang gửi về, tin cũ nhất chờ 2,3 giây; 1.200 trang chờ đọc lại." in shown
    assert '<a href="#songche">Thời báo Sông Chè</a>' in page.text
    english = await words(site, "/nguon?lang=en")
    assert "may-1 2 of 8 Thời báo Sông Chè , Báo Trung Du 1 of 2 just now" in english
    assert "3 jobs wait; 14 messages come home, the oldest has waited 2.3 s; 1,200 kept pages" in english


async def test_without_a_cluster_nothing_is_said_of_workers(site: Datasette, home: Home) -> None:
    forget_status(home)
    assert "Máy làm việc" not in await words(site, "/nguon")
    assert "diemtin_cluster" not in (await site.client.get("/-/metrics")).text


async def test_the_public_does_not_see_the_workers(home: Home) -> None:
    access = Access("127.0.0.1", public=True)
    async with web_sample.running(build(home, now=lambda: NOW, access=access)) as site:
        shown = await words(site, "/nguon")
    assert "may-1" not in shown
    assert "Máy làm việc" not in shown


async def test_what_a_worker_calls_itself_is_text(home: Home, site: Datasette) -> None:
    name = "<img src=x onerror=alert(1)>"
    write_status(home, ClusterStatus(stamp(NOW), workers=[WorkerStatus(name, stamp(NOW), name, [name])]))
    assert "<img" not in (await site.client.get("/nguon")).text.partition('id="may"')[2]


async def test_a_monitoring_server_reads_workers_jobs_messages_and_lag(site: Datasette) -> None:
    text = (await site.client.get("/-/metrics")).text
    values = {
        family.name.removeprefix("diemtin_cluster_"): family.samples[0].value
        for family in text_string_to_metric_families(text)
        if family.name.startswith("diemtin_cluster_")
    }
    assert values.pop("noted_seconds") == NOW.timestamp()
    assert values == {
        "workers": 1, "crawls": 2, "jobs": 3, "messages": 14, "unread": 1200, "lag_seconds": 2.34, "stalls": 0,
    }  # fmt: skip


def test_health_names_each_worker(home: Home) -> None:
    at = stamp(utc_now())
    worker = WorkerStatus("may-1", at, OURS, ["trungdu"], reading=0, crawls=8, readers=2)
    write_status(home, ClusterStatus(at, "redis://127.0.0.1:1/0", OURS, [worker], jobs=1))
    said = diemtin("--lang", "en", "health", home=home.path, check=False).stdout
    assert "Workers: 1 at work; crawls under way: 1, waiting: 1." in said
    assert "     may-1: crawls 1/8 (trungdu); reads 0/2; last sign of life just now" in said
    assert "     1 jobs wait; 0 messages come home, the oldest has waited 0 s; 0 kept pages wait" in said
    rows = json.loads(diemtin("health", "--json", home=home.path, check=False).stdout)
    (row,) = [row for row in rows if row["key"] == "cluster"]
    assert row["level"] == "green"
    assert (row["jobs"], row["lag"], row["workers"][0]["crawling"]) == (1, 0.0, ["trungdu"])
