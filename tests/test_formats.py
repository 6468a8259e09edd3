"""Times, numbers and addresses as readers see them."""

from datetime import UTC, datetime, timedelta

import pytest

from archive.formats import Formats
from archive.i18n import LANGUAGES, Language, Words, entries
from archive.web.charts import chart

NOW = datetime(2026, 11, 21, 3, 52, tzinfo=UTC)


def formats(language: Language = "vi") -> Formats:
    return Formats(Words(language), NOW)


@pytest.mark.parametrize(
    ("ago", "vietnamese", "english"),
    [
        (timedelta(seconds=20), "vừa xong", "just now"),
        (timedelta(minutes=25), "25 phút trước", "25 min ago"),
        (timedelta(hours=3, minutes=50), "3 giờ trước", "3 h ago"),
        (timedelta(hours=24, minutes=25), "Thứ Sáu, 20/11/2026 · 10:27", "Friday, 20/11/2026 · 10:27"),
        (timedelta(minutes=-5), "Thứ Bảy, 21/11/2026 · 10:57", "Saturday, 21/11/2026 · 10:57"),
    ],
)
def test_near_times_read_near(ago: timedelta, vietnamese: str, english: str) -> None:
    assert formats().near(NOW - ago) == vietnamese
    assert formats("en").near(NOW - ago) == english


def test_the_full_time_is_told_on_hover() -> None:
    assert str(formats().when("2026-11-21T03:27:00Z")) == (
        '<time datetime="2026-11-21T03:27:00Z" title="Thứ Bảy, 21/11/2026 · 10:27">25 phút trước</time>'
    )
    assert str(formats().when(None)) == "<span>chưa rõ</span>"


def test_days_are_hanois() -> None:
    assert formats().day("2026-11-20T17:30:00Z") == "21/11/2026"
    assert formats().day("2026-10-01") == "01/10/2026"
    assert formats().day("quý I") == "quý I"


def test_editions_are_named_by_their_own_clock() -> None:
    assert formats().edition("2026-11-22") == "22/11/2026"
    assert formats().edition("2026-11-22T07:00:05") == "22/11/2026 · 07:00"
    assert formats().edition("số 7") == "số 7"


@pytest.mark.parametrize(
    ("value", "unit", "rank_of", "shown"),
    [
        (8503e9, "đồng", None, "8.503 tỷ đồng"),
        (2.5e6, "đồng", None, "2,5 triệu đồng"),
        (11e9, "USD", None, "11 tỷ USD"),
        (58.4, "%", None, "58,4%"),
        (3.0, "hạng", 61, "hạng 3/61"),
        (1234.0, "người", None, "1.234 người"),
    ],
)
def test_figures_read_as_printed(value: float, unit: str, rank_of: int | None, shown: str) -> None:
    assert formats().amount(value, unit, rank_of) == shown


def test_counts() -> None:
    assert formats().count("articles", 1234) == "1.234 bài"
    assert formats().count("articles", 1001, capped=True) == "hơn 1.000 bài"
    assert formats("en").count("articles", 1) == "1 article"
    assert formats("en").count("articles", 1234) == "1,234 articles"


def test_every_word_takes_the_same_values_in_both_languages() -> None:
    for key, (vietnamese, english) in ((key, both.values()) for key, both in entries().items()):
        assert vietnamese, key
        assert english, key
        fields = [{part.split("}")[0] for part in text.split("{")[1:]} for text in (vietnamese, english)]
        if not key.startswith("count.") or not key.endswith(".one"):
            assert fields[0] - {"vi"} == fields[1] - {"en"}, key  # a sentence that is there in both languages
    assert LANGUAGES == ("vi", "en")


def test_small_counts_stay_visible_in_a_chart() -> None:
    drawn = chart([(1, "a", "/a"), (0, "b", ""), (5000, "c", "/c")], height=90)
    assert [bar.height for bar in drawn.bars] == [2.0, 0.0, 88.0]
    assert drawn.top == 5000
    assert chart([]).bars == []
