"""Where a story stands: the rule and its ties; the same heading in the edition, at the desk and on Hôm nay."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from archive.desk.approvals import open_window
from archive.desk.arrange import arranged
from archive.digests.config import load_alerts
from archive.digests.editions import preview
from archive.digests.placing import (
    OTHERS,
    UNMATCHED,
    ArticleText,
    Heading,
    Placing,
    query_heading,
    rank_topics,
    topic_headings,
)
from archive.home import Home
from archive.query import ReadAs, parse
from archive.web.views.lists import lines
from archive.web.views.today import load_groups
from crawler.workspace import open_workspace
from tests.newsroom import Newsroom, hanoi

pytestmark = pytest.mark.timeless

PARKS = Heading("parks", 1, (("khu công nghiệp", 1.0), ("cụm công nghiệp", 1.0)))
INDUSTRY = Heading("industry", 1, (("nhà máy", 1.0), ("công nghiệp", 0.7), ("doanh nghiệp", 0.3)))
DIGITAL = Heading("digital", 1, (("chuyển đổi số", 1.0), ("Sở Tin", 0.7), ("công nghệ", 1.0)))
ALL = (PARKS, INDUSTRY, DIGITAL)
EVERY = {heading.key for heading in ALL}


def best(*texts: ArticleText, matched: set[str] = EVERY, headings: tuple[Heading, ...] = ALL) -> str:
    """The heading that a story of these articles stands under."""
    return Placing(headings).rank(texts, matched)[0]


def text(title: str = "", lead: str = "", body: str = "") -> ArticleText:
    return ArticleText(title, lead, body)


@pytest.mark.parametrize(
    ("told", "under"),
    [
        (text("Nhà máy chạy thử", "Chuyển đổi số ở khu công nghiệp"), "industry"),
        (text("Sáng nay", "Chuyển đổi số ở xã", "nhà máy " * 20), "digital"),
        (text("Sáng nay", "Ở xã", "Một khu công nghiệp"), "parks"),
        (text("Khu công nghiệp mới", "", "Công nghiệp là nhà máy. " * 30), "parks"),
        (text("Doanh nghiệp họp", "Bàn về chuyển đổi số"), "digital"),  # a word that only helps
        (text("Công nghiệp tăng", "Bàn về chuyển đổi số"), "industry"),
    ],
)
def test_the_title_counts_most_then_the_lead_then_the_body(told: ArticleText, under: str) -> None:
    assert best(told) == under


def test_of_phrases_within_one_another_the_longest_counts() -> None:
    fits = Placing(ALL).fits(text("Khu công nghiệp và công nghiệp"))
    assert fits["parks"].points == 3
    assert fits["industry"].in_title == 1
    assert "industry" not in Placing(ALL).fits(text("Cụm công nghiệp mới"))


def test_what_its_rule_did_not_find_counts_three_quarters_at_most() -> None:
    both = text("Chuyển đổi số ở khu công nghiệp")
    assert best(both, matched={"digital"}) == "digital"
    assert best(both, matched={"parks"}) == "parks"
    clear = text("Chuyển đổi số", "Ở một xã", "Gần khu công nghiệp")
    assert best(clear, matched={"parks"}) == "digital", "three quarters of a title are more than a body"
    assert pytest.approx(0.75) == UNMATCHED


def test_a_rule_that_asks_for_no_words_fits_as_one_word_in_the_body() -> None:
    headings = (*ALL, query_heading("source", parse("source:song-bang")))
    matched = {"source"}
    assert best(text("Được mùa bưởi"), matched=matched, headings=headings) == "source"
    assert best(text("Nhà máy mới"), matched=matched, headings=headings) == "industry"
    assert Placing(ALL).rank([text("Được mùa bưởi")], set()) == []


def test_all_articles_of_a_story_count_the_leading_one_most() -> None:
    leading, other = text("Chuyển đổi số"), text("Khu công nghiệp", "Khu công nghiệp", "Khu công nghiệp")
    assert best(leading, other) == "digital"
    assert best(other, leading) == "parks"
    plain = text("Tin sáng", "Ở xã", "Chuyển đổi số")
    assert best(plain, other, other) == "parks"
    assert OTHERS < 1


def test_the_name_of_an_office_says_who_speaks_not_what_of() -> None:
    told = text("Ban Quản lý các khu công nghiệp bàn về nhà máy")
    assert best(told, matched={"parks", "industry"}) == "industry"
    fits = Placing((Heading("science", 1, (("khoa học và công nghệ", 1.0),)),)).fits
    assert fits(text("Sở Khoa học và Công nghệ họp"))["science"].points == 1.5
    assert fits(text("Đầu tư cho khoa học và công nghệ"))["science"].points == 3


def test_words_of_a_query_count_as_the_search_finds_them() -> None:
    loose = query_heading("loose", parse("chuyen doi so", how=ReadAs(apart=True)))
    fits = Placing((loose,)).fits
    assert fits(text("Chuyển đổi số ở xã"))["loose"].points == 3, "in a row, typed without marks"
    assert fits(text("Đổi thay"))["loose"].points < 1, "one word of three"
    begun = Placing((query_heading("begun", parse("samsung*")),)).fits(text("SAMSUNG tuyển thợ"))
    assert begun["begun"].points == 3


@pytest.mark.parametrize(
    ("told", "weights", "under"),
    [
        (text("Khu công nghiệp, nhà máy, nhà máy"), (9, 1), "industry"),  # hits in the title
        (text("Khu công nghiệp và nhà máy"), (1, 2), "industry"),  # then the weight
        (text("Nhà máy ở khu công nghiệp"), (1, 1), "industry"),  # then what is named first
        (text("Khu công nghiệp và nhà máy", "", "Nhà máy, khu công nghiệp"), (1, 1), "parks"),
        (text("Khu công nghiệp"), (1, 1), "parks"),
    ],
)
def test_ties(told: ArticleText, weights: tuple[int, int], under: str) -> None:
    headings = (
        Heading("parks", weights[0], (("khu công nghiệp", 1.0),)),
        Heading("industry", weights[1], (("nhà máy", 1.0),)),
    )
    for order in (headings, headings[::-1]):
        assert best(told, matched={"parks", "industry"}, headings=order) == under


def test_of_two_that_fit_alike_hits_in_the_body_decide_then_the_order_of_the_config() -> None:
    same = (("nhà máy", 1.0), ("khu công nghiệp", 1.0))
    headings = (Heading("one", 1, same), Heading("two", 1, (*same, ("xưởng", 0.3))))
    told = text("Nhà máy mới", "", "Nhà máy có xưởng")
    assert best(told, matched={"one", "two"}, headings=headings) == "two"
    assert best(text("Nhà máy mới"), matched={"one", "two"}, headings=headings) == "one"


RULES = """\
sang:
  title: Điểm tin
  topics: [khu-cong-nghiep, cong-nghiep, chinh-quyen-so]
  queries:
    Bến Đá: '"Bến Đá"'
  schedule: daily 07:00
