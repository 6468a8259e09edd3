"""Who gets the editions of a digest: how each delivery went, and what comes next, at what hour, to whom."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database

from archive import schema
from archive.clock import moment, stamp
from archive.db import reading
from archive.desk.due import Upcoming, upcoming
from archive.digests.channels import Channel, kind_of, recipients, ways
from archive.digests.config import Alerts, Digest
from archive.home import Home
from archive.reasons import parse
from archive.web.request import PageRequest
from archive.web.views.desk.opened import configured


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """How one delivery of an edition stands; ``kind`` '' for a channel that alerts.yml has no more.

    ``to`` is whom it goes to by alerts.yml as it is now, for editors alone; ``why`` a stored reason.
    """

    channel: str
    kind: str
    state: str
    attempts: int
    sent_at: str | None
    next_at: str | None
    why: str
    to: str


@dataclass(frozen=True, slots=True)
class ComingEdition:
    """What comes next of a digest, with the ways it goes and, for editors, to whom."""

    coming: Upcoming
    ways: list[tuple[str, int]]
    to: list[str]

    @property
    def name(self) -> str:
        return self.coming.digest.name

    @property
    def slot(self) -> str | None:
        """The time as stored; None for an instant digest."""
        return stamp(self.coming.slot) if self.coming.slot else None

    @property
    def ends(self) -> datetime | None:
        """When the next one goes by itself though nobody approved it."""
        return self.coming.digest.review.ends(self.coming.slot) if self.coming.slot else None


async def known_alerts(req: PageRequest) -> Alerts:
    """The digests of alerts.yml; none in public and where there is no home."""
    home = req.site.home
    if req.public or home is None or not home.archive_db.exists():
        return Alerts({})

    def look() -> Alerts:
        with reading(home.archive_db) as archive:
            return configured(req.site, home, archive)

    return await asyncio.to_thread(look)


async def load_coming(req: PageRequest) -> list[ComingEdition]:
    """What comes next of every digest of alerts.yml; nothing in public and where there is no home."""
    home = req.site.home
    if req.public or home is None or not home.archive_db.exists():
        return []
    told = await asyncio.to_thread(_upcoming, req, home)
    return [ComingEdition(one, ways(one.digest.channels), _everyone(req, one.digest)) for one in told]


def _upcoming(req: PageRequest, home: Home) -> list[Upcoming]:
    with reading(home.archive_db) as archive:
        schema.prepare(archive.conn)
        alerts = configured(req.site, home, archive)
        if not home.desk_db.exists():
            return upcoming(archive, alerts, req.now)
        with reading(home.desk_db) as desk:
            return upcoming(archive, alerts, req.now, desk)


def _everyone(req: PageRequest, digest: Digest) -> list[str]:
    if not req.may("editor"):
        return []
    return [_shown(channel, to) for channel, to in recipients(digest.channels).values()]


def _shown(channel: Channel, to: str) -> str:
    """Whom or what a channel reaches: an address, a folder; never what may hold a token."""
    return to or str(getattr(channel, "path", "")) or kind_of(channel)


def load_deliveries(
    db: Database, digest_id: int, channels: Mapping[str, Channel], *, addresses: bool
) -> list[DeliveryRow]:
    """How each delivery of an edition stands, with the addresses of ``channels`` where they may be shown."""
    sql = """select channel, iif(state = 'retry' and last_error is null, 'sending', state), attempts,
        sent_at, next_at, coalesce(last_error, '') from deliveries
        where digest_id = ? order by length(channel), channel"""
    known = recipients(channels)
    rows = []
    for key, state, attempts, sent_at, next_at, why in db.execute(sql, [digest_id]):
        channel, to = known.get(key, (None, ""))
        kind = kind_of(channel) if channel else ""
        shown = _shown(channel, to) if channel and addresses else ""
        why = why if parse(why)[0] else ""  # what an older release kept is no sentence of ours
        rows.append(DeliveryRow(_name(key), kind, state, attempts, sent_at, next_at, why, shown))
    return rows


def _name(key: str) -> str:
    """The name of a delivery: everything after a scheme could name a recipient."""
    return key.partition(":")[0].partition("@")[0][:40]


def changed_since(req: PageRequest, made_at: str) -> str:
    """When alerts.yml was changed after an edition was made, as stored; '' if it was not."""
    own = req.site.home.path / "config" / "alerts.yml" if req.site.home else None
    if own is None or not own.exists():
        return ""
    changed = datetime.fromtimestamp(own.stat().st_mtime, UTC)
    return stamp(changed) if changed > moment(made_at) else ""
