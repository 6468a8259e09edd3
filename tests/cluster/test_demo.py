"""The cluster on one machine as users try it: workers crawl, pages are served, Ctrl-C leaves nothing behind."""

import os
import signal
import socket
import subprocess
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cluster.redis_server import MISSING, PROGRAM, free_port
from tests.cluster.running import PATIENCE, wait_until
from tests.commands import Copy

DEMO = "from crawler.demo.cluster import run; raise SystemExit(run())"


def said(log: Path) -> str:
    return log.read_text(encoding="utf-8")


def page(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return str(answer.read().decode())


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that these did."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def stat(pid: int) -> tuple[str, int]:
    """A process' state and session; none where it is gone."""
    try:
        state, _, _, session = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
    except (FileNotFoundError, ProcessLookupError):
        return "", 0
    return state, int(session)


@pytest.mark.timeless
@pytest.mark.skipif(not PROGRAM, reason=MISSING)
def test_the_demo_crawls_with_two_workers_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("redis")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("DIEMTIN_LANG", "en")
    port, log = free_port(), tmp_path / "demo.log"
    with log.open("w") as out:
        demo = Copy("--port", port, program=DEMO, stdout=out, stderr=out)
    try:
        wait_until(lambda: " stored" in said(log) or demo.poll() is not None, "nothing was crawled")
        assert "Báo Mẫu" in page(port, "/"), said(log)
        workers = page(port, "/nguon?lang=en")
        started = descendants(demo.pid)
        own = os.getsid(demo.pid)
        assert own not in {stat(pid)[1] for pid in started}, "a terminal's Ctrl-C reaches the demo alone"
        demo.send_signal(signal.SIGINT)
        assert demo.wait(PATIENCE) == 0, said(log)
    finally:
        demo.kill()
        demo.wait()
    assert "worker 1 | " in said(log)
    assert "worker 2 | " in said(log)
    assert ": taken" in said(log)
    assert "Traceback" not in said(log)
    assert "Each worker" in workers
    assert len(started) >= 4, "a broker, a keeper and two workers"
    assert not [pid for pid in started if stat(pid)[0] not in {"", "Z"}]
    assert [path.name for path in tmp_path.iterdir()] == ["demo.log"]


def refused(*words: str) -> str:
    with Copy(*words, program=DEMO, stderr=subprocess.PIPE) as demo:
        _, line = demo.communicate()
    assert demo.returncode == 2, line
    assert line.count("\n") == 1, line
    return line


def test_without_a_broker_on_this_machine_a_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("redis")
    monkeypatch.setenv("DIEMTIN_LANG", "en")
    monkeypatch.setenv("PATH", os.devnull)
    assert "apt install redis-server" in refused()


@pytest.mark.skipif(not PROGRAM, reason=MISSING)
def test_a_port_that_is_taken_is_told() -> None:
    pytest.importorskip("redis")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "--port" in refused("--port", str(taken.getsockname()[1]))
