"""An event on the pages: one entry, the best told story first; an editor joins, splits and takes back."""

import re
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette

from archive.clock import stamp
from archive.db import reading, writing
from archive.desk import log
from archive.desk.db import open_desk
from archive.home import Home
from archive.schema import open_archive
from archive.stories import grouping
from archive.stories.entries import entry_keys
from archive.stories.events import event_of
from archive.web.access import Access
from archive.web.app import build
from tests import web_sample
from tests.happenings import ANEW, FIRE, LATER, Fire, fill, one_event, tell_fire
from tests.newsroom import Newsroom, hanoi
from tests.web_sample import words

pytestmark = pytest.mark.timeless

NOW = hanoi("2026-11-24")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path)


@pytest.fixture
def room(home: Home) -> Newsroom:
    room = Newsroom(home.path)
    room.db.table("topics").insert({"key": "chay", "name": "Cháy nổ", "query": '"cháy"', "weight": 1})
    fill(room, NOW)
    return room


@pytest.fixture
def fire(room: Newsroom) -> Fire:
    fire = tell_fire(room, NOW - timedelta(hours=5))
    rows = [{"article_id": one, "topic": "chay"} for one in (fire.first, fire.anew, fire.reprint)]
    room.db.table("article_topics").insert_all(rows)
    return fire


@pytest.fixture
async def site(home: Home, fire: Fire) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(home, now=lambda: NOW)) as datasette:
        yield datasette


async def get(site: Datasette, path: str) -> httpx.Response:
    page: httpx.Response = await site.client.get(path)
    assert page.status_code == 200
    return page


async def send(site: Datasette, seen: str, **data: Any) -> str:
    """A form of the page ``seen``; what the page that follows says."""
    token = re.search(r'name="csrftoken" value="([^"]+)"', (await get(site, seen)).text)
    assert token
    answer = await site.client.post(
        "/su-kien", data=data | {"csrftoken": token[1]}, cookies={"ds_csrftoken": token[1]}
    )
    assert answer.status_code == 303, answer.text
    return words(await get(site, answer.headers["location"].partition("#")[0]))


def events(home: Home, *articles: int) -> list[int | None]:
    with reading(home.archive_db) as db:
        return [event_of(db, one) for one in articles]


@pytest.mark.parametrize("path", ["/", "/chu-de/chay"])
async def test_an_event_is_one_entry_and_the_story_that_tells_most_leads(site: Datasette, path: str) -> None:
    page = await get(site, path)
    assert re.findall(r"<h[23]><a[^>]*/bai/[^>]*>([^<]*)</a></h[23]>", page.text) == [ANEW[0]]
    shown = words(page)
    assert "3 báo, 2 tự viết, 1 đăng lại" in shown
    assert "Khác nhau: thiệt hại 3 tỷ đồng (Báo Sông Bằng); 5 tỷ đồng (Tạp chí Mây Tre)" in shown
    assert FIRE[0] in page.text, "the other story's title stands on its link"
    assert "cập nhật" not in shown


async def test_what_goes_on_the_next_day_is_an_update(site: Datasette, room: Newsroom, fire: Fire) -> None:
    later = room.publish(LATER, NOW + timedelta(hours=22), source="song-bang")
    one_event(room, fire.first, later)
    async with web_sample.running(build(Home.at(room.folder), now=lambda: NOW + timedelta(days=1))) as tomorrow:
        page = words(await get(tomorrow, "/"))
    assert "cập nhật" in page
    assert "3 báo, 2 tự viết, 1 đăng lại" in page


async def test_the_page_of_an_article_says_who_tells_it_and_why_it_is_one(site: Datasette, fire: Fire) -> None:
    shown = words(await get(site, f"/bai/{fire.first}"))
    assert "Cùng sự kiện 3 báo, 2 tự viết, 1 đăng lại" in shown
    assert "Báo Sông Bằng 02:00 (Báo đăng đầu tiên) · Diễn đàn Số 05:00 (theo Báo Sông Bằng)" in shown
    assert "Vì sao cùng sự kiện" in shown
    assert "tách ra" in shown
    english = words(await get(site, f"/bai/{fire.first}?lang=en"))
    assert "3 outlets, 2 in their own words, 1 reprints" in english


async def test_a_split_stays_through_reprocessing_and_is_taken_back(
    site: Datasette, home: Home, fire: Fire
) -> None:
    said = await send(site, f"/bai/{fire.first}", viec="tach", bai=str(fire.first), tin=str(fire.anew))
    assert "Đã ghi" in said
    assert f"tách bài {fire.anew} khỏi sự kiện" in words(await get(site, f"/bai/{fire.anew}"))
    assert events(home, fire.first, fire.anew, fire.reprint) == [fire.first, fire.anew, fire.first]
    with closing(open_archive(home.archive_db)) as db:
        grouping.rebuild(db, NOW)
    assert events(home, fire.first, fire.anew, fire.reprint) == [fire.first, fire.anew, fire.first]
    with closing(open_desk(home.desk_db)) as desk:
        [entry] = log.of_article(desk, fire.anew)
    said = await send(site, f"/bai/{fire.anew}", viec="hoan-tac", bai=str(fire.anew), so=str(entry.id))
    assert "Đã hoàn tác" in said
    assert len(set(events(home, fire.first, fire.anew, fire.reprint))) == 1
    said = await send(site, f"/bai/{fire.anew}", viec="hoan-tac", bai=str(fire.anew), so=str(entry.id))
    assert "Không hoàn tác được" in said


