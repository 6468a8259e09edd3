"""The register of requests to take an article out of the public's sight, and what was decided of each.

The archive keeps the article: it is what an outlet published, with proof. ``--public`` does not show it from
the decision on. docs/law.md says which law lets whom ask.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlite_utils import Database

from archive.clock import HANOI, stamp
from archive.db import writing
from archive.desk import log
from archive.desk.fields import BadValue, checked
from archive.reasons import reason

Decision = Literal["", "withheld", "refused"]
DECISIONS: tuple[Decision, ...] = ("withheld", "refused")
_COLUMNS = """id, article_id, url, title, asked_by, ground, asked_on, entered_by, entered_at,
    decision, why, decided_by, decided_at"""
_DECIDED = """select article_id, max(decision = 'withheld') from removals where decision <> ''
    group by article_id"""


@dataclass(frozen=True, slots=True)
class Removal:
    """One request; ``decision`` '' as long as it waits. Days are of Hà Nội (ISO), times as stored."""

    id: int
    article_id: int
    url: str
    title: str
    asked_by: str
    ground: str
    asked_on: str
    entered_by: str
    entered_at: str
    decision: Decision
    why: str
    decided_by: str
    decided_at: str | None


def load_removals(desk: Database) -> list[Removal]:
    """All requests: those that wait first, then the newest."""
    sql = f"select {_COLUMNS} from removals order by decision <> '', id desc"
    return [Removal(*row) for row in desk.execute(sql)]


def enter_removal(
    desk: Database, article: tuple[int, str, str], asked: dict[str, str], *, by: str, now: datetime
) -> int:
    """Write a request down: ``article`` is its id, address and title, ``asked`` has asked_by, ground, asked_on.

    Raises BadValue for a field that is empty, too long or no day, or a day to come.
    """
    given = {name: checked(name, asked.get(name, "")) for name in ("asked_by", "ground", "asked_on")}
    if not given["asked_by"]:
        raise BadValue("asked_by", "")
    if given["asked_on"] > now.astimezone(HANOI).date().isoformat():
        raise BadValue("asked_on", given["asked_on"])
    row = [*article, given["asked_by"], given["ground"], given["asked_on"], by, stamp(now)]
    with writing(desk):
        cursor = desk.execute(
            """insert into removals (article_id, url, title, asked_by, ground, asked_on, entered_by, entered_at)
               values (?, ?, ?, ?, ?, ?, ?, ?)""",
            row,
        )
        log.write(desk, reason("removal_entered"), by=by, now=now, article_id=article[0])
    return int(cursor.lastrowid or 0)


def decide(desk: Database, id_: int, decision: str, why: str, *, by: str, now: datetime) -> bool:
    """Write down what was decided, which may be decided anew; False without such a request.

    Raises BadValue for no decision, or a reason that is too long or not given.
    """
    if decision not in DECISIONS:
        raise BadValue("decision", decision)
    why = checked("ground", why)
    with writing(desk):
        row = desk.execute("select article_id from removals where id = ?", [id_]).fetchone()
        if row is None:
            return False
        desk.execute(
            "update removals set decision = ?, why = ?, decided_by = ?, decided_at = ? where id = ?",
            [decision, why, by, stamp(now), id_],
        )
        log.write(desk, reason(f"removal_{decision}"), by=by, now=now, article_id=row[0])
    return True


def withhold(desk: Database, archive: Database, now: datetime) -> None:
    """Let the archive withhold what the register says; it shows again only what the register has and refused.

    So a register that was lost uncovers nothing. Done again it changes and writes nothing: every opening does
    it, for an archive that was lost or brought back from a copy does not know.
    """
    decided = dict(desk.execute(_DECIDED).fetchall())
    wanted = {id_ for id_, is_withheld in decided.items() if is_withheld}
    present = {id_ for (id_,) in archive.execute("select article_id from withheld")}
    shown, hidden = (present & decided.keys()) - wanted, wanted - present
    if not shown and not hidden:
        return
    with writing(archive):
        archive.conn.executemany("delete from withheld where article_id = ?", [(id_,) for id_ in shown])
        archive.conn.executemany(
            "insert or ignore into withheld values (?, ?)", [(id_, stamp(now)) for id_ in hidden]
        )
