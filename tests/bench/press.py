"""A loopback press: many outlets in one process, each on its own port, with a log of every request.

    python -m tests.bench press [--outlets 50] [--articles 100] [--paragraphs 12] [--crawl-delay 0]

Its articles are made up. Each outlet has a feed of its newest 30, a sitemap and section pages that name all;
every page has an ETag and honours If-None-Match.
"""

import argparse
import html
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from threading import Event, current_thread
from typing import IO, Any

from archive.clock import HANOI
from crawler.demo.server import Answer, Server
from tests.bench.prose import Piece, piece

NEWEST = 30  # items of a feed
A_SECTION = 20  # articles of a section page
ROBOTS = "User-agent: *\nDisallow: /tim-kiem\n"


def article_page(home: str, name: str, one: Piece, others: Iterable[Piece]) -> str:
    """The page of an article: JSON-LD, menu, text, further headlines, foot."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": one.title,
        "datePublished": one.published_at.isoformat(),
        "publisher": {"@type": "Organization", "name": name},
    }
    body = "\n".join(f"<p>{html.escape(text)}</p>" for text in one.paragraphs)
    more = "\n".join(f'<li><a href="{other.path}">{html.escape(other.title)}</a></li>' for other in others)
    return _html(
        one.title,
        f"""<article><h1>{html.escape(one.title)}</h1>
<time datetime="{one.published_at.isoformat()}">{one.published_at:%d/%m/%Y %H:%M}</time>
<p class="sapo"><b>{html.escape(one.lead)}</b></p><div class="body">{body}</div></article>
<aside><h3>Tin khác</h3><ul>{more}</ul></aside>""",
        f"""<link rel="canonical" href="{home}{one.path}"><meta property="og:type" content="article">
<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>""",
    )


def _html(title: str, main: str, head: str = "") -> str:
    menu = "".join(f'<a href="/muc/{number}">Chuyên mục {number}</a> ' for number in range(1, 6))
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{html.escape(title)}</title>{head}'
        f"</head><body><nav>{menu}</nav>{main}<footer>Báo giả để đo, không có thật.</footer></body></html>"
    )


def _section(page: Iterable[Piece]) -> str:
    links = "\n".join(f'<h3><a href="{one.path}">{html.escape(one.title)}</a></h3>' for one in page)
    return _html("Chuyên mục", links)


def _feed(home: str, name: str, pieces: Iterable[Piece]) -> str:
    items = "".join(
        f"<item><title>{html.escape(one.title)}</title><link>{home}{one.path}</link>"
        f"<pubDate>{format_datetime(one.published_at)}</pubDate></item>"
        for one in pieces
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'


def _sitemap(home: str, pieces: Iterable[Piece]) -> str:
    rows = "".join(
        f"<url><loc>{home}{one.path}</loc><lastmod>{one.published_at.isoformat()}</lastmod></url>"
        for one in pieces
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
    )


@dataclass(frozen=True, slots=True)
class Size:
    """How large a press is; ``crawl_delay``: seconds that the robots.txt of every tenth outlet asks for."""

    outlets: int = 50
    articles: int = 100
    paragraphs: int = 12
    crawl_delay: float = 0

    def asks(self, outlet: int) -> float:
        """The crawl-delay in the robots.txt of that outlet."""
        return self.crawl_delay if outlet % 10 == 0 else 0


def outlet_pages(outlet: int, size: Size, home: str, now: datetime) -> dict[str, tuple[str, str]]:
    """Every path of an outlet with its type and text."""
    name, articles = f"Báo đo {outlet:02d}", size.articles
    whole = (piece(outlet, number, now) for number in range(articles))
    pieces = [replace(one, paragraphs=one.paragraphs[: size.paragraphs]) for one in whole]
    asked = size.asks(outlet)
    pages = {
        "/robots.txt": ("text/plain", ROBOTS + (f"Crawl-delay: {asked}\n" if asked else "")),
        "/rss.xml": ("application/rss+xml", _feed(home, name, pieces[:NEWEST])),
        "/sitemap.xml": ("application/xml", _sitemap(home, pieces)),
    }
    for number, first in enumerate(range(0, articles, A_SECTION), 1):
        pages[f"/muc/{number}"] = ("text/html; charset=utf-8", _section(pieces[first : first + A_SECTION]))
    for number, one in enumerate(pieces):
        others = pieces[max(0, number - 12) : number]
        pages[one.path] = ("text/html; charset=utf-8", article_page(home, name, one, others))
    return pages


@dataclass(frozen=True, slots=True)
class Access:
    """One request as the server saw it; times in seconds of the monotonic clock, bytes of the body.

    ``connection`` is a name that no other connection of the press has.
    """

    host: str
    path: str
    status: int
    start: float
    end: float
    sent: int
    connection: str = ""


class Outlet:
    """One outlet's server: keeps connections open, notes each request when it is answered."""

    def __init__(self, number: int, size: Size, now: datetime, log: Callable[[Access], None]) -> None:
        self.log = log
        self.server = Server(self.reply)
        self.host = self.server.home.split("/")[2]
        pages = outlet_pages(number, size, f"http://{self.host}", now)
        self.pages = {path: Answer(200, text.encode(), kind) for path, (kind, text) in pages.items()}

    def reply(self, path: str, headers: Mapping[str, str], method: str) -> Answer:
        start = time.monotonic()
        answer = self.pages.get(path, Answer(404))
        if answer.status == 200 and answer.unchanged(headers):
            answer = answer.not_modified()
        sent = 0 if answer.status == 304 else len(answer.body)
        by = current_thread().name  # each connection has a thread of its own
        self.log(Access(self.host, path, answer.status, start, time.monotonic(), sent, by))
        return answer


