"""Pages, feeds, sitemaps and robots.txt broken at random, read as a crawl reads them: what crashes or hangs.

    python -m tests.bench fuzz [--pages 100000] [--lists 10000] [--seed 1] [--minutes 0]
    python -m tests.bench fuzz --collection robots DIR | --collection lists DIR

The pages are the golden ones, those of ``tests/quality`` and, where ``DIEMTIN_SHARED`` is set, the real ones
there. Each is changed one to six times: bytes turned over, pieces cut out, doubled, taken from another page,
another charset claimed, or a text put in that is made to hurt. It goes through the page's canonical link, the
next page's link, the prefilter, every reading stage and the look at what may grow. Printed: outcomes, the
slowest, faults, and what the process holds. ``--collection`` reads the files of a folder, as the tests of
Protego and feedparser have them.
"""

import argparse
import gzip
import os
import random
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from protego import Protego
from tabulate import tabulate

from archive.home import DEFAULTS
from archive.model import Article
from crawler.canonical_link import canonical_link
from crawler.listings.feed import read_feed
from crawler.listings.section import read_section
from crawler.listings.sitemap import read_sitemap
from crawler.robotstxt import plain
from crawler.sources import Source, load_sources
from pipelines.extract import paging
from pipelines.growing import may_grow
from pipelines.item import Context, ContextFiles, Item, Page
from pipelines.stages import READING, fault, run_safely
from pipelines.time_limit import time_limit

TESTS = Path(__file__).parents[2]
SHARED = os.environ.get("DIEMTIN_SHARED")
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
URL = "https://baotintuc.vn/kinh-te/nha-may-moi-20261120101500123.htm"
LARGEST = 300_000  # bytes of a page that is changed; larger ones take longer and hold the same
HURTING = (
    "<", "</", "<!--", "-->", "<![CDATA[", "]]>", "<script>", "</script>", "<style>", "<title>",
    "<a href=x>", "<a href=x><div>", "<div>", "<b>", "<table><tr><td>", "<p>", "<h1>", "<meta content=",
    "<svg>", "<textarea>", "<br>", "<img src=data:,", "</p>", "&", "&#", "&#xD800;", "&#0;", "&#1;",
    "&amp;amp;", "&nbsp;", "\\ud800", "\\u0000", "\0", "\ufffe", "\u202e", "\u0301", "\u200b", "[", "]",
    "{", '{"@graph":', "[[", "(", ")", '"', "'", "“", "%", "%25", "9", "1.000.", "27/9/2019 ", "52-NQ/TW ",
    "3,5% ", "tỷ đồng ", "Thái Nguyên ", "Theo ", "A" * 50 + " ", "\n", "\r", " ", "\t", "-", "--", "…",
    ".", ",", ";", ":", "@x.vn ", "http://[", "//",
)  # fmt: skip
CHARSETS = (b"utf-8", b"utf-16", b"utf-16le", b"windows-1258", b"zlib", b"x", b"iso-8859-1", b"utf-7")


@dataclass(slots=True)
class Tally:
    """What came of it all."""

    ends: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, str, int]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, end: str, seconds: float, what: str, size: int) -> None:
        self.ends[end] += 1
        self.slowest = sorted([*self.slowest, (seconds, what, size)], reverse=True)[:3]


def pages() -> list[bytes]:
    """All pages there are to change."""
    folders = [TESTS / "golden", TESTS / "quality" / "pages", *([Path(SHARED) / "pages"] if SHARED else [])]
    files = [file for folder in folders for file in sorted(folder.rglob("*.html*"))]
    read = [file.read_bytes() for file in files]
    bodies = [gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body for body in read]
    return [body for body in bodies if len(body) <= LARGEST]


