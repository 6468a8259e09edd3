"""The last stage: put the article into the archive on the desk."""

from archive.articles import store as keep
from archive.model import Outcome
from pipelines.draft import Desk, Draft


def store(draft: Draft, desk: Desk) -> None:
    """Fill ``outcome`` and ``article_id``; without an archive the outcome says what would have come."""
    if desk.db is None:
        draft.outcome = Outcome.STORED
        return
    kept = keep(
        desk.db,
        draft.article,
        draft.shingles,
        desk.now(),
        read_by=draft.read_by,
        reprocessed=draft.reprocessed,
    )
    draft.outcome, draft.article_id, draft.article.url = kept.outcome, kept.article_id, kept.url
    if kept.outcome is Outcome.GONE:
        draft.reason = "ở địa chỉ này là một bài khác"
