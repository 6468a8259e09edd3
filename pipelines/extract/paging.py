"""Stories over several pages: which link goes on with this story, and its pages as one page's bytes."""

import html
import re
from urllib.parse import quote, unquote, unquote_to_bytes, urljoin, urlsplit

from lxml import etree
from lxml.etree import _Element

from pipelines.extract import charset, labels

MOST = 9  # further pages of one story that are read
_MARK = re.compile(rb"\n<!--diemtin:page (\S+)-->\n")
_HREF = re.compile(rb"href\s*=\s*[\"']?\s*([^\"'\s>]+)")  # a literal beginning: ten times as fast
_NUMBER = re.compile(
    r"[?&;](?:page|trang|paged|p|pg)=(\d{1,2})(?=&|$)|[/_-](?:page|trang|p|phan)[/_-]?(\d{1,2})(?=\.\w{2,5}$|/?$)"
    r"|(?<=[^/]{8})/(\d{1,2})/?$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"trang (?:sau|tiếp|kế|\d)|xem tiếp|đọc tiếp|tiếp theo|next page|page \d", re.IGNORECASE)
_OF_READERS = re.compile(r"comment|binh-?luan|y-?kien|cmt|related|lien-?quan|tin-khac", re.IGNORECASE)
_ENDING = re.compile(r"\.\w{2,5}$")


def join(first: bytes, further: list[tuple[str, bytes]]) -> bytes:
    """A story's pages as one: each further one behind a mark with its address."""
    return first + b"".join(
        b"\n<!--diemtin:page %s-->\n%s" % (quote(url, safe=":/?&=%;#@,+~").encode(), body)
        for url, body in further
    )


def parts(body: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The first page, and the further ones with their addresses."""
    if b"<!--diemtin:page " not in body:
        return body, []
    first, *rest = _MARK.split(body)
    return first, [(url.decode(), page) for url, page in zip(rest[::2], rest[1::2], strict=True)]


def next_page(body: bytes, content_type: str, story: str, url: str, number: int) -> str | None:
    """The address of the story's next page that this one (the ``number``-th, at ``url``) links to, if any.

    Not all that says «next» goes on: next stories have other addresses, readers' comments pages of their own.
    """
    if charset.wide(body) or not _may_go_on(body, story, url, number):
        return None
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        tree = etree.fromstring(
            charset.parseable(charset.decode(body, content_type)).encode("utf-8", "replace"), parser=parser
        )
    except etree.XMLSyntaxError:
        return None
    for link in [] if tree is None else tree.iter("link", "a"):
        address = link.get("href")
        if address and (further := _absolute(url, address)) and _goes_on(link, further, story, number):
            return further
    return None


def _may_go_on(body: bytes, story: str, url: str, number: int) -> bool:
    """Whether any link's address could be a further page's of this story: most pages need no second reading."""
    own = _without_number(story)[0]
    stem = own.partition("?")[0].rpartition("/")[2].encode()
    following, onward = str(number + 1).encode(), stem + b"-"
    for address in _HREF.findall(body.replace(b"HREF", b"href")):
        plain = unquote_to_bytes(address) if b"%" in address else address
        if following not in address and onward not in plain:
            continue
        if (not stem or stem not in plain) and (address[:1] in (b"/", b"#") or b":" in address):
            continue
        further = _absolute(url, html.unescape(address.decode("utf-8", "replace")))
        if further and further != story and urlsplit(further)[:2] == urlsplit(story)[:2]:
            base, at = _without_number(further)
            if (base == own and at == number + 1) or (base.startswith(own + "-") and at in (None, number + 1)):
                return True
    return False


def _absolute(url: str, address: str) -> str | None:
    try:
        return urljoin(url, address.strip()).partition("#")[0]
    except ValueError:
        return None


def _goes_on(link: _Element, address: str, story: str, number: int) -> bool:
    """Whether a link leads to a story's next page: by its address, or by its words under a like address."""
    if urlsplit(address)[:2] != urlsplit(story)[:2] or address == story:
        return False
    base, at = _without_number(address)
    own = _without_number(story)[0]
    is_next = "next" in (link.get("rel") or "").lower().split()
    text = " ".join("".join(link.itertext()).split())
    if base == own and at == number + 1:
        return (link.tag == "link" and is_next) or not _is_of_readers(link)
    named = link.tag == "a" and bool(_WORDS.search(text)) and base.startswith(own + "-")
    return at in (None, number + 1) and named and not _is_of_readers(link)


def _is_of_readers(link: _Element) -> bool:
    return any(_OF_READERS.search(labels.label(node)) for node in link.iterancestors() if node.tag != "body")


def _without_number(address: str) -> tuple[str, int | None]:
    """An address without the number of its page and without its ending, and that number."""
    parts = urlsplit(address)
    path = unquote(parts.path) + (f"?{parts.query}" if parts.query else "")
    match = _NUMBER.search(path)
    number = int(next(filter(None, match.groups()))) if match else None
    path = _NUMBER.sub("", path, count=1).rstrip("/")
    head, mark, query = path.partition("?")
    return _ENDING.sub("", head.rstrip("/")) + (mark + query if query else ""), number
