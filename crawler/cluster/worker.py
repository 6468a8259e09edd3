"""A worker: takes crawls and pages off the broker; each crawl is a process of its own, made by fork.

It keeps nothing: what it knows comes with the work, what it brings goes home. A fork starts in milliseconds,
for all is imported by then; a crash, leak or hang stays in it.
"""

import gc
import importlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from archive.clock import stamp, utc_now
from archive.config import ConfigError
from archive.i18n import current
from archive.model import Article
from archive.workers import end_with
from crawler.cluster import keys
from crawler.cluster.broker import (
    Broker,
    BrokerAway,
    BrokerFault,
    delete_entries,
    make_groups,
    release,
    take_left,
)
from crawler.cluster.config import WorkerConfig, load
from crawler.cluster.hosts import LEASE
from crawler.cluster.job import crawl_job
from crawler.cluster.jobs import end_job
from crawler.cluster.reading import give_back, read_pages, reader_name
from crawler.cluster.wire import CrawlJob, Foreign, read
from crawler.service.process import listen
from pipelines.item import Item, Page
from pipelines.stages import READING, run_safely

BEAT = 5.0  # seconds between two signs of life
BLOCK = 500  # milliseconds that a look for work waits
CLOCK = 60.0  # seconds that our clock may differ from the broker's
PAUSE = 2.0  # seconds after a fault
LOADED = (  # what a crawl imports late: here once, or each fork would take half a second for it
    "aiohttp", "crawler.cluster.leased", "crawler.resolver", "crawler.spiders.loader", "crawler.spiders.source",
    "scrapy.core.downloader.contextfactory", "scrapy.crawler", "trafilatura",
)  # fmt: skip
GIVEN_UP = 20  # times that a job is begun: one that never comes to its end is given out anew, by and by
PAGE = "<html><body><article><h1>Khu công nghiệp Yên Bình</h1>{}</article></body></html>".format(
    "<p>Ngày 5/9/2026, tỉnh Thái Nguyên khởi công nhà máy 120 tỷ đồng, theo Quyết định 12/QĐ-UBND.</p>" * 12
)
Echo = Callable[[str], None]


