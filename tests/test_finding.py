"""Finding without words, as a reader meets it: choices, saved searches, searches compared, the help page."""

import html
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette

from archive.clock import stamp
from archive.db import reading, sort_at
from archive.desk import accounts, passwords, sessions
from archive.desk.accounts import User
from archive.desk.db import open_desk
from archive.desk.personal import searches
from archive.desk.personal.searches import NotSaved, save_search, saved_searches
from archive.home import Home
from archive.query import parse
from archive.schema import prepare
from archive.search import browse, compare
from archive.web import PAGES
from archive.web.access import Access
from archive.web.app import build
from archive.web.auth import SESSION_COOKIE
from archive.web.search_params import SearchParams
from archive.web.views.finding import saved as saved_view
from tests import web_sample
from tests.web_sample import NOW

pytestmark = pytest.mark.timeless

PASSWORD = "chè xanh Đồi 2026"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("finding"))
    web_sample.fill(home.archive_db)
    with closing(sqlite3.connect(home.archive_db, isolation_level=None)) as archive:
        prepare(archive)
        archive.execute("update articles set level = 'about' where id in (1, 2)")
    return home


@pytest.fixture
async def site(home: Home) -> AsyncIterator[Datasette]:
    for left in (home.desk_db, accounts.marker(home.path)):
        left.unlink(missing_ok=True)
    open_desk(home.desk_db).close()
    async with web_sample.running(build(home, now=lambda: NOW)) as datasette:
        yield datasette


class Reader:
    """Someone's browser."""

    def __init__(self, site: Datasette, cookies: dict[str, str] | None = None) -> None:
        self.site, self.token = site, site.sign("x", "csrftoken")
        self.cookies = {**(cookies or {}), "ds_csrftoken": self.token}

    async def get(self, path: str) -> httpx.Response:
        page: httpx.Response = await self.site.client.get(path, cookies=self.cookies)
        assert page.status_code == 200, (path, page.status_code)
        return page

    async def text(self, path: str) -> str:
        return web_sample.words(await self.get(path))

    async def send(self, **given: object) -> httpx.Response:
        """The form of saved searches."""
        answer: httpx.Response = await self.site.client.post(
            "/tim/da-luu",
            data={"csrftoken": self.token, **{name: str(value) for name, value in given.items()}},
            cookies=self.cookies,
            headers={"origin": "http://localhost"},
        )
        return answer


@pytest.fixture
def reader(site: Datasette) -> Reader:
    return Reader(site)


