"""How ``up --cluster`` gives out crawls: in place of a child process each is a job on the broker.

The scheduler does not know: it runs commands, and one that crawls goes to the workers. The keeper is a child
that is started anew whenever it ends.
"""

import asyncio
import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from archive.clock import stamp, utc_now
from archive.health.cluster import ClusterStatus, write_status
from archive.home import Home
from archive.i18n import current
from archive.workers import own_environment, own_module
from crawler.cluster.broker import ADDRESS, Broker, BrokerFault, make_groups
from crawler.cluster.jobs import LOOK, MISSED, PACKED, Run, give_out, results, take_back
from crawler.service.launcher import LEFT_OPEN, LINE, PARENT, REFUSED, Finished, Kind, Launcher, end

AGAIN = 5.0  # seconds until a keeper that ended is started anew, and a broker is asked again
TOLD_AGAIN = 3600.0  # seconds after which a line that keepers repeat is told again
MOST_TOLD = 100  # lines that are remembered for that
ROUNDS = 4  # times its limit that a job may take, waiting for a worker counted
CRAWLS: tuple[Kind, ...] = ("crawl", "unreachable")
T = TypeVar("T")


@dataclass(slots=True)
class GivenOut:
    """A job under way."""

    job: str
    ended: "asyncio.Future[Finished]"


@dataclass(slots=True)
class ClusterLauncher(Launcher):
    """Launches crawls on the workers, and all else here; ``tell`` is given what the broker's state is."""

    url: str = ""
    tell: Callable[[str], None] = print
    told: str = ""
    keeper_said: dict[str, float] = field(default_factory=dict)  # lines, and when they were told
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    given_out: dict[str, GivenOut] = field(default_factory=dict)  # by source
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    broker: Broker = field(init=False)

    def __post_init__(self) -> None:
        self.broker = Broker(self.url)

    def start(self) -> None:
        """Keep a keeper running, look for results; until the keeper writes, health says that it is silent."""
        write_status(Home(self.home), ClusterStatus(at=stamp(utc_now()), broker=self.broker.name))
        self.tasks += [asyncio.create_task(self._keep_keeper()), asyncio.create_task(self._look_on())]
        for task in self.tasks:
            task.add_done_callback(self._broke)

    def _broke(self, task: asyncio.Task[None]) -> None:
        """A fault of ours that ended one of the two is told at once: nothing would come home any more."""
        if not task.cancelled() and (error := task.exception()):
            self.tell(f"{type(error).__name__}: {error}"[:LINE])

    async def run(self, *arguments: str, limit: float, kind: Kind = "crawl") -> Finished | None:
        """As every launcher; a crawl of one source is given to the workers."""
        if kind not in CRAWLS:
            return await Launcher.run(self, *arguments, limit=limit, kind=kind)
        if self.stopping:
            return None
        source = arguments[1]
        job = await self._job(source, limit)
        if job is None:
            return Finished(REFUSED, "", "")  # why was told
        given_out = self.given_out[source] = GivenOut(job, asyncio.get_running_loop().create_future())
        try:
            return await asyncio.wait_for(given_out.ended, ROUNDS * limit)
        except TimeoutError:
            return Finished(1, "", "", timed_out=True)
        finally:
            self.given_out.pop(source, None)

    async def _job(self, source: str, limit: float) -> str | None:
        """Give a crawl out; while the broker is away one of those that wait asks it again, for all of them."""
        until = time.monotonic() + ROUNDS * limit
        while time.monotonic() < until:
            async with self.asking:
                if self.stopping:
                    return None
                if job := await self._try(lambda: self._give_out(source, int(limit))):
                    return job
                await asyncio.sleep(AGAIN)
        return None

    def _give_out(self, source: str, limit: int) -> str:
        make_groups(self.broker.redis)
        job = give_out(self.broker, Home(self.home), source, limit)
        if self.stopping:  # meanwhile
            take_back(self.broker, {source: job})
        return job

    async def stop(self) -> None:
        """Take back what no worker has begun; what is under way comes home to the next keeper."""
        self.stopping = True
        jobs = {source: one.job for source, one in self.given_out.items()}
        await self._try(lambda: take_back(self.broker, jobs))
        for one in self.given_out.values():
            if not one.ended.done():
                one.ended.set_result(Finished(1, "", ""))
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await Launcher.stop(self)

    async def _look_on(self) -> None:
        """Look for the results of what was given out."""
        missed: Counter[str] = Counter()
        while True:
            await asyncio.sleep(LOOK)
            found = await self._try(self._results) or {}
            missed = Counter({source: missed[source] + 1 for source, run in found.items() if run is None})
            for source, run in found.items():
                if run is not None or missed[source] >= MISSED:
                    self._ended(source, finished(run))

    def _results(self) -> dict[str, Run]:
        jobs = {source: one.job for source, one in list(self.given_out.items())}
        return results(self.broker, jobs) if jobs else {}

    def _ended(self, source: str, end: Finished) -> None:
        one = self.given_out.get(source)
        if one and not one.ended.done():
            one.ended.set_result(end)

    async def _try(self, work: Callable[[], T]) -> T | None:
        """Ask the broker in a thread; what is wrong with it is told once."""
        try:
            return await asyncio.to_thread(self._ask, work)
        except BrokerFault as error:
            if str(error) != self.told:
                self.tell(str(error))
            self.told = str(error)
            return None

    def _ask(self, work: Callable[[], T]) -> T:
        with self.broker.faults():
            answer = work()
        self.told = ""
        return answer

    async def _keep_keeper(self) -> None:
        """Run the keeper; one that ends is started anew, and says itself why it ended."""
        while True:
            try:
                await self._run_keeper()
            except OSError as error:  # no process can be started now
                self._say(f"keeper: {error}")
            await asyncio.sleep(AGAIN)

    async def _run_keeper(self) -> None:
        keeper = await asyncio.create_subprocess_exec(
            *own_module("crawler", "--home", self.home, "keeper"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env=own_environment(**{PARENT: str(os.getpid()), ADDRESS: self.url}),
        )  # fmt: skip
        saying = asyncio.create_task(self._pass_on(keeper.stderr))
        try:
            await keeper.wait()
            await asyncio.wait({saying}, timeout=LEFT_OPEN)
        finally:
            saying.cancel()
            with contextlib.suppress(ProcessLookupError):
                await asyncio.shield(end(keeper))

    async def _pass_on(self, stream: asyncio.StreamReader | None) -> None:
        """What a keeper says of itself; lines that are too long are none of ours."""
        while stream and not stream.at_eof():
            with contextlib.suppress(ValueError):
                if line := (await stream.readline()).decode(errors="replace").strip():
                    self._say(line.removeprefix("diemtin: ")[:LINE])

    def _say(self, line: str) -> None:
        """Tell a line, once for all keepers that say it in an hour."""
        now = time.monotonic()
        if now > self.keeper_said.get(line, -TOLD_AGAIN) + TOLD_AGAIN:
            newest = list(self.keeper_said.items())[-MOST_TOLD:]
            self.keeper_said = dict(newest) | {line: now}
            self.tell(line)


def finished(run: Run) -> Finished:
    """A run as a child that crawled would have printed it; None: the broker lost the job."""
    if run is None:
        return Finished(1, "", current()("cluster.lost_job"))
    printed = run | {key: json.loads(run[key]) for key in PACKED}
    return Finished(int(run["state"] != "done"), json.dumps([printed], ensure_ascii=False), "")
