"""The sample press: invented outlets on loopback with everything that makes real ones hard to crawl."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import msgspec

from archive.clock import HANOI
from crawler.demo import addresses, lists, pages
from crawler.demo.routes import answer
from crawler.demo.server import HERE, Answer, Reply, Server
from crawler.demo.site import Entry, Site
from crawler.demo.stock import SampleArticle, copies, load_articles, load_outlets

_PER_DAY = 500


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that came in; ``bytes`` is the size of the body sent."""

    at: datetime
    host: str
    path: str
    status: int
    bytes: int
    user_agent: str


class DemoPress:
    """Five invented outlets, each on its own port of ``host``, with articles counted back from ``now``.

    ``scale`` prints the ordinary articles that many times over, with other figures; ``clock`` dates the visits.
    Use as a context manager, or ``start`` and ``stop``; addresses are known once it is started.
    All methods may be called from any thread.
    """

    def __init__(
        self,
        now: datetime,
        *,
        scale: int = 1,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str = HERE,
    ) -> None:
        if now.tzinfo is None:
            raise ValueError(f"naive time {now!r}: give it a zone first")
        self.now = now.astimezone(HANOI).replace(microsecond=0)
        self._scale = scale
        self._clock = clock
        self._host = host
        self._lock = threading.RLock()
        self._servers: dict[str, Server] = {}
        self._sites: dict[str, Site] = {}
        self._visits: list[Visit] = []
        self._broken: dict[str, tuple[int, str]] = {}
        self._ticks = 0

    def start(self) -> None:
        """Open the doors: bind a free port for each outlet, print all articles and serve.

        Raises OSError when the host gives no port, ValueError when two articles share an address.
        """
        outlets = load_outlets()
        for key, outlet in outlets.items():
            self._servers[key] = Server(self._reply(key), self._host)
            self._sites[key] = Site(key, outlet, self._servers[key].home, self)
            for article in copies(load_articles(key), self._scale):
                self._print(key, article, (self.now - timedelta(hours=article.hours_ago)).replace(second=0))
        self._fill_reprints()
        for server in self._servers.values():
            server.open()

    def stop(self) -> None:
        """Close all doors; the visits stay to be read."""
        for server in self._servers.values():
            server.close()
        self._servers = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def visits(self) -> list[Visit]:
        """Every request so far, oldest first."""
        with self._lock:
            return list(self._visits)

    def tick(self) -> datetime:
        """The press's own time: its start and a second for every change since."""
        with self._lock:
            self._ticks += 1
            return self.now + timedelta(seconds=self._ticks)

    def url_of(self, key: str) -> str:
        """The canonical address of an article, by its key. Raises KeyError when there is none."""
        site, entry = self._find(key)
        return site.url(entry.path)

    def sources(self) -> dict[str, dict[str, Any]]:
        """What goes under ``sources:`` in ``sources.yml`` to crawl exactly this press."""
        with self._lock:
            return {key: source_block(site, _PER_DAY * self._scale) for key, site in self._sites.items()}

    @property
    def sites(self) -> list[Site]:
        """The outlets with everything printed so far."""
        with self._lock:
            return list(self._sites.values())

    def publish(self, outlet: str, article: SampleArticle) -> str:
        """Print one more article, ``hours_ago`` before the press's own time, and give its address.

        Raises ValueError when the address is taken.
        """
        with self._lock:
            entry = self._print(outlet, article, self.tick() - timedelta(hours=article.hours_ago))
            self._fill_reprints()
            return self._sites[outlet].url(entry.path)

    def edit(self, key: str, old: str, new: str) -> None:
        """Silently put ``new`` for ``old`` in an article. Raises ValueError when ``old`` is not in it."""
        with self._lock:
            self._find(key)[1].reword(old, new, self.tick())

    def take_down(self, key: str) -> None:
        """Let an article answer 404 and leave every list."""
        with self._lock:
            self._find(key)[1].gone = True

    def fail(self, outlet: str, status: int | None, under: str = "/") -> None:
        """Let an outlet answer ``status`` to everything under a path, ``/robots.txt`` say; None mends it."""
        with self._lock:
            self._broken.pop(outlet, None)
            if status is not None:
                self._broken[outlet] = (status, under)

    def _print(self, key: str, article: SampleArticle, when: datetime) -> Entry:
        site = self._sites[key]
        path = addresses.path(site.outlet, article, when)
        if path in site.entries:
            raise ValueError(f"{key}: {article.key}: {path} is taken")
        site.entries[path] = Entry(article, path, when, when, failures=int(article.fails_first))
        return site.entries[path]

    def _fill_reprints(self) -> None:
        for site in self._sites.values():
            for entry in site.entries.values():
                article = entry.article
                if article.body_of and not article.body:
                    body = self._find(article.body_of)[1].article.body
                    entry.article = msgspec.structs.replace(article, body=body)

    def _find(self, key: str) -> tuple[Site, Entry]:
        for site in self._sites.values():
            for entry in site.entries.values():
                if entry.article.key == key:
                    return site, entry
        raise KeyError(key)

    def _reply(self, key: str) -> Reply:
        def reply(target: str, asked: Mapping[str, str], method: str) -> Answer:
            with self._lock:
                site = self._sites[key]
                status, under = self._broken.get(key, (0, ""))
                broken = status and target.startswith(under)
                given = Answer(status) if broken else answer(site, target, reads=method == "GET")
                if given.status == 200 and given.unchanged(asked):
                    given = given.not_modified()
                size = 0 if given.status == 304 or method != "GET" else len(given.body)
                agent = asked.get("User-Agent", "")
                host = site.home.split("/")[2]
                self._visits.append(Visit(self._clock(), host, target, given.status, size, agent))
                return given

        return reply


def source_block(site: Site, most: int) -> dict[str, Any]:
    """The block of one outlet under ``sources:``; ``most`` is the highest normal yield a day."""
    outlet, sitemap = site.outlet, lists.sitemap_path(site)
    return {
        "name": outlet.name,
        "home": site.home,
        "kind": outlet.kind,
        "feeds": [site.url(feed.path) for feed in outlet.feeds],
        "sitemaps": [site.url(sitemap)] if sitemap else [],
        "sections": [site.url(path) for path in _section_pages(site)],
        "article": outlet.article,
        **({"family": outlet.family} if outlet.family else outlet.rules),
        "keep": outlet.keep,
        "every": "20s",
        "delay": "0.05s",
        "expect": {"per_day": [0, most], "title": 0.99, "published": 0.95},
        "seen": "sample press",
    }


def _section_pages(site: Site) -> list[str]:
    """Every page of the listed sections: a crawl that does not follow «next» finds all articles too."""
    paths = []
    for section in site.outlet.listed_sections:
        count = len(site.newest((section,)))
        full = -(-count // site.outlet.page_size) if site.outlet.paging else 1
        paths += [pages.section_path(site, section, page) for page in range(1, max(full, 1) + 1)]
    return paths
