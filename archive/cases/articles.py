"""Cases of articles that are in the archive: from their page, and from what was decided at the desk."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace
from sqlite_utils import Database

from archive.cases import Case, CaseBook, Verdict, new_id
from archive.clock import moment, stamp

_ARTICLE = """select url, source, title, lead, coalesce(published_at, ''), sha256, unread
    from articles where id = ?"""
_LEFT_OUT = """select digest || '/' || window || '/' || article_id, article_id, why, changed_by, changed_at
    from choices where mark = 'irrelevant' order by changed_at"""


def case_of(
    archive: Database,
    article_id: int,
    verdict: Verdict,
    *,
    by: str,
    now: datetime,
    topic: str = "",
    why: str = "",
) -> Case | None:
    """A case of an article as it reads now, not yet recorded; None where there is none of that number."""
    row = archive.execute(_ARTICLE, [article_id]).fetchone()
    if row is None:
        return None
    url, source, title, lead, published, sha, unread = row
    return Case(
        id=new_id(now), at=stamp(now), by=by, verdict=verdict, topic=topic, why=why, url=url, source=source,
        title=title, lead=lead, published_at=published, sha256="" if unread else sha,
        text_in="" if unread else "archive",
    )  # fmt: skip


def note_choices(book: CaseBook, archive: Database, desk: Database, *, by: str, now: datetime) -> None:
    """Make the book say what the desk says: a case for each article marked «không liên quan», of any window.

    One that is marked otherwise since is withdrawn, by whoever is at the desk now. A case that was withdrawn by
    hand stays so until its choice changes again. What a kill left out is made up for by the next call.
    """
    marked = {str(row[0]): row[1:] for row in desk.execute(_LEFT_OUT)}
    known = book.read()
    gone = [case.id for case in known if case.open and case.desk and case.desk not in marked]
    if gone:
        book.withdraw(*gone, by=by, now=now)
    newest = {case.about: case for case in sorted(known, key=lambda case: case.withdrawn_at or case.at)}
    new = list(_new(archive, marked, newest))
    if new:
        book.record(*new)


def _new(
    archive: Database, marked: dict[str, tuple[int, str, str, str]], newest: dict[tuple[str, str], Case]
) -> Iterator[Case]:
    """The cases of the marks that nothing later was said of."""
    for key, (article_id, why, by, at) in marked.items():
        case = case_of(archive, article_id, "irrelevant", by=by, now=moment(at), why=why)
        before = case and newest.get(case.about)
        if case and not (before and _says_it_already(before, why, at)):
            newest[case.about] = case
            yield replace(case, desk=key)


def _says_it_already(before: Case, why: str, at: str) -> bool:
    if not before.open:
        return before.withdrawn_at >= at
    return before.at > at or (before.verdict == "irrelevant" and before.why == why)
