"""What a crawl must know and what it brings home: the verbs between a spider and whoever keeps the state.

The values that cross are plain (no database, no response), so that they can travel as messages as well.
"""

from dataclasses import dataclass, field
from typing import Protocol

from archive.model import Fetch, Outcome
from crawler.listings import Link, ListKind
from crawler.listings.backfill import Backfill
from pipelines.item import Hint, Item


@dataclass(frozen=True, slots=True)
class ListAddress:
    """A list to read, with what a conditional request needs; ``depth`` counts the lists that led to it."""

    url: str
    kind: ListKind
    depth: int = 1
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A page to visit; ``kept``: its article is in the archive, so it is read whatever it names.

    ``headline``: a list's words on it are, so it is read whole before it is called irrelevant.
    ``wanted``: someone asked to keep it, so it is not judged either. ``first``: it goes before others.
    ``tries``: visits in a row that ended as the last one did. ``alone``: it ended a process that read it.
    """

    url: str
    hint: Hint = field(default_factory=Hint)
    etag: str | None = None
    last_modified: str | None = None
    kept: bool = False
    headline: bool = False
    wanted: bool = False
    first: bool = False
    tries: int = 0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The answer to «what is due»: the number of the run, and what to fetch; nothing while a source rests.

    ``pages`` are no more than there is room for; the next ones are asked for by ``State.more``.
    """

    run: int
    lists: tuple[ListAddress, ...] = ()
    pages: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingRead:
    """A list was read, or was not: then ``problem`` says why, and ``status`` is 0 where nobody answered.

    ``articles`` are its links to articles of the source, ``items`` counts all its links, ``further`` are the
    lists it names that are worth reading; ``empty`` says that it answered well and names nothing; ``left_out``
    counts by pattern the links that were too many.
    """

    run: int
    url: str
    kind: ListKind = "feed"
    depth: int = 1
    status: int = 0
    problem: str = ""
    title: str = ""
    items: int = 0
    articles: tuple[Link, ...] = ()
    further: tuple[Link, ...] = ()
    empty: bool = False
    left_out: dict[str, int] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class PageEnded:
    """A page came to its end; ``outcome`` is None for one that was read to its end and is to be stored.

    ``item`` is the page as it was read, None where nothing was; its raw page is left out where not needed.
    ``open`` says that what it holds may still come to name the province. ``fetches``: how its pages came, where
    that may have to be kept.
    """

    run: int
    url: str
    outcome: Outcome | None
    reason: str = ""
    item: Item | None = None
    open: bool = False
    status: int | None = None
    size: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    fetches: tuple[Fetch, ...] = ()


class StateLost(Exception):
    """What a crawl brought could not be written down; ``reason``: why, as stored. What is left stays due."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.reason = why


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run is over; ``status`` and ``retry_after`` are those of an answer that asked for rest.

    ``fault`` is the reason of the first fault of ours, '' for none; ``clocks``: how many seconds the clock of
    each host is ahead of ours.
    """

    run: int
    reason: str
    status: int = 0
    retry_after: str | None = None
    fault: str = ""
    clocks: dict[str, int] = field(default_factory=dict)


class State(Protocol):
    """Whoever keeps the state of the sources; every verb may raise StateLost."""

    def due(self, source: str, backfill: Backfill | None = None) -> Due:
        """Begin a run: the lists and the pages of a source to fetch now."""

    def begun(self, run: int, url: str) -> None:
        """The reading of a list or page begins; what it comes to is told by one of the next two."""

    def listing_read(self, listing: ListingRead) -> Due:
        """Note what a list named; the further lists and the pages to fetch because of it."""

    def more(self, run: int) -> Due:
        """The next pages to fetch in a run; none once all that is due was handed out."""

    def page_ended(self, page: PageEnded) -> None:
        """Store what was read, and note the end of the visit."""

    def run_ended(self, run: RunEnded) -> None:
        """Close the run that ``due`` began."""
