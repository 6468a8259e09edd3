"""Copies under load: each restored elsewhere and compared with the home of that moment, row by row; kills.

    python -m tests.bench backups [--copies 50] [--kills 20] [--stories 2000]

Three processes write all along: stories through the stages into archive.db and then their raw pages and
visits into pages.db, as a crawl does; addresses into pages.db; lines into the log of the desk. What each writes
is told by its number alone, so that a second home, in which the same numbers are written up to the last one
that a copy holds, is what the first one had committed at that moment. Every table is compared in its order, the
parts of the search index too; archive.db and all other files of a restored home byte by byte with the copy.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from sqlite_utils import Database

from archive.backup.files import sha256_of
from archive.backup.make import Made, make_copy
from archive.backup.manifest import HOME, HomeCopy, copies_in
from archive.backup.restore import restore
from archive.backup.verify import Checker
from archive.db import writing
from archive.desk.db import open_desk
from archive.home import Home
from archive.model import Article
from archive.pages import RawPage, keep, open_pages
from archive.schema import open_archive, prepare
from pipelines.item import ContextFiles, Item
from pipelines.stages import run_stages

START = datetime(2026, 11, 1, tzinfo=UTC)
TEXT = (
    "Thái Nguyên chuyển đổi số khu công nghiệp Sông Công nhà máy đầu tư tỷ đồng doanh nghiệp xuất khẩu",
    "lao động phát triển hạ tầng dịch vụ công trực tuyến xã phường tỉnh Phổ Yên Điềm Thụy",
)
WORDS = [word for line in TEXT for word in line.split()]
SERIALS = {
    "stories": ("archive.db", "select max(id) from runs"),
    "pages": ("pages.db", "select coalesce(max(run_id), 0) from visits"),
    "addresses": ("pages.db", "select coalesce(max(looks), 0) from addresses where url = 'last'"),
    "desk": ("desk.db", "select coalesce(max(id), 0) from log"),
}
PAUSES = {"stories": 0.3, "addresses": 0.1, "desk": 0.5}  # seconds between two writes


class Writers:
    """Writes the numbered steps into a home."""

    def __init__(self, home: Home) -> None:
        self.now = START
        self.archive, self.pages = open_archive(home.archive_db), open_pages(home.pages_db)
        self.desk = open_desk(home.desk_db)
        files = ContextFiles.of(home, ())
        self.context = replace(files.load(lambda: self.now), db=self.archive)
        self.steps: dict[str, Callable[[int], None]] = {
            "stories": self.story, "pages": self.page, "addresses": self.address, "desk": self.line,
        }  # fmt: skip

    def story(self, number: int) -> None:
        """A story, or for each third number an edit of an earlier one."""
        self.now = START + timedelta(minutes=number)
        edited = number % 3 == 0
        which = number // 2 if edited else number
        chance = random.Random(which * 1000 + (number if edited else 0))
        body = "\n\n".join(" ".join(chance.choices(WORDS, k=60)) + "." for _ in range(6))
        title = " ".join(random.Random(which).choices(WORDS, k=9)) + f" {which}"
        article = Article(f"https://bao.example/{which}.html", "bao", title, f"Thái Nguyên: {title}", body)
        article.published_at = START + timedelta(minutes=which)
        with writing(self.archive):
            run_stages(Item(article, keep="all"), self.context)
            run = {"id": number, "source": "bao", "started_at": "", "state": "done", "outcomes": "{}"}
            self.archive.table("runs").insert(run)

    def page(self, number: int) -> None:
        """The raw page of a story, and that it was visited: written once the story is committed."""
        chance = random.Random(number)
        frame = " ".join(random.Random(number % 7).choices(WORDS, k=3000))
        own = " ".join(f"{chance.choice(WORDS)}{chance.randrange(9999)}" for _ in range(1500))
        at, url = START + timedelta(minutes=number), f"https://bao.example/{number}.html"
        with writing(self.pages):
            keep(self.pages, RawPage(url, "bao", at, "text/html", f"<html>{frame}{own}</html>".encode()))
            visit = {"run_id": number, "url": url, "at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "outcome": "stored"}
            self.pages.table("visits").insert(visit)

    def address(self, number: int) -> None:
        """An address that is found, one that ends, and one that goes."""
        with writing(self.pages):
            add = "insert into addresses (url, source, found_at, looks) values (?, 'bao', '', ?)"
            again, url = "on conflict (url) do update set looks = excluded.looks", "https://bao.example/"
            self.pages.execute(f"{add} {again}", ["last", number])
            self.pages.execute(add, [f"{url}{number}", 0])
            self.pages.execute(
                "update addresses set outcome = 'stored' where url = ?", [f"https://bao.example/{number // 2}"]
            )
            if number % 5 == 0:
                self.pages.execute("delete from addresses where url = ?", [f"{url}{number // 5}"])

    def line(self, number: int) -> None:
        """A line of the desk's log."""
        with writing(self.desk):
            columns = [row[1] for row in self.desk.execute("pragma table_info(log)") if row[1] != "id"]
            names, values = ", ".join(columns), ", ".join("?" * len(columns))
            row = [number, *(f"{name} {number}" for name in columns)]
            self.desk.execute(f"insert into log (id, {names}) values (?, {values})", row)

    def close(self) -> None:
        for db in (self.archive, self.pages, self.desk):
            db.close()