def links(page: httpx.Response) -> list[tuple[str, str]]:
    """Addresses and texts of the links on a page."""
    found = re.findall(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', page.text, re.DOTALL)
    return [(html.unescape(path), html.unescape(re.sub(r"<[^>]+>", " ", text)).strip()) for path, text in found]


def counted(page: httpx.Response) -> int:
    """How many articles a page of results says it found."""
    told = re.search(r'<p class="under"><strong>(?:hơn )?([\d.]+) bài', page.text)
    assert told
    return int(told[1].replace(".", ""))


def number(text: str) -> int:
    return int(text.replace(".", ""))


async def test_every_number_of_the_empty_page_is_the_one_behind_its_link(reader: Reader) -> None:
    page = await reader.get("/tim")
    choices = page.text[page.text.index('class="choices"') :]
    numbers = [(html.unescape(path), number(text)) for path, text in
               re.findall(r'<a class="n" href="([^"]*)"[^>]*>([\d.]+)</a>', choices)]  # fmt: skip
    fields = {field for path, _ in numbers for field in re.findall(r"[?&](\w+)=", path)}
    assert {"nguon", "chude", "noi", "tochuc", "da", "muc", "tu"} <= fields
    one_of_each = {re.findall(r"\?(\w+)=", path)[0]: (path, said) for path, said in numbers[::-1]}
    for path, said in one_of_each.values():
        assert counted(await reader.get(path)) == said, path
    months = re.findall(r'<a href="([^"]*)">tháng (\d\d/\d{4}) <span>([\d.]+)</span>', choices)
    assert [month for _, month, _ in months] == ["11/2026", "10/2026"]  # the archive began in October
    for path, _, said in months[:2]:
        assert counted(await reader.get(html.unescape(path))) == number(said)


async def test_a_name_leads_to_all_its_articles_and_other_filters_narrow_on(reader: Reader) -> None:
    found = dict(reversed([(text, path) for path, text in links(await reader.get("/tim"))]))
    assert found["Báo Trung Du"] == "/tim?nguon=trungdu"
    page = await reader.get(found["Báo Trung Du"])
    text = web_sample.words(page)
    assert "Mọi bài; nguồn «Báo Trung Du»." in text
    assert "<h1>Báo Trung Du</h1>" in page.text
    assert "Không có chữ hay số nào để tìm" not in text
    narrowed = next(path for path, text in links(page) if text == "Công nghiệp" and path.startswith("/tim"))
    page = await reader.get(narrowed)
    assert "nguồn «Báo Trung Du»; chủ đề «Công nghiệp»." in web_sample.words(page)
    removal = [path for path, text in links(page) if text.startswith("Nguồn: ")]
    assert removal == ["/tim?chude=cong-nghiep"]


async def test_what_is_browsed_is_told_in_english_and_in_its_feed(reader: Reader) -> None:
    text = await reader.text("/tim?da=edited&tu=2026-11-01&den=2026-11-30&lang=en")
    assert "All articles; only those edited; 11/2026." in text
    feed = await reader.get("/tim.atom?da=edited")
    assert "Mọi bài; chỉ bài đã sửa." in feed.text
    assert "/bai/1" in (await reader.get("/tim.csv?da=edited")).text


async def test_a_month_shows_its_days_and_the_months_beside_it(reader: Reader) -> None:
    page = await reader.get("/tim?chude=cong-nghiep&tu=2026-10-01&den=2026-10-31")
    assert "<h1>Công nghiệp · tháng 10/2026</h1>" in page.text
    there = links(page)
    assert ("/tim?chude=cong-nghiep&tu=2026-09-01&den=2026-09-30", "‹ 09/2026") in there
    assert ("/tim?chude=cong-nghiep&tu=2026-11-01&den=2026-11-30", "11/2026 ›") in there
    days = [(path, text) for path, text in there if re.search(r"tu=(\S+)&den=\1$", path)]
    calendar = [(path, text.split()) for path, text in days if len(text.split()) == 2]
    assert sum(int(hits) for _, (_, hits) in calendar) == counted(page)
    path, (_, hits) = calendar[0]
    day = await reader.get(path)
    assert counted(day) == int(hits)
    assert "Cả tháng 10/2026" in web_sample.words(day)


async def test_an_empty_archive_says_what_comes(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    with closing(sqlite3.connect(home.archive_db, isolation_level=None)) as archive:
        prepare(archive)
        archive.execute("delete from articles")
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        assert "Kho tin chưa có bài nào." in await Reader(site).text("/tim")


def test_the_window_is_the_longest_that_is_counted_at_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    today = date(2026, 11, 21)
    with reading(home.archive_db) as db:
        wide = browse.load_choices(db, browse.Names(), today)
        monkeypatch.setattr(browse, "COUNTED", 15)
        narrow = browse.load_choices(db, browse.Names(), today)
    assert wide is not None
    assert narrow is not None
    assert (wide.since, len(wide.ids)) == (today - timedelta(days=364), 47)
    assert narrow.since == today - timedelta(days=13)
    assert 0 < len(narrow.ids) <= 15


async def test_marks_are_offered_to_the_desk_alone(home: Home, site: Datasette) -> None:
    with closing(open_desk(home.desk_db)) as desk:
        desk.execute(
            "insert into choices (digest, window, article_id, mark, rev, changed_by, changed_at)"
            " values ('sang', '', 1, 'chosen', 1, '', ?)",
            [stamp(NOW)],
        )
    text = await Reader(site).text("/tim")
    assert "Dấu ở bàn đã chọn 1" in text
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as public:
        text = await Reader(public).text("/tim")
        assert "Dấu ở bàn" not in text
        assert "Báo Trung Du" in text


async def test_a_search_is_saved_opened_renamed_and_removed_without_scripts(reader: Reader) -> None:
    page = await reader.get("/tim?q=công&nguon=trungdu&xep=dung")
    asked = re.search(r'name="tim" value="([^"]*)"', page.text)
    assert asked
    answer = await reader.send(viec="luu", ten="  Công  nghiệp ", tim=html.unescape(asked[1]))
    assert answer.status_code == 303
    back = await reader.text(answer.headers["location"].split("#")[0])
    assert "Đã lưu với tên «Công nghiệp»." in back
    assert "Công nghiệp không có bài mới" in await reader.text("/tim")
    assert "Công nghiệp không có bài mới" in await reader.text("/tai-khoan")
    opened = await reader.send(viec="mo", so=1)
    assert opened.headers["location"] == page.url.raw_path.decode()
    await reader.send(viec="ten", so=1, ten="Chè")
    listed = await reader.get("/tim/da-luu")
    assert "công · Báo Trung Du" in web_sample.words(listed)
    assert ("/cai-dat/quy-tac?q=c%C3%B4ng+ngu%E1%BB%93n%3Atrungdu", "Nhận tin này") in links(listed)
    gone = await reader.send(viec="bo", so=1, ten="Chè", tim="q=công")
    text = await reader.text(gone.headers["location"])
    assert "Đã bỏ «Chè»" in text
    assert "Chưa lưu cách tìm nào." in text


async def test_new_ones_are_counted_until_the_search_is_opened(home: Home, reader: Reader) -> None:
    await reader.send(viec="luu", ten="Thép", tim="q=thep")
    with closing(sqlite3.connect(home.archive_db, isolation_level=None)) as archive:
        prepare(archive)
        for slot in range(60):  # published before the look, found after it
            at = NOW - timedelta(hours=1)
            row = (1000 + slot, sort_at(at) + 500 + slot, f"https://x.example/{slot}", stamp(at))
            archive.execute(
                "insert into articles (id, sort, url, source, title, published_at, first_seen_at,"
                " last_seen_at, sha256) values (?, ?, ?, 'trungdu', 'Thép mới', ?4, ?4, ?4, '')",
                row,
            )
            if slot == 1:
                assert "Thép 2 bài mới" in await reader.text("/tim")
        assert "Thép hơn 50 bài mới" in await reader.text("/tim/da-luu")
        await reader.send(viec="mo", so=1)
        assert "Thép không có bài mới" in await reader.text("/tim")
        archive.execute("delete from articles where id >= 1000")


async def test_without_time_the_count_is_left_out(
    home: Home, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reader.send(viec="luu", ten="Thép", tim="q=thep")
    with closing(open_desk(home.desk_db)) as desk:
        desk.execute("update searches set seen_id = 0")
    monkeypatch.setattr(saved_view, "PATIENCE", 0.0)
    assert "Thép chưa đếm bài mới" in await reader.text("/tim")


async def test_the_empty_page_shows_the_ten_that_were_opened_last(home: Home, reader: Reader) -> None:
    with closing(open_desk(home.desk_db)) as desk:
        for at in range(12):
            save_search(desk, "", f"Số {at:02}", "q=a", 10**9, NOW - timedelta(days=at))
    text = await reader.text("/tim")
    assert "Số 09" in text
    assert "Số 10" not in text
    assert "Cả 12 cách tìm" in text
    await reader.send(viec="mo", so=12)
    assert "Số 11 không có bài mới" in await reader.text("/tim")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ten": " ", "tim": "q=a"}, "Tên còn trống."),
        ({"ten": "x" * 81, "tim": "q=a"}, "Tên dài quá 80 ký tự."),
        ({"ten": "CHÈ", "tim": "q=a"}, "Đã có một cách tìm tên «Chè»; hãy chọn tên khác."),
        ({"ten": "Khác", "tim": "xep=dung"}, "Không có gì để lưu: hãy tìm hoặc lọc trước."),
    ],
)
async def test_what_cannot_be_saved_is_told_and_not_lost(
    reader: Reader, given: dict[str, str], said: str
) -> None:
    await reader.send(viec="luu", ten="Chè", tim="q=che")
    answer = await reader.send(viec="luu", **given)
    assert answer.status_code == 400
    assert said in web_sample.words(answer)
    assert f'name="tim" value="{given["tim"]}"' in answer.text
    assert (await reader.send(viec="mo", so="9" * 30)).status_code == 404


def test_a_reader_has_a_hundred_and_they_go_with_the_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "COSTS", (16, 8, 1))
    monkeypatch.setattr(searches, "MOST", 3)
    with closing(open_desk(tmp_path / "desk.db")) as desk:
        accounts.add(desk, "Chủ", "admin", PASSWORD, by="", now=NOW)
        accounts.add(desk, "An", "reader", PASSWORD, by="", now=NOW)
        for at in range(3):
            save_search(desk, "An", f"Số {at}", "q=a", 0, NOW)
        with pytest.raises(NotSaved, match="search_too_many"):
            save_search(desk, "An", "Nữa", "q=a", 0, NOW)
        save_search(desk, "Chủ", "Số 0", "q=a", 0, NOW)
        accounts.remove(desk, "An", by="Chủ", now=NOW)
        assert (saved_searches(desk, "An"), len(saved_searches(desk, "Chủ"))) == ([], 1)


