"""The register as lists: which rows, how many of each kind, in which order."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlite_utils import Database

from archive.desk.accounts import key
from archive.desk.register import VIEWS, RegisterEntry
from archive.desk.rows import rows

_ORDER = """order by closed is null and answered_on is null desc,
    case when closed is null and answered_on is null then coalesce(due, '9999') end, id desc"""


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """Which rows: one of VIEWS, an outlet, a person, and the days (both included) the view is about."""

    view: str = ""
    source: str = ""
    assignee: str = ""
    first: date | None = None
    last: date | None = None


@dataclass
class RegisterList:
    """The rows of a filter; ``hinted`` are those with an edit or take-down that nobody looked at."""

    desk: Database
    filter: RegisterFilter
    today: date
    hinted: str = "[]"  # a JSON array of ids

    def page(self, limit: int, offset: int = 0) -> list[RegisterEntry]:
        """Its rows: what waits first, by due day; then the newest."""
        where, given = self._where(self.filter)
        given |= {"limit": limit, "offset": offset}
        return list(rows(self.desk, RegisterEntry, f"{where} {_ORDER} limit :limit offset :offset", given))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows each view has under the other filters."""
        parts: list[str] = []
        given: dict[str, Any] = {}
        for view in VIEWS:
            where, given = self._where(replace(self.filter, view=view))
            parts.append(f"count(*) filter (where {where})")
        row = self.desk.execute(f"select {', '.join(parts)} from register", given).fetchone()
        return dict(zip(VIEWS, row, strict=True))

    @property
    def total(self) -> int:
        return self.counts[self.filter.view]

    @cached_property
    def sources(self) -> list[str]:
        """The outlets of the whole register, by their keys."""
        return [row[0] for row in self.desk.execute("select distinct source from register order by source")]

    @cached_property
    def assignees(self) -> list[str]:
        """Everyone that something was given to; a name that is written in several ways once."""
        sql = "select distinct assignee from register where assignee <> '' order by assignee"
        return list({key(row[0]): row[0] for row in self.desk.execute(sql)}.values())

    def _where(self, chosen: RegisterFilter) -> tuple[str, dict[str, Any]]:
        view = VIEWS[chosen.view]
        parts, given = [f"({view.where})"], {"today": self.today.isoformat(), "hinted": self.hinted}
        if chosen.source:
            parts, given = [*parts, "source = :source"], given | {"source": chosen.source}
        if chosen.assignee:
            parts.append(f"assignee in ({', '.join(f':person{n}' for n, _ in enumerate(self._spellings))})")
            given |= {f"person{n}": name for n, name in enumerate(self._spellings)}
        if chosen.first:
            parts, given = [*parts, f"{view.day} >= :first"], given | {"first": chosen.first.isoformat()}
        if chosen.last:
            parts, given = [*parts, f"{view.day} <= :last"], given | {"last": chosen.last.isoformat()}
        return " and ".join(parts), given

    @cached_property
    def _spellings(self) -> list[str]:
        """How the person's name is written in the register."""
        wanted = key(self.filter.assignee)
        names = self.desk.execute("select distinct assignee from register")
        return [name for (name,) in names if key(name) == wanted] or [self.filter.assignee]
