"""Which rules read a page: the same page under the same mark gives the same text."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipelines.item import Family, Rules

_LIBRARIES = ("trafilatura", "htmldate", "lxml")


@cache
def reading_mark(rules: Rules, families: tuple[Family, ...]) -> str:
    """Twelve hexadecimal digits of our own code, the libraries, and the rules of source and families."""
    told = f"{_code()}\n{rules}\n{families}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]


@cache
def _code() -> str:
    hashed = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        hashed.update(path.read_bytes())
    return f"{hashed.hexdigest()} {' '.join(map(version, _LIBRARIES))}"
