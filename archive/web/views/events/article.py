"""«Cùng sự kiện» on the page of an article: who tells the event, why it is one, what was ruled on it."""

import asyncio
import json
from dataclasses import dataclass

from sqlite_utils import Database

from archive.db import reading
from archive.desk.log import LogEntry
from archive.stories.entries import EntryStory
from archive.stories.events import event_of, explain
from archive.web.request import PageRequest
from archive.web.views.events.lines import EventLines, event_lines
from archive.web.views.lists import ArticleLine, lines

_MOST_EXPLAINED = 20  # stories of an event
_LAST = """select id, at, by, what, digest, window, article_id from log
    where what glob 'event_*' and not undone and before is not null
      and article_id in (select value from json_each(?)) order by id desc limit 1"""


@dataclass(frozen=True, slots=True)
class ToldStory:
    """One story of the event: its articles, the first one leading, and why it is told here (stored reasons)."""

    story: EntryStory
    lines: list[ArticleLine]
    why: list[str]
    founder: bool

    @property
    def lead(self) -> ArticleLine:
        return self.lines[0]


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """The event of one article; ``event`` is None where the archive has put it into none."""

    event: int | None
    told: EventLines
    stories: list[ToldStory]

    @property
    def ids(self) -> list[int]:
        return self.told.entry.articles


def load_event(db: Database, article_id: int) -> OwnEvent:
    """The event of an article that is in the archive."""
    [told] = event_lines(db, lines(db, "where a.id = ?", [article_id]))
    event = event_of(db, article_id)
    known = {line.id: line for line in told.articles}
    stories = [
        ToldStory(
            story,
            [known[one] for one in story.articles],
            explain(db, event, story.article_id)
            if event and event not in story.articles and at < _MOST_EXPLAINED
            else [],
            event in story.articles,
        )
        for at, story in enumerate(told.entry.stories)
    ]
    return OwnEvent(event, told, stories)


async def last_ruling(req: PageRequest, ids: list[int]) -> LogEntry | None:
    """What an editor ruled last on these articles and could take back; None for whoever may not."""
    home = req.site.home
    if home is None or req.public or not req.may("editor") or not home.desk_db.exists():
        return None

    def read() -> LogEntry | None:
        with reading(home.desk_db) as desk:
            row = desk.execute(_LAST, [json.dumps(ids)]).fetchone()
        return LogEntry(*row) if row else None

    return await asyncio.to_thread(read)
