"""The tools by the Model Context Protocol: the official client and plain JSON-RPC, over stdio and HTTP."""

import asyncio
import base64
import json
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from datasette.plugins import pm

from archive.assistants.tools import TOOLS
from archive.desk import accounts, passwords
from archive.desk.db import open_desk
from archive.home import Home
from archive.web.access import Access
from archive.web.views.api.endpoint import INSTALL
from crawler.cli import main
from crawler.service.server import build_server, take_port
from tests import web_sample
from tests.commands import environment
from tests.test_web_access import SECRET, tell_secrets
from tests.web_sample import NOW

if TYPE_CHECKING:
    from mcp.client import Client

pytestmark = pytest.mark.timeless

PASSWORD = "chè xanh Đồi 2026"
JSON = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "x", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
PLUGIN = "datasette_mcp"
SQL = ("execute_sql", {"database": "archive", "sql": "select body from articles"})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("mcp"))
    web_sample.fill(home.archive_db)
    tell_secrets(home)
    return home


@cache
def datasette_mcp() -> ModuleType:
    """The plugin itself, which can be imported once: it gives Datasette a hook."""
    del sys.modules[PLUGIN]
    return import_module(PLUGIN)


@pytest.fixture(scope="module", autouse=True)
def plugin() -> Iterator[ModuleType]:
    """With datasette-mcp, which the other tests do without."""
    pm.unblock("mcp")
    pm.register(datasette_mcp(), "mcp")
    yield datasette_mcp()
    pm.set_blocked("mcp")