async def test_each_account_has_its_own_list_and_the_public_none(
    home: Home, site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "COSTS", (16, 8, 1))
    with closing(open_desk(home.desk_db)) as desk:
        accounts.add(desk, "Chủ", "admin", PASSWORD, by="", now=NOW)
        accounts.add(desk, "An", "reader", PASSWORD, by="", now=NOW)
        tokens = {
            name: sessions.open_session(desk, User(name, "reader"), address="", now=NOW)
            for name in ("Chủ", "An")
        }
    chu, an = (Reader(site, {SESSION_COOKIE: tokens[name]}) for name in ("Chủ", "An"))
    await an.send(viec="luu", ten="Của An", tim="q=che")
    assert "Của An" in await an.text("/tim")
    assert "Của An" not in await chu.text("/tim")
    assert (await chu.send(viec="mo", so=1)).status_code == 404
    await chu.send(viec="ten", so=1, ten="Cướp")
    await chu.send(viec="bo", so=1)
    text = await an.text("/tim/da-luu")
    assert "Của An" in text
    assert "Nhận tin này" not in text  # an admin's
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as public:
        page = await Reader(public).get("/tim?q=che")
        assert "Lưu cách tìm này" not in page.text
        assert (await public.client.get("/tim/da-luu")).status_code == 404


