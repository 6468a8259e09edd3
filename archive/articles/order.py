"""Which of two pages of an article is the newer: what was fetched earlier never replaces what came later."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.clock import lies_ahead, moment, stamp


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
