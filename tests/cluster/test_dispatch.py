"""What `up --cluster` says and does before anything starts, and what it tells of its keeper."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from archive.home import Home
from crawler.cluster import dispatch
from crawler.cluster.broker import Broker
from crawler.cluster.dispatch import ClusterLauncher
from tests.cluster.redis_server import free_port
from tests.cluster.test_broker import said
from tests.commands import diemtin, environment


@pytest.mark.parametrize("command", ["up", "schedule", "crawl", "reprocess"])
def test_an_address_that_is_none_is_told_before_anything_begins(tmp_path: Path, command: str) -> None:
    pytest.importorskip("redis")
    done = diemtin("--lang", "en", command, "--cluster", "http://:guess@h/", home=tmp_path / "new", check=False)
    assert "the address of the broker" in said(done)
    assert "guess" not in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("url", ["rediss://me:gu/ess@h:1/0", "rediss://me:gu#ess@h:1/0", "redis://:gu?ess@h"])
def test_a_password_with_odd_letters_is_not_quoted(tmp_path: Path, url: str) -> None:
    pytest.importorskip("redis")
    done = diemtin("--lang", "en", "up", "--cluster", url, home=tmp_path / "new", check=False)
    assert "gu" not in said(done).replace("argu", "")


def test_up_without_the_extra_says_how_to_install_it(tmp_path: Path) -> None:
    program = "import sys; sys.modules['redis'] = None; from crawler.cli import main; main()"
    words = ["--lang", "en", "--home", str(tmp_path / "new"), "up", "--cluster", "redis://127.0.0.1:1/0"]
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)
    assert "diemtin[cluster]" in said(done)
    assert not (tmp_path / "new").exists()


def launcher(folder: Path, url: str, told: list[str]) -> ClusterLauncher:
    return ClusterLauncher(Home.at(folder).path, url=url, tell=told.append)


def test_crawls_wait_for_a_broker_that_is_away_and_one_line_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("redis")
    monkeypatch.setattr(dispatch, "AGAIN", 0.05)
    told: list[str] = []

    async def crawls() -> None:
        one = launcher(tmp_path / "home", f"redis://127.0.0.1:{free_port()}/0", told)
        runs = [asyncio.create_task(one.run("crawl", key, limit=60)) for key in ("bao", "dai", "tap-chi")]
        await asyncio.sleep(0.5)
        one.stopping = True
        assert [end.refused for end in await asyncio.gather(*runs) if end] == [True] * 3

    asyncio.run(crawls())
    assert len(told) == 1


def test_a_keeper_gets_no_password_as_an_argument_and_repeats_itself_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("redis")
    program = "import os, sys; print(sys.argv, os.environ['DIEMTIN_CLUSTER_ADDRESS'][-3:], file=sys.stderr)"
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec {sys.executable} -c "{program}" "$@"\n')
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    told: list[str] = []

    async def twice() -> None:
        one = launcher(tmp_path / "home", "redis://:guess@127.0.0.1:1/0", told)
        await one._run_keeper()
        await one._run_keeper()

    asyncio.run(twice())
    assert len(told) == 1
    assert told[0].endswith("'keeper'] 1/0")
    assert "guess" not in told[0]


def test_who_waits_for_a_broker_hears_that_he_is_to_stop() -> None:
    pytest.importorskip("redis")
    from crawler.cluster.broker import BrokerAway

    broker, asked = Broker(f"redis://127.0.0.1:{free_port()}/0"), threading.Event()
    asked.set()
    with pytest.raises(BrokerAway):
        broker.insist(lambda: broker.redis.ping(), float("inf"), asked=asked)
