"""Hostile text in every text column of every table: nothing of it runs on a page, in a feed or in a file.

What the archive stores as codes and times it writes itself; these columns are left as they are.
"""

import json
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from lxml import etree, html
from playwright.sync_api import sync_playwright

from archive.desk import accounts
from archive.desk.db import open_desk
from archive.home import Home
from archive.schema import prepare
from archive.web.access import Access
from archive.web.app import build
from tests import web_sample
from tests.browser.conftest import ARGS, CHROMIUM
from tests.part import part
from tests.test_sql_limits import cells
from tests.test_web_access import DATASETTES, OURS, tell_secrets
from tests.test_web_hosts import on_a_port

pytestmark = pytest.mark.timeless
HOSTILE = (
    "=cmd|'/c calc'!A1\"><img src=x onerror=window.ran=1><script>window.ran=1</script></title></style>"
    "</textarea>"
    '<svg/onload=window.ran=1>]]><a href="javascript:window.ran=1">x</a>{{7*7}}\r\nSet-Cookie: ran=1\r\n\u202e'
)
ADDRESS = 'javascript:window.ran=1//"><script>window.ran=1</script>'
CODES = re.compile(
    r"(^|_)(at|on|id|ids|sort|state|kind|level|key|sha256|token|password|role|until|decision|code|mode|form|lang|source|"
    r"topic|indicator|period|unit|version|field|window|published_from|edition|format|name|mark|tone|day|dated|"
    r"html|schedule|founder|subject_key|what|why|outcome|reason|doubt|unread|qualifier|rank_of|base|value|query|places|"
    r"story|channel|attempts|rule|alert|places_key|timezone|since|by|user)$"
)
_RUNNING = re.compile(r"\s*(javascript|data|vbscript):", re.IGNORECASE)
FREE = {("sources", "name"), ("topics", "name"), ("alerts", "name"), ("mentions", "name"), ("users", "name")}
LEFT_OUT = re.compile(
    r"^(sqlite_|_|articles_fts|articles_pairs|pair|shingles|pending|lexicon|partners?|sessions|log$)"
)


def spoil(file: Path) -> set[str]:
    """Put the hostile text wherever it is taken; which columns took it."""
    spoiled = set()
    with closing(sqlite3.connect(file)) as db:
        prepare(db)
        db.execute("pragma ignore_check_constraints = off")
        tables = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            if LEFT_OUT.match(table):
                continue
            for _, column, kind, *_ in db.execute(f"pragma table_info([{table}])").fetchall():
                free = (table, column) in FREE or not CODES.search(column)
                if not re.search("char|text", kind, re.IGNORECASE) or not free:
                    continue
                if _spoiled(db, table, column):
                    spoiled.add(f"{table}.{column}")
        db.commit()
    return spoiled


def _spoiled(db: sqlite3.Connection, table: str, column: str) -> bool:
    values = db.execute(f"select distinct [{column}] from [{table}] where [{column}] is not null").fetchall()
    took = False
    for number, (value,) in enumerate(values):
        if re.match(r"[0-9]{4}-[0-9]{2}", str(value)):  # a time or day
            continue
        with suppress(sqlite3.IntegrityError, sqlite3.OperationalError):  # a code, or part of the index
            update = f"update [{table}] set [{column}] = ? where [{column}] = ?"
            took |= db.execute(update, [_with_it(column, str(value), number), value]).rowcount > 0
    return took


def _with_it(column: str, value: str, number: int) -> str:
    if column in ("url", "home", "image", "credit_url", "link"):
        return f"{ADDRESS}{number}"
    with suppress(ValueError):
        return json.dumps(_inside(json.loads(value))) if value[:1] in ("[", "{") else f"{HOSTILE}{number}"
    return f"{HOSTILE}{number}"


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: one if CODES.search(name) else _inside(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_inside(one) for one in value]
    return HOSTILE if isinstance(value, str) and not re.match(r"[0-9]{4}-|[a-z_]+$", value) else value


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("stored"))
    web_sample.fill(home.archive_db)
    web_sample.fill_pages(home.pages_db)
    tell_secrets(home)
    spoiled = spoil(home.archive_db)
    assert {"articles.title", "articles.body", "articles.url", "versions.title", "sources.name"} <= spoiled
    assert len(spoiled) > 25, spoiled
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as running:
        yield running


