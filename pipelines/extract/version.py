"""Which rules read a page: the same page under the same mark gives the same text."""

import hashlib
from functools import cache
from importlib.metadata import version

from pipelines.item import Family, Rules

# Raise it whenever a page may be read otherwise than before (tests/test_extract_version.py tells): pages kept
# are then read anew before they are compared, so that what we read better is not taken for an edit.
EXTRACTOR = 11
_LIBRARIES = ("trafilatura", "htmldate", "lxml")  # another release of these may read otherwise too


@cache
def reading_mark(rules: Rules, families: tuple[Family, ...]) -> str:
    """``1-a94a8fe5ccb1``: the extractor's number, and a hash of libraries, source's rules and families."""
    parts = f"{' '.join(map(version, _LIBRARIES))}\n{rules}\n{families}"
    return f"{EXTRACTOR}-{hashlib.sha256(parts.encode()).hexdigest()[:12]}"
