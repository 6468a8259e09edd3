"""robots.txt as sites really write it, made plain for the parser.

A line that cannot be read is left out (RFC 9309, 2.2); one that can be is heeded however oddly it is written.
"""

import re
from collections.abc import Iterator

from pipelines.extract.charset import decode

LARGEST = 500 * 1024  # characters of rules, comments not counted; RFC 9309 wants 500 kB at the least

_LINES = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")
_BLANKS = re.compile("[\\s\u00a0\u200b-\u200f\u2060\ufeff]+")
_LINE = re.compile(
    r"(?P<key>user[ -]?agents?|d[ias]{2,4}l{1,2}[oa]w|allow|crawl[ -]?delay|site-?map)"
    r"\s?(?::|\uff1a|=|\s)\s?(?P<value>.*)",
    re.IGNORECASE,
)
_PRODUCT = re.compile(r"\*|[a-z_-]+", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]+(?:[.,][0-9]+)?(?:e\+?[0-9]+)?", re.IGNORECASE)
LONGEST_DELAY = 1e6  # seconds; what is asked beyond is no number to go on with
_HOST = re.compile(r"https?://[^/]+", re.IGNORECASE)


def plain(body: bytes) -> bytes:
    """The rules one a line in their usual form: UTF-8, no byte order mark, no comments, no odd blanks."""
    rules, size = [], 0
    for rule in _rules(decode(body)):
        size += len(rule) + 1
        if size > LARGEST:
            break
        rules.append(rule)
    return "\n".join(rules).encode()


def _rules(text: str) -> Iterator[str]:
    for line in _LINES.split(text):
        found = _LINE.fullmatch(_BLANKS.sub(" ", line.partition("#")[0]).strip())
        if found and (rule := _rule(found["key"].lower(), found["value"].strip())):
            yield rule


def _rule(key: str, value: str) -> str:
    """One rule; empty for one that says nothing."""
    if key.startswith("user"):
        agent = _PRODUCT.match(value)  # ``diemtin/0.1`` means us as well
        return f"User-agent: {agent[0]}" if agent else ""
    if key.startswith("crawl"):
        seconds = _SECONDS.match(value)
        return f"Crawl-delay: {_number(seconds[0]):g}" if seconds else ""
    if key.startswith("site"):
        return f"Sitemap: {value}"
    path = _HOST.sub("", value)
    path = path if path.startswith(("/", "*")) or not path else f"/{path}"
    return f"{'Disallow' if key.startswith('d') else 'Allow'}: {path}"


def _number(text: str) -> float:
    return min(float(text.replace(",", ".")), LONGEST_DELAY)
