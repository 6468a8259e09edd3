"""From the desk to an edition: the open window, its approval, a correction, what was left out brought back.

Nothing goes out unapproved or twice: an approval is frozen in desk.db first; its edition and deliveries follow
in one transaction of archive.db. Killed between the two, the approval is finished before any other edition of
the digest is made. Who writes to both takes archive.db first.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace
from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import writing
from archive.desk import log
from archive.desk.choices import Choice, load_choices
from archive.desk.edition import stories, with_choices
from archive.desk.fields import checked
from archive.digests import editions
from archive.digests.collect import collect, matched_ids
from archive.digests.config import Digest
from archive.digests.content import Content, Counts
from archive.digests.editions import Covered
from archive.digests.schedule import Window
from archive.i18n import current
from archive.reasons import reason

written = logging.getLogger(__name__)

ITSELF = "*"  # who approved what goes by itself
NO_WINDOW = "-"  # the window that a correction closes
# What stays of the content of an edition that went by itself: enough to know it if archive.db loses it
_REMNANT = """json_object('covers_from', content ->> 'covers_from', 'covers_to', content ->> 'covers_to',
    'article_ids', json_extract(content, '$.article_ids'))"""
_IS_WHOLE = "by <> ? or coalesce(content ->> 'burst', '') <> ''"  # alerts of bursts are short
_UNFINISHED = "from approvals where digest = ? and digest_id is null order by id"


class NothingChosen(Exception):
    """There are stories, and none of them is to be told."""


class Changed(Exception):
    """What would go out is not what the approver looked at: someone decided something meanwhile."""


class WindowMoved(Covered):
    """The window that someone looked at has been told by an edition since: ``edition`` is its key."""

    def __init__(self, digest: str, edition: str) -> None:
        super().__init__(f"{digest}: edition {edition} was made meanwhile")
        self.edition = edition


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """What came since a digest's last edition, and what is decided on it; ``window`` is its name in desk.db."""

    window: str
    content: Content
    choices: dict[int, Choice]

    def edited(self, *, everything: bool) -> Content:
        """What would go out now; ``everything`` False only what was chosen."""
        return with_choices(self.content, self.choices, everything=everything)


def open_window(
    archive: Database, digest: Digest, desk: Database | None, now: datetime, until: datetime | None = None
) -> OpenWindow:
    """The open window of a digest up to ``until`` (else now); reads only."""
    window = window_name(archive, digest.name)
    content = editions.preview(archive, digest, now, until or now)
    return OpenWindow(window, content, load_choices(desk, digest.name, window) if desk else {})


def window_name(archive: Database, digest: str) -> str:
    """What names the open window: where the digest's last edition ends; '' before the first one."""
    row = archive.execute("select max(covers_to) from digests where name = ?", [digest]).fetchone()
    return str(row[0] or "")


def approve(
    archive: Database,
    desk: Database,
    digest: Digest,
    *,
    until: datetime,
    everything: bool,
    by: str,
    now: datetime,
    window: str | None = None,
    seen: Content | None = None,
) -> int:
    """The id of the edition that tells what was decided on all up to ``until``; the same when asked again.

    ``window`` and ``seen`` are what the approver looked at. Raises WindowMoved when an edition was made
    meanwhile, Changed when other stories, words or orders would go out, NothingChosen when no story is told.
    """
    with deciding(archive, desk, digest, now):
        done = _approved(archive, desk, digest, until)
        if done is not None:
            return done
        span = _span(archive, digest, until, window)
        return freeze(archive, desk, digest, span, now, everything=everything, by=by, seen=seen)


@contextmanager
def deciding(archive: Database, desk: Database, digest: Digest, now: datetime) -> Iterator[list[int]]:
    """A transaction of archive.db to decide on an edition in; gives those approved before and only made now.

    What it commits stays even when the power fails, as at the desk.
    """
    archive.execute("pragma synchronous = full")
    with writing(archive):
        _recall(archive, desk, digest, now)
        yield finish(archive, desk, digest, now)
    settle(archive, desk, digest)


def freeze(
    archive: Database,
    desk: Database,
    digest: Digest,
    span: Window,
    now: datetime,
    *,
    everything: bool = True,
    by: str | None = None,
    seen: Content | None = None,
) -> int:
    """The id of the edition with what is decided on a window by now; nothing more can be decided on it.

    ``by`` None: it goes by itself. Call it while :func:`deciding`; raises NothingChosen and Changed.
    """
    content = collect(archive, digest, span, now, editions.next_number(archive, digest, span.covers_to))
    here = window_name(archive, digest.name)
    with writing(desk):
        edited = with_choices(content, load_choices(desk, digest.name, here), everything=everything)
        news = any(stories(replace(content, left_before=[])))
        if by is not None and news and not any(stories(edited)):
            raise NothingChosen(content.name)
        if seen is not None and _telling(seen) != _telling(edited):
            raise Changed(content.name)
        left = matched_ids(archive, digest, span) & (_story_ids(content) - _story_ids(edited))
        edited = replace(edited, left_ids=sorted(left), approved_by=by or "")
        _keep(desk, here, edited, by, now)
        if by is not None:
            what = reason("desk_approved", edition=edited.edition, count=edited.counts.stories)
            log.write(desk, what, by=by, now=now, digest=digest.name, window=here)
    return finish(archive, desk, digest, now)[-1]


