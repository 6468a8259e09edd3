"""Fixtures of the cluster's tests: a server for each test run, emptied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.cluster.broker import Broker, make_groups
from tests.cluster.redis_server import MISSING, PROGRAM, RedisServer


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A redis-server does not start under another clock."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeless)


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
