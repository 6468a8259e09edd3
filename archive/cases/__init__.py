"""Cases: what people said of single articles – not relevant, or missing – in ``cases.jsonl`` of the home.

One JSON object a line, only ever added to: the last line of an id holds. A line cut short by a kill is passed
over, and the next writer begins a new one.
"""

import fcntl
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec
from msgspec.structs import replace

from archive.clock import stamp
from archive.config import ConfigError
from archive.home import Home
from archive.i18n import current
from archive.model import Level

Verdict = Literal["irrelevant", "missing"]
TextIn = Literal["archive", "pages", "case", ""]
REASONS = ("why_place_name", "why_not_field", "why_old", "why_advert", "why_other")
UNJUDGED = "why_old"  # no rule of topics.yml knows what is old
FILE = "cases.jsonl"
OURS_ALONE = 0o600  # it has names of people


class Case(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What someone said of one article.

    ``topic``: the verdict is on this topic alone. ``why``: a code of ``REASONS``. ``text_in``: where the text
    was when it was said: in archive.db, as raw page in pages.db, here as ``body``, or nowhere. ``sha256`` is of
    the text (``archive.articles.digest_of``). ``desk`` names the choice it came from. Times are UTC as stored.
    """

    id: str
    at: str
    by: str = ""
    verdict: Verdict
    topic: str = ""
    why: str = ""
    url: str = ""
    source: str = ""
    title: str = ""
    lead: str = ""
    published_at: str = ""
    sha256: str = ""
    text_in: TextIn = ""
    body: str = ""
    desk: str = ""
    withdrawn_at: str = ""
    withdrawn_by: str = ""

    @property
    def open(self) -> bool:
        """Whether it was not withdrawn."""
        return not self.withdrawn_at

    @property
    def about(self) -> tuple[str, str]:
        """What it is on: an article, or a text that has no address, and a topic."""
        return self.url or self.sha256, self.topic


def new_id(now: datetime) -> str:
    """``20261129-001233-9f3a1c``: when it was said, and what tells two of one second apart."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def is_right(case: Case, level: Level | None, topics: Collection[str]) -> bool | None:
    """Whether rules that give an article this level and these topics do what the case asks.

    None: no rule of topics.yml can do it.
    """
    if case.why == UNJUDGED:
        return None
    if case.verdict == "missing":
        here = level is not None or case.text_in == "archive"
        return here and case.topic in topics if case.topic else level == "about"
    if case.topic:
        return case.topic not in topics
    return level is None if case.why == "why_place_name" else level != "about"


@dataclass(slots=True)
class CaseBook:
    """The cases of a home, read anew each time; ``damaged`` are the numbers of lines that could not be read."""

    path: Path
    damaged: list[int] = field(default_factory=list, init=False)

    @classmethod
    def of(cls, home: Home) -> "CaseBook":
        """The book of a home; the file is made by the first case."""
        return cls(home.path / FILE)

    def read(self) -> list[Case]:
        """Every case as it stands now, in the order they were made; [] where there is no file."""
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError(current()("config.unreadable", path=self.path, why=error.strerror)) from error
        return list(self._standing(raw).values())

    def record(self, *cases: Case) -> list[Case]:
        """Add cases; returns them as they stand: what was said before is not added again.

        A new reason is a further line of the same case; an opposite verdict on the same article withdraws the
        one before. Raises ConfigError where the file cannot be written.
        """
        with self._held() as file:
            known = self._standing(_all_of(file))
            lines: list[Case] = []
            stand = [_added(case, known, lines) for case in cases]
            _append(file, lines)
        return stand

    def withdraw(self, *ids: str, by: str, now: datetime) -> list[Case]:
        """Withdraw cases by a further line each; those that are unknown or withdrawn are left out."""
        with self._held() as file:
            known = self._standing(_all_of(file))
            lines = [_withdrawn(known[id_], by, now) for id_ in ids if id_ in known and known[id_].open]
            _append(file, lines)
        return lines

    def _standing(self, raw: bytes) -> dict[str, Case]:
        cases: dict[str, Case] = {}
        self.damaged = []
        for number, line in enumerate(raw.split(b"\n"), 1):
            try:
                if line.strip():
                    case = _DECODE(line)
                    cases[case.id] = case
            except (msgspec.DecodeError, UnicodeDecodeError):
                self.damaged.append(number)
        return cases

    @contextmanager
    def _held(self) -> Iterator[BinaryIO]:
        """The file, which no one else writes meanwhile; freed at once when the process ends."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, OURS_ALONE)
            with os.fdopen(descriptor, "r+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
        except OSError as error:
            raise ConfigError(current()("config.unwritable", path=self.path, why=error.strerror)) from error


_DECODE = msgspec.json.Decoder(Case).decode


def _all_of(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _append(file: BinaryIO, lines: list[Case]) -> None:
    """Write whole lines at once and see them on the disk; a line that was cut short before stays by itself."""
    if not lines:
        return
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - 1, 0))
    torn = size and file.read(1) != b"\n"
    text = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    file.write(b"\n" + text if torn else text)
    os.fsync(file.fileno())


def _added(case: Case, known: dict[str, Case], lines: list[Case]) -> Case:
    """The case as it stands after it was said, with the lines that say it; ``known`` is kept up."""
    for other in [one for one in known.values() if one.open and one.about == case.about]:
        if other.verdict != case.verdict:
            lines.append(replace(other, withdrawn_at=case.at, withdrawn_by=case.by))
            known[other.id] = lines[-1]
        elif case.why in ("", other.why):
            return other
        else:
            case = replace(other, why=case.why, by=case.by, at=case.at, desk=case.desk or other.desk)
    lines.append(case)
    known[case.id] = case
    return case


def _withdrawn(case: Case, by: str, now: datetime) -> Case:
    return replace(case, withdrawn_at=stamp(now), withdrawn_by=by)
