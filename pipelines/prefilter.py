"""A look at the raw bytes before anything is parsed: pages that cannot name the province cost little."""

from archive.model import Outcome
from pipelines.item import Context, Item, Reject
from pipelines.raw_names import raw_names


def prefilter(item: Item, context: Context) -> None:
    """End the walk as ``irrelevant`` where no article read from the page could be kept.

    Only for sources that keep relevant stories alone; the province's own papers may leave it unnamed, and
    ``read_whole`` pages are read whatever they name, so that health sees a changed template.
    """
    if item.page is None or item.keep == "all" or item.read_whole:
        return
    if item.article.source in context.places.papers or raw_names(item.page.body):
        return
    item.prefiltered = True
    raise Reject(Outcome.IRRELEVANT, "trang không nhắc đến tỉnh")
