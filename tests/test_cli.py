"""The command line: one language a run, one plain line for what is wrong, no archive by mistake."""

from pathlib import Path

import pytest

from archive.i18n import choose, current
from archive.schema import open_archive
from tests.commands import diemtin


def refused(*arguments: str, home: Path) -> str:
    """What a refused command says: one line, with 2."""
    done = diemtin(*arguments, home=home, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    lines = [
        line for line in done.stderr.splitlines() if "archive begins" not in line and "bắt đầu" not in line
    ]
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "vi_VN"}, "vi"),
    ],
)
def test_the_environment_names_the_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name in ("LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert current().lang == language
    choose("vi")
    assert current().lang == "vi"
    choose(None)
    assert current().lang == language


@pytest.mark.parametrize(
    ("arguments", "english", "vietnamese"),
    [
        (["serach", "x"], "no command `serach`; did you mean `search`?", "có phải `search`?"),
        (["--hoem", "x"], "no option --hoem; did you mean `--home`?", "không có tùy chọn --hoem; có phải"),
        (["search", "x", "--sorce", "y"], "no option --sorce; did you mean `--source`?", "không có tùy chọn"),
        (["search"], "missing", "thiếu"),
        (["search", "x", "--limit", "y"], "--limit: a number is needed;", "--limit: cần một số"),
        (["search", "x", "--source", "vnexpres"], "did you mean `vnexpress`?", "có phải `vnexpress`?"),
        (["search", "x", "--topic", "cong-nghip"], "did you mean `cong-nghiep`?", "có phải `cong-nghiep`?"),
        (["search", "x", "--since", "2026-02-30"], "did you mean `2026-02-28`?", "không có ngày này"),
        (["search", "x", "--since", "hôm qua"], "write days as 2026-11-30", "viết ngày như 2026-11-30"),
        (["reprocess", "--source", "vnexpres"], "did you mean `vnexpress`?", "có phải `vnexpress`?"),
        (["reprocess", "--since", "2026-13-01"], "there is no such day", "không có ngày này"),
        (["crawl", "vnexpres"], "did you mean `vnexpress`?", "có phải `vnexpress`?"),
        (["crawl", "--backfill", "2026-02-30..2026-03-01"], "there is no such day", "không có ngày này"),
        (["sources", "check", "vnexpres"], "did you mean `vnexpress`?", "có phải `vnexpress`?"),
        (["alerts", "test", "cong-nghip"], "no rule `cong-nghip`", "không có điều kiện"),
        (["digest", "hang-ngai"], "no digest `hang-ngai`; did you mean `hang-ngay`?", "không có bản tin"),
        (["digest", "hang-ngay", "--edition", "2026-11-31"], "did you mean `2026-11-30`?", "không có ngày này"),
        (["digest", "hang-ngay", "--format", "xls"], "choose one of text, html, docx, pdf, atom", "chọn một"),
        (["digest"], "give the NAME of a digest", "cho biết TÊN bản tin"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_in_the_language_of_the_run(
    tmp_path: Path, arguments: list[str], english: str, vietnamese: str
) -> None:
    diemtin("init", home=tmp_path)
    assert english in refused("--lang", "en", *arguments, home=tmp_path)
    assert vietnamese in refused("--lang", "vi", *arguments, home=tmp_path)


def test_health_tells_of_sources_that_cannot_be_read(tmp_path: Path) -> None:
    diemtin("init", home=tmp_path)
    own = tmp_path / "config" / "sources.d" / "moi.yml"
    own.parent.mkdir()
    own.write_text(
        "sources: {moi: {name: M, hom: 'https://m.vn/', kind: portal, article: x}}\n", encoding="utf-8"
    )
    told = diemtin("--lang", "en", "health", home=tmp_path, check=False)
    assert told.returncode == 1
    (line,) = (line for line in told.stdout.splitlines() if line.startswith("!!"))
    assert all(part in line for part in ("Config:", str(own), "sources.moi", "hom"))


def test_a_config_error_is_told_in_the_language_of_the_run(tmp_path: Path) -> None:
    own = tmp_path / "config" / "sources.yml"
    own.parent.mkdir()
    own.write_text("surces: {}\n", encoding="utf-8")
    assert "unknown key `surces`" in refused("--lang", "en", "sources", home=tmp_path)
    assert "không có khóa `surces`" in refused("--lang", "vi", "sources", home=tmp_path)


@pytest.mark.parametrize(
    "arguments", [["search", "x"], ["health"], ["alerts"], ["digest", "hang-ngay"], ["sources"]]
)
def test_a_mistyped_home_makes_no_archive(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "diemtin").mkdir()
    mistyped = tmp_path / "diemtn"
    line = refused(*arguments, home=mistyped)
    assert (
        f"`diemtin --home {mistyped} init` makes a home there; did you mean `{tmp_path / 'diemtin'}`?" in line
    )
    assert not mistyped.exists()


def test_a_home_without_a_parent_is_made_by_init_alone(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    assert "there is no such folder" in refused("crawl", "vnexpress", home=deep)
    assert not deep.parent.exists()
    done = diemtin("init", home=deep)
    assert done.stdout.startswith(f"made a new home at {deep}\n")
    assert (deep / "archive.db").exists()
    assert not list((deep / "config").iterdir())


def test_what_is_made_is_told(tmp_path: Path) -> None:
    made = diemtin("import", "/dev/null", home=tmp_path / "new")
    assert made.stderr == f"made a new home at {tmp_path / 'new'}\n"
    begun = diemtin("import", "/dev/null", home=tmp_path)
    assert begun.stderr == f"a new archive begins in {tmp_path}\n"
    assert diemtin("search", "x", home=tmp_path).stderr == ""


@pytest.mark.parametrize(
    "arguments", [["figures"], ["figures", "iip"], ["evidence", "1"], ["search", "x"], ["health"], ["alerts"],
                  ["digest", "hang-ngay"], ["report", "2026-10"], ["why", "https://a.example/1.htm"]]
)  # fmt: skip
def test_an_empty_home_is_answered_in_plain_lines(tmp_path: Path, arguments: list[str]) -> None:
    diemtin("init", home=tmp_path)
    done = diemtin("--lang", "en", *arguments, home=tmp_path, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1, 2)
    assert done.stdout or len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [["health"], ["search", "x"], ["export", "--format", "csv"], ["size"], ["report", "2026-10"], ["rejected"],
     ["figures"], ["alerts"], ["evidence", "1"], ["digest", "hang-ngay"], ["why", "https://a.example/1.htm"]],
)  # fmt: skip
def test_what_only_reads_begins_no_archive(tmp_path: Path, arguments: list[str]) -> None:
    assert "there is no archive in this folder" in refused(*arguments, home=tmp_path)
    assert not list(tmp_path.iterdir())
    (tmp_path / "2026-11-29T02-30-00Z").mkdir()
    (tmp_path / "2026-11-29T02-30-00Z" / "manifest.json").touch()
    told = refused(*arguments, home=tmp_path)
    assert "folder of copies" in told
    assert f"restore {tmp_path}" in told
    assert len(list(tmp_path.iterdir())) == 1


def test_init_copies_the_config_and_keeps_what_is_there(tmp_path: Path) -> None:
    own = tmp_path / "config" / "alerts.yml"
    own.parent.mkdir()
    own.write_text("digests: {}\n", encoding="utf-8")
    done = diemtin("init", "--config", home=tmp_path)
    assert f"kept {own}" in done.stdout
    assert own.read_text(encoding="utf-8") == "digests: {}\n"
    assert (tmp_path / "config" / "sources.yml").exists()
    assert "diemtin --home" in done.stdout.splitlines()[-1]


def test_times_on_the_command_line_are_hanois(tmp_path: Path) -> None:
    db = open_archive(tmp_path / "archive.db")
    db.execute(
        """insert into articles
           (id, sort, url, source, title, published_at, first_seen_at, last_seen_at, sha256)
           values (1, 1, 'https://a.example/1', 'a', 'Khu công nghiệp', '2026-11-19T17:58:00Z', '', '', '')"""
    )
    db.close()
    assert "2026-11-20 00:58  a  Khu công nghiệp" in diemtin("search", "khu", home=tmp_path).stdout
    assert (
        diemtin("--lang", "vi", "search", "khu", home=tmp_path).stdout.splitlines()[-1].startswith("1 bài · ")
    )
    assert (
        diemtin("--lang", "en", "search", "khu", home=tmp_path)
        .stdout.splitlines()[-1]
        .startswith("1 article · ")
    )


def test_an_impossible_time_zone_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '{"id": 1, "title": "Mưa to", "body": "Mưa."}\n'
    for zone in ("Mars/Phobos", ":/etc/passwd", "../x", "\x01"):
        monkeypatch.setenv("TZ", zone)
        done = diemtin("read", "--jsonl", home=tmp_path, stdin=text)
        assert done.stderr == ""
