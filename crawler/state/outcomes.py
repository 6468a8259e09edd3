"""What follows from each end of a page, in one table: for the archive, for the raw page, for the next visit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from typing import Literal

from archive.model import Outcome

Archive = Literal[
    "nothing",  # no word of it to the archive; what was read to its end was stored before
    "seen",  # the article is still there, and no longer suspected
    "missed",  # the article is suspected of being taken down, or confirmed so
]
RawPageKept = Literal[
    "always",
    "named",  # where the text names a place: better rules may find it later
    "first",  # likewise, unless a page of this address is kept already
]

RETRIES = 5
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class End:
    """One end of a visit, with all that its consequences depend on."""

    outcome: Outcome
    kept: bool = False  # an article of the address is in the archive
    relevant: bool = False  # it is kept and relevant; of a page that is not there or unchanged: it is kept
    ever_stored: bool = False  # an article was stored from it once
    read: bool = True  # a page came; False for «304, unchanged» and for no answer
    tries: int = 1  # visits in a row that ended so, this one included
    age: timedelta = timedelta()  # since its article was first stored, else since a list named it first


@dataclass(frozen=True, slots=True)
class Policy:
    """What the owner decides in sources.yml: the ages of an article at which its page is visited again."""

    revisit: Sequence[timedelta] = ()
    gone_after: timedelta = DAY


@dataclass(frozen=True, slots=True)
class Visits:
    """When the page is visited again: after ``waits`` that grow with each such end, then at the usual ages."""

    waits: tuple[timedelta, ...] = ()
    at_ages: bool = False
    until_gone: bool = False  # the waits that are shorter than ``gone_after``, and it

    def wait(self, end: End, policy: Policy) -> timedelta | None:
        """How long until the next visit; None for never."""
        waits = self.waits
        if self.until_gone:
            waits = (*(wait for wait in waits if wait < policy.gone_after), policy.gone_after)
        if end.tries <= len(waits):
            return waits[end.tries - 1]
        return _next_age(end.age, policy) if self.at_ages else None


def _next_age(age: timedelta, policy: Policy) -> timedelta | None:
    return next((later - age for later in policy.revisit if later > age), None)


NEVER = Visits()
AT_AGES = Visits(at_ages=True)
SOON = Visits((10 * MINUTE, HOUR))  # some lists name a page before it is there
DAILY = Visits((DAY,) * RETRIES, at_ages=True)
DOUBLING = Visits(tuple(10 * MINUTE * 2**n for n in range(RETRIES)), at_ages=True)
CONFIRMING = Visits((HOUR, 6 * HOUR, DAY), at_ages=True, until_gone=True)


@dataclass(frozen=True, slots=True)
class Consequence:
    """One line of the table: of an end of this kind, what follows."""

    outcome: Outcome
    when: Callable[[End], bool]
    archive: Archive
    raw_page: RawPageKept
    visits: Visits
    counts_as: Outcome | None = None  # it is noted as another outcome, whose own line then holds


kept, relevant = attrgetter("kept"), attrgetter("relevant")


def always(end: End) -> bool:
    return True


def not_modified(end: End) -> bool:
    return end.relevant and not end.read


def never_stored(end: End) -> bool:
    return not end.ever_stored


O = Outcome  # noqa: E741 - the table is read by its columns
TABLE = (
    #           outcome        when          archive    raw page   visited again
    Consequence(O.STORED,      relevant,     "nothing", "always",  AT_AGES),
    Consequence(O.STORED,      always,       "nothing", "always",  NEVER),
    Consequence(O.REVISED,     relevant,     "nothing", "always",  AT_AGES),
    Consequence(O.REVISED,     always,       "nothing", "always",  NEVER),
    Consequence(O.UNCHANGED,   not_modified, "seen",    "first",   AT_AGES),
    Consequence(O.UNCHANGED,   relevant,     "nothing", "first",   AT_AGES),
    Consequence(O.UNCHANGED,   always,       "nothing", "first",   NEVER),
    Consequence(O.IRRELEVANT,  always,       "nothing", "named",   NEVER),
    Consequence(O.NOT_ARTICLE, kept,         "missed",  "named",   CONFIRMING, counts_as=O.GONE),
    Consequence(O.NOT_ARTICLE, always,       "nothing", "always",  NEVER),
    Consequence(O.TOO_SHORT,   kept,         "missed",  "named",   CONFIRMING, counts_as=O.GONE),
    Consequence(O.TOO_SHORT,   always,       "nothing", "always",  NEVER),
    Consequence(O.GONE,        relevant,     "missed",  "named",   CONFIRMING),
    Consequence(O.GONE,        never_stored, "nothing", "named",   SOON),
    Consequence(O.GONE,        always,       "nothing", "named",   NEVER),
    Consequence(O.ROBOTS,      always,       "nothing", "named",   NEVER),
    Consequence(O.BLOCKED,     always,       "nothing", "named",   DAILY),
    Consequence(O.FAILED,      always,       "nothing", "always",  DOUBLING),
)  # fmt: skip


def consequence(end: End) -> Consequence:
    """The first line of the table that holds for an end."""
    return next(line for line in TABLE if line.outcome is end.outcome and line.when(end))


def needs_raw_page(outcome: Outcome | None, *, names_place: bool) -> bool:
    """Whether the raw page may have to be kept; a crawl need not hand on the others. None: read to its end."""
    return (
        outcome is None
        or names_place
        or any(line.raw_page == "always" for line in TABLE if line.outcome is outcome)
    )


def next_visit(end: End, policy: Policy) -> timedelta | None:
    """How long until the address is visited again; None for never."""
    return consequence(end).visits.wait(end, policy)
