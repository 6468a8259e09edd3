"""The archive taken away and brought back: what travels is the same; spreadsheets and tools can open it."""

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive import articles
from archive.articles.headlines import announce, note_unread
from archive.evidence.chain import sha256
from archive.export.selection import Selection, selected
from archive.model import Article
from archive.pages import note_fetches
from archive.reasons import reason
from archive.schema import open_archive
from pipelines.fingerprint import shingles
from tests import evidence_sample
from tests.commands import diemtin, environment
from tests.evidence_sample import HOUR, NOON, TEXTS, URL, Sample, edited_and_gone, fetch, page_of

pytestmark = pytest.mark.timeless
ROWS = {
    "articles": """select url, source, title, lead, body, authors, section, image, published_at, published_from,
        first_seen_at, last_seen_at, state, suspected_at, gone_at, changed_at, edits, unread, sha256, doubt,
        level, score from articles order by url""",
    "versions": """select url, seen_at, kind, v.title, v.lead, v.body, v.sha256, changes from versions v
        join articles a on a.id = article_id order by url, v.id""",
    "states": """select url, at, s.state, reason from states s join articles a on a.id = article_id
        order by url, at""",
    "topics": "select url, topic from article_topics join articles a on a.id = article_id order by url, topic",
    "mentions": """select url, kind, name, count from mentions join articles a on a.id = article_id
        order by url, kind, name""",
}
FORMULA = '=HYPERLINK("http://192.0.2.1/","Thái Nguyên")'


def rows(home: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(home / "archive.db")) as db:
        return {name: db.execute(sql).fetchall() for name, sql in ROWS.items()}


def readable_page(text: str) -> bytes:
    """A page that the stages read as an article."""
    title = "<title>Công nghiệp Đồi Chè tăng</title></head><h1>Công nghiệp Đồi Chè tăng</h1>"
    return page_of(text).replace(b"</head>", title.encode())


@pytest.fixture
def readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_sample, "page_of", readable_page)


def configured(home: Path) -> None:
    """A home that knows the outlet of the sample."""
    (home / "config").mkdir(parents=True)
    source = {
        "name": "Báo Trung Du",
        "home": "https://trungdu.example/",
        "kind": "provincial",
        "article": "html",
    }
    config = {"sources": {"trungdu": source}, "defaults": {"gone_after": "1h"}}
    (home / "config" / "sources.yml").write_text(json.dumps(config))


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Sample]:
    """An article edited and taken down, one of a formula, one undated, and a headline."""
    sample = edited_and_gone(tmp_path / "home")
    others = {
        "https://trungdu.example/2.html": (FORMULA, NOON),
        "https://trungdu.example/3.html": ("Thái Nguyên có thêm 3 khu công nghiệp & <b> mới", None),
    }
    for url, (title, published) in others.items():
        sample.url = url
        article = Article(url, "trungdu", title, "Sapo &lt; dài.", TEXTS[0], ["Hà An"], published_at=published)
        articles.store(sample.archive, article, shingles(article.text), NOON + HOUR, read_by="rules 1")
    headline = Article("https://trungdu.example/4.html", "trungdu", "Chỉ có tít", "Một câu.")
    announce(sample.archive, [headline], NOON)
    note_unread(sample.archive, headline.url, reason("robots"))
    yield sample
    sample.close()


@pytest.fixture
def home(sample: Sample) -> Path:
    return sample.home.path


def classified(home: Path, tmp_path: Path) -> Path:
    """The sample as the stages classify it: a first round trip, for the sample was stored without them."""
    diemtin("export", "--format", "jsonl", "--out", str(tmp_path / "first.jsonl"), home=home)
    diemtin("import", str(tmp_path / "first.jsonl"), home=tmp_path / "staged")
    return tmp_path / "staged"


def test_jsonl_comes_back_the_same(home: Path, tmp_path: Path) -> None:
    before = classified(home, tmp_path)
    file = tmp_path / "all.jsonl"
    diemtin("export", "--format", "jsonl", "--out", str(file), home=before)
    diemtin("import", str(file), home=tmp_path / "again")
    assert rows(tmp_path / "again") == rows(before)
    first, again = rows(home), rows(before)
    assert [first[name] for name in ("versions", "states")] == [again[name] for name in ("versions", "states")]
    assert len(first["articles"]) == 4