def write_on(path: str, kind: str) -> None:
    """Write one kind of steps into a home for ever, from the last one on."""
    writers = Writers(Home(Path(path)))
    number = last(Path(path), kind)
    print("ready", flush=True)
    while True:
        number += 1
        writers.steps[kind](number)
        if kind == "stories":
            writers.steps["pages"](number)
        time.sleep(PAUSES[kind])


def last(home: Path, kind: str) -> int:
    """The number of the last step that a home holds."""
    file, sql = SERIALS[kind]
    with closing(sqlite3.connect(home / file)) as db:
        return int(db.execute(sql).fetchone()[0] or 0)


@contextmanager
def load(home: Home) -> Iterator[None]:
    """The three writers at work."""
    command = [sys.executable, "-m", "tests.bench.years.backups", "--write"]
    processes = [
        subprocess.Popen([*command, str(home.path), kind], stdout=subprocess.PIPE, text=True) for kind in PAUSES
    ]
    try:
        for process in processes:
            assert process.stdout
            process.stdout.readline()
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def digests(path: Path) -> dict[str, str]:
    """The SHA-256 of every table of a database, row by row in its order, and of its schema."""
    with closing(sqlite3.connect(path)) as db:
        prepare(db)
        kinds = {row[1]: row[2] for row in db.execute("pragma main.table_list")}
        found = {}
        for name, kind in sorted(kinds.items()):
            if kind == "virtual" or name in {"sqlite_schema", "sessions"}:
                continue
            digest = hashlib.sha256()
            for row in db.execute(f'select * from "{name}"'):
                digest.update(repr(row).encode())
            found[name] = digest.hexdigest()
        schema = db.execute("select type, name, tbl_name, sql from sqlite_schema order by 1, 2").fetchall()
    return found | {"schema": hashlib.sha256(repr(schema).encode()).hexdigest()}


class Reference:
    """A home in which the steps are done once more, up to those that a copy holds."""

    def __init__(self, path: Path) -> None:
        self.home, self.writers = path, Writers(Home(path))
        self.done = {kind: last(path, kind) for kind in SERIALS}

    def differences(self, restored: Path) -> list[str]:
        """What of a restored home is other than here after the same steps."""
        wanted = {kind: last(restored, kind) for kind in SERIALS}
        if not wanted["pages"] <= wanted["stories"] <= wanted["pages"] + 1:
            return [f"pages.db tells of {wanted['pages']} stories, archive.db holds {wanted['stories']}"]
        for kind, to in wanted.items():
            for number in range(self.done[kind] + 1, to + 1):
                self.writers.steps[kind](number)
            self.done[kind] = to
        found = []
        for name in ("archive.db", "pages.db", "desk.db"):
            here, there = digests(self.home / name), digests(restored / name)
            found += [
                f"{name}: {table}"
                for table in here.keys() | there.keys()
                if here.get(table) != there.get(table)
            ]
        return found


def other_bytes(copy: HomeCopy, restored: Path) -> list[str]:
    """The files of a restored home that are not, byte by byte, those of the copy."""
    pairs = [(copy.path / HOME / entry.path, restored / entry.path) for entry in copy.manifest.files]
    pairs.append((copy.path / "archive.db", restored / "archive.db"))
    return [str(two) for one, two in pairs if sha256_of(one) != sha256_of(two)]


def vacuum(home: Home, folder: Path) -> tuple[float, int]:
    """Seconds and bytes of a copy of the three databases by ``VACUUM INTO``."""
    began, size = time.perf_counter(), 0
    for path in (home.pages_db, home.desk_db, home.archive_db):
        target = folder / path.name
        with closing(sqlite3.connect(path, timeout=60)) as db:
            db.execute("vacuum into ?", [str(target)])
        size += target.stat().st_size
        target.unlink()
    return time.perf_counter() - began, size


def copies_under_load(home: Home, folder: Path, base: Path, count: int) -> tuple[float, float]:
    """Make copies under load and compare each; about how long a copy and a restore take."""
    reference = Reference(base / "reference")
    copied, restored, vacuums = list[tuple[float, int]](), list[float](), list[tuple[float, int]]()
    before, bad = last(home.path, "stories"), 0
    with load(home):
        for number in range(count):
            time.sleep(1)
            began = time.perf_counter()
            made = make_copy(home, folder, START + timedelta(days=number))
            copied.append((time.perf_counter() - began, made.size))
            if number % 10 == 9:
                vacuums.append(vacuum(home, base))
            bad += told(number, made, reference, base / "restored", restored)
    grown = last(home.path, "stories") - before
    print(f"\n{count} copies while {grown} stories were written; homes that differ: {bad}\n")
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    later = [statistics.median(values) for values in zip(*copied[1:], strict=True)]
    rows = [
        ("copy, the first", *copied[0]),
        ("copy, median of the others", *later),
        ("copy, the last", *copied[-1]),
    ]
    rows += [(f"VACUUM INTO of all three after copy {10 * n}", *one) for n, one in enumerate(vacuums, 1)]
    rows.append(("restore, median", statistics.median(restored), 0))
    for name, seconds, size in rows:
        print(f"| {name} | {seconds:.2f} s | {size / 1e6:.1f} MB |")
    print(f"| all {count} copies together | | {total / 1e6:.1f} MB |")
    return max(one for one, _ in copied[-10:]), max(restored[-10:])


