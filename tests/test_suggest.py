"""What the search box offers while someone types, as the page asks for it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
from datasette.app import Datasette

from archive.home import Home
from archive.web.access import Access
from archive.web.app import build
from tests import web_sample
from tests.web_sample import NOW

pytestmark = pytest.mark.timeless

DOCUMENTS = [
    ("52-NQ/TW", "Nghị quyết", "Bộ Chính trị"),
    ("520/QĐ-UBND", "Quyết định", "UBND tỉnh Thái Nguyên"),
    ("52/2024/NĐ-CP", "Nghị định", "Chính phủ"),
    ("138/NQ-CP", "Nghị quyết", "Chính phủ"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("offers"))
    web_sample.fill(home.archive_db)
    with closing(sqlite3.connect(home.archive_db)) as archive, archive:
        archive.executemany("insert into documents (number, kind, issuer) values (?, ?, ?)", DOCUMENTS)
        archive.execute("insert into documents (number) values ('52-XX/KHONGAI')")  # no article cites it
        archive.executemany(
            "insert into article_documents (article_id, number) values (1, ?)", [(one[0],) for one in DOCUMENTS]
        )
        archive.executemany(
            "insert into mentions (article_id, kind, name, count) values (2, 'place', ?, 1)",
            [("Sông Công",), ("KCN Sông Công",), ("Bắc Kạn",)],
        )
        archive.execute("update topics set name_en = 'Digital', query = 'CĐS OR x' where key = 'chuyen-doi-so'")
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW)) as datasette:
        yield datasette


async def offers(site: Datasette, typed: str, lang: str = "vi") -> list[dict[str, str]]:
    answer = await site.client.get("/tim/goi-y", params={"q": typed, "lang": lang})
    assert answer.status_code == 200, typed
    assert answer.headers["cache-control"].startswith("private")
    offered: list[dict[str, str]] = answer.json()["offers"]
    assert len(offered) <= 8
    return offered


FIRST = {
    "52-": ("document", {"52-KH/ĐC", "52-NQ/TW"}),
    "52-n": ("document", {"52-NQ/TW"}),
    "52/": ("document", {"52/2024/NĐ-CP"}),
    "nghi quyet 52": ("document", {"52-NQ/TW"}),
    "nq 138": ("document", {"138/NQ-CP"}),
    "ubnd": ("document", {"520/QĐ-UBND"}),
    "qd-ub": ("document", {"520/QĐ-UBND"}),
    "chinh phu": ("document", {"52/2024/NĐ-CP", "138/NQ-CP"}),
    "thai nguyen": ("place", {"Thái Nguyên"}),
    "song cong": ("place", {"Sông Công"}),
    "songcong": ("place", {"Sông Công"}),
    "Sông Cô": ("place", {"Sông Công"}),
    "tp sông": ("place", {"Sông Công"}),
    "kcn so": ("place", {"KCN Sông Công"}),
    "khu công nghiệp sông": ("place", {"KCN Sông Công"}),
    "bac can": ("place", {"Bắc Kạn"}),
    "trungdu": ("source", {"Báo Trung Du"}),
    "song ch": ("source", {"Thời báo Sông Chè"}),
    "btd": ("source", {"Báo Trung Du"}),
    "sotin.example": ("source", {"Cổng tin Sở Tin"}),
    "cds": ("topic", {"Chuyển đổi số"}),
    "chuyen d": ("topic", {"Chuyển đổi số"}),
}


@pytest.mark.parametrize("typed", FIRST)
async def test_what_is_meant_is_offered_first(site: Datasette, typed: str) -> None:
    kind, names = FIRST[typed]
    first = (await offers(site, typed))[0]
    assert first["kind"] == kind
    assert first["name"] in names


async def test_marks_that_were_typed_must_be_there(site: Datasette) -> None:
    names = {offer["name"] for offer in await offers(site, "sòng công")}
    assert "Sông Công" not in names


async def test_a_document_that_no_article_cites_is_not_offered(site: Datasette) -> None:
    assert "52-XX/KHONGAI" not in {offer["name"] for offer in await offers(site, "52-")}


@pytest.mark.parametrize(
    "typed", ["", "x", "%", "__", "\0\0", "🙂🙂", "١٢", "' or 1", '"', "-" * 9000, "a" * 9000, "ð̣̂" * 50]
)
async def test_strange_letters_are_no_error_and_name_nothing(site: Datasette, typed: str) -> None:
    assert await offers(site, typed) == []


async def test_fewer_than_two_letters_offer_nothing(site: Datasette) -> None:
    for typed in ("", "s", " s ", "5", "s-"):
        assert await offers(site, typed) == []


async def test_each_offer_leads_to_its_page(site: Datasette) -> None:
    for typed in ("52-", "sông công", "trungdu", "chuyen doi so"):
        offer = (await offers(site, typed))[0]
        page = await site.client.get(offer["href"])
        assert page.status_code == 200
        assert offer["name"] in page.text


async def test_topics_are_named_in_the_language_of_the_reader(site: Datasette) -> None:
    assert (await offers(site, "cds", "en"))[0]["name"] == "Digital"
    assert (await offers(site, "sông công", "en"))[0]["told"] == "place"


async def test_a_new_outlet_is_offered_at_once(site: Datasette, home: Home) -> None:
    await offers(site, "hoa")
    with closing(sqlite3.connect(home.archive_db)) as archive, archive:
        archive.execute("insert into sources (key, name) values ('hoaban', 'Báo Hoa Ban')")
    assert (await offers(site, "báo hoa"))[0]["href"] == "/tim?nguon=hoaban"
    with closing(sqlite3.connect(home.archive_db)) as archive, archive:
        archive.execute("delete from sources where key = 'hoaban'")


async def test_the_public_is_offered_the_same(home: Home, site: Datasette) -> None:
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as public:
        assert await offers(public, "sông công") == await offers(site, "sông công")
