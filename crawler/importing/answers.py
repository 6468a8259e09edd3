"""What a WARC record holds of a page: the answer unpacked and whole, or why it is none."""

import hashlib
import io
import re
from base64 import b32encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

from archive.export.pages import ARTICLE, PART, SOURCE
from archive.network.unpacking import GZIP, Unpackable, can_unpack, unpack
from archive.reasons import reason
from crawler.importing.records import WarcRecord

if TYPE_CHECKING:
    from scrapy.http import Response

_VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/2", "HTTP/2.0", "HTTP/3", "HTTP/0.9", "HTTP"]
_HEX = re.compile(rb"[0-9a-fA-F]{1,8}")
_KINDS = ("response", "resource", "conversion", "revisit")
_PAGES = ("text/html", "application/xhtml")


@dataclass(frozen=True, slots=True)
class WarcAnswer:
    """An answer of ``url`` at ``at``; ``problem`` is a stored reason why it cannot be read.

    ``article`` and ``source`` are what our own export says of it. ``before``: of a revisit, the address, the
    time and the digest of the page that it stands for.
    """

    url: str
    at: datetime | None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    problem: str = ""
    article: str = ""
    source: str = ""
    before: tuple[str, str, str] | None = None

    @property
    def is_page(self) -> bool:
        """Whether it says it is HTML, or does not say what it is."""
        kind = self.header("content-type").strip().lower()
        return not kind or kind.startswith(_PAGES)

    def header(self, name: str) -> str:
        """A header of the answer, '' where it has none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def answer_of(record: WarcRecord) -> WarcAnswer | None:
    """The answer that a record holds; None for requests, pictures, other schemes and parts of stories."""
    kind, url = record.header("WARC-Type").lower(), record.header("WARC-Target-URI").strip("<> ")
    wanted = url.lower().startswith(("http://", "https://", "urn:diemtin:"))
    if kind not in _KINDS or not wanted or record.header(PART):
        return None
    own = WarcAnswer(
        url,
        _moment(record.header("WARC-Date")),
        article=record.header(ARTICLE),
        source=record.header(SOURCE),
        before=_before(record, url) if kind == "revisit" else None,
    )
    if kind in ("resource", "conversion"):
        return _resource(own, record)
    return _http(own, record)


def _moment(text: str) -> datetime | None:
    """WARC-Date: W3C's form of ISO 8601, in 1.1 with parts of seconds or without the time; None for others."""
    for form in (text, f"{text}-01", f"{text}-01-01"):
        try:
            at = datetime.fromisoformat(form)
        except ValueError:
            continue
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    return None


def _before(record: WarcRecord, url: str) -> tuple[str, str, str]:
    named = record.header("WARC-Refers-To-Target-URI").strip("<> ") or url
    return named, record.header("WARC-Refers-To-Date"), record.header("WARC-Payload-Digest")


def _resource(own: WarcAnswer, record: WarcRecord) -> WarcAnswer | None:
    kind = record.header("Content-Type")
    answer = replace(own, headers=(("Content-Type", kind),), body=record.block)
    return _judged(answer, record) if answer.is_page else None


def _http(own: WarcAnswer, record: WarcRecord) -> WarcAnswer | None:
    """The HTTP answer within the block of a record (RFC 9112)."""
    stream = io.BytesIO(record.block)
    try:
        head = StatusAndHeadersParser(_VERSIONS).parse(stream)
    except (StatusAndHeadersParserException, EOFError):
        return own if own.before else replace(own, problem=_cut(record) or reason("warc_no_http"))
    status = head.get_statuscode()
    answer = replace(own, status=int(status) if status.isdigit() else 0, headers=_headers(head))
    if not answer.is_page and answer.status == 200:
        return None
    packed = stream.read()
    body, problem = _whole(answer, packed)
    return _judged(replace(answer, body=body, problem=problem), record)


def _headers(head: StatusAndHeaders) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in head.headers)


