"""A pack: every file of it as bytes, listed in SHA256SUMS, and written as a folder or as one zip."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from difflib import unified_diff
from hashlib import sha256 as sha256_of
from pathlib import Path
from typing import Any
from zlib import crc32

from archive.clock import HANOI, stamp
from archive.config import ConfigError
from archive.db import writing
from archive.desk import log
from archive.evidence.chain import Entry, link, sha256
from archive.evidence.config import EvidenceConfig
from archive.evidence.pdf import Printed, print_page
from archive.evidence.record import Event, Record, VersionText, load_page
from archive.evidence.stamps import Stamp, as_json, ask_all
from archive.evidence.warc import Capture, captures, write_wacz, write_warc, zipped
from archive.i18n import Words, current
from archive.model import Fetch
from archive.pages import RawPage
from archive.reasons import reason
from archive.revisions.changes import from_json

FORMAT = "diemtin-evidence/1"
MANIFEST, SUMS, README, MINUTES = "manifest.json", "SHA256SUMS", "README.txt", "bien-ban.docx"
_PAGE = "page.html.txt"  # so named that a press on it runs nothing
_README = Path(__file__).with_name("readme.txt")
_ABSENT = frozenset({"suspected", "gone"})
Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes a pack, when, on which machine and with which release."""

    by: str
    at: datetime
    machine: str
    release: str


@dataclass(slots=True)
class Pack:
    """The files of a pack by their path in it; ``lacking``: what it cannot hold, as stored reasons."""

    record: Record
    maker: Maker
    files: Files = field(default_factory=dict)
    chain: list[Entry] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its folder: the article and the time it was made, plain ASCII."""
        return f"bang-chung-{self.record.subject.id}-{self.maker.at.astimezone(HANOI):%Y%m%d-%H%M%S}"

    def zip(self) -> bytes:
        """One file of all; the same files give the same bytes."""
        return zipped(self.files, self.maker.at.astimezone(HANOI), f"{self.name}/")

    def write(self, out: Path) -> Path:
        """Write a zip where the name ends so, else a folder; nothing that is there is overwritten."""
        try:
            if out.suffix.lower() == ".zip":
                with out.open("xb") as file:
                    file.write(self.zip())
            else:
                out.mkdir(parents=True)
                for path, data in self.files.items():
                    (out / path).parent.mkdir(parents=True, exist_ok=True)
                    (out / path).write_bytes(data)
        except FileExistsError as error:
            raise ConfigError(current()("cli.evidence.exists", path=out)) from error
        except OSError as error:
            raise ConfigError(current()("cli.evidence.unwritable", path=out, why=error.strerror)) from error
        return out


def make_pack(
    record: Record, pages_db: Path | None, maker: Maker, config: EvidenceConfig, *, with_pdf: bool = True
) -> Pack:
    """Gather, print, chain and stamp; what cannot be had is named in ``lacking`` and in the pack itself."""
    from archive.evidence.minutes import minutes

    pack, found = Pack(record, maker), list[Capture]()
    entries = [_add_event(pack, n, event, pages_db, found) for n, event in enumerate(record.events, 1)]
    pack.chain = link(entries)
    if with_pdf:
        _add_pdfs(pack)
    _add_warc(pack, found)
    pack.files[MANIFEST] = _manifest(pack)
    _add_stamps(pack, config)
    pack.files[MINUTES] = minutes(pack)
    pack.files[README] = _readme(pack)
    pack.files[SUMS] = sums(pack.files)
    return pack


def sums(files: Files) -> bytes:
    """What ``sha256sum -c`` reads: every file but this one."""
    lines = (f"{sha256(data)}  {path}\n" for path, data in sorted(files.items()) if path != SUMS)
    return "".join(lines).encode()


def folder_of(n: int, event: Event) -> str:
    """Where the files of an event lie, e.g. ``02-edit``."""
    return f"{n:02d}-{event.code}"


def maker(by: str, at: datetime) -> Maker:
    """Whoever makes a pack on this machine, by this release."""
    from importlib.metadata import version
    from socket import gethostname

    return Maker(by, at, gethostname(), version("diemtin"))


def log_pack(desk_db: Path, pack: Pack, by: str) -> None:
    """Note in the desk's log who made a pack, with the hash that it can be known by."""
    from archive.desk.db import open_desk

    what = reason("log_evidence", sha256=sha256(pack.files[MANIFEST]))
    with closing(open_desk(desk_db)) as desk, writing(desk):
        log.write(desk, what, by=by, now=pack.maker.at, article_id=pack.record.subject.id)