def freeze_burst(archive: Database, desk: Database, digest: Digest, content: Content, now: datetime) -> int:
    """The id of an alert of a burst, made as an edition is, so that desk.db knows of it too."""
    with writing(desk):
        _keep(desk, NO_WINDOW, content, None, now)
    return finish(archive, desk, digest, now)[-1]


def _span(archive: Database, digest: Digest, until: datetime, seen: str | None) -> Window:
    """The window up to a time; raises WindowMoved where it is not the one seen, or has no time left."""
    span = editions.window_until(archive, digest, until)
    moved = seen is not None and seen != window_name(archive, digest.name)
    if moved or span.covers_from >= span.covers_to:
        last = editions.latest(archive, digest.name)
        raise WindowMoved(digest.name, editions.read(archive, last).edition if last is not None else "")
    return span


def _keep(desk: Database, window: str, content: Content, by: str | None, now: datetime) -> None:
    desk.execute(
        "insert into approvals (digest, window, edition, content, by, at) values (?, ?, ?, ?, ?, ?)",
        [content.name, window, content.edition, content.to_json(), ITSELF if by is None else by, stamp(now)],
    )


def _telling(content: Content) -> Content:
    """The stories and changes alone."""
    return Content(
        "", "", "", 0, "", "", "", Counts(), content.parts, content.again, content.older, content.mentions,
        content.changes,
    )  # fmt: skip


def _story_ids(content: Content) -> set[int]:
    return {one for story in stories(content) for one in story.ids}


def finish(archive: Database, desk: Database, digest: Digest, now: datetime) -> list[int]:
    """The ids of the editions that were approved and are not made yet, made now; see :func:`deciding`."""
    return [_make(archive, digest, content, now) for content in _unfinished(desk, digest)]


def settle(archive: Database, desk: Database, digest: Digest) -> None:
    """Note which approvals have their edition by now."""
    if not _unfinished(desk, digest):
        return
    with writing(desk):
        rows = desk.execute(f"select id, edition {_UNFINISHED}", [digest.name]).fetchall()
        for id_, edition in rows:
            made = editions.find(archive, digest.name, edition)
            desk.execute(
                f"""update approvals set digest_id = ?,
                    content = iif({_IS_WHOLE}, content, {_REMNANT}) where id = ?""",
                [made, ITSELF, id_],
            )


def _recall(archive: Database, desk: Database, digest: Digest, now: datetime) -> None:
    """Editions that desk.db knows as made and archive.db lost are made again, as far as they are known.

    They may have gone out: so they go to nobody by themselves, and what they told is not told again.
    """
    lost = []
    sql = """select edition, content, at from approvals where digest = ? and digest_id is not null
             order by id desc"""
    for edition, text, at in desk.execute(sql, [digest.name]):
        if editions.find(archive, digest.name, edition) is not None:
            break  # older ones are there too
        lost.append((edition, text, moment(at)))
    for edition, text, at in reversed(lost):
        _make_again(archive, digest, edition, text, at)
        what = reason("desk_recalled", edition=edition)
        written.error("%s: %s", digest.name, current().reason(what))
        log.write(desk, what, by=ITSELF, now=now, digest=digest.name, window=window_name(archive, digest.name))


def _make_again(archive: Database, digest: Digest, edition: str, text: str, at: datetime) -> None:
    known = msgspec.json.decode(text)
    if "covers_to" in known:
        window = Window(edition, moment(known["covers_from"]), moment(known["covers_to"]))
    else:  # of an older release
        window = _window_named(archive, digest, edition, at)
    _move(archive, digest, set(known.get("article_ids") or []), window.covers_to)
    if "parts" in known:
        content = Content.from_json(text)
    else:
        content = collect(archive, digest, window, at, editions.next_number(archive, digest, window.covers_to))
    ids = sorted({*content.article_ids, *(known.get("article_ids") or [])})
    id_ = editions.insert(archive, digest, replace(content, article_ids=ids), at)
    why = reason("delivery_recalled")
    sql = "update deliveries set state = 'failed', last_error = ?, next_at = null where digest_id = ?"
    if archive.execute(sql, [why, id_]).rowcount:
        archive.execute("update digests set state = 'failed' where id = ?", [id_])


def _window_named(archive: Database, digest: Digest, edition: str, at: datetime) -> Window:
    try:
        return editions.window_of(archive, digest, edition, at)
    except ValueError:
        return Window(edition, at, at)