def _judged(answer: WarcAnswer, record: WarcRecord) -> WarcAnswer:
    """A page that is not whole is no page, whatever there is of it; a revisit has none of its own."""
    if answer.before is not None or answer.status != 200:
        return replace(answer, problem="")
    return replace(answer, problem=_cut(record) or answer.problem)


def _cut(record: WarcRecord) -> str:
    if record.too_long:
        return reason("warc_too_long")
    if why := record.header("WARC-Truncated"):
        return reason("warc_truncated", why=why[:40])
    is_part = record.header("WARC-Segment-Number") not in ("", "0")
    return "" if record.whole and not is_part else reason("warc_cut")


def _whole(answer: WarcAnswer, packed: bytes) -> tuple[bytes, str]:
    """The body unpacked, or why it is not whole; some tools keep it unpacked under the headers it came with."""
    if "chunked" in answer.header("transfer-encoding").lower():
        packed, problem = _unchunked(packed)
        if problem:
            return b"", problem
    elif not answer.header("content-encoding") and _is_short(answer.header("content-length"), packed):
        return b"", reason("warc_cut")
    return _unpacked(answer, packed)


def _is_short(length: str, body: bytes) -> bool:
    return length.isdigit() and int(length) > len(body) > 0


def _unchunked(packed: bytes) -> tuple[bytes, str]:
    """RFC 9112, 7.1: whole once the last chunk came, of size 0; trailers are let be.

    What does not begin as a chunk was put together before it was kept.
    """
    whole, at = bytearray(), 0
    while (end := packed.find(b"\n", at)) >= 0:
        size = packed[at:end].partition(b";")[0].strip()
        if not _HEX.fullmatch(size):
            return (packed, "") if at == 0 else (b"", reason("warc_cut"))
        begin, length = end + 1, int(size, 16)
        if length == 0:
            return bytes(whole), ""
        whole += packed[begin : begin + length]
        at = begin + length + (2 if packed[begin + length : begin + length + 2] == b"\r\n" else 1)
    return (packed, "") if at == 0 else (b"", reason("warc_cut"))


def _unpacked(answer: WarcAnswer, packed: bytes) -> tuple[bytes, str]:
    """As a crawl unpacks, with its limit on what comes out."""
    from crawler.settings import DOWNLOAD_MAXSIZE

    if len(packed) > DOWNLOAD_MAXSIZE:
        return b"", reason("warc_too_long")
    try:
        return unpack(packed, _encodings(answer, packed), DOWNLOAD_MAXSIZE), ""
    except Unpackable as error:
        return b"", reason("warc_unpack", why=str(error)[:200])


def _encodings(answer: WarcAnswer, packed: bytes) -> list[str]:
    """How a body is packed: some tools keep it unpacked under its header, some servers pack and say nothing."""
    if packed[:1000].lstrip().startswith((b"<", b"\xef\xbb\xbf")):
        return []
    names = [name.strip().lower() for name in answer.header("content-encoding").split(",")]
    if unknown := [name for name in names if name not in ("", "identity") and not can_unpack(name)]:
        raise Unpackable(unknown[0])
    said = [name for name in names if name not in ("", "identity")]
    return said or (["gzip"] if packed.startswith(GZIP) else [])


def as_response(answer: WarcAnswer) -> "Response":
    """The answer as a crawl would have it."""
    from scrapy.http import HtmlResponse, Request

    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        headers.setdefault(name, []).append(value)
    return HtmlResponse(
        answer.url, answer.status, headers, answer.body, request=Request(answer.url), encoding="utf-8"
    )


def digests(body: bytes) -> set[str]:
    """How a WARC may name these bytes: SHA-1 in base 32, SHA-256 in base 16 or 32."""
    sha1, sha256 = hashlib.sha1(body, usedforsecurity=False), hashlib.sha256(body)
    return {
        f"sha1:{b32encode(sha1.digest()).decode()}".lower(),
        f"sha256:{sha256.hexdigest()}",
        f"sha256:{b32encode(sha256.digest()).decode()}".lower(),
    }
