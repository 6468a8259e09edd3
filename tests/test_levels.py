"""Kept is wider than told: what only mentions the province is found, and has a line where a digest wants it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from archive.articles.headlines import announce, note_unread
from archive.desk.due import make_due
from archive.digests.alerts import evaluate
from archive.digests.content import Content
from archive.digests.editions import read
from archive.digests.layout.docx import to_docx
from archive.digests.layout.html import to_html, to_text
from archive.model import Article
from archive.query import parse
from archive.search.cursor import Cursor
from archive.search.facets import facets
from archive.search.results import search
from tests.commands import diemtin
from tests.newsroom import ALERTS, FACTORY, FIELDS, PORTAL, Newsroom, hanoi

FRIDAY = hanoi("2026-11-20", "09:00")
LIST = "Danh sách do bộ công bố.\n" * 3
MENTION = ("Cả nước khởi công mười nhà máy", "Trong đó một nhà máy ở Sông Bằng.", LIST)
LINES = ALERTS.replace("{working_days: true}", "{working_days: true, relevant_only: true, mentions: lines}")
RELEVANT = ALERTS.replace("{working_days: true}", "{working_days: true, relevant_only: true}")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path)
    made.publish(FACTORY, FRIDAY)
    made.publish(MENTION, FRIDAY, source="may-tre", level="mention")
    made.publish(FIELDS, FRIDAY, level=None)
    return made


def edition(room: Newsroom, day: str = "2026-11-23") -> Content:
    make_due(room.db, room.alerts, hanoi(day))
    return read(room.db, room.db.execute("select max(id) from digests").fetchone()[0])


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("nhà máy", [MENTION[0], FACTORY[0]]),
        ("nhà máy mức:about", [FACTORY[0]]),
        ('nhà máy mức:"trọng tâm"', [FACTORY[0]]),
        ('nhà máy level:"co nhac den"', [MENTION[0]]),
        ("mức:about,mention", [MENTION[0], FACTORY[0]]),
        ("-mức:mention sông bằng", [FACTORY[0]]),
        ("-mức:about", [FIELDS[0], MENTION[0]]),
    ],
)
def test_search_knows_the_levels(room: Newsroom, text: str, titles: list[str]) -> None:
    assert sorted(hit.title for hit in search(room.db, text, limit=0).hits) == sorted(titles)


def test_a_rule_may_ask_for_a_level(room: Newsroom) -> None:
    rules = room.use(ALERTS.replace("chuyen doi so", "nhà máy mức:mention"))
    room.db.execute("insert into pending select id, 'new', ? from articles", ["2026-11-20T03:00:00Z"])
    room.db.execute("delete from matches")
    evaluate(room.db, rules, FRIDAY)
    sql = "select title from matches join articles on id = article_id where alert = 'hang-ngay/Chuyển đổi số'"
    assert room.db.execute(sql).fetchall() == [(MENTION[0],)]


def test_the_level_is_counted_beside_a_search_and_explained(room: Newsroom) -> None:
    query = parse("mức:mention nhà máy")
    assert "mức «mention»" in search(room.db, query).understood
    counts = facets(room.db, Cursor(room.db, parse("nhà máy"))).counts["level"]
    assert [(one.key, one.name, one.hits) for one in counts] == [
        ("about", "trọng tâm", 1),
        ("mention", "có nhắc đến", 1),
    ]


def test_the_command_line_has_the_filter(room: Newsroom) -> None:
    found = json.loads(diemtin("search", "nhà", "máy", "--level", "mention", "--json", home=room.folder).stdout)
    assert [one["title"] for one in found["results"]] == [MENTION[0]]


def test_an_edition_leaves_mentions_out_or_gives_each_a_line(room: Newsroom) -> None:
    room.use(RELEVANT)
    assert edition(room).mentions == []
    room.db.execute("delete from digests")
    room.db.execute("delete from deliveries")
    room.use(LINES)
    made = edition(room)
    assert [story.title.text for part in made.parts for story in part.stories] == [FACTORY[0]]
    assert [story.title.text for story in made.mentions] == [MENTION[0]]
    assert made.counts.stories == 1
    assert "Cũng nhắc đến Thái Nguyên" in to_html(made)
    assert MENTION[0] in to_text(made)
    assert to_docx(made)
    assert edition(room, "2026-11-25").mentions == []


def test_a_mention_that_turns_out_to_be_ours_is_told_in_the_next_edition(room: Newsroom) -> None:
    room.use(LINES)
    edition(room)
    grown = (
        MENTION[0],
        "Nhà máy lớn nhất đặt ở Sông Bằng.",
        f"{LIST}Nhà máy lớn nhất chạy từ tháng tới.",
    )
    url = room.db.execute("select url from articles where level = 'mention'").fetchone()[0]
    room.publish(grown, FRIDAY, source="may-tre", url=url, seen=hanoi("2026-11-23", "12:00"))
    made = edition(room, "2026-11-25")
    assert [story.title.text for part in made.parts for story in part.stories] == [MENTION[0]]
    assert edition(room, "2026-11-27").parts == []


def test_an_edit_of_what_was_told_does_not_tell_it_again(room: Newsroom) -> None:
    room.use(RELEVANT)
    edition(room)
    url = room.db.execute("select url from articles where level = 'about'").fetchone()[0]
    edited = (FACTORY[0], FACTORY[1].replace("340", "360"), FACTORY[2])
    room.publish(edited, FRIDAY, url=url, seen=hanoi("2026-11-23", "12:00"))
    made = edition(room, "2026-11-25")
    assert (made.parts, len(made.changes)) == ([], 1)


def test_a_headline_that_was_no_news_is_told_once_its_text_is_read(room: Newsroom) -> None:
    room.use(RELEVANT)
    url = "https://song-bang.example/tin-9.html"
    headline = Article(url, "song-bang", "Nhà máy mới chạy thử", published_at=FRIDAY, level="mention")
    announce(room.db, [headline], FRIDAY)
    evaluate(room.db, room.alerts, FRIDAY)
    assert "Nhà máy mới chạy thử" not in to_text(edition(room))
    text = ("Nhà máy mới chạy thử", PORTAL[1], PORTAL[2] * 2)
    room.publish(text, FRIDAY, url=url, seen=hanoi("2026-11-23", "12:00"))
    assert "Nhà máy mới chạy thử" in to_text(edition(room, "2026-11-25"))


def test_an_edition_says_of_a_headline_why_there_is_no_more(room: Newsroom) -> None:
    url = "https://song-bang.example/tin-9.html"
    headline = Article(url, "song-bang", "Nhà máy mới chạy thử", "Sapo của báo.", published_at=FRIDAY)
    headline.relevant, headline.level = True, "about"
    announce(room.db, [headline], FRIDAY)
    note_unread(room.db, url, 'http {"status": 403}')
    evaluate(room.db, room.alerts, FRIDAY + timedelta(minutes=1))
    text = " ".join(to_text(edition(room)).split())
    assert "chỉ có tít và sapo: trả lời 403" in text
    assert "Sapo của báo." in text
