"""What is kept of one article, in the order it was seen: its versions, its states, and how each page came."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import reading
from archive.model import Fetch
from archive.pages import RawPage, load

Origin = Literal[
    "fetched",  # this machine fetched it, and kept the headers
    "headers_not_kept",  # this machine fetched it, when headers were not kept yet
    "imported",  # it came in a file: nobody here fetched it
    "reread",  # an earlier page read by newer rules: no new fetch
    "page_not_kept",  # this machine saw the text, the page it stood on is not kept
]
_NEAR = timedelta(minutes=10)  # between a page, the look that brought it, and what followed from it
_MOST_VISITS = 1000


@dataclass(frozen=True, slots=True)
class Subject:
    """The article as the archive has it."""

    id: int
    url: str
    source: str
    outlet: str
    title: str
    first_seen_at: str
    last_seen_at: str
    state: str
    gone_at: str | None
    imported: bool
    versions: tuple["VersionText", ...]
    states: tuple["StateNoted", ...]


@dataclass(frozen=True, slots=True)
class VersionText:
    """The text as it stood from ``seen_at`` on; ``kind`` is first, edit or extractor."""

    seen_at: str
    kind: str
    title: str
    lead: str
    body: str
    sha256: str
    changes: str
    written_at: str = ""  # what the clock showed then, where that was wrong

    @property
    def lines(self) -> list[str]:
        """Title, lead and paragraphs."""
        return [self.title, *self.lead.split("\n"), *self.body.split("\n")]


@dataclass(frozen=True, slots=True)
class StateNoted:
    """A change between live, suspected and gone; ``reason`` is a stored one."""

    at: str
    state: str
    reason: str
    written_at: str = ""


@dataclass(frozen=True, slots=True)
class FetchKept:
    """A fetch that was noted: of one page, or of the pages of a long story one after the other."""

    parts: tuple[Fetch, ...]
    page_sha256: str | None
    text_sha256: str | None

    @property
    def at(self) -> str:
        return stamp(self.parts[0].at)


@dataclass(frozen=True, slots=True)
class PageKept:
    """A raw page of the address, not unpacked yet."""

    id: int
    fetched_at: str
    sha256: str
    size: int
    content_type: str


@dataclass(frozen=True, slots=True)
class Visited:
    """One look at the address, whatever came of it."""

    at: str
    outcome: str
    reason: str
    status: int | None
    size: int | None


@dataclass(slots=True)
class Event:
    """A version or a state, with the page that shows it and the fetch that brought it."""

    at: str
    version: VersionText | None = None
    state: StateNoted | None = None
    origin: Origin = "page_not_kept"
    page: PageKept | None = None
    fetch: FetchKept | None = None

    @property
    def written_at(self) -> str:
        """When it was seen by the clock of then, as fetches and raw pages have it; ``at`` is set right."""
        noted = self.version or self.state
        return (noted.written_at if noted else "") or self.at

    @property
    def code(self) -> str:
        """``first``, ``edit``, ``extractor``, ``suspected``, ``gone`` or ``live``."""
        return self.version.kind if self.version else self.state.state if self.state else ""


@dataclass(frozen=True, slots=True)
class Record:
    """All of it, events in the order they were seen."""

    subject: Subject
    events: tuple[Event, ...]
    visits: tuple[Visited, ...]

    @property
    def _origins(self) -> set[Origin]:
        return {event.origin for event in self.events if event.version}

    @property
    def proves(self) -> list[str]:
        """What can be shown of it, as codes; of what was imported, never that it was seen somewhere."""
        claims: dict[str, set[Origin]] = {
            "seen": {"fetched", "headers_not_kept"},
            "from": {"fetched"},
            "text": {"page_not_kept"},
            "imported": {"imported"},
        }
        return [*(code for code, origins in claims.items() if origins & self._origins), "whole"]

    @property
    def proves_not(self) -> list[str]:
        """What cannot, likewise."""
        return [*(["address"] if "imported" in self._origins else []), "author", "others", "clock"]


def load_subject(db: Database, article_id: int) -> Subject | None:
    """The article with its versions and states, or None where there is none of that number."""
    row = next(iter(db.query(_ARTICLE, [article_id])), None)
    if row is None:
        return None
    imported = row.pop("published_from") == "import" or not row.pop("read_by")
    row.pop("read_by", None)
    versions = db.execute(
        f"""select seen_at, kind, title, lead, body, sha256, changes, {_WRITTEN} from versions s
            where article_id = ? order by id""",
        ["versions", article_id],
    )
    states = db.execute(
        f"select at, state, reason, {_WRITTEN} from states s where article_id = ? order by at, rowid",
        ["states", article_id],
    )
    return Subject(
        **row,
        imported=imported,
        versions=tuple(VersionText(*one) for one in versions),
        states=tuple(StateNoted(*one) for one in states),
    )


# What stood there before a clock that had been ahead was found out (archive.health.corrected)
_WRITTEN = """coalesce((select was from corrected_times where name = ? and row = s.rowid
    order by jump limit 1), '')"""
_ARTICLE = """select a.id, a.url, a.source, coalesce(s.name, a.source) outlet, a.title, a.first_seen_at,
    a.last_seen_at, a.state, a.gone_at, coalesce(a.published_from, '') published_from, a.read_by
    from articles a left join sources s on s.key = a.source where a.id = ?"""


def load_record(subject: Subject, pages_db: Path | None) -> Record:
    """The article with what pages.db keeps of its address; where that is missing, with nothing of it."""
    pages, fetches, visits = _kept(pages_db, subject.url)
    events = [Event(one.seen_at, version=one) for one in subject.versions]
    events += [Event(one.at, state=one) for one in subject.states]
    events.sort(key=lambda event: event.at)
    finder = _Finder(subject, pages, fetches, visits)
    for event in events:
        finder.find(event)
    return Record(subject, tuple(events), tuple(visits))


def load_page(pages_db: Path, page: PageKept) -> RawPage:
    """The raw page, unpacked."""
    with reading(pages_db) as db:
        return load(db, page.id)


def _kept(path: Path | None, url: str) -> tuple[list[PageKept], list[FetchKept], list[Visited]]:
    if path is None or not path.exists():
        return [], [], []
    try:
        with reading(path) as db:
            return pages_of(db, url), fetches_of(db, url), _visits(db, url)
    except sqlite3.OperationalError:  # being made or brought back
        return [], [], []


def pages_of(db: Database, url: str) -> list[PageKept]:
    """The raw pages of an address, oldest first."""
    sql = """select id, fetched_at, sha256, size, content_type from pages where url = ?
             order by fetched_at, id"""
    return [PageKept(*row) for row in db.execute(sql, [url])]


def fetches_of(db: Database, url: str) -> list[FetchKept]:
    """How the pages of an address came, in the order they did; none in what an older release kept."""
    if not db.table("fetches").exists():  # no crawl since this release was installed
        return []
    sql = """select fetches.*, der from fetches left join certificates c on c.sha256 = certificate
             where url = ? order by fetches.id"""
    kept: list[FetchKept] = []
    for row in db.query(sql, [url]):
        before = kept.pop().parts if row["part"] and kept else ()
        kept.append(FetchKept((*before, _fetch(row)), row["page_sha256"], row["text_sha256"]))
    return kept


def _fetch(row: dict[str, Any]) -> Fetch:
    own = {name: row[name] for name in Fetch.__slots__}
    for name in ("request", "response", "redirects"):
        own[name] = tuple((key, value) for key, value in json.loads(row[name]))
    return Fetch(**own | {"at": moment(row["at"]), "certificate": row["der"] or b""})


def _visits(db: Database, url: str) -> list[Visited]:
    sql = """select at, outcome, reason, status, size from visits
             where url = ? or url in (select url from addresses where article_url = ?)
             order by at, id limit ?"""
    return [Visited(*row) for row in db.execute(sql, [url, url, _MOST_VISITS])]


@dataclass(slots=True)
class _Finder:
    """Finds the page that shows each event; earlier events first."""

    subject: Subject
    pages: list[PageKept]
    fetches: list[FetchKept]
    visits: list[Visited]
    before: Event | None = None  # the last version
    seen_at: str = ""  # of the last version that was a new look

    def find(self, event: Event) -> None:
        """Fill in page, fetches and origin."""
        if event.version is None:
            self._missing(event)
            return
        if not self._by_text(event, event.version):
            self._by_time(event)
        self.before = event
        if event.code != "extractor":
            self.seen_at = event.written_at

    def _missing(self, event: Event) -> None:
        """What came when the page was missing: an answer without a page, or one that is no article."""
        near = [one for one in self.fetches if not one.text_sha256 and _apart(one.at, event.written_at) < _NEAR]
        event.fetch = min(near, key=lambda one: _apart(one.at, event.written_at), default=None)
        event.page = self._page(event.fetch.page_sha256) if event.fetch else None
        event.origin = "fetched" if event.fetch else "headers_not_kept"

    def _by_text(self, event: Event, version: VersionText) -> bool:
        """The page whose text, when it was fetched, was this version's."""
        hits = [one for one in self.fetches if one.text_sha256 == version.sha256 and one.at <= event.written_at]
        return bool(hits) and self._take(event, self._page(hits[-1].page_sha256), hits[-1])

    def _by_time(self, event: Event) -> None:
        """The newest page that was kept by then; of an edit, one that came since the version before."""
        if event.code == "extractor" and self.before:
            event.page, event.fetch = self.before.page, self.before.fetch
            event.origin = "reread" if event.page else self.before.origin
            return
        pages = [page for page in self.pages if page.fetched_at <= event.written_at]
        if event.code != "first":
            pages = [page for page in pages if page.fetched_at > self.seen_at]
        if not pages or not self._take(event, pages[-1], self._of(pages[-1])):
            event.origin = "imported" if self._is_imported(event.written_at) else "page_not_kept"

    def _of(self, page: PageKept) -> FetchKept | None:
        return next((one for one in self.fetches if one.page_sha256 == page.sha256), None)

    def _take(self, event: Event, page: PageKept | None, fetch: FetchKept | None) -> bool:
        if page is None:
            return False
        event.page, event.fetch = page, fetch
        event.origin = "fetched"
        if fetch is None:
            event.origin = "imported" if self._is_imported(page.fetched_at) else "headers_not_kept"
        return True

    def _page(self, sha256: str | None) -> PageKept | None:
        return next((page for page in self.pages if page.sha256 == sha256), None)

    def _is_imported(self, at: str) -> bool:
        """Whether no look of this machine belongs to it, and an import can have brought it."""
        since, until = stamp(moment(at) - _NEAR), stamp(moment(at) + _NEAR)
        looked = any(since <= visit.at <= until for visit in self.visits)
        return not looked and (self.subject.imported or bool(self.pages))


def _apart(one: str, other: str) -> timedelta:
    return abs(moment(one) - moment(other))
