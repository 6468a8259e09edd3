"""``/su-kien``: an editor takes a story out of its event, joins two events, or takes that back."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from datasette.utils.asgi import NotFound, Response
from sqlite_utils import Database

from archive.db import writing
from archive.desk import log
from archive.desk.db import open_desk
from archive.home import Home
from archive.reasons import reason
from archive.schema import open_archive
from archive.stories.entries import load_entries
from archive.stories.events import event_of, join_events, settle, split_story
from archive.stories.rulings import put_back, rulings_on
from archive.web.forms import fields
from archive.web.request import PageRequest

_NAMED = re.compile(r"(?:\S*/bai/)?(\d{1,18})(?:[/?#]\S*)?")


async def rule(req: PageRequest) -> Response:
    """What a button of «Cùng sự kiện» asks for; the article's page follows."""
    given = await fields(req)
    home = req.site.home
    deed = _DEEDS.get(given.get("viec", ""))
    number = given.get("bai", "")
    if home is None or deed is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFound("no such deed")
    told = await asyncio.to_thread(lambda: deed(req, home, int(number), given))
    return Response.redirect(req.path(f"/bai/{number}", {"da": told}) + "#cung-su-kien", status=303)


@contextmanager
def _both(home: Home) -> Iterator[tuple[Database, Database]]:
    """The archive and the desk, in one write transaction each."""
    with (
        closing(open_archive(home.archive_db)) as archive,
        closing(open_desk(home.desk_db)) as desk,
        writing(archive),
        writing(desk),
    ):
        yield archive, desk


def _split(req: PageRequest, home: Home, _: int, given: dict[str, str]) -> str:
    """Take the story of an article out of its event."""
    one = _number(given.get("tin", ""))
    with _both(home) as (archive, desk):
        event = event_of(archive, one) if one else None
        if not one or event is None or len(_stories(archive, [event])) < 2:
            return "none"
        with _logged(req, archive, desk, reason("event_split", article=one), one, [event]):
            split_story(archive, one, req.now)
    return "ruled"


def _join(req: PageRequest, home: Home, article: int, given: dict[str, str]) -> str:
    """Join the event of an article with that of another one."""
    with _both(home) as (archive, desk):
        other = _named(archive, given.get("voi", "").strip())
        events = [event_of(archive, one) if one else None for one in (article, other)]
        if not other or None in events:
            return "unknown"
        if events[0] == events[1]:
            return "same"
        both = [one for one in events if one]
        with _logged(req, archive, desk, reason("event_join", article=other), article, both):
            join_events(archive, both[0], both[1], req.now)
    return "ruled"


@contextmanager
def _logged(
    req: PageRequest, archive: Database, desk: Database, what: str, article: int, events: list[int]
) -> Iterator[None]:
    """Log a ruling with what was ruled on these articles before and after, so that it can be taken back."""
    ids = [one for story in _stories(archive, events) for one in story]
    before = rulings_on(archive, ids)
    yield
    kept = {"ids": ids, "before": before, "after": rulings_on(archive, ids)}
    log.write(desk, what, by=req.user.name, now=req.now, article_id=article, before=json.dumps(kept))


def _take_back(req: PageRequest, home: Home, _: int, given: dict[str, str]) -> str:
    """Make the rulings of one log entry what they were, unless something was ruled on them since."""
    with _both(home) as (archive, desk):
        row = desk.execute(
            "select what, article_id, before from log where id = ? and not undone and what glob 'event_*'",
            [_number(given.get("so", "")) or 0],
        ).fetchone()
        if row is None or not row[2]:
            return "late"
        kept = json.loads(row[2])
        standing = rulings_on(archive, kept["ids"])
        if standing != [tuple(one) for one in kept["after"]]:
            return "late"
        put_back(archive, standing, [tuple(one) for one in kept["before"]])
        stories = archive.execute(_STORIES, [json.dumps(kept["ids"])]).fetchall()
        settle(archive, [story for (story,) in stories], anew=True)
        desk.execute("update log set undone = 1 where id = ?", [_number(given["so"])])
        log.write(desk, reason("desk_undone", why=row[0]), by=req.user.name, now=req.now, article_id=row[1])
    return "back"


_STORIES = """select story_id from articles
    where story_id is not null and id in (select value from json_each(?)) group by 1 order by min(sort)"""
_DEEDS: dict[str, Callable[[PageRequest, Home, int, dict[str, str]], str]] = {
    "tach": _split,
    "gop": _join,
    "hoan-tac": _take_back,
}


def _stories(archive: Database, events: list[int]) -> list[list[int]]:
    entries = load_entries(archive, events)
    return [story.articles for entry in entries.values() for story in entry.stories]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _named(archive: Database, text: str) -> int | None:
    """The article that a number, an address of this archive, or the outlet's address names."""
    if named := _NAMED.fullmatch(text):
        row = archive.execute("select id from articles where id = ?", [int(named[1])]).fetchone()
    else:
        row = archive.execute("select id from articles where url = ?", [text[:2000]]).fetchone()
    return int(row[0]) if row else None
