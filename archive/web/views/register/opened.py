"""The register opened for one request: both databases, and its rows in the reader's words."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from datasette.utils.asgi import NotFound
from sqlite_utils import Database

from archive import schema
from archive.db import reading
from archive.desk.db import open_desk
from archive.desk.register import RegisterEntry, of_articles
from archive.desk.register.proofs import Proof, proofs_for
from archive.formats import Formats
from archive.web.request import PageRequest
from archive.web.views.lists import placeholders

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OpenedRegister:
    """Both databases for one request, in the thread that works on them."""

    req: PageRequest
    archive: Database
    desk: Database

    @property
    def today(self) -> date:
        return self.req.formats.today

    def lines(self, entries: Iterable[RegisterEntry]) -> "list[RegisterLine]":
        """The rows with their outlets' names, and what is to be confirmed of each."""
        some = list(entries)
        names = outlet_names(self.archive, {one.source for one in some})
        proofs = proofs_for(self.archive, some)
        return [
            RegisterLine(one, names.get(one.source, one.source), self.req.formats, proofs.get(one.id, []))
            for one in some
        ]


async def at_register(req: PageRequest, work: Callable[[OpenedRegister], T]) -> T:
    """What the work gives, done in a thread of its own; NotFound where there is no home."""
    home = req.site.home
    if home is None or not home.archive_db.exists():
        raise NotFound("no register without a home")

    def run() -> T:
        with reading(home.archive_db) as archive, closing(open_desk(home.desk_db)) as desk:
            schema.prepare(archive.conn)
            return work(OpenedRegister(req, archive, desk))

    return await asyncio.to_thread(run)


async def lines_about(req: PageRequest, ids: list[int]) -> "list[RegisterLine]":
    """The rows about these articles; none in public, and where there is no desk yet."""
    home = req.site.home
    if req.public or home is None or not home.desk_db.exists():
        return []
    return await at_register(req, lambda register: register.lines(of_articles(register.desk, ids)))


def outlet_names(archive: Database, keys: Iterable[str]) -> dict[str, str]:
    """The names of outlets by their keys."""
    some = list(keys)
    rows = archive.execute(f"select key, name from sources where key in ({placeholders(some)})", some)
    return dict(rows.fetchall())


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One row as it is shown; sentences in the reader's language."""

    entry: RegisterEntry
    outlet: str
    formats: Formats
    proofs: list[Proof] = field(default_factory=list)

    @property
    def state(self) -> str:
        return self.entry.state(self.formats.today)

    @property
    def state_words(self) -> str:
        """``quá hạn 3 ngày``, ``còn 2 ngày``, ``đã phản hồi, trễ 1 ngày``."""
        words, entry = self.formats.words, self.entry
        state = self.state
        if state in ("withdrawn", "closed", "today") or not entry.due:
            return words(f"register.state.{state}")
        if state == "answered":
            late = _days(entry.due, entry.answered_on or entry.due)
            how = words("register.on_time") if late <= 0 else self._counted("register.late", late)
            return words("register.state.answered.how", how=how)
        days = _days(self.formats.today.isoformat(), entry.due)
        return self._counted(f"register.state.{state}.days", abs(days))

    def _counted(self, key: str, days: int) -> str:
        return self.formats.words(f"{key}.one" if days == 1 else key, n=self.formats.number(days))

    @property
    def late(self) -> bool:
        return self.state == "overdue"

    @property
    def answer_words(self) -> str:
        """``25/11/2026: Công văn 123/SCT-VP``."""
        given = (self.day(self.entry.answered_on), self.entry.answer)
        return ": ".join(filter(None, given))

    @property
    def outcome_words(self) -> str:
        """``báo đã sửa bài (26/11/2026)``."""
        if not self.entry.outcome:
            return ""
        named = self.formats.words.named("register.outcome", self.entry.outcome)
        return f"{named} ({self.day(self.entry.outcome_on)})"

    @property
    def proof_path(self) -> str:
        """Where the archive shows what the outlet did; '' without a proof."""
        return proof_path(self.entry.proof_article, self.entry.proof_version)

    def day(self, stored: str | None) -> str:
        return self.formats.day(stored) if stored else ""


def proof_path(article_id: int | None, version: int | None) -> str:
    """The place in an article's history: a version beside the one before, or the take-down."""
    if not article_id:
        return ""
    return f"/bai/{article_id}#{f'ban-{version}' if version else 'lich-su'}"


def _days(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days
