"""The editions that are due: made with what was decided at the desk where they may go, else waiting."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from archive.db import writing
from archive.desk.approvals import deciding, freeze, freeze_burst, window_name
from archive.digests import editions
from archive.digests.bursts import bursts
from archive.digests.config import Alerts, Digest
from archive.digests.schedule import Window


@dataclass(frozen=True, slots=True)
class Waiting:
    """An edition that waits for an editor; ``ends``: when it goes by itself if nobody works on it."""

    digest: Digest
    edition: str
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What comes next of a digest: what ``waits`` for approval, and the next ``slot``.

    ``slot`` None: an instant digest's, as soon as something matches.
    """

    digest: Digest
    slot: datetime | None
    waits: Waiting | None = None


class Unapproved(Exception):
    """The edition must be approved at the desk first; ``digest`` is its digest."""

    def __init__(self, digest: Digest) -> None:
        super().__init__(digest.name)
        self.digest = digest


def make_due(archive: Database, alerts: Alerts, now: datetime, desk: Database | None = None) -> list[int]:
    """The ids of all editions that were due by ``now`` and are made; call it every minute, or at any time.

    What was approved and not made comes first. What waits for approval is left alone. Without a ``desk`` every
    digest goes as it is, unless it must be approved.
    """
    made = []
    for digest in alerts.digests.values():
        with _deciding(archive, desk, digest, now) as finished:
            made += finished + _make_due(archive, desk, digest, now)
            made += _make_bursts(archive, desk, digest, now)
    return made


def _make_bursts(archive: Database, desk: Database | None, digest: Digest, now: datetime) -> list[int]:
    alerts = bursts(archive, digest, now)
    if desk is None:
        return [editions.insert(archive, digest, content, now) for content in alerts]
    return [freeze_burst(archive, desk, digest, content, now) for content in alerts]


@contextmanager
def _deciding(archive: Database, desk: Database | None, digest: Digest, now: datetime) -> Iterator[list[int]]:
    if desk is None:
        with writing(archive):
            yield []
    else:
        with deciding(archive, desk, digest, now) as finished:
            yield finished


def make_one(
    archive: Database, digest: Digest, now: datetime, desk: Database | None = None, edition: str = ""
) -> int | None:
    """The id of an edition of what is new: the one that is due, else one out of turn; None when nothing is new.

    ``edition`` names one of a day that was missed. Raises Unapproved for what must be approved first,
    ValueError for a key that is no date or lies ahead, Covered when later editions hold its time.
    """
    with _deciding(archive, desk, digest, now) as made:
        if edition:
            return _make_named(archive, desk, digest, edition, now)
        made = made or _make_due(archive, desk, digest, now)
        if made or editions.preview(archive, digest, now).empty:
            return made[-1] if made else None
        return _make_unreviewed(archive, desk, digest, editions.window_now(archive, digest, now), now)


def _make_named(archive: Database, desk: Database | None, digest: Digest, edition: str, now: datetime) -> int:
    known = editions.find(archive, digest.name, edition)
    if known is not None:
        return known
    return _make_unreviewed(archive, desk, digest, editions.window_of(archive, digest, edition, now), now)


def _make_unreviewed(
    archive: Database, desk: Database | None, digest: Digest, window: Window, now: datetime
) -> int:
    if digest.review.kind != "none":
        raise Unapproved(digest)
    return _make(archive, desk, digest, window, now)


def _make_due(archive: Database, desk: Database | None, digest: Digest, now: datetime) -> list[int]:
    window = editions.due_window(archive, digest, now)
    if window is None:
        return []
    with writing(desk) if desk else nullcontext():  # nobody decides anything between asking and freezing
        going = may_go(archive, desk, digest, window, now)
        return [_make(archive, desk, digest, window, now)] if going else []


def _make(archive: Database, desk: Database | None, digest: Digest, window: Window, now: datetime) -> int:
    window = editions.checked(archive, digest, window)
    return freeze(archive, desk, digest, window, now) if desk else editions.make(archive, digest, window, now)


def may_go(archive: Database, desk: Database | None, digest: Digest, window: Window, now: datetime) -> bool:
    """Whether an edition that is due goes by itself by now; always when it would be sent to nobody."""
    ends = _ends(archive, desk, digest, now)
    if ends and now >= ends:
        return True
    return digest.options.quiet == "skip" and editions.preview(archive, digest, now, window.covers_to).empty


def _ends(archive: Database, desk: Database | None, digest: Digest, now: datetime) -> datetime | None:
    """When the edition of the last slot goes by itself; None: not before it is approved."""
    if digest.review.kind == "none":
        return now
    slot = digest.schedule.latest(now)
    touched = desk and _touched(desk, digest, window_name(archive, digest.name))
    return digest.review.ends(slot) if slot and not touched else None


def _touched(desk: Database, digest: Digest, window: str) -> bool:
    """Whether anyone decided anything on a window."""
    sql = "select exists (select 1 from choices where digest = ? and window = ?)"
    return bool(desk.execute(sql, [digest.name, window]).fetchone()[0])


def waiting(archive: Database, alerts: Alerts, now: datetime, desk: Database | None = None) -> list[Waiting]:
    """The editions whose slot has come and that wait for an editor; reads only."""
    found = []
    for digest in alerts.digests.values():
        window = editions.due_window(archive, digest, now)
        if window and not may_go(archive, desk, digest, window, now):
            ends = _ends(archive, desk, digest, now)
            found.append(Waiting(digest, window.edition, ends))
    return found


def upcoming(archive: Database, alerts: Alerts, now: datetime, desk: Database | None = None) -> list[Upcoming]:
    """What comes next of every digest, in the order of the file; reads only."""
    waits = {one.digest.name: one for one in waiting(archive, alerts, now, desk)}
    return [
        Upcoming(digest, _next_slot(archive, digest, now), waits.get(digest.name))
        for digest in alerts.digests.values()
    ]


def _next_slot(archive: Database, digest: Digest, now: datetime) -> datetime | None:
    """The next slot whose edition has not been sent early."""
    slot = digest.schedule.following(now)
    while slot and editions.find(archive, digest.name, digest.schedule.key(slot)) is not None:
        slot = digest.schedule.following(slot)
    return slot
