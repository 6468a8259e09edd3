"""Keeper and workers as processes of their own, as users run them; ended by the test that starts them."""

import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.commands import Copy

PATIENCE = 90.0  # seconds


def started(log: Path, *words: str) -> Copy:
    """A command of ours in the background; what it says goes to a file."""
    with log.open("ab") as out:
        return Copy(*words, stdout=out, stderr=out)


def start_worker(folder: Path, url: str, *words: str) -> Copy:
    number = len(list(folder.glob("worker-*.log")))
    return started(folder / f"worker-{number}.log", "--lang", "en", "worker", url, *words)


def start_keeper(folder: Path, url: str, home: Path) -> Copy:
    return started(folder / "keeper.log", "--home", str(home), "keeper", url)


@contextmanager
def cluster(folder: Path, url: str, home: Path, workers: int = 1) -> Iterator[list[Copy]]:
    """A keeper and some workers; asked to stop at the end, as by Ctrl-C."""
    processes = [start_keeper(folder, url, home), *(start_worker(folder, url) for _ in range(workers))]
    try:
        yield processes
    finally:
        for process in reversed(processes):
            stop(process)


def stop(process: Copy) -> int:
    """Ctrl-C; then, where that takes too long, kill -9 of it and its children."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def wait_until(reached: Callable[[], object], what: str) -> None:
    """Wait for something that comes in its own time."""
    until = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def runs_that_differ(home: Path) -> list[int]:
    """The runs that ended and whose outcomes are not their visits."""
    visits: dict[int, dict[str, int]] = {}
    with closing(sqlite3.connect(home / "pages.db")) as pages:
        for run, outcome, count in pages.execute("select run_id, outcome, count(*) from visits group by 1, 2"):
            visits.setdefault(run, {})[outcome] = count
    with closing(sqlite3.connect(home / "archive.db")) as archive:
        runs = archive.execute("select id, outcomes from runs where state <> 'running'").fetchall()
    return [run for run, outcomes in runs if json.loads(outcomes) != visits.get(run, {})]
