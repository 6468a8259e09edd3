"""What the public sees: titles and links of what stands, leads where the outlet agreed, no more."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.db import writing
from archive.desk.db import open_desk
from archive.desk.removals import decide, enter_removal, load_removals, withhold
from archive.home import Home
from archive.public.part import NOTHING, show_public_part
from archive.schema import open_archive
from archive.web.access import Access
from archive.web.app import build
from crawler.workspace import open_workspace
from tests import web_sample
from tests.web_sample import NOW

AWAY = (
    "/sua-go",
    "/sua-go.atom",
    "/so-lieu",
    "/so-lieu/iip",
    "/so-lieu.json",
    "/bao-cao",
    "/yeu-cau-go",
    "/ban",
)
TAKEN_DOWN = "Xưởng thuỷ tinh Bến Đá"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    with closing(open_archive(home.archive_db)) as db, writing(db):
        db.execute("update sources set agreed = 'công văn 12' where key = 'trungdu'")
        db.execute("insert or ignore into mentions values (1, 'person', 'Nguyễn Văn Mẫu', 2)")
    return home


@pytest.fixture
async def public(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as site:
        yield site


@pytest.fixture
async def desk(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        yield site


async def text(site: Datasette, path: str) -> str:
    return html.unescape((await site.client.get(path)).text)


def test_a_connection_sees_the_public_part_alone(home: Home) -> None:
    with closing(open_archive(home.archive_db)) as db:
        whole = db.execute("select count(*) from articles").fetchone()[0]
        show_public_part(db)
        shown = db.execute("select source, lead, body, authors, state, edits from articles").fetchall()
        assert 0 < len(shown) < whole
        assert any(lead for source, lead, *_ in shown if source == "trungdu")
        assert not any(lead for source, lead, *_ in shown if source != "trungdu")
        assert {tuple(rest) for _, _, *rest in shown} == {("", "[]", "live", 0)}
        assert not any(db.execute(f"select count(*) from {name}").fetchone()[0] for name in NOTHING)
        assert not db.execute("select 1 from mentions where kind = 'person'").fetchall()


COUNTING = (
    "/", "/tim", "/tim?q=cong+nghiep", "/tim?q=thuy+tinh", "/tim?noi=Th%C3%A1i+Nguy%C3%AAn", "/chu-de",
    "/chu-de/cong-nghiep", "/van-ban", "/nguon", "/ban-tin", "/ban-tin/7", "/tro-giup", "/tim.json",
    "/tim.atom?q=cong+nghiep", "/tim.csv?q=cong+nghiep", "/tim/goi-y?q=th",
    "/tim/goi-y?q=52", "/tim/so-sanh?q=cong+nghiep&q=thuy",
    "/tim/theo-ky.json", "/van-ban.json", "/nguon.json", "/chu-de.json",
    *(f"/bai/{number}{form}" for number in range(1, 9) for form in ("", ".json", "/su-kien.json")),
)  # fmt: skip


async def pages(home: Home) -> dict[str, tuple[int, str]]:
    """What a stranger gets of every page that counts or lists."""
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as site:
        answers = [(path, await site.client.get(path)) for path in COUNTING]
        return {path: (answer.status_code, answer.text) for path, answer in answers}


def erase(home: Home, ids: list[int]) -> None:
    """Take articles out of every table, as if they had never come."""
    listed = ", ".join(map(str, ids))
    with closing(open_archive(home.archive_db)) as db, writing(db):
        for table in ("article_topics", "article_documents", "mentions", "article_events", "figures", "states"):
            db.execute(f"delete from {table} where article_id in ({listed})")
        db.execute(f"delete from articles where id in ({listed})")
        db.execute(
            """update stories set articles = (select count(*) from articles where story_id = stories.id),
            outlets = (select count(distinct source) from articles where story_id = stories.id)"""
        )


@pytest.mark.parametrize("hidden", [1, 2, 3])
async def test_a_stranger_counts_as_if_what_is_hidden_had_never_been_there(tmp_path: Path, hidden: int) -> None:
    found = []
    for name in ("hidden", "never"):
        home = Home.at(tmp_path / name)
        web_sample.fill(home.archive_db)
        with closing(open_archive(home.archive_db)) as db, writing(db):
            db.execute("insert into withheld values (?, '2026-11-20T00:00:00Z')", [hidden])
            taken = [id_ for (id_,) in db.execute("select id from articles where state = 'gone'")]
        if name == "never":
            erase(home, [hidden, *taken])
        found.append(await pages(home))
    assert {path: status for path, (status, _) in found[0].items() if status not in (200, 404)} == {}
    assert [path for path in COUNTING if found[0][path] != found[1][path]] == []


async def test_a_stranger_is_not_told_that_a_run_saw_take_downs_or_edits(home: Home) -> None:
    with closing(open_archive(home.archive_db)) as db, writing(db):
        db.execute("""update runs set outcomes = '{"stored": 3, "gone": 771, "revised": 882}'""")
    told = await pages(home)
    for path in ("/nguon", "/nguon.json"):
        assert not re.search(r"\b(771|882)\b", told[path][1]), path


async def test_edits_figures_reports_and_the_desk_are_not_there(public: Datasette) -> None:
    for path in AWAY:
        assert (await public.client.get(path)).status_code == 404, path
    page = await text(public, "/")
    assert "/sua-go" not in page
    assert "/so-lieu" not in page


async def test_what_was_taken_down_is_nowhere(public: Datasette) -> None:
    assert (await public.client.get("/bai/5")).status_code == 404
    assert (await public.client.get("/bai/5.json")).status_code == 404
    for path in ("/", "/tim", "/tim?q=thuy+tinh", "/tim.atom?q=thuy+tinh", "/tim.csv?q=thuy+tinh",
                 "/tim.json?q=thuy+tinh", "/tim?da=gone", "/tim?q=%C4%91%C3%A3:g%E1%BB%A1"):  # fmt: skip
        assert TAKEN_DOWN not in await text(public, path), path
    assert '"total":0' in await text(public, "/tim.json?q=thuy+tinh")


async def test_it_cannot_be_searched_for_what_was_edited(public: Datasette) -> None:
    assert '"total":0' in await text(public, "/tim.json?da=edited")


async def test_an_article_is_its_title_its_link_and_the_lead_of_who_agreed(public: Datasette) -> None:
    page = await text(public, "/bai/1")
    assert "Dây chuyền mới nâng công suất" in page
    assert 'href="https://trungdu.example/1"' in page
    for hidden in ("Thuỷ điện nhỏ", "8.503", "7,8%", "Nguyễn Văn Mẫu", "Lê Thị"):
        assert hidden not in page


async def test_a_request_leaves_the_register_and_takes_the_article_away(home: Home, desk: Datasette) -> None:
    token = desk.sign("x", "csrftoken")
    own = {"cookies": {"ds_csrftoken": token}, "headers": {"origin": "http://localhost"}}
    asked = {
        "csrftoken": token,
        "bai": "/bai/1",
        "ai": "Công ty Mẫu",
        "ngay": "2026-11-20",
        "can-cu": "Sai tên",
    }
    assert (await desk.client.post("/yeu-cau-go", data={**asked, "ai": ""}, **own)).status_code == 400
    assert (await desk.client.post("/yeu-cau-go", data={**asked, "bai": "/bai/999"}, **own)).status_code == 400
    assert (
        await desk.client.post("/yeu-cau-go", data={**asked, "ngay": "2027-01-01"}, **own)
    ).status_code == 400
    assert (await desk.client.post("/yeu-cau-go", data=asked, **own)).status_code == 303
    assert "Chờ quyết định" in await text(desk, "/yeu-cau-go")

    async def decided(what: str) -> int:
        data = {"csrftoken": token, "so": "1", "ly-do": "Theo yêu cầu của toà soạn", "viec": what}
        return int((await desk.client.post("/yeu-cau-go", data=data, **own)).status_code)

    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as public:
        assert (await public.client.get("/bai/1")).status_code == 200
        assert await decided("withheld") == 303
        assert (await public.client.get("/bai/1")).status_code == 404
        assert (await desk.client.get("/bai/1")).status_code == 200
        assert await decided("refused") == 303
        assert (await public.client.get("/bai/1")).status_code == 200
    assert await decided("delete") == 400
    with closing(open_desk(home.desk_db)) as db:
        (one,) = load_removals(db)
    assert (one.asked_by, one.decision, one.why) == ("Công ty Mẫu", "refused", "Theo yêu cầu của toà soạn")


def withheld(home: Home) -> list[int]:
    with closing(open_archive(home.archive_db)) as archive:
        return [id_ for (id_,) in archive.execute("select article_id from withheld order by article_id")]


def decided(home: Home, article: int, what: str) -> None:
    asked = {"asked_by": "Công ty Mẫu", "ground": "Sai tên", "asked_on": "2026-11-20"}
    with closing(open_desk(home.desk_db)) as desk, closing(open_archive(home.archive_db)) as archive:
        entered = enter_removal(desk, (article, f"https://a.example/{article}", ""), asked, by="lan", now=NOW)
        if what:
            decide(desk, entered, what, "Theo luật", by="lan", now=NOW)
        withhold(desk, archive, NOW)


def test_an_archive_that_was_brought_back_withholds_what_was_decided(home: Home) -> None:
    decided(home, 1, "withheld")
    with closing(open_archive(home.archive_db)) as archive:
        archive.execute("delete from withheld")
    with open_workspace(home, lambda: NOW):
        assert withheld(home) == [1]


def test_a_register_that_was_lost_shows_nothing_again(home: Home) -> None:
    decided(home, 1, "withheld")
    home.desk_db.unlink()
    decided(home, 1, "")
    with open_workspace(home, lambda: NOW):
        assert withheld(home) == [1]
    decided(home, 2, "withheld")
    assert withheld(home) == [1, 2]
    decided(home, 2, "refused")
    assert withheld(home) == [1, 2], "another request still stands"
    decided(home, 3, "refused")
    assert withheld(home) == [1, 2]
