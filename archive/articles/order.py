"""Which of two pages of an article is the newer, and where an article stands among the others (``sort``).

What was fetched earlier never replaces what came later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from archive.clock import lies_ahead, moment, stamp
from archive.db import SORT_SLOTS, sort_at
from archive.model import Article
from archive.reasons import parse


@dataclass(frozen=True, slots=True)
class PageMark:
    """What tells a page from others of its address; ``at`` is when it was fetched, None where nobody knows."""

    at: datetime | None
    sha256: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        """How an article notes the page that its text was read from."""
        return {"page_at": stamp(self.at) if self.at else None, "page_sha256": self.sha256 or None}


def is_older(known: dict[str, Any], page: PageMark | None, now: datetime, *, reprocessed: bool) -> bool:
    """Whether a page was fetched before the one that the text of a known article was read from.

    To be asked inside the transaction that writes: a crawl may have stored a newer page since this one was
    loaded. A copy of unknown age is older than whatever was fetched; a time that lies ahead is not believed:
    an old page read anew then gives way, a page just fetched does not.
    """
    if page is None or known["page_at"] is None or page.sha256 == known["page_sha256"]:
        return False
    if page.at is None:
        return True
    kept_at = moment(known["page_at"])
    if lies_ahead(kept_at, now) or lies_ahead(page.at, now):
        return reprocessed
    return stamp(page.at) < known["page_at"] or (reprocessed and stamp(page.at) == known["page_at"])


def sorted_at(article: Article, seen: datetime) -> datetime:
    """When an article was published; seen first, where that is not known or lies ahead and is doubted."""
    ahead = any(parse(doubt)[0] == "date_future" for doubt in article.doubt)
    return seen if article.published_at is None or ahead else article.published_at


def free_slot(db: Database, at: datetime) -> int:
    """A free ``sort`` in the minute of ``at``, or in the next minute that has room."""
    base = sort_at(at)
    while True:
        top = db.execute(
            "select max(sort) from articles where sort >= ? and sort < ?", [base, base + SORT_SLOTS]
        ).fetchone()[0]
        if top is None:
            return base
        if top + 1 < base + SORT_SLOTS:
            return int(top) + 1
        base += SORT_SLOTS


def resort(db: Database, ids: Iterable[int]) -> None:
    """Sort articles anew that stand where they were seen first, because that time has been corrected."""
    for id_ in ids:
        row = next(
            iter(db.query("select published_at, doubt, first_seen_at from articles where id = ?", [id_]))
        )
        if row["published_at"] is None or "date_future" in row["doubt"]:
            slot = free_slot(db, moment(row["first_seen_at"]))
            db.execute("update articles set sort = ? where id = ?", [slot, id_])
