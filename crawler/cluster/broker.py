"""The Redis (or Valkey) server between keeper and workers: how it is reached, what its keys are called.

Work and what comes home are streams with consumer groups (Redis 6.2 on). Every fault is one line that says what
to do (:class:`BrokerFault`); one that goes away by itself is a :class:`BrokerAway`.
"""

import errno
import ipaddress
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from archive.i18n import current
from archive.network.addresses import is_local_name
from crawler.cluster import keys
from pipelines.extract.version import reading_mark
from pipelines.item import Rules

OLDEST = (6, 2)  # XAUTOCLAIM and GETDEL
PASSWORD = "DIEMTIN_REDIS_PASSWORD"  # noqa: S105 - the name of a variable
TLS_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")  # of the address
ADDRESS = "DIEMTIN_CLUSTER_ADDRESS"  # how the keeper that `up` starts is given the address, and what is in it
CONNECTING = 5.0  # seconds to reach it; a server without TLS never answers one that comes by TLS
TIMEOUT = 20.0  # seconds for a command
ATTEMPT = 1.0  # seconds between two attempts to reach it
# What an answer begins with that passes; streams and groups that went with a restart are made anew
_PASSING = (
    "LOADING", "BUSY ", "MISCONF", "TRYAGAIN", "NOREPLICAS", "CLUSTERDOWN", "NOGROUP", "UNBLOCKED",
)  # fmt: skip
T = TypeVar("T")


class BrokerFault(Exception):
    """The broker cannot be used; the text is one line for whoever runs it."""


class BrokerAway(BrokerFault):
    """The broker does not answer now, or takes nothing now; it may come back."""


class BrokerFull(BrokerAway):
    """The broker takes nothing more: its memory is full."""


def release() -> str:
    """What a worker must share with its keeper: our release and the reading of pages."""
    from importlib.metadata import version

    from crawler.cluster.wire import PROTOCOL

    return f"{version('diemtin')} {reading_mark(Rules(), ())} {PROTOCOL}"