def test_brought_in_again_nothing_changes_and_what_is_here_stays(home: Path, tmp_path: Path) -> None:
    file, before = tmp_path / "all.jsonl", rows(home)
    diemtin("export", "--format", "jsonl", "--out", str(file), home=home)
    done = diemtin("--lang", "en", "import", str(file), home=home)
    assert "4 unchanged" in done.stdout
    assert rows(home) == before


def test_a_line_of_an_export_that_is_no_good_is_told_and_the_others_go_on(home: Path, tmp_path: Path) -> None:
    lines = diemtin("export", "--format", "jsonl", home=home).stdout.splitlines()
    whole = json.loads(lines[0])
    bad = [whole | {"diemtin": 2}, whole | {"first_seen_at": "hôm qua"}, whole | {"versions": [{"kind": "x"}]}]
    odd = whole | {"url": "https://trungdu.example/5.html", "title": "A \ud800 B", "thêm": 1}
    file = tmp_path / "bad.jsonl"
    file.write_text("\n".join([*map(json.dumps, [*bad, odd]), *lines]))
    done = diemtin("--lang", "en", "import", str(file), home=tmp_path / "other", check=False)
    assert done.returncode == 1
    assert "lines with a fault: 3" in done.stdout
    assert done.stderr.count("diemtin export") == 3
    assert any(str(row[2]).startswith("A ") for row in rows(tmp_path / "other")["articles"])
    assert len(rows(tmp_path / "other")["articles"]) == 5


