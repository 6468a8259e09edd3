"""How the crawls on several machines are doing, as the keeper last wrote it down (``cluster.json``)."""

from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from archive.backup.files import replace_private
from archive.clock import moment
from archive.health.runs import Alarm
from archive.home import Home
from archive.i18n import Words
from archive.reasons import reason

FILE = "cluster.json"
SILENT = timedelta(minutes=2)  # without a word of the keeper
AWAY = timedelta(seconds=60)  # without a sign of life of a worker
SLOW = 120.0  # seconds that what comes home waits


class WorkerStatus(msgspec.Struct, frozen=True):
    """What a worker says of itself; ``crawling`` are keys of sources, ``crawls`` and ``readers`` its places."""

    name: str
    at: str
    release: str = ""
    crawling: list[str] = msgspec.field(default_factory=list)
    reading: int = 0
    crawls: int = 0
    readers: int = 0

    def is_away(self, now: datetime) -> bool:
        """Whether it gave no sign of life for a while."""
        return moment(self.at) <= now - AWAY


class ClusterStatus(msgspec.Struct, frozen=True):
    """Workers and queues at a time; ``lag`` in seconds; ``stalls``: how often a worker had to wait.

    ``release`` is the keeper's own.
    """

    at: str
    broker: str = ""
    release: str = ""
    workers: list[WorkerStatus] = msgspec.field(default_factory=list)
    jobs: int = 0
    coming_home: int = 0
    unread: int = 0
    lag: float = 0.0
    stalls: int = 0
    kept: int = 0

    def present(self, now: datetime) -> list[WorkerStatus]:
        """The workers that gave a sign of life lately."""
        return [worker for worker in self.workers if not worker.is_away(now)]

    @property
    def crawling(self) -> int:
        """How many crawls are under way."""
        return sum(len(worker.crawling) for worker in self.workers)

    def other_release(self, worker: WorkerStatus) -> str:
        """The release of a worker that is not of the keeper's, else ''."""
        return worker.release if worker.release != self.release else ""


def write_status(home: Home, status: ClusterStatus) -> None:
    """Write down how the cluster is doing; a full disk is told elsewhere."""
    with suppress(OSError):
        replace_private(home.path / FILE, msgspec.json.encode(status))


def read_status(home: Home) -> ClusterStatus | None:
    """What was written last; None where no cluster is used, or that cannot be read."""
    try:
        return msgspec.json.decode((home.path / FILE).read_bytes(), type=ClusterStatus)
    except (OSError, msgspec.DecodeError):
        return None


def forget_status(home: Home) -> None:
    """From now on this machine crawls by itself."""
    with suppress(OSError):
        (home.path / FILE).unlink(missing_ok=True)


def queues_in_words(status: ClusterStatus, words: Words) -> str:
    """What waits, in a sentence."""
    counts = {"jobs": status.jobs, "coming": status.coming_home, "unread": status.unread}
    shown = {name: words.number(count) for name, count in counts.items()}
    return words("workers.queues", **shown, lag=words.number(round(status.lag, 1)))


def cluster(home: Home, now: datetime) -> Alarm:
    """Whether there is a keeper, a worker at least, and no jam; grey where no cluster is used."""
    status = read_status(home)
    if status is None:
        return Alarm("grey", reason("health_fine"))
    if moment(status.at) < now - SILENT:
        return Alarm("red", reason("health_no_keeper", at=status.at))
    here = status.present(now)
    if not here:
        return Alarm("red", reason("health_no_worker", broker=status.broker, jobs=status.jobs))
    if status.lag > SLOW:
        return Alarm("amber", reason("health_lag", seconds=round(status.lag), waiting=status.coming_home))
    told = {"n": len(here), "crawls": sum(len(worker.crawling) for worker in here), "jobs": status.jobs}
    return Alarm("green", reason("health_workers", **told))
