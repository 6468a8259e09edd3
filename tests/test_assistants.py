"""What assistants are told: the archive's own answers with sources, times and their age; excerpts in public."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from archive.assistants.asking import BadQuestion, NothingThere, Reading
from archive.assistants.tools import TOOLS, call, schema
from archive.clock import stamp
from archive.db import reading
from archive.figures.indicators import Indicators, load_indicators
from archive.home import DEFAULTS, Home
from archive.places.gazetteer import Gazetteer, load_places
from archive.public.part import show_public_part
from archive.schema import prepare
from archive.search.results import search
from tests import web_sample
from tests.test_web_access import SECRET, tell_secrets
from tests.web_sample import NOW

BOUND = 60_000  # characters of any answer
EVERY = [
    ("search", {"query": "cong nghiep", "limit": 50}),
    ("search", {"query": "cau nam", "order": "relevance"}),
    ("search", {}),
    ("article", {"id": 1}),
    ("article", {"url": "https://songche.example/2"}),
    ("article", {"id": 5}),
    ("article", {"id": 6}),
    ("event", {"id": 3}),
    ("coverage", {"topic": "Công nghiệp", "step": "week"}),
    ("figures", {}),
    ("figures", {"indicator": "iip"}),
    ("documents", {}),
    ("documents", {"number": "52-KH/ĐC"}),
    ("health", {"whole": True}),
    ("names", {}),
]

TEXTS = [("search", "query"), ("coverage", "query"), ("search", "place"), ("article", "url"),
         ("documents", "number"), ("figures", "indicator"), ("figures", "place")]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("assistants"))
    web_sample.fill(home.archive_db)
    return home


@pytest.fixture
def archive(home: Home) -> Iterator[Reading]:
    with opened(home) as one:
        yield one


@contextmanager
def opened(home: Home, *, public: bool = False, late: timedelta = timedelta()) -> Iterator[Reading]:
    """The home's archive as tools read it."""
    with reading(home.archive_db) as db:
        prepare(db.conn)
        if public:
            show_public_part(db)
        yield Reading(db, *config(), NOW + late, public, "https://tin.example")


@cache
def config() -> tuple[Gazetteer, Indicators]:
    return load_places(DEFAULTS / "places.yml"), load_indicators(DEFAULTS / "indicators.yml")


def ask(archive: Reading, tool: str, **arguments: object) -> Any:
    """The answer as a client gets it."""
    return msgspec.to_builtins(call(archive, tool, arguments))


def test_a_search_is_the_archives_own(archive: Reading) -> None:
    told = ask(archive, "search", query="cong nghiep", limit="3")
    own = search(archive.db, "cong nghiep", limit=3, places=archive.places)
    assert [one["url"] for one in told["results"]] == [hit.url for hit in own.hits]
    assert (told["total"], told["capped"], told["understood"]) == (own.total, False, own.understood)
    assert told["further"]
    first = told["results"][0]
    assert first["archive_url"] == f"https://tin.example/bai/{first['id']}"
    assert (first["outlet"], first["published_at"]) == ("Cổng tin Sở Tin", "2026-11-21T09:00:00+07:00")
    second = ask(archive, "search", query="cong nghiep", limit=3, page=2)["results"]
    assert {one["id"] for one in second}.isdisjoint(one["id"] for one in told["results"])


def test_filters_alone_or_nothing_at_all_browse_the_newest(archive: Reading) -> None:
    edited = ask(archive, "search", state="edited")
    assert [one["id"] for one in edited["results"]] == [1]
    assert edited["understood_en"] == "All articles that fit the filters."
    named = ask(archive, "search", source="Thời báo Sông Chè", since="2026-11-21", until="2026-11-21")
    assert [one["id"] for one in named["results"]] == [2]
    assert ask(archive, "search")["total"] == 47
    assert ask(archive, "search", query="!!!")["total"] == 0
    grouped = ask(archive, "search", query="bang mach", grouped=True)
    assert len(grouped["results"]) < ask(archive, "search", query="bang mach")["total"]