def changed(body: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """A page changed one to six times."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        chance.choice(CHANGES)(data, others, chance)
    return bytes(data)


def _turn(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    for _ in range(chance.choice((1, 10, 300))):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)


def _cut(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    at, until = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    del data[at : until if chance.random() < 0.7 else len(data)]


def _double(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = data[at : at + chance.randrange(2000)] * chance.choice((1, 2, 30))


def _splice(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    other = chance.choice(others)
    at, of = chance.randrange(len(data) + 1), chance.randrange(len(other) + 1)
    data[at : at + chance.randrange(5000)] = other[of : of + chance.randrange(20_000)]


def _claim(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    data[:0] = b"<meta charset='%s'>" % chance.choice(CHARSETS)


def _hurt(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    """Put in a text made to hurt, where a tag or an attribute ends or anywhere."""
    text = (chance.choice(HURTING) * chance.choice((1, 3, 100, 3000))).encode(errors="replace")
    at = chance.randrange(len(data) + 1)
    found = data.find(chance.choice((b">", b'"', b"<", b":")), at) if chance.random() < 0.7 else at
    at = max(found, 0)
    data[at:at] = text


CHANGES = (_turn, _cut, _double, _splice, _claim, _hurt, _hurt)


def read_page(body: bytes, source: Source, context: Context) -> str:
    """Read a page as a crawl does; how it ended."""
    with time_limit():
        canonical_link(body, URL, URL, source)
        paging.next_page(body, "", URL, URL, 1)
    item = Item(
        Article(URL, source.key),
        Page(URL, body, NOW, "text/html"),
        source.rules,
        keep="all" if body[-1:] > b"0" else "relevant",
    )
    item = run_safely(item, context, READING)
    with time_limit():
        may_grow(item, context, NOW)
    if "broken" in item.reason or "timeout" in item.reason:
        return f"fault: {item.reason}"
    item.article.title.encode(), item.article.text.encode()  # raises for half a letter
    return str(item.outcome or "read")


def tried(tally: Tally, work: Callable[[], str], what: str, size: int) -> None:
    """Do one thing, with its time on the processor; an error is a fault, told once for each place."""
    start = time.thread_time()
    try:
        end = work()
    except Exception as error:  # noqa: BLE001 - what the bench looks for
        end = f"fault: {fault(error)}"
    if end.startswith("fault"):
        tally.faults[end] += 1
    tally.add(end.partition(":")[0], time.thread_time() - start, what, size)


def feeds(bodies: list[bytes], chance: random.Random) -> Iterator[bytes]:
    """Feeds, sitemaps and sections made of pieces of pages."""
    while True:
        pieces = [chance.choice(bodies)[:400].decode(errors="replace").replace("<", "&lt;") for _ in range(4)]
        named = [(f"{URL}?{at}", one) for at, one in enumerate(pieces)]
        items = "".join(f"<item><title>{one}</title><link>{url}</link></item>" for url, one in named)
        urls = "".join(f"<url><loc>{url}</loc><lastmod>{one[:30]}</lastmod></url>" for url, one in named)
        feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
        section = f"<html><a href=/a.htm>{pieces[0]}</a></html>"
        yield chance.choice((feed, f"<urlset>{urls}</urlset>", section)).encode()


def read_lists(body: bytes) -> str:
    with time_limit():
        for read in (read_feed, read_sitemap, read_section):
            read(body, URL, "")
    return "read"


def read_robots(body: bytes) -> str:
    with time_limit():
        Protego.parse(plain(body).decode()).can_fetch(URL, "diemtin")
    return "read"


def fuzz(tally: Tally, count: int, lists: int, seed: int, until: float) -> None:
    """Change and read so many pages and lists, or as many as there is time for."""
    bodies, chance = pages(), random.Random(seed)
    sources = load_sources(DEFAULTS / "sources.yml")
    config = [DEFAULTS / f"{name}.yml" for name in ("places", "topics", "indicators")]
    files = ContextFiles(config[0], config[1], sources.families, config[2])
    context, source = files.load(lambda: NOW), sources.by_key["baotintuc"]
    for number in range(count):
        if time.monotonic() > until:
            break
        body = changed(chance.choice(bodies), bodies, chance)
        tried(tally, partial(read_page, body, source, context), f"page {number}", len(body))
        if number % 1000 == 999:
            report(tally, f"{number + 1} pages")
    made = feeds(bodies, chance)
    for number in range(lists):
        if time.monotonic() > until:
            break
        body = changed(next(made), bodies, chance)
        tried(tally, partial(read_lists, body), f"list {number}", len(body))
        tried(tally, partial(read_robots, body), f"robots.txt {number}", len(body))


def collection(tally: Tally, kind: str, folder: Path) -> None:
    """Read every file of a folder."""
    read = read_robots if kind == "robots" else read_lists
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        body = file.read_bytes()
        tried(tally, partial(read, body), file.name, len(body))


def report(tally: Tally, what: str) -> None:
    """One table of what came of it."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    slow = "; ".join(f"{seconds:.2f} s ({name}, {size:,} bytes)" for seconds, name, size in tally.slowest)
    ends = ", ".join(f"{count:,} {end}" for end, count in tally.ends.most_common())
    rows = [("read", what), ("ends", ends), ("slowest, CPU", slow), ("most memory", f"{held} MB")]
    rows += [("fault", f"{count} x {end}") for end, count in tally.faults.most_common(20)]
    print(tabulate(rows, tablefmt="plain"), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench fuzz")
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--lists", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=0.0, help="stop after so long; 0: never")
    parser.add_argument("--collection", nargs=2, metavar=("KIND", "DIR"))
    given = parser.parse_args()
    tally = Tally()
    if given.collection:
        collection(tally, given.collection[0], Path(given.collection[1]))
    else:
        until = time.monotonic() + given.minutes * 60 if given.minutes else float("inf")
        fuzz(tally, given.pages, given.lists, given.seed, until)
    report(tally, f"{sum(tally.ends.values()):,}")


if __name__ == "__main__":
    main()
