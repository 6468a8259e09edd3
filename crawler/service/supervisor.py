"""``diemtin up`` whole: schedule and web in one parent process, crawls as children, a clean stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from archive.clock import Clock, utc_now
from archive.home import Home
from crawler.service.launcher import Launcher
from crawler.service.scheduler import Timetable, build
from crawler.service.server import build_server, told_address
from crawler.sources import Source
from crawler.state.run_log import run_times
from crawler.workspace import open_workspace

if TYPE_CHECKING:
    from archive.web.access import Access

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Supervisor:
    """What is to run: the web, for those with ``access``, if a port was taken; the schedule if ``crawling``."""

    home: Home
    tell: Tell
    taken: socket.socket | None = None
    crawling: bool = True
    now: Clock = utc_now
    access: "Access | None" = None
    opening: Callable[[Timetable, list[Source]], Awaitable[None]] | None = None

    def run(self) -> None:
        """Run until SIGINT or SIGTERM."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop.set)
        with open_workspace(self.home, self.now) as workspace:
            sources, last = workspace.sources.named([]), run_times(workspace)
        async with self._web(stop), self._schedule(sources, last):
            await stop.wait()
            self.tell("stopping …")

    @contextlib.asynccontextmanager
    async def _web(self, stop: asyncio.Event) -> AsyncIterator[None]:
        if self.taken is None:
            yield
            return
        server = build_server(self.home, self.now, self.access)
        serving = asyncio.create_task(server.serve(sockets=[self.taken]))
        serving.add_done_callback(lambda _: stop.set())
        self.tell(told_address(self.taken, self.access))
        try:
            yield
        finally:
            server.should_exit = True
            await serving

    @contextlib.asynccontextmanager
    async def _schedule(self, sources: list[Source], last: dict[str, datetime]) -> AsyncIterator[None]:
        if not self.crawling:
            yield
            return
        launcher = Launcher(self.home.path)
        table = Timetable(launcher, self.now, self.tell)
        opened = asyncio.create_task(self._open(table, sources, last))
        try:
            yield
        finally:
            opened.cancel()
            await launcher.stop()
            with contextlib.suppress(asyncio.CancelledError):
                scheduler = await opened
                scheduler.shutdown(wait=False)

    async def _open(
        self, table: Timetable, sources: list[Source], last: dict[str, datetime]
    ) -> AsyncIOScheduler:
        if self.opening:
            await self.opening(table, sources)
        scheduler = build(table, sources, last)
        scheduler.start()
        return scheduler
