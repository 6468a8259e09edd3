"""The ledger: what articles reported and promised of each indicator, one point for each story that says it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlite_utils import Database

from archive.clock import HANOI, moment
from archive.figures.periods import days
from archive.model import FigureKind, SubjectKind
from archive.text import fold

MOST = 20_000  # figures looked at, the newest; a province's press fills that in many years
NOBODY = "-"  # asks for figures of which the text does not say whose they are
REPORTED: frozenset[FigureKind] = frozenset({"actual", "estimate"})
_NEARLY_OVER = 31  # days before its end from which a period is told as over
PROMISED: frozenset[FigureKind] = frozenset({"target", "plan"})


@dataclass(frozen=True, slots=True)
class Saying:
    """An article that says a figure; times as stored. ``printed`` is the number as it stands in the article."""

    article_id: int
    source: str
    outlet: str
    title: str
    url: str
    at: str
    edits: int
    gone: bool
    quote: str
    printed: str
    starts: int | None

    @property
    def day(self) -> date:
        """The day it was published, in Hà Nội."""
        return moment(self.at).astimezone(HANOI).date()


@dataclass(frozen=True, slots=True)
class LedgerPoint:
    """A figure as one story says it, in the article that said it first and in those that printed it after.

    ``name`` is what it measures in words; ``value`` is in plain ``unit``, ``period`` in normal form; ``place``
    and ``subject`` say whose it is.
    """

    key: str
    name: str
    kind: FigureKind
    value: float
    unit: str
    period: str
    base: str
    qualifier: str
    rank_of: int | None
    subject_kind: SubjectKind
    subject: str
    place: str
    story: int
    sayings: list[Saying] = field(default_factory=list)

    @property
    def first(self) -> Saying:
        return self.sayings[0]

    @property
    def holder(self) -> str:
        """Whose figure it is: a company or unit by its name, else the place; '' where the text does not say."""
        named = self.subject_kind in ("company", "unit", "other")
        return self.subject if named and self.subject else self.place

    @property
    def day(self) -> date:
        """The day it is for: the last of its period, but what is reached by then that of the article."""
        span = days(self.period)
        return span[1] if span and not self.so_far else self.first.day

    @property
    def so_far(self) -> bool:
        """Whether it tells what was reached well before its period ended: «năm nay đã thu …» in April."""
        span = days(self.period)
        return self.kind == "actual" and span is not None and (span[1] - self.first.day).days > _NEARLY_OVER

    @property
    def outlets(self) -> list[str]:
        """Those who say it, the first one first."""
        return list(dict.fromkeys(one.outlet for one in self.sayings))


PRINTED = """coalesce(substr(a.title || char(10) || iif(a.lead = '', '', a.lead || char(10)) || a.body,
        f.starts + 1, f.ends - f.starts), '')"""
_KNOWN, _OF_KEY = "key <> ''", "key <> '' and key = :key"
_SQL = """
    with newest as materialized (select * from figures where {which} order by article_id desc limit {most})
    select f.key, f.indicator, f.kind, f.value, f.unit, coalesce(f.period, ''), coalesce(f.base, ''),
        coalesce(f.qualifier, ''), f.rank_of, f.subject_kind, f.subject, f.place, coalesce(a.story_id, -a.id),
        a.id, a.source, coalesce(s.name, a.source), a.title, a.url, coalesce(a.published_at, a.first_seen_at),
        a.edits, a.state = 'gone', f.quote, {printed},
        f.starts
    from newest f join articles a on a.id = f.article_id left join sources s on s.key = a.source
    order by a.sort, f.id
"""


def load_points(db: Database, key: str = "") -> list[LedgerPoint]:
    """Every point of an indicator ('' of all), the oldest first, out of the newest ``MOST`` figures."""
    return _points(
        db,
        _SQL.format(which=_OF_KEY if key else _KNOWN, most=MOST, printed=PRINTED),
        {"key": key} if key else {},
    )


def find_points(db: Database, words: str, limit: int) -> list[LedgerPoint]:
    """Figures of no known indicator whose name or sentence holds the words, marked or not; newest first."""
    newest = f"id in (select id from figures where key = '' order by article_id desc limit {MOST})"
    which = f"{newest} and instr(vn_fold(indicator || ' ' || quote), vn_fold(:words))"
    return _points(db, _SQL.format(which=which, most=limit, printed=PRINTED), {"words": words.strip()})[::-1]


def _points(db: Database, sql: str, values: dict[str, str]) -> list[LedgerPoint]:
    points: dict[tuple[object, ...], LedgerPoint] = {}
    for row in db.execute(sql, values):
        point, saying = LedgerPoint(*row[:13]), Saying(*row[13:])
        known = points.setdefault(_identity(point), point)
        if all(one.article_id != saying.article_id for one in known.sayings):
            known.sayings.append(saying)
    return list(points.values())


def _identity(point: LedgerPoint) -> tuple[object, ...]:
    """What makes figures of one story one point; a day that stands for «hiện có» moves on with a reprint."""
    period = "day" if point.period.count("-") == 2 and ".." not in point.period else point.period
    said = (point.key or point.name, point.kind, f"{point.value:.9g}", point.unit, period)
    return (*said, point.subject_kind, point.subject, point.place, point.story)


def is_own(point: LedgerPoint, home: str) -> bool:
    """Whether a figure is the province's; one of which the text does not say whose it is, is nobody's."""
    return point.subject_kind in ("", "province") and point.place == home


def last_reported(points: Iterable[LedgerPoint]) -> LedgerPoint | None:
    """What was reached last: of the latest period, said last."""
    reached = [point for point in points if point.kind in REPORTED]
    return max(reached, key=lambda point: (point.day, point.first.at), default=None)


def by_key(points: Iterable[LedgerPoint]) -> dict[str, list[LedgerPoint]]:
    """The points of each indicator."""
    keys: dict[str, list[LedgerPoint]] = {}
    for point in points:
        keys.setdefault(point.key, []).append(point)
    return keys


def holders(points: Sequence[LedgerPoint]) -> dict[str, int]:
    """Whose figures there are and how many, the most first."""
    counts: dict[str, int] = {}
    for point in points:
        counts[point.holder] = counts.get(point.holder, 0) + 1
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def of_holder(points: Iterable[LedgerPoint], name: str) -> list[LedgerPoint]:
    """Those of a place, company or unit, its name typed with or without marks; ``NOBODY``: not said whose."""
    asked = "" if name == NOBODY else fold(name.strip())
    if not asked:
        return [point for point in points if not point.holder]
    return [point for point in points if asked in (fold(point.holder), fold(point.place))]


def narrowed(points: Iterable[LedgerPoint], kind: str = "", since: date | None = None) -> list[LedgerPoint]:
    """Those of a kind ('' all) that were first said on a day or later."""
    return [
        point for point in points if kind in ("", point.kind) and (since is None or point.first.day >= since)
    ]
