"""The addresses and lists of a source in pages.db: which are due, what came of each; a kill loses none."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zlib import crc32

from sqlite_utils import Database

from archive.clock import horizon, lies_ahead, moment, stamp
from archive.db import writing
from archive.model import Outcome
from crawler.listings import Link, ListKind
from crawler.sources import Sources
from crawler.state.messages import Address, ListAddress, ListingRead
from crawler.state.outcomes import End, Policy, next_visit
from crawler.state.proofs import READ, note_text
from crawler.state.turns import ROOM, pattern_mark, turns, without_crowds
from pipelines.item import Hint

_UNSTORED = frozenset({Outcome.IRRELEVANT, Outcome.TOO_SHORT, Outcome.NOT_ARTICLE})
# only these may be answered 304
_CONDITIONAL = _UNSTORED | {Outcome.STORED, Outcome.REVISED, Outcome.UNCHANGED}
NOT_MODIFIED = 304
BATCH = 2000  # addresses looked up at once
WATCHED = timedelta(days=7)  # after it was found, what lists go on saying of an address is no longer compared
NOTED_EVERY = timedelta(minutes=30)  # that a list still names an address is written down no oftener
NOT_SOONER = timedelta(minutes=20)  # after a visit, because a list says something new
FEW_CHANGED = 4  # so many entries of a list may change at once, or half of them
MOST_CHANGES = 6  # things that one list may say of one address in turn
FAR_AHEAD = timedelta(days=1)  # a later date than so far ahead says nothing of when it was published
SAME_DAY = timedelta(days=1)  # a lastmod without a time may mean any hour of its day


@dataclass(frozen=True, slots=True)
class VisitEnd:
    """What came of one visit, and of what follows from it what the archive and the page know.

    ``article_id`` and ``text_sha256``: the article and text that the archive holds since, where one was read.
    ``relevant``: its article is kept and relevant; ``headline``: its story is unread; ``open``: see ``End``;
    ``article_url``: where its article is kept, if elsewhere; ``names_in``: where the province is named.
    """

    url: str
    outcome: Outcome
    reason: str = ""
    status: int | None = None
    size: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    relevant: bool = False
    headline: bool = False
    open: bool = False
    article_url: str = ""
    names_in: str = ""
    article_id: int | None = None
    text_sha256: str | None = None


@dataclass(slots=True)
class NamedLinks:
    """What a list names: addresses that are new, those of which it now says something else, and all others."""

    new: list[Link] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # of the new ones in their list
    changed: list[Link] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)  # by address, where it is to be written down
    left_out: Counter[str] = field(default_factory=Counter)  # by pattern, new ones that too many wait of


def sort_out(
    db: Database, source: str, found_in: str, links: Iterable[Link], now: datetime, *, past: bool = False
) -> NamedLinks:
    """Compare what a list names with what is known; reads only.

    A list of which most entries changed at once says nothing by that: it writes the time of day into them all.
    """
    named, young, rest = NamedLinks(), 0, iter(links)
    while batch := list(islice(rest, BATCH)):
        known = _known(db, [link.url for link in batch])
        for link in batch:
            if link.url not in known:
                named.new.append(link)
                continue
            found_at, seen_at, said = known[link.url]
            if found_at > stamp(now - WATCHED):
                young += 1
                _compare(named, link, found_in, said, seen_at < stamp(now - NOTED_EVERY))
    if len(named.changed) > max(FEW_CHANGED, young / 2):
        named.changed = []
    named.new, named.left_out = without_crowds(db, source, named.new, now, past=past)
    named.places = list(range(len(named.new)))
    return named


def _known(db: Database, urls: list[str]) -> dict[str, tuple[str, str, str]]:
    rows = db.execute(
        """select url, found_at, coalesce(named_at, found_at), said from addresses
           where url in (select value from json_each(?))""",
        [json.dumps(urls)],
    )
    return {url: (found_at, named_at, said) for url, found_at, named_at, said in rows}


def _compare(named: NamedLinks, link: Link, found_in: str, text: str, due: bool) -> None:
    """Whether a list says of an address what it never said before; each list is compared with itself."""
    said: dict[str, list[str]] = json.loads(text)
    marks = said.setdefault(_mark(found_in), [])
    mark = _words(link)
    if mark not in marks and len(marks) < MOST_CHANGES:
        if marks:
            named.changed.append(link)
        marks.append(mark)
        named.said[link.url] = json.dumps(said)
    elif due:
        named.said[link.url] = text


def _words(link: Link) -> str:
    return _mark(f"{link.title}\0{link.summary}\0{link.published_at}\0{link.changed_at}")


def _mark(text: str) -> str:
    return f"{crc32(text.encode(errors='replace')):x}"


def note_named(db: Database, source: str, found_in: str, named: NamedLinks, now: datetime) -> None:
    """Note new addresses, due at once; those of which a list says something new are due again soon."""
    at = stamp(now)
    with writing(db):
        db.conn.executemany(
            """insert into addresses (url, source, found_at, found_in, hint, published_at, next_at, named_at,
               named_in, said, place, pattern) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
               on conflict do nothing""",
            [_row(link, source, found_in, now, at) for at, link in zip(named.places, named.new, strict=True)],
        )
        db.conn.executemany(
            "update addresses set named_at = ?, named_in = ?, said = ? where url = ?",
            [(at, found_in, said, url) for url, said in named.said.items()],
        )
        for link in named.changed:
            _look_again(db, link, now)


def _row(link: Link, source: str, found_in: str, now: datetime, place: int) -> tuple[str | int | None, ...]:
    at, newest = stamp(now), link.newest_at
    published = stamp(newest) if newest and newest < now + FAR_AHEAD else None
    said = {_mark(found_in): [_words(link)]}
    hint = json.dumps(_hint(link), ensure_ascii=False)
    mark = pattern_mark(link.url)
    return link.url, source, at, found_in, hint, published, at, at, found_in, json.dumps(said), place, mark


def _look_again(db: Database, link: Link, now: datetime) -> None:
    """What a list says anew is the hint from now on; a page that was visited is due again, not too soon."""
    hint, ended_at, next_at = db.execute(
        "select hint, ended_at, next_at from addresses where url = ?", [link.url]
    ).fetchone()
    hint = json.dumps(json.loads(hint) | _hint(link), ensure_ascii=False)
    if ended_at:
        soon = stamp(max(now, moment(ended_at) + NOT_SOONER))
        next_at = min(next_at or soon, soon)
    db.execute("update addresses set hint = ?, next_at = ? where url = ?", [hint, next_at, link.url])


def add(db: Database, source: str, found_in: str, links: Iterable[Link], now: datetime) -> int:
    """Note what a list names; returns how many addresses are new."""
    with writing(db):
        named = sort_out(db, source, found_in, links, now)
        note_named(db, source, found_in, named, now)
    return len(named.new)


def hint_text(title: str, summary: str) -> str:
    """A hint of a title and a summary as it is kept."""
    return json.dumps(_hint(Link("", title, summary=summary)), ensure_ascii=False)


def _hint(link: Link) -> dict[str, str]:
    hint = {"title": link.title, "summary": link.summary}
    if link.published_at:
        hint["published_at"] = stamp(link.published_at)
    return {key: value for key, value in hint.items() if value}


def due(
    db: Database, source: str, now: datetime, room: int = ROOM, taken: Collection[str] = ()
) -> list[Address]:
    """The addresses of a source to visit now, in the order of ``turns``, as far as there is room for more."""
    first, rest = turns(db, source, now, room, taken)
    rows = db.execute(
        """select a.url, hint, etag, last_modified, wanted_at, tries
           from json_each(?) j join addresses a on a.url = j.value order by j.key""",
        [json.dumps([*first, *rest])],
    )
    return [
        Address(
            url,
            read_hint(hint),
            etag,
            modified,
            wanted=wanted is not None,
            first=place < len(first),
            tries=tries,
        )
        for place, (url, hint, etag, modified, wanted, tries) in enumerate(rows)
    ]


def believe_no_future(db: Database, source: str, now: datetime) -> None:
    """What a clock that was ahead left for a time of the future is due now."""
    given = {"source": source, "now": stamp(now), "limit": horizon(now)}
    newest = "select max(at) > :limit from (select at from visits order by id desc limit 100)"
    if db.execute(newest, given).fetchone()[0]:
        db.execute(
            """update addresses set next_at = :now where source = :source and next_at > :now
               and (ended_at > :limit or ended_at is null and found_at > :limit)""",
            given,
        )


def hint_of(db: Database, url: str) -> Hint:
    """What lists gave of an address; an empty hint for one that none named."""
    row = db.execute("select hint from addresses where url = ?", [url]).fetchone()
    return read_hint(row[0]) if row else Hint()


def read_hint(text: str) -> Hint:
    """A hint as it is kept."""
    hint: dict[str, Any] = json.loads(text)
    at = hint.get("published_at")
    return Hint(hint.get("title", ""), moment(at) if at else None, hint.get("summary", ""))


def end(db: Database, run_id: int, visit: VisitEnd, sources: Sources, now: datetime) -> None:
    """Write down what came of a visit and when the next one is due, in one transaction.

    «304, unchanged» of a page that was not stored leaves the address with the outcome it had.
    """
    with writing(db):
        history = _history(db, visit, now)
        wait = next_visit(history, policy(sources))
        etag, modified = (visit.etag, visit.last_modified) if history.outcome in _CONDITIONAL else (None, None)
        keeps = history.ever_stored or history.outcome in _CONDITIONAL
        db.execute(
            """update addresses set outcome = ?, reason = iif(?, reason, ?), next_at = ?, tries = ?,
               looks = looks + 1, etag = iif(?, coalesce(?, etag), null),
               last_modified = iif(?, coalesce(?, last_modified), null), ended_at = ? where url = ?""",
            [
                history.outcome, history.outcome is not visit.outcome, visit.reason,
                None if wait is None else stamp(now + wait), history.tries,
                keeps, etag, keeps, modified, stamp(now), visit.url,
            ],
        )  # fmt: skip
        db.execute(
            "insert into visits (run_id, url, at, outcome, reason, status, size) values (?, ?, ?, ?, ?, ?, ?)",
            [run_id, visit.url, stamp(now), visit.outcome, visit.reason, visit.status, visit.size],
        )
        _note_refusal(db, visit, now)
        settled = visit.outcome in READ or wait is None
        note_text(db, visit.url, visit.article_id, visit.text_sha256, settled=settled)


def _note_refusal(db: Database, visit: VisitEnd, now: datetime) -> None:
    """Since when an address that names the province is refused, or where its article is kept instead."""
    elsewhere = visit.article_url if visit.article_url != visit.url else ""
    db.execute(
        """update addresses set names_in = ?, refused_at = case when ? then coalesce(refused_at, ?) end,
           article_url = coalesce(?, article_url) where url = ?""",
        [visit.names_in or None, bool(visit.names_in), stamp(now), elsewhere or None, visit.url],
    )


def policy(sources: Sources) -> Policy:
    """What sources.yml decides of revisits."""
    return Policy(sources.revisit, sources.gone_after)


def is_last_visit(db: Database, visit: VisitEnd, sources: Sources, now: datetime) -> bool:
    """Whether no further visit follows from this one, which is not yet written down."""
    return next_visit(_history(db, visit, now), policy(sources)) is None


def was_visited(db: Database, url: str) -> bool:
    """Whether the address was visited before."""
    row = db.execute("select outcome from addresses where url = ?", [url]).fetchone()
    return bool(row and row[0])


def _history(db: Database, visit: VisitEnd, now: datetime) -> End:
    """The end of this visit with those before it."""
    row = db.execute(
        """select a.found_at, a.tries, a.outcome, a.published_at, coalesce(a.named_at, a.found_at),
           l.fetched_at, l.answered_at, a.lost_at
           from addresses a left join lists l on l.url = a.named_in where a.url = ?""",
        [visit.url],
    ).fetchone()
    found, tries, before, published, named, fetched, answered, lost_at = row or (
        stamp(now),
        0,
        None,
        None,
        stamp(now),
        None,
        None,
        None,
    )
    if fetched and answered and fetched <= named:  # the list said «304» since
        named = max(named, answered)
    stored_at = _stored_at(db, visit, now)
    unchanged = visit.outcome is Outcome.UNCHANGED and visit.status == NOT_MODIFIED
    stands = unchanged and stored_at is None and before in _UNSTORED
    outcome = Outcome(str(before)) if stands else visit.outcome
    return End(
        outcome,
        relevant=visit.relevant,
        ever_stored=stored_at is not None and not lost_at,
        headline=visit.headline,
        open=visit.open or stands,
        published_ago=now - moment(published or found),
        named_ago=now - moment(named),
        tries=tries + 1 if outcome == before else 1,
        age=now - (stored_at or moment(found)),
    )


def _stored_at(db: Database, visit: VisitEnd, now: datetime) -> datetime | None:
    """When its article was first stored; a backlog may be read long after it was found."""
    if visit.outcome is Outcome.STORED:
        return now
    sql = "select min(at) from visits where url = ? and outcome = ?"
    first = db.execute(sql, [visit.url, Outcome.STORED]).fetchone()[0]
    return moment(first) if first else None


def list_address(db: Database, url: str, kind: ListKind, depth: int = 1) -> ListAddress:
    """A list with its ETag and Last-Modified of when it was last read."""
    row = db.execute("select etag, last_modified from lists where url = ?", [url]).fetchone()
    return ListAddress(url, kind, depth, *(row or (None, None)))


def note_list(db: Database, source: str, listing: ListingRead, now: datetime) -> None:
    """A list was read: nothing of it is waiting any more."""
    db.execute(
        """insert into lists (url, source, etag, last_modified, fetched_at, answered_at, title, items, left_out)
           values (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8)
           on conflict (url) do update set etag = excluded.etag, last_modified = excluded.last_modified,
               fetched_at = excluded.fetched_at, answered_at = excluded.answered_at, title = excluded.title,
               items = excluded.items, left_out = excluded.left_out, waiting = null""",
        [
            listing.url, source, listing.etag, listing.last_modified, stamp(now), listing.title, listing.items,
            json.dumps(listing.left_out, ensure_ascii=False),
        ],
    )  # fmt: skip


def list_unchanged(db: Database, url: str, now: datetime) -> None:
    """A list answered «304»: it still names what it named."""
    db.execute("update lists set answered_at = ? where url = ?", [stamp(now), url])


def list_title(db: Database, url: str) -> str:
    """The title the list had when it was last read; empty when it had none."""
    row = db.execute("select title from lists where url = ?", [url]).fetchone()
    return (row[0] if row else None) or ""


def leave_list(db: Database, url: str) -> None:
    """A further list answered that there is nothing to read."""
    db.execute("update lists set waiting = null where url = ?", [url])


def await_lists(db: Database, source: str, links: Iterable[Link], kind: ListKind, depth: int) -> None:
    """Note further lists before they are asked for, so that a kill does not lose them."""
    with writing(db):
        for link in links:
            db.execute(
                """insert into lists (url, source, waiting, depth) values (?, ?, ?, ?)
                   on conflict (url) do update set waiting = excluded.waiting, depth = excluded.depth""",
                [link.url, source, kind, depth],
            )


def waiting_lists(db: Database, source: str, kind: ListKind) -> list[ListAddress]:
    """The further lists of a kind that an earlier run did not come to."""
    sql = "select url, depth from lists where source = ? and waiting = ? order by depth, url"
    return [list_address(db, url, kind, depth) for url, depth in db.execute(sql, [source, kind]).fetchall()]


def read_since(db: Database, link: Link, now: datetime) -> bool:
    """Whether a list was read after its last change; a reading of the future is not believed."""
    row = db.execute("select fetched_at from lists where url = ?", [link.url]).fetchone()
    if not (row and row[0] and link.changed_at) or lies_ahead(moment(row[0]), now):
        return False
    return moment(row[0]) > link.changed_at + SAME_DAY
