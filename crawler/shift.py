"""What one process works with: the home's databases, the config, and the desk that the stages consult."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlite_utils import Database

from archive.clock import Clock, utc_now
from archive.home import Home
from archive.pages import open_pages
from archive.places import load_places
from archive.rules import Alerts, load_alerts
from archive.schema import open_archive
from archive.transaction import writing
from crawler.sources import Sources, load_sources
from pipelines.draft import Desk
from pipelines.topics import load_topics


@dataclass(frozen=True, slots=True)
class Shift:
    """The opened home."""

    home: Home
    sources: Sources
    alerts: Alerts
    desk: Desk
    archive: Database
    pages: Database
    now: Clock


@contextmanager
def open_shift(home: Home, now: Clock = utc_now) -> Iterator[Shift]:
    """Read the config, open both databases, and note the sources and topics in archive.db.

    Config is read before any file is written; raises ConfigError for what the user must mend.
    """
    sources = load_sources(home.config("sources.yml"))
    desk = read_desk(home, sources, now)
    alerts = load_alerts(home.config("alerts.yml"), places=desk.places, topics=desk.topics.topics)
    archive, pages = open_archive(home.archive_db), open_pages(home.pages_db)
    try:
        _note_config(archive, sources, desk)
        yield Shift(home, sources, alerts, desk_with(desk, archive), archive, pages, now)
    finally:
        archive.close()
        pages.close()


def read_desk(home: Home, sources: Sources, now: Clock = utc_now) -> Desk:
    """The rules of the house, without an archive."""
    return Desk(
        places=load_places(home.config("places.yml")),
        topics=load_topics(home.config("topics.yml")),
        families=sources.families,
        now=now,
    )


def desk_with(desk: Desk, archive: Database) -> Desk:
    """The same desk with an archive to store into."""
    return Desk(desk.places, desk.topics, desk.families, archive, desk.now)


def _note_config(archive: Database, sources: Sources, desk: Desk) -> None:
    rows = [
        {
            "key": source.key,
            "name": source.name,
            "home": source.home,
            "kind": source.kind,
            "state": source.state,
            "every": int(source.every.total_seconds()),
            "expect": json.dumps(source.expect),
        }
        for source in sources.by_key.values()
    ]
    with writing(archive):
        archive.execute("update sources set state = 'removed'")
        archive.table("sources").upsert_all(rows, pk="key")
        archive.execute("delete from topics")
        archive.table("topics").insert_all(
            {"key": key, "name": topic.name, "query": topic.query, "weight": topic.weight}
            for key, topic in desk.topics.topics.items()
        )
