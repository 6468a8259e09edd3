"""A broker by TLS: its certificate is checked, and one that is not trusted is one plain line."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.cluster.broker import BrokerFault
from tests.cluster.redis_server import RedisServer, free_port
from tests.cluster.running import start_worker, stop, wait_until
from tests.cluster.test_broker import said, worker

PASSWORD = "open sesame"


class TlsServer(RedisServer):
    """A server that speaks TLS alone; the folder has its authority as ``ca.pem``."""

    def _answer(self) -> bytes:
        """That the handshake is made."""
        try:
            ssl.get_server_certificate(("127.0.0.1", self.port), timeout=5)
        except OSError:
            return b""
        return b"+"

    @property
    def url(self) -> str:
        return f"rediss://127.0.0.1:{self.port}/0?ssl_ca_certs={self.folder / 'ca.pem'}"


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def make_certificates(folder: Path, address: str = "IP:127.0.0.1") -> None:
    """An authority, and a certificate of it for an address."""
    folder.mkdir(parents=True)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    openssl(folder, "req", "-x509", *key, "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
    name = ("-subj", "/CN=broker", "-addext", f"subjectAltName={address}")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "own.key", "-out", "own.pem")
    openssl(folder, "req", "-x509", *key, *name, *signed)


def tls_server(folder: Path, address: str = "IP:127.0.0.1") -> TlsServer:
    make_certificates(folder, address)
    port = free_port()
    files = ("--tls-cert-file", str(folder / "own.pem"), "--tls-key-file", str(folder / "own.key"))
    options = ("--port", "0", "--tls-port", str(port), *files, "--tls-ca-cert-file", str(folder / "ca.pem"))
    more = ("--tls-auth-clients", "no", "--requirepass", PASSWORD, "--save", "")
    return TlsServer(folder, options + more, port)


@pytest.fixture
def server(tmp_path: Path, redis_server: RedisServer) -> Iterator[TlsServer]:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    one = tls_server(tmp_path / "tls")
    one.start()
    yield one
    one.kill()


@pytest.mark.timeless
def test_a_worker_comes_by_tls_with_the_password(
    tmp_path: Path, server: TlsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIEMTIN_REDIS_PASSWORD", PASSWORD)
    server.broker().check()
    process, log = start_worker(tmp_path, server.url), tmp_path / "worker-0.log"
    wait_until(lambda: "there is no keeper" in log.read_text() or process.poll() is not None, "no line")
    assert stop(process) == 0, log.read_text()
    assert str(tmp_path) not in log.read_text(), "the address is told without its options"
    monkeypatch.setenv("DIEMTIN_REDIS_PASSWORD", "guess")
    with pytest.raises(BrokerFault, match="DIEMTIN_REDIS_PASSWORD"):
        server.broker().check()


@pytest.mark.timeless
def test_a_certificate_of_an_unknown_authority_is_one_line(server: TlsServer) -> None:
    line = said(worker(server.url.partition("?")[0], DIEMTIN_REDIS_PASSWORD=PASSWORD))
    assert "is not trusted" in line
    assert "ssl_ca_certs" in line
    assert PASSWORD not in line


@pytest.mark.timeless
def test_a_certificate_of_another_machine_is_refused(tmp_path: Path, server: TlsServer) -> None:
    other = tls_server(tmp_path / "other", "DNS:elsewhere.example.vn")
    other.start()
    try:
        with pytest.raises(BrokerFault, match=r"127\.0\.0\.1"):
            other.broker().check()
    finally:
        other.kill()


def test_a_file_of_authorities_that_is_not_there_is_told(server: TlsServer) -> None:
    with pytest.raises(BrokerFault, match=r"nowhere\.pem") as caught:
        type(server.broker())(server.url.replace("ca.pem", "nowhere.pem")).check()
    assert type(caught.value) is BrokerFault, "it does not go away by itself"
