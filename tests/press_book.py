"""A book of runs to judge sources by: made-up runs of one source, each as the crawler would have written it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlite_utils import Database

from archive.clock import stamp
from archive.db import sort_at
from archive.health import SourceHealth, report
from archive.health.clock import newest_stored
from archive.i18n import Words

NOW = datetime(2026, 11, 4, 5, 0, tzinfo=UTC)  # Wednesday, 12:00 in Hà Nội
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://baomau.vn/rss"


def source(db: Database, key: str, state: str = "live", **expect: Any) -> None:
    """Configure a source, with what it is expected to yield."""
    row = {"key": key, "name": f"Báo {key}", "state": state, "expect": json.dumps(expect)}
    db.table("sources").insert(row)


def run(
    db: Database,
    state: str = "done",
    reason: str = "",
    key: str = "baomau",
    at: datetime = NOW - HOUR,
    **told: dict[str, Any],
) -> None:
    """A run that ended, with its ``outcomes``, ``lists`` and ``notes``."""
    db.table("runs").insert(
        {
            "source": key,
            "started_at": stamp(at),
            "finished_at": None if state == "running" else stamp(at),
            "state": state,
            "reason": reason,
            **{name: json.dumps(told.get(name, {})) for name in ("outcomes", "lists", "notes")},
        }
    )


def read(db: Database, pages: int, at: datetime = NOW - HOUR, **notes: Any) -> None:
    """A run that read so many pages for the first time; all were good but for what is told."""
    good = {"fresh": pages, "texts": pages, "articles": pages, "lengths": [2000] * min(pages, 25)}
    run(db, at=at, lists={"fetched": 1, "new": pages}, notes=good | notes)


def listed(db: Database, at: datetime, new: int) -> None:
    """A run that found so many new addresses in the lists."""
    run(db, at=at, lists={"fetched": 1, "new": new})


def articles(db: Database, *ages: timedelta, key: str = "baomau") -> None:
    """Articles first seen so long ago."""
    for age in ages:
        number = db.execute("select count(*) from articles").fetchone()[0]
        at = NOW - age
        db.table("articles").insert(
            {
                "sort": sort_at(at) + number,
                "url": f"https://baomau.vn/{number}",
                "source": key,
                "title": "Tin",
                "first_seen_at": stamp(at),
                "last_seen_at": stamp(at),
                "sha256": "",
            }
        )


def only(db: Database) -> SourceHealth:
    """The health of the only source."""
    (found,) = report(db, max(NOW, newest_stored(db) or NOW))
    return found


def said(db: Database) -> tuple[str, str]:
    """Its level and its sentence."""
    found = only(db)
    return found.level, Words("vi").reason(found.reason)


GREEN = ("green", "Bình thường.")
