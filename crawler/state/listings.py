"""The lists of a source in pages.db: their HTTP state, and which further ones are still to be read."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import writing
from crawler.listings import Link, Listing

SAME_DAY = timedelta(days=1)  # a lastmod without a time may mean any hour of its day


def conditions(db: Database, url: str) -> tuple[str | None, str | None]:
    """ETag and Last-Modified of the list when it was last read."""
    row = db.execute("select etag, last_modified from lists where url = ?", [url]).fetchone()
    return row or (None, None)


def note(
    db: Database,
    source: str,
    url: str,
    listing: Listing,
    etag: str | None,
    last_modified: str | None,
    now: datetime,
) -> None:
    """A list was read: nothing of it is waiting any more."""
    db.execute(
        """insert into lists (url, source, etag, last_modified, fetched_at, title, items)
           values (?, ?, ?, ?, ?, ?, ?)
           on conflict (url) do update set etag = excluded.etag, last_modified = excluded.last_modified,
               fetched_at = excluded.fetched_at, title = excluded.title, items = excluded.items,
               waiting = null""",
        [url, source, etag, last_modified, stamp(now), listing.title, len(listing.links)],
    )


def title(db: Database, url: str) -> str:
    """The title the list had when it was last read; empty when it had none."""
    row = db.execute("select title from lists where url = ?", [url]).fetchone()
    return (row[0] if row else None) or ""


def leave(db: Database, url: str) -> None:
    """A further list answered that there is nothing to read."""
    db.execute("update lists set waiting = null where url = ?", [url])


def await_lists(db: Database, source: str, links: Iterable[Link], kind: str, depth: int) -> None:
    """Note further lists before they are asked for, so that a kill does not lose them."""
    with writing(db):
        for link in links:
            db.execute(
                """insert into lists (url, source, waiting, depth) values (?, ?, ?, ?)
                   on conflict (url) do update set waiting = excluded.waiting, depth = excluded.depth""",
                [link.url, source, kind, depth],
            )


def waiting(db: Database, source: str, kind: str) -> list[tuple[str, int]]:
    """Address and depth of the further lists of a kind that an earlier run did not come to."""
    sql = "select url, depth from lists where source = ? and waiting = ? order by depth, url"
    return [(str(url), int(depth)) for url, depth in db.execute(sql, [source, kind])]


def read_since(db: Database, link: Link) -> bool:
    """Whether a list was read after its last change."""
    row = db.execute("select fetched_at from lists where url = ?", [link.url]).fetchone()
    return bool(row and row[0] and link.published_at and moment(row[0]) > link.published_at + SAME_DAY)
