"""Random SIGKILLs over every process of the product; after each the home is whole and work goes on.

    python -m tests.bench kills [--kills 200] [--seed 18]

The sample press runs all along. Each round starts one kind of work on one home – a crawl, `up` with its
children, a digest, `reprocess`, an import, an upgrade of an old archive, a copy, a restore – and kills one
process of its tree, the parent, a child or a worker, after a random time. Then every database is checked,
each version, edition and raw page has to be there once, and what was committed before has to be there still.
At the end one crawl more must bring whatever is missing.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tabulate import tabulate

from archive.clock import utc_now
from archive.home import Home
from archive.schema import prepare
from archive.snapshots import quick_complaint
from crawler.demo import DemoPress
from crawler.demo.run import write_config, write_digests
from tests.demo_expected import every_article, special_urls
from tests.test_up import free_port

WORK = ("crawl", "up", "digest", "up", "reprocess", "import", "up", "backup", "restore", "upgrade")
LONGEST = {"up": 20.0, "restore": 3.0, "upgrade": 2.0}  # seconds until the kill, at most
USUAL = 5.0
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
    old: Path
    rng: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    victims: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    known: set[tuple[str, str]] = field(default_factory=set)  # addresses with the hashes of their versions

    def command(self, work: str) -> list[str]:
        told = {
            "up": ["up", "--port", str(free_port())],
            "digest": ["digest", "--now"],
            "import": ["import", str(self.home.parent / "texts.jsonl")],
            "backup": ["backup", str(self.copies)],
            "restore": ["restore", str(self.copies)],
            "upgrade": ["init"],
        }
        home = self.old if work == "upgrade" else self.home
        return [sys.executable, "-m", "crawler", "--home", str(home), *told.get(work, [work])]

    def round(self, work: str) -> None:
        """Start, wait, kill, look."""
        if work == "restore" and not any(self.copies.glob("*Z")):
            work = "backup"
        if work == "restore":
            self.known = set()  # what came since the copy is gone on purpose
        with (self.home.parent / "kills.log").open("ab") as out:
            process = subprocess.Popen(self.command(work), stdout=out, stderr=out, start_new_session=True)
        time.sleep(self.rng.uniform(0.2, LONGEST.get(work, USUAL)))
        self._kill(process, work)
        self._end(process)
        self.look(work)

    def _kill(self, process: "subprocess.Popen[bytes]", work: str) -> None:
        tree = [process.pid, *_below(process.pid)]
        victim = self.rng.choice(tree[1:] if len(tree) > 1 and self.rng.random() < 0.7 else tree)
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
            self.killed[work] += 1
            self.victims["parent" if victim == process.pid else "child or worker"] += 1

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        """Let what lives on come to its end for a while; then end it as a power cut would."""
        below = list(_below(process.pid))
        with suppress(subprocess.TimeoutExpired):
            process.wait(self.rng.uniform(1, 8))
        for one in [process.pid, *below, *_below(process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        process.wait()

    def look(self, work: str) -> None:
        """Whether everything is whole, once, and still there."""
        for name in DATABASES:
            if (self.home / name).exists():
                with closing(sqlite3.connect(self.home / name)) as db:
                    prepare(db)  # the schema calls functions of ours
                    found = quick_complaint(db)
                self._must(not found, f"{work}: {name} is damaged: {found}")
        with closing(sqlite3.connect(self.home / "archive.db")) as db:
            for what, sql in ONCE.items():
                self._must(db.execute(sql).fetchone()[0] == 0, f"{work}: {what}")
            kept = set(db.execute(_VERSIONS))
        self._must(self.known <= kept, f"{work}: {len(self.known - kept)} committed versions are gone")
        self.known = kept

    def _must(self, holds: bool, what: str) -> None:
        if not holds:
            self.wrong.append(what)


def _below(pid: int) -> Iterator[int]:
    """The processes that a process started, and theirs."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return
    for child in map(int, listed.split()):
        yield child
        yield from _below(child)


def finish(one: Killing, press: DemoPress) -> list[tuple[str, str]]:
    """Crawl what is left, and hold it against what the press has."""
    for _ in range(3):
        done = [sys.executable, "-m", "crawler", "--home", str(one.home), "crawl", "--json"]
        subprocess.run(done, capture_output=True, check=False)
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
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(one.killed.items()))
    return [
        ("kills", f"{one.killed.total()}: {kinds}"),
        ("of a parent; of a child or worker", f"{one.victims['parent']}; {one.victims['child or worker']}"),
        ("checks that failed", str(len(one.wrong))),
        ("articles of the press that are not there in the end", str(len(wanted - urls))),
        ("raw pages twice", str(twice)),
        ("runs whose outcomes are not their visits", f"{sums} of {len(runs)}"),
        ("editions made", str(editions)),
    ]


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
        for number in range(kills):
            work = WORK[number % len(WORK)]
            if work == "upgrade":
                shutil.rmtree(old, ignore_errors=True)
                _old_home(old)
            one.round(work)
            if work == "upgrade":
                _check_upgrade(one)
        return one, finish(one, press)


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
