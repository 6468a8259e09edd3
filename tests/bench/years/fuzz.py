"""Pages, feeds, sitemaps and robots.txt broken at random, read as a crawl reads them: what crashes or hangs.

    python -m tests.bench fuzz [--pages 100000] [--lists 10000] [--seed 1] [--workers 2] [--tally FILE]
    python -m tests.bench fuzz --show 1:4711 > page.html
    python -m tests.bench fuzz --collection robots DIR | --collection lists DIR

The pages are those of ``broken``, each changed one to six times: bytes turned over, pieces cut out, doubled,
taken from another page, another charset claimed, or a text put in that is made to hurt. Each goes through the
page's canonical link, the next page's link, the look at what may grow and every stage, the store too: two pages
made of one have one address, so that the second is an edit. A fault is an error, more than a tenth of the time
that a page may take, a process that ended, and what a reader would call wrong (``wrongs``).

Parts of 500 pages are each read in a fork of this process, so that one that does not end costs no other.
A page has a number by which ``--show`` makes it again. ``--tally`` keeps the parts that were read: the same
command goes on with the others.
"""

import argparse
import random
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from protego import Protego

from archive.home import DEFAULTS
from archive.model import Article
from archive.schema import open_archive
from crawler.canonical_link import canonical_link
from crawler.listings.feed import read_feed
from crawler.listings.section import read_section
from crawler.listings.sitemap import read_sitemap
from crawler.robotstxt import plain
from crawler.sources import Source, load_sources
from pipelines.extract import charset, paging
from pipelines.growing import may_grow
from pipelines.item import Context, ContextFiles, Item, Page
from pipelines.stages import READING, run_safely, store
from tests.bench.years.broken import NOW, SMALL, URL, Seeds, changed, feeds, seeds
from tests.bench.years.forks import Forked, Note, Tally, kept

PART = 500  # pages, or lists, that are read in one process
LISTS = 1_000_000  # the number of the first list
_MARKUP = re.compile(r"</?(?:a|b|br|div|h1|img|li|meta|p|script|span|style|td|title)\b[^<>]{0,200}/?>")
_CODE = re.compile(r"function ?\(|\"@type\"|;(?:display|margin|width):")
LONGEST = 1000  # characters of a title or an author's name
TWICE, WHOLE = 50, 4  # one page of so many is read twice; one prefiltered of so many is read whole


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads broken pages by number, with everything that reading consults."""

    seed: int
    bodies: Seeds
    sources: dict[str, Source]
    context: Context

    @classmethod
    def of(cls, seed: int) -> "Reader":
        known = load_sources(DEFAULTS / "sources.yml")
        places, topics, indicators = (DEFAULTS / f"{name}.yml" for name in ("places", "topics", "indicators"))
        files = ContextFiles(places, topics, known.families, indicators)
        return cls(seed, seeds(), dict(known.by_key), files.load(lambda: NOW))

    def make_list(self, number: int) -> bytes:
        """A feed, sitemap or section of a number."""
        chance = random.Random(f"{self.seed}:{number}")
        return changed(next(feeds(self.bodies.small, chance)), self.bodies.small, chance)

    def make(self, number: int) -> Item:
        """The page of a number, as a crawl has it before it is read."""
        chance = random.Random(f"{self.seed}:{number}")
        of, body = self.bodies.choose(chance)
        others = self.bodies.small if len(body) <= SMALL else self.bodies.large
        body = changed(body, others, chance)
        source = self.sources[chance.choice(sorted(self.sources))]
        url = URL.replace("nha-may", f"{'nha' if len(others[0]) <= SMALL else 'xuong'}-may-{of}")
        page = Page(url, body, NOW, chance.choice(("text/html", "text/html; charset=utf-8", "")))
        keep: Any = chance.choice(("all", "relevant"))
        return Item(Article(url, source.key), page, source.rules, keep=keep)

    def read(self, item: Item, number: int) -> Iterator[str]:
        """Read a page as a crawl does: how it ended, and then its faults."""
        assert item.page is not None
        read = run_safely(_copy(item), self.context, READING)
        yield f"{read.outcome or 'read'} {read.reason.partition(' ')[0]}".strip()
        if "broken" in read.reason:
            yield read.reason
            return
        source = self.sources[item.article.source]
        canonical_link(item.page.body, item.page.url, item.page.url, source)
        paging.next_page(item.page.body, "", item.page.url, item.page.url, 1)
        may_grow(read, self.context, NOW)
        yield from wrongs(read)
        if number % TWICE == 0 and not alike(read, run_safely(_copy(item), self.context, READING)):
            yield "wrong: the same page is read in two ways"
        if read.prefiltered and number % WHOLE == 0:
            whole = run_safely(replace(_copy(item), read_whole=True), self.context, READING)
            if whole.outcome is None:
                yield "wrong: a page that would be kept is prefiltered"
        if read.outcome is None:
            kept = run_safely(read, self.context, (store,))
            if "broken" in kept.reason:
                yield f"store: {kept.reason}"


def _copy(item: Item) -> Item:
    return replace(item, article=replace(item.article, doubt=[], authors=[]), rule_missed=[])


def alike(one: Item, other: Item) -> bool:
    return (one.article, one.outcome, one.reason) == (other.article, other.outcome, other.reason)


def wrongs(item: Item) -> Iterator[str]:
    """What no reader wants to see, whatever the page was; a doubt may be the page's own fault."""
    article = item.article
    told = {"title": [article.title], "lead": [article.lead], "body": [article.body], "author": article.authors}
    told |= {"section": [article.section or ""], "image": [article.image or ""]}
    yield from (f"{wrong} in {name}" for name, texts in told.items() for wrong in _wrongs_of(name, texts))
    if _CODE.search(article.body):
        yield "doubt: code in body"
    at = article.published_at
    if at is not None and not 1990 <= at.year <= NOW.year + 1:
        yield "wrong: a time that cannot be"
    printed = f"{article.title}\n{article.text}"
    for figure in article.figures:
        if not (isfinite(figure.value) and 0 <= (figure.starts or 0) < (figure.ends or 0) <= len(printed)):
            yield "wrong: a figure that is none, or stands nowhere"