class Press:
    """A press that runs in another process, seen from the bench."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.log = log
        assert process.stdout is not None
        self.hosts: list[str] = json.loads(process.stdout.readline())

    def accesses(self, since: float = 0.0) -> list[Access]:
        """The requests since that time of the monotonic clock."""
        found = [Access(**json.loads(line)) for line in self.log.read_text(encoding="ascii").splitlines()]
        return [one for one in found if one.start >= since]

    def articles(self, articles: int) -> list[str]:
        """The addresses of all articles."""
        return [
            f"http://{host}/bai-viet/tin-so-{outlet:02d}{number:05d}.html"
            for outlet, host in enumerate(self.hosts)
            for number in range(articles)
        ]

    def sources(self, **more: Any) -> dict[str, Any]:
        """The ``sources:`` of sources.yml; ``more`` keys go into every block."""
        return {
            f"bao{number:02d}": {
                "name": f"Báo đo {number:02d}",
                "home": f"http://{host}/",
                "kind": "national",
                "feeds": [f"http://{host}/rss.xml"],
                "sitemaps": [f"http://{host}/sitemap.xml"],
                "sections": [f"http://{host}/muc/1"],
                "article": r"/bai-viet/tin-so-\d+\.html$",
                **more,
            }
            for number, host in enumerate(self.hosts)
        }


@contextmanager
def running(size: Size, log: Path) -> Iterator[Press]:
    """A press as a process of its own, ended on leaving."""
    command = [sys.executable, "-m", "tests.bench", "press", "--log", str(log)]
    for name, value in asdict(size).items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Press(process, log)
        finally:
            process.terminate()


def _serve(size: Size, log: IO[str]) -> None:
    def write(one: Access) -> None:
        log.write(json.dumps({name: getattr(one, name) for name in Access.__slots__}) + "\n")

    now = datetime.now(HANOI).replace(microsecond=0)
    all_of_them = [Outlet(number, size, now, write) for number in range(size.outlets)]
    for one in all_of_them:
        one.server.open()
    print(json.dumps([one.host for one in all_of_them]), flush=True)
    Event().wait()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--outlets", type=int, default=50)
    options.add_argument("--articles", type=int, default=100, help="of each outlet")
    options.add_argument("--paragraphs", type=int, default=12, help="of each article, at most")
    options.add_argument("--crawl-delay", type=float, default=0, help="that every tenth robots.txt asks for")
    options.add_argument("--log", type=Path, default=Path("/dev/stderr"))
    asked = options.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard) if hard > 0 else 4096, hard))
    with asked.log.open("a", encoding="ascii", buffering=1) as log:
        try:
            _serve(Size(asked.outlets, asked.articles, asked.paragraphs, asked.crawl_delay), log)
        except KeyboardInterrupt:
            sys.exit(0)


if __name__ == "__main__":
    main()
