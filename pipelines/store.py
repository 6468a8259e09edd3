"""The last stage: put the article into the archive on the desk."""

from archive.articles import store as keep
from archive.model import Outcome
from pipelines.draft import Desk, Draft
from pipelines.reading_mark import reading_mark


def store(draft: Draft, desk: Desk) -> None:
    """Fill ``outcome`` and ``article_id``; without an archive the outcome says what would have come.

    What today's rules read otherwise in the page kept before is stored first, so that only what the outlet
    changed is an edit.
    """
    if desk.db is None:
        draft.outcome = Outcome.STORED
        return
    if draft.before is not None and draft.before.outcome is None:
        store(draft.before, desk)
    kept = keep(
        desk.db,
        draft.article,
        draft.shingles,
        desk.now(),
        read_by=reading_mark(draft.rules, desk.families) if draft.page is not None else "",
        reprocessed=draft.reprocessed,
    )
    draft.outcome, draft.article_id, draft.article.url = kept.outcome, kept.article_id, kept.url
    if kept.outcome is Outcome.GONE:
        draft.reason = "ở địa chỉ này là một bài khác"
