"""A page as PDF, made on this machine alone: Chromium where it is installed, else LibreOffice, else none."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from archive.digests.paper.pdf import converter, options, run_alone
from archive.evidence.still import as_file
from archive.pages import RawPage

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SECONDS = 90.0
# Whatever is asked for goes to a proxy that is not there, this machine's own ports too.
_ALONE = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
    "--disable-client-side-phishing-detection", "--dns-prefetch-disable", "--disable-remote-fonts",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>", "--no-pdf-header-footer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Printed:
    """A page as PDF; without one ``missing`` says why, as a stored reason."""

    data: bytes = b""
    missing: str = ""


_Print = Callable[[str, Path, RawPage], None]


def print_page(raw: RawPage) -> Printed:
    """The page as PDF: no script of it runs, and no request leaves the machine."""
    browser, office = next(filter(None, map(shutil.which, CHROMIUM)), None), converter()
    for program, run in ((browser, _by_chromium), (office, _by_office)):
        if program and (data := _made(program, run, raw)):
            return Printed(data)
    return Printed(missing="page_pdf_failed" if browser or office else "page_pdf_missing")


def _made(program: str, run: _Print, raw: RawPage) -> bytes:
    with tempfile.TemporaryDirectory(prefix="diemtin-pdf-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            run(program, folder, raw)
        except (OSError, subprocess.SubprocessError):
            return b""
        made = folder / "page.pdf"
        data = made.read_bytes() if made.exists() else b""
    return data if data.startswith(b"%PDF") else b""


def _by_chromium(program: str, folder: Path, raw: RawPage) -> None:
    page = folder / "page.html"
    page.write_bytes(as_file(raw.body, raw.content_type))
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # else it does not start
    own = [f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={folder / 'page.pdf'}"]
    run_alone([program, *_ALONE, *as_root, *own, page.as_uri()], SECONDS)


def _by_office(program: str, folder: Path, raw: RawPage) -> None:
    """LibreOffice heeds no policy and fetches pictures: all that could be fetched is taken out first."""
    page = folder / "page.html"
    page.write_bytes(_without_links(as_file(raw.body, raw.content_type)))
    run_alone([program, *options(folder), "--infilter=HTML (StarWriter)", str(page)], SECONDS)


def _without_links(html: bytes) -> bytes:
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring
    from lxml_html_clean import Cleaner

    tree = document_fromstring(html, HTMLParser(huge_tree=True))
    kill = ["img", "picture", "source", "video", "audio", "svg", "input", "base", "bgsound", "noscript"]
    cleaner = Cleaner(
        remove_tags=["basefont"], style=True, inline_style=True, kill_tags=kill, meta=True, page_structure=False
    )
    cleaner(tree)
    for name in ("background", "src", "href", "data", "poster"):
        for one in tree.iter():
            one.attrib.pop(name, None)
    text: bytes = etree.tostring(tree, method="html", encoding="utf-8", doctype="<!DOCTYPE html>")
    return text.replace(b"<head>", b'<head><meta charset="utf-8">', 1)
