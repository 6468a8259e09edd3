"""The port is taken before anything starts, or the user is told what to do."""

import socket

import pytest

from archive.config import ConfigError
from crawler.serving import HOST, take_port


def test_a_free_port_is_ours_at_once() -> None:
    with take_port(HOST, 0) as taken, socket.create_connection(taken.getsockname(), timeout=5) as caller:
        assert caller.getpeername() == taken.getsockname()


def test_a_port_that_someone_has_is_told_in_one_line() -> None:
    with take_port(HOST, 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"^port {port} on 127.0.0.1 cannot be used \(.+\); .*--port$"):
            take_port(HOST, port)


@pytest.mark.parametrize(
    ("host", "port"), [(HOST, 70_000), (HOST, -1), ("192.0.2.1", 8001), ("không.có", 8001)]
)
def test_a_port_or_host_that_cannot_be_is_told(host: str, port: int) -> None:
    with pytest.raises(ConfigError, match="--port"):
        take_port(host, port)


def test_a_port_let_go_can_be_taken_again() -> None:
    taken = take_port(HOST, 0)
    port = taken.getsockname()[1]
    taken.close()
    with take_port(HOST, port) as again:
        assert again.getsockname()[1] == port
