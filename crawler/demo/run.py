"""``up --sample``: the whole walk on the sample press, in a home that is thrown away."""

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from archive.clock import utc_now
from archive.digests.config import DEFAULTS_BLOCK
from archive.home import DEFAULTS as DEFAULT_CONFIG
from archive.home import Home
from archive.i18n import Words, current
from crawler.demo import DemoPress
from crawler.service.scheduler import Scheduler
from crawler.service.supervisor import Echo, Supervisor

DEFAULTS: dict[str, Any] = {"revisit": ["2s", "30s", "2m", "10m"], "gone_after": "6s"}
ROUNDS = 3  # the second sees edits and missing pages, the third confirms what was taken down
BETWEEN = 3.0  # seconds between the rounds


@contextlib.contextmanager
def demo_supervisor(taken: socket.socket, echo: Echo) -> Iterator[Supervisor]:
    """An office over a running sample press; press and home are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="diemtin-sample-") as folder, DemoPress(utc_now()) as press:
        home = Home.at(folder)
        write_config(home, press)
        write_digests(home, f"http://127.0.0.1:{taken.getsockname()[1]}")
        echo(current()("up.sample", n=len(press.sources()), home=folder))
        yield Supervisor(home, echo, taken, opening=opening)


def write_config(home: Home, press: DemoPress, defaults: dict[str, Any] = DEFAULTS) -> Path:
    """A sources.yml for the press; everything else is the shipped config."""
    path = home.path / "config" / "sources.yml"
    path.parent.mkdir(exist_ok=True)
    data = {"defaults": defaults, "sources": press.sources()}
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def write_digests(home: Home, archive_url: str) -> Path:
    """The shipped alerts.yml, with its digest once more in the afternoon: that one waits at the desk."""
    data = yaml.safe_load((DEFAULT_CONFIG / "alerts.yml").read_text(encoding="utf-8"))
    data[DEFAULTS_BLOCK]["archive_url"] = archive_url
    name, block = next((name, block) for name, block in data.items() if name != DEFAULTS_BLOCK)
    title = Words("vi")("up.sample.desk", title=block["title"])
    data[f"{name}-chieu"] = {**block, "title": title, "schedule": "daily 16:00", "review": "required"}
    path = home.path / "config" / "alerts.yml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


async def opening(scheduler: Scheduler) -> None:
    """Crawl some rounds at once, then make one edition of every digest."""
    for place in range(1, ROUNDS + 1):
        scheduler.echo(current()("up.round", n=place, of=ROUNDS))
        await scheduler.crawl(scheduler.sources)
        if place < ROUNDS:
            await asyncio.sleep(BETWEEN)
    await scheduler.digests("--now")
