"""The stages once, in order, and the same stages as Scrapy item pipelines."""

from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from pipelines.classify import classify
from pipelines.draft import Desk, Draft, Ended, Stage
from pipelines.extract import extract
from pipelines.figures import figures
from pipelines.fingerprint import fingerprint
from pipelines.judge import judge
from pipelines.store import store

STAGES: tuple[Stage, ...] = (extract, judge, classify, figures, fingerprint, store)


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


class StagePipeline:
    """A stage inside Scrapy: the spider's desk, and an ended walk as a dropped item."""

    stage: Stage

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Draft) -> Draft:
        spider: Any = self.crawler.spider
        try:
            type(self).stage(item, spider.shift.desk)
        except Ended as ended:
            item.outcome, item.reason = ended.outcome, ended.reason
            raise DropItem(f"{ended}", log_level="DEBUG") from ended
        return item


def _pipeline(stage: Stage) -> type[StagePipeline]:
    return type(f"{stage.__name__.capitalize()}Pipeline", (StagePipeline,), {"stage": staticmethod(stage)})


ITEM_PIPELINES = {_pipeline(stage): 100 * place for place, stage in enumerate(STAGES, start=1)}