def _add_event(pack: Pack, n: int, event: Event, pages_db: Path | None, found: list[Capture]) -> Entry:
    """Put the files of an event into the pack; its entry in the chain."""
    folder, own = folder_of(n, event), dict(_texts(pack.record, event))
    raw = load_page(pages_db, event.page) if event.page and pages_db else None
    if raw is not None and _page_file(pack.files, raw.body) is None:
        own[_PAGE] = raw.body
    if event.fetch and event.origin == "fetched":
        own["fetch.json"] = _as_text([_fetch(one) for one in event.fetch.parts])
        pack.files |= {f"tls/{sha256(der)}.pem": _pem(der) for der in _certificates(event)}
    if event.origin == "fetched" or _PAGE in own:
        found += captures(event, raw)
    files = {f"{folder}/{name}": data for name, data in own.items()}
    pack.files |= files
    if event.origin != "fetched" and (event.version or event.code in _ABSENT):
        what = event.origin if event.version else "no_answer"
        pack.lacking.append(reason(f"evidence_{what}", number=n))
    entry = _entry(event, {path: sha256(data) for path, data in files.items()})
    if raw is not None:
        entry["page"] |= {"file": _page_file(pack.files, raw.body)}
    return entry


def _page_file(files: Files, body: bytes) -> str | None:
    """Where the very page lies already."""
    return next((path for path, data in files.items() if path.endswith(_PAGE) and data == body), None)


def _entry(event: Event, hashes: dict[str, str]) -> Entry:
    """What the chain holds of an event: nothing that a later pack of the same article would tell otherwise."""
    entry: Entry = {"what": event.code, "seen_at": event.at, "origin": event.origin, "files": hashes}
    if event.written_at != event.at:
        entry["clock_showed"] = event.written_at
    if event.version:
        entry["text_sha256"] = event.version.sha256
    if event.state:
        entry["reason"] = event.state.reason
    if event.page:
        page = event.page
        entry["page"] = {"sha256": page.sha256, "size": page.size, "fetched_at": page.fetched_at}
    return entry


def _texts(record: Record, event: Event) -> Iterator[tuple[str, bytes]]:
    """The text of a version, and what differs from the version before."""
    if event.version is None:
        return
    yield "text.txt", _text(event.version)
    versions = [one.version for one in record.events if one.version]
    at = versions.index(event.version)
    if at:
        yield "changes.txt", _differences(versions[at - 1], event.version)


def _text(version: VersionText) -> bytes:
    return f"{version.title}\n\n{version.lead}\n\n{version.body}\n".encode()


def _differences(before: VersionText, after: VersionText) -> bytes:
    """Each change by kind and place, then the lines that differ."""
    short = [f"{one.kind} {one.field}: «{one.before}» → «{one.after}»" for one in from_json(after.changes)]
    lines = unified_diff(before.lines, after.lines, before.seen_at, after.seen_at, lineterm="")
    return ("\n".join([*short, "", *lines]) + "\n").encode()


def _fetch(fetch: Fetch) -> dict[str, Any]:
    return {
        "asked": fetch.asked,
        "redirects": fetch.redirects,
        "answered": fetch.answered,
        "at": stamp(fetch.at),
        "ip": fetch.ip,
        "protocol": fetch.protocol,
        "tls_certificate_sha256": sha256(fetch.certificate) if fetch.certificate else None,
        "status": fetch.status,
        "packed_as": fetch.encoding,
        "size": fetch.size,
        "sha256": fetch.sha256,
        "request_headers": [f"{name}: {value}" for name, value in fetch.request],
        "response_headers": [f"{name}: {value}" for name, value in fetch.response],
    }


