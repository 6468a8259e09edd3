"""Work in parts, each in a fork of this process, and the tally of what came of it.

A part whose process ends before its time is done again without the page at which it stood, which is a fault.
"""

import faulthandler
import gc
import multiprocessing
import os
import resource
import signal
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import msgspec
from tabulate import tabulate

from archive.workers import end_with
from pipelines.pool import GARBAGE
from pipelines.stages import fault
from pipelines.time_limit import time_limit

SLOW = 2.0  # seconds of the processor: a tenth of what a page may take
PATIENCE = 30.0  # seconds of the processor after which the kernel ends the process, as in a crawl
LATE = 900.0  # seconds on the clock: a machine that does other things too accuses no page
Forks = multiprocessing.get_context("fork")


@dataclass(slots=True)
class Tally:
    """What came of it all; ``faults`` are counted by kind, ``examples`` holds the first of each."""

    part: int = 0
    seconds: float = 0.0
    memory: int = 0  # MB
    ends: dict[str, int] = field(default_factory=dict)
    slowest: list[tuple[float, str, int]] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def tried(self, work: Callable[[], list[str]], what: str, size: int) -> None:
        """Do one thing, timed; it gives its end and its faults, and an error is one too."""
        start = time.thread_time()
        try:
            with time_limit(LATE):
                end, *faults = work()
        except Exception as error:  # noqa: BLE001 - what the bench looks for
            end, faults = "error", [f"error: {fault(error)}"]
        seconds = time.thread_time() - start
        if seconds > SLOW:
            faults.append(f"slow: more than {SLOW:g} s")
        for kind in dict.fromkeys(faults):
            self.faults[kind] = self.faults.get(kind, 0) + 1
            self.examples.setdefault(kind, what)
        self.ends[end] = self.ends.get(end, 0) + 1
        self.seconds += seconds
        self.slowest = sorted([*self.slowest, (seconds, what, size)], reverse=True)[:3]

    def join(self, other: "Tally") -> None:
        self.ends = Counter(self.ends) + Counter(other.ends)
        self.faults = Counter(self.faults) + Counter(other.faults)
        self.seconds += other.seconds
        self.memory = max(self.memory, other.memory)
        self.slowest = sorted([*self.slowest, *other.slowest], reverse=True)[:3]
        self.examples = other.examples | self.examples

    def report(self) -> str:
        """One table of it."""
        ends, faults = Counter(self.ends), Counter(self.faults)
        count = ends.total()
        each = f"{count:,}, {1000 * self.seconds / max(count, 1):.1f} ms of the processor each"
        slow = "; ".join(f"{seconds:.2f} s ({name}, {size:,} bytes)" for seconds, name, size in self.slowest)
        rows = [
            ("read", each),
            ("ends", ", ".join(f"{count:,} {end}" for end, count in ends.most_common())),
            ("slowest", slow),
            ("most memory", f"{self.memory} MB"),
            ("faults", faults.total()),
        ]
        rows += [("", f"{n} x {kind} ({self.examples[kind]})") for kind, n in faults.most_common(40)]
        return tabulate(rows, tablefmt="plain")


Note = Callable[[int], None]  # told before each page which one it is
Work = Callable[[int, set[int], Note], Tally]  # a part, and the pages to leave out


@dataclass(slots=True)
class Forked:
    """Parts that are worked on in so many processes; ``file`` keeps a line for each that is done."""

    work: Work
    file: Path
    workers: int
    patience: float = PATIENCE
    left_out: dict[int, set[int]] = field(default_factory=dict)
    running: dict[int, tuple[int, ForkProcess, Any]] = field(default_factory=dict)

    def run(self, parts: list[int], until: float = float("inf")) -> None:
        """Do the parts that the file does not hold, beginning none after ``until``."""
        done = {tally.part for tally in kept(self.file)}
        waiting = deque(part for part in parts if part not in done)
        while self.running or (waiting and time.monotonic() < until):
            while waiting and len(self.running) < self.workers and time.monotonic() < until:
                self._begin(waiting.popleft())
            for sentinel in wait(list(self.running)):
                part, process, at = self.running.pop(sentinel)  # type: ignore[arg-type]
                process.join()
                if process.exitcode:
                    self._lost(part, at.value, process.exitcode)
                    waiting.appendleft(part)

    def _begin(self, part: int) -> None:
        at = Forks.Value("q", 0, lock=False)
        process = Forks.Process(target=self._child, args=(part, at, os.getpid()), daemon=True)
        process.start()
        self.running[process.sentinel] = part, process, at

    def _child(self, part: int, at: Any, parent: int) -> None:
        end_with(parent)
        gc.freeze()
        gc.set_threshold(GARBAGE)
        faulthandler.register(signal.SIGVTALRM, all_threads=False, chain=True)  # says where it stood, and dies
        tally = self.work(part, self.left_out.get(part, set()), partial(self._note, at))
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        tally.part, tally.memory = part, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        keep(self.file, tally)

    def _note(self, at: Any, number: int) -> None:
        """In a part: this page comes next."""
        at.value = number
        signal.setitimer(signal.ITIMER_VIRTUAL, self.patience)

    def _lost(self, part: int, number: int, code: int) -> None:
        """Note what ended a process; a part that ends at a page that it leaves out has another fault."""
        left_out = self.left_out.setdefault(part, set())
        if number in left_out:
            raise RuntimeError(f"part {part} ends with {code} before page {number}: run it alone to see why")
        left_out.add(number)
        kind = f"lost: the process ended with {code}"
        keep(self.file, Tally(-1, ends={"lost": 1}, faults={kind: 1}, examples={kind: str(number)}))


def keep(file: Path, tally: Tally) -> None:
    with file.open("ab", buffering=0) as lines:
        lines.write(msgspec.json.encode(tally) + b"\n")


def kept(file: Path) -> list[Tally]:
    """The tallies of a file; a line that was broken off is none."""
    lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
    return [msgspec.json.decode(line, type=Tally) for line in lines if line.endswith(b"\n")]
