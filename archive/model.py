"""What the rooms hand each other: an article with everything that was read off it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Outcome(StrEnum):
    """What came of an address that was taken up; each one ends in exactly one of these."""

    STORED = "stored"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    IRRELEVANT = "irrelevant"
    NOT_ARTICLE = "not_article"
    TOO_SHORT = "too_short"
    GONE = "gone"
    ROBOTS = "robots"
    BLOCKED = "blocked"
    FAILED = "failed"


MentionKind = Literal["place", "organisation", "person"]
Level = Literal["about", "mention"]
Headers = tuple[tuple[str, str], ...]
FigureKind = Literal["actual", "target", "estimate", "plan", "said"]
SubjectKind = Literal["", "province", "unit", "company", "country", "other"]


@dataclass(frozen=True, slots=True)
class Credit:
    """The outlet a reprint names as its origin, with the original's address where the page gives it."""

    outlet: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A place, organisation or person named in title, lead or body; ``name`` is the canonical one."""

    kind: MentionKind
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A document cited, e.g. ``52-NQ/TW``; ``dated`` is ISO (``2019-09-27``), ``quote`` the sentence."""

    number: str
    kind: str
    issuer: str
    dated: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its meaning; ``value`` is the full number in plain ``unit``: 8.503 tỷ đồng is 8503e9.

    ``indicator`` is what it measures in words ('' where the sentence does not say), ``key`` the one of
    indicators.yml of which it is a value ('': of none). ``period`` is in a form of ``archive.figures.periods``,
    2025, 2025-Q3, 2025-11, 2025-11-28, 2025-01..2025-09, 2021..2025. ``base`` is what it is compared with, as
    written («cùng kỳ»). ``subject`` is whose it is, ``place`` where, '' unknown; a figure of another province,
    a bank or a country says so here. ``quote`` is its sentence; the number itself stands at ``starts:ends`` of
    title, newline and text (NFC), None in what an older release stored.
    """

    indicator: str
    value: float
    unit: str
    quote: str
    qualifier: str | None = None
    rank_of: int | None = None
    period: str | None = None
    kind: FigureKind = "actual"
    key: str = ""
    base: str | None = None
    subject_kind: SubjectKind = ""
    subject: str = ""
    place: str = ""
    starts: int | None = None
    ends: int | None = None


@dataclass(slots=True)
class Article:
    """One article as read; times are aware, texts NFC, paragraphs of ``body`` are divided by one newline.

    ``doubt``: what the evidence quarrels about, as reasons (``archive.reasons``).
    ``level``: it is about the province's industry or digital life (``relevant``), or only names the province;
    None: neither, kept because its outlet is kept whole. ``states``: what the archive saw happen to it since,
    ``edited`` or ``gone``; empty for one that was just read.
    """

    url: str
    source: str
    title: str = ""
    lead: str = ""
    body: str = ""
    authors: list[str] = field(default_factory=list)
    section: str | None = None
    image: str | None = None
    published_at: datetime | None = None
    published_from: str | None = None
    credit: Credit | None = None
    doubt: list[str] = field(default_factory=list)
    relevant: bool = False
    level: Level | None = None
    score: float = 0.0
    why: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    states: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Lead and body, as a reader sees them below the title."""
        return f"{self.lead}\n{self.body}" if self.lead else self.body


@dataclass(frozen=True, slots=True)
class Fetch:
    """How a page came, or what came in its place: request and answer without the body.

    ``sha256`` and ``size`` are those of the body once unpacked, ``encoding`` how it was packed on the way.
    ``redirects`` are the addresses that led on, each with the status (or kind) that did; ``certificate`` is the
    one the host showed, as DER, which nobody checked.
    """

    asked: str
    answered: str
    at: datetime
    status: int
    sha256: str
    size: int
    encoding: str = ""
    ip: str = ""
    protocol: str = ""
    certificate: bytes = b""
    request: Headers = ()
    response: Headers = ()
    redirects: Headers = ()
