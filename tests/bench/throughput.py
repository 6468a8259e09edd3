"""Pages a second of one loopback site of real pages, beside Scrapy that fetches and follows links only.

    DIEMTIN_SHARED=… python -m tests.bench throughput [--pages 1500] [--rounds 2]

Both at two paces: politely (one request at a time, then a pause as long as the site took), and 16 at a time
without pause, which our crawl never does of itself. A round runs all of them one after another; the best of
the rounds counts. «Every page relevant» keeps everything; «1 % relevant» keeps what names Thái Nguyên, which
one page of a hundred does.
"""

import argparse
import asyncio
import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from tabulate import tabulate

from archive.clock import HANOI
from tests.bench.crawl import Spent, outcomes, spend

FOLLOW = Path(__file__).parent / "follow.py"
CRAWL = Path(__file__).parent / "lag.py"
LAG = "lag.txt"
PACES = {"politely": "", "16 at a time": "16"}
SETS = ("vn", "scrapinghub", "fundus_eval", "fundus_pub")
A_LIST = 100  # articles of a list page
_TEXT = re.compile(rb"<p(?:\s[^>]*)?>[^<]{40,}<")
_NAME = re.compile(
    rb"Th\xc3\xa1i(?:\s|&nbsp;)+Nguy\xc3\xaan|th[a\xc3\xa1]i[-_ ]?nguy[e\xc3\xaa]n", re.IGNORECASE
)
_CLAIM = "<p>Tại tỉnh Thái Nguyên, các khu công nghiệp đẩy mạnh chuyển đổi số và chính quyền số.</p>".encode()


def real_pages(shared: Path) -> list[list[bytes]]:
    """All gold pages by outlet, without the province's name."""
    lines = [line for name in SETS for line in (shared / "pages" / name / "gold.jsonl").open(encoding="utf-8")]
    outlets: dict[str, list[bytes]] = {}
    for gold in map(json.loads, lines):
        page = gzip.decompress((shared / "pages" / gold["file"]).read_bytes())
        outlets.setdefault(urlsplit(gold["url"]).netloc, []).append(_NAME.sub(b"Nam Giang", page))
    return list(outlets.values())