async def test_two_events_are_joined_by_an_address_and_parted_again(
    site: Datasette, home: Home, room: Newsroom, fire: Fire
) -> None:
    other = room.publish(
        ("Giá chè búp tăng", "Thương lái mua tận đồi.", "Bà con phấn khởi ra đồi từ sớm. " * 9),
        NOW - timedelta(hours=1),
    )
    assert events(home, other) == [other]
    said = await send(
        site, f"/bai/{other}", viec="gop", bai=str(other), voi=f"http://a.example/bai/{fire.anew}?q=x"
    )
    assert "Đã ghi" in said
    assert "biên tập viên gộp" in said
    assert len(set(events(home, other, fire.first, fire.anew, fire.reprint))) == 1
    with closing(open_archive(home.archive_db)) as db:
        grouping.rebuild(db, NOW)
    assert len(set(events(home, other, fire.first, fire.anew, fire.reprint))) == 1
    with closing(open_desk(home.desk_db)) as desk:
        [entry] = log.of_article(desk, other)
    await send(site, f"/bai/{other}", viec="hoan-tac", bai=str(other), so=str(entry.id))
    assert events(home, other, fire.first, fire.anew) == [other, fire.first, fire.first]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("99999", "Không có bài ấy"), ("", "Không có bài ấy"), ("https://x.example/?", "Không có bài ấy"),
     ("https://song-bang.example/chay", "đã cùng một sự kiện")],
)  # fmt: skip
async def test_what_cannot_be_joined_is_said(site: Datasette, fire: Fire, typed: str, answer: str) -> None:
    assert answer in await send(site, f"/bai/{fire.anew}", viec="gop", bai=str(fire.anew), voi=typed)


async def test_a_story_that_stands_alone_is_not_split(site: Datasette, room: Newsroom, fire: Fire) -> None:
    await send(site, f"/bai/{fire.first}", viec="tach", bai=str(fire.first), tin=str(fire.anew))
    again = await send(site, f"/bai/{fire.first}", viec="tach", bai=str(fire.first), tin=str(fire.anew))
    assert "không còn gì để tách" in again


async def test_in_public_nothing_can_be_ruled_and_no_reason_is_told(home: Home, fire: Fire) -> None:
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as site:
        shown = words(await get(site, f"/bai/{fire.first}"))
        assert "3 báo, 2 tự viết, 1 đăng lại" in shown
        assert not any(word in shown for word in ("tách ra", "Gộp với", "Vì sao cùng"))
        assert (await site.client.post("/su-kien", data={"viec": "tach", "bai": "1"})).status_code == 404


async def test_search_groups_by_event_and_its_pages_hold_each_event_once(
    site: Datasette, room: Newsroom, fire: Fire
) -> None:
    def found(page: httpx.Response) -> list[str]:
        return re.findall(r'<h2><a href="/bai/(\d+)', page.text)

    single = await get(site, "/tim?q=Thành+Đạt")
    assert len(found(single)) == 3
    assert "3 bài" in words(single)
    page = await get(site, "/tim?q=Thành+Đạt&gom=su-kien")
    assert found(page) == [str(fire.reprint)], "the newest hit stands for its event"
    shown = words(page)
    assert "3 bài · 1 sự kiện" in shown
    assert "Cùng sự kiện: Tạp chí Mây Tre" in shown
    assert "3 báo, 2 tự viết, 1 đăng lại" in shown
    for at in range(45):  # of two outlets each
        told = (f"Tin xóm {at}", f"Bà con xóm {at} họp.", f"Trâu bò xóm {at} lên đồi số {at * 31}. " * 9)
        for source in ("song-bang", "may-tre"):
            room.publish(told, NOW - timedelta(days=4, hours=at), source=source)
    pages = [found(await get(site, f"/tim?q=xóm&gom=su-kien&trang={n}")) for n in range(1, 6)]
    listed = [int(one) for some in pages for one in some]
    keys = entry_keys(room.db, listed)
    everything = [row[0] for row in room.db.execute("select id from articles where title glob 'Tin xóm*'")]
    assert len(set(keys.values())) == len(listed), "no event twice"
    assert set(keys.values()) == set(entry_keys(room.db, everything).values()), "none is missing"
    assert f"90 bài · {len(listed)} sự kiện" in words(await get(site, "/tim?q=xóm&gom=su-kien"))
    assert [len(some) for some in pages] == [max(0, min(20, len(listed) - 20 * at)) for at in range(5)]


DIGEST = """\
defaults: {archive_url: "http://127.0.0.1:8001"}
sang:
  title: Điểm tin sáng
  topics: [chay]
  schedule: daily 07:00
  channels:
    - {type: file, path: digests, formats: [html]}
"""


async def test_the_desk_tells_an_event_once_and_what_its_outlets_tell_differently(
    home: Home, room: Newsroom, fire: Fire
) -> None:
    config = home.path / "config" / "alerts.yml"
    config.parent.mkdir(exist_ok=True)
    config.write_text(DIGEST, encoding="utf-8")
    found = [(one, stamp(NOW - timedelta(hours=1))) for one in (fire.first, fire.anew, fire.reprint)]
    with writing(room.db):
        room.db.conn.executemany(
            "insert or ignore into matches (alert, article_id, matched_at) values ('sang/chay', ?, ?)", found
        )
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        page = await site.client.get("/ban")
    shown = words(page)
    assert page.text.count('class="tin"') == 1
    assert "3 báo, 2 tự viết, 1 đăng lại" in shown
    assert "Khác nhau: thiệt hại 3 tỷ đồng (Báo Sông Bằng); 5 tỷ đồng (Tạp chí Mây Tre)" in shown
