"""Whether an answer came whole: what was cut off on the way is never read, as an edit or as anything else."""

import re
from typing import TYPE_CHECKING

from archive.reasons import reason

if TYPE_CHECKING:
    from scrapy.http import Response

_ROOT = re.compile(rb"<(html|rss|feed|urlset|sitemapindex|rdf:rdf)\b", re.IGNORECASE)
_OPEN_TAG = re.compile(rb"<[a-zA-Z/!?][^<>]{0,2000}\Z")
_TAGGED = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
PARTIAL = "partial"  # Scrapy's flag of a body that has no length and ends with the connection


def not_whole(response: "Response") -> str:
    """Why an answer with status 200 is not read, as a reason; '' for one that is whole.

    A body that tells its length is checked on the way (``ResponseDataLossError``). One that ends with its
    connection (RFC 9112, 6.3, rule 8) must end as what it is ends.
    """
    body = response.body
    if not body.strip():
        return reason("empty_answer")
    if _TAGGED.match(body) and _OPEN_TAG.search(body, max(0, len(body) - 2_100)):
        return reason("incomplete")
    if PARTIAL in response.flags and not has_end(body):
        return reason("incomplete")
    return ""


def further_missed(response: "Response") -> str:
    """Why a further page of a story is no answer to go by, as a reason; '' where it is, or is not there."""
    if response.status == 200:
        return not_whole(response)
    is_missing = 400 <= response.status < 500 and response.status not in {408, 425, 429}
    return "" if is_missing else reason("http", status=response.status)


def has_end(body: bytes) -> bool:
    """Whether the element that holds all is closed; a text without one is taken as it came."""
    root = _ROOT.search(body[:20_000])
    if root is None:
        return True
    name = root[1].lower()
    ends = [b"</html", b"</body"] if name == b"html" else [b"</" + name]
    end = body[-20_000:].lower()
    return any(one in end for one in ends)
