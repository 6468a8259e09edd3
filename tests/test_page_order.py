"""What was fetched later stays: whoever reads an older page of an article puts no old text back."""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.home import Home
from archive.model import Outcome
from archive.pages import RawPage, load, newest_page
from crawler import reprocess as reprocessing
from crawler.importing.texts import import_file
from crawler.sources import item_of
from crawler.workspace import Workspace, open_workspace
from pipelines.item import Page
from tests.commands import diemtin
from tests.test_partners import Outlet, articles, crawl, forget, write_sources

pytestmark = pytest.mark.timeless

NEW = "52 hộ"


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Outlet, Path, Path]]:
    """An outlet, a home that crawled it once, and one that crawled it again after an edit."""
    outlet, folder = Outlet(pages=2), tmp_path_factory.mktemp("homes")
    with outlet.server:
        once = Home.at(folder / "once")
        write_sources(once, outlet)
        crawl(once)
        shutil.copytree(once.path, folder / "twice")
        edit_and_crawl(Home.at(folder / "twice"), outlet)
        yield outlet, once.path, folder / "twice"


@pytest.fixture
def home(tmp_path: Path, homes: tuple[Outlet, Path, Path]) -> Home:
    shutil.copytree(homes[1], tmp_path / "home")
    return Home.at(tmp_path / "home")


@pytest.fixture
def edited(tmp_path: Path, homes: tuple[Outlet, Path, Path]) -> Home:
    shutil.copytree(homes[2], tmp_path / "edited")
    return Home.at(tmp_path / "edited")


def edit_and_crawl(home: Home, outlet: Outlet) -> None:
    """The outlet edits its page, and a crawl reads that: a process of its own."""
    outlet.edited = {0}
    forget(home, raw=True)
    crawl(home)


def body(home: Home) -> str:
    with closing(sqlite3.connect(home.archive_db)) as db:
        return str(db.execute("select body from articles where url like '%bai-0%'").fetchone()[0])


def kinds(home: Home) -> list[str]:
    with closing(sqlite3.connect(home.archive_db)) as db:
        rows = db.execute(
            """select kind from versions where article_id =
               (select id from articles where url like '%bai-0%') order by id"""
        )
        return [kind for (kind,) in rows]


def old_page(workspace: Workspace, number: int = 0) -> RawPage:
    url = workspace.archive.execute(
        "select url from articles where url like ?", [f"%bai-{number}%"]
    ).fetchone()[0]
    raw = newest_page(workspace.pages, url)
    assert raw is not None
    return raw


def reprocess(home: Home) -> None:
    with open_workspace(home) as workspace:
        reprocessing.reprocess(workspace)


