"""What an outlet made of a figure of one article after it was kept: 7,8% → 6,8%."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlite_utils import Database

from archive.figures.ledger import LedgerPoint, Saying
from archive.revisions.changes import Change, from_json

_NUMBER = re.compile(r"\d+(?:[.,/]\d+)*")
Place = tuple[int, int | None]  # article, and where in its text the figure stands


@dataclass(frozen=True, slots=True)
class FigureRevision:
    """An edit that put ``after`` in the place of ``before``; ``version`` is the text from ``at`` on."""

    version: int
    at: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SeenText:
    """An article's text as it stood from ``at`` on, with what was changed to make it."""

    version: int
    at: str
    text: str
    changes: Sequence[Change]


def load_revisions(db: Database, points: Iterable[LedgerPoint]) -> dict[Place, list[FigureRevision]]:
    """The revisions of each figure that had any, the last first."""
    told = [one for point in points for one in point.sayings if one.edits]
    texts: dict[int, list[SeenText]] = {one.article_id: [] for one in told}
    for article_id, text in _texts(db, texts):
        texts[article_id].append(text)
    found = {(one.article_id, one.starts): list(revisions(one, texts[one.article_id])) for one in told}
    return {place: some for place, some in found.items() if some}


def _texts(db: Database, ids: Iterable[int]) -> Iterator[tuple[int, SeenText]]:
    sql = """select article_id, id, seen_at, title || char(10) || lead || char(10) || body, changes
        from versions where article_id in (select value from json_each(?)) order by id"""
    for article_id, version, at, text, changes in db.execute(sql, [json.dumps(list(ids))]):
        yield article_id, SeenText(version, at, text, from_json(changes))


def revisions(saying: Saying, texts: Sequence[SeenText]) -> Iterator[FigureRevision]:
    """The edits that changed a figure, the last first; ``texts`` from the first on.

    An edit is of this figure when the sentence was not there before and the number took another's place.
    """
    quote, number = saying.quote, _number(saying.printed)
    for newer, older in pairwise(reversed(texts)):
        if not number or quote in older.text:
            continue
        change = next((one for one in newer.changes if one.before and _number(one.after) == number), None)
        if change is None or change.kind != "figure":
            return
        yield FigureRevision(newer.version, newer.at, change.before, change.after)
        quote, number = quote.replace(number, _number(change.before), 1), _number(change.before)


def _number(text: str) -> str:
    match = _NUMBER.search(text)
    return match[0] if match else ""
