"""Editions: each once, nothing lost, nothing twice."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.clock import stamp
from archive.desk.due import make_due, make_one
from archive.digests.content import Content, Reach
from archive.digests.editions import Covered, preview, read, undelivered
from archive.digests.layout.lines import facts_line
from archive.model import Citation, Figure
from archive.pages import open_pages
from tests.newsroom import ALERTS, FACTORY, FIELDS, OUTLETS, PORTAL, Newsroom, hanoi

FRIDAY, MONDAY = hanoi("2026-11-20"), hanoi("2026-11-23")
REPRINT = (FACTORY[0], "", f"{FACTORY[1]}\n{FACTORY[2]}")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path)


def editions(room: Newsroom) -> list[Content]:
    ids = [row[0] for row in room.db.execute("select id from digests order by id").fetchall()]
    return [read(room.db, one).in_words() for one in ids]


def due(room: Newsroom, *days: str) -> Content:
    """Let the editions of these days be made; the last one."""
    for day in days:
        make_due(room.db, room.alerts, hanoi(day, "07:00"))
    return editions(room)[-1]


def titles(content: Content) -> list[str]:
    return [story.title.text for part in content.parts for story in part.stories]


def test_a_story_is_told_once_with_its_first_outlet_first(room: Newsroom) -> None:
    room.publish(REPRINT, FRIDAY + timedelta(hours=3), source="may-tre", credit="Báo Sông Bằng")
    room.publish(FACTORY, FRIDAY + timedelta(hours=1))
    room.publish(PORTAL, FRIDAY + timedelta(hours=2), source="dien-dan-so")
    room.publish(FIELDS, FRIDAY + timedelta(hours=2))
    monday = due(room, "2026-11-23")
    assert [part.label for part in monday.parts] == ["Công nghiệp", "Chuyển đổi số"]
    [factory] = monday.parts[0].stories
    assert [one.outlet for one in factory.appearances] == ["Báo Sông Bằng", "Tạp chí Mây Tre"]
    assert factory.appearances[1].credit == "Báo Sông Bằng"
    assert factory.summary.text == FACTORY[1]
    assert ("khu công nghiệp", True) in factory.summary.parts()
    assert (monday.counts.articles, monday.counts.stories, monday.counts.outlets) == (3, 2, 3)
    assert monday.edition == "2026-11-23"
    assert monday.days_off == ["2026-11-21", "2026-11-22"]


def test_without_a_lead_the_first_two_sentences_are_told(room: Newsroom) -> None:
    room.publish(PORTAL, FRIDAY)
    [part] = due(room, "2026-11-23").parts
    assert part.stories[0].summary.text.startswith("Tổ công nghệ số của xã Hạ Bằng")
    assert part.stories[0].summary.text.count(".") == 2


def test_a_story_that_matches_two_rules_stands_under_the_first(room: Newsroom) -> None:
    room.publish((FACTORY[0], FACTORY[1], FACTORY[2] + "\nChuyển đổi số giúp việc này."), FRIDAY)
    assert [part.label for part in due(room, "2026-11-23").parts] == ["Công nghiệp"]


def test_nothing_is_told_twice_and_nothing_is_lost(room: Newsroom) -> None:
    told: list[str] = []
    at = hanoi("2027-01-29", "12:05")
    end = hanoi("2027-02-28", "12:00")
    count = 0
    while at < end:
        # two days without power, Tết and weekends in between; one new story every five hours
        if not hanoi("2027-02-23", "12:00") <= at < hanoi("2027-02-25", "14:10"):
            text = (
                f"Nhà máy số {count} mở cửa",
                f"Tin riêng thứ {count}.",
                f"Chỉ bài {count} nói điều {count * 7919}.",
            )
            room.publish(text, at)
            count += 1
            make_due(room.db, room.alerts, at + timedelta(minutes=1))
            make_due(room.db, room.alerts, at + timedelta(minutes=2))
        at += timedelta(hours=5)
    room.publish(("Nhà máy cuối cùng", "", "Hết."), end)
    make_one(room.db, room.alerts.digest("hang-ngay"), end + timedelta(minutes=1))
    made = editions(room)
    for content in made:
        told += titles(content)
    assert sorted(told) == sorted([*(f"Nhà máy số {n} mở cửa" for n in range(count)), "Nhà máy cuối cùng"])
    assert len({content.edition for content in made}) == len(made) == 15
    assert [one.covers_from for one in made[1:]] == [one.covers_to for one in made[:-1]]
    assert [one.number for one in made] == list(range(1, 16))


def test_the_same_edition_is_made_once(room: Newsroom) -> None:
    room.publish(FACTORY, FRIDAY)
    for _ in range(3):
        make_due(room.db, room.alerts, MONDAY)
    digest = room.alerts.digest("hang-ngay")
    assert make_one(room.db, digest, MONDAY + timedelta(hours=2), edition="2026-11-23") == 1
    assert room.db.table("digests").count == 1
    assert room.db.table("deliveries").count == 1


def test_an_edition_of_a_day_that_is_covered_is_refused(room: Newsroom) -> None:
    room.publish(FACTORY, FRIDAY)
    make_due(room.db, room.alerts, MONDAY)
    digest = room.alerts.digest("hang-ngay")
    with pytest.raises(Covered, match="earlier editions"):
        make_one(room.db, digest, MONDAY, edition="2026-11-20")
    with pytest.raises(ValueError, match="lies ahead"):
        make_one(room.db, digest, MONDAY, edition="2026-12-24")
    with pytest.raises(ValueError, match="no date"):
        make_one(room.db, digest, MONDAY, edition="gestern")


def test_an_extra_edition_leaves_the_rest_to_the_next_regular_one(room: Newsroom) -> None:
    room.publish(FACTORY, hanoi("2026-11-25", "09:00"))
    make_one(room.db, room.alerts.digest("hang-ngay"), hanoi("2026-11-25", "10:00"))
    room.publish(PORTAL, hanoi("2026-11-25", "11:00"))
    thursday = due(room, "2026-11-26")
    assert titles(thursday) == [PORTAL[0]]
    assert thursday.covers_from == stamp(hanoi("2026-11-25", "10:00"))


def test_asked_again_with_nothing_new_none_is_made(room: Newsroom) -> None:
    digest = room.alerts.digest("hang-ngay")
    room.publish(FACTORY, MONDAY)
    first = make_one(room.db, digest, MONDAY + timedelta(hours=1))
    assert make_one(room.db, digest, MONDAY + timedelta(hours=1)) is None
    assert make_one(room.db, digest, MONDAY + timedelta(hours=2)) is None
    assert undelivered(room.db, "hang-ngay") == first
    room.db.execute("update deliveries set state = 'sent'")
    assert undelivered(room.db, "hang-ngay") is None


def test_a_preview_writes_nothing(room: Newsroom) -> None:
    room.publish(FACTORY, FRIDAY)
    assert titles(preview(room.db, room.alerts.digest("hang-ngay"), MONDAY)) == [FACTORY[0]]
    assert room.db.table("digests").count == 0


def test_a_reprint_of_a_story_told_before_is_one_line(room: Newsroom) -> None:
    room.publish(FACTORY, hanoi("2026-11-25", "09:00"))
    due(room, "2026-11-26")
    room.publish(REPRINT, hanoi("2026-11-26", "09:00"), source="may-tre", credit="Báo Sông Bằng")
    friday = due(room, "2026-11-27")
    assert titles(friday) == []
    assert [story.title.text for story in friday.again] == [FACTORY[0]]


def test_old_news_found_late_is_listed_apart(room: Newsroom) -> None:
    room.publish(FACTORY, hanoi("2019-03-04"), seen=hanoi("2026-11-25", "09:00"))
    thursday = due(room, "2026-11-26")
    assert titles(thursday) == []
    assert [story.title.text for story in thursday.older] == [FACTORY[0]]


def test_edits_and_take_downs_are_told_in_the_next_edition(room: Newsroom) -> None:
    factory = room.publish(FACTORY, hanoi("2026-11-25", "09:00"))
    portal = room.publish(PORTAL, hanoi("2026-11-25", "09:10"))
    fields = room.publish(FIELDS, hanoi("2026-11-25", "09:20"))
    assert due(room, "2026-11-26").changes == []
    edited = (FACTORY[0], FACTORY[1], FACTORY[2].replace("1.280 tỷ", "1.820 tỷ"))
    room.publish(edited, hanoi("2026-11-25", "09:00"), url=room.url(factory), seen=hanoi("2026-11-26", "15:00"))
    for article in (portal, fields):
        room.take_down(room.url(article), hanoi("2026-11-26", "16:00"), hanoi("2026-11-27", "02:00"))
    friday = due(room, "2026-11-27")
    assert titles(friday) == []
    assert [(one.kind, one.title) for one in friday.changes] == [("edit", FACTORY[0]), ("gone", PORTAL[0])]
    assert "1.280 tỷ đồng → 1.820 tỷ đồng" in friday.changes[0].sentence
    assert friday.changes[1].sentence == "Đã gỡ (phát hiện 26/11, xác nhận 27/11)"
    assert due(room, "2026-11-30").changes == []


def test_an_edit_committed_after_its_window_closed_is_told_next_time(room: Newsroom) -> None:
    factory = room.publish(FACTORY, hanoi("2026-11-25", "09:00"))
    due(room, "2026-11-26")
    edited = (FACTORY[0], FACTORY[1], FACTORY[2].replace("61,5%", "65,1%"))
    room.publish(edited, hanoi("2026-11-25", "09:00"), url=room.url(factory), seen=hanoi("2026-11-26", "06:59"))
    assert [one.kind for one in due(room, "2026-11-27").changes] == ["edit"]
    assert due(room, "2026-11-30").changes == []


def test_a_story_put_back_is_told(room: Newsroom) -> None:
    factory = room.publish(FACTORY, hanoi("2026-11-25", "09:00"))
    room.take_down(room.url(factory), hanoi("2026-11-25", "16:00"), hanoi("2026-11-25", "20:00"))
    due(room, "2026-11-26")
    room.publish(
        FACTORY, hanoi("2026-11-25", "09:00"), url=room.url(factory), seen=hanoi("2026-11-26", "15:00")
    )
    assert [(one.kind, one.sentence) for one in due(room, "2026-11-27").changes] == [("live", "Đã đăng lại")]


def test_documents_are_told_and_no_figures_of_unknown_indicators(room: Newsroom) -> None:
    figure = Figure("Tỷ lệ thiết bị", 61.5, "%", "chiếm 61,5%", qualifier="khoảng", period="2026")
    cited = [Citation("52-NQ/TW", "Nghị quyết", "Bộ Chính trị", "2019-09-27", "theo Nghị quyết")]
    room.publish(FACTORY, hanoi("2026-11-26", "09:00"), figures=[figure], citations=cited)
    edition = due(room, "2026-11-27")
    [part] = edition.parts
    assert "Tỷ lệ thiết bị" not in edition.to_json()
    assert [(one.number, one.dated) for one in part.stories[0].documents] == [("52-NQ/TW", "2019-09-27")]


def test_figures_of_known_indicators_are_told_once_as_their_sentence_says(room: Newsroom) -> None:
    figure = Figure("Giá trị xuất khẩu", 4e9, "USD", "xuất 4 tỷ USD", key="exports")
    day = "2026-11-26"
    first = room.publish(FACTORY, hanoi(day, "09:00"), figures=[figure, replace(figure, value=5e9)])
    room.publish(FACTORY, hanoi(day, "10:00"), source="may-tre", figures=[replace(figure, value=3e9)])
    [part] = due(room, "2026-11-27").parts
    [told] = part.stories[0].known_figures
    assert (told.key, told.name, told.quote, told.article_id) == (
        "exports", "Giá trị xuất khẩu", "xuất 4 tỷ USD", first,
    )  # fmt: skip
    assert ("Số liệu", "Giá trị xuất khẩu: «xuất 4 tỷ USD»") in list(facts_line(part.stories[0]))


def test_readers_are_warned_when_crawls_failed(room: Newsroom) -> None:
    room.publish(FACTORY, hanoi("2026-11-25", "08:00"))
    assert "chưa thu thập được lần nào" in due(room, "2026-11-26").warning
    for source in OUTLETS:
        room.crawled(source, hanoi("2026-11-27", "06:30"))
    good = due(room, "2026-11-27")
    assert (good.warning, good.health, good.sources) == ("", [], 3)
    for hour in (5, 6):
        room.crawled("may-tre", hanoi("2026-11-30", f"0{hour}:30"), "unreachable", "không có mạng")
    room.crawled("song-bang", hanoi("2026-11-30", "06:00"))
    dead = due(room, "2026-11-30")
    assert dead.warning == "1/3 nguồn đang lỗi (Tạp chí Mây Tre)."
    assert [(one.name, one.level) for one in dead.health] == [("Tạp chí Mây Tre", "red")]
    stale = due(room, "2026-12-01")
    assert stale.warning.startswith("chưa thu thập được từ Thứ Hai, 30/11/2026 · 06:00")


def test_a_quiet_day_is_sent_or_skipped_as_the_user_wants(tmp_path: Path) -> None:
    sent = Newsroom(tmp_path / "sent")
    sent.publish(FACTORY, hanoi("2026-11-25", "08:00"))
    assert due(sent, "2026-11-26", "2026-11-27").empty
    assert "Không có tin mới" in sent.db.execute("select text from digests where id = 2").fetchone()[0]
    assert sent.db.table("deliveries").count == 2
    skipped = Newsroom(tmp_path / "skipped", ALERTS.replace("{working_days", "{quiet: skip, working_days"))
    skipped.publish(FACTORY, hanoi("2026-11-25", "08:00"))
    assert due(skipped, "2026-11-26", "2026-11-27").empty
    assert skipped.db.table("deliveries").count == 1
    skipped.publish(PORTAL, hanoi("2026-11-27", "08:00"))
    assert due(skipped, "2026-11-30").number == 2, "an edition nobody got has no number"


def test_a_digest_that_never_matched_says_so_from_the_first_slot_on(room: Newsroom) -> None:
    room.crawled("may-tre", hanoi("2026-11-25", "10:00"))
    assert make_due(room.db, room.alerts, hanoi("2026-11-25", "10:05")) == []
    thursday = due(room, "2026-11-26")
    assert thursday.empty
    assert thursday.covers_from == stamp(hanoi("2026-11-25", "10:00"))
    assert due(room, "2026-11-27").covers_from == thursday.covers_to


def test_an_instant_digest_makes_an_edition_when_something_matched(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, ALERTS.replace("daily 07:00", "instant"))
    at = hanoi("2026-11-25", "08:00")
    make_due(room.db, room.alerts, at)
    room.publish(FACTORY, at)
    made = make_due(room.db, room.alerts, at + timedelta(seconds=20))
    assert len(made) == 1
    assert make_due(room.db, room.alerts, at + timedelta(seconds=40)) == []
    room.publish(FIELDS, at + timedelta(seconds=50))
    assert make_due(room.db, room.alerts, at + timedelta(seconds=60)) == []


def test_what_is_not_about_the_province_can_be_left_out(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, ALERTS.replace("{working_days", "{relevant_only: true, working_days"))
    room.publish(FACTORY, hanoi("2026-11-25", "08:00"))
    room.publish(PORTAL, hanoi("2026-11-25", "08:00"))
    room.db.execute("update articles set relevant = 0 where id = 1")
    assert titles(due(room, "2026-11-26")) == [PORTAL[0]]


def test_a_rule_that_left_the_config_loses_no_match(room: Newsroom) -> None:
    room.publish(FACTORY, hanoi("2026-11-25", "08:00"))
    room.use(ALERTS.replace("Công nghiệp:", "Nhà xưởng:"))
    [part] = due(room, "2026-11-26").parts
    assert (part.label, part.stories[0].title.text) == ("Khác", FACTORY[0])


def test_an_edition_counts_what_was_refused_since_the_last(room: Newsroom) -> None:
    room.publish(FACTORY, FRIDAY)
    pages = open_pages(room.folder / "pages.db")
    for number, day in enumerate(("2026-11-19", "2026-11-22", "2026-11-22")):
        at = stamp(hanoi(day))
        row = {"url": f"https://song-bang.example/{number}", "source": "song-bang", "found_at": at}
        ended = {"outcome": "too_short", "ended_at": at, "refused_at": at, "names_in": "list"}
        pages.table("addresses").insert(row | ended)
    pages.close()
    assert due(room, "2026-11-23").refused == 2


def test_an_edition_knows_which_sources_were_read_since_its_window_began(room: Newsroom) -> None:
    room.publish(FACTORY, FRIDAY)
    for source, day in (("may-tre", "2026-11-19"), ("song-bang", "2026-11-22")):
        at = stamp(hanoi(day))
        row = {"source": source, "started_at": at, "finished_at": at, "state": "done"}
        room.db.table("runs").insert(row | {"lists": '{"fetched": 1}'})
    assert due(room, "2026-11-23").reach == Reach(1, 2, ["Tạp chí Mây Tre"])


def test_the_first_edition_of_a_new_home_tells_from_when_it_has_read(room: Newsroom) -> None:
    begun, tried = stamp(hanoi("2026-11-22", "20:00")), stamp(hanoi("2026-11-22", "19:59"))
    runs = room.db.table("runs")
    row = {"source": "song-bang", "started_at": begun, "finished_at": begun, "state": "done"}
    runs.insert({"source": "may-tre", "started_at": tried, "finished_at": tried, "state": "unreachable"})
    runs.insert(row | {"lists": '{"fetched": 1}'})
    first = preview(room.db, room.alerts.digest("hang-ngay"), hanoi("2026-11-22", "21:00"))
    assert first.reach == Reach(1, 2, [], ["Tạp chí Mây Tre"], begun)
