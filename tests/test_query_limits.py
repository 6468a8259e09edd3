"""Queries of a million brackets, quotes or operators: read in one go, explained plainly, never for long."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from datasette.app import Datasette

from archive.clock import check_time, time_limit
from archive.home import DEFAULTS, Home
from archive.places.gazetteer import load_places
from archive.query import match_expression, parse
from archive.query.parser import MAX_LENGTH
from archive.schema import open_archive
from archive.search.match import FoldedText, holds
from archive.search.results import search
from archive.web.app import build
from archive.web.request import PageRequest
from tests import web_sample
from tests.part import part

pytestmark = [pytest.mark.timeless, pytest.mark.timeout(60)]
LONG = 1_000_000
PIECES = (
    "(", ")", "()", "(a ", "-", " -", "-(", '"', '" ', '"a" ', '"a b"~9 ', "OR ", "a OR ", "a OR (", "NOT ",
    "NOT a ", "AND ", "NEAR(", "NEAR(a b ", "NEAR(a b) ", "NEAR((", "*", "a* ", "ab* ", "title:", "title:(",
    "nguồn:a ", "nguồn:a OR ", "nguồn:a,", "sau:x ", "is:x ", "a ", "a,", "a|b ", "| ", ":", "đã:", "“”",
    "\u0301", "\x00", " ", "phổ yên ", "thái nguyên OR ", "công ty ", "1/", "😀", "(a) ", "-(a) ", "~9",
)  # fmt: skip
PLACES = load_places(DEFAULTS / "places.yml")


@pytest.mark.parametrize("piece", part(PIECES, 4))
def test_any_million_letters_are_read_at_once(piece: str) -> None:
    text = piece * (LONG // len(piece))
    query = parse(text, PLACES)
    assert len(query.fts) < 30_000
    assert len(query.problem) < 3000
    assert len(query.understood) < 30_000
    assert str(MAX_LENGTH) in query.problem
    assert match_expression(text)


def test_brackets_that_are_closed_may_not_go_as_deep_either() -> None:
    assert parse("(" * 2000 + "a" + ")" * 2000, PLACES).problem


def test_operators_without_words_end_too(tmp_path: Path) -> None:
    db = open_archive(tmp_path / "archive.db")
    for piece in part(PIECES, 3):
        assert not search(db, piece * 2000, limit=20, places=PLACES).hits
    db.close()


def test_words_far_apart_are_seen_to_be_so_in_a_long_text() -> None:
    text = FoldedText("công " * 30_000 + "x " * 50 + "nghiệp " * 30_000)
    assert not holds(parse("NEAR(công nghiệp, 10)"), FoldedText(""), text)
    assert holds(parse("NEAR(công nghiệp, 60)"), FoldedText(""), text)


def test_reading_texts_ends_with_the_time_limit() -> None:
    query, text = parse('"công nghiep" OR "cong nghiệp"'), FoldedText("công nghiệp " * 1000)
    with time_limit(-1), pytest.raises(sqlite3.OperationalError, match="interrupted"):
        holds(query, FoldedText(""), text)
    check_time()  # no limit here any more


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Datasette]:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    async with web_sample.running(build(home, now=lambda: web_sample.NOW)) as running:
        yield running


@pytest.mark.parametrize("route", ["/tim", "/tim.json", "/tim.atom", "/tim.csv", "/tim/goi-y", "/bai/1"])
async def test_every_route_that_takes_a_query_answers_at_once(site: Datasette, route: str) -> None:
    for piece in ("(", "-(", '"', "NEAR(", "OR ", "NOT ", "a* ", "is:x "):
        text = quote(piece * 4000)
        answer = await site.client.get(f"{route}?q={text[:60_000]}")
        assert answer.status_code in (200, 400)


async def test_all_queries_of_a_page_together_have_a_limit(site: Datasette) -> None:
    scope = {"type": "http", "path": "/", "headers": [], "query_string": b"", "csrftoken": lambda: ""}
    request = type("Request", (), {"scope": scope, "args": {}, "cookies": {}, "query_string": ""})()
    req = PageRequest.unchecked(site, request)
    assert (await req.query(lambda db: db.execute("select 1").fetchone()))[0] == 1
    scope["diemtin.spent"] = [1000.0]
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        await req.query(lambda db: db.execute("select 1").fetchone())
