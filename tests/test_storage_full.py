"""No room, or no leave to write: the run fails and says why, nothing is lost, and work goes on later."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from archive.home import Home
from tests.commands import diemtin, environment
from tests.part import part
from tests.tiny_site import TinySite, article, feed

pytestmark = pytest.mark.timeless

PAGES = 14
SIZE = 12_000_000  # bytes of the small file system
ROOM = 300_000  # bytes that are left on it when the crawl begins
WRITTEN = "từ ngữ số"


@pytest.fixture(scope="module")
def site() -> Iterator[TinySite]:
    paths = [f"/bai-{n}.html" for n in range(PAGES)]
    pages = {"/rss": feed(paths)}
    for n, path in enumerate(paths):
        more = "".join(
            f"<p>{WRITTEN} {n * 1000 + at}, thôn Đồi Mẫu hái chè ngày {at}.</p>" for at in range(250)
        )
        status, body, kind, *_ = article(f"Bài {n}: xưởng chè Đồi Mẫu đợt {n}")
        pages[path] = (status, body.replace("</div>", f"{more}</div>"), kind)
    with TinySite(pages) as running:
        yield running


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "diemtin-test", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def home_of(tmp_path: Path, small: Path, moved: str, site: TinySite) -> Home:
    """A home whose databases are made; one of them, or all, on the small file system."""
    home = Home.at(small / "home" if moved == "all" else tmp_path / "home")
    source = {
        "name": "Báo Mẫu", "home": f"{site.home}/", "kind": "provincial", "keep": "all", "delay": "0s",
        "article": r"/bai-\d+\.html$", "feeds": [f"{site.home}/rss"],
    }  # fmt: skip
    (home.path / "config").mkdir()
    (home.path / "config" / "sources.yml").write_text(yaml.safe_dump({"sources": {"mau": source}}))
    diemtin("digest", "--due", home=home.path, check=False) if home.archive_db.exists() else None
    diemtin("init", home=home.path)
    diemtin("digest", "--due", home=home.path)
    if moved != "all":
        shutil.move(home.path / moved, small / moved)
        (home.path / moved).symlink_to(small / moved)
    return home


def fill(folder: Path) -> Path:
    room = os.statvfs(folder)
    ballast = folder / "ballast"
    ballast.write_bytes(b"\xa7" * max(0, room.f_bavail * room.f_frsize - ROOM))
    return ballast


def texts(folder: Path) -> Path:
    """A file to bring in that needs more room than there is."""
    file = folder / "texts.jsonl"
    lines = (
        json.dumps(
            {"url": "https://nhap.example/1", "title": "Chè Đồi Mẫu", "body": f"{WRITTEN} {n} " * 60_000}
        )
        for n in range(2)
    )
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def runs(home: Home) -> list[tuple[str, str, int]]:
    with closing(sqlite3.connect(home.archive_db)) as db:
        rows = db.execute("select state, reason, outcomes from runs order by id").fetchall()
    return [
        (state, reason.split()[0] if reason else "", sum(json.loads(text).values()))
        for state, reason, text in rows
    ]


def count(path: Path, sql: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute(sql).fetchone()[0])


@pytest.mark.parametrize("moved", part(["all", "pages.db", "archive.db"], 2))
def test_a_full_disk_is_a_failed_run_and_is_made_good(
    tmp_path: Path, small: Path, site: TinySite, moved: str
) -> None:
    home = home_of(tmp_path, small, moved, site)
    ballast = fill(small)
    done = diemtin("--lang", "en", "crawl", home=home.path, check=False)
    assert done.returncode == 1, done
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert "mau: failed" in done.stdout
    told = diemtin("--lang", "en", "health", home=home.path, check=False)
    assert told.returncode == 1, told.stdout
    assert "full" in told.stdout + told.stderr
    assert diemtin("search", "chè", home=home.path).returncode == 0, "what is there can be read"
    for command in (("reprocess",), ("add", f"{site.home}/bai-1.html"), ("import", str(texts(tmp_path)))):
        more = diemtin("--lang", "en", *command, home=home.path, check=False)
        assert "Traceback" not in more.stderr, command
        assert len(more.stderr.strip().splitlines()) <= 1, command
    ballast.unlink()
    for _ in range(2):
        diemtin("crawl", home=home.path)
    assert count(home.archive_db, "select count(*) from articles where unread = '' and source = 'mau'") == PAGES
    twice = "select count(*) from versions where kind = 'edit'"
    assert count(home.archive_db, twice) == 0
    assert count(home.pages_db, "select count(distinct url) from pages") == PAGES
    assert sum(pages for _, _, pages in runs(home)) == count(home.pages_db, "select count(*) from visits")
    well = diemtin("--lang", "en", "health", home=home.path, check=False).stdout
    assert "Databases: All is well." in well, "the disk itself stays small"
    assert "mau: All is well." in well
    for path in (home.archive_db, home.pages_db):
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("pragma integrity_check").fetchone() == ("ok",)


def read_only(small: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)


@pytest.mark.parametrize("moved", part(["all", "archive.db", "pages.db"], 2))
def test_what_may_not_be_written_to_is_told(tmp_path: Path, small: Path, site: TinySite, moved: str) -> None:
    home = home_of(tmp_path, small, moved, site)
    read_only(small)
    for command in (("crawl",), ("digest", "--due"), ("reprocess",)):
        done = diemtin("--lang", "en", *command, home=home.path, check=False)
        assert done.returncode in (1, 2), (command, done)
        assert len(done.stderr.strip().splitlines()) == 1, (command, done.stderr)
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("file", "mode"),
    part(
        [("archive.db", 0), ("archive.db", 0o400), ("pages.db", 0o400), ("pages.db", 0), ("desk.db", 0),
         ("desk.db", 0o400)], 2,
    ),
)  # fmt: skip
def test_lost_permissions_are_told(tmp_path: Path, file: str, mode: int) -> None:
    """Root without its capabilities is refused like anyone."""
    plain = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root with setpriv can give its rights away")
    home = Home.at(tmp_path / "home")
    diemtin("init", home=home.path)
    diemtin("digest", "--due", home=home.path)
    (home.path / file).chmod(mode)
    command = [
        *plain,
        sys.executable,
        "-m",
        "crawler",
        "--lang",
        "en",
        "--home",
        str(home.path),
        "digest",
        "--due",
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 1, done
    assert "permissions" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
