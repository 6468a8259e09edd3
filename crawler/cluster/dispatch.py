"""How ``up --cluster`` gives out crawls: in place of a child process each is a job on the broker.

The scheduler does not know: it runs commands, and one that crawls goes to the workers. The keeper is a child
that is started anew whenever it ends.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from archive.home import Home
from archive.i18n import current
from crawler.cluster.broker import Broker, BrokerFault, make_groups
from crawler.cluster.jobs import LOOK, MISSED, Run, give_out, results, take_back
from crawler.service.launcher import PARENT, Finished, Kind, Launcher, end

AGAIN = 5.0  # seconds until a keeper that ended is started anew
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
    given_out: dict[str, GivenOut] = field(default_factory=dict)  # by source
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    broker: Broker = field(init=False)

    def __post_init__(self) -> None:
        self.broker = Broker(self.url)

    def start(self) -> None:
        """Keep a keeper running, and look for results."""
        self.tasks += [asyncio.create_task(self._keep_keeper()), asyncio.create_task(self._look_on())]

    async def run(self, *arguments: str, limit: float, kind: Kind = "crawl") -> Finished | None:
        """As every launcher; a crawl of one source is given to the workers."""
        if kind not in CRAWLS:
            return await Launcher.run(self, *arguments, limit=limit, kind=kind)
        if self.stopping:
            return None
        source = arguments[1]
        job = await self._try(lambda: self._give_out(source, int(limit)))
        if job is None:
            return Finished(1, "", self.told)
        given_out = self.given_out[source] = GivenOut(job, asyncio.get_running_loop().create_future())
        try:
            return await asyncio.wait_for(given_out.ended, ROUNDS * limit)
        except TimeoutError:
            return Finished(1, "", "", timed_out=True)
        finally:
            self.given_out.pop(source, None)

    def _give_out(self, source: str, limit: int) -> str:
        make_groups(self.broker.redis)
        return give_out(self.broker, Home(self.home), source, limit)

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
            keeper = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "crawler", "--home", str(self.home), "keeper", self.url,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                env=os.environ | {PARENT: str(os.getpid())},
            )  # fmt: skip
            try:
                await keeper.wait()
            finally:
                with contextlib.suppress(ProcessLookupError):
                    await asyncio.shield(end(keeper))
            await asyncio.sleep(AGAIN)


def finished(run: Run) -> Finished:
    """A run as a child that crawled would have printed it; None: the broker lost the job."""
    if run is None:
        return Finished(1, "", current()("cluster.lost_job"))
    printed = run | {key: json.loads(run[key]) for key in ("outcomes", "lists", "notes")}
    return Finished(int(run["state"] != "done"), json.dumps([printed], ensure_ascii=False), "")