def table(page: httpx.Response, heading: str) -> list[list[tuple[str, str]]]:
    """The rows of the table under a heading: the cells' text and where they lead."""
    part = page.text[page.text.index(f">{heading}</h2>") :]
    body = part[part.index("<tbody>") : part.index("</tbody>")]
    rows = []
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        hrefs = [re.search(r'href="([^"]*)"', cell) for cell in cells]
        texts = [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells]
        paths = [html.unescape(href[1]) if href else "" for href in hrefs]
        rows.append(list(zip(texts, paths, strict=True)))
    return rows


async def test_two_searches_are_held_against_each_other_and_every_number_leads_to_its_list(
    reader: Reader,
) -> None:
    page = await reader.get("/tim/so-sanh?a=nha+may&b=day+chuyen+nguồn:trungdu,sotin")
    shares = {row[0][0]: row[1] for row in table(page, "Chung và riêng")}
    only_a, both = shares["chỉ A"], shares["A và B"]
    assert (only_a[0], shares["chỉ B"], both[0]) == ("1", ("0", ""), "2")
    listed = await reader.get(both[1])
    assert {path for path, _ in links(listed) if re.fullmatch(r"/bai/\d+", path)} == {"/bai/1", "/bai/3"}
    for heading in ("Theo báo", "Số bài mỗi ngày"):
        for row in table(page, heading):
            for said, path in row[1:]:
                assert (counted(await reader.get(path)) if path else 0) == number(said), (heading, row)
    sums = [sum(number(row[at][0]) for row in table(page, "Theo báo")) for at in (1, 2)]
    assert sums == [3, 2]


