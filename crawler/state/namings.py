"""Which lists named each address: lists that rolled over between two readings, and the coverage of a week."""

import json
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import writing
from archive.health.coverage import Coverage, Rolled, save
from crawler.sources import Source
from crawler.state.messages import ListingRead

KEPT = timedelta(days=16)  # namings that are older and no longer on their list are forgotten
WEEK = timedelta(days=7)
SETTLED = timedelta(hours=6)  # a list may be so much slower than another to name the same story
FEW = 5  # a list of fewer articles says nothing by holding none of those before
PAUSE = 3  # times the usual time between two readings; after a longer pause any list may have rolled over
SHORTEST_PAUSE = timedelta(hours=1)

_WEEK = """
    select n.url, max(l.kind = 'feed'), max(l.kind != 'feed')
    from lists l join named n on n.list = l.url join addresses a on a.url = n.url
    where l.source = :source and a.found_at > :since and a.found_at <= :until
      and (a.published_at >= :since or a.published_at is null and not exists (
           select 1 from lists f where f.url = a.found_in and f.first_at >= a.found_at))
    group by n.url
"""


def note(db: Database, source: Source, listing: ListingRead, now: datetime) -> None:
    """Write down what a list named; to be called before the list is noted as read.

    Of sitemaps, which may name a month or all, what is dated before the time that namings are kept is left out.
    """
    whole, oldest = listing.kind != "sitemap", now - KEPT
    urls = [
        link.url
        for link in listing.articles
        if whole or link.published_at is None or link.published_at >= oldest
    ]
    with writing(db):
        gap = _rolled_over(db, source, listing, urls, now)
        db.execute(
            """insert into lists (url, source, kind, first_at) values (?, ?, ?, ?) on conflict (url) do
               update set kind = excluded.kind, first_at = coalesce(lists.first_at, excluded.first_at)""",
            [listing.url, source.key, listing.kind, stamp(now)],
        )
        if gap is not None:
            db.execute(
                "update lists set rolled_at = ?, rolled_after = ? where url = ?",
                [stamp(now), int(gap.total_seconds()), listing.url],
            )
        db.conn.executemany(
            "insert into named (list, url, first_at) values (?, ?, ?) on conflict do nothing",
            [(listing.url, url, stamp(now)) for url in urls],
        )
        db.execute(
            """delete from named where list = ? and first_at < ?
               and url not in (select value from json_each(?))""",
            [listing.url, stamp(now - KEPT), json.dumps(urls)],
        )


def _rolled_over(
    db: Database, source: Source, listing: ListingRead, urls: list[str], now: datetime
) -> timedelta | None:
    """How long ago a list was read that has nothing left of that reading; None while it overlaps.

    Sitemaps do not roll over within hours, and of a section the next page is read while something is new.
    """
    if listing.kind == "sitemap" or listing.depth > 1 or listing.further or len(urls) < FEW:
        return None
    before = db.execute(
        """select fetched_at from lists where url = ? and fetched_at is not null
           and exists (select 1 from named where list = lists.url)
           and not exists (select 1 from named where list = lists.url
                           and url in (select value from json_each(?)))""",
        [listing.url, json.dumps(urls)],
    ).fetchone()
    gap = now - moment(before[0]) if before else None
    return gap if gap is not None and gap <= max(source.every * PAUSE, SHORTEST_PAUSE) else None


def sum_up(pages: Database, archive: Database, source: str, now: datetime) -> None:
    """Write the coverage of the last week into the archive, where pages and editions read it."""
    since = _since(pages, source, now)
    if since is None:
        return
    until = now - SETTLED
    rows = pages.execute(_WEEK, {"source": source, "since": stamp(since), "until": stamp(until)}).fetchall()
    kinds = {kind == "feed" for (kind,) in _kinds(pages, source)}
    stored = archive.execute(
        "select url from articles where source = ? and first_seen_at >= ?", [source, stamp(since)]
    )
    coverage = Coverage(
        since_at=stamp(since),
        until_at=stamp(until),
        feeds=sum(feed for _, feed, _ in rows) if True in kinds else None,
        others=sum(other for _, _, other in rows) if False in kinds else None,
        both=sum(feed and other for _, feed, other in rows),
        named=len(rows),
        kept=len({url for url, _, _ in rows} & {url for (url,) in stored}),
        rolled=_rolled(pages, source, now),
    )
    save(archive, source, coverage)


def _kinds(pages: Database, source: str) -> list[tuple[str]]:
    sql = "select distinct kind from lists where source = ? and kind is not null"
    rows: list[tuple[str]] = pages.execute(sql, [source]).fetchall()
    return rows


def _since(pages: Database, source: str, now: datetime) -> datetime | None:
    """A week ago, or since when lists of every kind that the source has are written down; None: since never."""
    rows = pages.execute(
        """select min(first_at) from lists where source = ? and first_at is not null
           group by kind = 'feed'""",
        [source],
    ).fetchall()
    return max(now - WEEK, *(moment(at) for (at,) in rows)) if rows else None


def _rolled(pages: Database, source: str, now: datetime) -> list[Rolled]:
    """The lists that rolled over within the week, those first that did at their newest reading."""
    rows = pages.execute(
        """select url, items, rolled_after, rolled_at = fetched_at from lists
           where source = ? and rolled_at >= ? order by 4 desc, url""",
        [source, stamp(now - WEEK)],
    )
    return [Rolled(url, items or 0, after or 0, bool(last)) for url, items, after, last in rows]
