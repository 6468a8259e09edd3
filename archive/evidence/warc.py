"""The pages of a record as WARC and WACZ, which other archives' tools open; import it late."""

import hashlib
import io
import json
import zipfile
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from urllib.parse import quote, urlsplit

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.clock import stamp
from archive.evidence.chain import sha256
from archive.evidence.record import Event, FetchKept
from archive.model import Fetch, Headers
from archive.pages import RawPage

SOFTWARE = "diemtin"
_OURS = "X-Archive-Orig-"  # before the names of headers that no longer fit the body as it is kept
_HTTP = "http://", "https://"


@dataclass(frozen=True, slots=True)
class Capture:
    """One record of the file: what answered ``url`` at ``at``; ``body`` is None where only headers are kept.

    ``again``: when this address answered with the same page before, which then stands there alone. ``more``:
    further headers of the record.
    """

    url: str
    at: datetime
    body: bytes | None
    content_type: str = ""
    fetch: Fetch | None = None
    again: datetime | None = None
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Indexed:
    """Where a capture stands in the file, in bytes."""

    capture: Capture
    offset: int
    length: int
    digest: str


def captures(event: Event, raw: RawPage | None) -> Iterator[Capture]:
    """What an event has to write: nothing for one that brought no page of its own."""
    return captures_of(event.fetch, raw)


def captures_of(kept: FetchKept | None, raw: RawPage | None) -> Iterator[Capture]:
    """What a page has to write that came so, or of which that is not known: each of its parts."""
    if kept is not None:
        bodies = split(raw.body, kept) if raw else [None] * len(kept.parts)
        for fetch, body in zip(kept.parts, bodies, strict=True):
            yield Capture(one_word(fetch.answered), fetch.at, body, raw.content_type if raw else "", fetch)
    elif raw is not None:
        yield Capture(one_word(raw.url), raw.fetched_at, raw.body, raw.content_type)


def one_word(url: str) -> str:
    """An address as one word of ASCII: what an import brought may be anything, also several lines."""
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def split(body: bytes, kept: FetchKept) -> list[bytes | None]:
    """The bodies of the pages that a long story is kept as one of; the sizes that were noted part them."""
    bodies: list[bytes | None] = []
    at = 0
    for part, fetch in enumerate(kept.parts):
        at = body.find(b"-->\n", at) + 4 if part else 0
        piece = body[at : at + fetch.size]
        bodies.append(piece if sha256(piece) == fetch.sha256 else None)
        at += fetch.size
    return bodies


def write_warc(all_captures: list[Capture], made_at: datetime) -> tuple[bytes, list[_Indexed]]:
    """The file (gzip, WARC 1.1) and where each capture stands in it."""
    file = io.BytesIO()
    writer = begin_warc(file, "pages.warc.gz", made_at)
    indexed = []
    for capture in all_captures:
        record = _record(writer, capture)
        start = file.tell()
        writer.write_record(record)
        length = file.tell() - start
        indexed.append(_Indexed(capture, start, length, record.rec_headers.get_header("WARC-Payload-Digest")))
        if capture.fetch:
            writer.write_record(_request(writer, capture.url, capture.fetch, record))
    return file.getvalue(), indexed


def begin_warc(file: IO[bytes], name: str, made_at: datetime) -> WARCWriter:
    """A file of this name begun; each record is a gzip member of its own."""
    writer = WARCWriter(file, gzip=True, warc_version="1.1")
    info = {"software": SOFTWARE, "format": "WARC File Format 1.1", "description": _ABOUT}
    head = writer.create_warcinfo_record(name, info)
    head.rec_headers.replace_header("WARC-Date", stamp(made_at))
    writer.write_record(head)
    return writer


def write_capture(writer: WARCWriter, capture: Capture) -> None:
    """Write one capture, and what was asked for it."""
    record = _record(writer, capture)
    writer.write_record(record)
    if capture.fetch:
        writer.write_record(_request(writer, capture.url, capture.fetch, record))


_ABOUT = (
    "Bodies as they are kept, unpacked; headers that spoke of the packed body are named X-Archive-Orig-…; "
    "a page without a kept request is a resource record; an answer whose body is not kept is truncated."
)


def _record(writer: WARCWriter, capture: Capture) -> ArcWarcRecord:
    """A response where the fetch is known, else the bytes as a resource; a revisit of what came before."""
    more = {"WARC-Date": stamp(capture.at), **dict(capture.more)}
    fetch, payload = capture.fetch, io.BytesIO(capture.body or b"")
    if fetch is None:
        kind = capture.content_type or "application/octet-stream"
        return writer.create_warc_record(
            capture.url, "resource", payload, len(capture.body or b""), kind, warc_headers_dict=more
        )
    if capture.again is not None:
        return _revisit(writer, capture, more)
    if capture.body is None:
        more["WARC-Truncated"] = "unspecified"
    if fetch.ip:
        more["WARC-IP-Address"] = fetch.ip
    return writer.create_warc_record(
        capture.url,
        "response",
        payload,
        len(capture.body or b""),
        http_headers=_head(capture, fetch),
        warc_headers_dict=more,
    )


