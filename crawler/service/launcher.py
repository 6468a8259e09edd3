"""All work as child processes: a crash, leak or hang stays in its own process, with a time limit."""

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from archive.workers import own_environment, own_module

Kind = Literal["crawl", "unreachable", "add", "digest", "send", "remind", "keep", "backup"]

GRACE = 20.0  # seconds a child has to end after it was asked to
AT_ONCE = 2  # crawls that run together
# How many children of each kind run together; none waits for those of another kind
SLOTS: dict[Kind, int] = {
    "crawl": AT_ONCE,
    "unreachable": AT_ONCE,  # sources that did not answer last time: those that do never wait for them
    "add": 1,
    "digest": 1,
    "send": 2,
    "remind": 1,
    "keep": 1,
    "backup": 1,
}
HOLD = 30.0  # seconds that a crawl keeps its slot from others; most are over by then
BESIDE = 6  # crawls that go on longer, for 60 to 110 MB each
MOST_OUT, MOST_ERROR = 4_000_000, 64_000  # bytes kept of what a child says
LEFT_OPEN = 5.0  # seconds in which a child's pipes close that something else may still hold open
REFUSED = 2  # with which a command ends whose words or config are wrong
PARENT = "DIEMTIN_PARENT"
LINE = 300  # characters of a line that is toldfrom archive.workers import own_environment, own_module


@dataclass(frozen=True, slots=True)
class Finished:
    """How a child ended; ``timed_out`` when it had to be stopped."""

    code: int
    out: str
    error: str
    timed_out: bool = False

    @property
    def refused(self) -> bool:
        """Whether it did not begin, for what the user has to mend first; that is what it said."""
        return self.code == REFUSED and not self.out.strip()

    @property
    def why(self) -> str:
        """Why it failed, in a line: the signal that ended it, or the last that it said."""
        said = self.error.strip().splitlines()
        if self.code < 0:
            return _signal_name(-self.code)
        return said[-1][:LINE] if said else f"exit {self.code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@dataclass(slots=True)
class HeldSlot:
    """A slot held while inside; after ``HOLD`` seconds it is given on, where there is room ``beside``."""

    slot: asyncio.Semaphore
    beside: asyncio.Semaphore | None
    moving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        await self.slot.acquire()
        if self.beside is not None:
            self.moving = asyncio.create_task(self._move(self.beside))

    async def _move(self, beside: asyncio.Semaphore) -> None:
        await asyncio.sleep(HOLD)
        await beside.acquire()
        self.slot.release()
        self.slot = beside

    async def __aexit__(self, *_: object) -> None:
        if self.moving is not None:
            self.moving.cancel()
            await asyncio.wait({self.moving})
        self.slot.release()


@dataclass(slots=True)
class Launcher:
    """Runs ``diemtin`` commands as children; ``stop`` ends those that run and starts no more.

    Each kind of work has its own slots: twelve crawls of servers that hang hold up no edition and no backup.
    Nor do they hold up other crawls for long: one that takes longer than most goes on beside the slots.
    """

    home: Path
    running: set[asyncio.subprocess.Process] = field(default_factory=set)
    slots: dict[Kind, asyncio.Semaphore] = field(
        default_factory=lambda: {kind: asyncio.Semaphore(count) for kind, count in SLOTS.items()}
    )
    beside: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(BESIDE))
    stopping: bool = False
    asked: set[asyncio.subprocess.Process] = field(default_factory=set)

    async def run(self, *arguments: str, limit: float, kind: Kind = "crawl") -> Finished | None:
        """Run one command for at most ``limit`` seconds; None when stopping kept it from starting."""
        async with HeldSlot(self.slots[kind], self.beside if kind == "crawl" else None):
            if self.stopping:
                return None
            child = await asyncio.create_subprocess_exec(
                *own_module("crawler", "--home", self.home, *arguments),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
                env=own_environment(**{PARENT: str(os.getpid())}),
            )  # fmt: skip
            self.running.add(child)
            try:
                return await self._finish(child, limit)
            finally:
                if child.returncode is None:  # cancelled
                    await self._end(child)
                self.running.discard(child)
                self.asked.discard(child)
                _close_pipes(child)

    async def _finish(self, child: asyncio.subprocess.Process, limit: float) -> Finished:
        out, error = bytearray(), bytearray()
        reading = [_collect(child.stdout, out, MOST_OUT), _collect(child.stderr, error, MOST_ERROR)]
        talk = asyncio.gather(child.wait(), *reading)
        done, _ = await asyncio.wait({talk}, timeout=limit)
        if not done:
            await self._end(child)
            await asyncio.wait({talk}, timeout=LEFT_OPEN)
        if not talk.done():
            talk.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await talk
        return Finished(child.returncode or 0, _text(out), _text(error), timed_out=not done)

    async def stop(self) -> None:
        """Ask every child to end, wait, and kill what is still there."""
        self.stopping = True
        await asyncio.gather(*(self._end(child) for child in list(self.running)))

    async def _end(self, child: asyncio.subprocess.Process) -> None:
        """Interrupt a child, once: a second interrupt ends it at once."""
        if child not in self.asked:
            self.asked.add(child)
            await end(child)
        await child.wait()


def _close_pipes(child: asyncio.subprocess.Process) -> None:
    """Close its pipes, which something that it left behind may hold open; asyncio has no public way."""
    child._transport.close()  # type: ignore[attr-defined]


async def end(child: asyncio.subprocess.Process) -> None:
    """Interrupt a child; after the grace time kill it. What it started and left behind is killed too."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGINT)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(child.wait(), GRACE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.wait()


async def _collect(stream: asyncio.StreamReader | None, into: bytearray, most: int) -> None:
    """Read what a child says to its end and keep the last of it: one that floods must not fill the parent."""
    while stream and (said := await stream.read(65536)):
        into += said
        del into[:-most]


def _text(out: bytes | bytearray) -> str:
    return out.decode(errors="replace")  # a killed child may stop within a letter
