"""Passwords as they are kept: scrypt with a salt of its own, its costs beside it."""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from functools import cache

SHORTEST, LONGEST = 8, 1000  # characters
COSTS = (2**15, 8, 3)  # n, r, p: 32 MB and about a quarter of a second
_MEMORY = 64 * 2**20


def hashed(password: str) -> str:
    """``scrypt$32768$8$3$salt$hash``, another one each time."""
    salt = secrets.token_bytes(16)
    return "$".join(["scrypt", *map(str, COSTS), _text(salt), _text(_derive(password, salt, COSTS))])


def matches(password: str, kept: str) -> bool:
    """Whether it is the password kept; a password takes the same time where none is (``kept`` is '')."""
    try:
        _, n, r, p, salt, wanted = (kept or _of_nobody()).split("$")
        got = _derive(password, base64.b64decode(salt), (int(n), int(r), int(p)))
    except ValueError:  # no hash of ours
        return False
    return hmac.compare_digest(got, base64.b64decode(wanted)) and bool(kept)


@cache
def _of_nobody() -> str:
    return hashed(secrets.token_hex())


def _derive(password: str, salt: bytes, costs: tuple[int, int, int]) -> bytes:
    n, r, p = costs
    given = plain(password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(given, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def plain(password: str) -> str:
    """The password composed: some keyboards send «ạ» as one letter, some as two."""
    return unicodedata.normalize("NFC", password)


def _text(given: bytes) -> str:
    return base64.b64encode(given).decode("ascii")
