"""Pages that workers read for bulk work: the archive is as if they were read here, whoever ends meanwhile."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.clock import HANOI, utc_now
from archive.home import Home
from archive.model import Article, Outcome
from crawler.cluster import keys
from crawler.cluster.broker import Broker, BrokerFault, release
from crawler.cluster.reading import AHEAD, PageReader, reading_there
from crawler.cluster.wire import PageRead, pack
from crawler.demo import DemoPress
from crawler.importing.texts import import_file
from crawler.workspace import Workspace, open_workspace
from pipelines.item import Context, Item
from tests.cluster.running import cluster, start_worker, started, stop, wait_until
from tests.cluster.test_whole import SAME, home_of, opened, runs, table
from tests.commands import Copy, diemtin
from tests.test_import_warc import HTML, TEXT, TITLE, URL, answer, http, page, record

NOW = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
SOURCES = """
sources:
  baomau:
    name: Báo Mẫu
    home: https://baomau.example/
    kind: provincial
    feeds: [https://baomau.example/rss]
    article: '/[a-z-]+/.+-[0-9]+\\.html$'
    keep: all
"""
# kills the reader, or makes it another release, as a fault of a library or an upgrade half done would
SPOILED = """
import os, sys
from crawler.cluster import reading
from crawler.cluster.broker import Broker
from crawler.cluster.worker import Worker
run = reading.run_safely
def deadly(item, *more):
    if "deadly" in item.article.url:
        os.kill(os.getpid(), 9)
    return run(item, *more)
reading.run_safely = deadly
if sys.argv[2] == "other":
    reading.release = lambda: "0.1.0 9-abc 1"
Worker(Broker(sys.argv[1]), print, 0, 2).run()
"""


def made_home(folder: Path) -> Path:
    home = Home.at(folder)
    (home.path / "config").mkdir(exist_ok=True)
    (home.path / "config" / "sources.yml").write_text(SOURCES, encoding="utf-8")
    return home.path


def texts(file: Path, count: int, *, url: str = "https://baomau.example/kinh-te/tin-{}.html") -> Path:
    lines = ({"url": url.format(n), "title": f"{TITLE} {n}", "body": f"{TEXT} {n}"} for n in range(count))
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


@pytest.fixture
def keeper_there(broker: Broker) -> Broker:
    """As it is while a keeper of our release works; it has no part in bulk work."""
    broker.redis.set(keys.KEEPER_RELEASE, release())
    return broker


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with open_workspace(Home(made_home(tmp_path_factory.mktemp("home"))), lambda: NOW) as one:
        yield one


CONTEXTS: dict[str, Context] = {}  # of all readers of this process


def page_reader(broker: Broker, folder: Path) -> PageReader:
    return PageReader(broker, "reader-1", folder / "reader", CONTEXTS)


@contextmanager
def reader_at_work(broker: Broker, folder: Path) -> Iterator[None]:
    """A reader of this process, in a thread."""
    reader, ended = page_reader(broker, folder), threading.Event()

    def work() -> None:
        while not ended.is_set():
            reader.look()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def warc() -> bytes:
    """A file in which what is done with a page depends on those before it."""
    moved = page(f"{TEXT} Từ 22-4 thêm 120 ha.", f"{TITLE}: thêm 120 ha")
    return b"".join(
        [
            answer(page(TEXT, f"{TITLE} 1")),
            answer(page(TEXT, f"{TITLE} 2"), 2),
            answer(moved, WARC_Date="2026-10-03T02:00:00Z"),
            answer(page(TEXT, f"{TITLE} 0"), WARC_Date="2026-10-02T02:00:00Z"),  # older than what was read
            answer(moved, WARC_Date="2026-10-03T02:00:00Z"),
            record(b"", kind="revisit", WARC_Date="2026-10-05T02:00:00Z"),
            record(http(b"", "404 Not Found", **HTML), 2, WARC_Date="2026-10-06T02:00:00Z"),
            record(http(b"", "404 Not Found", **HTML), 9),
            answer(page(TEXT, f"{TITLE} 3")[:900], 3, WARC_Truncated="length"),
            record(http(b"x", Content_Type="image/png"), 4),
            answer(page(TEXT, f"{TITLE} 5"), 5, WARC_Target_URI="https://[khong-phai/5.html"),
            answer(page(TEXT, "Thể thao trong nước") + b"<p>" + b"x" * 5000, 6),
            *(answer(page(f"{TEXT} Bài {n}.", f"{TITLE} {n}"), n) for n in range(10, 20)),
        ]
    )


def pages(file: Path) -> Path:
    lines = [
        {"url": URL.format(n), "html": page(f"{TEXT} Trang {n}.", f"{TITLE} {n}").decode()} for n in (1, 30, 31)
    ]
    odd = ["no record", json.dumps({"title": "no address"}), json.dumps(lines[0] | {"published": "hôm qua"})]
    file.write_text("\n".join([*map(json.dumps, lines), *odd]), encoding="utf-8")
    return file


def test_what_is_brought_in_and_read_anew_there_is_the_same(tmp_path: Path, keeper_there: Broker) -> None:
    url = keeper_there.url
    (tmp_path / "a.warc").write_bytes(warc())
    files = (str(tmp_path / "a.warc"), str(pages(tmp_path / "b.jsonl")), str(texts(tmp_path / "c.jsonl", 3)))
    alone, there = made_home(tmp_path / "alone"), made_home(tmp_path / "there")
    worker = start_worker(tmp_path, url, "--crawls", "0", "--readers", "1")
    try:
        for _ in range(2):  # the second time nothing is new
            here = diemtin("import", *files, home=alone, check=False)
            over = diemtin("import", "--cluster", url, *files, home=there, check=False)
            assert (over.returncode, over.stdout) == (here.returncode, here.stdout)
            assert over.stderr.replace(str(there), str(alone)) == here.stderr
            check_same(alone, there)
        for home in (alone, there):
            rules = SOURCES + "    lead: 'p:first-of-type'\n"
            (home / "config" / "sources.yml").write_text(rules, encoding="utf-8")
        here = diemtin("reprocess", home=alone)
        over = diemtin("reprocess", "--cluster", url, home=there)
        assert over.stdout == here.stdout
        assert "revised" in here.stdout or "sửa" in here.stdout
        check_same(alone, there)
    finally:
        stop(worker)
    assert not keeper_there.redis.xlen(keys.UNREAD)
    assert not list(keeper_there.redis.scan_iter("diemtin:batch:*"))
    assert not keeper_there.redis.xinfo_consumers(keys.UNREAD, keys.WORKERS)


def check_same(alone: Path, there: Path) -> None:
    for name, tables in (("archive.db", SAME), ("pages.db", ("pages",))):
        with opened(alone / name) as one, opened(there / name) as other:
            if name == "archive.db":
                for part in tables:
                    assert table(other, part) == table(one, part), part
            else:
                sql = "select url, source, sha256 from pages order by id"
                assert list(map(tuple, other.execute(sql))) == list(map(tuple, one.execute(sql)))


@contextmanager
def spoiled_worker(folder: Path, url: str, how: str = "") -> Iterator[None]:
    with (folder / "spoiled.log").open("ab") as log:
        worker = Copy(url, how, program=SPOILED, stdout=log, stderr=log)
    try:
        yield
    finally:
        stop(worker)


def test_a_page_that_ends_its_readers_has_failed_and_the_rest_goes_on(
    tmp_path: Path, keeper_there: Broker
) -> None:
    home, file = made_home(tmp_path / "home"), texts(tmp_path / "a.jsonl", 5)
    deadly = {"url": "https://baomau.example/kinh-te/deadly-7.html", "title": TITLE, "body": TEXT}
    file.write_text(json.dumps(deadly) + "\n" + file.read_text())
    with spoiled_worker(tmp_path, keeper_there.url):
        done = diemtin("--lang", "en", "import", "--cluster", keeper_there.url, str(file), home=home)
    assert "5 stored" in done.stdout
    assert "1 failed" in done.stdout
    assert done.stderr.count("the reading process was ended") == 1
    assert not keeper_there.redis.xlen(keys.UNREAD)


def test_a_worker_of_another_release_reads_no_page(tmp_path: Path, keeper_there: Broker) -> None:
    home, file = made_home(tmp_path / "home"), texts(tmp_path / "a.jsonl", 2)
    with spoiled_worker(tmp_path, keeper_there.url, "other"):
        done = diemtin("--lang", "en", "import", "--cluster", keeper_there.url, str(file), home=home)
    assert "2 failed" in done.stdout
    assert done.stderr.count("the worker is of another release") == 2
    keeper_there.redis.set(keys.KEEPER_RELEASE, "0.1.0 9-abc 1")
    refused = diemtin(
        "--lang", "en", "import", "--cluster", keeper_there.url, str(file), home=home, check=False
    )
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "different releases" in refused.stderr


def test_without_a_worker_a_line_comes_and_nothing_is_lost(
    tmp_path: Path, broker: Broker, workspace: Workspace
) -> None:
    file, told = texts(tmp_path / "a.jsonl", 3), list[str]()
    with (
        pytest.raises(BrokerFault, match=r"đọc trang|reads pages"),
        reading_there(broker, workspace.home, told.append, patience=0.1) as reading,
    ):
        import_file(workspace, file, reading=reading)
    assert not broker.redis.xlen(keys.UNREAD)
    with reader_at_work(broker, tmp_path), reading_there(broker, workspace.home, told.append) as reading:
        assert import_file(workspace, file, reading=reading).outcomes == {Outcome.STORED: 3}
    assert not told


def item(number: int) -> Item:
    url = f"https://baomau.example/kinh-te/tin-{number}.html"
    return Item(Article(url, "baomau", f"{TITLE} {number}", "", TEXT), keep="all")


def test_batches_do_not_mix(tmp_path: Path, broker: Broker, workspace: Workspace) -> None:
    with (
        reader_at_work(broker, tmp_path),
        reading_there(broker, workspace.home, print) as one,
        reading_there(broker, workspace.home, print) as two,
        reading_there(broker, workspace.home, print) as three,
    ):
        begun = [(n, reading.begin(item(n))) for n in range(8) for reading in (one, two, three)]
        for number, wait in reversed(begun):
            assert wait().article.title == f"{TITLE} {number}"


def test_what_is_no_longer_wanted_is_dropped(tmp_path: Path, broker: Broker, workspace: Workspace) -> None:
    with reader_at_work(broker, tmp_path), reading_there(broker, workspace.home, print) as reading:
        reading.begin(item(1))
        assert reading.begin(item(2))().article.url == item(2).article.url


def test_what_a_command_that_was_killed_left_is_not_read(
    tmp_path: Path, broker: Broker, workspace: Workspace
) -> None:
    home, file = made_home(tmp_path / "home"), texts(tmp_path / "a.jsonl", 3 * AHEAD)
    command = started(tmp_path / "log", "--home", str(home), "import", "--cluster", broker.url, str(file))
    wait_until(lambda: broker.redis.xlen(keys.UNREAD) > AHEAD, "nothing was sent")
    time.sleep(0.2)
    assert broker.redis.xlen(keys.UNREAD) == AHEAD + 1
    command.kill()
    command.wait()
    (batch,) = broker.redis.keys("diemtin:batch:*")
    assert 0 < broker.redis.ttl(batch) <= 60
    broker.redis.delete(batch)  # as it is a minute later
    assert page_reader(broker, tmp_path).look() == 1
    assert broker.redis.xlen(keys.UNREAD) == AHEAD
    assert not broker.redis.keys("diemtin:read:*")
    with reading_there(broker, workspace.home, print):
        assert not broker.redis.xlen(keys.UNREAD)


def test_what_was_let_be_while_a_command_was_held_up_is_read(
    tmp_path: Path, broker: Broker, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.cluster.reading.BEAT", 0.1)
    with reading_there(broker, workspace.home, print) as reading:
        wait = reading.begin(item(1))
        broker.redis.delete(*broker.redis.keys("diemtin:batch:*"))  # it gave no sign for a minute
        page_reader(broker, tmp_path).look()
        assert not broker.redis.xlen(keys.UNREAD)
        with reader_at_work(broker, tmp_path):
            assert wait() == workspace.read(item(1))


@pytest.mark.parametrize(
    "fields",
    [
        {"m": b"junk"},
        {"b": "batch", "n": "x", "m": b"junk"},
        {"b": "batch", "n": "1", "r": "ours", "m": b"junk"},
        {"b": b"\xff", "n": "1"},
    ],
)
def test_what_is_no_page_is_taken_off(tmp_path: Path, broker: Broker, fields: dict[str, bytes]) -> None:
    broker.redis.set(keys.batch("batch"), 1)
    broker.redis.xadd(keys.UNREAD, fields)
    page_reader(broker, tmp_path).look()
    assert not broker.redis.xlen(keys.UNREAD)


def test_a_result_that_is_none_is_told_and_the_rest_goes_on(
    tmp_path: Path, broker: Broker, workspace: Workspace
) -> None:
    told: list[str] = []
    with reader_at_work(broker, tmp_path), reading_there(broker, workspace.home, told.append) as reading:
        reading.begin(item(1))()
        (batch,) = broker.redis.keys("diemtin:batch:*")
        broker.redis.rpush(keys.results_of(batch.decode().rpartition(":")[2]), b"junk")
        assert reading.begin(item(2))().outcome is None
    assert len(told) == 1


def test_a_worker_says_nothing_of_what_is_stored(broker: Broker, workspace: Workspace) -> None:
    told: list[str] = []
    with reading_there(broker, workspace.home, told.append) as reading:
        wait = reading.begin(item(1))
        (batch,) = broker.redis.keys("diemtin:batch:*")
        lie = pack(PageRead(1, replace(item(1), outcome=Outcome.STORED)))
        broker.redis.rpush(keys.results_of(batch.decode().rpartition(":")[2]), lie)
        assert (wait().outcome, wait().reason) == (Outcome.FAILED, "foreign_message")
    assert len(told) == 1


def test_the_past_is_filled_in_by_the_workers(tmp_path: Path, broker: Broker) -> None:
    now = utc_now()
    day = now.astimezone(HANOI).date()
    span = f"{day.replace(year=day.year - 1, day=1)}..{day}"
    with DemoPress(now) as press:
        source = next(key for key, one in press.sources().items() if one["sitemaps"])
        alone = home_of(tmp_path / "alone", press)
        diemtin("crawl", "--backfill", span, source, home=alone)
    with DemoPress(now) as press, cluster(tmp_path, broker.url, tmp_path / "there"):
        there = home_of(tmp_path / "there", press)
        diemtin("crawl", "--cluster", broker.url, "--backfill", span, source, home=there)
    assert [run["state"] for run in runs(there)] == ["done"]
    assert runs(there)[0]["outcomes"] == runs(alone)[0]["outcomes"]
    with opened(alone / "archive.db") as one, opened(there / "archive.db") as other:
        assert table(other, "articles") == table(one, "articles")
