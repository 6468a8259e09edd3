"""A broker that is away, full, too old, or refuses us: one plain line, and what can go on goes on."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawler.cluster import keys
from crawler.cluster.broker import Broker, BrokerAway, BrokerFault, release, take_left
from tests.cluster.redis_server import RedisServer, free_port
from tests.cluster.running import start_worker, stop, wait_until
from tests.commands import environment


def worker(url: str, **more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "crawler", "--lang", "en", "worker", url]
    env = environment() | more
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False)


def said(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 2, done
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_worker_waits_for_a_broker_and_a_keeper_that_are_away(tmp_path: Path, broker: Broker) -> None:
    server = RedisServer(tmp_path / "redis")
    process = start_worker(tmp_path, server.url)
    log = tmp_path / "worker-0.log"
    try:
        wait_until(lambda: "does not answer" in log.read_text(), "no line of a broker that is away")
        server.start()
        wait_until(lambda: "no keeper" in log.read_text(), "no line of a keeper that is away")
        server.broker().redis.set(keys.KEEPER_RELEASE, release())
        wait_until(lambda: "works for" in log.read_text(), "the worker did not begin")
        wait_until(lambda: server.broker().redis.hlen(keys.REGISTER), "no sign of life")
        server.kill()
        wait_until(lambda: log.read_text().count("does not answer") == 2, "no second line")
        server.start()
        wait_until(
            lambda: server.broker().redis.info("clients")["connected_clients"] > 1, "it did not come back"
        )
        assert stop(process) == 0
        assert len(log.read_text().splitlines()) == 4
    finally:
        process.kill()
        process.wait()
        server.kill()


def test_a_worker_of_another_release_is_refused(broker: Broker) -> None:
    broker.redis.set(keys.KEEPER_RELEASE, "0.1.0 9-abc 1")
    assert "different releases" in said(worker(broker.url))


@pytest.fixture
def guarded(tmp_path: Path, redis_server: RedisServer) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path / "guarded", ("--requirepass", "open sesame", "--save", ""))
    server.start()
    yield server
    server.kill()


def test_a_wrong_password_is_told_without_the_password(guarded: RedisServer) -> None:
    url = f"redis://:guess@127.0.0.1:{guarded.port}/0"
    line = said(worker(url))
    assert "refuses the password" in line
    assert "guess" not in line
    assert "refuses the password" in said(worker(guarded.url))


def test_the_password_comes_from_the_environment(guarded: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIEMTIN_REDIS_PASSWORD", "open sesame")
    guarded.broker().check()


def test_a_full_broker_is_waited_for(tmp_path: Path, redis_server: RedisServer) -> None:
    server = RedisServer(tmp_path / "full", ("--maxmemory", "3mb", "--save", ""))
    server.start()
    try:
        broker = server.broker()

        def fill() -> None:
            for number in range(4000):
                broker.redis.set(str(number), b"x" * 1000)

        with pytest.raises(BrokerAway, match=r"maxmemory"):
            broker.insist(fill, 0)
        threading.Timer(1.0, lambda: server.broker().redis.config_set("maxmemory", "50mb")).start()
        told: list[str] = []
        broker.insist(fill, 30, told.append)
        assert len(told) == 1
    finally:
        server.kill()


@contextmanager
def answering(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """A server that gives these answers, as one of an age that cannot be had any more would."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    while asked := connection.recv(4096):
                        connection.sendall(answer(asked))

        threading.Thread(target=serve, daemon=True).start()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def old_redis(asked: bytes) -> bytes:
    if b"PING" in asked:
        return b"+PONG\r\n"
    if b"INFO" in asked and b"SETINFO" not in asked:
        info = b"# Server\r\nredis_version:5.0.14\r\n"
        return b"$%d\r\n%s\r\n" % (len(info), info)
    return b"-ERR unknown command\r\n" * max(asked.count(b"SETINFO"), 1)


def test_an_older_server_is_refused() -> None:
    pytest.importorskip("redis")
    with answering(old_redis) as url, pytest.raises(BrokerFault, match=r"5\.0\.14"):
        Broker(url).check()


def test_what_is_no_redis_is_told() -> None:
    pytest.importorskip("redis")
    with answering(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n") as url, pytest.raises(BrokerFault):
        Broker(url).check()


def test_what_an_address_asks_of_its_connection_may_be_nonsense(broker: Broker) -> None:
    with pytest.raises(BrokerFault, match="ssl_cert_reqs"):
        Broker(f"{broker.url}?ssl_cert_reqs=none").check()


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "redis://", "nonsense", "redis://[::1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    pytest.importorskip("redis")
    with pytest.raises(BrokerFault):
        Broker(url).check()


def test_pages_do_not_travel_in_the_open(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("redis")
    with pytest.raises(BrokerFault, match="rediss://"):
        Broker("redis://broker.example.vn:6379/0").check()
    monkeypatch.setenv("DIEMTIN_CLUSTER_PLAIN", "1")
    with pytest.raises(BrokerAway):
        Broker(f"redis://127.0.0.1:{free_port()}/0").check()


def test_without_the_extra_a_line_says_how_to_install_it() -> None:
    program = "import sys; sys.modules['redis'] = None; from crawler.cli import main; main()"
    command = [sys.executable, "-c", program, "--lang", "en", "worker", "redis://127.0.0.1:1/0"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)
    assert "diemtin[cluster]" in said(done)


def test_what_a_dead_worker_left_is_found_behind_all_that_others_hold(broker: Broker) -> None:
    for number in range(40):
        broker.redis.xadd(keys.JOBS, {"m": str(number)})
    broker.redis.xreadgroup(keys.WORKERS, "dead", {keys.JOBS: ">"}, count=40)
    entries = [
        entry["message_id"] for entry in broker.redis.xpending_range(keys.JOBS, keys.WORKERS, "-", "+", 99)
    ]
    for entry in entries[-2:]:
        broker.redis.xclaim(keys.JOBS, keys.WORKERS, "dead", 0, [entry], idle=60_000, justid=True)
    taken = [take_left(broker.redis, keys.JOBS, "living", 30_000) for _ in range(3)]
    assert [[entry for entry, _ in some] for some in taken] == [[entries[-2]], [entries[-1]], []]
