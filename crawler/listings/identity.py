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

    What tells is the desk («Kinh tế»), not the outlet's name, which all its channels share; a channel that was
    named by the outlet alone is another when it shares no word with that and with the outlet's name.
    """
    was, name, says = _words(before), _words(outlet), _words(now)
    if not was or not says:
        return False
    context = was - name
    return not context & says if context else not says & (was | name)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(norm(text).lower())) - _OF_ANY
