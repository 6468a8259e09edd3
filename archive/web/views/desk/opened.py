"""The desk opened for one request: its databases, its digest, and the open window, collected once a drawing."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

from datasette.utils.asgi import NotFound
from sqlite_utils import Database

from archive import schema
from archive.clock import moment, stamp
from archive.config import ConfigError
from archive.db import reading
from archive.desk.approvals import open_window, window_name
from archive.desk.db import open_desk
from archive.desk.edition import stories
from archive.digests.config import Alerts, Digest, load_alerts
from archive.digests.content import Content
from archive.home import Home
from archive.revisions.changes import Change, from_json
from archive.web.request import PageRequest, ServedArchive
from archive.web.views.lists import ArticleLine, lines_of, placeholders

T = TypeVar("T")
_MOST_DRAWN = 4  # drawings of the page whose content is remembered


class NoDigest(NotFound):  # type: ignore[misc]
    """There is no desk, as there is no digest, or none of that name."""


class Drawn(NamedTuple):
    """The open window as one drawing of the page shows it, with the lines of its articles and their edits."""

    content: Content
    lines: dict[int, ArticleLine]
    edits: dict[int, list[Change]]


_ALERTS: dict[Path, tuple[object, Alerts]] = {}  # as last read, and of what state of the file
_DRAWN: "OrderedDict[tuple[str, ...], Drawn]" = OrderedDict()


@dataclass(frozen=True, slots=True)
class OpenedDesk:
    """Both databases, and the digest that the request names; ``window`` is where the open window begins."""

    req: PageRequest
    home: Home
    archive: Database
    desk: Database
    alerts: Alerts
    digest: Digest
    window: str

    def until(self, text: str) -> datetime:
        """Where a drawing of the page ended; now where the text names no time before."""
        try:
            return min(moment(text), self.req.now)
        except (ValueError, OverflowError):
            return self.req.now

    def drawn(self, until: datetime) -> Drawn:
        """The open window up to a time; remembered, so that saving one story collects nothing anew."""
        key = (str(self.home.path), self.digest.name, self.window, stamp(until))
        drawn = _DRAWN.get(key) or self._draw(until)
        _DRAWN[key] = drawn
        while len(_DRAWN) > _MOST_DRAWN:
            _DRAWN.popitem(last=False)
        return drawn

    def forget(self) -> None:
        """Collect anew for the next page: the window holds something else now."""
        _DRAWN.clear()

    def collected(self, until: datetime) -> Content:
        """The content of the open window up to a time, before anything was decided."""
        return open_window(self.archive, self.digest, self.desk, self.req.now, until).content

    def _draw(self, until: datetime) -> Drawn:
        content = self.collected(until)
        ids = [one.article_id for story in stories(content) for one in story.appearances]
        return Drawn(content, lines_of(self.archive, ids), _edits(self.archive, ids))


async def at_desk(req: PageRequest, work: Callable[[OpenedDesk], T], *, name: str = "") -> T:
    """What the work gives, done in a thread of its own; NotFound where there is no desk or no such digest."""
    home = req.site.home
    if home is None or not home.archive_db.exists():
        raise NoDigest("no desk without a home")

    def run() -> T:
        with opened(req, home, name) as desk:
            return work(desk)

    return await asyncio.to_thread(run)


@contextmanager
def opened(req: PageRequest, home: Home, name: str) -> Iterator[OpenedDesk]:
    """The desk of one digest: the one named, else the first."""
    with reading(home.archive_db) as archive, closing(open_desk(home.desk_db)) as desk:
        schema.prepare(archive.conn)
        alerts = configured(req.site, home, archive)
        digest = alerts.digests.get(name) if name else _first(alerts)
        if digest is None:
            raise NoDigest(f"no digest {name[:80]}")
        yield OpenedDesk(req, home, archive, desk, alerts, digest, window_name(archive, digest.name))


def _first(alerts: Alerts) -> Digest | None:
    """The first digest that waits for a person, else the first of all."""
    digests = list(alerts.digests.values())
    return next((one for one in digests if one.review.kind != "none"), next(iter(digests), None))


def configured(site: ServedArchive, home: Home, archive: Database) -> Alerts:
    """The digests as alerts.yml has them now; none where it cannot be read."""
    path = home.config("alerts.yml")
    state = path.stat()
    topics = tuple(row[0] for row in archive.execute("select key from topics order by key"))
    key = (path, state.st_mtime_ns, state.st_size, topics)
    if _ALERTS.get(path, (None,))[0] != key:
        try:
            _ALERTS[path] = key, load_alerts(path, places=site.places, topics=topics, lexicon=site.lexicon)
        except ConfigError:
            _ALERTS[path] = key, Alerts({})
    return _ALERTS[path][1]


def _edits(db: Database, ids: list[int]) -> dict[int, list[Change]]:
    """The differences of the newest edit of each article that has one."""
    sql = f"""select article_id, changes from versions
        where kind = 'edit' and article_id in ({placeholders(ids)}) order by id"""
    return {article_id: from_json(changes) for article_id, changes in db.execute(sql, ids)}
