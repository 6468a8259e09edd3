"""A pack of an article edited twice and taken down: whole by our own check and by other people's tools."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

from archive.clock import stamp
from archive.evidence import pdf
from archive.evidence.chain import canonical, sha256
from archive.evidence.pack import MANIFEST, Pack
from archive.evidence.verify import verify
from archive.home import Home
from archive.model import Fetch
from archive.pages import RawPage, keep, note_fetches
from crawler.cli import main
from tests.commands import diemtin
from tests.evidence_sample import (
    DER,
    HOUR,
    NOON,
    TEXTS,
    URL,
    Authority,
    Sample,
    answering,
    edited_and_gone,
    fetch,
    page_of,
)

pytestmark = pytest.mark.timeless
TOOLS = Path(os.environ.get("DIEMTIN_TOOLS", "/nonexistent"))  # bin folder of a venv with wacz and pywb


def tool(name: str) -> str:
    """The path of a foreign tool; the test is left out where it is not installed."""
    found = shutil.which(name) or (str(TOOLS / name) if (TOOLS / name).exists() else None)
    if found is None:
        pytest.skip(f"{name} is not installed (DIEMTIN_TOOLS names the bin folder of a venv that has it)")
    return found


def run(*words: str, cwd: Path) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    folder = tmp_path_factory.mktemp("tsa")
    with answering(Authority(folder)) as one, answering(Authority(folder)) as other:
        yield [one.url, other.url]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    sample = edited_and_gone(tmp_path_factory.mktemp("home"))
    yield sample
    sample.close()


@pytest.fixture(scope="module")
def pack(sample: Sample, authorities: list[str]) -> Pack:
    return sample.pack(*authorities)


@pytest.fixture(scope="module")
def folder(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack.write(tmp_path_factory.mktemp("pack") / "goi")


def test_every_version_is_there_with_text_page_differences_and_how_it_came(pack: Pack) -> None:
    assert pack.lacking == []
    events = [one["entry"]["what"] for one in pack.chain]
    assert events == ["first", "edit", "edit", "suspected", "gone"]
    for n, text in enumerate(TEXTS, 1):
        name = f"{n:02d}-{events[n - 1]}"
        assert text in pack.files[f"{name}/text.txt"].decode()
        assert pack.files[f"{name}/page.html.txt"] == page_of(text)
    assert "«7,8%» → «6,8%»" in pack.files["02-edit/changes.txt"].decode()
    assert f"-{TEXTS[0]}\n+{TEXTS[1]}\n" in pack.files["02-edit/changes.txt"].decode()
    came = json.loads(pack.files["02-edit/fetch.json"])[0]
    assert (came["ip"], came["status"], came["at"]) == ("192.0.2.7", 200, stamp(NOON + 3 * HOUR))
    assert came["redirects"] == [["http://trungdu.example/123", "301"]]
    assert "User-Agent: diemtin/0.1" in came["request_headers"]
    assert "X-Odd: é «lạ»" in came["response_headers"]
    assert f"tls/{sha256(DER)}.pem" in pack.files
    assert json.loads(pack.files["05-gone/fetch.json"])[0]["status"] == 404


def test_names_are_plain_and_lead_nowhere_else(pack: Pack) -> None:
    for path in pack.files:
        assert path.isascii()
        assert not path.startswith("/")
        assert ".." not in path
        assert not path.endswith((".html", ".htm", ".svg", ".js"))  # a press on it must not run the page
    assert pack.name == "bang-chung-1-20261125-103020"


def test_each_entry_of_the_chain_holds_the_one_before(pack: Pack) -> None:
    chain = json.loads(pack.files[MANIFEST])["chain"]
    assert [one["entry"]["previous"] for one in chain] == ["0" * 64, *[one["sha256"] for one in chain[:-1]]]
    assert all(sha256(canonical(one["entry"])) == one["sha256"] for one in chain)


def test_a_later_pack_goes_on_with_the_same_chain(tmp_path: Path) -> None:
    sample = Sample(Home.at(tmp_path))
    sample.look(TEXTS[0], NOON)
    early = sample.pack()
    sample.look(TEXTS[1], NOON + HOUR)
    late = sample.pack(at=NOON + 9 * HOUR)
    sample.close()
    assert late.chain[: len(early.chain)] == early.chain
    assert len(late.chain) == 2


def test_jq_and_sha256sum_agree_with_the_readme(folder: Path, pack: Pack) -> None:
    assert run("sha256sum", "--strict", "-c", "SHA256SUMS", cwd=folder).count(": OK\n") == len(pack.files) - 1
    assert sha256(pack.files[MANIFEST]) in (folder / "README.txt").read_text()
    if not shutil.which("jq"):
        pytest.skip("jq is not installed")
    entry = subprocess.run(
        ["jq", "-cjS", ".chain[4].entry", MANIFEST], cwd=folder, capture_output=True, check=True
    ).stdout
    assert sha256(entry) == pack.chain[4]["sha256"]


def test_openssl_finds_both_stamps_good_without_a_network(folder: Path, pack: Pack) -> None:
    assert [one.missing for one in pack.stamps] == ["", ""]
    for n in (1, 2):
        signed = ("-in", f"stamps/{n}.tsr", "-CAfile", f"stamps/{n}-chain.pem")
        for asked in (("-queryfile", f"stamps/{n}.tsq"), ("-data", MANIFEST)):
            assert "Verification: OK" in run("openssl", "ts", "-verify", *asked, *signed, cwd=folder)
    told = json.loads((folder / "stamps" / "stamps.json").read_text())
    assert {one["signer"] for one in told} == {"Common Name: Test TSA"}
    assert all(one["signature_checked"] for one in told)


def test_warcio_finds_every_digest_right_and_the_bodies_as_they_were(folder: Path) -> None:
    run(sys.executable, "-m", "warcio.cli", "check", "pages.warc.gz", cwd=folder)
    bodies, statuses = [], []
    with (folder / "pages.warc.gz").open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == "response":
                statuses.append(record.http_headers.get_statuscode())
                bodies.append(record.content_stream().read())
                assert record.rec_headers.get_header("WARC-IP-Address") == "192.0.2.7"
                assert record.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert bodies == [*map(page_of, TEXTS), b"", b""]
    assert statuses == ["200", "200", "200", "404", "404"]


def test_wacz_validate_takes_it(folder: Path) -> None:
    assert "the passed WACZ is valid" in run(tool("wacz"), "validate", "-f", "pages.wacz", cwd=folder)


def test_pywb_finds_each_version_at_its_time(folder: Path, tmp_path: Path) -> None:
    bin_folder = Path(tool("wb-manager")).parent
    run(str(bin_folder / "wb-manager"), "init", "bao", cwd=tmp_path)
    run(str(bin_folder / "wb-manager"), "add", "bao", str(folder / "pages.warc.gz"), cwd=tmp_path)
    ask = (
        "from pywb.apps.frontendapp import FrontEndApp\nfrom werkzeug.test import Client\n"
        "import sys\nclient = Client(FrontEndApp())\n"
        "for at in sys.argv[2:]:\n    print(client.get(f'/bao/{at}id_/{sys.argv[1]}').get_data(as_text=True))"
    )
    times = [f"{NOON + n * 3 * HOUR:%Y%m%d%H%M%S}" for n in range(3)]
    shown = run(str(bin_folder / "python"), "-c", ask, URL, *times, cwd=tmp_path)
    assert [text in shown for text in TEXTS] == [True] * 3


def test_the_minutes_tell_what_is_proven_and_what_not(pack: Pack) -> None:
    document = docx.Document(BytesIO(pack.files["bien-ban.docx"]))
    text = "\n".join(one.text for one in document.paragraphs)
    text += "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    for wanted in (
        "BIÊN BẢN GHI NHẬN NỘI DUNG TRÊN MẠNG", "Người lập: Lan", "10:30:20, Thứ Tư 25/11/2026",
        sha256(pack.files[MANIFEST]), sha256(page_of(TEXTS[2])), "máy chủ 192.0.2.7 trả lời 404",
        "Thay đổi: 7,8% → 6,8%.", "Common Name: Test TSA", "CHỨNG MINH ĐƯỢC", "KHÔNG CHỨNG MINH ĐƯỢC",
        "Ai đã viết", "NGƯỜI CHỨNG KIẾN",
    ):  # fmt: skip
        assert wanted in text, wanted


def test_the_zip_is_a_zip_of_the_same_files(pack: Pack) -> None:
    with zipfile.ZipFile(BytesIO(pack.zip())) as archive:
        assert archive.testzip() is None
        assert {name.partition("/")[2] for name in archive.namelist()} == set(pack.files)
    assert pack.zip() == pack.zip()


def test_what_is_lacking_is_said_and_the_rest_is_proven(tmp_path: Path) -> None:
    sample = Sample(Home.at(tmp_path))
    sample.look(TEXTS[0], NOON, noted=False)  # fetched by an older release
    sample.look(TEXTS[1], NOON + HOUR, kept=False)  # its page was lost
    sample.store(TEXTS[1].replace("theo", "Theo"), NOON + 2 * HOUR, reprocessed=True)
    sample.look(TEXTS[2], NOON + 4 * HOUR)
    pack = sample.pack()
    sample.close()
    origins = [one["entry"]["origin"] for one in pack.chain]
    assert origins == ["headers_not_kept", "page_not_kept", "page_not_kept", "fetched"]
    assert [one.partition(" ")[0] for one in pack.lacking] == [f"evidence_{one}" for one in origins[:3]]
    assert "02-edit/text.txt" in pack.files
    assert "02-edit/page.html.txt" not in pack.files
    text = "\n".join(one.text for one in docx.Document(BytesIO(pack.files["bien-ban.docx"])).paragraphs)
    assert "Mục 2: trang gốc không còn; chỉ chứng minh được văn bản máy đã đọc" in text
    assert verify(pack.write(tmp_path / "goi.zip")).whole


def test_a_page_read_again_is_no_new_fetch(tmp_path: Path) -> None:
    sample = Sample(Home.at(tmp_path))
    sample.look(TEXTS[0], NOON)
    sample.store(TEXTS[0].replace("báo cáo", "Báo cáo mới"), NOON + 50 * HOUR, reprocessed=True)
    pack = sample.pack()
    sample.close()
    first, again = (one["entry"] for one in pack.chain)
    assert again["origin"] == "reread"
    assert again["page"] == first["page"]
    assert "02-extractor/fetch.json" not in pack.files
    assert "02-extractor/changes.txt" in pack.files


def test_what_was_imported_was_fetched_by_nobody_here(tmp_path: Path) -> None:
    sample = Sample(Home.at(tmp_path))
    sample.store(TEXTS[0], NOON, read_by="")
    pack = sample.pack()
    assert pack.chain[0]["entry"]["origin"] == "imported"
    keep(sample.pages, RawPage(URL, "trungdu", NOON, "text/html", page_of(TEXTS[0])))
    pack = sample.pack()
    sample.close()
    assert pack.chain[0]["entry"]["origin"] == "imported"
    assert pack.files["01-first/page.html.txt"] == page_of(TEXTS[0])
    assert "01-first/fetch.json" not in pack.files
    text = "\n".join(one.text for one in docx.Document(BytesIO(pack.files["bien-ban.docx"])).paragraphs)
    assert "Máy này đã thấy" not in text
    assert "Trang lấy từ máy chủ" not in text
    assert "Rằng mục nhập từ tệp từng đứng ở địa chỉ nói trên" in text
    with BytesIO(pack.files["pages.warc.gz"]) as file:
        assert [one.rec_type for one in ArchiveIterator(file)] == ["warcinfo", "resource"]


def test_without_pages_db_the_texts_stand_alone(tmp_path: Path) -> None:
    sample = edited_and_gone(tmp_path)
    sample.pages.close()
    sample.home.pages_db.unlink()
    pack = sample.pack()
    sample.archive.close()
    assert {one["entry"]["origin"] for one in pack.chain[:3]} == {"page_not_kept"}
    assert "pages.warc.gz" not in pack.files
    assert verify(pack.write(tmp_path / "goi")).whole


def test_a_pages_db_of_an_older_release_is_read_as_it_is(tmp_path: Path) -> None:
    sample = edited_and_gone(tmp_path)
    sample.pages.execute("drop table fetches")
    pack = sample.pack()
    sample.close()
    assert {one["entry"]["origin"] for one in pack.chain} == {"headers_not_kept"}
    assert [one.partition(" ")[0] for one in pack.lacking] == [
        *["evidence_headers_not_kept"] * 3, *["evidence_no_answer"] * 2,
    ]  # fmt: skip


def test_the_page_that_stands_where_the_article_was_is_shown(tmp_path: Path) -> None:
    sample = Sample(Home.at(tmp_path))
    sample.look(TEXTS[0], NOON)
    sample.missing(NOON + HOUR)
    sample.pages.execute("delete from fetches where status = 404")
    notice = page_of("Bài viết không còn nữa.")
    keep(sample.pages, RawPage(URL, "trungdu", NOON + HOUR, "text/html", notice))
    note_fetches(sample.pages, URL, [fetch(notice, NOON + HOUR)], sha256(notice), None)
    pack = sample.pack()
    sample.close()
    assert pack.files["02-suspected/page.html.txt"] == notice
    assert pack.files["01-first/page.html.txt"] == page_of(TEXTS[0])


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "urn:diemtin:a:1", "https://é.example/x y\r\nWARC-Type: x"]
)
def test_an_address_may_be_anything(tmp_path: Path, url: str) -> None:
    sample = Sample(Home.at(tmp_path), url)
    sample.store(TEXTS[0] + "\x0b</script>", NOON, read_by="")
    keep(sample.pages, RawPage(url, "trungdu", NOON, "text/html", page_of(TEXTS[0])))
    pack = sample.pack()
    sample.close()
    with BytesIO(pack.files["pages.warc.gz"]) as file:
        kinds = [one.rec_type for one in ArchiveIterator(file, check_digests="raise")]
    assert kinds == ["warcinfo", "resource"]
    assert verify(pack.write(tmp_path / "goi")).whole


def test_an_edit_that_was_taken_back_shows_the_earlier_page_at_its_own_fetch(tmp_path: Path) -> None:
    sample = Sample(Home.at(tmp_path))
    for n, text in enumerate((TEXTS[0], TEXTS[1], TEXTS[0])):
        sample.look(text, NOON + n * HOUR)
    pack = sample.pack()
    sample.close()
    last = pack.chain[2]["entry"]
    assert last["page"]["file"] == "01-first/page.html.txt"
    assert json.loads(pack.files["03-edit/fetch.json"])[0]["at"] == stamp(NOON + 2 * HOUR)


def test_the_pages_of_a_long_story_stand_apart_in_the_warc(tmp_path: Path) -> None:
    sample = Sample(Home.at(tmp_path))
    digest = sample.store(TEXTS[0], NOON)
    first, second = page_of(TEXTS[0]), page_of(TEXTS[1])
    body = first + b"\n<!--diemtin:page https://trungdu.example/2-->\n" + second
    keep(sample.pages, RawPage(URL, "trungdu", NOON, "text/html", body))
    parts: list[Fetch] = [fetch(first, NOON), fetch(second, NOON, url="https://trungdu.example/2")]
    note_fetches(sample.pages, URL, parts, sha256(body), digest)
    pack = sample.pack()
    sample.close()
    with BytesIO(pack.files["pages.warc.gz"]) as file:
        kept = [one.content_stream().read() for one in ArchiveIterator(file) if one.rec_type == "response"]
    assert kept == [first, second]


@pytest.mark.skipif(not any(map(shutil.which, pdf.CHROMIUM)), reason="Chromium is not installed")
def test_a_page_is_printed_without_asking_anyone(tmp_path: Path) -> None:
    from tests.receivers import WebSink, web_server
    from tests.web_sample import RAW_PAGE

    with web_server(WebSink()) as sink:
        body = RAW_PAGE.replace(b"192.0.2.1", f"127.0.0.1:{sink.port}".encode())
        printed = pdf.print_page(RawPage(URL, "trungdu", NOON, "text/html; charset=utf-8", body))
    assert printed.data.startswith(b"%PDF")
    assert (sink.gets, sink.posts) == (0, [])


def test_what_libreoffice_prints_names_no_address() -> None:
    from archive.evidence.still import as_file
    from tests.web_sample import RAW_PAGE

    html = pdf._without_links(as_file(RAW_PAGE, "text/html"))
    assert b"192.0.2.1" not in html
    assert "<p>Chữ của trang đã lưu</p>".encode() in html


def test_without_a_program_there_is_no_pdf_and_it_is_said(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    pack = sample.pack(with_pdf=True)
    assert pack.lacking == ["page_pdf_missing"]
    assert not any(path.endswith(".pdf") for path in pack.files)


def test_the_command_makes_a_pack_and_refuses_plainly(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    home, out = sample.home.path, tmp_path / "goi.zip"
    words = ("--lang", "en", "evidence", "1", "--no-pdf", "--out", str(out))
    assert "SHA-256 of manifest.json" in diemtin(*words, home=home).stdout
    assert verify(out).whole
    for arguments, told in (
        (words[2:], "is there already; a pack overwrites nothing"),
        (("evidence", "99"), "there is no article 99 in the archive"),
        (("evidence",), "give the number of an article, or --verify PACK"),
    ):
        done = CliRunner().invoke(main, ["--home", str(home), *arguments])
        assert (done.exit_code, told in done.stderr) == (2, True), done.stderr