@dataclass(frozen=True)
class Broker:
    """One server and one number of database; keys begin with ``diemtin:``."""

    url: str

    @property
    def name(self) -> str:
        """The address without its password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @cached_property
    def redis(self) -> Any:
        """The client; it connects when it is used."""
        redis = library()
        password = {"password": os.environ[PASSWORD]} if os.environ.get(PASSWORD) else {}
        _check(self.url)
        try:
            return redis.Redis.from_url(
                self.url, protocol=2, socket_timeout=TIMEOUT, socket_connect_timeout=CONNECTING,
                health_check_interval=15, retry=None, **password,
            )  # fmt: skip
        except (ValueError, redis.RedisError) as error:
            raise BrokerFault(current()("cluster.address", url=self.name, why=error)) from error

    def check_address(self) -> None:
        """Raises BrokerFault where the extra is missing or the address is none; no server is asked."""
        _ = self.redis

    def check(self) -> None:
        """Raises BrokerFault for a server that cannot be reached, or is too old."""
        try:
            with self.faults():
                version = str(self.redis.info("server")["redis_version"])
        except TypeError as error:  # of what the address says behind its «?»
            raise BrokerFault(current()("cluster.address", url=self.name, why=error)) from error
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            needed = ".".join(map(str, OLDEST))
            raise BrokerFault(current()("cluster.old", url=self.name, version=version, needed=needed))

    @contextmanager
    def faults(self) -> Iterator[None]:
        """What the client raises, as ours."""
        errors = library().exceptions
        try:
            yield
        except (errors.AuthenticationError, errors.NoPermissionError) as error:
            raise BrokerFault(current()("cluster.password", url=self.name, name=PASSWORD)) from error
        except errors.OutOfMemoryError as error:
            raise BrokerFull(current()("cluster.full", url=self.name)) from error
        except (errors.ConnectionError, errors.TimeoutError, errors.ReadOnlyError, OSError) as error:
            if why := _certificate_fault(error):
                raise BrokerFault(current()("cluster.certificate", url=self.name, why=why)) from error
            raise BrokerAway(current()("cluster.away", url=self.name, why=_words(error))) from error
        except errors.RedisError as error:
            raise self._of_answer(error) from error

    def _of_answer(self, error: Exception) -> BrokerFault:
        text = str(error)
        if "OOM command not allowed" in text:  # in a script, as Redis 6 says it
            return BrokerFull(current()("cluster.full", url=self.name))
        if text.startswith(_PASSING):
            return BrokerAway(current()("cluster.away", url=self.name, why=_words(error)))
        if "NOAUTH" in text or "WRONGPASS" in text:
            return BrokerFault(current()("cluster.password", url=self.name, name=PASSWORD))
        return BrokerFault(current()("cluster.odd", url=self.name, why=_words(error)))

    def insist(
        self,
        work: Callable[[], T],
        patience: float,
        tell: Callable[[str], None] | None = None,
        asked: threading.Event | None = None,
    ) -> T:
        """The result of some work, tried again for ``patience`` seconds while the broker is away.

        Once ``asked`` to stop, it is not tried again.
        """
        until, told, asked = time.monotonic() + patience, "", asked or threading.Event()
        while True:
            try:
                with self.faults():
                    return work()
            except BrokerAway as error:
                if time.monotonic() > until or asked.is_set():
                    raise
                if tell and str(error) != told:
                    told = str(error)
                    tell(told)
                asked.wait(ATTEMPT)

    def close(self) -> None:
        """Give the connections back."""
        self.redis.close()


def library() -> Any:
    """redis-py; raises BrokerFault where the extra is not installed."""
    try:
        import redis
    except ImportError as error:
        raise BrokerFault(current()("cluster.missing")) from error
    return redis


def _check(url: str) -> None:
    """Raises BrokerFault for an address that is none, or over which pages and rules would go in the open."""
    try:
        parts = urlsplit(url)
        host, _ = unquote(parts.hostname or ""), parts.port
    except ValueError as error:  # it may quote what stands before an @
        raise BrokerFault(current()("cluster.address", url="…", why="redis://HOST:6379/0")) from error
    if parts.scheme not in {"redis", "rediss", "unix"} or (parts.scheme != "unix" and not host):
        raise BrokerFault(current()("cluster.address", url=url.rpartition("@")[2], why="redis://HOST:6379/0"))
    if parts.scheme == "redis" and not _is_own_machine(host) and not _trusted_network():
        raise BrokerFault(current()("cluster.open", host=host))
    for name, file in parse_qsl(parts.query):
        if name in TLS_FILES and not Path(file).is_file():
            why = f"{name}: {file}: {os.strerror(errno.ENOENT)}"
            raise BrokerFault(current()("cluster.address", url=parts.netloc.rpartition("@")[2], why=why))


def _certificate_fault(error: BaseException | None) -> str:
    """What is wrong with the certificates of TLS, which does not go away by itself; '' for all else."""
    while error is not None:
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return getattr(error, "verify_message", "") or _words(error)
        error = error.__cause__ or error.__context__
    return ""


def _is_own_machine(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return is_local_name(host)


def _trusted_network() -> bool:
    """Whether who runs this says that the network between the machines is closed (a VPN, a private wire)."""
    return os.environ.get("DIEMTIN_CLUSTER_PLAIN") == "1"


def _words(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def delete_entries(redis: Any, stream: str, group: str, *entries: bytes) -> None:
    """Messages are worked off. No transaction: a full broker refuses those, though this makes room.

    First the deletion: cut off in between, what is left are entries that are pending and empty.
    """
    batch = redis.pipeline(transaction=False)
    batch.xdel(stream, *entries).xack(stream, group, *entries)
    batch.execute()


def make_groups(redis: Any) -> None:
    """Make the streams and their groups where they are not yet."""
    for stream, group in ((keys.JOBS, keys.WORKERS), (keys.UNREAD, keys.WORKERS), (keys.HOME, keys.KEEPER)):
        try:
            redis.xgroup_create(stream, group, id="0", mkstream=True)
        except library().ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


def take_left(redis: Any, stream: str, worker: str, idle: int) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """The first entry whose worker gave no sign of life for ``idle`` milliseconds, as this worker's now.

    XAUTOCLAIM looks at ten entries a step, from the first: those of workers that live would hide it.
    """
    left = redis.xpending_range(stream, keys.WORKERS, "-", "+", 1, idle=idle)
    ids = [entry["message_id"] for entry in left]
    taken: list[tuple[bytes, dict[bytes, bytes]]] = (
        redis.xclaim(stream, keys.WORKERS, worker, idle, ids) if ids else []
    )
    return taken