def _wrongs_of(name: str, texts: list[str]) -> Iterator[str]:
    for text in texts:
        if charset.clean(text) != text:
            yield "wrong: signs that are none"
        if name != "body" and "\n" in text:
            yield "wrong: a line that breaks"
        if name != "body" and _MARKUP.search(text):
            yield "doubt: mark-up"
        if name in {"title", "author", "section"} and len(text) > LONGEST:
            yield "wrong: no end"


def read_lists(body: bytes) -> list[str]:
    for read in (read_feed, read_sitemap, read_section):
        read(body, URL, "")
    return ["list"]


def read_robots(body: bytes) -> list[str]:
    Protego.parse(plain(body).decode()).can_fetch(URL, "diemtin")
    return ["robots.txt"]


def read_part(reader: Reader, count: int, part: int, left_out: set[int], note: Note) -> Tally:
    """A part of the pages, or of the lists, up to ``count``, with an archive of its own."""
    tally = Tally()
    reader = replace(reader, context=replace(reader.context, db=open_archive(":memory:")))
    for number in range(part * PART, min(part * PART + PART, count)):
        note(number)
        if number not in left_out:
            (_try_list if number >= LISTS else _try_page)(reader, number, tally)
    return tally


def _try_page(reader: Reader, number: int, tally: Tally) -> None:
    item = reader.make(number)
    assert item.page is not None
    tally.tried(lambda: list(reader.read(item, number)), f"{reader.seed}:{number}", len(item.page.body))


def _try_list(reader: Reader, number: int, tally: Tally) -> None:
    body = reader.make_list(number)
    for read in (read_lists, read_robots):
        tally.tried(partial(read, body), f"{reader.seed}:{number}", len(body))


def collection(kind: str, folder: Path) -> Tally:
    """Read every file of a folder."""
    tally, read = Tally(), read_robots if kind == "robots" else read_lists
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        body = file.read_bytes()
        tally.tried(partial(read, body), file.name, len(body))
    return tally


def fuzz(given: argparse.Namespace, file: Path) -> Tally:
    """All pages and lists, in parts; what the file holds of them already is not read again."""
    until = time.monotonic() + given.minutes * 60 if given.minutes else float("inf")
    reader = Reader.of(given.seed)
    for first, count in ((0, given.pages), (LISTS, given.lists)):
        parts = range(first // PART, (first + count + PART - 1) // PART)
        Forked(partial(read_part, reader, first + count), file, given.workers).run(list(parts), until)
    whole = Tally()
    for tally in kept(file):
        whole.join(tally)
    return whole


def show(named: str) -> None:
    """Write a page or list as it was read."""
    seed, _, number = named.partition(":")
    reader, at = Reader.of(int(seed)), int(number)
    if at >= LISTS:
        sys.stdout.buffer.write(reader.make_list(at))
        return
    item = reader.make(at)
    sys.stdout.buffer.write(item.page.body if item.page else b"")
    ended = list(reader.read(item, at))
    print(item.article.source, item.article.url, item.keep, *ended, sep="\n", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench fuzz")
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--lists", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tally", type=Path, help="keep the parts that were read, and go on with the others")
    parser.add_argument("--minutes", type=float, default=0.0, help="begin no part after so long; 0: never")
    parser.add_argument("--show", metavar="SEED:NUMBER", help="write this page, and what came of it")
    parser.add_argument("--collection", nargs=2, metavar=("KIND", "DIR"))
    given = parser.parse_args()
    if given.show:
        show(given.show)
    elif given.collection:
        print(collection(given.collection[0], Path(given.collection[1])).report())
    else:
        with TemporaryDirectory() as folder:
            print(fuzz(given, given.tally or Path(folder, "tally")).report())


if __name__ == "__main__":
    main()