def test_words_may_be_read_otherwise(archive: Reading) -> None:
    together = ask(archive, "search", query="chuyen doi so")
    assert {one["id"] for one in together["results"]} == {1, 2, 3, 4}
    apart = ask(archive, "search", query="chuyen doi so", apart=True)
    assert apart["understood"] != together["understood"]
    assert apart["total"] >= together["total"]


def test_an_article_tells_what_became_of_it(archive: Reading) -> None:
    told = ask(archive, "article", id=1)
    assert told["content"]["text"] == web_sample.BODY
    edit, first = told["history"]["versions"]
    assert (edit["kind"], first["kind"]) == ("edit", "first")
    assert edit["changes"] == [{"kind": "figure", "before": "7,8%", "after": "6,8%"}]
    assert told["facts"]["documents"][0]["number"] == "52-KH/ĐC"
    assert "6,8%" in told["facts"]["figures"][0]["quote"]
    assert told["told_by"] == 3
    gone = ask(archive, "article", id=5)
    assert gone["article"]["state"] == "gone"
    assert [one["state"] for one in gone["history"]["states"]] == ["suspected", "gone"]
    reprint = ask(archive, "article", url="https://songche.example/2/")
    assert reprint["credit"] == {
        "outlet": "Báo Trung Du", "url": "https://trungdu.example/1", "article_id": 1
    }  # fmt: skip
    assert ask(archive, "article", id=6)["article"]["url"] == ""  # no address that a browser would run


def test_an_event_tells_newsrooms_from_reprints(archive: Reading) -> None:
    told = ask(archive, "event", id=3)
    assert (told["outlets"], told["independent"], told["reprinting"]) == (3, 1, 2)
    assert told["first"]["outlet"] == "Báo Trung Du"
    [story] = told["stories"]
    assert story["independent"]
    assert [one["source"] for one in story["reprinted_by"]] == ["songche", "sotin"]


def test_coverage_adds_up(archive: Reading) -> None:
    told = ask(archive, "coverage", query="thép", step="month")
    assert told["counted"] == sum(one["articles"] for one in told["periods"]) == 40
    assert [one["since"][-2:] for one in told["periods"]] == ["01", "01"]
    assert [(one["source"], sum(one["by_period"])) for one in told["outlets"]] == [("trungdu", 40)]
    by_day = ask(archive, "coverage", since="2026-11-20", until="2026-11-21", step="day")
    sql = "select source, count(*) from articles where published_at >= '2026-11-19T17' group by 1"
    counts = dict(archive.db.execute(sql).fetchall())
    assert {one["source"]: one["articles"] for one in by_day["outlets"]} == counts


