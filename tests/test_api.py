"""The JSON beside our pages: as its OpenAPI file says, in the command line's shapes, errors in one line."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from click.testing import CliRunner
from datasette.app import Datasette

from archive.clock import moment
from archive.home import Home
from archive.web import PAGES
from archive.web.access import Access
from archive.web.app import build
from archive.web.views.api.answers import ANSWERS, load_openapi
from crawler.cli import main
from tests import web_sample
from tests.web_sample import NOW

FOUND = {"id": "1", "key": "iip"}  # what the sample has


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("api"))
    web_sample.fill(home.archive_db)
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW)) as datasette:
        yield datasette


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in load_openapi()["paths"].items():
        yield path, methods["get"]


def resolved(one: dict[str, Any]) -> dict[str, Any]:
    """What a reference within the file leads to."""
    at: Any = load_openapi()
    for part in one["$ref"].split("/")[1:] if "$ref" in one else ():
        at = at[part]
    return at if "$ref" in one else one


def check(answer: httpx.Response, operation: dict[str, Any]) -> Any:
    """The answer, after it was held against what the file says of its status."""
    assert answer.headers["content-type"].startswith("application/json")
    described = resolved(operation["responses"][str(answer.status_code)])
    schema = {**described["content"]["application/json"]["schema"], "components": load_openapi()["components"]}
    jsonschema.validate(answer.json(), schema, jsonschema.Draft202012Validator)
    return answer.json()


def test_the_file_describes_every_address_and_no_other() -> None:
    described = [re.sub(r"\{\w+\}", "1", path) for path, _ in operations()]
    for pattern, *_ in ANSWERS[:-1]:
        assert sum(bool(re.match(pattern, path)) for path in described) == 1, pattern
    assert len(described) == len(ANSWERS) - 1
    assert {(pattern, looks) for pattern, _, looks in ANSWERS} <= {(page.pattern, page.looks) for page in PAGES}
    told = (Path(__file__).parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
    for path, _ in operations():
        assert path.replace("{id}", "ID").replace("{key}", "KEY") in told


async def test_it_is_served_and_every_parameter_has_its_words(site: Datasette) -> None:
    served = (await site.client.get("/-/openapi.json")).json()
    assert served == json.loads(json.dumps(load_openapi()))
    assert served["openapi"] == "3.1.0"
    for path, operation in operations():
        for one in map(resolved, operation.get("parameters", [])):
            assert one["name"] in path or one["in"] == "query"
            jsonschema.Draft202012Validator.check_schema(one["schema"])


@pytest.mark.parametrize(("path", "operation"), list(operations()))
@pytest.mark.parametrize("public", [False, True])
async def test_each_address_answers_as_described(
    home: Home, path: str, operation: dict[str, Any], public: bool
) -> None:
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=public))) as site:
        answer = await site.client.get(path.format(**FOUND))
        if public and path.startswith("/so-lieu"):
            assert answer.status_code == 404  # figures are not for the public
            return
        assert answer.status_code == 200
        assert check(answer, operation)["data"]["last_crawl"] == "2026-11-21T10:35:00+07:00"
        for one in map(resolved, operation.get("parameters", [])):
            if one["in"] == "path":
                continue
            given = one.get("example") or one["schema"].get("enum", ["2"])[0]
            some = await site.client.get(path.format(**FOUND), params={one["name"]: given})
            check(some, operation)
            empty = await site.client.get(path.format(**FOUND), params={one["name"]: ""})
            assert check(empty, operation) == answer.json()


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/tim.json?so=x", 400, "`so`: expected `int`, got `str`"),
        ("/tim.json?so=51", 400, "`so`: expected `int` <= 50"),
        ("/tim.json?trang=0", 400, "`trang`: expected `int` >= 1"),
        ("/tim.json?tu=h%C3%B4m+qua", 400, "`tu`: expected a day like 2026-11-21"),
        ("/tim.json?muc=ch%C3%ADnh", 400, "`muc`: invalid enum value"),
        ("/tim.json?tu=2026-02-01&den=2026-01-01", 400, "`tu` 2026-02-01 is after `den` 2026-01-01"),
        ("/tim.json?nguon=trung-du", 404, "There is no outlet «trung-du»; nearest: trungdu"),
        ("/tim/theo-ky.json?ky=year", 400, "`ky`: invalid enum value 'year'"),
        ("/bai/999.json", 404, "There is no article 999 in this archive"),
        ("/bai/0.json", 400, "`id`: expected `int` >= 1"),
        ("/bai/999999999999999999/su-kien.json", 400, "`id`: expected `int` <="),
        ("/bai/x%2Cy.json", 400, "`id`: expected `int`, got `str`"),
        ("/so-lieu/%C2%84.json", 404, "There is no indicator «\x84»"),
        ("/so-lieu/khong.json", 404, "There is no indicator «khong»"),
        ("/van-ban.json?so=999-XX", 404, "No article cites a document «999-XX»"),
        ("/nguon.json?nguon=x", 404, "There is no outlet «x»"),
    ],
)
async def test_what_cannot_be_answered_is_said_in_the_words_of_the_address(
    site: Datasette, path: str, status: int, says: str
) -> None:
    answer = await site.client.get(path)
    assert (answer.status_code, says in answer.json()["error"]) == (status, True), answer.text


async def test_a_method_that_is_none_is_answered_with_those_there_are(site: Datasette) -> None:
    told = await site.client.request("TRACE", "/tim.json?q=x")
    assert (told.status_code, told.headers["allow"], told.json()["status"]) == (405, "GET, HEAD", 405)
    assert (await site.client.request("PUT", "/da-loai")).headers["allow"] == "GET, HEAD, POST"
    assert (await site.client.request("GET", "/ban/tin")).headers["allow"] == "POST"


def printed(home: Home, *command: str) -> Any:
    """What a command prints with ``--json``."""
    return json.loads(CliRunner().invoke(main, ["--home", str(home.path), *command, "--json"]).stdout)


async def test_the_shapes_are_those_of_the_command_line(home: Home, site: Datasette) -> None:
    own = printed(home, "search", "cong nghiep", "--limit", "3")
    told = (await site.client.get("/tim.json?q=cong+nghiep&so=3")).json()
    assert {name: told[name] for name in own if name != "results"} == {
        name: own[name] for name in own if name != "results"
    } | {"total": 44, "capped": False}
    for one, other in zip(told["results"], own["results"], strict=True):
        assert moment(one.pop("published_at")) == moment(other.pop("published_at"))
        assert {name: one[name] for name in other} == other
    ledger = printed(home, "figures", "iip")
    told = (await site.client.get("/so-lieu/iip.json")).json()
    assert told["points"][0].keys() == ledger["points"][0].keys()
    assert ledger.keys() <= told.keys()
    told = (await site.client.get("/nguon.json")).json()
    keys = {one["key"] for one in told["sources"]}
    rows = [row for row in printed(home, "health") if row["key"] in keys]  # not what concerns the whole home
    assert [row["key"] for row in rows] == [row["key"] for row in told["sources"]]
    assert told["sources"][1].keys() == rows[1].keys()
