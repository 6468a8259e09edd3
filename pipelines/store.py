"""The last stage: put the article into the archive."""

from archive.articles import store as keep
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
    )
    item.outcome, item.article_id, item.article.url = kept.outcome, kept.article_id, kept.url
    if kept.outcome is Outcome.GONE:
        item.reason = reason("other_article")
