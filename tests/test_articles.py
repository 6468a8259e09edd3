"""What the archive keeps of an article: every text it ever had, every take-down, and its facts once."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive.articles import missed, still_there, store
from archive.db import SORT_SLOTS
from archive.model import Article, Citation, Credit, Figure, Mention, Outcome
from archive.schema import open_archive

NOON = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://baomau.vn/tin-1.htm"
BODY = (
    "Khu công nghiệp Sông Công II thu hút 8.503 tỷ đồng trong chín tháng đầu năm.\n"
    "Ban Quản lý các khu công nghiệp cho biết doanh nghiệp hoà nhịp vào chuyển đổi số.\n"
    "Các thủ tục đầu tư được giải quyết trực tuyến, đúng hạn."
)


@pytest.fixture
def db() -> Database:
    return open_archive(":memory:")


def article(**changed: Any) -> Article:
    made = Article(
        URL,
        "baomau",
        title="Sông Công II thu hút 8.503 tỷ đồng",
        lead="Vốn đầu tư vào khu công nghiệp tăng mạnh.",
        body=BODY,
        published_at=NOON - HOUR,
        published_from="json-ld",
        relevant=True,
    )
    return replace(made, **changed)


def keep(db: Database, one: Article, at: datetime = NOON, *, reprocessed: bool = False) -> Outcome:
    return store(db, one, [], at, reprocessed=reprocessed).outcome


def row(db: Database, url: str = URL) -> dict[str, Any]:
    return next(iter(db.query("select * from articles where url = ?", [url])))


REWRITTEN = {"title": "Quan Triều: sáu thợ đã ra viện", "lead": "", "body": "Chiều nay, sáu thợ ra viện.\n" * 9}
FIRST = {"title": "Nổ lớn tại một xưởng", "lead": "", "body": "Khói đen bốc cao, cửa kính nhà bên bị vỡ. " * 3}


@pytest.mark.parametrize(("changed", "after", "outcome"), [
    (FIRST, HOUR, Outcome.REVISED),
    (FIRST, 2 * DAY, Outcome.GONE),
    (FIRST | {"body": FIRST["body"] * 12}, HOUR, Outcome.GONE),
])  # fmt: skip
def test_a_short_first_report_may_be_written_anew(
    db: Database, changed: dict[str, str], after: timedelta, outcome: Outcome
) -> None:
    keep(db, article(**changed))
    assert keep(db, article(**REWRITTEN), NOON + after) is outcome


def kinds(db: Database) -> list[str]:
    return [kind for (kind,) in db.execute("select kind from versions order by id")]


def states(db: Database) -> list[str]:
    return [state for (state,) in db.execute("select state from states order by rowid")]


def waiting_alerts(db: Database) -> list[tuple[Any, ...]]:
    return list(db.execute("select article_id, why from pending"))


def count(db: Database, table: str) -> int:
    return int(db.execute(f"select count(*) from {table}").fetchone()[0])


def test_a_new_article_is_stored_with_its_first_version_and_waits_for_its_alerts(db: Database) -> None:
    assert (
        keep(db, article(credit=Credit("VietTimes", "https://viettimes.vn/a"), authors=["Người Viết"]))
        == "stored"
    )
    kept = row(db)
    assert (kept["title"], kept["lead"], kept["body"]) == (article().title, article().lead, BODY)
    assert kept["authors"] == '["Người Viết"]'
    assert (kept["credit"], kept["credit_url"]) == ("VietTimes", "https://viettimes.vn/a")
    assert (kept["published_at"], kept["published_from"]) == ("2026-11-02T04:00:00Z", "json-ld")
    assert (kept["first_seen_at"], kept["state"], kept["edits"]) == ("2026-11-02T05:00:00Z", "live", 0)
    assert kinds(db) == ["first"]
    assert kept["story_id"] is not None
    assert waiting_alerts(db) == [(kept["id"], "new")]


def test_the_same_page_again_is_unchanged_and_only_seen_later(db: Database) -> None:
    keep(db, article())
    assert keep(db, article(), NOON + HOUR) == "unchanged"
    assert kinds(db) == ["first"]
    assert row(db)["last_seen_at"] == "2026-11-02T06:00:00Z"
    assert row(db)["first_seen_at"] == "2026-11-02T05:00:00Z"
    assert count(db, "articles") == 1


def test_an_edit_makes_a_version_and_the_old_text_stays(db: Database) -> None:
    keep(db, article())
    db.execute("delete from pending")
    assert keep(db, article(body=BODY.replace("8.503", "8.530")), NOON + HOUR) == "revised"
    assert kinds(db) == ["first", "edit"]
    bodies = [body for (body,) in db.execute("select body from versions order by id")]
    assert bodies == [BODY, BODY.replace("8.503", "8.530")]
    kept = row(db)
    assert (kept["edits"], kept["changed_at"]) == (1, "2026-11-02T06:00:00Z")
    (changes,) = db.execute("select changes from versions where kind = 'edit'").fetchone()
    assert "8.530" in changes
    assert waiting_alerts(db) == [(kept["id"], "edit")]


def test_an_edit_back_and_forth_keeps_every_text(db: Database) -> None:
    keep(db, article())
    keep(db, article(body=BODY.replace("8.503", "8.530")), NOON + HOUR)
    assert keep(db, article(), NOON + 2 * HOUR) == "revised"
    assert kinds(db) == ["first", "edit", "edit"]
    assert row(db)["body"] == BODY


def test_an_edit_is_found_by_search_at_once_and_the_old_word_no_more(db: Database) -> None:
    def hits(word: str) -> int:
        return int(
            db.execute("select count(*) from articles_fts where articles_fts match ?", [word]).fetchone()[0]
        )

    keep(db, article())
    assert hits("chín") == 1
    keep(db, article(body=BODY.replace("chín tháng", "mười tháng")), NOON + HOUR)
    assert (hits("mười"), hits("chín")) == (1, 0)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda text: text.replace("hoà", "hòa"), id="tone marks in the new place"),
        pytest.param(lambda text: unicodedata.normalize("NFD", text), id="decomposed"),
        pytest.param(lambda text: text.replace("đ", "ð"), id="eth for đ"),
    ],
)
def test_another_spelling_of_the_same_letters_is_no_edit(db: Database, other: Any) -> None:
    keep(db, article())
    again = article(title=other(article().title), lead=other(article().lead), body=other(BODY))
    assert keep(db, again, NOON + HOUR) == "unchanged"
    assert kinds(db) == ["first"]
    assert row(db)["edits"] == 0


def test_a_text_read_anew_with_other_rules_is_no_edit_and_alerts_nobody(db: Database) -> None:
    keep(db, article())
    db.execute("delete from pending")
    assert keep(db, article(body=BODY + "\nXem thêm."), NOON + DAY, reprocessed=True) == "revised"
    assert kinds(db) == ["first", "extractor"]
    kept = row(db)
    assert (kept["edits"], kept["changed_at"]) == (0, None)
    assert kept["last_seen_at"] == "2026-11-02T05:00:00Z"
    assert waiting_alerts(db) == []


def test_reprocessing_brings_new_facts_to_the_same_text_without_a_version(db: Database) -> None:
    keep(db, article(topics=[]))
    again = article(topics=["cong-nghiep"], score=0.7, why=["khu công nghiệp"])
    assert keep(db, again, NOON + DAY, reprocessed=True) == "unchanged"
    assert kinds(db) == ["first"]
    assert db.execute("select topic from article_topics").fetchall() == [("cong-nghiep",)]
    assert row(db)["score"] == 0.7


def test_reprocessing_a_taken_down_article_does_not_bring_it_back(db: Database) -> None:
    keep(db, article())
    missed(db, URL, "404", NOON, DAY)
    missed(db, URL, "404", NOON + DAY, DAY)
    keep(db, article(topics=["x"]), NOON + 2 * DAY, reprocessed=True)
    assert row(db)["state"] == "gone"


def test_an_edit_on_which_no_date_can_be_read_keeps_the_known_one(db: Database) -> None:
    keep(db, article())
    undated = article(body=BODY.replace("8.503", "8.530"), published_at=None, published_from=None)
    assert keep(db, undated, NOON + HOUR) == "revised"
    kept = row(db)
    assert (kept["published_at"], kept["published_from"]) == ("2026-11-02T04:00:00Z", "json-ld")


def test_a_corrected_date_moves_the_article_to_its_place(db: Database) -> None:
    keep(db, article())
    keep(db, article(published_at=NOON - DAY), NOON + HOUR, reprocessed=True)
    keep(db, article(url=URL + "?2", title="Khác", published_at=NOON - 2 * HOUR))
    newest = [url for (url,) in db.execute("select url from articles order by sort desc")]
    assert newest == [URL + "?2", URL]
    rows = db.execute("select rowid from articles_fts where articles_fts match 'chín'").fetchall()
    assert sorted(rows) == sorted(db.execute("select sort from articles").fetchall())


def test_a_take_down_is_suspected_then_gone_then_perhaps_live_again(db: Database) -> None:
    keep(db, article())
    assert missed(db, URL, "trả lời 404", NOON + HOUR, DAY)
    assert (row(db)["state"], row(db)["suspected_at"]) == ("live", "2026-11-02T06:00:00Z")
    missed(db, URL, "trả lời 404", NOON + 8 * HOUR, DAY)
    assert row(db)["state"] == "live"
    missed(db, URL, "trả lời 404", NOON + HOUR + DAY, DAY)
    assert (row(db)["state"], row(db)["gone_at"]) == ("gone", "2026-11-03T06:00:00Z")
    assert row(db)["body"] == BODY
    missed(db, URL, "trả lời 404", NOON + 3 * DAY, DAY)
    assert row(db)["gone_at"] == "2026-11-03T06:00:00Z"
    assert keep(db, article(), NOON + 4 * DAY) == "unchanged"
    kept = row(db)
    assert (kept["state"], kept["gone_at"], kept["suspected_at"]) == ("live", None, None)
    assert states(db) == ["suspected", "gone", "live"]
    assert [at for (at,) in db.execute("select at from states order by rowid")] == [
        "2026-11-02T06:00:00Z",
        "2026-11-03T06:00:00Z",
        "2026-11-06T05:00:00Z",
    ]


def test_an_outage_shorter_than_the_time_is_no_take_down(db: Database) -> None:
    keep(db, article())
    missed(db, URL, "404", NOON + HOUR, DAY)
    assert still_there(db, URL, NOON + 10 * HOUR)
    missed(db, URL, "404", NOON + 26 * HOUR, DAY)
    assert row(db)["state"] == "live"
    assert states(db) == ["suspected", "live", "suspected"]


def test_a_page_answering_unchanged_notes_no_state_and_a_later_sight(db: Database) -> None:
    keep(db, article())
    assert still_there(db, URL, NOON + HOUR)
    assert row(db)["last_seen_at"] == "2026-11-02T06:00:00Z"
    assert states(db) == []


def test_pages_without_an_article_are_nothing_to_miss(db: Database) -> None:
    assert not missed(db, URL, "404", NOON, DAY)
    assert not still_there(db, URL, NOON)


def test_a_take_down_of_an_edited_article_and_its_return_with_an_edit(db: Database) -> None:
    keep(db, article())
    missed(db, URL, "404", NOON, DAY)
    missed(db, URL, "404", NOON + DAY, DAY)
    assert keep(db, article(body=BODY.replace("8.503", "8.530")), NOON + 2 * DAY) == "revised"
    assert row(db)["state"] == "live"
    assert states(db) == ["suspected", "gone", "live"]


def test_more_articles_than_one_minute_holds_all_find_a_place(db: Database) -> None:
    keep(db, article())
    db.execute("update articles set sort = sort + ?", [SORT_SLOTS - 5])
    for n in range(20):
        keep(db, article(url=f"https://baomau.vn/{n}", title=f"Tin {n}", lead="", body=f"Bài {n}."))
    sorts = [sort for (sort,) in db.execute("select sort from articles order by id")]
    assert len(set(sorts)) == 21
    minute = int((NOON - HOUR).timestamp()) // 60
    assert [sort // SORT_SLOTS for sort in sorts] == [minute] * 5 + [minute + 1] * 16
    assert count(db, "articles_fts") == 21


def test_newest_first_is_the_order_of_publication(db: Database) -> None:
    for n, at in enumerate([NOON, NOON - DAY, NOON - HOUR]):
        keep(db, article(url=f"https://baomau.vn/{n}", title=f"Tin {n}", published_at=at))
    assert [url[-1] for (url,) in db.execute("select url from articles order by sort desc")] == ["0", "2", "1"]


def test_an_article_without_a_date_stands_where_it_was_seen(db: Database) -> None:
    keep(db, article(published_at=None, published_from=None))
    assert row(db)["sort"] // SORT_SLOTS == int(NOON.timestamp()) // 60
    assert row(db)["published_at"] is None


def facts() -> dict[str, Any]:
    return {
        "topics": ["cong-nghiep", "cong-nghiep"],
        "mentions": [Mention("place", "Sông Công", 2), Mention("organisation", "Ban Quản lý", 1)],
        "citations": [Citation("52-NQ/TW", "Nghị quyết", "Bộ Chính trị", "2019-09-27", "Nghị quyết 52-NQ/TW")],
        "figures": [Figure("vốn đầu tư", 8503e9, "đồng", "8.503 tỷ đồng")],
    }


TABLES = ("article_topics", "mentions", "article_documents", "figures", "documents")


def test_facts_are_replaced_not_doubled(db: Database) -> None:
    keep(db, article(**facts()))
    assert [count(db, table) for table in TABLES] == [1, 2, 1, 1, 1]
    keep(db, article(**facts()), NOON + HOUR, reprocessed=True)
    assert [count(db, table) for table in TABLES] == [1, 2, 1, 1, 1]
    edited = article(body=BODY.replace("8.503", "8.530"), **(facts() | {"figures": [], "topics": []}))
    keep(db, edited, NOON + 2 * HOUR)
    assert [count(db, table) for table in TABLES] == [0, 2, 1, 0, 1]


def test_facts_named_twice_in_one_article_are_kept_once(db: Database) -> None:
    twice = {key: value * 2 for key, value in facts().items() if key != "figures"}
    assert keep(db, article(**twice)) == "stored"
    assert [count(db, table) for table in TABLES] == [1, 2, 1, 0, 1]


def test_one_document_cited_by_two_articles_is_one_row(db: Database) -> None:
    cited = facts()["citations"]
    keep(db, article(citations=[replace(cited[0], dated=None)]))
    keep(db, article(url=URL + "?2", title="Khác", body="Khác.", citations=cited))
    assert db.execute("select number, issued_on from documents").fetchall() == [("52-NQ/TW", "2019-09-27")]
    assert count(db, "article_documents") == 2


def test_one_address_is_one_article_whatever_source_says_so(db: Database) -> None:
    keep(db, article())
    assert keep(db, article(source="khac"), NOON + HOUR) == "unchanged"
    assert count(db, "articles") == 1
    assert row(db)["source"] == "baomau"


def test_a_write_that_breaks_in_the_middle_leaves_nothing(db: Database) -> None:
    broken = article(figures=[Figure("x", 1.0, "đồng", "q", kind="guess")])  # type: ignore[arg-type]
    with pytest.raises(Exception, match="CHECK"):
        keep(db, broken)
    assert [count(db, table) for table in ("articles", "versions", "pending", "stories", "articles_fts")] == [
        0
    ] * 5
    assert keep(db, article()) == "stored"


def test_what_is_stored_is_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    db = open_archive(path)
    keep(db, article())
    db.close()
    again = open_archive(path)
    assert row(again)["title"] == article().title
    assert keep(again, article(), NOON + HOUR) == "unchanged"


def test_the_same_text_and_time_at_another_address_is_the_same_article(db: Database) -> None:
    keep(db, article())
    twin = store(db, article(url=f"{URL}?token=x1"), [], NOON + HOUR)
    assert (twin.outcome, twin.url) == (Outcome.UNCHANGED, URL)
    assert count(db, "articles") == 1


def test_the_same_text_on_another_day_or_in_another_paper_is_another_article(db: Database) -> None:
    keep(db, article())
    keep(db, article(url=f"{URL}?2", published_at=NOON + DAY))
    keep(db, article(url=f"{URL}?3", source="baokhac"))
    assert count(db, "articles") == 3


def test_a_wholly_different_text_at_the_address_is_no_edit_but_a_suspicion(db: Database) -> None:
    keep(db, article(body=BODY * 3))
    other = article(
        title="Đội bóng chuyền nữ vào chung kết giải mùa đông",
        lead="Trận bán kết kéo dài năm hiệp tại nhà thi đấu.",
        body="Các cô gái áo xanh thắng ngược sau khi thua hai hiệp đầu trước hàng nghìn khán giả cổ vũ.",
    )
    assert keep(db, other, NOON + HOUR) == "gone"
    assert row(db)["title"] == article().title
    assert kinds(db) == ["first"]
    missed(db, URL, "bài khác", NOON + HOUR, DAY)
    missed(db, URL, "bài khác", NOON + HOUR + DAY, DAY)
    assert row(db)["state"] == "gone"
    assert keep(db, other, NOON + 3 * DAY) == "revised", (
        "once the old one is known to be gone, the new one is kept"
    )
    assert states(db) == ["suspected", "gone", "live"]


def test_a_credited_host_of_a_known_outlet_is_told_by_its_name(db: Database) -> None:
    db.table("sources").insert({"key": "baomau", "name": "Báo Mẫu", "home": "https://www.baomau.vn/"})
    keep(db, article(credit=Credit("baomau.vn", "https://baomau.vn/2.html")))
    assert row(db)["credit"] == "Báo Mẫu"
    keep(db, article(credit=Credit("baokhac.vn", "https://baokhac.vn/2.html")), reprocessed=True)
    assert row(db)["credit"] == "baokhac.vn"
