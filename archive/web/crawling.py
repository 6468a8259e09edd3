"""What the settings pages ask of the crawler, which serves them: read a new source, save it, check one now."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from archive.cases import Case, Verdict
from archive.cases.trial import CaseNow, MissedWord, TrialReport
from archive.i18n import Language


class NewSource(msgspec.Struct, frozen=True):
    """A source as its site was read, and one article of it; ``prepared`` is what saving it needs.

    ``rows`` are labels and texts in the language asked for.
    """

    key: str
    name: str
    home: str
    kind: str
    rows: list[tuple[str, str]]
    article: list[tuple[str, str]]
    text: str
    block: str
    prepared: dict[str, Any]


class CheckedSource(msgspec.Struct, frozen=True):
    """What a live check of a source came to."""

    key: str
    name: str
    state: str
    sentence: str
    notes: list[str]
    requests: int


class SourceLine(msgspec.Struct, frozen=True):
    """A source as the config has it."""

    key: str
    name: str
    home: str
    kind: str
    state: str
    every: int  # seconds
    lists: int


class Job(msgspec.Struct):
    """A visit to a site that was asked for; ``problem`` is a sentence for people."""

    id: str
    kind: Literal["add", "check"]
    about: str
    typed: dict[str, str]
    done: bool = False
    problem: str = ""
    new: NewSource | None = None
    checked: CheckedSource | None = None
    saved: bool = False


class Crawling(Protocol):
    """The crawler as settings know it; every method may be called from any thread."""

    def sources(self) -> list[SourceLine]:
        """Every source, in the order of the config."""

    def sources_fault(self) -> str:
        """Why the config of sources cannot be used; '' where it can."""

    def contact(self) -> str:
        """The address that sites see in the user agent."""

    def check_sources(self, path: Path) -> None:
        """Raise ConfigError for what is wrong in a file of changes to sources."""

    def check_topics(self, path: Path) -> None:
        """Raise ConfigError for what is wrong in a topics.yml."""

    def match_rules(self) -> None:
        """Match new and changed rules and topics against what came since the last editions."""

    def start_add(self, typed: dict[str, str], lang: Language) -> Job:
        """Begin to read a new source."""

    def start_check(self, key: str, lang: Language) -> Job:
        """Begin to check a source."""

    def job(self, id_: str, wait: float) -> Job | None:
        """A visit that was begun, once it is done or some seconds are over; None for one that is not known."""

    def save(self, job: Job) -> None:
        """Write a source that was read. Raises ConfigError."""

    def judge_cases(self, cases: Sequence[Case], seconds: float) -> dict[str, CaseNow]:
        """What today's rules make of cases, by id; those there was no time for are left out."""

    def case_of(self, address: str, verdict: Verdict, said: dict[str, str]) -> Case:
        """A case of an address, or of a text where that is ''; not yet recorded. Raises BadAddress.

        ``said`` are further fields of the case.
        """

    def missed_words(self, topic: str) -> list[MissedWord]:
        """What stands in articles that this topic missed and in no list of words, by counts."""

    def try_topics(self, text: str, lang: Language) -> TrialReport:
        """What another topics.yml would change, in a process of its own. Raises ConfigError."""