async def test_the_chart_has_the_numbers_of_the_table_in_shapes_and_letters(reader: Reader) -> None:
    page = await reader.get("/tim/so-sanh?a=san+luong&b=cong+nghiep&tu=2026-10-01")
    rows = table(page, "Số bài mỗi tuần")
    chart = page.text[page.text.index('class="bars beside"') :]
    told = re.findall(r'<rect class="(\w)" [^>]*><title>(\w) · (.*?): (\d+) bài</title>', chart)
    drawn = {(name, at): int(hits) for shape, name, at, hits in told if shape == name.lower()}
    assert drawn == {
        (name, row[0][0]): number(row[at][0])
        for row in rows
        for at, name in ((1, "A"), (2, "B"))
        if row[at][0] != "0"
    }
    assert len(drawn) > 10


async def test_a_search_with_very_many_hits_is_compared_as_far_as_all_were_counted(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "HITS", 10)
    page = await reader.get("/tim/so-sanh?a=cong+nghiep&b=che")
    told = re.search(r"chỉ so sánh các bài từ (\S+),", web_sample.words(page))
    assert told
    totals = re.findall(r'<td class="number"><a href="(/tim\?[^"]*)">(\d+)</a>', page.text)
    assert len(totals) > 2
    for path, said in totals[:2]:
        assert "tu=2026-11-" in path
        assert counted(await reader.get(html.unescape(path))) == int(said)


async def test_a_comparison_begins_with_a_search_and_asks_for_the_other(reader: Reader) -> None:
    page = await reader.get("/tim?q=chè HOẶC thép&nguon=trungdu&da=edited&tu=2026-11-01")
    path = {text: path for path, text in links(page)}["So sánh với…"]
    asks = await reader.get(f"{path}&tieng=roi")
    assert '<input type="hidden" name="tieng" value="roi">' in asks.text
    assert "Cần hai câu tìm để so sánh." in web_sample.words(asks)
    assert 'value="(chè HOẶC thép) đã:sửa nguồn:trungdu"' in html.unescape(asks.text)
    assert 'name="tu" value="2026-11-01"' in asks.text
    text = await reader.text("/tim/so-sanh?a=khongco&b=khongco&lang=en")
    assert "Two of the searches are the same." in text
    assert "No article found." in text


@pytest.mark.parametrize("lang", ["vi", "en"])
async def test_every_example_of_the_help_page_is_a_search_without_a_problem(reader: Reader, lang: str) -> None:
    page = await reader.get(f"/tro-giup?lang={lang}")
    examples = [(path, text) for path, text in links(page) if path.startswith("/tim?q=")]
    assert len(examples) == 24
    for _, text in examples[:-1]:
        query = parse(text, desk=True)
        assert (query.problem, query.blank) == ("", False), text
    assert parse(examples[-1][1]).problem  # the one that shows how a problem is told
    for path in {path for path, _ in links(page) if re.fullmatch(r"/[a-z/-]*", path)} - {"/archive"}:
        assert any(re.match(route.pattern, path) for route in PAGES), path


async def test_the_help_page_tells_the_public_nothing_of_the_desk(home: Home, reader: Reader) -> None:
    ours = await reader.text("/tro-giup")
    assert "dấu:chọn" in ours
    assert "j tin sau" in ours
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as public:
        text = await Reader(public).text("/tro-giup")
    for word in ("dấu:chọn", "Bàn điểm tin", "Sổ phản hồi", "Cách tìm đã lưu", "tin sau", "Sửa và gỡ", "đã:gỡ"):
        assert word not in text, word
    for word in ("Hôm nay", "Tìm kiếm", "So sánh"):
        assert word in text, word


def test_an_address_survives_being_kept() -> None:
    params = SearchParams(words="chè & thép", source="x", since=date(2026, 1, 2), order="relevance", page=3)
    kept = SearchParams.stored(params.to_query(), desk=False)
    assert kept == SearchParams(words="chè & thép", source="x", since=date(2026, 1, 2), order="relevance")
