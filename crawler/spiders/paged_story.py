"""A story that an outlet spreads over several pages, put together while they come."""

from dataclasses import dataclass, field, replace

from scrapy.http import Response

from archive.model import Fetch
from crawler.state.messages import Address
from pipelines.extract import paging
from pipelines.item import Page


@dataclass(slots=True)
class PagedStory:
    """A story over several pages while they are fetched: its first answer and page, and what followed."""

    asked: Address
    first: Response
    page: Page
    further: list[tuple[str, bytes]] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)  # of what followed

    def whole(self) -> Page:
        """All that came, as one page."""
        return replace(self.page, body=paging.join(self.page.body, self.further))
