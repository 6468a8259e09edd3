"""Time stamps by RFC 3161: asked of the authorities in evidence.yml, checked, and kept to be checked again.

An authority that is down, slow, or answers something else costs its stamp and nothing more. Import it late.
"""

import secrets
import shutil
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

from asn1crypto import cms, core, pem, tsp, x509

from archive.clock import stamp
from archive.network.dial import opener
from archive.reasons import reason

SECONDS = 20.0  # that an authority has for the whole of its answer
_LARGEST = 200_000  # bytes of an answer
_GRANTED = frozenset({"granted", "granted_with_mods"})
OPENSSL = "openssl"
_NO_ASN1 = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


class _Answer(core.Sequence):  # type: ignore[misc]
    """A TimeStampResp; asn1crypto's own knows none without a token, which is what a refusal is."""

    _fields: ClassVar[list[Any]] = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class NoStamp(Exception):
    """An answer that is no stamp of what was sent; ``reason`` is a stored one."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.reason = why


@dataclass(frozen=True, slots=True)
class Stamp:
    """What came of asking one authority: ``answer`` and ``chain`` (PEM) where it stamped, else ``missing``.

    ``at`` is the time it names, ``signer`` who signed; ``checked`` says that openssl found the signature good.
    """

    authority: str
    request: bytes
    answer: bytes = b""
    chain: str = ""
    at: datetime | None = None
    signer: str = ""
    serial: str = ""
    checked: bool = False
    missing: str = ""


def ask_all(urls: tuple[str, ...], digest: bytes, seconds: float = SECONDS) -> list[Stamp]:
    """A stamp over a SHA-256 from each authority, asked at the same time."""
    asking = [_Asking(url, digest) for url in urls]
    for one in asking:
        one.start()
    return [one.result(seconds) for one in asking]


class _Asking(Thread):
    """Asks one authority; a thread that is left behind when its time is over (a server may drip)."""

    def __init__(self, url: str, digest: bytes) -> None:
        super().__init__(daemon=True)
        self.url, self.digest = url, digest
        self.nonce = secrets.randbits(63) | 1
        self.request = request(digest, self.nonce)
        self.stamp: Stamp | None = None

    def run(self) -> None:
        try:
            answer = _post(self.url, self.request)
            self.stamp = read(answer, self.url, self.request, self.digest, self.nonce)
        except NoStamp as error:
            self.stamp = Stamp(self.url, self.request, missing=error.reason)

    def result(self, seconds: float) -> Stamp:
        self.join(seconds)
        late = reason("stamp_late", seconds=f"{seconds:g}")
        return self.stamp or Stamp(self.url, self.request, missing=late)


def request(digest: bytes, nonce: int) -> bytes:
    """The question: a stamp over a SHA-256, with the signer's certificates."""
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    asked = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "nonce": nonce, "cert_req": True})
    return bytes(asked.dump())


def _post(url: str, data: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "User-Agent": "diemtin"}
    asked = urllib.request.Request(url, data, headers, method="POST")  # noqa: S310 - http or https by the config
    try:
        with opener().open(asked, timeout=SECONDS) as answer:
            return bytes(answer.read(_LARGEST))
    except urllib.error.HTTPError as error:
        error.close()
        raise NoStamp(reason("stamp_http", status=error.code)) from error
    except (OSError, HTTPException, ValueError) as error:
        why = getattr(error, "reason", error)
        raise NoStamp(reason("stamp_unreachable", why=str(getattr(why, "strerror", "") or why))) from error


def read(answer: bytes, authority: str, asked: bytes, digest: bytes, nonce: int | None) -> Stamp:
    """The stamp that an answer holds; raises NoStamp where it is none, or none of this digest and nonce."""
    try:
        token, info = _open(answer)
        imprint = info["message_imprint"]
        same = imprint["hash_algorithm"]["algorithm"].native == "sha256"
        if not same or imprint["hashed_message"].native != digest:
            raise NoStamp(reason("stamp_other_data"))
        if info["nonce"].native != nonce:
            raise NoStamp(reason("stamp_other_nonce"))
        chain = [one.chosen for one in token["certificates"]]
        signer = _signer(token, chain)
        at, serial = info["gen_time"].native, f"{info['serial_number'].native:x}"
        whole = "".join(pem.armor("CERTIFICATE", one.dump()).decode() for one in _with_root(chain))
    except _NO_ASN1 as error:
        raise NoStamp(reason("stamp_garbage", why=str(error).split("\n")[0][:200])) from error
    is_good = signature_holds(asked, answer, whole, at)
    if is_good is False:
        raise NoStamp(reason("stamp_signature"))
    return Stamp(authority, asked, answer, whole, at, signer, serial, checked=bool(is_good))


def _open(answer: bytes) -> tuple[cms.SignedData, tsp.TSTInfo]:
    """The signed data of an answer and what it says; raises NoStamp for a refusal."""
    read = _Answer.load(answer, strict=True)
    status = read["status"]["status"].native
    if status not in _GRANTED:
        said = "; ".join(read["status"]["status_string"].native or []) or str(
            read["status"]["fail_info"].native or ""
        )
        raise NoStamp(reason("stamp_refused", answer=f"{status} {said}".strip()[:200]))
    token = read["time_stamp_token"]["content"]
    info = token["encap_content_info"]["content"].parsed
    if not isinstance(info, tsp.TSTInfo):
        raise ValueError("no time stamp in it")
    return token, info


def _signer(token: cms.SignedData, chain: list[x509.Certificate]) -> str:
    """The name of whoever signed."""
    said = token["signer_infos"][0]["sid"].chosen
    serial = said["serial_number"].native if "serial_number" in getattr(said, "_field_map", {}) else None
    own = next((one for one in chain if one.serial_number == serial), chain[0])
    return str(own.subject.human_friendly)


def _with_root(chain: list[x509.Certificate]) -> list[x509.Certificate]:
    """The certificates that came, with the root that this machine trusts where it did not come with them."""
    if any(one.subject == one.issuer for one in chain):
        return chain
    known = {one.subject.dump(): one for one in map(x509.Certificate.load, _trusted())}
    roots = [known[one.issuer.dump()] for one in chain if one.issuer.dump() in known]
    return [*chain, *roots[:1]]


def _trusted() -> list[bytes]:
    return ssl.create_default_context().get_ca_certs(binary_form=True)


def signature_holds(asked: bytes, answer: bytes, chain: str, at: datetime) -> bool | None:
    """Whether openssl finds the stamp signed by the certificates with it; None where there is no openssl."""
    program = shutil.which(OPENSSL)
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="diemtin-stamp-") as folder:
        files = {"q.tsq": asked, "r.tsr": answer, "chain.pem": chain.encode()}
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        words = [program, "ts", "-verify", "-queryfile", "q.tsq", "-in", "r.tsr", "-CAfile", "chain.pem"]
        words += ["-untrusted", "chain.pem", "-partial_chain", "-attime", str(int(at.timestamp()))]
        done = subprocess.run(words, cwd=folder, capture_output=True, timeout=30, check=False)  # noqa: S603
    return done.returncode == 0


def as_json(stamps: list[Stamp]) -> list[dict[str, object]]:
    """What came of each authority, for the file ``stamps.json`` of a pack."""
    return [
        {
            "authority": one.authority,
            "at": stamp(one.at) if one.at else None,
            "signer": one.signer or None,
            "serial": one.serial or None,
            "signature_checked": one.checked,
            "missing": one.missing or None,
        }
        for one in stamps
    ]
