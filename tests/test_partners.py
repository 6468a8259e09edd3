"""archive.db and pages.db know each other's state: what one lost of what the other saw comes back, told."""

import json
import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from subprocess import DEVNULL, PIPE

import pytest
import yaml

from archive.home import Home
from archive.web.access import DeskReader
from crawler.demo.server import Answer, Server
from tests.commands import Copy, diemtin
from tests.part import part
from tests.tiny_site import BODY

pytestmark = pytest.mark.timeless

PAGES = 6


class Outlet:
    """A site whose feed and pages carry validators and answer «304»; ``edited`` and ``gone`` are pages."""

    def __init__(self, pages: int = PAGES) -> None:
        self.pages, self.edited, self.gone = pages, set[int](), set[int]()
        self.whole: list[str] = []  # what was asked for without validators
        self.obstinate = False  # whether pages are answered «304» though they were asked for whole
        self.server = Server(self.reply)

    def reply(self, path: str, headers: object, method: str) -> Answer:
        asked = dict(headers.items())  # type: ignore[attr-defined]
        if "If-None-Match" not in asked:
            self.whole.append(path)
        if self.obstinate and path.startswith("/bai-"):
            return Answer(304)
        if path == "/rss":
            home = self.server.home
            items = "".join(
                f"<item><title>Bài {n} nói về thôn Đồi Mẫu</title><link>{home}bai-{n}.html</link>"
                f"<pubDate>Sat, 21 Nov 2026 08:0{n % 10}:00 +0700</pubDate></item>"
                for n in range(self.pages)
            )
            return Answer(200, f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), "text/xml")
        if not path.startswith("/bai-"):
            return Answer(404, b"")
        number = int(path.removeprefix("/bai-").removesuffix(".html"))
        return Answer(404) if number in self.gone else Answer(200, self.page(number))

    def page(self, number: int) -> bytes:
        told = "".join(f"<p>{number}. {line}</p>" for line in BODY.splitlines())
        more = "<p>Cập nhật: xưởng nay có 52 hộ.</p>" if number in self.edited else ""
        return (
            f"<html><head><title>Bài {number}: chè Đồi Mẫu đợt {number}</title>"
            "<meta property='og:type' content='article'>"
            f"<meta property='article:published_time' content='2026-11-21T08:0{number % 10}:00+07:00'></head>"
            f"<body><h1>Bài {number}: chè Đồi Mẫu đợt {number}</h1><div>{told}{more}</div></body></html>"
        ).encode()


@pytest.fixture(scope="module")
def served() -> Iterator[Outlet]:
    site = Outlet()
    with site.server:
        yield site


@pytest.fixture
def outlet(served: Outlet) -> Outlet:
    served.pages, served.obstinate = PAGES, False
    served.edited, served.gone, served.whole = set(), set(), []
    return served


@pytest.fixture(scope="module")
def crawled(served: Outlet, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("crawled") / "home")
    write_sources(home, served)
    crawl(home)
    assert len(articles(home)) == PAGES
    return home


@pytest.fixture
def home(tmp_path: Path, outlet: Outlet, crawled: Home) -> Home:
    """A home that has crawled the outlet once; its pages are due again only when they are made so."""
    shutil.copytree(crawled.path, tmp_path / "home")
    return Home.at(tmp_path / "home")


def write_sources(home: Home, outlet: Outlet) -> None:
    source = {
        "name": "Báo Mẫu", "home": outlet.server.home, "kind": "provincial", "keep": "all", "delay": "0s",
        "article": r"/bai-\d+\.html$", "feeds": [f"{outlet.server.home}rss"],
    }  # fmt: skip
    (home.path / "config").mkdir(exist_ok=True)
    config = {"defaults": {"revisit": ["1h"], "gone_after": "1s"}, "sources": {"mau": source}}
    (home.path / "config" / "sources.yml").write_text(yaml.safe_dump(config), encoding="utf-8")


def crawl(home: Home, check: bool = True) -> str:
    """What a crawl said on standard error."""
    return diemtin("--lang", "en", "crawl", home=home.path, check=check).stderr


def articles(home: Home) -> dict[str, tuple[int, str, int]]:
    """Number, text and count of versions of each article, by address."""
    with closing(sqlite3.connect(home.archive_db)) as db:
        rows = db.execute(
            """select url, id, sha256, (select count(*) from versions v where v.article_id = a.id)
               from articles a where unread = ''"""
        ).fetchall()
    return {url: (id_, sha, versions) for url, id_, sha, versions in rows}


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def forget(home: Home, *, raw: bool) -> None:
    """Make every page due at once, as after its next age; without ``raw`` no page is kept either."""
    change(home.pages_db, "update addresses set next_at = '2026-01-01T00:00:00Z'")
    if not raw:
        change(home.pages_db, "delete from pages")


def remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def health(home: Home) -> dict[str, str]:
    done = diemtin("--lang", "en", "health", "--json", home=home.path, check=False)
    return {one["key"]: one["level"] for one in json.loads(done.stdout)}