"""
TOPICS = {
    "khu-cong-nghiep": ("Khu, cụm công nghiệp", '"khu công nghiệp" OR KCN', {}),
    "cong-nghiep": ("Công nghiệp", '"nhà máy" OR "gang thép"', {"3": ["lò luyện"], "2": ["công nghiệp"]}),
    "chinh-quyen-so": ("Chính quyền số", '"chuyển đổi số"', {"3": ["trợ lý ảo"]}),
    "khcn": ("Khoa học", '"công nghệ cao"', {}),
}
STORIES = {
    ("Nhà máy cảm biến chạy thử", "Ở khu công nghiệp Hạ Bằng.", "Ngoài ra có chuyển đổi số."): "cong-nghiep",
    ("Xã Hạ Bằng dùng trợ lý ảo", "Cán bộ trẻ hướng dẫn.", "Cạnh khu công nghiệp."): "chinh-quyen-so",
    (
        "KCN Hạ Bằng có thêm 40 ha",
        "Ban quản lý bàn giao đất.",
        "Nhà máy đầu tiên đã ký.",
    ): "khu-cong-nghiep",
    ("Công nghệ cao về xã", "Bàn ở nhà máy.", "Sáng nay."): "cong-nghiep",
}


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """A newsroom whose rules are topics, with the stories of a morning."""
    room = Newsroom(tmp_path / "room")
    for key, (name, query, words) in TOPICS.items():
        room.db.table("topics").insert(
            {"key": key, "name": name, "query": query, "weight": 1, "words": json.dumps(words)}
        )
    path = tmp_path / "alerts.yml"
    path.write_text(RULES, encoding="utf-8")
    room.alerts = load_alerts(path)
    for at, told in enumerate(STORIES):
        has = [key for key, (_, query, _) in TOPICS.items() if _finds(query, " ".join(told))]
        room.publish(told, hanoi("2026-11-23", f"0{at + 1}:00"), topics=has)
    return room


def _finds(query: str, told: str) -> bool:
    return any(phrase.shown.lower() in told.lower() for phrase in parse(query).terms)


def test_a_story_stands_under_the_same_heading_everywhere(room: Newsroom) -> None:
    now, digest = hanoi("2026-11-23", "07:00"), room.alerts.digests["sang"]
    wanted = {told[0]: topic for told, topic in STORIES.items()}
    content = preview(room.db, digest, now)
    edition = {one.title.text: part.key for part in content.parts for one in part.stories}
    window = open_window(room.db, digest, None, now)
    desk = {one.story.title.text: one.section for one in arranged(window.content, {})}
    today = {
        story.first.title: group.topic.key if group.topic else ""
        for group in load_groups(room.db, now)
        for story in group.stories
    }
    assert edition == {title: f"sang/{topic}" for title, topic in wanted.items()}
    assert desk == edition
    assert today == wanted
    labels = {line.title: line.topics[0].key for line in lines(room.db, "where 1") if line.title in wanted}
    assert labels["Nhà máy cảm biến chạy thử"] == "cong-nghiep"
    assert labels["KCN Hạ Bằng có thêm 40 ha"] == "khu-cong-nghiep"


def test_what_no_digest_tells_stands_where_it_fits_best(room: Newsroom) -> None:
    at = hanoi("2026-11-23", "06:00")
    id_ = room.publish(
        ("Chè đi Nhật nhờ công nghệ cao", "Hợp tác xã bán 12 tấn.", "Ở Hạ Bằng."), at, topics=["khcn"]
    )
    story = room.db.table("articles").get(id_)["story_id"]
    assert rank_topics(room.db, [story])[story][0] == "khcn"
    groups = load_groups(room.db, at + timedelta(hours=1))
    assert {group.topic.key for group in groups if group.topic} == {*STORIES.values(), "khcn"}


def test_a_rule_of_the_digest_competes_with_its_topics(room: Newsroom) -> None:
    at = hanoi("2026-11-23", "06:00")
    room.publish(("Bến Đá có nhà máy", "Sáng nay.", "Cạnh KCN."), at, topics=["cong-nghiep", "khu-cong-nghiep"])
    room.publish(("Nhà máy mở lớp", "Sáng nay.", "Tại Bến Đá."), at, topics=["cong-nghiep"])
    content = preview(room.db, room.alerts.digests["sang"], hanoi("2026-11-23", "07:00"))
    edition = {one.title.text: part.key for part in content.parts for one in part.stories}
    assert edition["Bến Đá có nhà máy"] == "sang/Bến Đá"
    assert edition["Nhà máy mở lớp"] == "sang/cong-nghiep"


def test_the_words_of_topics_yml_are_kept_with_the_topics(tmp_path: Path) -> None:
    with open_workspace(Home.at(tmp_path)) as workspace:
        headings = {one.key: dict(one.phrases) for one in topic_headings(workspace.archive)}
    assert headings["cong-nghiep"]["lò cao"] == 1
    assert headings["cong-nghiep"]["công nghiệp"] == 0.7
    assert headings["chinh-quyen-so"]["dữ liệu"] == 0.3
    assert headings["fdi"]["Trina Solar"] == 1, "a phrase of the query that is not among the words"
