"""SQL that explodes, in time, memory or length: an answer in plain words, and the archive goes on."""

import asyncio
import csv
import io
import resource
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils.asgi import Request

from archive.desk import accounts, passwords, sessions
from archive.desk.accounts import Role
from archive.desk.db import open_desk
from archive.home import Home
from archive.schema import open_archive
from archive.web.access import Access
from archive.web.app import build
from archive.web.auth import SESSION_COOKIE
from archive.web.request import error_response
from archive.workers import sql
from archive.workers.sql import Crowded, Question, SqlPool
from tests import web_sample
from tests.part import part

pytestmark = pytest.mark.timeless
COUNTING = "with recursive c(x) as (select 1 union all select x + 1 from c) "
LONG = "hex(zeroblob(4000000))"
HANGING = f"select instr({LONG}, substr({LONG}, 1, 2000000) || '1')"  # one instruction, for minutes
EXPLODING = [
    HANGING,
    "select hex(zeroblob(450000000))",
    "select zeroblob(2000000000)",
    "select length(randomblob(1000000000))",
    f"{COUNTING}select count(*) from c",
    f"{COUNTING}select sum(a.x * b.x) from c a, c b",
    f"{COUNTING}select x, hex(zeroblob(1000)) from c order by 2",
    f"{COUNTING}select group_concat(x) from c",
    f"{COUNTING}select json_group_array(x) from c",
    f"{COUNTING}select json_group_object(x, {LONG}) from c",
    f"{COUNTING}select x, {LONG} from c limit 900",
    f"{COUNTING}select sum(x) over (order by x desc rows between unbounded preceding and current row) from c",
    f"{COUNTING}select distinct randomblob(1000) from c",
    "select printf('%.*c', 2000000000, 'x')",
    "select printf('%2000000000s', 'x')",
    f"select replace(replace(replace({LONG}, '0', '000'), '0', '000'), '0', '000')",
    f"select {LONG} like '%0%0%0%0%0%0%0%1'",
    f"select {LONG} glob '*0*0*0*0*0*0*0*1'",
    f"select replace({LONG}, substr({LONG}, 1, 2000000) || '1', '')",
    "select " + "(" * 5000 + "1" + ")" * 5000,
    "select " + "abs(" * 900 + "1" + ")" * 900,
    "select 1" + " union all select 1" * 600,
    "select 1" + ", 1" * 1999,
    "select '" + "x" * 60_000 + "'",
    "select count(*) from articles a, articles b, articles c, sqlite_master, versions, pragma_function_list",
    "select vn_norm(" + LONG + ")",
    "select escape_fts('" + "(" * 20_000 + "')",
    "select count(*) from articles where title like '" + "%a" * 2000 + "'",
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("sql"))
    web_sample.fill(home.archive_db)
    with_formulas = open_archive(home.archive_db)
    with_formulas.execute("update articles set title = ? where id = 1", ["=HYPERLINK(1;2)"])
    with_formulas.execute("update articles set lead = ? where id = 1", ["\t=1+1"])
    with_formulas.execute("update articles set title = ? where id = 2", ["-5"])
    with_formulas.close()
    return home


@pytest.fixture
async def site(home: Home, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Datasette]:
    monkeypatch.setattr(sql, "SPARE", 0.3)
    datasette = build(home, now=lambda: web_sample.NOW)
    datasette._settings["sql_time_limit_ms"] = datasette.sql_time_limit_ms = 300
    async with web_sample.running(datasette):
        yield datasette


@pytest.mark.parametrize("number", part(range(len(EXPLODING)), 3))
async def test_what_explodes_is_ended_and_told(
    site: Datasette, number: int, capfd: pytest.CaptureFixture[str]
) -> None:
    statement = EXPLODING[number]
    for path in ("/archive.json?sql=", "/archive?sql="):
        answer = await site.client.get(path + quote(statement))
        assert answer.status_code in (400, 503) or len(answer.content) < 30 * 2**20, answer.text[:300]
    assert (await site.client.get("/archive.json?sql=select+1")).status_code == 200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_000_000  # KB; nothing of it came here
    said = capfd.readouterr()
    assert not said.err


