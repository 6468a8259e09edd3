"""What the archive saw an outlet do after a request: edits and take-downs, for a person to confirm."""

import json
from collections.abc import Iterable
from typing import Literal, NamedTuple

from sqlite_utils import Database

from archive.desk.register import RegisterEntry
from archive.desk.rows import rows


class Proof(NamedTuple):
    """An edit (its row in ``versions``) or a take-down (no version) of an article, and when it was seen."""

    entry_id: int
    article_id: int
    version: int | None
    at: str

    @property
    def outcome(self) -> Literal["edited", "removed"]:
        """What it shows that the outlet did."""
        return "edited" if self.version else "removed"


def proofs_for(archive: Database, entries: Iterable[RegisterEntry]) -> dict[int, list[Proof]]:
    """By row, what came after it was entered and nobody looked at yet, the oldest first."""
    wanted = [
        [one.id, one.article_id, one.seen_until, one.whole_story]
        for one in entries
        if not (one.outcome or one.closed)
    ]
    found: dict[int, list[Proof]] = {}
    for row in archive.execute(_PROOFS, [json.dumps(wanted)]):
        found.setdefault(row[0], []).append(Proof(*row))
    return found


def hinted_ids(archive: Database, desk: Database) -> str:
    """The rows that have such proofs, as a JSON array of their numbers."""
    return json.dumps(
        list(proofs_for(archive, rows(desk, RegisterEntry, "outcome is null and closed is null", ())))
    )


_PROOFS = """
with asked as (
    select json_extract(value, '$[0]') as id, json_extract(value, '$[1]') as article,
        json_extract(value, '$[2]') as since, json_extract(value, '$[3]') as whole from json_each(?)),
meant as (
    select id, article, since from asked
    union select asked.id, other.id, asked.since from asked
        join articles own on own.id = asked.article join articles other on other.story_id = own.story_id
        where asked.whole)
select meant.id, v.article_id, v.id, v.seen_at as at from meant
    join versions v on v.article_id = meant.article where v.kind = 'edit' and v.seen_at > meant.since
union all
select meant.id, a.id, null, a.gone_at from meant
    join articles a on a.id = meant.article where a.state = 'gone' and a.gone_at > meant.since
order by at, 2
"""
