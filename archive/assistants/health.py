"""The tool ``health``: outlets that are silent or refuse, pages that failed, the last crawl."""

from collections import Counter
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlite_utils import Database

from archive import health as sources_health
from archive.assistants.asking import DataAge, Reading, age_of, cut, key_of
from archive.clock import stamp
from archive.health import SourceHealth
from archive.health.coverage import read_since
from archive.i18n import Words
from archive.model import Outcome

_DAY = timedelta(days=1)
_LATE_RUNS = 5000  # a day of a hundred outlets read every half hour
_OUTCOMES = """select outcomes from (select * from runs order by id desc limit :late)
    where finished_at >= :since and :source in ('', source)"""
_NOT_READ = (Outcome.ROBOTS, Outcome.BLOCKED, Outcome.FAILED, Outcome.TOO_SHORT)
_ENGLISH = Words("en")


class HealthAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which outlet; without one, of all that something is wrong with."""

    source: Annotated[str, Meta(max_length=200, description="One outlet, by key or name (see `names`).")] = ""
    whole: Annotated[bool, Meta(description="Also those that are well, and all that is known of each.")] = False
    limit: Annotated[int, Meta(ge=1, le=500, description="How many outlets, the worst first.")] = 40


class OutletHealth(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one outlet is doing; asked for as a whole, with its last days and the coverage of its lists."""

    key: str
    name: str
    level: Annotated[str, Meta(description="green well, amber or red something is wrong, grey not crawled.")]
    sentence: Annotated[str, Meta(description="What is wrong.")]
    last_run_at: str | None
    last_state: str | None
    outcomes: Annotated[dict[str, int], Meta(description="What the pages of its last run came to.")]
    code: str = ""
    params: dict[str, Any] = {}
    per_day: list[int] = []
    coverage: dict[str, Any] | None = None


class HealthAnswer(Struct, frozen=True, kw_only=True):
    """What the archive did not read."""

    sources: Annotated[list[OutletHealth], Meta(description="The worst first.")]
    left_out: Annotated[str, Meta(description="How many outlets were cut from the list.")]
    levels: Annotated[dict[str, int], Meta(description="How many outlets are green, amber, red, grey.")]
    read: Annotated[int, Meta(description="Outlets of which a list was read in the last day.")]
    crawled: Annotated[int, Meta(description="Outlets that are crawled.")]
    silent: Annotated[
        list[str], Meta(description="Those that were read before, and of which nothing was in the last day.")
    ]
    never: Annotated[list[str], Meta(description="Those of which nothing could be read yet.")]
    outcomes: Annotated[dict[str, int], Meta(description="What all pages of the last day came to.")]
    not_read: Annotated[
        int,
        Meta(description="Pages of the last day that robots.txt, a refusal or a failure kept from being read."),
    ]
    data: DataAge


def health(reading: Reading, asked: HealthAsked) -> HealthAnswer:
    """Say what this archive did not read: silent outlets, refusals, pages that failed, the last crawl.

    Ask it before you conclude from a silence («no outlet reported …») or from a drop in `coverage`. `silent`
    outlets were not read in the last day, `never` ones not at all yet; `outcomes` counts what each page looked
    at came to (stored, unchanged, irrelevant, robots, blocked, failed …). With `source` it tells all about one
    outlet, with `whole` about each.
    """
    db = reading.db
    report = sources_health.report(db, reading.now)
    if asked.source:
        key = key_of("outlet", asked.source, {one.key: one.name for one in report})
        told = [one for one in report if one.key == key]
    else:
        key, told = "", [one for one in report if asked.whole or one.level != "green"]
    since = reading.now - _DAY
    reach = read_since(db, since, reading.now)
    outcomes = _outcomes(db, key, stamp(since))
    return HealthAnswer(
        sources=[_row(one, whole=asked.whole or bool(key)) for one in told[: asked.limit]],
        left_out=cut(told, asked.limit),
        levels=dict(Counter(one.level for one in report)),
        read=reach.read,
        crawled=reach.of,
        silent=reach.silent,
        never=reach.never,
        outcomes=dict(outcomes),
        not_read=sum(outcomes[one] for one in _NOT_READ),
        data=age_of(reading),
    )


def _outcomes(db: Database, source: str, since: str) -> Counter[str]:
    counts = Counter[str]()
    given: dict[str, Any] = {"source": source, "late": _LATE_RUNS, "since": since}
    for (outcomes,) in db.execute(_OUTCOMES, given):
        counts.update(msgspec.json.decode(outcomes, type=dict[str, int]))
    return counts


def _row(one: SourceHealth, *, whole: bool) -> OutletHealth:
    row = one.to_builtins(_ENGLISH)
    if not whole:
        row = {name: row[name] for name in OutletHealth.__struct_fields__[:7]}
    return msgspec.convert(row, OutletHealth)
