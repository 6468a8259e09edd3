"""How much of what an outlet publishes its lists name: two kinds of lists against one another, and the kept.

The share that no list names is estimated as animals are counted by catching twice (Chapman): what the feeds
name and what sitemaps and sections name are two catches; the fewer stories are in both, the more escape both.
It holds if the two kinds miss independently. A story that both leave out for one reason is not seen by it, so
the figure is a least one; and lists of different desks share little by intent, so then none is given.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlite_utils import Database

from archive.clock import moment
from archive.db import writing
from archive.health.runs import Alarm
from archive.i18n import Words
from archive.reasons import reason

BOTH_AT_LEAST = 7  # shared addresses from which Chapman's estimate is all but unbiased (Robson and Regier 1964)
OVERLAP_AT_LEAST = 0.5  # of the shorter kind: with less, they list different desks
WIDEST = 0.5  # an interval that spans more than half of all stories says nothing
ENOUGH = 40  # named addresses from which little in common tells of different desks
Z95 = 1.96
VISITS = 4  # configured intervals, within which a source that publishes little is visited again

_ANSWERED = """state <> 'failed' and json_extract(lists, '$.fetched') > 0
    and json_extract(lists, '$.past') is null"""
_LAST_READ = f"""
    select coalesce(nullif(s.name, ''), s.key), (
        select r.finished_at from runs r where r.source = s.key and r.finished_at is not null and {_ANSWERED}
        order by r.id desc limit 1), s.every
    from sources s where s.state not in ('removed', 'blocked', 'paused')
    and exists (select 1 from runs r where r.source = s.key) order by s.key"""
_BEGAN = f"select started_at from runs where {_ANSWERED} order by id limit 1"


class Rolled(msgspec.Struct, frozen=True, array_like=True):
    """A list whose items were all new; ``seconds`` since the reading before, ``last``: its newest reading."""

    url: str
    items: int
    seconds: int
    last: bool


class Coverage(msgspec.Struct, frozen=True):
    """What lists named from one time to another; ``feeds`` or ``others`` is None without lists of that kind."""

    since_at: str
    until_at: str
    feeds: int | None = None
    others: int | None = None
    both: int = 0
    named: int = 0
    kept: int = 0
    rolled: list[Rolled] = []

    @property
    def missed(self) -> "Missed | None":
        """The share that no list names, None where too little is known."""
        if self.feeds is None or self.others is None:
            return None
        return estimate(self.feeds, self.others, self.both)

    @property
    def unknown(self) -> str:
        """Why there is no estimate, as a reason; empty where there is one."""
        if self.feeds is None or self.others is None:
            return reason("coverage_one_kind")
        if self.missed:
            return ""
        apart = self.both < OVERLAP_AT_LEAST * min(self.feeds, self.others)
        return reason("coverage_apart" if apart and self.named >= ENOUGH else "coverage_too_little")

    def to_builtins(self) -> dict[str, Any]:
        """As programs get it, with the estimate."""
        missed, rolled = self.missed, [msgspec.structs.asdict(one) for one in self.rolled]
        estimate = msgspec.to_builtins(missed) if missed else None
        return msgspec.structs.asdict(self) | {"rolled": rolled, "missed": estimate, "unknown": self.unknown}


@dataclass(frozen=True, slots=True)
class Missed:
    """An estimated share from 0 to 1 and its 95 % interval."""

    share: float
    least: float
    most: float


def estimate(first: int, second: int, both: int) -> Missed | None:
    """The share that neither of two lists names (Chapman), between log-normal bounds (Burnham, in Chao 1987).

    Half a story is added to what each list has alone, so that the interval stands where one has nothing alone.
    """
    if both < BOTH_AT_LEAST or both < OVERLAP_AT_LEAST * min(first, second):
        return None
    one, two, seen = first - both + 0.5, second - both + 0.5, first + second - both
    unseen = one * two / (both + 1)
    variance = (first + 1) * (second + 1) * one * two / ((both + 1) ** 2 * (both + 2))
    spread = math.exp(Z95 * math.sqrt(math.log(1 + variance / unseen**2)))
    counts = ((one - 0.5) * (two - 0.5) / (both + 1), math.floor(unseen / spread), unseen * spread)
    missed = Missed(*(count / (seen + count) for count in counts))
    return missed if missed.most - missed.least <= WIDEST else None


def save(db: Database, source: str, coverage: Coverage) -> None:
    """Keep the newest coverage of a source."""
    row = msgspec.structs.asdict(coverage) | {"source": source, "rolled": _encode(coverage.rolled)}
    with writing(db):
        db.table("coverage").upsert(row, pk="source")


def _encode(rolled: list[Rolled]) -> str:
    return msgspec.json.encode(rolled).decode()


def newest(db: Database, source: str) -> Coverage | None:
    """The coverage of a source as its newest run left it."""
    row: dict[str, Any] | None = next(iter(db.query("select * from coverage where source = ?", [source])), None)
    if row is None:
        return None
    row.pop("source")
    return Coverage(**row | {"rolled": msgspec.json.decode(row["rolled"], type=list[Rolled])})


def in_words(coverage: Coverage, words: Words) -> tuple[list[str], str]:
    """The counts of the week, and the estimate or why there is none."""
    counts = {name: getattr(coverage, name) for name in ("feeds", "others", "both", "kept")}
    if coverage.feeds is None or coverage.others is None:
        counts["both"] = None
    shown = [words(f"coverage.{name}", n=words.number(n)) for name, n in counts.items() if n is not None]
    missed = coverage.missed
    if missed is None:
        return shown, words.reason(coverage.unknown)
    share, least, most = (_percent(part, words) for part in (missed.share, missed.least, missed.most))
    return shown, words("coverage.missed", share=share, least=least, most=most)


def _percent(part: float, words: Words) -> str:
    """Per cent, below ten with one decimal."""
    return words.number(round(part * 100, 0 if part >= 0.1 else 1))


def rolled_over(coverage: Coverage | None) -> Alarm | None:
    """A list holds fewer items than appear between two visits: red while it did at its newest reading."""
    if coverage is None or not coverage.rolled:
        return None
    worst = coverage.rolled[0]
    code = "health_rolled_over" if worst.last else "health_rolled_over_lately"
    params = {"url": worst.url, "n": worst.items, "minutes": max(1, worst.seconds // 60)}
    return Alarm("red" if worst.last else "amber", reason(code, **params))


@dataclass(frozen=True, slots=True)
class ReadSince:
    """How many of the crawled sources were read since a time; names of the silent and of those never read yet.

    ``began``: when the first list of all was read.
    """

    read: int
    of: int
    silent: list[str]
    never: list[str]
    began: datetime | None


def read_since(db: Database, since: datetime, now: datetime) -> ReadSince:
    """What was read since a time.

    Read is a source of whose lists any answered. One that never was is not silent, nor is one whose next visit
    is not due yet. Blocked sources and those that never ran are not counted.
    """
    rows = [(name, last and moment(last), int(every or 0)) for name, last, every in db.execute(_LAST_READ)]
    latest = {name: min(since, now - VISITS * timedelta(seconds=every)) for name, _, every in rows}
    silent = [name for name, last, _ in rows if last and last < latest[name]]
    never = [name for name, last, _ in rows if not last]
    began = db.execute(_BEGAN).fetchone()
    read = sum(bool(last and last >= since) for _, last, _ in rows)
    return ReadSince(read, len(rows), silent, never, moment(began[0]) if began else None)