def _revisit(writer: WARCWriter, capture: Capture, more: dict[str, str]) -> ArcWarcRecord:
    """WARC 1.1, 6.7.2: the payload is that of an earlier record, named by its digest and time."""
    assert capture.fetch is not None  # noqa: S101 - so called
    assert capture.again is not None  # noqa: S101
    digest = "sha1:" + b32encode(hashlib.sha1(capture.body or b"", usedforsecurity=False).digest()).decode()
    head, before = _head(capture, capture.fetch), stamp(capture.again)
    return writer.create_revisit_record(
        capture.url, digest, capture.url, before, http_headers=head, warc_headers_dict=more
    )


def _head(capture: Capture, fetch: Fetch) -> StatusAndHeaders:
    spoken = fetch.protocol if fetch.protocol.startswith("HTTP/1.") else "HTTP/1.1"
    return StatusAndHeaders(f"{fetch.status} {_phrase(fetch.status)}", _fitting(capture), protocol=spoken)


def _phrase(status: int) -> str:
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _fitting(capture: Capture) -> list[tuple[str, str]]:
    """The answer's headers, made to fit a body that is unpacked."""
    given: Headers = capture.fetch.response if capture.fetch else ()
    moved = ("content-length", "content-encoding", "transfer-encoding")
    headers = [(f"{_OURS}{name}" if name.lower() in moved else name, value) for name, value in given]
    if capture.fetch and capture.fetch.encoding and not any("Content-Encoding" in name for name, _ in headers):
        headers.append((f"{_OURS}Content-Encoding", capture.fetch.encoding))
    return [*headers, ("Content-Length", str(len(capture.body or b"")))]


def _request(writer: WARCWriter, url: str, fetch: Fetch, answer: ArcWarcRecord) -> ArcWarcRecord:
    """What was asked; the host, which is added where it is sent, is that of the address."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [("Host", parts.netloc), *fetch.request]
    head = StatusAndHeaders(f"GET {target} HTTP/1.1", headers, is_http_request=True)
    own = {"WARC-Date": stamp(fetch.at), "WARC-Concurrent-To": answer.rec_headers.get_header("WARC-Record-ID")}
    return writer.create_warc_record(url, "request", http_headers=head, warc_headers_dict=own)


def write_wacz(warc: bytes, indexed: list[_Indexed], title: str, made_at: datetime) -> bytes:
    """The same as WACZ 1.1.1: the WARC with an index and a list of pages; nothing in it is packed twice."""
    files = {
        "archive/pages.warc.gz": warc,
        "indexes/index.cdx": "".join(sorted(map(_cdx_line, indexed))).encode(),
        "pages/pages.jsonl": _page_list(indexed, title),
    }
    resources = [
        {
            "name": path.rpartition("/")[2].lower(),
            "path": path,
            "hash": f"sha256:{sha256(data)}",
            "bytes": len(data),
        }
        for path, data in files.items()
    ]
    package = {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": title,
        "software": SOFTWARE,
        "created": stamp(made_at),
        "resources": resources,
    }
    files["datapackage.json"] = json.dumps(package, ensure_ascii=False, indent=1).encode()
    digest = {"path": "datapackage.json", "hash": f"sha256:{sha256(files['datapackage.json'])}"}
    files["datapackage-digest.json"] = json.dumps(digest).encode()
    return zipped(files, made_at)


def _cdx_line(one: _Indexed) -> str:
    capture = one.capture
    mime = (capture.content_type or "unk").partition(";")[0].strip() or "unk"
    about = {
        "url": capture.url,
        "mime": mime,
        "status": str(capture.fetch.status if capture.fetch else 200),
        "digest": one.digest,
        "length": str(one.length),
        "offset": str(one.offset),
        "filename": "pages.warc.gz",
    }
    return f"{surt(capture.url)} {capture.at:%Y%m%d%H%M%S} {json.dumps(about, ensure_ascii=False)}\n"


def surt(url: str) -> str:
    """The address in the order of an index: ``vn,baothainguyen)/kinh-te?trang=2``; others stay as they are."""
    if not url.startswith(_HTTP):
        return url
    parts = urlsplit(url.lower())
    host = (parts.hostname or "").removeprefix("www.")
    is_number = host.replace(".", "").isdigit()
    order = host if is_number else ",".join(reversed(host.split(".")))
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    path = parts.path.rstrip("/") or "/"
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"{order}{port}){path}" + (f"?{query}" if query else "")


def _page_list(indexed: list[_Indexed], title: str) -> bytes:
    lines = [{"format": "json-pages-1.0", "id": "pages", "title": title}]
    lines += [
        {"id": f"page-{n}", "url": one.capture.url, "ts": stamp(one.capture.at), "title": title}
        for n, one in enumerate(indexed, 1)
        if one.capture.body is not None
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def zipped(files: dict[str, bytes], at: datetime, folder: str = "") -> bytes:
    """A zip of the files as they are, not packed: the same files give the same bytes on every machine."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path, data in sorted(files.items()):
            entry = zipfile.ZipInfo(folder + path, at.timetuple()[:6])
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, data)
    return file.getvalue()
