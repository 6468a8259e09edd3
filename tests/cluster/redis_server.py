"""A redis-server on loopback, started and ended by the test that needs it."""

import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from crawler.cluster.broker import Broker

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server") or ""
MISSING = "redis-server is not installed (apt install redis-server)"


@dataclass
class RedisServer:
    """One server with its files in ``folder``; it can be killed and started again on the same port."""

    folder: Path
    options: tuple[str, ...] = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
    port: int = field(default_factory=lambda: free_port())
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen([*command, *self.options], stdout=log, stderr=log)
        until = time.monotonic() + 30
        while not (answer := self._answer()) or answer.startswith(b"-LOADING"):
            assert time.monotonic() < until, (self.folder / "redis.log").read_text()
            time.sleep(0.02)

    def _answer(self) -> bytes:
        """What it says to a PING, or of a password; nothing while it is not up."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100)
        except OSError:
            return b""

    def kill(self) -> None:
        """kill -9."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def broker(self) -> Broker:
        return Broker(self.url)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
