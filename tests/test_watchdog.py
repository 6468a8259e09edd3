"""What does not hear ends all the same: loops in Python, in expressions and in C."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from subprocess import PIPE

import pytest

from archive.clock import stamp, utc_now
from archive.home import Home
from archive.pages import open_pages
from archive.schema import open_archive
from pipelines.time_limit import OverLimit, time_limit
from tests.commands import Copy
from tests.refusing_site import LINES, NAMED, page, write_home
from tests.tiny_site import TinySite, feed

pytestmark = [
    pytest.mark.timeless,
    pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="timers are those of POSIX"),
]

DEAF = "sum(range(10**13))"  # one call into C that no signal handler of Python interrupts
HANGING = """
import time
from functools import partial
import pipelines.time_limit
pipelines.time_limit.time_limit.__wrapped__.__defaults__ = (3.0,)
pipelines.time_limit.HARD = {hard}
import pipelines.pool
from pipelines.extract import document
parse = document.parse
def hang(text):
    if 'HANGS' in text:
        {loop}
    return parse(text)
document.parse = hang
"""  # in the crawl and in its workers
CRAWL = """
import os
from functools import partial
import crawler.workspace, pipelines.pool
from crawler.cli import main
os.environ['PYTHONPATH'] = {paths!r}
crawler.workspace.ReaderPool = partial(pipelines.pool.ReaderPool, limit=3.0)
main()
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TinySite]:
    paths = [f"/bai-{n}.html" for n in (101, 102, 103)]
    pages = {path: page(f"{NAMED} ({path})", (*LINES, f"Bài {path} có ở Thái Nguyên.")) for path in paths}
    pages["/bai-101.html"] = page("HANGS", LINES)
    with TinySite(pages | {"/rss": feed(paths), "/robots.txt": (404, "", "text/plain")}) as one:
        write_home(tmp_path, one.home)
        yield one


def crawl(home: Path, loop: str) -> tuple[int, str]:
    """How a crawl ended, and what it said."""
    hanging = HANGING.format(loop=loop, hard=0.5 if loop is DEAF else 1.5)
    (home / "sitecustomize.py").write_text(hanging, encoding="ascii")
    paths = os.pathsep.join([str(home), str(Path(__file__).parents[1])])
    with Copy("--home", home, "crawl", "thu", program=hanging + CRAWL.format(paths=paths), stderr=PIPE) as copy:
        return copy.wait(), copy.communicate()[1]


def outcomes(home: Path) -> dict[str, str]:
    with closing(open_pages(Home.at(home).pages_db).conn) as db:
        rows = db.execute("select url, coalesce(outcome, '') || ' ' || coalesce(reason, '') from addresses")
        return {url.rsplit("/", 1)[1]: told.strip() for url, told in rows}


def test_a_loop_ends_with_an_error_whatever_swallows_it() -> None:
    def loop() -> None:
        with time_limit(0.2):
            while True:
                with suppress(Exception):  # as libraries do
                    time.sleep(0.01)

    with pytest.raises(OverLimit):
        loop()


def test_an_expression_that_explodes_ends_with_an_error() -> None:
    with pytest.raises(OverLimit), time_limit(0.4):
        re.match("(a+)+b", "a" * 60)


def test_on_a_busy_machine_work_has_longer_by_the_clock() -> None:
    with time_limit(0.2):
        time.sleep(0.5)
    with pytest.raises(OverLimit), time_limit(0.1):
        time.sleep(5)


def test_the_limit_holds_once_for_all_inside_and_ends_with_it() -> None:
    with time_limit(30), time_limit(0.05):
        time.sleep(0.1)
    with pytest.raises(OverLimit), time_limit(0.1), time_limit(30):
        time.sleep(5)
    time.sleep(0.2)


def test_a_loop_in_c_ends_the_process_and_says_where_it_stood() -> None:
    program = f"from pipelines.time_limit import time_limit\nwith time_limit(0.2):\n    {DEAF}"
    with Copy(program=program, stderr=PIPE) as child:
        said = child.communicate()[1]
    assert child.returncode == -signal.SIGPROF
    assert 'File "<string>", line 3' in said


def started(program: str) -> Copy:
    child = Copy(program=program)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the handler is set by Linux' sysv_signal(3)")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_interrupt_ends_a_loop_in_c(number: signal.Signals) -> None:
    with started(
        f"from crawler.service.process import listen; listen(); print('ready', flush=True); {DEAF}"
    ) as child:
        child.send_signal(number)
        time.sleep(0.3)
        assert child.poll() is None
        child.send_signal(number)
        assert child.wait(timeout=30) == -number


def test_a_crawl_ends_by_itself_long_after_its_limit_whatever_it_is_at() -> None:
    with started(
        f"from crawler.service.process import end_after; end_after(0.3); print('ready', flush=True); {DEAF}"
    ) as child:
        assert child.wait(timeout=30) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the parent's death is told on Linux only")
def test_a_child_in_a_loop_in_c_outlives_its_parent_by_no_more_than_its_heartbeat(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    child = (
        "import os, pathlib, time; from crawler.service import process; process.DEAF = 1.0;"
        "process.follow_parent(); time.sleep(0.3);"
        f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); {DEAF}"
    )
    parent = (
        "import os, subprocess, sys; os.environ['DIEMTIN_PARENT'] = str(os.getpid());"
        f"subprocess.run([sys.executable, '-c', {child!r}])"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stderr=subprocess.DEVNULL) as process:
        while not mark.exists() or not mark.read_text(encoding="ascii"):
            time.sleep(0.02)
        process.kill()
    pid = int(mark.read_text(encoding="ascii"))
    end = time.monotonic() + 60
    while (
        Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1][:3]
    ):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_page_that_takes_too_long_has_failed_and_the_others_are_read(site: TinySite, tmp_path: Path) -> None:
    code, said = crawl(tmp_path, "while True: pass")
    assert code == 0, said
    assert outcomes(tmp_path) == {
        "bai-101.html": "failed read_timeout",
        "bai-102.html": "stored",
        "bai-103.html": "stored",
    }
    assert site.paths.count("/bai-101.html") == 1
    with closing(open_pages(Home.at(tmp_path).pages_db).conn) as db:
        later = "select next_at > ? from addresses where url like '%bai-101.html'"
        assert db.execute(later, [stamp(utc_now())]).fetchone() == (1,)  # not at once again


def test_a_page_that_ends_a_crawl_is_read_last_and_in_a_process_of_its_own(
    site: TinySite, tmp_path: Path
) -> None:
    first, _ = crawl(tmp_path, DEAF)
    assert first == -signal.SIGPROF
    assert outcomes(tmp_path)["bai-101.html"] == ""
    second, said = crawl(tmp_path, DEAF)
    assert second == 0, said
    ends = outcomes(tmp_path)
    assert ends.pop("bai-101.html") in {"failed reader_lost", "failed read_timeout"}
    assert ends == {"bai-102.html": "stored", "bai-103.html": "stored"}
    with closing(open_archive(Home.at(tmp_path).archive_db).conn) as db:
        states = [row[0] for row in db.execute("select state from runs order by id")]
        assert states == ["killed", "done"]
        assert db.execute("select count(*) from articles").fetchone() == (2,)
