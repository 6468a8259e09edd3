"""One spider name per source, made from sources.yml, so that ``scrapy list`` and ``scrapy crawl KEY`` work."""

from contextlib import ExitStack
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from archive.home import Home
from crawler.settings import for_source
from crawler.sources import Source, Sources, home_sources
from crawler.spiders.source import SourceSpider


class HomeSpider(SourceSpider):
    """The spider of `scrapy crawl KEY`, which opens the home by itself."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        from crawler.state.local import LocalState
        from crawler.workspace import open_workspace

        opened = ExitStack()
        home = Home.at(crawler.settings.get("DIEMTIN_HOME"))
        workspace = opened.enter_context(open_workspace(home))
        crawler.signals.connect(opened.close, signal=signals.engine_stopped, weak=False)
        state = LocalState(workspace)
        return super().from_crawler(
            crawler, *args, state=state, reader_pool=workspace.reader_pool, now=workspace.now, **kwargs
        )


def spider_class(
    source: Source, sources: Sources, base: type[SourceSpider] = SourceSpider
) -> type[SourceSpider]:
    """The spider class of one source."""
    body: dict[str, Any] = {
        "name": source.key,
        "source": source,
        "custom_settings": for_source(source, sources.contact),
    }
    return type(f"{source.key}_spider", (base,), body)


class SourceLoader:
    """Scrapy's spider loader over the sources of the home."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(home_sources(Home.at(settings.get("DIEMTIN_HOME"))))

    def load(self, spider_name: str) -> type[SourceSpider]:
        return spider_class(self.sources.by_key[spider_name], self.sources, HomeSpider)

    def find_by_request(self, request: Request) -> list[str]:
        return []

    def list(self) -> list[str]:
        return [source.key for source in self.sources.named([])]