def told(number: int, made: Made, reference: Reference, restored: Path, waited: list[float]) -> bool:
    """Restore a copy and compare; whether it differs."""
    shutil.rmtree(restored, ignore_errors=True)
    began = time.perf_counter()
    restore(Home(restored), made.copy.path, START)
    waited.append(time.perf_counter() - began)
    found = other_bytes(made.copy, restored) + reference.differences(restored)
    steps = ", ".join(f"{kind} {last(restored, kind)}" for kind in SERIALS)
    print(f"copy {number + 1}: {steps}; {'; '.join(found) or 'the same'}", flush=True)
    return bool(found)


def kill_copies(home: Home, folder: Path, kills: int, longest: float, chance: random.Random) -> None:
    """Kill a process that makes copies, at random moments, under load."""
    bad = whole = 0
    with load(home):
        for number in range(kills):
            before = len(copies_in(folder)[0])
            killed(_copy, home, folder, chance.uniform(0.0, longest), START + timedelta(days=400 + number))
            copies, wrong = copies_in(folder)
            whole += len(copies) > before
            checker = Checker()
            bad += bool(wrong) or any(list(checker.faults(copy)) for copy in copies[-2:])
    last_one = make_copy(home, folder, START + timedelta(days=900))
    bad += bool(list(Checker().faults(last_one.copy))) or bool(list(folder.glob("*.unfinished")))
    print(f"\n{kills} kills of backup ({whole} after its end): {bad} times a copy that was not whole")


def kill_restores(folder: Path, base: Path, kills: int, longest: float, chance: random.Random) -> None:
    """Kill a process that restores, at random moments: the home is the old or the new one."""
    place = base / "place"
    copies = copies_in(folder)[0]
    restore(Home(place), copies[-1].path, START)
    new = everything(place)
    bad = news = 0
    for number in range(kills):
        shutil.rmtree(place)
        restore(Home(place), copies[0].path, START)
        old = everything(place)
        killed(
            _restore, Home(place), copies[-1].path, chance.uniform(0.0, longest), START + timedelta(days=number)
        )
        state = everything(place)
        news += state == new
        bad += state not in (old, new)
        restore(Home(place), copies[-1].path, START)
        bad += everything(place) != new or (base / "place.restoring").exists()
        for kept in base.glob("place.before-restore-*"):
            shutil.rmtree(kept)
    print(f"{kills} kills of restore ({news} left the new home): {bad} homes neither old nor new")


def everything(home: Path) -> dict[str, dict[str, str]]:
    return {name: digests(home / name) for name in ("archive.db", "pages.db", "desk.db")}


def killed(work: Callable[..., None], home: Home, folder: Path, after: float, now: datetime) -> None:
    process = get_context("fork").Process(target=work, args=(home, folder, now))
    process.start()
    process.join(after)
    if process.is_alive() and process.pid:
        os.kill(process.pid, signal.SIGKILL)
    process.join()


def _copy(home: Home, folder: Path, now: datetime) -> None:
    make_copy(home, folder, now)


def _restore(home: Home, folder: Path, now: datetime) -> None:
    restore(home, folder, now)


def _fill(path: Path, stories: int) -> Home:
    home = Home.at(path)
    (path / "config").mkdir()
    (path / "password").write_text("mat khau chung\n", encoding="utf-8")
    writers = Writers(home)
    Database(writers.archive.conn).table("sources").insert(
        {"key": "bao", "name": "Báo", "home": "https://bao.example"}
    )
    for number in range(1, stories + 1):
        writers.story(number)
        writers.page(number)
    writers.close()
    return home


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--copies", type=int, default=50)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--stories", type=int, default=2000)
    options.add_argument("--write", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.write:
        write_on(*given.write)
    with tempfile.TemporaryDirectory(prefix="diemtin-backups-") as name:
        base = Path(name)
        home, folder = _fill(base / "home", given.stories), base / "copies"
        folder.mkdir()
        shutil.copytree(home.path, base / "reference")
        copying, restoring = copies_under_load(home, folder, base, given.copies)
        chance = random.Random(20261129)
        kill_copies(home, folder, given.kills, copying, chance)
        kill_restores(folder, base, given.kills, restoring, chance)


if __name__ == "__main__":
    main()
