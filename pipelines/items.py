"""The stages as Scrapy item pipelines, made from the list in ``pipelines.stages``."""

from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from pipelines.draft import Draft, Ended, Stage
from pipelines.stages import STAGES


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
