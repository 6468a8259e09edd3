"""Whether a list answers with another channel than before: some sites give their home feed for a lost one."""

import re

from archive.text import norm

_WORD = re.compile(r"[^\W\d_]{2,}")
_OF_ANY = frozenset({
    "rss", "feed", "feeds", "xml", "tin", "tức", "mới", "nhất", "báo", "điện", "tử", "tạp", "chí", "trang",
    "chủ", "kênh", "vn", "com", "net", "online", "news",
})  # fmt: skip


def another(before: str, now: str, outlet: str) -> bool:
    """Whether the title names another channel: nothing of what made it this one is left.

    What counts is the section («Kinh tế»), not the outlet's name, which all its channels share; a channel
    that was named by the outlet alone is another when it shares no word with that and with the outlet's name.
    """
    old, name, new = _words(before), _words(outlet), _words(now)
    if not old or not new:
        return False
    section = old - name
    return not section & new if section else not new & (old | name)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(norm(text).lower())) - _OF_ANY
