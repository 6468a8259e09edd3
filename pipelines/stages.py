"""The stages once, in order: Scrapy, ``read``, ``reprocess`` and ``import`` all walk this list."""

from pipelines.classify import classify
from pipelines.draft import Desk, Draft, Ended, Stage
from pipelines.extract import extract
from pipelines.figures import figures
from pipelines.fingerprint import fingerprint
from pipelines.glance import glance
from pipelines.judge import judge


def store(draft: Draft, desk: Desk) -> None:
    """The last stage, of :mod:`pipelines.store`; imported late, for reading alone needs no archive."""
    from pipelines.store import store as into_archive

    into_archive(draft, desk)


STAGES: tuple[Stage, ...] = (glance, extract, judge, classify, figures, fingerprint, store)
READING = STAGES[:-1]


def walk(draft: Draft, desk: Desk, stages: tuple[Stage, ...] = STAGES) -> Draft:
    """Send a draft through the stages; its outcome says where the walk ended.

    Without an archive on the desk the walk ends before the store, as ``stored`` or ``irrelevant``.
    """
    try:
        for stage in stages:
            stage(draft, desk)
    except Ended as ended:
        draft.outcome, draft.reason = ended.outcome, ended.reason
    return draft
