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