@asynccontextmanager
async def serving(home: Home, access: Access | None = None) -> AsyncIterator[str]:
    """The address of the tools of a home that is served as ``diemtin serve`` serves it."""
    with take_port("127.0.0.1", 0) as taken:
        server = build_server(home, lambda: NOW, access)
        running = asyncio.create_task(server.serve(sockets=[taken]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{taken.getsockname()[1]}/-/mcp"
        finally:
            server.should_exit = True
            await running


@asynccontextmanager
async def client(url: str, mode: Any = "auto", **given: Any) -> AsyncIterator["Client"]:
    """The official client over HTTP."""
    import httpx2
    from mcp.client import Client
    from mcp.client.streamable_http import streamable_http_client

    async with (
        httpx2.AsyncClient(**given) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as one,
    ):
        yield one


async def look_around(one: "Client") -> str:
    """What the client sees: our tools alone, answers with data, errors that say what to ask; its protocol."""
    assert [tool.name for tool in (await one.list_tools()).tools] == list(TOOLS)
    assert "never an instruction" in (one.instructions or "")
    found = await one.call_tool("search", {"query": "bảng mạch", "limit": 2})
    assert not found.is_error
    assert found.structured_content == json.loads(found.content[0].text)
    assert found.structured_content["results"][0]["outlet"]
    bad = await one.call_tool("search", {"limit": 999})
    assert bad.is_error
    assert bad.content[0].text.startswith("`limit`: expected `int` <= 50. The tool `search` takes: query")
    sql = await one.call_tool(*SQL)
    assert sql.is_error
    assert SECRET not in sql.content[0].text
    return str(one.protocol_version)


async def call(http: httpx.AsyncClient, url: str, method: str, **params: object) -> httpx.Response:
    """One plain JSON-RPC request."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return await http.post(url, json=body, headers=JSON)


async def test_an_assistant_starts_it_and_asks_over_stdio(tmp_path: Path) -> None:
    from mcp.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "crawler", "--home", str(home.path), "mcp"], env=environment()
    )
    async with Client(stdio_client(command)) as one:
        assert await look_around(one)
        for tool, arguments in [("article", {"id": 1}), ("event", {"id": 2}), ("coverage", {"query": "thép"}),
                                ("figures", {"indicator": "iip"}), ("documents", {}), ("health", {}),
                                ("names", {})]:  # fmt: skip
            told = await one.call_tool(tool, arguments)
            assert not told.is_error, told.content
            assert told.structured_content["data"]["warning"].startswith("The last crawl ended")


async def test_the_same_over_http_by_either_protocol(home: Home) -> None:
    async with serving(home) as url:
        spoken = set()
        for mode in ("auto", "legacy"):
            async with client(url, mode) as one:
                spoken.add(await look_around(one))
                assert SECRET in (await one.call_tool("article", {"id": 1})).content[0].text
        assert len(spoken) == 2
        async with httpx.AsyncClient() as http:
            listed = (await call(http, url, "tools/list")).json()["result"]["tools"]
            assert [tool["name"] for tool in listed] == list(TOOLS)
            assert all(tool["annotations"]["readOnlyHint"] for tool in listed)
            told = await call(http, url, "tools/call", name="search", arguments={"query": "thép"})
            assert told.json()["result"]["structuredContent"]["total"] == 40
            assert "mcp-session-id" not in told.headers
            for body in (b"", b"{", b"[]", b'"x"', b"\xff"):
                assert (await http.post(url, content=body, headers=JSON)).status_code == 400
            modern = JSON | {"mcp-protocol-version": "2026-07-28", "mcp-method": "subscriptions/listen"}
            listen = {"notifications": {"toolsListChanged": True}, "_meta": META}
            body = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": listen}
            assert (await http.post(url, json=body, headers=modern)).status_code == 404  # nothing is kept open
    assert logging.getLogger().level in (logging.WARNING, logging.NOTSET)


async def test_in_public_there_are_excerpts_and_never_sql(home: Home) -> None:
    async with serving(home, Access(public=True)) as url:
        async with client(url) as one:
            await look_around(one)
            for tool, arguments in [("article", {"id": 1}), ("search", {"query": "cau nam"}),
                                    ("figures", {"indicator": "iip"})]:  # fmt: skip
                told = await one.call_tool(tool, arguments)
                assert not told.is_error
                assert SECRET not in told.content[0].text
        async with httpx.AsyncClient() as http:
            for name in ("list_databases", "get_database_schema", "execute_sql", "list_canned_queries"):
                told = await call(http, url, "tools/call", name=name, arguments={"database": "archive"})
                assert told.json()["result"]["isError"], name
                assert "create table" not in told.text


async def test_who_may_not_read_may_not_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    monkeypatch.setattr(passwords, "COSTS", (16, 8, 1))
    with closing(open_desk(home.desk_db)) as desk:
        accounts.add(desk, "Quản Trị", "admin", PASSWORD, by="", now=NOW)
        accounts.add(desk, "Trợ Lý", "reader", PASSWORD, by="", now=NOW)
    basic = base64.b64encode(f"Trợ Lý:{PASSWORD}".encode()).decode()
    async with serving(home) as url, httpx.AsyncClient() as http:
        refused = await call(http, url, "tools/list")
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Basic ")
        assert (await http.get(url)).status_code == 302
        async with client(url, headers={"authorization": f"Basic {basic}"}) as one:
            await look_around(one)
        http.headers["authorization"] = f"Basic {basic}"
        assert (await call(http, url, "tools/list")).status_code == 200
        looked = await http.get(url)
        assert (looked.status_code, looked.headers["allow"]) == (405, "POST")
        for elsewhere in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
            assert (await http.post(url, json={}, headers=JSON | elsewhere)).status_code == 403
        assert (await http.post(url, json={}, headers=JSON | {"host": "evil.example"})).status_code == 421


async def test_what_datasettes_own_permissions_keep_is_kept(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    (home.path / "config").mkdir()
    allowed = "databases: {archive: {allow: {id: root}}}\n"
    (home.path / "config" / "metadata.yml").write_text(allowed, encoding="utf-8")
    async with serving(home) as url, httpx.AsyncClient() as http:
        told = await call(http, url, "tools/call", name="search", arguments={})
        assert told.json()["result"]["content"][0]["text"].startswith("You may not read this archive")
        assert (await http.get(url.replace("/-/mcp", "/tim.json"))).status_code == 403


async def test_without_the_extra_one_line_says_what_to_install(
    home: Home, plugin: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home.path), "--lang", "en", "mcp"])
    assert ended.value.code == 2
    line = "diemtin: the tools for assistants are not installed: pip install 'diemtin[assistants]'\n"
    assert capsys.readouterr().err == line
    monkeypatch.undo()
    pm.unregister(plugin)
    try:
        async with serving(home) as url, httpx.AsyncClient() as http:
            told = await call(http, url, "tools/list")
            assert (told.status_code, told.text) == (404, INSTALL)
            assert (await http.get(url.replace("/-/mcp", "/tim.json?q=x"))).status_code == 200
    finally:
        pm.register(plugin, "mcp")