def runs(tree: Any) -> list[str]:
    """What of a page would do something: handlers, scripts not ours, addresses that run."""
    return [f"{one.tag} {dict(one.attrib)}"[:120] for one in tree.iter(etree.Element) if _runs(one)]


def _runs(one: Any) -> bool:
    if one.tag == "script":
        return not str(one.get("src", "")).startswith("/-/static") and one.get("type") != "application/json"
    led = any(_RUNNING.match(one.get(name, "")) for name in ("href", "src", "action", "formaction", "data"))
    return led or one.get("src") == "x" or any(name.startswith("on") for name in one.attrib)


def faults(path: str, kind: str, text: str) -> Iterator[str]:
    if "html" in kind:
        yield from (f"{path}: {one}" for one in runs(html.fromstring(text or "<p></p>")))
    elif "atom" in kind:
        feed = etree.fromstring(text.encode())
        for one in feed.iter("{*}content", "{*}summary", "{*}title"):
            if one.get("type") == "html" and one.text:
                yield from (f"{path}: {what}" for what in runs(html.fromstring(one.text)))
        yield from (
            f"{path}: {one.get('href')}" for one in feed.iter("{*}link") if "script" in one.get("href", "")[:10]
        )
    elif "csv" in kind or (path.partition("?")[0].endswith(".csv") and "plain" in kind):
        yield from (
            f"{path}: {cell[:30]}" for cell in cells(text) if cell.startswith(("=", "+", "@", "\t", "\r"))
        )
    elif "json" in kind:
        json.loads(text)


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_nothing_stored_runs_or_gets_into_a_header(site: Datasette, language: str) -> None:
    found, seen = [], 0
    for path in part(
        [*OURS, *DATASETTES], 1 if language == "vi" else 3
    ):  # of which /-/patterns has a script of its own
        answer = await site.client.get(path, cookies={"diemtin_lang": language}, follow_redirects=True)
        assert answer.status_code < 500, path
        if path != "/-/patterns":
            found += faults(path, answer.headers.get("content-type", ""), answer.text)
        found += [
            f"{path}: {name}" for name, value in answer.headers.items() if "ran=1" in value and "cookie" in name
        ]
        assert answer.headers["x-content-type-options"] == "nosniff"
        seen += "window.ran" in answer.text
    assert not found
    assert seen > (25 if language == "vi" else 8)  # the hostile text is there


def test_in_a_browser_nothing_stored_runs(home: Home) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian package chromium)")
    pages = [path for path in OURS if not re.search(r"\.(json|atom|csv|xlsx|docx)|/tep", path)]
    pages = part(pages, 4)  # of all of them the test above looks at what they hold
    with on_a_port(home, Access()) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        page = browser.new_page(base_url=f"http://127.0.0.1:{port}")
        ran = [path for path in pages if _ran(page, path)]
        browser.close()
    assert not ran


def _ran(page: Any, path: str) -> bool:
    page.goto(path, wait_until="domcontentloaded")
    return bool(page.evaluate("window.ran"))


def test_names_of_accounts_hold_no_markup_and_no_line_ends(tmp_path: Path) -> None:
    with closing(open_desk(tmp_path / "desk.db")) as desk:
        for name in ("a\r\nb", "<img src=x onerror=alert(1)>", "=1+1", 'a"b', "a\x00b", "\u202eb"):
            with pytest.raises(accounts.AccountError):
                accounts.add(desk, name, "admin", "chè xanh Đồi 2026", by="", now=web_sample.NOW)
