"""Days to fill in, and which lists and articles belong to them."""

from datetime import UTC, date, datetime

import pytest

from archive.config import ConfigError
from crawler.listings import Link
from crawler.listings.backfill import Backfill, dated, read_backfill

OCTOBER = Backfill(date(2026, 10, 1), date(2026, 10, 31))


def test_a_span_is_two_days_in_order() -> None:
    assert read_backfill("2026-10-01..2026-10-31") == OCTOBER
    assert len(list(OCTOBER.days())) == 31


@pytest.mark.parametrize(
    "text", ["2026-10-01", "2026-10-31..2026-10-01", "1/10..2/10", "..", "1900-01-01..2026-01-01"]
)
def test_anything_else_is_one_plain_line(text: str) -> None:
    with pytest.raises(ConfigError, match="--backfill") as error:
        read_backfill(text)
    assert "\n" not in str(error.value)


def test_dated_addresses() -> None:
    url = "https://bao.vn/sitemaps/{year}-{month}/news-{month1}-{day}.xml"
    assert dated(url, date(2026, 3, 7)) == "https://bao.vn/sitemaps/2026-03/news-3-07.xml"


@pytest.mark.parametrize(
    ("url", "changed", "wanted"),
    [
        ("https://bao.vn/sitemap-2026-10.xml", None, True),
        ("https://bao.vn/sitemap-2026-9.xml", None, False),
        ("https://bao.vn/sitemap-2026-11.xml", datetime(2026, 11, 3, tzinfo=UTC), False),
        ("https://bao.vn/sitemap-17.xml", datetime(2026, 9, 30, 12, tzinfo=UTC), False),
        ("https://bao.vn/sitemap-17.xml", datetime(2026, 11, 3, tzinfo=UTC), True),
        ("https://bao.vn/sitemap-17.xml", None, True),
    ],
)
def test_lists_are_chosen_by_the_month_they_name_or_their_last_change(
    url: str, changed: datetime | None, wanted: bool
) -> None:
    assert OCTOBER.may_hold(changed, url) is wanted


def test_days_are_those_of_ha_noi() -> None:
    assert OCTOBER.holds(Link("a", published_at=datetime(2026, 9, 30, 17, 30, tzinfo=UTC)))
    assert not OCTOBER.holds(Link("a", published_at=datetime(2026, 10, 31, 17, 30, tzinfo=UTC)))
    assert OCTOBER.holds(Link("a"))


def test_an_article_changed_after_these_days_may_be_of_them_and_one_changed_before_is_not() -> None:
    assert OCTOBER.holds(Link("a", changed_at=datetime(2026, 11, 20, tzinfo=UTC)))
    assert not OCTOBER.holds(Link("a", changed_at=datetime(2026, 9, 20, tzinfo=UTC)))
    later = datetime(2026, 11, 2, tzinfo=UTC)
    assert not OCTOBER.holds(Link("a", published_at=later, changed_at=datetime(2026, 10, 3, tzinfo=UTC)))
