"""Fixtures of the cluster's tests: a server for each test run, emptied for each test."""

from collections.abc import Iterator

import pytest

from crawler.cluster.broker import Broker, make_groups
from tests.cluster.redis_server import MISSING, PROGRAM, RedisServer


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    pytest.importorskip("redis", reason='the extra cluster is not installed: pip install "diemtin[cluster]"')
    if not PROGRAM:
        pytest.skip(MISSING)
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def broker(redis_server: RedisServer) -> Iterator[Broker]:
    one = redis_server.broker()
    one.redis.flushall()
    make_groups(one.redis)
    yield one
    one.close()
