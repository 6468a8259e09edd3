"""The stages as a Scrapy item pipeline: the prefilter in the crawl itself, the others in worker processes.

The store comes after it, behind ``crawler.state``: a page that leaves the pipeline has ended.
"""

import logging
from dataclasses import fields
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from archive.model import Outcome
from pipelines.item import Item
from pipelines.pool import ReaderPool, failure
from pipelines.prefilter import prefilter
from pipelines.stages import run_safely

log = logging.getLogger(__name__)


class ReadPipeline:
    """Reads a page; one that a stage ended is a dropped item."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Item) -> Item:
        spider: Any = self.crawler.spider
        readers: ReaderPool = spider.reader_pool
        if item.alone or run_safely(item, readers.context, (prefilter,)).outcome is None:
            await self._read(item, readers)
        if item.outcome is not None:
            raise DropItem(f"{item.outcome}: {item.reason}", log_level="DEBUG")
        return item

    async def _read(self, item: Item, readers: ReaderPool) -> None:
        """Fill the item with what was read."""
        try:
            read = await readers.awaited(item)
        except Exception as error:  # noqa: BLE001 - the end of this page
            item.outcome, item.reason = Outcome.FAILED, failure(error)
            log.debug("%s: %s", item.article.url, item.reason)
            return
        for one in fields(Item):
            setattr(item, one.name, getattr(read, one.name))


ITEM_PIPELINES = {ReadPipeline: 100}
