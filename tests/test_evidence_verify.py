"""A pack that was changed: every single byte is missed, and the file is named."""

import json
import random
import shutil
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.config import ConfigError
from archive.evidence.chain import sha256
from archive.evidence.pack import MANIFEST, SUMS, Pack, sums
from archive.evidence.verify import PackCheck, verify
from archive.i18n import Words
from archive.reasons import parse, reason
from crawler.cli import main
from tests.evidence_sample import TEXTS, Authority, answering, edited_and_gone

pytestmark = pytest.mark.timeless


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pack, Pack]]:
    """The same article without stamps, and with one."""
    sample = edited_and_gone(tmp_path_factory.mktemp("home"))
    with answering(Authority(tmp_path_factory.mktemp("tsa"))) as authority:
        yield sample.pack(), sample.pack(authority.url)
    sample.close()


@pytest.fixture(scope="module")
def plain(packs: tuple[Pack, Pack]) -> Pack:
    return packs[0]


@pytest.fixture(scope="module")
def stamped(packs: tuple[Pack, Pack]) -> Pack:
    return packs[1]


@pytest.fixture
def folder(stamped: Pack, tmp_path: Path) -> Path:
    return stamped.write(tmp_path / "goi")


def flip(data: bytes, at: int, bits: int = 1) -> bytes:
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


def place(data: bytes) -> int:
    """Where the text of the second version stands in a zip."""
    return data.index(TEXTS[1].encode(), data.index(b"02-edit/text.txt"))


def codes(verdict: PackCheck) -> list[str]:
    return [parse(one)[0] for one in verdict.faults]


def changed(verdict: PackCheck) -> list[tuple[str, int]]:
    """The files of which one byte was changed, and which."""
    told = [parse(one)[1] for one in verdict.faults if parse(one)[0] == "evidence_changed_byte"]
    return [(one["path"], one["at"]) for one in told]


def test_a_pack_is_whole_as_folder_and_as_zip(stamped: Pack, folder: Path, tmp_path: Path) -> None:
    for path in (folder, stamped.write(tmp_path / "goi.zip")):
        verdict = verify(path)
        assert (verdict.whole, verdict.files) == (True, len(stamped.files))
        assert [parse(one)[0] for one in verdict.notes] == ["evidence_stamped"]


def test_a_changed_byte_of_any_file_names_the_file(folder: Path, stamped: Pack) -> None:
    chance = random.Random(7)
    for path, data in stamped.files.items():
        if path == SUMS:
            continue
        at = chance.randrange(len(data))
        (folder / path).write_bytes(flip(data, at, 1 << chance.randrange(8)))
        found = verify(folder)
        if path in json.loads(stamped.files[MANIFEST])["files"]:
            assert changed(found) == [(path, at)]
        else:
            assert reason("evidence_changed", path=path) in found.faults
        (folder / path).write_bytes(data)
    assert verify(folder).whole


def test_every_byte_of_the_list_itself_counts(plain: Pack, tmp_path: Path) -> None:
    folder = plain.write(tmp_path / "goi")
    listed = plain.files[SUMS]
    for at in range(0, len(listed), 13):
        (folder / SUMS).write_bytes(flip(listed, at, 1 << at % 8))
        assert not verify(folder).whole, at


