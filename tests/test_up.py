"""``diemtin up`` as users see it: start, say what happens, hold the home, stop, go on after a kill."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from archive.clock import utc_now
from archive.home import Home
from crawler.demo import DemoPress
from crawler.demo.run import write_config
from tests.commands import Copy, diemtin
from tests.demo_expected import every_article, special_urls


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(holds: Callable[[], bool], seconds: float = 150) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


class Running:
    """A command that runs, with its output in a file."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.out = folder / f"out-{time.monotonic_ns()}.txt"
        with self.out.open("w") as out:
            self.process = Copy(*arguments, stdout=out, stderr=out)

    @property
    def said(self) -> str:
        return self.out.read_text(encoding="utf-8")

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=100)

    def children(self) -> list[int]:
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in task.read_text().split()]


@contextlib.contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Running]:
    command = Running(folder, *arguments)
    try:
        yield command
    finally:
        if command.process.poll() is None:
            command.process.kill()
            command.process.wait()


def page(port: int, path: str = "/") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def write_dead_source(home: Path) -> None:
    """One source at a port where nobody listens."""
    dead = f"http://127.0.0.1:{free_port()}/"
    block = {
        "name": "Báo tắt máy",
        "home": dead,
        "kind": "national",
        "feeds": [f"{dead}rss"],
        "article": "html$",
        "delay": "1ms",
    }
    (home / "config").mkdir(parents=True)
    (home / "config" / "sources.yml").write_text(
        yaml.safe_dump({"sources": {"tat": block}}, allow_unicode=True)
    )


@pytest.mark.timeout(400)
def test_the_sample_goes_all_the_way_and_leaves_nothing(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "up", "--sample", "--port", str(port)) as up:
        wait_until(lambda: "file-1: sent" in up.said, seconds=300)  # fifteen crawls, on a busy machine too
        home = Path(up.said.split("home ")[1].split(" (")[0])
        assert f"http://127.0.0.1:{port}/" in up.said
        assert "1 revised" in up.said
        assert "1 gone" in up.said
        assert "Điểm tin Thái Nguyên" in page(port, "/ban-tin")
        sent = next((home / "digests").glob("*.txt")).read_text(encoding="utf-8")
        assert f"http://127.0.0.1:{port}/bai/" in sent, "its links lead to where the archive is"
        children = up.children()
        assert up.end(signal.SIGINT) == 0
    assert not home.exists()
    assert not any(Path(f"/proc/{child}").exists() for child in children)


def test_without_network_it_says_so_and_serves_what_there_is(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    write_dead_source(home)
    with running(tmp_path, "--home", str(home), "up", "--port", str(port)) as up:
        wait_until(lambda: "tat: unreachable" in up.said)
        assert "Hôm nay" in page(port)
        assert "Không kết nối được" in page(port, "/nguon")
        second = diemtin("up", "--port", str(free_port()), home=home, check=False)
        assert second.returncode == 1
        assert f"process {up.process.pid} holds" in second.stderr
        assert len(second.stderr.splitlines()) == 1
        assert up.end() == 0
    log = (home / "logs" / "diemtin.log").read_text(encoding="utf-8").splitlines()
    (run,) = [line for line in map(json.loads, log) if line["message"] == "run"]
    assert (run["source"], run["state"]) == ("tat", "unreachable")


def test_a_taken_port_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = diemtin("up", "--port", str(taken.getsockname()[1]), home=tmp_path / "home", check=False)
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "home" / "archive.db").exists()


@pytest.mark.timeless
@pytest.mark.parametrize("kills", [3])
def test_killed_in_the_middle_every_article_is_there_once(tmp_path: Path, kills: int) -> None:
    home = tmp_path / "home"
    with DemoPress(utc_now()) as press:
        write_config(Home.at(home), press, {"revisit": ["1h"]})
        for kill in range(1, kills + 1):
            with running(tmp_path, "--home", str(home), "crawl") as crawl:
                wait_until(lambda stored=kill * 12: count(home) >= stored or crawl.process.poll() is not None)
                crawl.end(signal.SIGKILL)
        diemtin("crawl", home=home)
        runs = json.loads(diemtin("crawl", "--json", home=home).stdout)
        wanted = {a.url for a in every_article(press) if a.outcome == "stored"}
        wanted.discard(special_urls(press)["taken_down"])  # gone for good when its one visit was cut off
    assert not any(run["outcomes"] for run in runs), "nothing was left to visit"
    with contextlib.closing(sqlite3.connect(home / "archive.db")) as archive:
        urls = [row[0] for row in archive.execute("select url from articles")]
        assert archive.execute("pragma integrity_check").fetchone() == ("ok",)
        assert archive.execute("select count(*) from runs where state = 'running'").fetchone() == (0,)
        read = archive.execute("select count(*) from articles where unread = ''").fetchone()[0]
        versions = archive.execute("select count(*), count(distinct article_id) from versions").fetchone()
    assert len(urls) == len(set(urls))
    assert wanted <= set(urls)
    assert versions == (read, read), "a headline that is not read yet has no version"


def count(home: Path) -> int:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{home / 'archive.db'}?mode=ro", uri=True)) as archive:
            stored: int = archive.execute("select count(*) from articles").fetchone()[0]
            return stored
    except sqlite3.OperationalError:
        return 0


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    write_dead_source(home)
    with running(tmp_path, "--home", str(home), "up", "--port", str(port)) as up:
        wait_until(lambda: "tat: unreachable" in up.said)
        assert up.end() == 0
    with running(tmp_path, "--home", str(home), "up", "--port", str(port)) as up:
        wait_until(lambda: "the archive is at" in up.said)
        time.sleep(2)
        assert "unreachable" not in up.said, "crawled an hour too early"
        assert up.end() == 0


@pytest.fixture
def slow_home(tmp_path: Path) -> Iterator[Path]:
    """A home whose sources leave a second between requests: of dozens of pages, most are still to come."""
    home = tmp_path / "home"
    with DemoPress(utc_now()) as press:
        write_config(Home.at(home), press, {"revisit": ["1h"]})
        config = home / "config" / "sources.yml"
        config.write_text(
            config.read_text(encoding="utf-8").replace("delay: 0.05s", "delay: 1s"), encoding="utf-8"
        )
        yield home


@pytest.mark.timeless
def test_a_parent_that_is_killed_takes_its_crawls_along(slow_home: Path, tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows does not tell children of their parent's death")
    for moment in (0.0, 2.0):
        with running(tmp_path, "--home", str(slow_home), "up", "--port", str(free_port())) as up:
            wait_until(lambda: bool(up.children()))
            time.sleep(moment)
            children = up.children()
            assert children
            up.end(signal.SIGKILL)
        wait_until(lambda: not any(alive(child) for child in children))  # noqa: B023


@pytest.mark.timeless
@pytest.mark.parametrize("moment", [0.0, 2.0])
def test_an_interrupt_ends_a_crawl_whenever_it_comes(slow_home: Path, tmp_path: Path, moment: float) -> None:
    with running(tmp_path, "--home", str(slow_home), "crawl") as crawl:
        wait_until(lambda: (slow_home / "pages.db").exists())
        time.sleep(moment)
        assert crawl.end(signal.SIGINT) in (0, 1), crawl.said  # by itself, though dozens of pages are due
    assert "Traceback" not in crawl.said


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat").read_text() if Path(f"/proc/{pid}/stat").exists() else ""
    return bool(stat) and stat.rsplit(")", 1)[1].split()[0] != "Z"