def _unfinished(desk: Database, digest: Digest) -> list[Content]:
    rows = desk.execute(f"select content {_UNFINISHED}", [digest.name])
    return [Content.from_json(row[0]) for row in rows]


def _make(archive: Database, digest: Digest, content: Content, now: datetime) -> int:
    """The id of the edition with the approved content; what was matched behind its back is left to the next."""
    known = editions.find(archive, digest.name, content.edition)
    if known is not None:
        return known
    window = Window(content.edition, moment(content.covers_from), moment(content.covers_to))
    known_then = _story_ids(content) | {*content.article_ids, *content.left_ids}
    late = matched_ids(archive, digest, window) - known_then
    _move(archive, digest, late, window.covers_to + timedelta(seconds=1))
    return editions.insert(archive, digest, content, now)


def _move(archive: Database, digest: Digest, ids: set[int], to: datetime) -> None:
    """Let all matches of these articles count for a time."""
    archive.execute(
        """update matches set matched_at = ? where alert >= ? and alert < ?
           and article_id in (select value from json_each(?))""",
        [stamp(to), f"{digest.name}/", f"{digest.name}0", json.dumps(sorted(ids))],
    )


def _approved(archive: Database, desk: Database, digest: Digest, until: datetime) -> int | None:
    """The edition of the digest's last approval, where that was up to the same time."""
    row = desk.execute(
        """select edition, json_extract(content, '$.covers_to'), json_extract(content, '$.notice')
           from approvals where digest = ? and by <> ? order by id desc limit 1""",
        [digest.name, ITSELF],
    ).fetchone()
    same = row and row[1] == stamp(until) and not row[2]
    return editions.find(archive, digest.name, row[0]) if same else None


def correct(
    archive: Database, desk: Database, digest: Digest, digest_id: int, text: str, *, by: str, now: datetime
) -> int:
    """The id of a correction of an edition, made as an edition of its own; it covers no time.

    Asked again with the same words it is the same one. Raises TooLong, or BadValue without any words.
    """
    notice = notice_of(text)
    with deciding(archive, desk, digest, now):
        wrong = editions.read(archive, digest_id)
        if wrong.name != digest.name:
            raise ValueError(f"edition {digest_id} is none of {digest.name}")
        known = _same_correction(archive, digest, wrong.edition, notice)
        if known is not None:
            return known
        content = _correction(archive, digest, wrong, notice, by, now)
        with writing(desk):
            _keep(desk, NO_WINDOW, content, by, now)
            what = reason("desk_corrected", edition=wrong.edition)
            log.write(desk, what, by=by, now=now, digest=digest.name, window=content.covers_to)
        return finish(archive, desk, digest, now)[-1]


def notice_of(text: str) -> str:
    """The words of a correction as they are kept; raises BadValue or TooLong, which hold what was typed."""
    return str(checked("notice", text))


def _correction(
    archive: Database, digest: Digest, wrong: Content, notice: str, by: str, now: datetime
) -> Content:
    end = window_name(archive, digest.name)
    return Content(
        name=digest.name,
        title=digest.title,
        edition=editions.free_key(archive, digest, now),
        number=editions.next_number(archive, digest, moment(end)),
        made_at=stamp(now),
        covers_from=end,
        covers_to=end,
        counts=Counts(),
        parts=[],
        archive_url=digest.archive_url,
        stop=digest.options.stop,
        notice=notice,
        corrects=wrong.edition,
        approved_by=by,
        office=digest.office,
        file_name=digest.options.file_name,
    )


def _same_correction(archive: Database, digest: Digest, edition: str, notice: str) -> int | None:
    row = archive.execute(
        """select id from digests where name = ? and json_extract(content, '$.corrects') = ?
           and json_extract(content, '$.notice') = ? order by id desc limit 1""",
        [digest.name, edition, notice],
    ).fetchone()
    return int(row[0]) if row else None


def bring_back(
    archive: Database, desk: Database, digest: Digest, article_ids: list[int], by: str, now: datetime
) -> None:
    """Put articles that an edition left out into the open window, as if they had matched now.

    What an edition has told stays told.
    """
    with writing(archive):
        end = window_name(archive, digest.name)
        ids = set(article_ids) - _told(archive, digest)
        _move(archive, digest, ids, max(now, moment(end) + timedelta(seconds=1)) if end else now)
        for one in sorted(ids):
            what = reason("desk_brought_back")
            log.write(desk, what, by=by, now=now, digest=digest.name, window=end, article_id=one)


def _told(archive: Database, digest: Digest) -> set[int]:
    """The articles that the digest's editions have told."""
    told: set[int] = set()
    for (text,) in archive.execute("select content from digests where name = ?", [digest.name]):
        content = Content.from_json(text)
        told |= {*_story_ids(content), *content.article_ids} - set(content.left_ids)
    return told
