"""Random SIGKILLs over every process of the product; after each the home is whole and work goes on.

    python -m tests.bench kills [--kills 200] [--seed 18]

The sample press runs all along and prints more before each crawl, so that pages go to the reading workers; a
reader asks `up` for SQL, which starts its workers. Each round starts one kind of work on one home – a crawl,
`up` with its children, a digest, `reprocess`, imports of texts and of pages, an upgrade of an old archive, a
copy, a restore – and kills one process: any of those that its tree has at a random moment, each as likely as
the others; in most rounds of work that has children a moment at which they are there. Then every database is
checked, each version, edition and raw page has to be there once, and what was committed before has to be there
still; whatever a killed parent left has to end by itself, a parent that lost a child has to go on, and nobody
may print a traceback. At the end one crawl more must bring whatever is missing.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path

import msgspec
from tabulate import tabulate

from archive.clock import utc_now
from archive.home import Home
from archive.schema import prepare
from archive.snapshots import quick_complaint
from crawler.demo import DemoPress
from crawler.demo.run import write_config, write_digests
from crawler.demo.stock import copies, load_articles
from tests.clocks import shifted
from tests.demo_expected import every_article, special_urls
from tests.test_up import free_port

WORK = (
    "crawl", "up", "digest", "crawl", "up", "reprocess", "import",
    "crawl", "up", "import pages", "backup", "up", "crawl", "restore", "up", "upgrade",
)  # fmt: skip
LONGEST = {
    "up": 20.0,
    "digest": 12.0,
    "reprocess": 12.0,
    "backup": 10.0,
    "restore": 3.0,
    "upgrade": 2.0,
}  # seconds until the kill, at most
USUAL = 5.0
WITH_CHILDREN = ("crawl", "up", "import pages")
OURS = re.compile(
    r'File ".*/(archive|crawler|pipelines)/'
)  # Python's own workers say when their parent is gone
ELSEWHERE = ("upgrade", "import pages")
AWAITED = 0.9  # of their rounds wait for a child
CHILD = 120.0  # seconds it may take to come on a busy machine
ORPHANS = 45.0  # seconds in which what a killed parent left has to be gone; GRACE is 20
MORE = 10  # rounds of copies that the press prints before a crawl: more pages than a crawl reads by itself
ENOUGH = 200  # pages that wait: no more are printed
OUTLET = "baomau"  # names all it has in its sitemap, and is kept whole
DATABASES = ("archive.db", "pages.db", "desk.db")
ONCE = {
    "articles twice": "select count(*) - count(distinct url) from articles",
    "versions twice": "select count(*) - count(distinct article_id || sha256 || seen_at) from versions",
    "editions twice": "select count(*) - count(distinct name || edition) from digests",
    "articles without a version": """select count(*) from articles
        where unread = '' and id not in (select article_id from versions)""",
}


_VERSIONS = "select url, versions.sha256 from versions join articles on articles.id = article_id"


@dataclass(slots=True)
class Killing:
    """One home under fire."""

    home: Path
    copies: Path
    old: Path  # a home of another release, or an empty one: what pages of the first are brought to
    rng: random.Random
    port: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    victims: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    known: set[tuple[str, str]] = field(default_factory=set)  # addresses with the hashes of their versions

    @property
    def log(self) -> Path:
        return self.home.parent / "kills.log"

    def command(self, work: str) -> list[str]:
        self.port = free_port()
        told = {
            "up": ["up", "--port", str(self.port)],
            "digest": ["digest", "--now"],
            "import": ["import", str(self.home.parent / "texts.jsonl")],
            "import pages": ["import", str(self.home.parent / "pages.warc.gz")],
            "backup": ["backup", str(self.copies)],
            "restore": ["restore", str(self.copies)],
            "upgrade": ["init"],
        }
        home = self.old if work in ELSEWHERE else self.home
        return [sys.executable, "-m", "crawler", "--home", str(home), *told.get(work, [work])]

    def prepare_import(self, to: Path) -> None:
        """An empty home with the same sources, and all pages of this one."""
        to.mkdir()
        shutil.copytree(self.home / "config", to / "config")
        told = ["export", "--format", "warc", "--out", str(self.home.parent / "pages.warc.gz")]
        made = [sys.executable, "-m", "crawler", "--home", str(self.home), *told]
        subprocess.run(made, check=True, capture_output=True)

    def waiting(self) -> int:
        """The pages that no crawl came to yet."""
        if not (self.home / "pages.db").exists():
            return 0
        with closing(sqlite3.connect(self.home / "pages.db")) as db:
            return int(db.execute("select count(*) from addresses where outcome is null").fetchone()[0])

    def round(self, work: str) -> None:
        """Start, wait, kill, look."""
        if work == "restore" and not any(self.copies.glob("*Z")):
            work = "backup"
        if work == "restore":
            self.known = set()  # what came since the copy is gone on purpose
        began = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as out:
            process = subprocess.Popen(self.command(work), stdout=out, stderr=out, start_new_session=True)
        self._wait(process, work)
        self._kill(process, work)
        self.look(work)
        said = self.log.read_bytes()[began:].decode(errors="replace")
        self._must(not OURS.search(said), f"{work}: {said[said.find('Traceback') :][:3000]}")

    def _wait(self, process: "subprocess.Popen[bytes]", work: str) -> None:
        """Until a random moment; in most rounds one at which there are children, where the work has any."""
        if work in WITH_CHILDREN and self.rng.random() < AWAITED:
            until = time.monotonic() + CHILD
            while time.monotonic() < until and process.poll() is None and not self._has_child(process, work):
                time.sleep(0.1)
            time.sleep(self.rng.uniform(0, 4))
        else:
            time.sleep(self.rng.uniform(0.2, LONGEST.get(work, USUAL)))

    def _has_child(self, process: "subprocess.Popen[bytes]", work: str) -> bool:
        if work == "up" and self.rng.random() < 0.1:
            self._ask_sql()
        return any(below(process.pid))

    def _ask_sql(self) -> None:
        address = f"http://127.0.0.1:{self.port}/archive?sql=select+count(*)+from+articles"
        with suppress(OSError):
            urllib.request.urlopen(address, timeout=5).close()

    def _kill(self, process: "subprocess.Popen[bytes]", work: str) -> None:
        """Kill one of the tree; see that the others do as they should."""
        tree = {process.pid: f"parent: {work}"} | {pid: kind(pid) for pid in below(process.pid)}
        victim = self.rng.choice(list(tree))
        if process.poll() is not None:
            self.victims["none: it had ended"] += 1
        else:
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                self.killed[work] += 1
                self.victims[tree[victim]] += 1
        if victim == process.pid:
            self._orphans(process, [pid for pid in tree if pid != victim], work)
        else:
            self._end(process, list(tree), work, tree[victim])

    def _orphans(self, process: "subprocess.Popen[bytes]", left: list[int], work: str) -> None:
        """What a parent left has to end by itself."""
        process.wait()
        until = time.monotonic() + ORPHANS
        while (alive := [pid for pid in left if kind(pid)]) and time.monotonic() < until:
            time.sleep(0.2)
        self._must(not alive, f"{work}: left behind {[kind(pid) for pid in alive]}")
        _end_all(alive)

    def _end(self, process: "subprocess.Popen[bytes]", tree: list[int], work: str, victim: str) -> None:
        """Let what lives on do so for a while; then end it as a power cut would."""
        with suppress(subprocess.TimeoutExpired):
            process.wait(self.rng.uniform(1, 8))
        code = process.poll()
        goes_on = code is None or (work != "up" and code in (0, 1))
        self._must(goes_on, f"{work}: ended with {code} by the death of {victim}")
        _end_all([*tree, *below(process.pid)])
        process.wait()

    def look(self, work: str) -> None:
        """Whether everything is whole, once, and still there."""
        home = self.old if work == "import pages" else self.home
        for name in DATABASES:
            if (home / name).exists():
                with closing(sqlite3.connect(home / name)) as db:
                    prepare(db)  # the schema calls functions of ours
                    found = quick_complaint(db)
                self._must(not found, f"{work}: {name} is damaged: {found}")
        if not (home / "archive.db").exists():
            return
        with closing(sqlite3.connect(home / "archive.db")) as db:
            for what, sql in ONCE.items():
                self._must(db.execute(sql).fetchone()[0] == 0, f"{work}: {what}")
            kept = set(db.execute(_VERSIONS))
        if home != self.home:
            return
        self._must(self.known <= kept, f"{work}: {len(self.known - kept)} committed versions are gone")
        self.known = kept

    def _must(self, holds: bool, what: str) -> None:
        if not holds:
            self.wrong.append(what)


def below(pid: int) -> Iterator[int]:
    """The living processes that a process started, and theirs."""
    listed: list[str] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            listed += children.read_text(encoding="ascii").split()
    for child in map(int, listed):
        if kind(child):
            yield child
            yield from below(child)


KINDS = {
    "archive.workers.sql": "worker for SQL",
    "spawn_main": "worker that reads pages",
    "resource_tracker": "tracker of Python's workers",
}


def kind(pid: int) -> str:
    """What a process is; '' for one that is gone or only waits for its parent to be told."""
    try:
        asked = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    if not any(asked):
        return ""
    named = next((told for part, told in KINDS.items() if any(part in one for one in asked)), "")
    return named or f"child: {asked[asked.index('--home') + 2] if '--home' in asked else asked[0]}"


def _end_all(pids: list[int]) -> None:
    for one in pids:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def finish(one: Killing, press: DemoPress) -> list[tuple[str, str]]:
    """Crawl what is left, hours later, when all is due again; hold it against what the press has."""
    for hours in (0, 3, 9, 27):
        done = [sys.executable, "-m", "crawler", "--home", str(one.home), "crawl", "--json"]
        later = shifted("ahead", "Asia/Ho_Chi_Minh") | {"FAKETIME": f"+{hours * 3600}"}
        subprocess.run(done, env=later, capture_output=True, check=False)
    wanted = {article.url for article in every_article(press) if article.outcome == "stored"}
    wanted.discard(special_urls(press)["taken_down"])  # gone for good when its one visit was cut off
    with closing(sqlite3.connect(one.home / "archive.db")) as db:
        urls = {url for (url,) in db.execute("select url from articles")}
        runs = db.execute("select id, outcomes from runs where state <> 'running'").fetchall()
        editions = db.execute("select count(*) from digests").fetchone()[0]
    with closing(sqlite3.connect(one.home / "pages.db")) as db:
        visits = Counter(run for (run,) in db.execute("select run_id from visits"))
        twice = db.execute("select count(*) - count(distinct url || sha256) from pages").fetchone()[0]
    sums = sum(sum(json.loads(outcomes).values()) != visits[run] for run, outcomes in runs)
    kinds = ", ".join(f"{work} {count}" for work, count in sorted(one.killed.items()))
    unhit = one.victims["none: it had ended"]
    below = sum(n for which, n in one.victims.items() if not which.startswith(("parent", "none")))
    return [
        ("kills", f"{one.killed.total()}: {kinds}"),
        ("of a parent; of a child or worker", f"{one.victims.total() - below - unhit}; {below}"),
        ("which", ", ".join(f"{which} {count}" for which, count in one.victims.most_common())),
        ("checks that failed", str(len(one.wrong))),
        ("articles of the press that are not there in the end", str(len(wanted - urls))),
        *(("", why(one.home, url)) for url in sorted(wanted - urls)[:5]),
        ("raw pages twice", str(twice)),
        ("runs whose outcomes are not their visits", f"{sums} of {len(runs)}"),
        ("editions made", str(editions)),
    ]


def why(home: Path, url: str) -> str:
    """What the product says of an address that is not there."""
    asked = [sys.executable, "-m", "crawler", "--home", str(home), "why", url]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


def kill_all(kills: int, seed: int, folder: Path) -> tuple[Killing, list[tuple[str, str]]]:
    """The rounds, and what came of them."""
    rng = random.Random(seed)
    home, old = folder / "home", folder / "old"
    with DemoPress(utc_now()) as press:
        write_config(Home.at(home), press, {"every": "3s", "revisit": ["5s", "30s"], "gone_after": "6s"})
        write_digests(Home.at(home), "http://127.0.0.1:8001")
        (folder / "texts.jsonl").write_text("".join(map(_text, range(300))), encoding="utf-8")
        made = [sys.executable, "-m", "crawler", "--home", str(home), "init"]
        subprocess.run(made, check=True, capture_output=True)
        one = Killing(home, folder / "copies", old, rng)
        printed = count(2)
        for work in cycle(WORK):
            if one.killed.total() >= kills:
                break
            if work in ELSEWHERE:
                shutil.rmtree(old, ignore_errors=True)
                (_old_home if work == "upgrade" else one.prepare_import)(old)
            if work == "crawl" and one.waiting() < ENOUGH:
                _print_more(press, printed, rng)
            one.round(work)
            print(one.killed.total(), work, dict(one.victims), one.wrong[-1:], file=sys.stderr, flush=True)
            if work == "upgrade":
                _check_upgrade(one)
        return one, finish(one, press)


def _print_more(press: DemoPress, printed: Iterator[int], rng: random.Random) -> None:
    """Some copies more of an outlet's articles, with other figures; they appeared in the last three days."""
    for nth in (next(printed) for _ in range(MORE)):
        for article in copies(load_articles(OUTLET), nth):
            if article.key.endswith(f"-{nth}"):
                press.publish(OUTLET, msgspec.structs.replace(article, hours_ago=rng.uniform(0, 72)))


def _text(number: int) -> str:
    row = {
        "url": f"https://x.example/{number}",
        "title": f"Tin {number}",
        "body": f"Thái Nguyên {number}. " * 40,
    }
    return json.dumps(row) + "\n"


def _old_home(old: Path) -> None:
    """A home as release 0.1 left it: its migrations up to one half of today's."""
    from archive.db import as_database, connect, migration_names
    from archive.schema import MIGRATIONS, prepare

    old.mkdir()
    names = migration_names("archive")
    with closing(connect(old / "archive.db")) as connection:
        prepare(connection)
        MIGRATIONS.apply(as_database(connection), stop_before=names[len(names) // 2])


def _check_upgrade(one: Killing) -> None:
    done = [sys.executable, "-m", "crawler", "--home", str(one.old), "search", "x"]
    again = subprocess.run(done, capture_output=True, text=True, check=False)
    one._must("Traceback" not in again.stderr and again.returncode in (0, 1), f"upgrade: {again.stderr[-200:]}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=18)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        one, rows = kill_all(asked.kills, asked.seed, Path(folder))
    print(tabulate(rows, tablefmt="github"))
    for line in one.wrong:
        print(line)


if __name__ == "__main__":
    main()
