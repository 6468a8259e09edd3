"""The stages once, in order: Scrapy, ``read``, ``reprocess`` and ``import`` all run this list."""

from pipelines.classify import classify
from pipelines.extract import extract
from pipelines.figures import figures
from pipelines.fingerprint import fingerprint
from pipelines.item import Context, Item, Reject, Stage
from pipelines.judge import judge
from pipelines.prefilter import prefilter


def store(item: Item, context: Context) -> None:
    """The last stage, of :mod:`pipelines.store`; imported late, for reading alone needs no archive."""
    from pipelines.store import store as into_archive

    into_archive(item, context)


STAGES: tuple[Stage, ...] = (prefilter, extract, judge, classify, figures, fingerprint, store)
READING = STAGES[:-1]


def run_stages(item: Item, context: Context, stages: tuple[Stage, ...] = STAGES) -> Item:
    """Send an item through the stages; its outcome is set where one of them ended the run.

    Without an archive in the context the run ends before the store, as ``stored`` or ``irrelevant``.
    """
    try:
        for stage in stages:
            stage(item, context)
    except Reject as ended:
        item.outcome, item.reason = ended.outcome, ended.reason
    return item
