"""The editions that are due: made with what was decided at the desk where they may go, else waiting."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from archive.db import writing
from archive.desk.approvals import finish, settle, window_name
from archive.desk.choices import load_choices
from archive.desk.edition import with_choices
from archive.digests import editions
from archive.digests.config import Alerts, Digest
from archive.digests.content import Content
from archive.digests.schedule import Window


@dataclass(frozen=True, slots=True)
class Waiting:
    """An edition that waits for an editor; ``ends``: when it goes by itself if nobody works on it."""

    digest: Digest
    edition: str
    ends: datetime | None


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
        with writing(archive):
            made += _make_due(archive, desk, digest, now)
        if desk:
            settle(archive, desk, digest)
    return made


def make_one(
    archive: Database, digest: Digest, now: datetime, desk: Database | None = None, edition: str = ""
) -> int | None:
    """The id of an edition of what is new: the one that is due, else one out of turn; None when nothing is new.

    ``edition`` names one of a day that was missed. Raises Unapproved for what must be approved first,
    ValueError for a key that is no date or lies ahead, Covered when later editions hold its time.
    """
    with writing(archive):
        if edition:
            made = _make_named(archive, desk, digest, edition, now)
        else:
            made = _make_due(archive, desk, digest, now) or _make_now(archive, desk, digest, now)
    if desk:
        settle(archive, desk, digest)
    return made[-1] if made else None


def _make_named(
    archive: Database, desk: Database | None, digest: Digest, edition: str, now: datetime
) -> list[int]:
    if desk:
        finish(archive, desk, digest, now)
    known = editions.find(archive, digest.name, edition)
    if known is not None:
        return [known]
    return _make_unreviewed(archive, desk, digest, editions.window_of(archive, digest, edition, now), now)


def _make_now(archive: Database, desk: Database | None, digest: Digest, now: datetime) -> list[int]:
    if editions.preview(archive, digest, now).empty:
        return []
    return _make_unreviewed(archive, desk, digest, editions.window_now(archive, digest, now), now)


def _make_unreviewed(
    archive: Database, desk: Database | None, digest: Digest, window: Window, now: datetime
) -> list[int]:
    if digest.review.kind != "none":
        raise Unapproved(digest)
    return [editions.make(archive, digest, window, now, decided(archive, desk, digest))]


def _make_due(archive: Database, desk: Database | None, digest: Digest, now: datetime) -> list[int]:
    made = finish(archive, desk, digest, now) if desk else []
    window = editions.due_window(archive, digest, now)
    if window and may_go(archive, desk, digest, window, now):
        made.append(editions.make(archive, digest, window, now, decided(archive, desk, digest)))
    return made


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


def decided(archive: Database, desk: Database | None, digest: Digest) -> Callable[[Content], Content] | None:
    """What the desk makes of an edition that goes by itself: all but what was left out, now or before."""
    if desk is None:
        return None
    choices = load_choices(desk, digest.name, window_name(archive, digest.name))
    return lambda content: with_choices(content, choices, everything=True)


def waiting(archive: Database, alerts: Alerts, now: datetime, desk: Database | None = None) -> list[Waiting]:
    """The editions whose slot has come and that wait for an editor; reads only."""
    found = []
    for digest in alerts.digests.values():
        window = editions.due_window(archive, digest, now)
        if window and not may_go(archive, desk, digest, window, now):
            ends = _ends(archive, desk, digest, now)
            found.append(Waiting(digest, window.edition, ends))
    return found