def _certificates(event: Event) -> list[bytes]:
    return [one.certificate for one in event.fetch.parts if one.certificate] if event.fetch else []


def _pem(der: bytes) -> bytes:
    from ssl import DER_cert_to_PEM_cert

    return DER_cert_to_PEM_cert(der).encode()


def _as_text(data: object) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _add_pdfs(pack: Pack) -> None:
    """Each page as PDF beside it; the first that no program could make is said once."""
    for path, data in list(pack.files.items()):
        if not path.endswith(_PAGE):
            continue
        printed = _printed(pack, path, data)
        if printed.missing:
            pack.lacking.append(reason(printed.missing))
            return
        pack.files[path.replace(_PAGE, "page.pdf")] = printed.data


def _printed(pack: Pack, path: str, data: bytes) -> Printed:
    page = next(one.page for one in pack.record.events if one.page and one.page.sha256 == sha256(data))
    raw = RawPage(pack.record.subject.url, pack.record.subject.source, pack.maker.at, page.content_type, data)
    return print_page(raw)


def _add_warc(pack: Pack, found: list[Capture]) -> None:
    if not found:
        return
    warc, indexed = write_warc(found, pack.maker.at)
    pack.files["pages.warc.gz"] = warc
    pack.files["pages.wacz"] = write_wacz(warc, indexed, pack.record.subject.title, pack.maker.at)


def _manifest(pack: Pack) -> bytes:
    """What docs/evidence.md documents; all that is in the pack so far, and the history that has no files."""
    subject, words = pack.record.subject, Words("en")
    article = {
        name: getattr(subject, name)
        for name in (
            "id",
            "url",
            "source",
            "outlet",
            "title",
            "first_seen_at",
            "last_seen_at",
            "state",
            "gone_at",
        )
    }
    visits = [
        {"at": one.at, "outcome": one.outcome, "status": one.status, "size": one.size, "reason": one.reason}
        for one in pack.record.visits
    ]
    made = {
        "at": stamp(pack.maker.at),
        "by": pack.maker.by,
        "machine": pack.maker.machine,
        "release": pack.maker.release,
    }
    return _as_text(
        {
            "format": FORMAT,
            "made": made,
            "article": article,
            "chain": pack.chain,
            "visits": visits,
            "lacking": [{"code": one, "means": words.reason(one)} for one in pack.lacking],
            "files": {
                path: {"sha256": sha256(data), "size": len(data), "crc32": f"{crc32(data):08x}"}
                for path, data in sorted(pack.files.items())
            },
        }
    )


def _add_stamps(pack: Pack, config: EvidenceConfig) -> None:
    """Stamps over the manifest, which holds the hash of all the rest."""
    pack.stamps = ask_all(config.timestamps, sha256_of(pack.files[MANIFEST]).digest())
    for n, one in enumerate(pack.stamps, 1):
        pack.files[f"stamps/{n}.tsq"] = one.request
        if one.missing:
            pack.lacking.append(reason("evidence_no_stamp", authority=one.authority, why=one.missing))
            continue
        pack.files[f"stamps/{n}.tsr"] = one.answer
        pack.files[f"stamps/{n}-chain.pem"] = one.chain.encode()
    if pack.stamps:
        pack.files["stamps/stamps.json"] = _as_text(as_json(pack.stamps))


def _readme(pack: Pack) -> bytes:
    subject = pack.record.subject
    return (
        _README.read_text(encoding="utf-8")
        .format(
            id=subject.id,
            url=subject.url,
            at=f"{pack.maker.at.astimezone(HANOI):%H:%M:%S %d/%m/%Y}",
            manifest=sha256(pack.files[MANIFEST]),
            folder=pack.name,
        )
        .encode()
    )