def test_more_periods_than_can_be_told_are_refused(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    with closing(sqlite3.connect(home.archive_db)) as db, db:
        prepare(db)
        db.execute("update articles set sort = sort - 400 * 1440 * 1024 where id = 5")
    with opened(home) as archive:
        assert len(ask(archive, "coverage", topic="cong-nghiep", step="week")["periods"]) < 70
        with pytest.raises(BadQuestion, match=r"narrow `since` and `until`, or take `step` week or month"):
            ask(archive, "coverage", topic="cong-nghiep", step="day")


def test_figures_and_documents_lead_to_their_sentence(archive: Reading) -> None:
    assert [one["key"] for one in ask(archive, "figures")["indicators"]] == ["iip", "pci"]
    for asked in ("iip", "chi so san xuat cong nghiep"):
        told = ask(archive, "figures", indicator=asked)
        [point] = told["points"]
        assert (told["key"], point["value"], point["period"]) == ("iip", 6.8, "2026-01..2026-10")
        assert "6,8%" in point["quote"]
        assert point["archive_url"] == "https://tin.example/bai/1"
    [cited] = ask(archive, "documents", number="52-KH/ĐC")["citing"]
    assert cited["article"]["id"] == 1
    assert "52-KH/ĐC" in cited["quote"]
    assert [one["number"] for one in ask(archive, "documents", number="ke hoach")["documents"]] == ["52-KH/ĐC"]


def test_health_tells_what_was_not_read(archive: Reading) -> None:
    told = ask(archive, "health")
    assert [(one["key"], one["level"]) for one in told["sources"]] == [
        ("sotin", "red"), ("songche", "amber"), ("im", "grey")
    ]  # fmt: skip
    assert (told["not_read"], told["outcomes"]["irrelevant"], told["levels"]["green"]) == (9, 40, 1)
    [one] = ask(archive, "health", source="songche")["sources"]
    assert one["coverage"]["kept"] == 2
    assert one["outcomes"] == {"stored": 1, "failed": 9}


def test_names_are_the_keys_of_the_filters(archive: Reading) -> None:
    told = ask(archive, "names")
    assert {one["key"] for one in told["topics"]} == {"cong-nghiep", "chuyen-doi-so"}
    assert "songche" in {one["key"] for one in told["outlets"]}
    assert told["articles"] == 47


@pytest.mark.parametrize(("tool", "arguments"), EVERY)
def test_every_answer_is_bounded_dated_and_as_its_schema_says(
    archive: Reading, tool: str, arguments: dict[str, Any]
) -> None:
    told = ask(archive, tool, **arguments)
    jsonschema.validate(told, schema(TOOLS[tool].answer), jsonschema.Draft202012Validator)
    assert told["data"] == {
        "now": "2026-11-21T11:00:00+07:00",
        "last_crawl": "2026-11-21T10:35:00+07:00",
        "newest_article": "2026-11-21T09:00:00+07:00",
        "warning": "",
    }
    assert len(json.dumps(told, ensure_ascii=False)) < BOUND


def test_old_data_says_so(home: Home) -> None:
    with opened(home, late=timedelta(days=3)) as archive:
        warning = ask(archive, "search", query="x")["data"]["warning"]
        assert warning.startswith("The last crawl ended 3.0 days ago")


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("search", {"q": "x"}, r"unknown field `q`. The tool `search` takes: query, since"),
        ("search", {"query": "x", "limit": 1000}, r"`limit`: expected `int` <= 50"),
        ("search", {"query": "x", "since": "hôm qua"}, r"`since`: expected a day like 2026-11-21"),
        ("search", {"query": ["x"]}, r"`query`: expected `str`, got `array`"),
        ("search", {"level": "chính"}, r"`level`: invalid enum value 'chính'"),
        ("search", {"since": "2026-11-02", "until": "2026-11-01"}, r"exchange them"),
        ("search", {"source": "trung-du"}, r"no outlet «trung-du»; nearest: trungdu"),
        ("search", {"topic": "nông nghiệp"}, r"no topic «nông nghiệp»; nearest: cong-nghiep"),
        ("article", {}, r"Give the `id` of an article, or its address as `url`"),
        ("article", {"id": 999}, r"no article 999 .* tool `search`"),
        ("event", {"url": "https://nowhere.example/"}, r"no article of that address"),
        ("figures", {"indicator": "iipp"}, r"no indicator «iipp»; nearest: iip"),
        ("documents", {"number": "999-XX"}, r"or look in the texts: tool `search`"),
        ("execute_sql", {"sql": "select 1"}, r"no tool «execute_sql». There are: search, article"),
    ],
)
def test_what_cannot_be_answered_says_what_to_ask(
    archive: Reading, tool: str, arguments: dict[str, object], says: str
) -> None:
    with pytest.raises(BadQuestion, match=says) as refused:
        call(archive, tool, arguments)
    assert "\n" not in str(refused.value)


