"""The stages once, in order: Scrapy, ``read``, ``reprocess`` and ``import`` all run this list."""

import traceback
from pathlib import Path

from archive.model import Outcome
from archive.reasons import reason
from pipelines.classify import classify
from pipelines.extract import extract
from pipelines.figures import figures
from pipelines.fingerprint import fingerprint
from pipelines.item import Context, Item, Reject, Stage
from pipelines.judge import judge
from pipelines.prefilter import prefilter
from pipelines.time_limit import time_limit


def store(item: Item, context: Context) -> None:
    """The last stage, of :mod:`pipelines.store`; imported late, for reading alone needs no archive."""
    from pipelines.store import store as into_archive

    into_archive(item, context)


STAGES: tuple[Stage, ...] = (prefilter, extract, judge, classify, figures, fingerprint, store)
READING = STAGES[:-1]


def run_stages(item: Item, context: Context, stages: tuple[Stage, ...] = STAGES) -> Item:
    """Send an item through the stages; its outcome is set where one of them ended the run.

    Without an archive in the context the run ends before the store, as ``stored`` or ``irrelevant``. Raises
    what a stage raised; OverLimit where reading takes too long: the store alone may wait, for the database.
    """
    try:
        with time_limit():
            for stage in stages:
                if stage is not store:
                    stage(item, context)
        if store in stages:
            store(item, context)
    except Reject as ended:
        item.outcome, item.reason = ended.outcome, ended.reason
    return item


def run_safely(item: Item, context: Context, stages: tuple[Stage, ...] = STAGES) -> Item:
    """As :func:`run_stages`; a page that breaks a stage, or takes too long, is ``failed`` with the reason."""
    try:
        return run_stages(item, context, stages)
    except Exception as error:  # noqa: BLE001 - the end of this page; the next ones go on
        item.outcome, item.reason = Outcome.FAILED, fault(error)
        return item


def fault(error: BaseException) -> str:
    """Why reading broke, as a code: the kind of error and where it was raised, never what it says.

    Its words may be those of the page, or all of it.
    """
    if isinstance(error, TimeoutError):
        return reason("read_timeout")
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    at = f" ({Path(frames[0].filename).stem}:{frames[0].lineno})" if frames else ""
    return reason("broken", error=f"{type(error).__name__}{at}")