def test_a_changed_byte_anywhere_in_the_zip_is_found(plain: Pack, tmp_path: Path) -> None:
    """At the bytes between the files, which no hash covers, and at hundreds of others; tests/bench has all."""
    whole, path = plain.zip(), tmp_path / "goi.zip"
    with zipfile.ZipFile(BytesIO(whole)) as archive:
        central = archive.start_dir
        heads = [at for one in archive.infolist() for at in range(one.header_offset, one.header_offset + 30, 9)]
    places = [*heads, *range(central, len(whole), 29), *random.Random(3).sample(range(len(whole)), 60)]
    for at in places:
        path.write_bytes(flip(whole, at, 1 << at % 8))
        assert not verify(path).whole, at
    for cut in (whole[:-1], whole[:central], whole[: len(whole) // 2], whole + b"\0", b"", b"PK"):
        path.write_bytes(cut)
        assert not verify(path).whole, len(cut)


def test_a_byte_in_a_file_of_the_zip_names_file_and_byte(plain: Pack, tmp_path: Path) -> None:
    whole, path = plain.zip(), tmp_path / "goi.zip"
    for name in ("02-edit/text.txt", "bien-ban.docx", "pages.wacz"):
        begin = whole.index(plain.files[name])
        for at in (0, 7, len(plain.files[name]) - 1):
            path.write_bytes(flip(whole, begin + at, 0x5A))
            assert changed(verify(path)) == [(name, at)]


def test_what_is_missing_added_or_exchanged_is_named(folder: Path) -> None:
    (folder / "02-edit" / "text.txt").unlink()
    (folder / "them.txt").write_text("?")
    one, other = folder / "01-first" / "fetch.json", folder / "03-edit" / "fetch.json"
    shutil.move(one, folder / "x")
    shutil.move(other, one)
    shutil.move(folder / "x", other)
    told = [Words("vi").reason(one) for one in verify(folder).faults]
    assert "thiếu tệp 02-edit/text.txt" in told
    assert "tệp them.txt không thuộc gói này" in told
    assert "tệp 01-first/fetch.json đã bị đổi" in told  # in more than one byte


def test_a_forger_who_mends_the_list_is_given_away_by_manifest_chain_and_stamp(folder: Path) -> None:
    def mend() -> list[str]:
        files = {
            one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()
        }
        (folder / SUMS).write_bytes(sums(files))
        return codes(verify(folder))

    text = folder / "02-edit" / "text.txt"
    text.write_text(text.read_text(encoding="utf-8").replace("6,8", "9,8"), encoding="utf-8")
    assert mend() == ["evidence_not_manifest"]
    manifest = json.loads((folder / MANIFEST).read_bytes())
    entry = manifest["chain"][1]["entry"]
    entry["files"]["02-edit/text.txt"] = sha256(text.read_bytes())
    manifest["files"]["02-edit/text.txt"]["sha256"] = sha256(text.read_bytes())
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert mend() == ["evidence_chain", "evidence_bad_stamp"]


def test_a_zip_that_was_packed_anew_says_so(plain: Pack, tmp_path: Path) -> None:
    path = tmp_path / "goi.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in plain.files.items():
            archive.writestr(f"{plain.name}/{name}", data)
    assert codes(verify(path)) == ["evidence_container"]


def test_what_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "rong").mkdir()
    assert codes(verify(tmp_path / "rong")) == ["evidence_no_sums"]
    (tmp_path / "a.zip").write_bytes(b"no zip")
    assert codes(verify(tmp_path / "a.zip")) == ["evidence_bad_zip", "evidence_no_sums"]
    with pytest.raises(ConfigError):
        verify(tmp_path / "nowhere")
    (tmp_path / "rong" / SUMS).write_bytes(b"\xff\n")
    assert not verify(tmp_path / "rong").whole


@pytest.mark.parametrize(
    "manifest", ["[]", "{}", "null", '{"format": "diemtin-evidence/1", "chain": 3}',
                 '{"format": "diemtin-evidence/1", "chain": [{"entry": {}}]}',
                 '{"format": "diemtin-evidence/1", "chain": [], "files": [], "made": 1}'],
)  # fmt: skip
def test_a_manifest_that_says_nothing_is_no_crash(plain: Pack, tmp_path: Path, manifest: str) -> None:
    files = {**plain.files, MANIFEST: manifest.encode()}
    files[SUMS] = sums(files)
    pack = Pack(plain.record, plain.maker, files)
    for out in ("goi", "goi.zip"):
        assert "evidence_no_manifest" in codes(verify(pack.write(tmp_path / out)))


def test_the_command_says_it_in_plain_words(
    plain: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    path = plain.write(tmp_path / "goi.zip")
    words = ["evidence", "--verify", str(path)]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, done.stdout.splitlines()[0]) == (
        0, f"NGUYÊN VẸN: {len(plain.files)} tệp đúng như lúc lập",
    )  # fmt: skip
    path.write_bytes(flip(path.read_bytes(), place(path.read_bytes())))
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, done.stdout.splitlines()[0]) == (1, "KHÔNG CÒN NGUYÊN VẸN")
    assert "- tệp 02-edit/text.txt đã bị đổi đúng một byte: byte thứ" in done.stdout
