"""Editions as PDF by LibreOffice: its pages, and what happens where it is missing, hangs or breaks."""

import logging
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from archive.desk.due import make_due
from archive.digests.content import Section
from archive.digests.layout.docx import to_docx
from archive.digests.message import Message
from archive.digests.paper import pdf
from archive.digests.paper.pdf import NoPdf, converter, to_pdf
from archive.search.highlight import Marked
from tests.newsroom import FACTORY, Newsroom, hanoi
from tests.receivers import Mailbox, mail_server
from tests.test_outbox import AT, row, send
from tests.test_paper import FILED
from tests.test_render import story

pytestmark = pytest.mark.timeless
needs_office = pytest.mark.skipif(
    converter() is None, reason="LibreOffice is not installed (libreoffice-writer-nogui)"
)
RULES = """\
hang-ngay:
  title: Điểm tin Sông Bằng
  queries: {{Công nghiệp: '"nhà máy"'}}
  options: {{file_name: "Diem-tin-{{date}}"}}
  channels:
    - {{type: file, path: digests, formats: [pdf]}}
    - {{type: smtp, host: 127.0.0.1, port: {port}, tls: none, sender: Tin <tin@example.vn>,
       to: [gd@example.vn, pgd@example.vn], attach: [pdf]}}
"""


@pytest.fixture(autouse=True)
def forgetful() -> None:
    pdf._kept.clear()


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """A LibreOffice that does what the script says."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(pdf, "_PROGRAMS", (str(program),))
    return program


def ends(process: int) -> bool:
    """Whether a process is gone, or soon will be: what is killed needs a moment on a busy machine."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.05)
    return False


def sent(folder: Path, box: Mailbox) -> Newsroom:
    """An archive whose one edition went to a folder and two readers."""
    room = Newsroom(folder, RULES.format(port=box.port))
    assert not room.alerts.problems
    room.publish(FACTORY, hanoi("2026-11-25", "09:00"))
    make_due(room.db, room.alerts, AT)
    send(room)
    return room


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The text of each page of a long edition as LibreOffice prints it."""
    if converter() is None or not shutil.which("pdftotext"):
        pytest.skip("LibreOffice or pdftotext is not installed (libreoffice-writer-nogui, poppler-utils)")
    told = [
        story(f"Tin thứ {n} của bản này", summary=Marked(f"Câu của tin {n}. " * (4 + n % 7))) for n in range(30)
    ]
    parts = [Section(str(n), f"Mục {n + 1}", told[n * 5 : n * 5 + 5]) for n in range(6)]
    file = tmp_path_factory.mktemp("pdf") / "a.pdf"
    file.write_bytes(to_pdf(to_docx(replace(FILED, parts=parts))))
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True).stdout.decode()
    return text.split("\f")[:-1]


def test_libreoffice_prints_every_page_with_its_number(pages: list[str]) -> None:
    assert len(pages) > 3
    feet = [page.strip().splitlines()[-1].strip() for page in pages]
    assert feet == [f"Trang {n}/{len(pages)}" for n in range(1, len(pages) + 1)]


def test_nothing_is_cut_and_no_heading_stands_alone_at_the_end_of_a_page(pages: list[str]) -> None:
    whole = " ".join(" ".join(pages).split())
    assert [n for n in range(30) if f"Tin thứ {n} của bản này" not in whole] == []
    assert whole.count("Bản lưu") == 30
    for page in pages:
        lines = [line.strip() for line in page.splitlines() if line.strip()][:-1]
        assert "MỤC" not in lines[-1]
        assert "Tin thứ" not in lines[-1]
        assert not lines[0].startswith("Liên kết"), "links stay with their story"


def test_the_head_of_the_office_is_on_the_first_page_and_its_signatures_on_the_last(pages: list[str]) -> None:
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n" in pages[0].replace("  ", "")
    assert "Số: 05/ĐT-SKHCN" in pages[0]
    last = pages[-1]
    assert last.index("NGƯỜI TỔNG HỢP") < last.index("Nguyễn Thị Lan")
    assert "Trần Văn Minh" in last


@needs_office
def test_a_folder_and_every_reader_get_the_pdf(tmp_path: Path) -> None:
    with mail_server(Mailbox()) as box:
        room = sent(tmp_path, box)
    [file] = (tmp_path / "digests").iterdir()
    assert (file.name, file.read_bytes()[:5]) == ("Diem-tin-2026-11-26.pdf", b"%PDF-")
    for mail in box.messages:
        [paper] = mail.iter_attachments()
        assert (paper.get_filename(), paper.get_content_type()) == (file.name, "application/pdf")
        assert paper.get_content() == file.read_bytes()
    assert row(room, "file-1")["last_error"] is None


def test_without_libreoffice_word_goes_out_and_the_archive_says_which_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pdf, "_PROGRAMS", ("no-such-program",))
    with mail_server(Mailbox()) as box, caplog.at_level(logging.WARNING):
        room = sent(tmp_path, box)
    assert [one.name for one in (tmp_path / "digests").iterdir()] == ["Diem-tin-2026-11-26.docx"]
    assert [[one.get_filename() for one in mail.iter_attachments()] for mail in box.messages] == [
        ["Diem-tin-2026-11-26.docx"]
    ] * 2
    assert {(row(room, key)["state"], row(room, key)["last_error"]) for key in ("file-1", "smtp-1.1")} == {
        ("sent", "pdf_missing")
    }
    assert "libreoffice-writer-nogui" in caplog.text


@pytest.mark.parametrize(
    ("script", "seconds", "why"),
    [
        ("sleep 60 & echo $! > {folder}/child; wait", 0.5, 'pdf_late {"seconds":"0.5"}'),
        ("exit 1", 20, "pdf_failed"),
        ("exit 0", 20, "pdf_failed"),
    ],
)
def test_a_libreoffice_that_hangs_or_breaks_is_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, seconds: float, why: str
) -> None:
    fake(tmp_path, monkeypatch, script.format(folder=tmp_path))
    with pytest.raises(NoPdf) as error:
        to_pdf(b"word", seconds)
    assert error.value.reason.replace(" ", "") == why.replace(" ", "")
    child = tmp_path / "child"
    assert not child.exists() or ends(int(child.read_text()))


def test_a_document_is_converted_once_for_all_and_never_two_at_a_time_on_one_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(
        tmp_path, monkeypatch,
        f'echo "$1" >> {tmp_path}/profiles; for last; do :; done; cp "$last" "${{last%.docx}}.pdf"',
    )  # fmt: skip
    message = Message("", "", FILED, "<a@b>")
    assert message.file("pdf") == message.file("pdf") == message.file("docx"), "the copy stands for it"
    assert to_pdf(b"another") == b"another"
    profiles = (tmp_path / "profiles").read_text().split()
    assert len(profiles) == len(set(profiles)) == 2
    assert not any(Path(one.partition("file://")[2]).exists() for one in profiles), "nothing is left behind"
