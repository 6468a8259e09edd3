"""What was looked at and refused although the province is named, and the wish to keep it after all.

Read from pages.db beside the archive, which is never served.
"""

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.clock import stamp
from archive.config import ConfigError
from archive.db import reading, writing
from archive.i18n import current
from archive.model import Outcome
from archive.reasons import parse

REFUSING = frozenset(
    {
        Outcome.IRRELEVANT,
        Outcome.NOT_ARTICLE,
        Outcome.TOO_SHORT,
        Outcome.GONE,
        Outcome.ROBOTS,
        Outcome.BLOCKED,
        Outcome.FAILED,
    }
)
MANUAL = "manual"  # the source of addresses that were added by hand and are of no outlet in sources.yml
MANUAL_NAME = "Thêm tay"

_REFUSED = """
    select url, source, hint, outcome, reason, ended_at, names_in, coalesce(next_at <= wanted_at, 0)
    from addresses where refused_at > ? and refused_at <= ? order by refused_at desc, url
"""
_KEPT = "select url, id, unread from articles where url in (select value from json_each(?))"
_WANTED = """
    select url, source from addresses where wanted_at is not null and next_at <= ?
    and (source = ? or next_at <= wanted_at) order by wanted_at, url
"""


class BadAddress(ConfigError):
    """No address of a page that anyone may ask for; ``reason`` is the code of why."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(f"{address[:100]}: {current().reason(why)}")
        self.reason = why


@dataclass(frozen=True, slots=True)
class Refused:
    """An address whose newest visit ended without its text; ``title`` is what a list gave, '' for none.

    ``names_in`` is ``list`` or ``page``; ``waiting``: someone asked to keep it since; ``article_id``: its
    headline is in the archive.
    """

    url: str
    source: str
    title: str
    outcome: str
    reason: str
    at: str
    names_in: str
    waiting: bool = False
    article_id: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step that an article takes; ``ok`` is None where it says nothing for or against.

    ``outcome`` is what a visit or the stages came to.
    """

    name: str
    ok: bool | None
    reason: str
    outcome: str = ""

    @property
    def verdict(self) -> str:
        """What the step says in one word."""
        return self.outcome or parse(self.reason)[0]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an address is or is not in the archive: all steps in order, and the one that decides.

    ``article_id`` is the article of this address, or one that carries its text; ``untried``: it was never read.
    """

    url: str
    source: str
    decisive: Step
    steps: list[Step]
    article_id: int | None = None
    untried: bool = False

    @property
    def kept(self) -> bool:
        """Whether its text is in the archive."""
        return self.decisive.name == "archive" and bool(self.decisive.ok)


def refused(pages_db: Path, archive: Database, after: datetime, until: datetime) -> list[Refused]:
    """What was refused from one time to another and is not in the archive but as a headline, newest first."""
    return not_kept(archive, looked_at(pages_db, after, until))


def rejected_between(pages_db: Path, archive: Database, after: datetime, until: datetime) -> int:
    """How many addresses that name the province were refused, and are so still."""
    return len(refused(pages_db, archive, after, until))


def beside(archive: Database) -> Path:
    """Where pages.db is: beside the archive; nowhere for one in memory."""
    path = next(row[2] for row in archive.execute("pragma database_list") if row[1] == "main")
    return Path(path or "/dev/null").with_name("pages.db")


def looked_at(pages_db: Path, after: datetime, until: datetime) -> list[Refused]:
    """The same from pages.db alone; [] where there is none, or one of an older release."""
    return [
        Refused(url, source, json.loads(hint).get("title", ""), outcome, why, at, names_in, bool(waiting))
        for url, source, hint, outcome, why, at, names_in, waiting in _rows(
            pages_db, _REFUSED, [stamp(after), stamp(until)]
        )
    ]


def _rows(pages_db: Path, sql: str, values: list[str]) -> list[Any]:
    """The rows of a query; [] where there is no pages.db, or one being made or of an older release."""
    if not pages_db.exists():
        return []
    try:
        with reading(pages_db) as db:
            return list(db.execute(sql, values))
    except sqlite3.OperationalError:
        return []


def not_kept(archive: Database, some: list[Refused]) -> list[Refused]:
    """Those whose text is not in the archive."""
    rows = archive.execute(_KEPT, [json.dumps([one.url for one in some])])
    known = {url: (article_id, unread) for url, article_id, unread in rows}
    return [
        replace(one, article_id=known[one.url][0]) if one.url in known else one
        for one in some
        if one.url not in known or known[one.url][1]
    ]


def want(pages: Database, url: str, source: str, now: datetime) -> None:
    """Ask for an address to be read at once and kept whatever it says; who crawls next does it."""
    with writing(pages):
        pages.execute(
            """insert into addresses (url, source, found_at, next_at, wanted_at) values (?, ?, ?, ?, ?)
               on conflict (url) do update set next_at = excluded.next_at, wanted_at = excluded.wanted_at""",
            [url, source, stamp(now), stamp(now), stamp(now)],
        )


def has_addresses(pages_db: Path) -> bool:
    """Whether any address is known; False where pages.db is being made or of an older release."""
    return bool(_rows(pages_db, "select wanted_at from addresses limit 1", []))


def is_waiting(pages_db: Path, url: str) -> bool:
    """Whether someone asked to keep the address, and it was not read since."""
    return bool(_rows(pages_db, "select 1 from addresses where url = ? and next_at <= wanted_at", [url]))


def wanted(pages_db: Path, now: datetime) -> list[tuple[str, str]]:
    """Address and source of what someone wants and is due: all of no outlet, of the others the unread."""
    return [(str(url), str(source)) for url, source in _rows(pages_db, _WANTED, [stamp(now), MANUAL])]
