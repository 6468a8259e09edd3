"""The port is taken before anything starts, or the user is told what to do."""

import socket
from pathlib import Path

import pytest

from archive.config import ConfigError
from archive.web.access import Access
from crawler.service.server import HOST, address_line, take_port
from tests.commands import diemtin


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


@pytest.mark.parametrize("command", [("serve",), ("up",), ("up", "--sample")])
def test_others_are_let_in_only_on_purpose(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = diemtin(*command, "--host", "0.0.0.0", "--port", "0", home=tmp_path / "home", check=False)  # noqa: S104
    assert done.returncode == 2
    assert "DIEMTIN_PASSWORD" in done.stderr
    assert "--public" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_address_says_who_may_read() -> None:
    with take_port(HOST, 0) as taken:
        address = f"the archive is at http://{HOST}:{taken.getsockname()[1]}/"
        assert address_line(taken, None) == address
        assert address_line(taken, Access()) == address
        assert address_line(taken, Access("mật khẩu dài")) == f"{address} (with the password)"
        assert address_line(taken, Access(public=True)) == f"{address} (public: titles and links)"
    with take_port("::1", 0) as taken:
        assert "http://[::1]:" in address_line(taken, None)