def copies(outlets: list[list[bytes]], wanted: int, relevant: int) -> Iterator[bytes]:
    """``wanted`` pages of texts that differ; every ``relevant``-th names the province.

    Those of one outlet follow one another, as the pages of a site are alike.
    """
    times = -(-wanted // sum(map(len, outlets)))
    pages = (_vary(page, copy) for outlet in outlets for copy in range(times) for page in outlet)
    for number, page in enumerate(islice(pages, wanted)):
        named = number % relevant == 0
        yield re.sub(rb"</p>", lambda found: found[0] + _CLAIM, page, count=12) if named else page


def _vary(page: bytes, copy: int) -> bytes:
    """Other words in the same places, so that no copy has a run of words with another in common."""
    if not copy:
        return page
    mark = b"x" * copy

    def other(text: re.Match[bytes]) -> bytes:
        tag, _, words = text[0].partition(b">")
        told = enumerate(words.split(b" "))
        return tag + b">" + b" ".join(word + mark if place % 3 == 1 else word for place, word in told)

    return _TEXT.sub(other, page)


def site(host: str, pages: Iterator[bytes], now: datetime) -> dict[str, tuple[str, bytes]]:
    """Every path with its type and bytes: robots.txt, a sitemap, list pages and articles."""
    found: dict[str, tuple[str, bytes]] = {"/robots.txt": ("text/plain", b"User-agent: *\nDisallow:\n")}
    paths = []
    for number, page in enumerate(pages):
        paths.append(f"/bai-viet/tin-{number:05d}.html")
        found[paths[-1]] = ("text/html; charset=utf-8", page)
    rows = "".join(
        f"<url><loc>http://{host}{path}</loc>"
        f"<lastmod>{(now - timedelta(minutes=place)).isoformat()}</lastmod></url>"
        for place, path in enumerate(paths)
    )
    head = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    found["/sitemap.xml"] = ("application/xml", f"{head}{rows}</urlset>".encode())
    lists = [paths[first : first + A_LIST] for first in range(0, len(paths), A_LIST)]
    for place, part in enumerate(lists):
        links = "".join(f'<a href="{path}">{path}</a> ' for path in part)
        found[f"/muc/{place}"] = ("text/html", f"<html><body>{links}</body></html>".encode())
    links = "".join(f'<a href="/muc/{place}">{place}</a> ' for place in range(len(lists)))
    found["/"] = ("text/html", f"<html><body>{links}</body></html>".encode())
    return found


async def _serve(shared: Path, wanted: int, relevant: int, outlets: int) -> None:
    """Serve the pages, those of each outlet on a port of its own; prints the hosts."""
    pages = copies(real_pages(shared), wanted, relevant)
    servers = [await _outlet(islice(pages, wanted // outlets)) for _ in range(outlets)]
    print(*(f"127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers), flush=True)
    await asyncio.Event().wait()


async def _outlet(pages: Iterator[bytes]) -> asyncio.Server:
    answers: dict[bytes, bytes] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                writer.write(answers.get(asked.split(b" ", 2)[1], missing))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for path, (kind, body) in site(host, pages, datetime.now(HANOI)).items():
        packed = gzip.compress(body, 6)
        head = f"Content-Type: {kind}\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        answers[path.encode()] = f"HTTP/1.1 200 OK\r\n{head}".encode() + packed
    return server


@contextmanager
def serving(wanted: int, relevant: int, outlets: int = 1) -> Iterator[list[str]]:
    """The site in a process of its own, or several with an equal part of the pages each; yields the hosts."""
    command = [sys.executable, "-m", "tests.bench", "throughput", "--serve", "--pages", str(wanted)]
    command += ["--relevant", str(relevant), "--outlets", str(outlets)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()
        finally:
            process.terminate()


def sources_of(hosts: list[str]) -> dict[str, Any]:
    """The ``sources:`` of sources.yml, one for each site."""
    return {
        f"do{number}": {
            "name": f"Báo đo {number}",
            "home": f"http://{host}/",
            "kind": "national",
            "sitemaps": [f"http://{host}/sitemap.xml"],
            "article": r"/bai-viet/tin-\d+\.html$",
        }
        for number, host in enumerate(hosts)
    }


def home_for(sources: dict[str, Any], folder: Path, keep: str) -> Path:
    """A home with these sources, which are asked without a pause."""
    path = folder / "config" / "sources.yml"
    path.parent.mkdir(parents=True)
    defaults = {"delay": "0ms", "keep": keep, "contact": "bench@example.org"}
    path.write_text(yaml.safe_dump({"defaults": defaults, "sources": sources}, allow_unicode=True))
    return folder


def rounds(host: str, keep: str, asked: argparse.Namespace, folder: Path) -> dict[str, list[Spent]]:
    """Each way's runs; prints what the crawl says came of the pages, and how late its loop was."""
    spents: dict[str, list[Spent]] = {}
    for turn in range(asked.rounds):
        for pace, at_a_time in PACES.items():
            spent = spend([sys.executable, str(FOLLOW), f"http://{host}/", at_a_time or "1"])
            assert int(spent.out) >= asked.pages, spent.out
            spents.setdefault(f"Scrapy, fetching and following links, {pace}", []).append(spent)
            home = home_for(sources_of([host]), folder / f"{keep}-{turn}-{pace}", keep)
            spent = crawl(home, at_a_time)
            spents.setdefault(f"diemtin crawl, {pace}", []).append(spent)
            print(f"{pace}: {kept(home)} articles, {json.dumps(outcomes(spent))}; {lag(home)}", flush=True)
    return spents


def crawl(home: Path, at_a_time: str) -> Spent:
    """``diemtin crawl`` with its loop watched."""
    more = [at_a_time] if at_a_time else []
    return spend([sys.executable, str(CRAWL), str(home / LAG), str(home), *more])


def kept(home: Path) -> int:
    with closing(sqlite3.connect(home / "archive.db")) as db:
        return int(db.execute("select count(*) from articles").fetchone()[0])


def lag(home: Path) -> str:
    """How late the event loop of a crawl was."""
    late = sorted(map(float, (home / LAG).read_text(encoding="ascii").split()))
    middle, high = (late[len(late) * share // 100] for share in (50, 99))
    return f"the event loop was late by {middle:.1f} ms (p50), {high:.0f} ms (p99), {late[-1]:.0f} ms (most)"


def table(spents: dict[str, list[Spent]], pages: int) -> str:
    """The best run of each way; ratios to bare Scrapy at the same pace."""
    best = {name: min(runs, key=lambda one: one.wall) for name, runs in spents.items()}
    rows, bare = [], 0.0
    for name, one in best.items():
        bare = one.wall if name.startswith("Scrapy") else bare
        cpu = f"{1000 * one.cpu / pages:.1f}"
        rows.append((name, f"{pages / one.wall:.0f}", f"{bare / one.wall:.2f}", cpu))
    heads = ("", "pages a second", "ratio", "CPU ms a page")
    return tabulate(rows, heads, tablefmt="github", disable_numparse=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--pages", type=int, default=1500)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--only", choices=("all", "relevant"))
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--relevant", type=int, default=1, help=argparse.SUPPRESS)
    options.add_argument("--outlets", type=int, default=1, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if "DIEMTIN_SHARED" not in os.environ:
        sys.exit("DIEMTIN_SHARED: set it to the folder with pages/")
    if asked.serve:
        shared = Path(os.environ["DIEMTIN_SHARED"])
        asyncio.run(_serve(shared, asked.pages, asked.relevant, asked.outlets))
        return
    with tempfile.TemporaryDirectory(prefix="diemtin-bench-") as name:
        for keep, relevant, says in (("all", 1, "every page relevant"), ("relevant", 100, "1 % relevant")):
            if asked.only in (None, keep):
                with serving(asked.pages, relevant) as (host,):
                    spents = rounds(host, keep, asked, Path(name))
                print(f"\n### {asked.pages} pages, {says}\n\n{table(spents, asked.pages)}\n", flush=True)


if __name__ == "__main__":
    main()
