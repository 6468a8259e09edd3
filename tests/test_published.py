"""Publication times: forms seen on real pages, and evidence in its order."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from archive.clock import HANOI
from pipelines.extract import published

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=HANOI)  # type: ignore[arg-type, misc]


def found(body: str, head: str = "", now: datetime = NOW, **more: object) -> published.Verdict | None:
    tree = etree.fromstring(f"<html><head>{head}</head><body>{body}</body></html>", etree.HTMLParser())
    given = {"linked": "", "meta": {}, "ruled": [], "url": "https://a.example/x.html", "feed": None, **more}
    near = published.bylines(tree.find(".//h1"), None)
    return published.published(near_title=near, tree=tree, now=now, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("hour", [0, 6, 7, 23])
@pytest.mark.parametrize("day", [(2026, 11, 22), (2027, 1, 1), (2027, 2, 6), (2028, 2, 29)])
def test_a_page_of_today_is_of_today_at_any_hour_of_hanoi(day: tuple[int, int, int], hour: int) -> None:
    named = f'<meta http-equiv="date" content="{datetime(*day):%Y-%m-%d}">'  # noqa: DTZ001
    today = published.Verdict(at(*day), "htmldate")
    assert found("<h1>Tin</h1>", named, at(*day, hour, 10).astimezone(UTC)) == today


def test_json_ld_goes_before_meta_and_meta_before_print() -> None:
    meta = {"article:published_time": ["2026-03-02T10:00:00+07:00"]}
    page = "<h1>Tin</h1><p>01/03/2026 09:00</p>"
    best = found(page, linked="2026-03-03T10:00:00+07:00", meta=meta)
    assert best is not None
    assert (best.at, best.source) == (at(2026, 3, 3, 10), "jsonld")
    second = found(page, meta=meta)
    assert second is not None
    assert second.source == "meta"
    third = found(page)
    assert third is not None
    assert (third.at, third.source) == (at(2026, 3, 1, 9), "byline")


def test_future_and_ancient_dates_are_refused() -> None:
    meta = {"article:published_time": ["2031-01-01T00:00:00+07:00"], "pubdate": ["1970-01-01T00:00:00Z"]}
    assert found("<h1>Tin</h1>", meta=meta) is None


def test_the_date_of_a_cited_document_never_wins() -> None:
    cited = (
        "<h1>Tin</h1><p>Ngày 27/9/2019, Bộ Chính trị ban hành nghị quyết.</p>"
        "<p>Nghị quyết 52-NQ/TW ngày 27/9/2019</p>"
    )
    assert found(cited) is None
    for event in ("Hạn nộp hồ sơ: 30/10/2026", "Khai mạc: 20/10/2026", "Có hiệu lực từ 01/10/2026"):
        assert found(f"<h1>Tin</h1><p>{event}</p>") is None
    feed = found(cited, feed=at(2025, 11, 4, 8))
    assert feed is not None
    assert feed.source == "feed"


def test_a_time_of_updating_counts_where_no_other_is_printed() -> None:
    alone = found("<h1>Tin</h1><p>Cập nhật lúc: 15:42 12/05/2026</p>")
    assert alone is not None
    assert alone.at == at(2026, 5, 12, 15, 42)
    both = found("<h1>Tin</h1><p>Cập nhật: 17:05 12/05/2026</p><p>Ngày đăng: 12/05/2026 08:30</p>")
    assert both is not None
    assert both.at == at(2026, 5, 12, 8, 30)
    others = found(
        f"<h1>Tin</h1><p>Cập nhật: 12/05/2026 08:30</p><p>{'Câu dài của tin. ' * 10}</p><p>11/05/2026</p>"
    )
    assert others is not None
    assert others.at == at(2026, 5, 12, 8, 30)


TEASER = "<li><a href=/b>Một tin khác của báo này hôm trước</a><p class=date>11/05/2026</p></li>"
PROSE = f"<p>{'Câu dài của tin. ' * 10}</p>" * 260


@pytest.mark.parametrize(
    ("below", "moment"),
    [
        ("<p class=date>12/05/2026 08:30</p>", at(2026, 5, 12, 8, 30)),
        ("<span class=post-date>Ngày đăng: 12/05/2026</span>", at(2026, 5, 12)),
        ("<time datetime=2026-05-12T08:30:00+07:00>hôm nọ</time>", at(2026, 5, 12, 8, 30)),
        ("<p class=date>12/05/2026</p><p class=ngay-dang>12/05/2026</p>", at(2026, 5, 12)),
        ("<p class=date>12/05/2026</p><p class=date>13/05/2026</p>", None),
        ("<p class=date>21/11/2026</p>", None),  # today: a calendar
        ("<aside><p class=date>12/05/2026</p></aside>", None),
        ("<div class=comments><p class=date>12/05/2026</p></div>", None),
        (f"<p class=date>12/05/2026</p>{TEASER}", None),
        ("<p>12/05/2026</p>", None),
    ],
)
def test_a_date_far_below_the_title_counts_where_it_is_the_only_one_marked(
    below: str, moment: datetime | None
) -> None:
    result = found(f"<div><h1>Tin</h1>{PROSE}{below}</div>")
    assert (result and result.at) == moment


def test_a_date_before_the_title_goes_before_those_behind_the_beginning_of_the_text() -> None:
    below = f"<p>{'Câu dài của tin. ' * 10}</p><h3>Tin khác</h3><p>11/05/2026</p>"
    result = found(f"<article><p>12/05/2026</p><h1>Tin</h1>{below}</article>")
    assert result is not None
    assert result.at == at(2026, 5, 12)


@pytest.mark.parametrize("bar", ["•", "|", "·"])
def test_a_date_is_read_apart_from_what_stands_behind_a_bar(bar: str) -> None:
    line = f"12/05/2026 {bar} Nguyễn Thị Mẫu Anh, phòng Quản lý công nghiệp"
    result = found(f"<h1>Tin</h1><p>{line}</p>")
    assert result is not None
    assert result.at == at(2026, 5, 12)
    timed = found(f"<h1>Tin</h1><p>12/05/2026 {bar} 08:30</p>")
    assert timed is not None
    assert timed.at == at(2026, 5, 12, 8, 30)


def test_a_day_of_the_page_s_data_alone_gives_way_to_an_earlier_printed_one() -> None:
    printed = "<h1>Tin</h1><p>12/05/2026</p>"
    for linked, day in [
        ("2026-09-03", 12),  # the day of a build
        ("2026-05-03", 3),  # earlier than what is printed
        ("2026-09-03T10:00:00+07:00", 3),  # an hour is no build's
    ]:
        result = found(printed, linked=linked)
        assert result is not None
        assert result.at.day == day
        assert result.doubt
    borne_out = found(printed, linked="2026-09-03", feed=at(2026, 9, 3, 8))
    assert borne_out is not None
    assert borne_out.at == at(2026, 9, 3, 8)
