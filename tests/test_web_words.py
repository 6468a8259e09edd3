"""What readers see is data: every word in both languages, none unused, none written elsewhere; states speak."""

import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.clock import stamp
from archive.home import Home
from archive.i18n import Words, entries
from archive.schema import prepare
from archive.web.app import build
from tests import web_sample

ROOT = Path(__file__).parent.parent
ROOMS = ("archive", "crawler", "pipelines")
MARKED = re.compile(r"[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđơư]", re.IGNORECASE)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as datasette:
        yield datasette


async def words(site: Datasette, path: str) -> str:
    return web_sample.words(await site.client.get(path))


def write(home: Home, *statements: str) -> None:
    archive = sqlite3.connect(home.archive_db, isolation_level=None)
    prepare(archive)
    for statement in statements:
        archive.execute(statement)
    archive.close()


def test_no_word_is_unused() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in {".py", ".html", ".j2"}
    )
    literal = set(re.findall(r"[\"']([a-z_0-9.]+)[\"']", code))
    built = set(re.findall(r"[\"']([a-z_.]+)\.(?:\{|[\"'] ?~)", code)) | set(
        re.findall(r"named\(\"(\w+)\"", code)
    )
    unused = [
        key
        for key in entries()
        if key not in literal and not any(key.startswith(f"{prefix}.") for prefix in built)
    ]
    assert not unused


def test_vietnamese_sentences_stand_in_words_yml_alone() -> None:
    """On pages and in commands; examples of what to type (in <code>, in a help text) are no sentences."""
    strays = []
    for folder, ending in (("archive/web", "*.html"), ("archive/web", "*.py"), ("crawler/commands", "*.py")):
        for path in (ROOT / folder).rglob(ending):
            text = path.read_text(encoding="utf-8")
            text = re.sub(r'"""(.|\n)*?"""|#.*|<code>.*?</code>|\["chuyen.*?\]|r"\^.*', "", text)
            strays += [
                f"{path.name}: {line.strip()[:80]}"
                for line in text.splitlines()
                if len(MARKED.findall(line)) > 2 and " " in line.strip()
            ]
    assert not [line for line in strays if "nguồn" not in line]  # search_params: words of the query language


def test_a_reason_becomes_a_sentence_and_an_old_sentence_stays() -> None:
    assert Words("vi").reason('http {"status": 404}') == "máy chủ báo không còn trang (404)"
    assert Words("en").reason('http {"status": 404}') == "the server says the page is gone (404)"
    assert Words("vi").reason("trang đọc được trở lại") == "trang đọc được trở lại"


async def test_states_are_told_as_sentences(site: Datasette, home: Home) -> None:
    write(home, """update states set reason = 'http {"status": 404}'""")
    assert "máy chủ báo không còn trang (404)" in await words(site, "/bai/5")


@pytest.mark.parametrize("path", ["/ban-tin", "/ban-tin/7"])
async def test_times_in_sentences_are_no_printed_markup(site: Datasette, home: Home, path: str) -> None:
    write(home, "update deliveries set next_at = '2026-11-21T05:00:00Z', sent_at = null, attempts = 2")
    assert "&lt;time" not in (await site.client.get(path)).text


async def test_topics_have_their_english_name_on_english_pages(site: Datasette, home: Home) -> None:
    write(home, "update topics set name_en = 'Industry' where key = 'cong-nghiep'")
    for path in ("/", "/chu-de", "/chu-de/cong-nghiep", "/bai/1", "/tim?q=cong&chude=cong-nghiep"):
        english = await words(site, f"{path}{'&' if '?' in path else '?'}lang=en")
        assert "Industry" in english, path
        assert "Industry" not in await words(site, path)
        assert "Chuyển đổi số" in english or path.startswith(("/chu-de/", "/tim"))


async def test_sources_that_never_ran_are_not_fine(site: Datasette, home: Home) -> None:
    write(home, "delete from runs")
    assert "Chưa nguồn nào chạy lần nào." in await words(site, "/")
    at = stamp(web_sample.NOW)
    for key in ("trungdu", "songche"):
        values = f"('{key}', '{at}', '{at}', 'done')"
        write(home, f"insert into runs (source, started_at, finished_at, state) values {values}")
    page = await words(site, "/")
    assert "2 nguồn chưa chạy lần nào." in page
    assert "bình thường" not in page


async def test_the_first_page_says_that_a_crawl_is_going_on(site: Datasette, home: Home) -> None:
    write(home, "delete from articles", "delete from runs where source in ('sotin', 'im')")
    assert "Đang thu thập" not in await words(site, "/")
    with home.lock("up"):
        page = await words(site, "/")
    assert "Đang thu thập 2/4 nguồn." in page
    assert "diemtin up" not in page
    at = stamp(web_sample.NOW)
    write(home, f"insert into runs (source, started_at, state) values ('im', '{at}', 'running')")
    assert "Crawling: 2 of 4 sources." in await words(site, "/?lang=en")


async def test_what_just_ran_ran_and_did_not_end(site: Datasette, home: Home) -> None:
    write(home, f"update runs set finished_at = '{stamp(web_sample.NOW)}' where source = 'trungdu'")
    assert "vừa chạy · hoàn tất" in await words(site, "/nguon")
