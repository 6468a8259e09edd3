"""The last stage: put the article into the archive."""

import hashlib

from archive.articles import store as keep
from archive.articles.order import PageMark
from archive.model import Outcome
from archive.reasons import reason
from pipelines.extract.version import reading_mark
from pipelines.item import Context, Item


def store(item: Item, context: Context) -> None:
    """Fill ``outcome`` and ``article_id``; without an archive the outcome is what would have come.

    An ``article_id`` that is there is the number that the article had in an archive that lost it.
    """
    if context.db is None:
        item.outcome = Outcome.STORED
        return
    kept = keep(
        context.db,
        item.article,
        item.shingles,
        context.now(),
        read_by=reading_mark(item.rules, context.families) if item.page is not None else "",
        reprocessed=item.reprocessed,
        article_id=item.article_id,
        page=_mark(item),
    )
    item.older = kept.older
    item.outcome, item.article_id, item.article.url = kept.outcome, kept.article_id, kept.url
    if kept.outcome is Outcome.GONE:
        item.reason = reason("other_article")


def _mark(item: Item) -> PageMark | None:
    """What the article was read from; a copy that others saved has no time that is known."""
    if item.page is None:
        return PageMark(None) if item.copied else None
    at = None if item.copied else item.page.fetched_at
    return PageMark(at, hashlib.sha256(item.page.body).hexdigest())
