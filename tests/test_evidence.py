"""Witnesses of a page's date are weighed by rules; what stays in doubt is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from archive.clock import HANOI
from archive.reasons import parse
from pipelines.extract import evidence
from pipelines.extract.evidence import Verdict, Witness
from pipelines.item import Hint
from tests.story import NOW, TEXT, TITLE, linked, page, read

SEEN = datetime(2026, 11, 21, 15, 0, tzinfo=HANOI)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=HANOI)  # type: ignore[arg-type, misc]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def decide(*witnesses: tuple[str, datetime], vietnamese: bool = True) -> Verdict:
    verdict = evidence.date([Witness(*one) for one in witnesses], SEEN, vietnamese)
    assert verdict is not None
    return verdict


def codes(verdict: Verdict) -> list[str]:
    return [parse(one)[0] for one in verdict.doubt]


def test_nothing_known_is_nothing_said() -> None:
    assert evidence.date([], SEEN, vietnamese=True) is None


def test_the_page_is_believed_and_a_list_that_says_otherwise_leaves_a_doubt() -> None:
    verdict = decide(("byline", at(2026, 11, 12, 9)), ("feed", at(2026, 11, 3, 9)))
    assert (verdict.at, verdict.source) == (at(2026, 11, 12, 9), "byline")
    assert parse(verdict.doubt[0]) == (
        "date_differs",
        {
            "by": "byline",
            "written": "2026-11-12T02:00:00Z",
            "other": "feed",
            "other_written": "2026-11-03T02:00:00Z",
        },
    )


def test_what_two_bear_out_a_third_does_not_shake() -> None:
    verdict = decide(
        ("jsonld", at(2026, 11, 12, 9)),
        ("byline", at(2026, 11, 12, 9)),
        ("url", at(2026, 11, 9)),
        ("feed", at(2026, 11, 12, 9, 4)),
    )
    assert (verdict.at, verdict.doubt) == (at(2026, 11, 12, 9), ())


def test_two_that_agree_go_before_a_better_one_that_stands_alone() -> None:
    verdict = decide(
        ("jsonld", at(2026, 11, 21, 0, 1)), ("byline", at(2026, 11, 12, 9)), ("feed", at(2026, 11, 12, 9, 5))
    )
    assert (verdict.at, verdict.source) == (at(2026, 11, 12, 9), "byline")


def test_json_ld_and_meta_are_one_voice() -> None:
    head = [("jsonld", at(2026, 11, 12, 9)), ("meta", at(2026, 11, 12, 9))]
    assert codes(decide(*head, ("feed", at(2026, 11, 3, 9)))) == ["date_differs"]
    apart = decide(("jsonld", at(2026, 11, 12, 9)), ("meta", at(2026, 11, 9)), ("byline", at(2026, 11, 9, 7)))
    assert apart.source == "jsonld"


@pytest.mark.parametrize("source", ["jsonld", "meta"])
@pytest.mark.parametrize("witness", [("byline", at(2026, 11, 12, 15, 20)), ("feed", utc(2026, 11, 12, 8, 21))])
def test_a_local_time_marked_as_utc_is_read_as_local(source: str, witness: tuple[str, datetime]) -> None:
    assert decide((source, utc(2026, 11, 12, 15, 20)), witness).at == at(2026, 11, 12, 15, 20)


def test_a_zone_that_is_meant_stays() -> None:
    right = decide(("jsonld", utc(2026, 11, 12, 8, 20)), ("byline", at(2026, 11, 12, 15, 20)))
    assert right.at == at(2026, 11, 12, 15, 20)
    abroad = decide(
        ("jsonld", utc(2026, 11, 12, 15, 20)), ("byline", at(2026, 11, 12, 15, 20)), vietnamese=False
    )
    assert abroad.at == utc(2026, 11, 12, 15, 20)


def test_a_time_that_would_lie_ahead_is_read_as_local_or_gives_way_or_is_doubted() -> None:
    assert decide(("jsonld", utc(2026, 11, 21, 14, 0))).at == at(2026, 11, 21, 14)
    other = decide(("jsonld", at(2026, 11, 22, 9)), ("feed", at(2026, 11, 21, 9)))
    assert (other.source, other.doubt) == ("feed", ())
    alone = decide(("jsonld", at(2026, 11, 22, 9)))
    assert (alone.at, codes(alone)) == (at(2026, 11, 22, 9), ["date_future"])


@pytest.mark.parametrize("day", [at(2026, 11, 12), utc(2026, 11, 12)])
def test_a_day_alone_takes_its_hour_from_the_printed_line(day: datetime) -> None:
    verdict = decide(("jsonld", day), ("byline", at(2026, 11, 12, 15, 20)))
    assert (verdict.at, verdict.source, verdict.doubt) == (at(2026, 11, 12, 15, 20), "byline", ())


def test_a_time_of_updating_counts_only_where_nothing_else_does() -> None:
    updated = Witness("byline", at(2026, 11, 15, 9), updated=True)
    alone = evidence.date([updated], SEEN, vietnamese=True)
    assert alone is not None
    assert alone.at == updated.at
    beside = evidence.date([updated, Witness("feed", at(2026, 11, 12, 9))], SEEN, vietnamese=True)
    assert beside == Verdict(at(2026, 11, 12, 9), "feed")


def other_story(**fields: str) -> str:
    return linked(
        headline="Hội chợ hoa xuân dời sang bờ sông", datePublished="2026-11-20T00:01:00+07:00", **fields
    )


PRINTED = "<p class=date>12/11/2026 15:20</p>"


@pytest.mark.parametrize(
    "block",
    [
        other_story(),
        other_story(url="https://baomau.example/hoa-xuan-20261119.html"),
        other_story() + linked(headline=TITLE, datePublished="2026-11-12T15:20:00+07:00"),
        linked(url="https://baomau.example/x", name="Hội chợ hoa xuân dời sang bờ sông"),
    ],
)
def test_a_block_of_another_story_does_not_speak_for_the_page(block: str) -> None:
    article = read(page(PRINTED + TEXT, block), url="https://baomau.example/tin.html").article
    assert article.published_at == at(2026, 11, 12, 15, 20)


@pytest.mark.parametrize(
    "top",
    [
        "<header><span>Thứ Bảy, 21/11/2026</span></header>",
        "<div class=topbar>Thứ Bảy, 21/11/2026 14:58</div>",
        "<div class='ngay-hien-tai'>Hôm nay, 21/11/2026</div>",
        "<nav><a href=/a>Mục</a></nav><div>Thứ Bảy, ngày 21 tháng 11 năm 2026</div>",
        "<div>14:58:20 21/11/2026</div>",
    ],
)
def test_the_calendar_in_the_pages_head_is_no_date_of_the_story(top: str) -> None:
    raw = f"<html><body>{top}<div><h1>{TITLE}</h1>{TEXT}</div></body></html>"
    assert read(raw, url="https://baomau.example/tin.html").article.published_at is None


def test_a_date_before_the_title_is_the_storys_where_it_stands_with_it() -> None:
    raw = f"<html><body><main><p>20/11/2026 08:15</p><h1>{TITLE}</h1>{TEXT}</main></body></html>"
    assert read(raw, url="https://baomau.example/tin.html").article.published_at == at(2026, 11, 20, 8, 15)


@pytest.mark.parametrize(
    "others",
    [
        "<div class=comments><p><b>Bạn đọc</b> <time>20/11/2026 09:00</time></p></div>",
        "<div class=tin-moi><span>20/11/2026 09:00</span></div>",
        "<div><a href=/x>Hội chợ hoa xuân năm nay dời sang bờ sông</a> <span>20/11/2026 09:00</span></div>",
        "<footer><p>20/11/2026</p></footer>",
    ],
)
def test_dates_of_readers_and_other_stories_are_not_the_storys(others: str) -> None:
    assert read(page(TEXT + others), url="https://baomau.example/tin.html").article.published_at is None


def test_the_list_is_a_witness_and_doubt_travels_with_the_article() -> None:
    hint = Hint(published_at=datetime(2026, 11, 3, 2, 0, tzinfo=UTC))
    article = read(page(PRINTED + TEXT), url="https://baomau.example/tin.html", hint=hint).article
    assert article.published_at == at(2026, 11, 12, 15, 20)
    assert [parse(one)[0] for one in article.doubt] == ["date_differs"]


def test_hours_ago_are_counted_from_the_time_of_fetching() -> None:
    article = read(page(f"<p>3 giờ trước</p>{TEXT}"), url="https://baomau.example/tin.html").article
    assert article.published_at == NOW - timedelta(hours=3)


@pytest.mark.parametrize("zone", ["Z", "+00:00"])
def test_a_page_and_its_list_may_both_mean_the_clock_of_the_printed_line(zone: str) -> None:
    head = f'<meta property="article:published_time" content="2026-11-12T15:20:00{zone}">'
    hint = Hint(published_at=utc(2026, 11, 12, 15, 20))
    article = read(page(PRINTED + TEXT, head), url="https://baomau.example/tin.html", hint=hint).article
    assert (article.published_at, article.doubt) == (at(2026, 11, 12, 15, 20), [])
