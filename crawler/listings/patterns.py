"""What addresses have in common, and how many of one pattern are taken: calendars and sessions never end."""

import heapq
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

from crawler.listings import Link

MOST = 50_000  # links of a list, the newest; a sitemap may have so many (sitemaps.org)
MOST_UNDATED = 10_000  # of them without a date
MOST_OF_A_PATTERN = 2_000  # of these, of one pattern
LONGEST = 2_000  # characters of an address
_TOLD = 20  # patterns of which it is told how many were left out

_DIGITS = re.compile(r"\d+")
_CODE = re.compile(r"[0a-fA-F]{12,}|[a-zA-Z0]*[a-zA-Z]0[a-zA-Z0]{8,}")
_SLUG = re.compile(r"(?<![^\W_])[^\W_]+(?:[-_][^\W_]+){2,}")


def pattern_of(url: str) -> str:
    """An address without what tells one page of its kind from another: ``/lich/0-0-0``, ``/kinh-te/*.html``."""
    return _pattern(_DIGITS.sub("0", url[:LONGEST]))


@lru_cache(maxsize=4096)
def _pattern(url: str) -> str:
    """The pattern of an address whose numbers are 0 already: of thousands in a list few are not alike."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    path = "/".join(_part(part) for part in parts.path.split("/"))
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return f"{parts.netloc}{path}" + (f"?{'&'.join(names)}" if names else "")


def _part(part: str) -> str:
    """One part of a path: words joined by hyphens and long codes are ``*``, numbers are 0."""
    stem, dot, ending = part.rpartition(".")
    stem, ending = (stem, f".{ending}") if dot and len(ending) <= 5 and stem else (part, "")
    return _SLUG.sub("*", _CODE.sub("*", stem)) + ending


def goes_in_circles(url: str) -> bool:
    """Whether its path repeats itself three times in a row, as relative links on wrong pages make it grow."""
    parts = url[:LONGEST].partition("://")[2].partition("?")[0].split("/")[1:]
    if len(parts) - len(set(parts)) < 2:
        return False
    return any(_repeats(parts, length) for length in (1, 2, 3))


def _repeats(parts: list[str], length: int) -> bool:
    groups = ((parts[at : at + length], at) for at in range(len(parts) - 3 * length + 1))
    return any(
        group == parts[at + length : at + 2 * length] == parts[at + 2 * length : at + 3 * length]
        and not all(part.isdigit() or not part for part in group)
        for group, at in groups
    )


@dataclass(slots=True)
class Gathered:
    """The links of a list, each once, in its order; of too many the newest, and of undated ones the first.

    ``left_out`` counts by pattern what was not taken.
    """

    links: dict[str, Link] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    _patterns: Counter[str] = field(default_factory=Counter)
    _undated: int = 0
    _dated: list[tuple[float, str]] = field(default_factory=list)  # a heap, the oldest first

    def add(self, link: Link) -> None:
        """Take a link, or the title of one that was taken without."""
        known = self.links.get(link.url)
        if known is not None:
            if not known.title:
                self.links[link.url] = link
        elif len(link.url) > LONGEST or goes_in_circles(link.url):
            self._leave_out(pattern_of(link.url)[:200])
        elif link.newest_at:
            self._add_dated(link, link.newest_at.timestamp())
        else:
            self._add_undated(link)

    def _add_undated(self, link: Link) -> None:
        pattern = pattern_of(link.url)
        if self._undated >= MOST_UNDATED or self._patterns[pattern] >= MOST_OF_A_PATTERN:
            self._leave_out(pattern)
            return
        self._undated += 1
        self._patterns[pattern] += 1
        self.links[link.url] = link

    def _add_dated(self, link: Link, at: float) -> None:
        self.links[link.url] = link
        heapq.heappush(self._dated, (at, link.url))
        if len(self._dated) > MOST:
            _, oldest = heapq.heappop(self._dated)
            del self.links[oldest]
            self._leave_out(pattern_of(oldest))

    def _leave_out(self, pattern: str) -> None:
        self.left_out[pattern if pattern in self.left_out or len(self.left_out) < _TOLD else ""] += 1


def gather(links: Iterable[Link]) -> Gathered:
    """The links of a list as far as they are taken."""
    gathered = Gathered()
    for link in links:
        gathered.add(link)
    return gathered