@pytest.mark.parametrize(("raw", "due"), part([(True, True), (True, False), (False, False), (False, True)], 2))
def test_a_missing_archive_comes_back_whole(home: Home, outlet: Outlet, raw: bool, due: bool) -> None:
    before = articles(home)
    forget(home, raw=raw)
    if not due:
        change(home.pages_db, "update addresses set next_at = null")
    remove(home.archive_db)
    outlet.whole.clear()
    said = crawl(home)
    assert articles(home) == before, "the same articles under the same numbers"
    assert f"{PAGES} articles are missing" in said
    asked = [path for path in outlet.whole if path.startswith("/bai-")]
    assert len(asked) == (0 if raw else PAGES), "what is kept here is read without the network"
    assert health(home)["mau"] == "green"
    assert "missing" not in crawl(home), "it is told once"


def test_an_archive_of_yesterday_gets_its_articles_edits_and_take_downs_again(
    home: Home, outlet: Outlet, tmp_path: Path
) -> None:
    shutil.copy(home.archive_db, tmp_path / "yesterday.db")
    outlet.pages, outlet.edited = PAGES + 2, {1}
    change(
        home.pages_db, "update addresses set next_at = '2026-01-01T00:00:00Z'", "update lists set etag = null"
    )
    crawl(home)
    outlet.gone = {2}
    for seconds in (0, 1.1):
        time.sleep(seconds)
        change(
            home.pages_db, "update addresses set next_at = '2026-01-01T00:00:00Z' where url like '%bai-2.html'"
        )
        crawl(home)
    before = articles(home)
    remove(home.archive_db)
    shutil.copy(tmp_path / "yesterday.db", home.archive_db)
    change(home.pages_db, "delete from pages where url like '%bai-9.html'")
    said = crawl(home)
    assert "archive.db is older than pages.db" in said
    assert articles(home) == before
    time.sleep(1.1)
    change(home.pages_db, "update addresses set next_at = '2026-01-01T00:00:00Z' where url like '%bai-2.html'")
    crawl(home)
    with closing(sqlite3.connect(home.archive_db)) as db:
        assert db.execute("select state from articles where url like '%bai-2.html'").fetchone() == ("gone",)
        kinds = db.execute("select kind, count(*) from versions group by kind order by kind").fetchall()
    assert kinds == [("edit", 1), ("first", PAGES + 2)]


def test_what_a_visit_cannot_bring_back_stays_red(home: Home, outlet: Outlet) -> None:
    forget(home, raw=False)
    remove(home.archive_db)
    outlet.gone = {3}
    crawl(home)
    assert len(articles(home)) == PAGES - 1
    assert health(home)["mau"] == "red"


@pytest.mark.parametrize("older", [False, True])
def test_pages_that_are_missing_or_older_change_nothing_in_the_archive(
    home: Home, outlet: Outlet, tmp_path: Path, older: bool
) -> None:
    if older:
        shutil.copy(home.pages_db, tmp_path / "pages.db")
        outlet.pages += 2
        change(home.pages_db, "update lists set etag = null")
        crawl(home)
    before = articles(home)
    remove(home.pages_db)
    if older:
        shutil.copy(tmp_path / "pages.db", home.pages_db)
    said = crawl(home)
    assert "pages.db is older than archive.db" in said
    crawl(home)
    assert articles(home) == before
    with closing(sqlite3.connect(home.archive_db)) as db:
        assert db.execute("select count(*) from states").fetchone() == (0,)
        assert db.execute("select count(*) from versions where kind = 'edit'").fetchone() == (0,)
    with closing(sqlite3.connect(home.pages_db)) as db:
        assert db.execute("select count(*) from addresses").fetchone() == (len(before),)


def test_other_rules_make_no_edit_where_the_page_is_lost(home: Home, outlet: Outlet) -> None:
    remove(home.pages_db)
    change(home.archive_db, "update articles set read_by = 'others', suspected_at = '2026-11-21T00:00:00Z'")
    outlet.edited = {1}
    crawl(home)
    with closing(sqlite3.connect(home.archive_db)) as db:
        kinds = db.execute("select kind, count(*) from versions group by kind order by kind").fetchall()
        assert kinds == [("extractor", 1), ("first", PAGES)]
        assert db.execute("select count(*) from articles where suspected_at is not null").fetchone() == (0,)


def test_both_replaced_by_copies_of_other_days(home: Home, outlet: Outlet, tmp_path: Path) -> None:
    copies = {}
    for day in range(3):
        for path in (home.archive_db, home.pages_db):
            copies[day, path] = tmp_path / f"{day}-{path.name}"
            shutil.copy(path, copies[day, path])
        outlet.pages += 1
        change(home.pages_db, "update lists set etag = null")
        crawl(home)
    before = articles(home)
    for archive_day, pages_day in part(((0, 2), (1, 1), (2, 1)), 2):
        for path, day in ((home.archive_db, archive_day), (home.pages_db, pages_day)):
            remove(path)
            shutil.copy(copies[day, path], path)
        crawl(home)
        change(home.pages_db, "update lists set etag = null")
        crawl(home)
        assert {url: sha for url, (_, sha, _) in articles(home).items()} == {
            url: sha for url, (_, sha, _) in before.items()
        }, (archive_day, pages_day)


