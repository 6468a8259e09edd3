"""Whose turn it is: what is new and dated goes first, whatever else waits; a million waiting cost nothing.

Then come, side by side, what is new without a date, by its place in its list; visits that are due again;
and what is old. Each is read off an index and no further than there is room.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from zlib import crc32

from sqlite_utils import Database

from archive.clock import stamp
from crawler.listings import Link
from crawler.listings.patterns import MOST_OF_A_PATTERN, pattern_of

ROOM = 500  # addresses that are handed out at once
FRESH = timedelta(days=7)  # since it was published
MOST_OLD = 100_000  # addresses of old stories that may wait; more are for ``crawl --backfill``
HEAD = 60  # links at the head of a list that are taken where others of their pattern must wait
SHARES = (6, 3, 1)  # of ten turns: undated ones, visits again, old ones

_DUE = """select url from addresses where source = :source and next_at <= :now
    and url not in (select value from json_each(:taken))"""
_WANTED = f"{_DUE} and wanted_at is not null order by next_at"
_NEW = f"{_DUE} and outcome is null"
_FIRST = f"{_NEW} and published_at >= :fresh order by published_at desc"
_UNDATED = f"{_NEW} and published_at is null order by found_at desc, place"
_AGAIN = f"{_DUE} and outcome is not null order by next_at"
_OLD = f"{_NEW} and published_at < :fresh order by published_at desc"


def turns(
    db: Database, source: str, now: datetime, room: int = ROOM, taken: Collection[str] = ()
) -> tuple[list[str], list[str]]:
    """The addresses of a source to visit now, in order: those that go before all others, and the rest.

    ``taken`` are left out. What goes first is handed out beyond ``room`` too, up to ``ROOM``.
    """
    asked = {"source": source, "now": stamp(now), "fresh": stamp(now - FRESH), "taken": json.dumps([*taken])}

    def read(sql: str, most: int) -> list[str]:
        return [url for (url,) in db.execute(f"{sql} limit {most}", asked)]

    first = list(dict.fromkeys([*read(_WANTED, ROOM), *read(_FIRST, ROOM)]))
    left = room - len(first)
    rest = _shared(*(read(sql, left) for sql in (_UNDATED, _AGAIN, _OLD))) if left > 0 else iter(())
    known = set(first)
    return first, list(islice((url for url in rest if url not in known), max(left, 0)))


def _shared(*lines: list[str]) -> Iterator[str]:
    """The lines side by side by their shares, each in its order; one that has ended holds up none."""
    waiting = [iter(line) for line in lines]
    while True:
        took = [url for line, share in zip(waiting, SHARES, strict=True) for url in islice(line, share)]
        if not took:
            return
        yield from took


def without_crowds(
    db: Database, source: str, links: Iterable[Link], now: datetime, *, past: bool = False
) -> tuple[list[Link], Counter[str]]:
    """New links as far as there is room for them; by pattern, what is left out.

    There is room for so many old stories (``past``: any number, they are looked for), and for so many undated
    links of one pattern. Of those at the head of a list twice as many are taken, so that a crowd of yesterday
    keeps no news of today out.
    """
    taken: list[Link] = []
    left_out: Counter[str] = Counter()
    waiting: Counter[int] = Counter()
    old = -1
    for place, link in enumerate(links):
        if link.newest_at is not None and link.newest_at < now - FRESH:
            old = _old(db, source, now) if old < 0 else old
            if old >= MOST_OLD and not past:
                left_out[pattern_of(link.url)] += 1
                continue
            old += 1
        elif link.newest_at is None:
            mark = pattern_mark(link.url)
            if mark not in waiting:
                waiting[mark] = _waiting(db, source, mark)
            if waiting[mark] >= MOST_OF_A_PATTERN * (2 if place < HEAD else 1):
                left_out[pattern_of(link.url)] += 1
                continue
            waiting[mark] += 1
        taken.append(link)
    return taken, left_out


def fresh_first(links: list[Link], now: datetime) -> list[int]:
    """The places of links in their list, those published lately first, the newest before others."""
    ages = [now - link.newest_at if link.newest_at else FRESH for link in links]
    return sorted(range(len(links)), key=lambda at: min(ages[at], FRESH))


def pattern_mark(url: str) -> int:
    """The pattern of an address as it is kept with it."""
    return crc32(pattern_of(url).encode(errors="replace"))


def _waiting(db: Database, source: str, mark: int) -> int:
    sql = """select count(*) from (select 1 from addresses
             where source = ? and pattern = ? and outcome is null and published_at is null limit ?)"""
    count: int = db.execute(sql, [source, mark, 2 * MOST_OF_A_PATTERN]).fetchone()[0]
    return count


def _old(db: Database, source: str, now: datetime) -> int:
    sql = """select count(*) from (select 1 from addresses
             where source = ? and outcome is null and published_at < ? limit ?)"""
    count: int = db.execute(sql, [source, stamp(now - FRESH), MOST_OLD]).fetchone()[0]
    return count