async def test_filters_and_facets_are_ended_too(site: Datasette) -> None:
    long = f"replace({LONG}, '0', 'a') like '%a%a%a%a%a%b'"
    for query in (
        "_where=" + quote(long),
        "title__like=" + quote("%a" * 3000),
        "title__glob=" + quote("*a" * 3000),
        "_facet=body&_facet=title&_facet_size=max&_size=max",
        "_sort_desc=body&_size=max&_shape=object",
        "_next=" + "9" * 3000,
        "_search=" + quote("(" * 3000),
    ):
        for form in ("", ".json", ".csv"):
            answer = await site.client.get(f"/archive/articles{form}?{query}")
            assert answer.status_code in (200, 400, 503), query
            assert len(answer.content) < 30 * 2**20
    assert (await site.client.get("/archive/articles.csv?_stream=on")).status_code == 400


async def test_nothing_is_written_or_opened_by_sql(site: Datasette, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    for statement in (
        f"attach database '{other}' as x",
        f"select load_extension('{other}')",
        f"vacuum into '{other}'",
        "delete from articles",
        "with x as (select 1) delete from articles",
        "pragma journal_mode = delete",
        "select writefile('/tmp/x', 'y')",
        "select fts3_tokenizer('simple', x'00')",
    ):
        assert (await site.client.get(f"/archive.json?sql={quote(statement)}")).status_code in (400, 403)
    assert not other.exists()
    count = await site.client.get("/archive.json?sql=select+count(*)+from+articles&_shape=arrayfirst")
    assert count.json()[0] > 1


async def test_a_hanging_question_keeps_no_page_waiting(site: Datasette) -> None:
    hanging = "/archive.json?sql=" + quote(HANGING)
    asked = [asyncio.create_task(site.client.get(hanging)) for _ in range(4)]
    await asyncio.sleep(0.05)
    assert (await site.client.get("/tim?q=cong")).status_code == 200
    assert not all(one.done() for one in asked)
    assert {one.status_code for one in await asyncio.gather(*asked)} <= {400, 503}


async def test_a_question_of_datasettes_own_that_takes_too_long_is_told_as_such(site: Datasette) -> None:
    over = QueryInterrupted(sqlite3.OperationalError("interrupted"), "PRAGMA schema_version", None)
    assert (await error_response(site, Request.fake("/archive.json"), over)).status == 503


def test_too_many_questions_are_told_to_come_again(home: Home) -> None:
    pool = SqlPool()
    question = Question(str(home.archive_db), f"{COUNTING}select count(*) from c", [], 0.05)
    waiting = [pool.ask(question) for _ in range(sql.WAITING)]
    with pytest.raises(Crowded):
        pool.ask(question)
    assert {one.result().error for one in waiting} == {"interrupted"}
    assert pool.ask(Question(str(home.archive_db), "select 1 as a, 2 as a", [], 1)).result().rows == [[1, 2]]
    pool.close()


def test_a_worker_that_is_killed_is_replaced(home: Home) -> None:
    pool = SqlPool()
    ask = Question(str(home.archive_db), HANGING, [], 0.1)
    assert pool.ask(ask).result().error == "interrupted"
    assert pool.ask(Question(str(home.archive_db), "select 1", [], 5)).result().rows == [[1]]
    pool.close()


def test_a_file_that_cannot_be_opened_is_told_and_the_worker_goes_on(home: Home, tmp_path: Path) -> None:
    pool = SqlPool()
    asked = [Question(str(path), "select 1", [], 5) for path in (tmp_path / "missing.db", home.archive_db)]
    first, second = (pool.ask(one).result() for one in asked)
    assert "unable to open" in first.error
    assert second.rows == [[1]]
    pool.close()


async def test_a_row_has_its_columns_by_name_though_two_are_called_alike(site: Datasette) -> None:
    strange = quote('select 1 as "a""b", 2 as x, 3 as x, null, x\'ff\'')
    answer = await site.client.get(f"/archive.json?sql={strange}&_shape=arrays")
    assert answer.json()["rows"][0][:4] == [1, 2, 3, None]
    assert answer.json()["columns"][:3] == ['a"b', "x", "x"]
    assert (await site.client.get(f"/archive?sql={strange}")).status_code == 200


def cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) for cell in row]


