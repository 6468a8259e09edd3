"""Publication times: forms seen on real pages, and evidence in its order."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from archive.clock import HANOI
from pipelines.extract import dateparse, published

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=HANOI)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10:27 | 27/01/2021", at(2021, 1, 27, 10, 27)),
        ("Thứ Tư, 27/1/2021, 10:27 (GMT+7)", at(2021, 1, 27, 10, 27)),
        ("Thứ bảy, 7/3/2026, 00:05 (GMT+7)", at(2026, 3, 7, 0, 5)),
        ("Thứ Bảy, 07/03/2026 - 08:52", at(2026, 3, 7, 8, 52)),
        ("07/03/2026 08:01 GMT+7", at(2026, 3, 7, 8, 1)),
        ("15-08-2026 - 01:01 AM", at(2026, 8, 15, 1, 1)),
        ("05-09-2026 - 17:09 PM", at(2026, 9, 5, 17, 9)),
        ("18:53, 14/08/2026", at(2026, 8, 14, 18, 53)),
        ("18:27 | 14/08/2026", at(2026, 8, 14, 18, 27)),
        ("Thứ năm - 08/04/2021 05:04", at(2021, 4, 8, 5, 4)),
        ("14:00, ngày 30-09-2020", at(2020, 9, 30, 14, 0)),
        ("2024-02-19 20:10:00.0", at(2024, 2, 19, 20, 10)),
        ("24/10/2025 11:05 AM (GMT+7)", at(2025, 10, 24, 11, 5)),
        ("12/09/2025 09:16:00 AM", at(2025, 9, 12, 9, 16)),
        ("ngày 23 tháng 4 năm 2025", at(2025, 4, 23)),
        ("November 20, 2019", at(2019, 11, 20)),
        ("31/02/2026", None),
    ],
)
def test_printed_forms(text: str, moment: datetime | None) -> None:
    assert dateparse.printed(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-07T08:52:11.000 +07:00", at(2026, 3, 7, 8, 52, 11)),
        ("2026-08-14T18:53:00&#x2B;07:00", at(2026, 8, 14, 18, 53)),
        ("2026-03-07T00:01:00", at(2026, 3, 7, 0, 1)),
        ("9/5/2026 1:30:00\u202fPM", at(2026, 9, 5, 13, 30)),
        ("2026-03-01T02:51:00Z", at(2026, 3, 1, 9, 51)),
        ("1761135952", datetime(2025, 10, 22, 12, 25, 52, tzinfo=UTC)),
        ("tomorrow", None),
    ],
)
def test_machine_forms(text: str, moment: datetime | None) -> None:
    assert dateparse.machine(text) == moment


def test_a_known_day_decides_between_two_readings() -> None:
    assert dateparse.machine("9/5/2026 1:30:00 PM", near=at(2026, 5, 9, 12)) == at(2026, 5, 9, 13, 30)


@pytest.mark.parametrize(
    ("url", "moment"),
    [
        ("https://a.example/x-188260307071033787.chn", at(2026, 3, 7, 7, 10, 33)),
        ("https://a.example/x-20260307080153123.htm", at(2026, 3, 7, 8, 1, 53)),
        ("https://a.example/2026/03/07/x.html", at(2026, 3, 7)),
        ("https://a.example/x-4954454.html", None),
    ],
)
def test_addresses(url: str, moment: datetime | None) -> None:
    assert dateparse.from_url(url) == moment


def found(body: str, head: str = "", now: datetime = NOW, **more: object) -> published.Published | None:
    tree = etree.fromstring(f"<html><head>{head}</head><body>{body}</body></html>", etree.HTMLParser())
    given = {"linked": "", "meta": {}, "ruled": [], "url": "https://a.example/x.html", "feed": None, **more}
    near = published.bylines(tree.find(".//h1"), None)
    return published.published(near_title=near, tree=tree, now=now, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("hour", [0, 6, 7, 23])
@pytest.mark.parametrize("day", [(2026, 11, 22), (2027, 1, 1), (2027, 2, 6), (2028, 2, 29)])
def test_a_page_of_today_is_of_today_at_any_hour_of_hanoi(day: tuple[int, int, int], hour: int) -> None:
    named = f'<meta http-equiv="date" content="{datetime(*day):%Y-%m-%d}">'  # noqa: DTZ001
    today = published.Published(at(*day), "htmldate")
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
