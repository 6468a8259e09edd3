"""Watch how late the event loop of a crawl is: a Scrapy extension, and ``diemtin crawl`` with it.

    python tests/bench/lag.py OUT HOME [AT_A_TIME]

OUT gets one number a line: by how many milliseconds a task that sleeps 10 ms woke late. With AT_A_TIME the
crawl asks for so many pages at a time and waits between none of them: to measure, never for a real site.
"""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

NAP = 0.01  # seconds
OUT = "DIEMTIN_BENCH_LAG"


class Lag:
    """Writes the lateness down when the crawl ends."""

    def __init__(self, crawler: Crawler) -> None:
        self.late: list[float] = []
        crawler.signals.connect(self.begin, signal=signals.engine_started)
        crawler.signals.connect(self.end, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def begin(self) -> None:
        self.task = asyncio.get_event_loop().create_task(self.watch())

    async def watch(self) -> None:
        while True:
            asleep = time.monotonic()
            await asyncio.sleep(NAP)
            self.late.append(1000 * (time.monotonic() - asleep - NAP))

    def end(self) -> None:
        self.task.cancel()
        Path(os.environ[OUT]).write_text("\n".join(f"{ms:.2f}" for ms in self.late), encoding="ascii")


def main() -> None:
    from crawler import settings
    from crawler.cli import main as diemtin

    out, home, *at_a_time = sys.argv[1:]
    os.environ[OUT] = out
    settings.EXTENSIONS["tests.bench.lag.Lag"] = 0
    if at_a_time:
        settings.AUTOTHROTTLE_ENABLED = False
        settings.CONCURRENT_REQUESTS_PER_DOMAIN = settings.CONCURRENT_REQUESTS = int(at_a_time[0])
    diemtin(["--home", home, "crawl", "--json"])


if __name__ == "__main__":
    main()
