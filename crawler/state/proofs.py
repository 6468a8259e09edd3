"""What pages.db knows of the articles that archive.db should hold; those it lacks are visited whole."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from archive.articles.losses import held
from archive.clock import stamp
from archive.db import writing
from archive.model import Outcome
from archive.pages import newest_page
from crawler.downloads.whole import has_end
from crawler.state.outcomes import RETRIES
from pipelines.item import Item

READ = frozenset({Outcome.STORED, Outcome.REVISED, Outcome.UNCHANGED})
_ENDED = json.dumps(sorted([*READ, Outcome.GONE]))
_READ = json.dumps(sorted(READ))
BATCH = 500


@dataclass(frozen=True, slots=True)
class LastEnd:
    """How the last visit of an address ended, and the article that the archive held since.

    ``text_sha256`` is '' where an older release did not note it; ``ever_stored``: an article was read there.
    """

    url: str
    article_url: str
    source: str
    outcome: Outcome
    article_id: int | None
    text_sha256: str
    wanted: bool
    ever_stored: bool


_LAST_END = """select url, coalesce(article_url, url), source, outcome, article_id, coalesce(text_sha256, ''),
    wanted_at is not null,
    text_sha256 is not null or exists (select 1 from visits v where v.url = a.url and v.outcome = 'stored')
    from addresses a"""


def last_ends(db: Database) -> Iterator[LastEnd]:
    """Every address at which an article was read, or is gone, in batches that hold no reader open."""
    last = ""
    sql = f"{_LAST_END} where url > ? and outcome in (select value from json_each(?)) order by url limit ?"
    while rows := db.execute(sql, [last, _ENDED, BATCH]).fetchall():
        yield from map(_last_end, rows)
        last = rows[-1][0]


def last_end(db: Database, url: str) -> LastEnd | None:
    """The same of one address, where an article was read at its last visit."""
    sql = f"{_LAST_END} where url = ? and outcome in (select value from json_each(?))"
    row = db.execute(sql, [url, _READ]).fetchone()
    return _last_end(row) if row else None


def is_lacking(db: Database, archive: Database, url: str) -> bool:
    """Whether an article was read at an address that the archive does not hold."""
    end = last_end(db, url)
    return end is not None and not held(archive, end.article_url, end.text_sha256)


def _last_end(row: tuple[Any, ...]) -> LastEnd:
    url, article_url, source, outcome, id_, sha, wanted, stored = row
    return LastEnd(url, article_url, source, Outcome(outcome), id_, sha, bool(wanted), bool(stored))


def with_validators(db: Database, urls: list[str]) -> dict[str, tuple[str, str]]:
    """By address that was read: where its article is, and the text that its validators go with."""
    rows = db.execute(
        """select url, coalesce(article_url, url), coalesce(text_sha256, '') from addresses
           where url in (select value from json_each(?)) and (etag is not null or last_modified is not null)
           and outcome in (select value from json_each(?))""",
        [json.dumps(urls), _READ],
    )
    return {url: (article_url, sha) for url, article_url, sha in rows}


def look_whole(db: Database, url: str, now: datetime) -> None:
    """An article that the archive lacks is due at once, whatever its age, and asked for whole."""
    db.execute(
        """update addresses set next_at = ?1, etag = null, last_modified = null, tries = 0,
           lost_at = coalesce(lost_at, ?1) where url = ?2""",
        [stamp(now), url],
    )


def lost_here(db: Database, source: str) -> set[str]:
    """The addresses of a source whose articles the archive lost."""
    sql = "select url from addresses where source = ? and lost_at is not null"
    return {url for (url,) in db.execute(sql, [source])}


def lost(db: Database) -> dict[str, int]:
    """How many articles of each source the archive lost that have not come back."""
    sql = "select source, count(*) from addresses where lost_at is not null group by source"
    return dict(db.execute(sql).fetchall())


def known_id(db: Database, url: str) -> int | None:
    """The number that the archive gave the article of an address it has lost."""
    row = db.execute("select article_id from addresses where url = ? and lost_at is not null", [url]).fetchone()
    return row[0] if row else None


def forget_validators_of_lists(db: Database) -> None:
    """All lists are asked for whole once more."""
    db.execute("update lists set etag = null, last_modified = null")


def unread(db: Database, source: str) -> list[tuple[str, str, str]]:
    """Addresses of a source that no article was read at, though a list said more of them than the address.

    Each with the time it was found, and why it was not read.
    """
    rows = db.execute(
        """select url, found_at, reason from addresses where source = ? and hint <> '{}'
           and (outcome is null or outcome not in (select value from json_each(?))) order by found_at, url""",
        [source, _ENDED],
    )
    return rows.fetchall()


def add_known(db: Database, row: dict[str, Any]) -> int:
    """Add an address that the archive knows; 0 where it is known here too."""
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    done = db.execute(
        f"insert into addresses ({columns}) values ({marks}) on conflict do nothing", list(row.values())
    )
    return int(done.rowcount)


def note_text(
    db: Database, url: str, article_id: int | None, text_sha256: str | None, *, settled: bool
) -> None:
    """Note which article and text the archive holds after a visit; ``settled``: it is missing no longer."""
    with writing(db):
        db.execute(
            """update addresses set article_id = coalesce(?, article_id),
               text_sha256 = coalesce(?, text_sha256), lost_at = iif(?, null, lost_at) where url = ?""",
            [article_id, text_sha256, settled, url],
        )


def broke_off(db: Database, item: Item) -> bool:
    """Whether a page ends too early: its end is missing, and the newest that is kept of its address had one.

    One that comes so again and again is taken as it is: templates change.
    """
    if item.page is None or has_end(item.page.body):
        return False
    failed = "select 1 from addresses where url = ? and outcome = ? and tries >= ?"
    if db.execute(failed, [item.page.url, Outcome.FAILED, RETRIES]).fetchone():
        return False
    before = newest_page(db, item.page.url)
    return before is not None and has_end(before.body)
