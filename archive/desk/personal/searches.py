"""Searches that a reader saved under a name, and up to which article each was looked at.

They are nobody else's: the log does not tell of them. All who have no account share the list of the name ''.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from archive.clock import stamp
from archive.db import writing
from archive.desk.fields import tidied
from archive.reasons import reason

MOST = 100  # searches of one reader
LONGEST_NAME, LONGEST_SEARCH = 80, 8000  # characters
_COLUMNS = "id, name, asked, seen_id, seen_at"


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """``asked``: the parameters of the address of ``/tim``; ``seen_id``: the newest article at ``seen_at``."""

    id: int
    name: str
    asked: str
    seen_id: int
    seen_at: str


class NotSaved(Exception):
    """A search that cannot be saved or renamed; ``reason`` is a stored reason."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.reason = why


def saved_searches(desk: Database, user: str) -> list[SavedSearch]:
    """Someone's searches by name; none in a desk.db that an older release made."""
    if not desk.table("searches").exists():
        return []
    rows = desk.execute(f"select {_COLUMNS} from searches where user = ?", [user])
    return sorted((SavedSearch(*row) for row in rows), key=lambda one: one.name.casefold())


def save_search(desk: Database, user: str, name: str, asked: str, newest: int, now: datetime) -> None:
    """Save a search; ``newest`` is the newest article that there is. Raises NotSaved."""
    name = _checked(name)
    if len(asked) > LONGEST_SEARCH:
        raise NotSaved(reason("search_long", most=LONGEST_SEARCH))
    with writing(desk):
        if len(saved_searches(desk, user)) >= MOST:
            raise NotSaved(reason("search_too_many", most=MOST))
        _leave_others(desk, user, name)
        desk.execute(
            "insert into searches (user, name, asked, seen_id, seen_at, created_at) values (?, ?, ?, ?, ?, ?)",
            [user, name, asked, newest, stamp(now), stamp(now)],
        )


def rename_search(desk: Database, user: str, search: int, name: str) -> None:
    """Another name for one of someone's searches. Raises NotSaved."""
    name = _checked(name)
    with writing(desk):
        _leave_others(desk, user, name, search)
        desk.execute("update searches set name = ? where user = ? and id = ?", [name, user, search])


def look_at_search(desk: Database, user: str, search: int, newest: int, now: datetime) -> SavedSearch | None:
    """Note that a reader sees all its hits up to now; the search, None where it is not theirs."""
    with writing(desk):
        sql = "update searches set seen_id = ?, seen_at = ? where user = ? and id = ?"
        desk.execute(sql, [newest, stamp(now), user, search])
        sql = f"select {_COLUMNS} from searches where user = ? and id = ?"
        row = desk.execute(sql, [user, search]).fetchone()
    return SavedSearch(*row) if row else None


def forget_search(desk: Database, user: str, search: int) -> None:
    """Take one of someone's searches away."""
    with writing(desk):
        desk.execute("delete from searches where user = ? and id = ?", [user, search])


def _checked(name: str) -> str:
    name = " ".join(tidied(name).split())
    if not name:
        raise NotSaved(reason("search_name_empty"))
    if len(name) > LONGEST_NAME:
        raise NotSaved(reason("search_name_long", most=LONGEST_NAME))
    return name


def _leave_others(desk: Database, user: str, name: str, search: int = 0) -> None:
    """Raise NotSaved where another of the reader's searches has the name."""
    for one in saved_searches(desk, user):
        if one.name.casefold() == name.casefold() and one.id != search:
            raise NotSaved(reason("search_name_there", name=one.name))
