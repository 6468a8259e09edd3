"""A host belongs to one worker at a time, and its delay outlives the hand-over."""

import subprocess
import sys
import threading
import time
from pathlib import Path

from crawler.cluster.broker import Broker
from crawler.cluster.hosts import LOST, SETTLED, SPARE, HostLease
from tests.cluster.redis_server import RedisServer


def lease(broker: Broker, claim: str, *hosts: str, delay: float = 0.4) -> HostLease:
    return HostLease(broker, hosts or ("a.vn",), claim, delay)


def test_a_host_has_one_worker(broker: Broker) -> None:
    first, second = lease(broker, "first"), lease(broker, "second")
    assert first.take() == 0
    assert 0 < second.take() <= first.length
    assert first.renew()
    assert not second.renew()


def test_all_hosts_of_a_source_are_held_or_none(broker: Broker) -> None:
    first, second = lease(broker, "first", "a.vn"), lease(broker, "second", "a.vn", "b.vn")
    third = lease(broker, "third", "b.vn")
    assert first.take() == 0
    assert second.take() > 0
    assert third.take() == 0


def test_a_host_that_is_given_back_rests_for_its_delay(broker: Broker) -> None:
    first, second = lease(broker, "first"), lease(broker, "second")
    first.take()
    first.give_back()
    given_back = time.monotonic()
    while wait := second.take():
        time.sleep(min(wait, 0.02))
    assert time.monotonic() - given_back >= 0.4 - 0.05


def test_who_cannot_renew_stops_a_delay_before_the_next_one_may_begin(broker: Broker) -> None:
    one = lease(broker, "one", delay=10)
    one.take()
    assert one.holds()
    one.until = time.monotonic() + 10 + SPARE - 0.1
    assert not one.holds()
    assert one.length > 2 * 10


def test_a_lease_that_ran_out_goes_to_the_next(broker: Broker) -> None:
    first, second = lease(broker, "first"), lease(broker, "second")
    first.take()
    broker.redis.pexpire("diemtin:host:a.vn", 1)  # as long after its worker died
    time.sleep(0.05)
    assert second.take() == 0
    assert not first.renew()


def test_the_delay_of_robots_txt_is_known_to_the_next_worker(broker: Broker) -> None:
    first, second = lease(broker, "first"), lease(broker, "second")
    first.take()
    first.note_delay(7.0)
    assert first.length > 2 * 7
    first.give_back()
    assert 6 < second.take() <= 7
    assert second.delay == 7


def test_a_delay_is_told_once_the_broker_is_back(tmp_path: Path, redis_server: RedisServer) -> None:
    server = RedisServer(tmp_path / "restarted")
    server.start()
    again = threading.Timer(0.3, server.start)
    try:
        first = lease(server.broker(), "first")
        first.take()
        server.kill()
        again.start()
        first.note_delay(7.0)
        second = lease(server.broker(), "second")
        assert second.take() > 0
        assert second.delay == 7
    finally:
        if again.is_alive():
            again.join()
        server.kill()


def test_a_hold_that_the_broker_lost_stays_with_its_worker(tmp_path: Path, redis_server: RedisServer) -> None:
    """Redis writes each second what it answered; ended by force it may have lost the last second."""
    server = RedisServer(tmp_path / "forgetful")
    server.start()
    try:
        first, second = lease(server.broker(), "first"), lease(server.broker(), "second")
        assert first.take() == 0
        server.kill()
        server.start()
        server.broker().redis.delete("diemtin:host:a.vn")
        assert 0 < second.take() <= SETTLED
        assert first.renew()
        assert SETTLED < second.take() <= first.length
    finally:
        server.kill()


def test_a_process_that_lost_its_hosts_ends(broker: Broker) -> None:
    program = (
        "import sys, time\n"
        "from crawler.cluster import hosts\n"
        "from crawler.cluster.broker import Broker\n"
        "hosts.RENEWED = 0.05\n"
        "one = hosts.HostLease(Broker(sys.argv[1]), ['a.vn'], 'one', 0.1)\n"
        "one.take(); one.keep(); print('held', flush=True); time.sleep(30)"
    )
    command = [sys.executable, "-c", program, broker.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        broker.redis.set("diemtin:host:a.vn", "another")
        assert process.wait(20) == LOST


def test_a_delay_that_is_none_holds_nobody_up(broker: Broker) -> None:
    for left, delay in [("never", 0.4), ("inf", 300.0), ("-3", 0.4), ("nan", 0.4), ("7", 7.0)]:
        broker.redis.set("diemtin:delay:a.vn", left)
        one = lease(broker, f"one-{left}")
        one.take()
        assert one.delay == delay
        broker.redis.delete("diemtin:host:a.vn")
