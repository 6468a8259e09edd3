"""Is a feed the one its address asks for? Some sites answer a wrong address with another channel."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from archive.text import fold
from crawler.sources import Source

_GENERAL = frozenset(
    re.findall(
        r"\w+",
        "rss feed feeds atom xml index home trang chu tin moi nhat tuc news online bao dien tu tap chi cong "
        "kenh vn com net org gov www http https the tat ca va chuyen muc ban rssfeed latest",
    )
)
_FRONT = ("trang chu", "home", "tin moi", "moi nhat")


def wrong_channel(title: str, url: str, source: Source) -> str:
    """What speaks against a feed being the one its address names; empty where nothing does.

    ``nhandan.vn/rss/kinhte-1`` answers with the home feed when its number is wrong: its title names neither
    the words of the address nor anything but the outlet.
    """
    said, asked = fold(title).casefold(), _words(urlsplit(url).path)
    if not said.strip() or _holds(said, asked):
        return ""
    if asked and any(word in said for word in _FRONT):
        return f"wrong feed channel: titled «{title}», the address asks for `{_shown(url)}`"
    if not _names(said, source) and _telling(said):
        wanted = f"`{_shown(url)}` nor {source.name}" if asked else source.name
        return f"wrong feed channel? titled «{title}», which names {'neither ' if asked else 'not '}{wanted}"
    left = _left(said, source)
    if asked and left:
        return f"wrong feed channel? titled «{title}», the address asks for `{_shown(url)}`"
    return ""


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


def _telling(said: str) -> list[str]:
    return [word for word in re.findall(r"[a-z]{2,}", said) if word not in _GENERAL]


def _words(path: str) -> list[str]:
    """The telling words of a feed's address: those of its last part that has any."""
    for part in reversed(path.split("/")):
        words = [word for word in re.split(r"[^a-z]+", fold(part).casefold()) if len(word) > 1]
        telling = [word for word in words if word not in _GENERAL]
        if telling:
            return telling
    return []


def _holds(said: str, asked: list[str]) -> bool:
    """Whether the title has the words of the address, written together or apart."""
    together = _letters(said)
    found = sum(word in together for word in asked)
    return bool(asked) and found * 2 > len(asked)


def _names(said: str, source: Source) -> bool:
    host = (urlsplit(source.home).hostname or "").removeprefix("www.")
    label = _letters(fold(host).casefold().rsplit(".", 1)[0])
    together = _letters(said)
    own = [word for word in re.findall(r"[a-z]+", fold(source.name).casefold()) if word not in _GENERAL]
    return bool(label and label in together) or (bool(own) and all(word in together for word in own))


def _left(said: str, source: Source) -> list[str]:
    """Words of a title that are neither the outlet's name nor those of every feed."""
    host = _letters(fold(urlsplit(source.home).hostname or "").casefold())
    own = set(re.findall(r"[a-z]+", fold(source.name).casefold()))
    return [word for word in _telling(said) if word not in own and word not in host]


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text)


def _shown(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]
