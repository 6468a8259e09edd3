"""Who may look at a served archive: whoever is here, whoever has the password, or all the world at excerpts."""

import ipaddress
import os
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.config import ConfigError
from archive.home import Home
from archive.i18n import current

PASSWORD_VARIABLE = "DIEMTIN_PASSWORD"  # noqa: S105 - a name, no password
SHORTEST = 8  # characters
MOST_WRONG = 10  # guesses from one address before it has to wait
WAIT = timedelta(minutes=15)
_ADDRESSES = 10_000  # that are remembered for wrong guesses


@dataclass(frozen=True, slots=True)
class Access:
    """``password`` '' asks for none; ``public`` shows titles, two sentences and links, nothing more."""

    password: str = field(default="", repr=False)
    public: bool = False

    @classmethod
    def of(
        cls, host: str, public: bool, home: Home | None, environment: Mapping[str, str] = os.environ
    ) -> "Access":
        """The access that fits the address served at.

        Raises ConfigError where others could reach the archive and neither a password nor ``public`` was given.
        """
        if public:
            return cls(public=True)
        password = _password(home, environment)
        if not password and not is_loopback(host):
            places = PASSWORD_VARIABLE
            if home:
                places = current()("access.or", one=places, other=home.path / "password")
            raise ConfigError(current()("access.open_host", host=host, places=places))
        return cls(password)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host; a name other than ``localhost`` is taken for reachable."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _password(home: Home | None, environment: Mapping[str, str]) -> str:
    """The password of the environment, else of the file ``password`` in the home, else ''."""
    if given := environment.get(PASSWORD_VARIABLE, ""):
        return _long_enough(given, PASSWORD_VARIABLE)
    path = home.path / "password" if home else None
    if path is None or not path.exists():
        return ""
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError(current()("access.readable", path=path))
        return _long_enough(path.read_text(encoding="utf-8").strip(), str(path))
    except OSError as error:
        raise ConfigError(current()("config.unreadable", path=path, why=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(current()("config.not_utf8", path=path, at=error.start)) from error


def _long_enough(password: str, where: str) -> str:
    if len(password) < SHORTEST:
        raise ConfigError(current()("access.short", where=where, n=SHORTEST))
    return password


def signing_secret(home: Home) -> str:
    """What cookies are signed with: kept in the home, so that a restart logs nobody out."""
    path = home.path / "secret"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip() or secrets.token_hex(32)
    secret = secrets.token_hex(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret)
    return secret


class Guesses:
    """Wrong passwords by the address they came from; IPv6 counts by its /64."""

    def __init__(self) -> None:
        self._wrong: dict[str, deque[datetime]] = {}

    def too_many(self, address: str, now: datetime) -> bool:
        """Whether the address has to wait."""
        wrong = self._wrong.get(_network(address), deque())
        return len(wrong) >= MOST_WRONG and wrong[0] > now - WAIT

    def wrong(self, address: str, now: datetime) -> None:
        """Remember a wrong guess; the longest forgotten address goes first when there are too many."""
        wrong = self._wrong.pop(_network(address), deque(maxlen=MOST_WRONG))
        wrong.append(now)
        self._wrong[_network(address)] = wrong
        while len(self._wrong) > _ADDRESSES:
            del self._wrong[next(iter(self._wrong))]


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else address
