"""Forms of times: on pages, in their heads, in feeds and addresses; each seen on a real site."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.clock import HANOI
from pipelines.extract import dateparse


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
        ("12/11/2026 3:20:00 CH", at(2026, 11, 12, 15, 20)),
        ("Thứ Năm, 12/11/2026 3:20 CH", at(2026, 11, 12, 15, 20)),
        ("12/11/2026 3:20 chiều", at(2026, 11, 12, 15, 20)),
        ("3:20 chiều, ngày 12/11/2026", at(2026, 11, 12, 15, 20)),
        ("CH 3:20 12/11/2026", at(2026, 11, 12, 15, 20)),
        ("12/11/2026 PM 3:20", at(2026, 11, 12, 15, 20)),
        ("3:20 12/11/2026 PM", at(2026, 11, 12, 15, 20)),
        ("12/11/2026 | 3:20 (p.m.)", at(2026, 11, 12, 15, 20)),
        ("2026-11-12 03:20 PM", at(2026, 11, 12, 15, 20)),
        ("12/11/2026 9:05 SA", at(2026, 11, 12, 9, 5)),
        ("12/11/2026 12:10 SA", at(2026, 11, 12, 0, 10)),
        ("12/11/2026 12:30 CH", at(2026, 11, 12, 12, 30)),
        ("12 giờ trưa 12/11/2026", at(2026, 11, 12, 12)),
        ("1 giờ 30 trưa, 12/11/2026", at(2026, 11, 12, 13, 30)),
        ("10:15 đêm 12/11/2026", at(2026, 11, 12, 22, 15)),
        ("tối 12/11/2026, 19:30", at(2026, 11, 12, 19, 30)),
        ("Thứ Năm, ngày 12 tháng 11 năm 2026, 15 giờ 20 phút", at(2026, 11, 12, 15, 20)),
        ("15h20' ngày 12/11/2026", at(2026, 11, 12, 15, 20)),
        ("15h, 12/11/2026", at(2026, 11, 12, 15)),
        ("Tháng Mười Một 12, 2026", at(2026, 11, 12)),
        ("Th11 12, 2026", at(2026, 11, 12)),
        ("12 Th11, 2026 lúc 15:20", at(2026, 11, 12, 15, 20)),
        ("T5, 12/11/2026 15:20", at(2026, 11, 12, 15, 20)),
        ("Chủ Nhật, 15 Thg 11 2026 - 8:05", at(2026, 11, 15, 8, 5)),
        ("15:20 (GMT+7), Thứ Năm, 12/11/2026", at(2026, 11, 12, 15, 20)),
        ("Đăng lúc: 15:20 12/11/2026 - Cập nhật lúc: 00:05 15/11/2026", at(2026, 11, 12, 15, 20)),
        ("12/11/2026 - Cập nhật lúc 9:05", at(2026, 11, 12)),
        ("15g20 ngày 12/11/2026", at(2026, 11, 12, 15, 20)),
        ("12/11/26 15:20", at(2026, 11, 12, 15, 20)),
        ("15:20, 12-11-26", at(2026, 11, 12, 15, 20)),
        ("12/11/26", None),
        ("9/5/2026", at(2026, 5, 9)),
        ("3 giờ trước", None),
    ],
)
def test_printed_forms(text: str, moment: datetime | None) -> None:
    assert dateparse.printed(text) == moment


SEEN = at(2026, 11, 15, 10, 30, 20)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("15:20 hôm qua", at(2026, 11, 14, 15, 20)),
        ("Hôm qua, lúc 3:20 CH", at(2026, 11, 14, 15, 20)),
        ("Hôm nay 08:05", at(2026, 11, 15, 8, 5)),
        ("hôm kia", at(2026, 11, 13)),
        ("Vừa xong", at(2026, 11, 15)),
        ("3 giờ trước", at(2026, 11, 15, 7, 30)),
        ("Một giờ trước", at(2026, 11, 15, 9, 30)),
        ("1 giờ 20 phút trước", at(2026, 11, 15, 9, 10)),
        ("45 phút trước", at(2026, 11, 15, 9, 45)),
        ("2 ngày trước", at(2026, 11, 13)),
        ("1 tuần trước", at(2026, 11, 8)),
        ("5 hours ago", at(2026, 11, 15, 5, 30)),
        ("yesterday at 3:20 PM", at(2026, 11, 14, 15, 20)),
        ("12 Th11", at(2026, 11, 12)),
        ("Th12 30", at(2025, 12, 30)),
        ("15:20 ngày 12 tháng 11", at(2026, 11, 12, 15, 20)),
        ("T6 20", None),
        ("cách đây nhiều năm", None),
        ("12/11/2026 15:20", at(2026, 11, 12, 15, 20)),
    ],
)
def test_forms_that_rest_on_the_time_of_fetching(text: str, moment: datetime | None) -> None:
    assert dateparse.printed(text, SEEN.astimezone(UTC)) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-07T08:52:11.000 +07:00", at(2026, 3, 7, 8, 52, 11)),
        ("2026-08-14T18:53:00&#x2B;07:00", at(2026, 8, 14, 18, 53)),
        ("2026-03-07T00:01:00", at(2026, 3, 7, 0, 1)),
        ("9/5/2026 1:30:00\u202fPM", at(2026, 9, 5, 13, 30)),
        ("2026-03-01T02:51:00Z", at(2026, 3, 1, 9, 51)),
        ("1761135952", datetime(2025, 10, 22, 12, 25, 52, tzinfo=UTC)),
        (r"\/Date(1761135952000)\/", datetime(2025, 10, 22, 12, 25, 52, tzinfo=UTC)),
        (r"\/Date(1761135952000+0700)\/", datetime(2025, 10, 22, 12, 25, 52, tzinfo=UTC)),
        ("tomorrow", None),
    ],
)
def test_machine_forms(text: str, moment: datetime | None) -> None:
    assert dateparse.machine(text) == moment


QUARTER_PAST = at(2026, 11, 20, 15, 20)


@pytest.mark.parametrize(
    "text",
    [
        "Thứ Sáu, 20 Thg 11 2026 15:20:00 +0700",
        "Thứ Sáu, 20/11/2026 15:20:00 GMT+7",
        "T6, 20/11/2026 - 15:20",
        "20 Tháng Mười Một, 2026 15:20",
        "Tháng Mười Một 20, 2026 3:20 CH",
        "Th11 20, 2026 15:20",
        "20-Thg11-2026 03:20:00 -0500",
        "ngày 20 tháng 11 năm 2026, 15h20",
        "1795162800",
        "1795162800000",
        "/Date(1795162800000)/",
        "/Date(1795162800000+0700)/",
        "20/11/2026 3:20:00 CH",
        "20.11.2026 15:20",
        "2026/11/20 15:20",
        "20261120T152000+0700",
        "11/20/2026 3:20:00 PM",
        "Fri 20 Nov 2026 15:20:00 +0700",
        "Fri, 20 Nov 2026 15:20:00 +0700 (ICT)",
        "Fri, 20 Nov 2026 03:20:00 CH GMT+7",
        "Fri, 20 Nov 2026 3:20:00 PM +0700",
        "Fri, 20 Nov 26 15:20:00 ICT",
        "Fri Nov 20 2026 15:20:00 GMT+0700 (Indochina Time)",
        "Fri, 20 November 2026 15:20:00 +07:00",
        "Thu\u031b\u0301 Sa\u0301u, 20 tha\u0301ng 11 na\u0306m 2026 15:20",
    ],
)
def test_feeds_send_one_time_in_many_forms(text: str) -> None:
    assert dateparse.feed(text) == QUARTER_PAST


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20/11/2026 12:20:00 SA", at(2026, 11, 20, 0, 20)),
        ("20/11/2026 12:20:00 CH", at(2026, 11, 20, 12, 20)),
        ("20 tháng năm năm 2026 08:00", at(2026, 5, 20, 8)),
        ("20 tháng giêng năm 2026", at(2026, 1, 20)),
        ("Tháng Mười 2, 2026", at(2026, 10, 2)),
        ("Tháng Mười Hai 2, 2026", at(2026, 12, 2)),
        ("20 Nov 2026", at(2026, 11, 20)),
    ],
)
def test_vietnamese_months_and_halves_of_the_day(text: str, moment: datetime) -> None:
    assert dateparse.feed(text) == moment


def test_a_known_day_decides_between_two_readings() -> None:
    assert dateparse.machine("9/5/2026 1:30:00 PM", near=at(2026, 5, 9, 12)) == at(2026, 5, 9, 13, 30)


@pytest.mark.parametrize(
    ("url", "moment"),
    [
        ("https://a.example/x-188260307071033787.chn", at(2026, 3, 7, 7, 10, 33)),
        ("https://a.example/x-20260307080153123.htm", at(2026, 3, 7, 8, 1, 53)),
        ("https://a.example/2026/03/07/x.html", at(2026, 3, 7)),
        ("https://a.example/x-4954454.html", None),
        ("https://a.example/2026/3/7/x.html", at(2026, 3, 7)),
        ("https://a.example/20260307/x.html", at(2026, 3, 7)),
        ("https://a.example/2026-03-07-x", at(2026, 3, 7)),
        ("https://a.example/2026/11/x.html", None),  # a month's folder is no day
        ("https://a.example/2026/12/2-x.html", at(2026, 12, 2)),
        ("https://a.example/2026-12/x.html", None),
    ],
)
def test_addresses(url: str, moment: datetime | None) -> None:
    assert dateparse.from_url(url) == moment


MORNING = datetime(2026, 8, 22, 22, 52, tzinfo=UTC)  # 05:52 in Hà Nội on the 23rd
AFTERNOON = datetime(2026, 9, 5, 6, 30, tzinfo=UTC)  # 13:30 in Hà Nội on 5 September


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("Sun, 23 Aug 26 05:52:00 +0700", MORNING),
        ("Sun, 23 Aug 2026 05:52:00 +0700", MORNING),
        ("Sun, 23 Aug 2026 05:52:00 GMT+7", MORNING),
        ("Sun, 23 Aug 2026 05:52:00 GMT+07:00", MORNING),
        ("Sun, 23 Aug 2026 05:52:00 UTC+7", MORNING),
        ("Sun, 23 Aug 2026 05:52:00 +07", MORNING),
        ("Sun, 23 Aug 2026 05:52:00 +07:00", MORNING),
        ("Sat, 22 Aug 2026 22:52:00 GMT", MORNING),
        ("Sat, 22 Aug 2026 22:52:00 Z", MORNING),
        ("Sat, 22 Aug 2026 22:52:00 +0000", MORNING),
        ("Sat, 22 Aug 2026 17:52:00 -0500", MORNING),
        ("Sun, 23 Aug 2026 05:52:00", MORNING),
        ("23 Aug 2026 05:52:00 +0700", MORNING),
        ("2026-08-23T05:52:00+07:00", MORNING),
        ("2026-08-22T22:52:00Z", MORNING),
        ("2026-08-22T22:52:00.1234567Z", MORNING.replace(microsecond=123456)),
        ("2026-08-23T05:52:00", MORNING),
        ("2026-08-23 05:52:00", MORNING),
        ("2026-08-23T05:52:00.000 +07:00", MORNING),
        ("2026-08-23T05:52:00&#x2B;07:00", MORNING),
        ("9/5/2026 1:30:00 PM", AFTERNOON),
        ("9/5/2026 1:30:00\u202fPM", AFTERNOON),
        ("9/5/2026 1:30 pm", AFTERNOON),
        ("9/5/2026 13:30 PM", AFTERNOON),
        ("9/5/2026 12:10:00 AM", datetime(2026, 9, 4, 17, 10, tzinfo=UTC)),
        ("05/09/2026 13:30", AFTERNOON),
        ("5/9/2026 13:30:00", AFTERNOON),
        ("23/08/2026 05:52", MORNING),
        ("  Sun, 23 Aug 2026\n05:52:00 +0700 ", MORNING),
    ],
)
def test_every_date_form_seen_is_read_right(printed: str, meant: datetime) -> None:
    assert dateparse.feed(printed) == meant


@pytest.mark.parametrize(
    "printed",
    ["", "   ", "\u202f", "hôm qua", "17:09 PM", "31/02/2026 05:52", "2026-13-01", "0001-01-01T00:00:00+07:00",
     "Sun, 99 Aug 2026 05:52:00 +0700", "Invalid Date"],
)  # fmt: skip
def test_what_is_no_date_is_none_and_never_now(printed: str) -> None:
    assert dateparse.feed(printed) is None


@settings(max_examples=40)
@given(st.datetimes(datetime(1997, 1, 1), datetime(2090, 1, 1)), st.integers(-11, 13))  # noqa: DTZ001
def test_a_date_in_any_zone_is_the_same_moment(at: datetime, hours: int) -> None:
    moment = at.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    assert dateparse.feed(moment.isoformat()) == moment
    assert dateparse.feed(f"{moment:%a, %d %b %Y %H:%M:%S} GMT{hours:+d}") == moment
    assert dateparse.feed(f"{moment:%a, %d %b %Y %H:%M:%S %z}") == moment


@settings(max_examples=40)
@given(st.text("0123456789/-:+ TZGMTAPngugSt,.", max_size=30))
def test_no_date_however_odd_breaks_a_feed(printed: str) -> None:
    found = dateparse.feed(printed)
    assert found is None or found.tzinfo is not None
