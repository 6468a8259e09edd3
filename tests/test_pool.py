"""Pages read in worker processes: the same answers, limits that hold, and no process left behind."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.clock import utc_now
from archive.home import DEFAULTS
from archive.model import Article, Outcome
from crawler.sources import load_sources
from pipelines.item import ContextFiles, Item, Page
from pipelines.pool import ReaderPool, failure
from pipelines.stages import READING, run_stages

pytestmark = pytest.mark.timeless

TEXT = "Khu công nghiệp Sông Công II của tỉnh Thái Nguyên đón thêm 3 dự án, tổng vốn 1.240 tỷ đồng. "
SLOW = "<p>Khởi công <b>nhà máy</b> thứ 12 ở Sông Công, vốn 500 tỷ đồng.</p>" * 4_000
PAGE = (
    "<html><head><title>Thêm ba dự án</title></head><body><article><h1>Thêm ba dự án</h1>{}"
    f"<p>{TEXT * 8}</p></article></body></html>"
)


@pytest.fixture(scope="module")
def reader_pool() -> Iterator[ReaderPool]:
    families = load_sources(DEFAULTS / "sources.yml").families
    context_files = ContextFiles(DEFAULTS / "places.yml", DEFAULTS / "topics.yml", families)
    made = ReaderPool(context_files, context_files.load(), inline=1, lock=2.0)
    yield made
    made.close()


def item(body: str = "") -> Item:
    page = Page("https://bao.vn/a-1.html", PAGE.format(body).encode(), utc_now(), "text/html")
    return Item(Article(page.url, "bao"), page=page, keep="all")


@pytest.fixture
def started(reader_pool: ReaderPool) -> ReaderPool:
    """With the workers there, whichever test comes first."""
    for _ in range(2):
        reader_pool.wait_for(item())
    return reader_pool


def workers() -> set[int]:
    """The worker processes; the standard library's resource tracker is none."""
    own = os.getpid()
    pids = {int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split()}
    return {pid for pid in pids if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def test_a_worker_reads_as_the_process_itself_does(reader_pool: ReaderPool) -> None:
    here = reader_pool.wait_for(item())
    there = reader_pool.wait_for(item())
    alone = run_stages(item(), reader_pool.context, READING)
    assert here.article == there.article == alone.article
    assert there.article.mentions
    assert there.article.figures
    assert there.shingles == alone.shingles
    assert there.page is not None
    assert reader_pool.quick.pool is not None


def test_a_walk_that_ends_in_a_worker_says_why(started: ReaderPool) -> None:
    page = Page("https://bao.vn/b.html", b"\x00\x01\x02PNG", utc_now(), "text/html")
    read = started.wait_for(Item(Article(page.url, "bao"), page=page, keep="all"))
    assert read.outcome is Outcome.FAILED
    assert read.reason


def test_a_page_that_takes_too_long_is_given_up_and_the_next_one_is_read(
    started: ReaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started, "first", 0.1)
    monkeypatch.setattr(started, "limit", 0.1)  # half of it more, and the kernel ends the worker
    with pytest.raises(TimeoutError) as error:
        started.wait_for(item(SLOW))
    monkeypatch.undo()
    assert failure(error.value) == "read_timeout"
    assert started.wait_for(item()).article.title == "Thêm ba dự án"


@pytest.mark.parametrize("inline", [0, 10_000])
async def test_a_slow_page_is_read_beside_the_others(
    started: ReaderPool, monkeypatch: pytest.MonkeyPatch, inline: int
) -> None:
    """The others have ended while it is still being read."""
    monkeypatch.setattr(started, "first", 0.05)
    monkeypatch.setattr(started, "inline", inline)
    slow = asyncio.create_task(started.awaited(item(SLOW)))
    await asyncio.sleep(0.2)
    with monkeypatch.context() as others:
        others.setattr(started, "first", 20.0)
        assert (await started.awaited(item())).outcome is None
    assert not slow.done()
    assert (await slow).article.title == "Thêm ba dự án"


def test_what_ended_a_crawl_is_read_in_a_process_of_its_own(started: ReaderPool) -> None:
    given = started.given
    read = started.wait_for(replace(item(), alone=True))
    assert read.article.title == "Thêm ba dự án"
    assert started.given == given
    assert started.patient.pool is not None


def test_a_worker_that_dies_costs_no_page(started: ReaderPool) -> None:
    for child in workers():
        os.kill(child, signal.SIGKILL)
    told = [started.quick.read(item(), 20.0) for _ in range(6)]
    ends = [failure(error) if (error := future.exception(timeout=60)) else "read" for future in told]
    assert set(ends) <= {"read", "reader_lost"}
    assert started.wait_for(item()).article.title == "Thêm ba dự án"


def test_workers_that_die_before_they_read_anything_cost_no_page(started: ReaderPool) -> None:
    started.close()

    async def read() -> list[Item]:
        reading = asyncio.gather(*(started.awaited(item()) for _ in range(6)))
        while not workers():
            await asyncio.sleep(0.01)
        for child in workers():
            os.kill(child, signal.SIGKILL)
        return await asyncio.wait_for(reading, 120)

    assert {one.article.title for one in asyncio.run(read())} == {"Thêm ba dự án"}
    assert not started.quick.waiting


def test_a_worker_that_dies_with_the_channel_in_its_hand_stops_no_page_for_long(started: ReaderPool) -> None:
    assert started.quick.pool is not None
    started.quick.pool._pool_manager.worker_manager.workers_channel.mutex.acquire()  # type: ignore[union-attr]
    error = started.quick.read(item(), 20.0).exception(timeout=60)
    assert error is None or failure(error) == "reader_lost"
    assert started.wait_for(item()).article.title == "Thêm ba dự án"


def test_nothing_is_left_after_closing(started: ReaderPool) -> None:
    before = workers()
    assert before
    started.close()
    end = time.monotonic() + 20
    while workers() & before:
        assert time.monotonic() < end
        time.sleep(0.05)