@pytest.mark.parametrize(
    "path",
    ["/archive/articles.csv", "/archive/articles.csv?_dl=1", "/archive/articles.csv?_labels=on&_size=max",
     "/archive.csv?sql=" + quote("select '@x', char(9) || '=1', '+1a', '＝1', '-a', char(10) || '=' as \"=x\""),
     "/archive/articles?_format=csv"],
)  # fmt: skip
async def test_no_cell_of_datasettes_csv_is_run_as_a_formula(site: Datasette, path: str) -> None:
    answer = await site.client.get(path, follow_redirects=True)
    assert answer.status_code == 200
    if "html" in answer.headers["content-type"]:
        return
    found = cells(answer.text)
    assert len(found) > 5
    assert not [cell for cell in found if cell.startswith(tuple("=+@\t\r\n＝＋－＠")) or cell == "-a"]
    if "articles" in path:
        assert "'=HYPERLINK(1;2)" in found
        assert "-5" in found  # a number


@pytest.mark.parametrize(("role", "status"), [("reader", 403), ("editor", 200), ("admin", 200), ("", 302)])
async def test_sql_of_ones_own_is_for_editors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: Role, status: int
) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    monkeypatch.setattr(passwords, "COSTS", (16, 8, 1))
    with closing(open_desk(home.desk_db)) as desk:
        accounts.add(desk, "Quản Trị", "admin", "chè xanh Đồi 2026", by="", now=web_sample.NOW)
        user = accounts.add(desk, "Ai", role or "reader", "chè xanh Đồi 2026", by="", now=web_sample.NOW)
        token = sessions.open_session(desk, user, address="", now=web_sample.NOW)
    cookies = {SESSION_COOKIE: token} if role else {}
    async with web_sample.running(build(home, now=lambda: web_sample.NOW, access=Access())) as site:
        own = await site.client.get("/archive?sql=select+1", cookies=cookies)
        assert own.status_code == status
        where = await site.client.get("/archive/articles?_where=1", cookies=cookies)
        assert where.status_code == status
        if role:
            assert (await site.client.get("/archive/articles", cookies=cookies)).status_code == 200
            assert (await site.client.get("/archive/bai_moi", cookies=cookies)).status_code == 200


async def test_a_fault_is_one_line_of_the_log_and_prints_nothing(
    site: Datasette,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("archive.web.request.PageRequest.query", broken)
    monkeypatch.setattr("archive.web.asked_sql._answer", broken)
    for path in ("/tim?q=x", "/tim.json?q=x", "/archive/articles", "/archive/articles.json", "/archive/1.csv"):
        answer = await site.client.get(path)
        assert answer.status_code == 500
        assert "a fault" not in answer.text
        assert "Traceback" not in answer.text
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 5
    assert not capfd.readouterr().err


def test_our_pages_are_there_whatever_is_imported_first() -> None:
    plugin = "app.pm.get_plugin('diemtin')"
    for first in part(("archive.web", "archive.web.app", "datasette.app", "datasette.plugins"), 2):
        hooks = f"print([one.name for one in app.pm.get_hookcallers({plugin})])"
        code = f"import {first}, datasette.app as app; {hooks}"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert "register_routes" in done.stdout, first
