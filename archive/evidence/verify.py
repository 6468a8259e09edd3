"""Whether a pack is as it was made: which file was changed, is missing or was added, by the pack alone."""

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.clock import HANOI, moment
from archive.config import ConfigError
from archive.evidence.chain import first_broken, sha256
from archive.evidence.changed_byte import find
from archive.evidence.pack import FORMAT, MANIFEST, SUMS, Files, sums
from archive.evidence.stamps import NoStamp, read
from archive.evidence.warc import zipped
from archive.i18n import current
from archive.reasons import reason

_LINE = re.compile(r"([0-9a-f]{64})  (\S[^\n]*)")
_LARGEST = 2_000_000_000  # bytes of all files together, unpacked
_BAD_ZIP = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, KeyError,
    IndexError, OverflowError, zlib.error,
)  # fmt: skip


@dataclass(slots=True)
class PackCheck:
    """``faults`` and ``notes`` are stored reasons; without a fault the pack is whole."""

    files: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    crcs: dict[str, int] = field(default_factory=dict, repr=False)  # of the files as they were made

    @property
    def whole(self) -> bool:
        return not self.faults


def verify(path: Path) -> PackCheck:
    """Look at a folder or zip; raises ConfigError where there is none to look at."""
    check = PackCheck()
    try:
        data = None if path.is_dir() else path.read_bytes()
        files = _from_folder(path) if data is None else _from_zip(data, check)
    except OSError as error:
        raise ConfigError(current()("config.unreadable", path=path, why=error.strerror)) from error
    check.files = len(files)
    if SUMS not in files:
        check.faults.append(reason("evidence_no_sums"))
        return check
    check.crcs = check.crcs or _manifest_crcs(files)
    _check_sums(files, check)
    manifest = _manifest(files, check)
    if manifest is not None:
        check.faults += _chain_faults(manifest, files)
        if data is not None and check.whole:
            check.faults += _container_faults(data, files, manifest)
    check.faults += list(_stamp_faults(files, check))
    return check


def _from_folder(path: Path) -> Files:
    return {
        one.relative_to(path).as_posix(): one.read_bytes() for one in sorted(path.rglob("*")) if one.is_file()
    }


def _from_zip(data: bytes, check: PackCheck) -> Files:
    """What can be read of a zip, without its folder; whatever cannot is named."""
    files: Files = {}
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _BAD_ZIP as error:
        check.faults.append(reason("evidence_bad_zip", why=str(error)))
        return files
    with archive:
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
            check.faults.append(reason("evidence_bad_zip", why=f"> {_LARGEST:,} bytes"))
            return files
        for entry in archive.infolist():
            name = entry.filename.partition("/")[2]
            check.crcs[name] = entry.CRC
            try:
                files[name] = _stored(data, entry) if entry.compress_type == 0 else archive.read(entry)
            except (*_BAD_ZIP, struct.error):
                check.faults.append(reason("evidence_changed", path=name))
                files[name] = b""
    return files


def _stored(data: bytes, entry: zipfile.ZipInfo) -> bytes:
    """The bytes as they lie there, whatever they are now."""
    name, extra = struct.unpack_from("<HH", data, entry.header_offset + 26)
    begin = entry.header_offset + 30 + name + extra
    return data[begin : begin + entry.file_size]


def _check_sums(files: Files, check: PackCheck) -> None:
    """Each file beside the list, and the list beside what it would be of the files it names."""
    text = files[SUMS].decode("utf-8", "replace")
    listed = {match[2]: match[1] for match in map(_LINE.fullmatch, text.split("\n")) if match}
    for path, digest in listed.items():
        if path not in files:
            check.faults.append(reason("evidence_missing", path=path))
        elif sha256(files[path]) != digest:
            check.faults.append(_changed(path, files[path], digest, check.crcs.get(path)))
    extra = [path for path in files if path not in listed and path != SUMS]
    check.faults += [reason("evidence_extra", path=path) for path in extra]
    if not check.faults and files[SUMS] != sums(files):
        check.faults.append(reason("evidence_changed", path=SUMS))
    check.faults[:] = dict.fromkeys(check.faults)


def _changed(path: str, data: bytes, digest: str, crc: int | None) -> str:
    """That a file was changed, and where if it is a single byte."""
    found = None if crc is None else find(data, crc, digest)
    if found is None:
        return reason("evidence_changed", path=path)
    at, was = found
    return reason("evidence_changed_byte", path=path, at=at, now=f"0x{data[at]:02x}", was=f"0x{was:02x}")


def _manifest_crcs(files: Files) -> dict[str, int]:
    try:
        told = json.loads(files[MANIFEST])["files"]
        return {str(path): int(about["crc32"], 16) for path, about in told.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _manifest(files: Files, check: PackCheck) -> dict[str, Any] | None:
    try:
        manifest = json.loads(files[MANIFEST])
        if manifest["format"] == FORMAT:
            return dict(manifest)
    except (ValueError, KeyError, TypeError):
        pass
    check.faults.append(reason("evidence_no_manifest"))
    return None


def _chain_faults(manifest: dict[str, Any], files: Files) -> list[str]:
    """Whether the entries hold one another, and the files that they name."""
    try:
        links = list(manifest["chain"])
        broken = first_broken(links)
        if broken is not None:
            return [reason("evidence_chain", number=broken)]
        wanted = {path: digest for one in links for path, digest in one["entry"]["files"].items()}
        wanted |= {path: about["sha256"] for path, about in manifest["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return [reason("evidence_no_manifest")]
    differ = [path for path, digest in wanted.items() if path in files and sha256(files[path]) != digest]
    return [reason("evidence_not_manifest", path=path) for path in differ]


def _container_faults(data: bytes, files: Files, manifest: dict[str, Any]) -> list[str]:
    """Where the zip differs from what these very files are packed as: a byte between them, or packed anew."""
    try:
        made = moment(manifest["made"]["at"]).astimezone(HANOI)
        anew = zipped(files, made, f"{_folder(data)}/")
    except (*_BAD_ZIP, TypeError, AttributeError):
        return [reason("evidence_no_manifest")]
    if anew == data:
        return []
    at = next(
        (n for n, (one, other) in enumerate(zip(anew, data, strict=False)) if one != other),
        min(len(anew), len(data)),
    )
    return [reason("evidence_container", at=at)]


def _folder(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.namelist()[0].partition("/")[0]


def _stamp_faults(files: Files, check: PackCheck) -> Iterator[str]:
    """Each stamp beside the manifest, the question it answers and, by openssl, its signature."""
    from hashlib import sha256 as sha256_of

    answers = [path for path in sorted(files) if re.fullmatch(r"stamps/\d+\.tsr", path)]
    if not answers:
        check.notes.append(reason("evidence_unstamped"))
    for path in answers:
        asked = files.get(path.replace(".tsr", ".tsq"), b"")
        try:
            digest = sha256_of(files.get(MANIFEST, b"")).digest()
            one = read(files[path], path, asked, digest, _nonce(asked))
        except NoStamp as error:
            yield reason("evidence_bad_stamp", path=path, why=error.reason)
            continue
        code = "evidence_stamped" if one.checked else "evidence_stamp_unchecked"
        check.notes.append(reason(code, path=path, written=_stamped(one.at), signer=one.signer))


def _stamped(at: datetime | None) -> str:
    from archive.clock import stamp

    return stamp(at) if at else ""


def _nonce(asked: bytes) -> int | None:
    from asn1crypto import tsp

    try:
        nonce: int | None = tsp.TimeStampReq.load(asked)["nonce"].native
    except (ValueError, TypeError, KeyError):
        return None
    return nonce
