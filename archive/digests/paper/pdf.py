"""A Word document as PDF by LibreOffice where it is installed: one at a time, each with its own profile."""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from archive.reasons import reason

SECONDS = 40.0  # for one document; a delivery has 90 in all
_PROGRAMS = ("soffice", "libreoffice", "/Applications/LibreOffice.app/Contents/MacOS/soffice")
_MOST_KEPT = 4
_TRUST = (
    600.0  # seconds that a failure stands for the same document, so that every recipient's mail need not wait
)

_one = threading.Lock()
_kept: dict[str, tuple[float, bytes | str]] = {}  # by the document's hash: when, and the PDF or why not


class NoPdf(Exception):
    """There is no PDF; ``reason`` is a stored reason that says why and what to do."""

    def __init__(self, stored: str) -> None:
        self.reason = stored
        super().__init__(stored)


def converter() -> str | None:
    """The path of LibreOffice; None where it is not installed."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


def to_pdf(document: bytes, seconds: float = SECONDS) -> bytes:
    """The .docx as PDF; the last few are remembered. Raises NoPdf.

    ``seconds``: how long LibreOffice may take, and how long to wait for another document's turn to end.
    """
    program = converter()
    if program is None:
        raise NoPdf(reason("pdf_missing"))
    key = hashlib.sha256(document).hexdigest()
    if not _one.acquire(timeout=seconds):
        raise NoPdf(reason("pdf_late", seconds=f"{seconds:g}"))
    try:
        made = _remembered(key)
        if made is None:
            made = _converted(program, document, seconds)
            _remember(key, made)
    finally:
        _one.release()
    if isinstance(made, str):
        raise NoPdf(made)
    return made


def _remembered(key: str) -> bytes | str | None:
    at, made = _kept.get(key, (0.0, None))
    return None if isinstance(made, str) and time.monotonic() - at > _TRUST else made


def _remember(key: str, made: bytes | str) -> None:
    _kept[key] = time.monotonic(), made
    while len(_kept) > _MOST_KEPT:
        del _kept[next(iter(_kept))]


def _converted(program: str, document: bytes, seconds: float) -> bytes | str:
    """The PDF, or the stored reason why there is none."""
    with tempfile.TemporaryDirectory(prefix="diemtin-pdf-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        (place / "edition.docx").write_bytes(document)
        try:
            run_alone([program, *options(place), str(place / "edition.docx")], seconds)
            return (place / "edition.pdf").read_bytes()
        except subprocess.TimeoutExpired:
            return reason("pdf_late", seconds=f"{seconds:g}")
        except OSError:
            return reason("pdf_failed")


def options(place: Path) -> list[str]:
    """How LibreOffice is told to write a PDF into a folder, where its profile lies too."""
    profile = (place / "profile").as_uri()
    return [
        f"-env:UserInstallation={profile}", "--headless", "--norestore", "--nologo",
        "--convert-to", "pdf", "--outdir", str(place),
    ]  # fmt: skip


def run_alone(command: list[str], seconds: float) -> None:
    """Run a program that says nothing; what it started is ended with it, by its group, when its time is up."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        process.wait(seconds)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
