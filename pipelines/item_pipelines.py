"""The stages as Scrapy item pipelines: those that read walk in the workers, the store in the crawl itself."""

import asyncio
from dataclasses import fields
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from archive.model import Outcome
from pipelines.item import Item
from pipelines.pool import failure
from pipelines.prefilter import prefilter
from pipelines.stages import run_stages
from pipelines.store import store

_OWN = frozenset({"page", "before", "visit"})  # what stays with the crawl's draft


class StagePipeline:
    """Stages inside Scrapy; an ended walk is a dropped item."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def workspace(self) -> Any:
        """The spider's shift, with its desk and its readers."""
        spider: Any = self.crawler.spider
        return spider.workspace


class ReadPipeline(StagePipeline):
    """The raw look here, every other stage before the store in a worker."""

    async def process_item(self, item: Item) -> Item:
        if run_stages(item, self.workspace.context, (prefilter,)).outcome is None:
            await self._read(item)
            if item.before is not None:
                await self._read(item.before)
        if item.outcome is not None:
            raise DropItem(f"{item.outcome}: {item.reason}", log_level="DEBUG")
        return item

    async def _read(self, item: Item) -> None:
        try:
            read = await asyncio.wrap_future(self.workspace.reader_pool.read(item))
        except Exception as error:
            reason = failure(error)
            if reason is None:
                raise
            item.outcome, item.reason = Outcome.FAILED, reason
            return
        for one in fields(Item):
            if one.name not in _OWN:
                setattr(item, one.name, getattr(read, one.name))


class StorePipeline(StagePipeline):
    """The last stage."""

    def process_item(self, item: Item) -> Item:
        store(item, self.workspace.context)
        return item


ITEM_PIPELINES = {ReadPipeline: 100, StorePipeline: 200}
