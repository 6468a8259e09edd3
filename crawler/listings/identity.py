"""Whether a feed is the one its address asks for: some sites give another channel for a lost address."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from archive.config import WordLists
from archive.reasons import reason
from archive.text import fold, norm
from crawler.sources import Source

_LISTS = WordLists(Path(__file__).with_name("feed_words.yml"))
_WORD = re.compile(r"[^\W\d_]{2,}")


@cache
def _general(*, folded: bool = False) -> frozenset[str]:
    """Words that titles and addresses of any feed may have."""
    return frozenset(fold(word) if folded else word for word in _LISTS["general"])


def another(before: str, now: str, outlet: str) -> bool:
    """Whether a list's title names another channel than before: nothing of what made it this one is left.

    What counts is the section («Kinh tế»), not the outlet's name, which all its channels share; a channel
    that was named by the outlet alone is another when it shares no word with that and with the outlet's name.
    """
    old, name, new = (set(_WORD.findall(norm(text).lower())) - _general() for text in (before, outlet, now))
    if not old or not new:
        return False
    section = old - name
    return not section & new if section else not new & (old | name)


def wrong_channel(title: str, url: str, source: Source) -> str:
    """What speaks against a feed being the one its address names, as a code; empty where nothing does.

    ``nhandan.vn/rss/kinhte-1`` answers with the home feed when its number is wrong: its title names neither
    the words of the address nor anything but the outlet.
    """
    name, asked = _folded(title), _asked(urlsplit(url).path)
    if not name.strip() or _holds(name, asked):
        return ""
    shown = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]
    if asked and any(word in name for word in _LISTS["front"]):
        return reason("channel_front", title=title, asked=shown)
    if not _names(name, source) and _telling(name):
        code = "channel_unnamed" if asked else "channel_not_outlet"
        return reason(code, title=title, asked=shown, outlet=source.name)
    return reason("channel_other", title=title, asked=shown) if asked and _left(name, source) else ""


def twin_feeds(items: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
    """Pairs of feed addresses that gave exactly the same items."""
    seen: dict[frozenset[str], str] = {}
    pairs = []
    for url, links in items.items():
        known = frozenset(links)
        if len(known) > 1 and known in seen:
            pairs.append((seen[known], url))
        seen.setdefault(known, url)
    return pairs


def _folded(text: str) -> str:
    return fold(text).casefold()


def _telling(name: str) -> list[str]:
    return [word for word in re.findall(r"[a-z]{2,}", name) if word not in _general(folded=True)]


def _asked(path: str) -> list[str]:
    """The telling words of a feed's address: those of its last part that has any."""
    parts = (_telling(_folded(part)) for part in reversed(path.split("/")))
    return next((words for words in parts if words), [])


def _holds(name: str, asked: list[str]) -> bool:
    """Whether the title has the words of the address, written together or apart."""
    together = _letters(name)
    return bool(asked) and sum(word in together for word in asked) * 2 > len(asked)


def _names(name: str, source: Source) -> bool:
    """Whether a title has the outlet's name or host."""
    host = (urlsplit(source.home).hostname or "").removeprefix("www.")
    label, together = _letters(_folded(host).rsplit(".", 1)[0]), _letters(name)
    own = [word for word in re.findall(r"[a-z]+", _folded(source.name)) if word not in _general(folded=True)]
    return bool(label and label in together) or (bool(own) and all(word in together for word in own))


def _left(name: str, source: Source) -> list[str]:
    """Words of a title that are neither the outlet's name nor those of every feed."""
    host = _letters(_folded(urlsplit(source.home).hostname or ""))
    own = set(re.findall(r"[a-z]+", _folded(source.name)))
    return [word for word in _telling(name) if word not in own and word not in host]


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text)
