"""What the benches of kills and of memory see of a tree of processes, and how they tell what grows."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from tests.bench.years.kills import below, kind
from tests.bench.years.steady import Sample, Steady, status, table

pytestmark = pytest.mark.timeless


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc")
def test_a_process_is_known_by_its_command_until_it_ends() -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)", "--home", "x", "crawl", "báo"]
    with subprocess.Popen(command) as child:
        until = time.monotonic() + 20
        while kind(child.pid) != "child: crawl":
            assert time.monotonic() < until
        assert child.pid in below(os.getpid())
        assert status(child.pid)["Threads"] == 1
        child.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert kind(child.pid) == ""
        assert child.pid not in below(os.getpid())


def test_what_grows_has_a_slope_and_what_was_filled_once_has_none(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        one = Steady(tmp_path, [], Random(1), process, tmp_path, 0)
    rss = [min(100 + 10 * at, 150) for at in range(40)]
    one.samples = [Sample(at * 10, at, rss[at], 0, 20 + at, 5, 1, 0, 90, at) for at in range(40)]
    rows = {name: numbers for name, *numbers in table(one)}
    assert rows["rss"] == ["135.0", "150.0", "+0.00"]
    assert rows["handles"] == ["24.5", "54.5", "+10.00"]