def test_a_crawl_during_reprocess_wins(
    home: Home, homes: tuple[Outlet, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is loaded, a crawl stores a newer one, then the old one is read to its end."""
    begun = []

    def load_then_crawl(db: Database, page_id: int) -> RawPage:
        raw = load(db, page_id)
        if not begun:
            begun.append(page_id)
            edit_and_crawl(home, homes[0])
        return raw

    with monkeypatch.context() as patch:
        patch.setattr(reprocessing, "load_page", load_then_crawl)
        reprocess(home)
    assert NEW in body(home)
    assert kinds(home) == ["first", "edit"]
    reprocess(home)
    assert NEW in body(home)
    assert kinds(home) == ["first", "edit"]


def test_killed_between_the_two_databases_the_text_of_the_newer_page_stays(edited: Home) -> None:
    """The archive has the edit and its raw page was not kept: the older page is all there is to read."""
    with closing(sqlite3.connect(edited.pages_db)) as db:
        db.execute("delete from pages where id = (select max(id) from pages)")
        db.commit()
    reprocess(edited)
    assert NEW in body(edited)
    assert kinds(edited) == ["first", "edit"]


def test_new_rules_still_read_what_is_kept(edited: Home) -> None:
    with open_workspace(edited) as workspace:
        workspace.archive.execute("update articles set lead = 'x', sha256 = 'x'")
    reprocess(edited)
    assert kinds(edited) == ["first", "edit", "extractor"]
    assert NEW in body(edited)


def later(page: RawPage, text: str, seconds: int) -> Page:
    changed = page.body.replace(b"<p>0. ", f"<p>{text} ".encode(), 1)
    return Page(page.url, changed, page.fetched_at + timedelta(seconds=seconds), page.content_type)


def test_a_page_asked_for_earlier_and_read_later_is_no_edit(home: Home) -> None:
    """Such as ``add`` beside a crawl: two fetches, the older one comes to its end last."""
    with open_workspace(home) as workspace:
        raw = old_page(workspace)
        source = workspace.sources.by_key["mau"]
        newer, older = later(raw, "Bản sau.", 20), later(raw, "Bản trước.", 10)
        outcomes = [workspace.store(item_of(page, source, keep="all")) for page in (newer, older)]
    assert outcomes == [Outcome.REVISED, Outcome.UNCHANGED]
    assert "Bản sau." in body(home)


def test_a_crawl_is_believed_where_the_page_before_it_came_from_the_future(home: Home) -> None:
    with open_workspace(home) as workspace:
        raw = old_page(workspace)
        source = workspace.sources.by_key["mau"]
        ahead, right = later(raw, "Đồng hồ sai.", 365 * 86400), later(raw, "Đồng hồ đúng.", 60)
        outcomes = [workspace.store(item_of(page, source, keep="all")) for page in (ahead, right)]
        workspace.store(workspace.stored_item(RawPage(raw.url, "mau", ahead.fetched_at, "", ahead.body)))
    assert outcomes == [Outcome.REVISED, Outcome.REVISED]
    assert "Đồng hồ đúng." in body(home)


def bring(home: Home, folder: Path, **record: str) -> dict[str, int]:
    """What came of importing one record."""
    (folder / "tep.jsonl").write_text(json.dumps(record), encoding="utf-8")
    with open_workspace(home) as workspace:
        return dict(import_file(workspace, folder / "tep.jsonl").outcomes)


@pytest.mark.parametrize("form", ["html", "text"])
def test_a_copy_of_unknown_age_replaces_nothing_that_was_fetched(
    edited: Home, homes: tuple[Outlet, Path, Path], tmp_path: Path, form: str
) -> None:
    outlet, before = homes[0], articles(edited)
    outlet.edited = set()
    texts = {"html": outlet.page(0).decode()} if form == "html" else {"title": "Bài", "body": "Bản cũ. " * 50}
    assert bring(edited, tmp_path, url=f"{outlet.server.home}bai-0.html", **texts) == {"unchanged": 1}
    assert articles(edited) == before


def test_what_was_imported_can_be_imported_anew(home: Home, tmp_path: Path) -> None:
    about = {"url": "https://khac.vn/bai.html", "source": "khac", "title": "Chè Đồi Mẫu được mùa"}
    texts = ("Năm nay được mùa. " * 20, "Năm nay mất mùa. " * 20)
    outcomes = [bring(home, tmp_path, **about, body=text) for text in texts]
    assert outcomes == [{"stored": 1}, {"revised": 1}]


def test_two_at_once_make_no_version(home: Home) -> None:
    with open_workspace(home) as one, open_workspace(home) as two:
        raw = old_page(one)
        assert two.store(two.stored_item(raw)) is Outcome.UNCHANGED
        assert one.store(one.stored_item(raw)) is Outcome.UNCHANGED
    assert kinds(home) == ["first"]


def test_a_crawl_says_who_crawls_a_source_that_it_leaves_out(home: Home) -> None:
    with home.lock("source-mau"):
        done = diemtin("--lang", "en", "crawl", home=home.path, check=False)
    assert done.returncode == 1
    assert f"process {os.getpid()} holds `source-mau`" in done.stderr