def test_csv_is_for_spreadsheets_and_runs_nothing(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    diemtin("--lang", "vi", "export", "--format", "csv", "--out", str(file), home=home)
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert len(table) == 4
    assert f"'{FORMULA}" in {row["Tít"] for row in table}
    assert {row["Tình trạng"] for row in table} == {"đang đăng", "đã gỡ"}


def test_a_query_is_the_one_of_search_and_a_day_is_hanois(home: Path) -> None:
    def urls(*options: str) -> list[str]:
        out = diemtin("export", "--format", "jsonl", *options, home=home).stdout
        return [json.loads(line)["url"][-6:] for line in out.splitlines()]

    assert urls("--query", "title:thai nguyen -hyperlink") == ["3.html"]
    assert urls("--query", "is:gone") == [URL[-6:]]
    everything = urls("--since", "2026-11-20")
    assert len(everything) == 4
    assert urls("--since", "2026-11-21") == []
    assert urls("--query", "after:2026-11-21") == []
    done = diemtin("export", "--format", "jsonl", "--query", '""', home=home, check=False)
    assert (done.returncode, done.stdout) == (2, "")


def test_articles_are_found_in_small_stretches_each_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archive.export import selection
    from archive.query import parse

    monkeypatch.setattr(selection, "STRETCH", 1)
    with closing(open_archive(home / "archive.db")) as db:
        every = [row[0] for row in db.execute("select sort from articles order by sort")]
        for query in (None, parse("công nghiệp OR tít OR thái nguyên")):
            stretches = list(selected(db, Selection(query)))
            assert list(chain(*stretches)) == every
            assert len(stretches) == 4


@pytest.mark.usefixtures("readable")
def test_the_warc_is_whole_and_its_pages_make_the_same_article(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.warc.gz"
    diemtin("export", "--format", "warc", "--out", str(file), home=home)
    checked = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", file], capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    with file.open("rb") as raw:
        kinds = [record.rec_type for record in ArchiveIterator(raw)]
    assert kinds == ["warcinfo", *["response", "request"] * 5]
    configured(tmp_path / "again")
    for _ in range(2):  # the second time nothing changes
        diemtin("import", str(file), home=tmp_path / "again")
        with closing(sqlite3.connect(tmp_path / "again" / "archive.db")) as db:
            (article,) = db.execute("select source, first_seen_at, edits, state, body from articles").fetchall()
            kinds = [kind for (kind,) in db.execute("select kind from versions order by id")]
        assert article == ("trungdu", "2026-11-20T05:00:00Z", 2, "gone", TEXTS[2])
        assert kinds == ["first", "edit", "edit"]
    with closing(sqlite3.connect(tmp_path / "again" / "pages.db")) as db:
        assert db.execute("select count(*), count(distinct sha256) from pages").fetchone() == (3, 3)


@pytest.mark.usefixtures("readable")
def test_a_page_that_came_back_as_it_stood_is_a_revisit_and_is_read_so(
    home: Path, sample: Sample, tmp_path: Path
) -> None:
    body = readable_page(TEXTS[0])
    back = fetch(body, NOON + 20 * HOUR)
    note_fetches(sample.pages, URL, [back], sha256(body), None)
    file = tmp_path / "all.warc.gz"
    diemtin("export", "--format", "warc", "--query", "công nghiệp đồi chè", "--out", str(file), home=home)
    with file.open("rb") as raw:
        revisits = [one for one in ArchiveIterator(raw) if one.rec_type == "revisit"]
    assert [one.rec_headers.get_header("WARC-Refers-To-Date") for one in revisits] == ["2026-11-20T05:00:00Z"]
    configured(tmp_path / "again")
    diemtin("import", str(file), home=tmp_path / "again")
    with closing(sqlite3.connect(tmp_path / "again" / "archive.db")) as db:
        texts = [text for (text,) in db.execute("select body from versions order by id")]
    assert texts == [*TEXTS, TEXTS[0]]


def test_since_takes_the_pages_that_came_since(home: Path, tmp_path: Path) -> None:
    counts = []
    for since in ("2026-11-20", "2026-11-21"):
        file = tmp_path / f"{since}.warc"
        diemtin("export", "--format", "warc", "--since", since, "--out", str(file), home=home)
        with file.open("rb") as raw:
            counts.append([one.rec_type for one in ArchiveIterator(raw)].count("response"))
    assert counts == [5, 1]  # 17:00 in London is the next day in Hà Nội


def test_warc_tools_of_others_open_it(home: Path, tmp_path: Path) -> None:
    tools = Path(os.environ.get("DIEMTIN_TOOLS", "/nonexistent"))
    wb = shutil.which("cdx-indexer") or (
        str(tools / "cdx-indexer") if (tools / "cdx-indexer").exists() else None
    )
    if wb is None:
        pytest.skip("cdx-indexer is not installed (DIEMTIN_TOOLS names the bin folder of a venv with pywb)")
    file = tmp_path / "all.warc.gz"
    diemtin("export", "--format", "warc", "--out", str(file), home=home)
    done = subprocess.run([wb, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.count("trungdu)/kinh-te") >= 3


def test_a_full_disk_is_one_line_and_leaves_no_file(home: Path, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    command = [
        sys.executable,
        "-m",
        "crawler",
        "--home",
        str(home),
        "--lang",
        "en",
        "export",
        "--format",
        "jsonl",
    ]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=environment(), text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "diemtin: stdout: cannot be written (No space left on device)\n"


def test_a_disk_that_fills_up_leaves_nothing_under_the_name(home: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", small], capture_output=True, check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("a small disk needs root and tmpfs")
    try:
        (small / "other").write_bytes(b"x" * 4096)
        for form in ("jsonl", "csv", "warc"):
            out = str(small / "all")
            done = diemtin("--lang", "en", "export", "--format", form, "--out", out, home=home, check=False)
            assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
            assert "No space left" in done.stderr
            assert [file.name for file in small.iterdir()] == ["other"]
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_folder_that_is_not_there_is_one_line(home: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "nowhere" / "all.jsonl")
    done = diemtin("export", "--format", "jsonl", "--out", out, home=home, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def test_a_pipe_stays_a_pipe(home: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        diemtin("export", "--format", "jsonl", "--out", str(pipe), home=home)
        assert reader.stdout is not None
        assert len(reader.stdout.read().splitlines()) == 4
    assert pipe.is_fifo()
