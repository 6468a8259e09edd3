"""A worker on a network of its own, as on another machine: it reaches keeper and press over a wire (veth)."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.clock import utc_now
from crawler.demo import DemoPress
from tests.cluster.redis_server import RedisServer
from tests.cluster.running import start_keeper, stop, wait_until
from tests.cluster.test_broker import said
from tests.cluster.test_whole import check_sums, home_of, kept
from tests.commands import diemtin, environment

SOURCE = "congmau"


def ip(*words: str) -> None:
    """Raises CalledProcessError with what ip(8) says."""
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@dataclass(frozen=True)
class Wire:
    """A network namespace that is joined to this one; ``here`` and ``there`` are the ends' addresses."""

    name: str
    here: str
    there: str

    def command(self, url: str) -> list[str]:
        """A worker there."""
        inside = ["ip", "netns", "exec", self.name]
        return [*inside, sys.executable, "-m", "crawler", "--lang", "en", "worker", url]

    def lay(self) -> None:
        ip("netns", "add", self.name)
        ip("link", "add", self.name, "type", "veth", "peer", "name", f"{self.name}b")
        ip("link", "set", f"{self.name}b", "netns", self.name)
        ip("address", "add", f"{self.here}/30", "dev", self.name)
        ip("link", "set", self.name, "up")
        ip("-n", self.name, "address", "add", f"{self.there}/30", "dev", f"{self.name}b")
        ip("-n", self.name, "link", "set", f"{self.name}b", "up")
        ip("-n", self.name, "link", "set", "lo", "up")

    def take_up(self) -> None:
        for words in (("link", "delete", self.name), ("netns", "delete", self.name)):
            subprocess.run(["ip", *words], capture_output=True, check=False)


@pytest.fixture
def wire() -> Iterator[Wire]:
    net = f"10.231.{os.getpid() % 250}"
    one = Wire(f"dt{os.getpid()}", f"{net}.1", f"{net}.2")
    try:
        one.lay()
    except FileNotFoundError:
        pytest.skip("ip is not installed (apt install iproute2)")
    except subprocess.CalledProcessError as error:
        one.take_up()
        pytest.skip(f"no network namespace can be made here: {error.stderr.strip()}")
    yield one
    one.take_up()


@pytest.fixture
def server(
    tmp_path: Path, wire: Wire, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RedisServer]:
    password = secrets.token_urlsafe()
    monkeypatch.setenv("DIEMTIN_REDIS_PASSWORD", password)
    options = ("--bind", "127.0.0.1", wire.here, "--requirepass", password, "--save", "")
    one = RedisServer(tmp_path / "redis", options)
    one.start()
    yield one
    one.kill()


@pytest.mark.timeless
def test_a_worker_on_another_network_brings_pages_home(
    tmp_path: Path, wire: Wire, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = wire.command(server.url.replace("127.0.0.1", wire.here))
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)
    assert "rediss://" in said(done), "a password does not go over the wire in the open"
    monkeypatch.setenv("DIEMTIN_CLUSTER_PLAIN", "1")
    with DemoPress(utc_now(), host=wire.here) as press, (tmp_path / "worker.log").open("w") as out:
        home = home_of(tmp_path / "home", press)
        keeper = start_keeper(tmp_path, server.url, home)
        worker = subprocess.Popen(command, stdout=out, stderr=out, env=environment())
        try:
            wait_until(lambda: "works for" in (tmp_path / "worker.log").read_text(), "the worker did not begin")
            diemtin("crawl", "--cluster", server.url, SOURCE, home=home)
            clients = {client["addr"].rpartition(":")[0] for client in server.broker().redis.client_list()}
        finally:
            worker.terminate()
            assert worker.wait(60) == 0, (tmp_path / "worker.log").read_text()
            assert stop(keeper) == 0
    assert wire.there in clients
    assert {visit.host.partition(":")[0] for visit in press.visits} == {wire.here}
    assert kept(home) >= 10
    check_sums(home)
