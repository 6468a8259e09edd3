"""``diemtin up`` whole: schedule and web in one parent process, crawls as children, a clean stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.clock import Clock, utc_now
from archive.health.cluster import forget_status
from archive.home import Home
from archive.i18n import current
from crawler.service.launcher import Launcher
from crawler.service.log_file import SERVICE, close_log, open_log
from crawler.service.scheduler import Scheduler
from crawler.service.server import address_line, build_server
from crawler.service.systemd import keep_alive, notify
from crawler.sources import Source
from crawler.workspace import open_workspace

if TYPE_CHECKING:
    from archive.web.access import Access

Echo = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Supervisor:
    """What is to run: the web, for those with ``access``, if a port was taken; the schedule if ``crawling``."""

    home: Home
    echo: Echo
    taken: socket.socket | None = None
    crawling: bool = True
    now: Clock = utc_now
    access: "Access | None" = None
    opening: Callable[[Scheduler], Awaitable[None]] | None = None
    cluster: str | None = None  # the broker whose workers crawl
    ending: Callable[[], Awaitable[None]] | None = None  # awaited first of all when asked to stop

    def run(self) -> None:
        """Run until SIGINT or SIGTERM."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop.set)
        with open_workspace(self.home, self.now) as workspace:
            sources = workspace.sources.named([])
        log = open_log(self.home)
        try:
            async with self._web(stop), self._schedule(sources, stop):
                await self._until(stop)
                self._tell(current()("up.stopping"))
                if self.ending:
                    await self.ending()
        finally:
            close_log(log)

    async def _until(self, stop: asyncio.Event) -> None:
        """Wait for the end; meanwhile systemd, where it started this, knows that all is well."""
        notify("READY=1")
        alive = asyncio.create_task(keep_alive())
        await stop.wait()
        alive.cancel()
        notify("STOPPING=1")

    def _tell(self, line: str) -> None:
        self.echo(line)
        SERVICE.info(line)

    def _complain(self, line: str) -> None:
        self.echo(line)
        SERVICE.error(line)

    @contextlib.asynccontextmanager
    async def _web(self, stop: asyncio.Event) -> AsyncIterator[None]:
        if self.taken is None:
            yield
            return
        server = build_server(self.home, self.now, self.access)
        serving = asyncio.create_task(server.serve(sockets=[self.taken]))
        serving.add_done_callback(lambda _: stop.set())
        self._tell(address_line(self.taken, self.access, self.home))
        try:
            yield
        finally:
            server.should_exit = True
            await serving

    @contextlib.asynccontextmanager
    async def _schedule(self, sources: list[Source], stop: asyncio.Event) -> AsyncIterator[None]:
        """Keep the schedule meanwhile; where that breaks all ends with the error, as when the pages do."""
        if not self.crawling:
            yield
            return
        launcher = self._launcher()
        opened = asyncio.create_task(self._open(self.scheduler(sources, launcher)))
        opened.add_done_callback(lambda _: stop.set())
        try:
            yield
        finally:
            opened.cancel()
            await launcher.stop()
            with contextlib.suppress(asyncio.CancelledError):
                await opened

    def _launcher(self) -> Launcher:
        """What crawls are handed to: child processes here, or workers elsewhere."""
        if self.cluster is None:
            forget_status(self.home)
            return Launcher(self.home.path)
        from crawler.cluster.dispatch import ClusterLauncher

        launcher = ClusterLauncher(self.home.path, url=self.cluster, tell=self._complain)
        launcher.start()
        return launcher

    def scheduler(self, sources: list[Source], launcher: Launcher) -> Scheduler:
        """The scheduler, not yet begun; its complaints are errors in the log."""
        return Scheduler(self.home, sources, launcher, self.now, self._tell, complain=self._complain)

    async def _open(self, scheduler: Scheduler) -> None:
        if self.opening:
            await self.opening(scheduler)
        jobs = scheduler.build()
        jobs.start()
        try:
            await scheduler.keep_time(jobs)
        finally:
            jobs.shutdown(wait=False)
