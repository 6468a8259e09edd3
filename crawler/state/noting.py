"""Noting what a list named: headlines, addresses, further lists; of a long list the rest between pages."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from functools import partial

from archive.articles.headlines import announce
from archive.db import writing
from crawler.listings import Link
from crawler.listings.identity import another
from crawler.state import frontier, namings
from crawler.state.frontier import NamedLinks
from crawler.state.headlines import headlines
from crawler.state.messages import ListingRead
from crawler.state.run_log import RunLog
from crawler.state.turns import fresh_first
from crawler.workspace import Workspace

SLICE = 500  # new addresses noted, and announced in the archive, between two pages: a third of a second


def note(workspace: Workspace, log: RunLog, listing: ListingRead) -> list[Link]:
    """Note the headlines that are kept; then the new addresses, the further lists, and that the list was read.

    Each of the two is a transaction; killed in between, the list is read again. Of a long list what is fresh
    comes first, and the rest is left in the backlog of the run; only then the list was read.
    """
    db, key, now = workspace.pages, log.source.key, workspace.now()
    named = frontier.sort_out(db, key, listing.url, listing.articles, now, past=log.past)
    listing = replace(listing, left_out=dict(Counter(listing.left_out) + named.left_out))
    done = partial(_note_list, workspace, log, listing, now, whole=listing.empty or bool(named.left_out))
    new, (first, *rest) = len(named.new), slices(named, now)
    _announce(workspace, log, [*first.new, *first.changed])
    with writing(db):
        frontier.note_named(db, key, listing.url, first, now)
        further = _worth_reading(workspace, log, listing, new)
        frontier.await_lists(db, key, further, listing.kind, listing.depth + 1)
        if not rest:
            done()
    if rest:
        later = (partial(_note_slice, workspace, log, listing.url, part, now) for part in rest)
        log.backlog.extend((*later, done))
    log.list_read(listing.url, listing.items, new, empty=listing.empty)
    log.list_crowded(listing.url, sum(listing.left_out.values()))
    return further


def slices(named: NamedLinks, now: datetime) -> list[NamedLinks]:
    """What a list names in slices, at least one, to be noted one after the other; what is fresh comes first."""
    order = fresh_first(named.new, now)
    cut = [order[at : at + SLICE] for at in range(0, len(order), SLICE)] or [[]]
    parts = [NamedLinks([named.new[at] for at in part], [named.places[at] for at in part]) for part in cut]
    parts[0].changed, parts[0].said, parts[0].left_out = named.changed, named.said, named.left_out
    return parts


def _note_slice(workspace: Workspace, log: RunLog, found_in: str, part: NamedLinks, now: datetime) -> None:
    _announce(workspace, log, part.new)
    frontier.note_named(workspace.pages, log.source.key, found_in, part, now)


def _note_list(workspace: Workspace, log: RunLog, listing: ListingRead, now: datetime, *, whole: bool) -> None:
    """Note that a list was read.

    One that names no article or too many, or answers with another channel, is asked for ``whole`` again: «304,
    unchanged» would hide that it still is so. The title of the right channel is kept to compare with.
    """
    db, key = workspace.pages, log.source.key
    before = frontier.list_title(db, listing.url)
    if another(before, listing.title, log.source.name) and log.other_channel(
        listing.url, before, listing.title
    ):
        listing, whole = replace(listing, title=before), True
    if whole:
        listing = replace(listing, etag=None, last_modified=None)
    with writing(db):
        if not log.past:
            namings.note(db, log.source, listing, now)
        frontier.note_list(db, key, listing, now)


def _announce(workspace: Workspace, log: RunLog, links: list[Link]) -> None:
    """Keep the stories among the links that belong in the archive, before they are read."""
    now = workspace.now()
    if articles := list(headlines(links, log.source, workspace.context, now)):
        announce(workspace.archive, articles, now)


def _worth_reading(workspace: Workspace, log: RunLog, listing: ListingRead, new: int) -> list[Link]:
    """The page after a section page that named something new; the sitemaps of an index that changed."""
    if log.past:
        return list(listing.further) if listing.kind != "section" or log.goes_on(listing) else []
    if listing.kind == "section":
        return list(listing.further) if new else []
    pages, now = workspace.pages, workspace.now()
    return [link for link in listing.further if not frontier.read_since(pages, link, now)]
