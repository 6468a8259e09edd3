"""What one process works with: the home's databases, the config, and the desk that the stages consult."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlite_utils import Database

from archive.clock import Clock, utc_now
from archive.digests.rules import Alerts, load_alerts
from archive.home import Home
from archive.pages import open_pages
from archive.schema import open_archive
from archive.transaction import writing
from crawler.sources import Sources, load_sources
from pipelines.draft import Desk
from pipelines.workers import Readers, Recipe


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
    readers: Readers


@contextmanager
def open_shift(home: Home, now: Clock = utc_now) -> Iterator[Shift]:
    """Read the config, open both databases, and note the sources and topics in archive.db.

    Config is read before any file is written; raises ConfigError for what the user must mend.
    """
    sources = load_sources(home.config("sources.yml"))
    recipe = recipe_of(home, sources)
    desk = recipe.desk(now)
    alerts = load_alerts(home.config("alerts.yml"), places=desk.places, topics=desk.topics.topics)
    archive, pages = open_archive(home.archive_db), open_pages(home.pages_db)
    readers = Readers(recipe, desk)
    try:
        _note_config(archive, sources, desk)
        yield Shift(home, sources, alerts, replace(desk, db=archive), archive, pages, now, readers)
    finally:
        readers.close()
        archive.close()
        pages.close()


def recipe_of(home: Home, sources: Sources) -> Recipe:
    """What a desk of this home is made from."""
    return Recipe(home.config("places.yml"), home.config("topics.yml"), sources.families)


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