def test_no_answer_to_what_was_asked_is_no_unchanged_page(home: Home, outlet: Outlet) -> None:
    forget(home, raw=False)
    remove(home.archive_db)
    outlet.obstinate = True
    crawl(home)
    with closing(sqlite3.connect(home.pages_db)) as db:
        outcomes = db.execute("select outcome, count(*) from addresses group by 1").fetchall()
    assert outcomes == [("failed", PAGES)]
    assert health(home)["mau"] == "red"
    outlet.obstinate = False
    change(home.pages_db, "update addresses set next_at = '2026-01-01T00:00:00Z'")
    crawl(home)
    assert len(articles(home)) == PAGES


IMPATIENT = "import archive.db; archive.db.TELL_AFTER = 0.5; from crawler.cli import main; main()"


def test_a_database_that_another_program_has_locked_is_waited_for(home: Home, outlet: Outlet) -> None:
    """For longer than SQLite waits by itself: the crawl goes on, nothing is lost, and it says why it waits."""
    outlet.pages += 2
    change(home.pages_db, "update lists set etag = null")
    with closing(sqlite3.connect(home.archive_db, isolation_level=None)) as other:
        other.execute("begin immediate")
        words = ("--lang", "en", "--home", home.path, "crawl")
        with Copy(*words, program=IMPATIENT, stdout=DEVNULL, stderr=PIPE) as crawler:
            assert crawler.stderr
            said = crawler.stderr.readline()
            other.execute("rollback")
            said += crawler.communicate()[1]
    assert crawler.returncode == 0
    assert "archive.db is locked by another program; waiting" in said
    assert len(articles(home)) == PAGES + 2


KILLED = """
import os, signal, sys
from archive.home import Home
import crawler.state.mending as mending
from crawler.workspace import open_workspace

left = int(sys.argv[2])
real = mending._mend_article

def mend_article(*arguments):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real(*arguments)

mending._mend_article = mend_article
with open_workspace(Home.at(sys.argv[1])):
    pass
"""


def test_mending_that_is_killed_goes_on_at_the_next_opening(home: Home, outlet: Outlet) -> None:
    before = articles(home)
    forget(home, raw=True)
    remove(home.archive_db)
    with Copy(home.path, 3, program=KILLED) as mending:
        assert mending.wait() == -signal.SIGKILL
    assert len(articles(home)) == 3
    assert "articles are missing" in crawl(home)
    assert articles(home) == before


def cut(path: Path, seed: int) -> None:
    """What a power cut leaves of a log that was not yet on the disk: its first frames, the last one torn."""
    log = Path(f"{path}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size:
        os.truncate(log, random.Random(seed).randrange(size))
    Path(f"{path}-shm").unlink(missing_ok=True)


@pytest.mark.parametrize("seed", part((2, 0, 1), 3))
def test_the_power_fails_at_any_moment(tmp_path: Path, outlet: Outlet, seed: int) -> None:
    """The process dies with its logs unwritten: each database keeps as much as it happens to keep."""
    home = Home.at(tmp_path / "home")
    write_sources(home, outlet)
    with Copy("--home", home.path, "crawl", stdout=DEVNULL) as crawler:
        wait_for(lambda: count(home.pages_db, "select count(*) from visits") >= PAGES / 2)
        crawler.kill()
    cut(home.archive_db if seed % 2 else home.pages_db, seed)
    if seed > 1:
        cut(home.pages_db if seed % 2 else home.archive_db, seed)
    for _ in range(2):
        change_if(home.pages_db, "update lists set etag = null")
        crawl(home)
    assert len(articles(home)) == PAGES
    assert all(versions == 1 for _, _, versions in articles(home).values())
    for path in (home.archive_db, home.pages_db):
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("pragma integrity_check").fetchone() == ("ok",)


def change_if(path: Path, statement: str) -> None:
    if count(path, "select count(*) from lists"):
        change(path, statement)


def count(path: Path, sql: str) -> int:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return int(db.execute(sql).fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("left", ["nothing", "an older one", "no bytes"])
def test_a_desk_that_is_missing_or_older_is_told_once(home: Home, tmp_path: Path, left: str) -> None:
    diemtin("digest", "--due", home=home.path)
    shutil.copy(home.desk_db, tmp_path / "desk.db")
    change(home.desk_db, "insert into log (at, by, what) values ('2026-11-21T00:00:00Z', 'lan', 'desk_x')")
    crawl(home)
    remove(home.desk_db)
    if left == "an older one":
        shutil.copy(tmp_path / "desk.db", home.desk_db)
    if left == "no bytes":
        home.desk_db.touch()
        assert DeskReader(home.desk_db).get() is None  # so that pages are served without it
    assert "desk.db is missing, older or another file" in crawl(home)
    assert "desk.db" not in crawl(home)
    assert "desk.db was replaced" in diemtin("--lang", "en", "health", home=home.path, check=False).stdout