@dataclass(slots=True)
class Worker:
    """One machine's worker; ``crawls`` and ``readers`` say how many of each go on at once."""

    broker: Broker
    echo: Echo
    crawls: int
    readers: int
    name: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    crawling: dict[int, str] = field(default_factory=dict)  # source by process
    configs: dict[int, str] = field(default_factory=dict)  # mark by process
    reading: set[int] = field(default_factory=set)
    ended: list[int] = field(default_factory=list)  # readers that are no more
    loaded: tuple[str, WorkerConfig] | None = None
    beat_at: float = 0.0
    told: str = ""
    folder: Path = Path()

    def run(self) -> None:
        """Work until the first SIGINT or SIGTERM; raises BrokerFault for what must be mended first."""
        asked = listen()
        for name in LOADED:
            importlib.import_module(name)
        gc.freeze()  # no fork looks through it all, or copies it for that
        with tempfile.TemporaryDirectory(prefix="diemtin-worker-") as folder:
            self.folder = Path(folder)
            self._start(asked.is_set)
            try:
                while not asked.is_set():
                    self._round()
            finally:
                self._stop()

    def _start(self, stopped: Callable[[], bool]) -> None:
        """Check the broker and our release; while the broker or its keeper is away, wait for them."""
        while not stopped():
            try:
                if self._is_ready():
                    self._tell(current()("cluster.worker", name=self.name, url=self.broker.name))
                    return
                self._tell(current()("cluster.no_keeper", url=self.broker.name))
            except BrokerAway as error:
                self._tell(str(error))
            time.sleep(PAUSE)

    def _is_ready(self) -> bool:
        self.broker.check()
        with self.broker.faults():
            make_groups(self.broker.redis)
            self._check_clock()
            return self._keeper_is_ours()

    def _check_clock(self) -> None:
        seconds, micros = self.broker.redis.time()
        differs = abs(time.time() - seconds - micros / 1e6)
        if differs > CLOCK:
            raise BrokerFault(current()("cluster.clock", seconds=round(differs)))

    def _keeper_is_ours(self) -> bool:
        """Whether there is a keeper; raises BrokerFault for one of another release."""
        keeper = self.broker.redis.get(keys.KEEPER_RELEASE)
        if keeper is not None and keeper != release().encode():
            name = keeper.decode(errors="replace")[:100]
            raise BrokerFault(current()("cluster.release", keeper=name, worker=release()))
        return keeper is not None

    def _round(self) -> None:
        self._reap()
        try:
            with self.broker.faults():
                self._beat()
                self._keeper_is_ours()
                self._readers()
                self._take_job()
        except BrokerAway as error:
            self._tell(str(error))
            time.sleep(PAUSE)
            with suppress(BrokerAway), self.broker.faults():
                make_groups(self.broker.redis)  # they went where it came back empty

    def _tell(self, line: str) -> None:
        if line != self.told:
            self.echo(line)
        self.told = line

    def _beat(self) -> None:
        """A sign of life, for health and the page of sources."""
        if time.monotonic() < self.beat_at + BEAT:
            return
        self.beat_at = time.monotonic()
        self._check_clock()
        said = {
            "name": self.name, "at": stamp(utc_now()), "release": release(),
            "crawling": sorted(self.crawling.values()),
            "reading": len(self.reading), "crawls": self.crawls, "readers": self.readers,
        }  # fmt: skip
        self.broker.redis.hset(keys.REGISTER, self.name, json.dumps(said))

    # --- crawls

    def _take_job(self) -> None:
        """Start the next crawl: one that a dead worker left, else the next of the line."""
        if len(self.crawling) >= self.crawls:
            time.sleep(BLOCK / 1000)
            return
        redis = self.broker.redis
        left = take_left(redis, keys.JOBS, self.name, int(LEASE * 1000))
        came = redis.xreadgroup(keys.WORKERS, self.name, {keys.JOBS: ">"}, 1, BLOCK) if not left else []
        for entry, fields in left or (came[0][1] if came else []):
            self._take_up(entry, fields.get(b"m", b"") if fields else b"", again=bool(left))

    def _take_up(self, entry: bytes, data: bytes, *, again: bool) -> None:
        """Start a job; one that cannot be done is over, so that its source is given out anew."""
        try:
            job = read(data, CrawlJob)
        except Foreign as error:
            if data:  # else it was worked off already
                self._tell(current()("cluster.foreign", why=error))
            delete_entries(self.broker.redis, keys.JOBS, keys.WORKERS, entry)
            return
        if job.release != release() and not self._keeper_is_ours():
            return  # of whose release its keeper is, is not known yet: it stays for whoever comes
        config = self._config(job.config) if job.release == release() else None
        is_poison = again and self._tries(entry) > GIVEN_UP
        if is_poison:
            self._tell(current()("cluster.given_up", source=job.source, tries=GIVEN_UP))
        if config is None or is_poison or job.source not in config.sources.by_key:
            end_job(self.broker, job.source, entry.decode(), None)
            delete_entries(self.broker.redis, keys.JOBS, keys.WORKERS, entry)
        else:
            self._start_crawl(entry, job, config)

    def _tries(self, entry: bytes) -> int:
        found = self.broker.redis.xpending_range(keys.JOBS, keys.WORKERS, entry, entry, 1)
        return int(found[0]["times_delivered"]) if found else 0

    def _start_crawl(self, entry: bytes, job: CrawlJob, config: WorkerConfig) -> None:
        claim = f"{self.name}-{uuid.uuid4().hex[:12]}"
        child = self._fork(lambda: crawl_job(self.broker.url, self.name, entry, job, claim, config))
        self.crawling[child], self.configs[child] = job.source, job.config
        self.echo(current()("cluster.takes", source=job.source))

    def _config(self, mark: str) -> WorkerConfig | None:
        """The config of a mark, kept until another comes; None, and told, where it cannot be used."""
        if self.loaded is None or self.loaded[0] != mark:
            try:
                self._forget_configs()
                self.loaded = (mark, load(self.broker, mark, self.folder / "configs" / mark))
                read_once(self.loaded[1])
            except BrokerAway:
                raise
            except (BrokerFault, ConfigError) as error:
                self._tell(str(error))
                return None
        return self.loaded[1]

    def _forget_configs(self) -> None:
        """Delete the configs that no crawl under way reads any more."""
        for folder in (self.folder / "configs").glob("*"):
            if folder.name not in self.configs.values():
                shutil.rmtree(folder, ignore_errors=True)

    # --- pages of bulk work

    def _readers(self) -> None:
        """As many readers as there is work for; one ends when nothing is left.

        What a dead one had is given back.
        """
        while self.ended:
            give_back(self.broker.redis, reader_name(self.name, self.ended[-1]))
            self.ended.pop()
        waiting = self.broker.redis.xlen(keys.UNREAD)
        for _ in range(min(self.readers - len(self.reading), waiting)):
            self.reading.add(self._fork(lambda: read_pages(self.broker.url, self.name, self.folder)))

    # --- processes

    def _fork(self, work: Callable[[], None]) -> int:
        """Run some work in a copy of this process, which dies with it; its number."""
        sys.stdout.flush()
        parent = os.getpid()
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            os.setsid()  # the terminal's Ctrl-C is for the worker, which asks its children to stop
            end_with(parent)
            work()
            code = 0
        except BaseException as error:  # noqa: BLE001 - the end of this process, in a line
            self.echo(f"{type(error).__name__}: {error}"[:300])
        finally:
            os._exit(code)

    def _reap(self) -> None:
        """Take note of children that ended."""
        while self.crawling or self.reading:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return
            self.configs.pop(child, None)
            if child in self.reading:
                self.reading.remove(child)
                self.ended.append(child)
            source = self.crawling.pop(child, "")
            if source and os.WIFSIGNALED(status):
                self.echo(current()("cluster.crawl_died", source=source, signal=os.WTERMSIG(status)))

    def _stop(self) -> None:
        """Ask the crawls to stop, wait for them, and take the leave of the keeper."""
        for child in [*self.crawling, *self.reading]:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)
        until = time.monotonic() + LEASE
        while (self.crawling or self.reading) and time.monotonic() < until:
            self._reap()
            time.sleep(0.05)
        for child in [*self.crawling, *self.reading]:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with suppress(BrokerFault), self.broker.faults():
            for reader in [*self.ended, *self.reading]:
                give_back(self.broker.redis, reader_name(self.name, reader))
            self.broker.redis.hdel(keys.REGISTER, self.name)


def read_once(config: WorkerConfig) -> Item:
    """Read a page: what that compiles and builds is there for every fork, or each would take 0.1 s for it."""
    page = Page("https://bao.example/1", PAGE.encode(), utc_now(), "text/html; charset=utf-8")
    item = Item(Article(page.url, "bao"), page, keep="all", read_whole=True)
    return run_safely(item, config.context, READING)
