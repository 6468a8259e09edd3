"""A look at the raw bytes before anything is parsed: pages that cannot name the province cost little."""

from archive.model import Outcome
from pipelines.draft import Desk, Draft, Ended
from pipelines.relevance_raw import raw_names


def glance(draft: Draft, desk: Desk) -> None:
    """End the walk as ``irrelevant`` where no article read from the page could be kept.

    Only for sources that keep relevant stories alone; the province's own papers may leave it unnamed, and
    ``read_whole`` pages are read whatever they name, so that health sees a changed template.
    """
    if draft.page is None or draft.keep == "all" or draft.read_whole:
        return
    if draft.article.source in desk.places.papers or raw_names(draft.page.body):
        return
    draft.glanced = True
    raise Ended(Outcome.IRRELEVANT, "trang không nhắc đến tỉnh")
