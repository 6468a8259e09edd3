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
    "first",  # unless a page of this address is kept already: that of its article may have been lost
]

RETRIES = 5
NEWS = timedelta(days=2)  # since it was published: a page that is thin may still be written
NAMED_LATELY = timedelta(days=2)  # so long after a list named it last, a page may still become what it said
LONGEST_WATCH = timedelta(days=7)  # and so long after a list named it first
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class End:
    """One end of a visit, with all that its consequences depend on."""

    outcome: Outcome
    kept: bool = False  # an article of the address is in the archive
    relevant: bool = False  # it is kept and relevant; of a page that is not there or unchanged: it is kept
    ever_stored: bool = False  # an article was stored from it once
    read: bool = True  # a page came; False for «304, unchanged» and for no answer
    headline: bool = False  # a list's words on it are in the archive, the text is not
    open: bool = (
        False  # it names no province yet, but is new, short and of our subject, or goes on being written
    )
    published_ago: timedelta = timedelta.max  # or, where no date is known, since a list named it first
    named_ago: timedelta = timedelta()  # since a list named it last
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
    while_named: bool = False  # no longer than some time after a list named it last

    def wait(self, end: End, policy: Policy) -> timedelta | None:
        """How long until the next visit; None for never."""
        waits = self.waits
        if self.until_gone:
            waits = (*(wait for wait in waits if wait < policy.gone_after), policy.gone_after)
        if self.while_named:
            return _while_named(end, waits)
        if end.tries <= len(waits):
            return waits[end.tries - 1]
        return _next_age(end.age, policy) if self.at_ages else None


def _while_named(end: End, waits: Sequence[timedelta]) -> timedelta | None:
    """The waits in turn, and for a story that is wanted daily then; None once no list has named it lately."""
    if end.tries > len(waits) and not end.headline:
        return None
    wait = waits[end.tries - 1] if end.tries <= len(waits) else DAY
    late = end.named_ago + wait > NAMED_LATELY or end.age + wait > LONGEST_WATCH
    return None if late else wait


def _next_age(age: timedelta, policy: Policy) -> timedelta | None:
    return next((later - age for later in policy.revisit if later > age), None)


NEVER = Visits()
AT_AGES = Visits(at_ages=True)
WANTED = Visits(  # a list names the province with it: dense in the first hours
    (10 * MINUTE, 20 * MINUTE, 40 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR), while_named=True
)
OLD = Visits((HOUR, DAY))  # likewise, of a story that is no news any more
THIN = Visits((30 * MINUTE, 2 * HOUR, 8 * HOUR, DAY), while_named=True)  # a stub, a notice, a page half there
GROWING = Visits((30 * MINUTE, 90 * MINUTE, 5 * HOUR, 14 * HOUR), while_named=True)
SOON = Visits((10 * MINUTE, HOUR, 3 * HOUR, 12 * HOUR), while_named=True)  # some lists name a page too early
SOON_OLD = Visits((10 * MINUTE, HOUR))
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


kept, relevant, headline = attrgetter("kept"), attrgetter("relevant"), attrgetter("headline")


def always(end: End) -> bool:
    return True


def not_modified(end: End) -> bool:
    return end.relevant and not end.read


def never_stored(end: End) -> bool:
    return not end.ever_stored


def wanted(end: End) -> bool:
    return end.headline and end.published_ago < LONGEST_WATCH


def growing(end: End) -> bool:
    return end.open and end.published_ago < NEWS


def new(end: End) -> bool:
    return end.published_ago < NEWS and not end.ever_stored


O = Outcome  # noqa: E741 - the table is read by its columns
TABLE = (
    #           outcome        when          archive    raw page   visited again
    Consequence(O.STORED,      relevant,     "nothing", "always",  AT_AGES),
    Consequence(O.STORED,      growing,      "nothing", "always",  GROWING),
    Consequence(O.STORED,      always,       "nothing", "always",  NEVER),
    Consequence(O.REVISED,     relevant,     "nothing", "always",  AT_AGES),
    Consequence(O.REVISED,     growing,      "nothing", "always",  GROWING),
    Consequence(O.REVISED,     always,       "nothing", "always",  NEVER),
    Consequence(O.UNCHANGED,   not_modified, "seen",    "first",   AT_AGES),
    Consequence(O.UNCHANGED,   relevant,     "nothing", "first",   AT_AGES),
    Consequence(O.UNCHANGED,   growing,      "nothing", "first",   GROWING),
    Consequence(O.UNCHANGED,   always,       "nothing", "first",   NEVER),
    Consequence(O.IRRELEVANT,  wanted,       "nothing", "named",   WANTED),
    Consequence(O.IRRELEVANT,  headline,     "nothing", "named",   OLD),
    Consequence(O.IRRELEVANT,  growing,      "nothing", "named",   GROWING),
    Consequence(O.IRRELEVANT,  always,       "nothing", "named",   NEVER),
    Consequence(O.NOT_ARTICLE, kept,         "missed",  "named",   CONFIRMING, counts_as=O.GONE),
    Consequence(O.NOT_ARTICLE, wanted,       "nothing", "always",  WANTED),
    Consequence(O.NOT_ARTICLE, headline,     "nothing", "always",  OLD),
    Consequence(O.NOT_ARTICLE, new,          "nothing", "always",  THIN),
    Consequence(O.NOT_ARTICLE, always,       "nothing", "always",  NEVER),
    Consequence(O.TOO_SHORT,   kept,         "missed",  "named",   CONFIRMING, counts_as=O.GONE),
    Consequence(O.TOO_SHORT,   wanted,       "nothing", "always",  WANTED),
    Consequence(O.TOO_SHORT,   headline,     "nothing", "always",  OLD),
    Consequence(O.TOO_SHORT,   new,          "nothing", "always",  THIN),
    Consequence(O.TOO_SHORT,   always,       "nothing", "always",  NEVER),
    Consequence(O.GONE,        relevant,     "missed",  "named",   CONFIRMING),
    Consequence(O.GONE,        wanted,       "nothing", "named",   WANTED),
    Consequence(O.GONE,        new,          "nothing", "named",   SOON),
    Consequence(O.GONE,        never_stored, "nothing", "named",   SOON_OLD),
    Consequence(O.GONE,        always,       "nothing", "named",   NEVER),
    Consequence(O.ROBOTS,      headline,     "nothing", "named",   DAILY),
    Consequence(O.ROBOTS,      always,       "nothing", "named",   NEVER),
    Consequence(O.BLOCKED,     wanted,       "nothing", "named",   WANTED),
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
