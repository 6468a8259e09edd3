"""Who may look at a served archive: whoever is here, whoever logs in, or all the world at excerpts."""

import ipaddress
import os
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils import Database

from archive.config import ConfigError
from archive.db import as_database, reading
from archive.desk import accounts
from archive.desk.accounts import NOBODY, User
from archive.home import Home
from archive.i18n import current

PASSWORD_VARIABLE = "DIEMTIN_PASSWORD"  # noqa: S105 - a name, no password
SHORTEST = 8  # characters


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: ``accounts`` whether the archive has any, ``session`` the id of the browser's session."""

    user: User = NOBODY
    accounts: bool = False
    session: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """``password`` '' asks for none; ``public`` shows titles and links, and leads where the outlet agreed.

    ``elsewhere`` is the host served at where others could reach it: nobody is let in there without logging in.
    """

    password: str = field(default="", repr=False)
    public: bool = False
    elsewhere: str = ""

    @classmethod
    def of(
        cls, host: str, public: bool, home: Home | None, environment: Mapping[str, str] = os.environ
    ) -> "Access":
        """The access that fits the address served at.

        Raises ConfigError where others could reach the archive and there is no account, no password and no
        ``public``.
        """
        if public:
            return cls(public=True)
        password, elsewhere = _password(home, environment), "" if is_loopback(host) else host
        if elsewhere and not password and not have_accounts(home):
            places = PASSWORD_VARIABLE
            if home:
                places = current()("access.or", one=places, other=home.path / "password")
            raise ConfigError(current()("access.open_host", host=host, places=places))
        return cls(password, elsewhere=elsewhere)


def have_accounts(home: Home | None) -> bool:
    """Whether the home has any account, so that everyone has to log in; also when it lost them."""
    if home is None:
        return False
    if home.desk_db.exists():
        with reading(home.desk_db) as desk:
            if desk.table("users").exists() and accounts.exist(desk):
                accounts.marker(home.path).touch(mode=0o600)
                return True
    return had_accounts(home)


def had_accounts(home: Home | None) -> bool:
    """Whether there were accounts when desk.db was there last."""
    return home is not None and accounts.marker(home.path).exists()


class DeskReader:
    """desk.db kept open for reading, by one thread: to open it for each request takes longer than the page."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._open: tuple[tuple[int, int], sqlite3.Connection] | None = None

    def get(self) -> Database | None:
        """The database, opened anew if another file lies there now; None where it is missing or empty."""
        try:
            found = self._path.stat() if self._path else None
        except FileNotFoundError:
            found = None
        file = (found.st_dev, found.st_ino) if found and found.st_size else None
        if self._open and self._open[0] != file:
            self.close()
        if self._path and file and not self._open:
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            self._open = file, sqlite3.connect(uri, uri=True, timeout=10, check_same_thread=False)
        return as_database(self._open[1]) if self._open else None

    def close(self) -> None:
        """Close it, until it is asked for again."""
        if self._open:
            self._open[1].close()
            self._open = None

    __del__ = close


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


def network(address: str) -> str:
    """What counts as one address: of IPv6 everybody has 2^64."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else address