def test_odd_texts_are_no_fault(archive: Reading) -> None:
    for text in (
        "\ud800",
        "a\x00b",
        '"',
        "((",
        "NEAR(",
        "-",
        "*" * 50,
        "title:",
        "x" * 4000,
        "52-NQ/TW " * 400,
    ):
        for tool, name in TEXTS:
            with suppress(BadQuestion):
                assert json.dumps(ask(archive, tool, **{name: text})).encode()
    assert ask(archive, "search", query=None, source="", limit=None)["total"] == 47


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with texts that must not be told in public, and an article with too much of everything."""
    home = Home.at(tmp_path_factory.mktemp("loaded"))
    web_sample.fill(home.archive_db)
    tell_secrets(home)
    return home


@pytest.mark.parametrize(("tool", "arguments"), EVERY)
def test_in_public_no_more_is_told_than_on_the_pages(
    loaded: Home, tool: str, arguments: dict[str, Any]
) -> None:
    with opened(loaded, public=True) as archive:
        try:
            told = json.dumps(ask(archive, tool, **arguments), ensure_ascii=False)
        except BadQuestion as error:
            told = str(error)
    assert SECRET not in told
    assert "Câu ba" not in told
    with opened(loaded) as archive:
        whole = ask(archive, "article", id=1)
    assert SECRET in whole["content"]["text"]


def test_too_much_of_everything_is_cut_and_said(loaded: Home) -> None:
    db = sqlite3.connect(loaded.archive_db)
    prepare(db)
    db.execute("update articles set body = ? where id = 46", ["Câu dài lắm. " * 20_000])
    many = range(300)
    db.executemany(
        "insert into versions (article_id, seen_at, kind, title, lead, body, sha256, changes)"
        " values (46, ?, 'edit', '', '', '', '', ?)",
        [(stamp(NOW), json.dumps([{"kind": "wording", "field": "body", "before": "a " * 900,
                                   "after": "b " * 900}] * 40))] * 60,
    )  # fmt: skip
    db.executemany(
        "insert into figures (article_id, key, indicator, value, unit, kind, quote)"
        " values (46, 'iip', 'x', ?, '%', 'actual', ?)", [(float(n), "câu " * 500) for n in many]
    )  # fmt: skip
    db.executemany(
        "insert into mentions (article_id, kind, name, count) values (46, 'place', ?, 1)",
        [(f"Xã {n}",) for n in many],
    )  # fmt: skip
    db.executemany("insert into documents (number) values (?)", [(f"{n}/QĐ",) for n in many])
    db.executemany("insert into article_documents (article_id, number, quote) values (46, ?, ?)",
                   [(f"{n}/QĐ", "câu " * 500) for n in many])  # fmt: skip
    db.commit()
    db.close()
    with opened(loaded) as archive:
        told = ask(archive, "article", id=46)
        assert len(json.dumps(told, ensure_ascii=False)) < BOUND
        assert told["left_out"][:3] == ["versions: 51 more", "documents: 280 more", "figures: 270 more"]
        pieces, at = "", 0
        while at is not None:
            piece = ask(archive, "article", id=46, text_from=at)["content"]
            pieces, at = pieces + piece["text"], piece["next_text_from"]
        assert pieces == "Câu dài lắm. " * 20_000
        assert "ends" in ask(archive, "article", id=46, text_from=10**7)["left_out"][0]
        assert len(json.dumps(ask(archive, "figures", indicator="iip", limit=60), ensure_ascii=False)) < BOUND


def test_nothing_there_is_told_from_a_bad_question() -> None:
    assert (NothingThere.status, BadQuestion.status) == (404, 400)


def test_descriptions_say_when_to_use_a_tool_with_vietnamese_examples() -> None:
    for tool in TOOLS.values():
        assert 150 < len(tool.description) < 900, tool.name
        described = schema(tool.asked)
        assert described["type"] == schema(tool.answer)["type"] == "object"
        assert described["additionalProperties"] is False
    for name, example in (("search", "chuyển đổi số"), ("figures", "chỉ số sản xuất"), ("documents", "NQ/TW")):
        assert example in TOOLS[name].description
