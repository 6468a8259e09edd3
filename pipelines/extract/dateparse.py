"""Forms in which pages, feeds and addresses write times: ISO, RFC 822, American, Vietnamese, others'."""

import html
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from archive.clock import HANOI
from archive.config import WordLists
from archive.text import nfc

WORDS = WordLists(Path(__file__).with_name("dateparse.yml"))

_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:\s*[T ,]\s*|\s+-\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|"
    r"[+-]\s?\d{2}(?::?\d{2})?)?)?"
)
_COMPACT = re.compile(r"\b((?:19|20)\d{2})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?\b")
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\2\s?(\d{4})(?![\d/-])")
_SHORT_YEAR = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{2})(?![\d/.-])")
_MONTH = r"(?:tháng|thg\.?|th\.?|t(?=\d))\s*(\d{1,2}|«spoken_months»)"
_SPOKEN = WORDS.pattern(
    rf"(?:ngày\s+)?(?<!\d)(\d{{1,2}})[\s,-]+{_MONTH}(?:\s+năm\s+|[.,/\s-]+)(\d{{4}})"
    rf"|\b{_MONTH}\s+(\d{{1,2}}),?\s+(\d{{4}})"
)
_TIME = re.compile(
    r"(?<![\d/:.-])([01]?\d|2[0-3])"
    r"(?:\s?(?:[:hHgG]|giờ)\s?([0-5]\d)(?!\d)(?::([0-5]\d))?(?:\s?(?:phút\b|['’′]))?|\s?giờ(?!\s+(?:\d|trước))|h\b)"
)
_HALF = r"(?i:[ap]\.?m\b|sáng\b|trưa\b|chiều\b|tối\b|đêm\b)|SA\b|CH\b"
_HALF_BEHIND = re.compile(rf"\s*[(,]?\s*({_HALF})")
_HALF_BEFORE = re.compile(rf"(?:^|(?<=\W))({_HALF})[\s,:]*(?:lúc\s+)?$")
_HALF_APART = re.compile(r"(?<!\w)(?:[AP]M|SA|CH)(?!\w)")
# What may stand between a day and the hour that belongs to it
_BETWEEN = WORDS.pattern(
    r"^(?:[\s|,.;:•·()\[\]–—/@-]|(?:gmt|utc)?\s?[+-]\s?\d{1,2}(?::?\d{2})?|(?:«between»)\b)*$"
)
_UPDATED = WORDS.pattern("«updated»")
_AGO = WORDS.pattern(
    r"(?<![\w.,])(?P<count>\d{1,3}|«ones»)\s*(?:(?P<second>giây|seconds?|secs?)|(?P<minute>phút|minutes?|mins?)|"
    r"(?P<hour>giờ|tiếng|hours?|hrs?)(?:\s+(?P<more>\d{1,2})\s*(?:phút|minutes?|mins?))?|(?P<day>ngày|hôm|days?)|"
    r"(?P<week>tuần|weeks?))\s+(?:trước|ago)\b"
)
_SPOKEN_DAYS = WORDS.pattern(r"(?<!\w)(?:(?P<d0>«todays»)|(?P<d1>«yesterdays»)|(?P<d2>hôm kia))(?!\w)")
_MONTH_ALONE = _MONTH.replace("|t(?=\\d)", "")  # «T6» is a Friday
_YEARLESS = WORDS.pattern(
    rf"(?<![\d/.-])(?:(\d{{1,2}})[\s,/-]+{_MONTH_ALONE}(?![\w/.-])|\b{_MONTH_ALONE}\s+(\d{{1,2}})(?![\w/.:-]))"
)
_ZONE = re.compile(r"(?:GMT|UTC)?\s*([+-])\s?(\d{1,2})(?::?(\d{2}))?(?!\d)")
_NAMED = re.compile(
    r"(?:(?P<d1>\d{1,2})(?:st|nd|rd|th|\.)?\s*(?:de\s+|-)?(?P<m1>[^\W\d_]{3,10})\.?,?\s*(?:de\s+|"
    r"-)?(?P<y1>\d{4})"
    r"|(?P<m2>[^\W\d_]{3,10})\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{4}))",
    re.IGNORECASE,
)
_HALF_DAY = re.compile(r"\d\s*[AP]M\b", re.IGNORECASE)
_TWELVE_HOURS = re.compile(r"\d\s*(?:[APap][Mm]|SA|CH)\b")
_FEED_ZONE = re.compile(r"(?:GMT|UTC)?\s*[+-]\d{1,2}(?::?\d{2})?$")
_EPOCH = re.compile(
    r"^\\*(?:/?Date\()?(\d{10})(?:\d{3})?(?:[+-]\d{4})?(?:\)\\*/?)?$"
)  # seconds, ms, and .NET's
_URL_LONG = re.compile(
    r"(?<!\d)(?:\d{3})?((?:20)?\d{2})(\d{2})(\d{2})([01]\d|2[0-3])([0-5]\d)([0-5]\d)\d{0,3}(?!\d)"
)
_URL_PATH = re.compile(
    r"/((?:19|20)\d{2})(?:(?P<bar>[/-])(\d{1,2})(?P=bar)(\d{1,2})|(\d{2})(\d{2}))(?=[/_-]|$)"
)


def machine(text: str, near: datetime | None = None) -> datetime | None:
    """The aware time of a JSON-LD, meta or ``datetime`` value; Asia/Ho_Chi_Minh where it names no zone.

    ``9/5/2026 1:30:00 PM`` (OneCMS, Tuổi Trẻ) is month first, unless ``near`` speaks for the other reading.
    """
    text = _plain(text)
    if moment := _counted(text):
        return moment
    if match := _ISO.search(text) or _COMPACT.search(text):
        return _iso(text, match)
    if match := _NUMERIC.search(text):
        american = re.search(r"\d:\d\d:\d\d\s*[AP]M", text, re.IGNORECASE) is not None
        return _slashed(text, match, american, near)
    return _in_words(text)


def printed(text: str, seen: datetime | None = None) -> datetime | None:
    """The aware time a page shows its readers: day first, with or without a time of day.

    ``seen``: when the page was fetched; «hôm qua», «3 giờ trước» and a day without its year rest on it.
    """
    text = _plain(text)
    if match := _NUMERIC.search(text):
        return _slashed(text, match, False, None)
    if moment := _spoken(text):
        return moment
    if match := _ISO.search(text):
        return _iso(text, match)
    if match := _short_year(text):
        return _with_time(text, match.span(), f"20{match[4]}", match[3], match[1])
    return _in_words(text) or (_relative(text, seen.astimezone(HANOI)) if seen else None)


def _short_year(text: str) -> re.Match[str] | None:
    """``12/11/26 15:20``: a year of two digits counts beside an hour alone."""
    return _SHORT_YEAR.search(text) if _TIME.search(text) else None


def _relative(text: str, seen: datetime) -> datetime | None:
    """``3 giờ trước`` to the minute, ``2 ngày trước`` and ``hôm qua`` by their day, ``12 Th11`` by the year."""
    if match := _AGO.search(text):
        count = int(match["count"]) if match["count"].isdigit() else 1
        unit = next(unit for unit in ("second", "minute", "hour", "day", "week") if match[unit])
        moment = seen - timedelta(**{f"{unit}s": count}) - timedelta(minutes=int(match["more"] or 0))
        return _midnight(moment) if unit in ("day", "week") else moment.replace(second=0, microsecond=0)
    if match := _SPOKEN_DAYS.search(text):
        spoken = seen - timedelta(days=next(at for at in range(3) if match[f"d{at}"]))
        return _with_time(text, match.span(), str(spoken.year), str(spoken.month), str(spoken.day))
    if match := _YEARLESS.search(text):
        day, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        month = _spoken_months().get(month.lower(), month)
        years = (_with_time(text, match.span(), str(year), month, day) for year in (seen.year, seen.year - 1))
        return next((moment for moment in years if moment and moment <= seen + timedelta(days=1)), None)
    return None


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _iso(text: str, match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second, zone = match.groups()
    if hour is None:
        return _with_time(text, match.span(), year, month, day)
    half = _HALF_BEHIND.match(text, match.end(5 if second is None else 6))
    return _aware(year, month, day, (hour, minute, second, half[1] if half else None), zone)


def feed(text: str) -> datetime | None:
    """The moment, in UTC, that an item of a feed or sitemap gives; Hà Nội's where it names no zone.

    Measured forms: RFC 822 with two-digit years, ``GMT+7``, ``+07``, ISO, epoch, and ``9/5/2026 1:30:00 PM``
    (month first, U+202F before PM) of Báo Chính phủ and Tuổi Trẻ; without AM or PM the day is first.
    """
    text = _plain(nfc(html.unescape(text)))
    for form in (_counted, _feed_numeric, _whole_iso, _rfc822, _spoken, machine):
        with suppress(ValueError, OverflowError):
            if text and (moment := form(text)):
                return moment.replace(tzinfo=moment.tzinfo or HANOI).astimezone(UTC)
    return None


def _counted(text: str) -> datetime | None:
    found = _EPOCH.match(text)
    return datetime.fromtimestamp(int(found[1]), UTC) if found else None


def _feed_numeric(text: str) -> datetime | None:
    found = _NUMERIC.search(text)
    return _slashed(text, found, bool(_HALF_DAY.search(text)), None) if found else None


def _whole_iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        return None
    return datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d{2}:?\d{2}$)", "", text))


def _rfc822(text: str) -> datetime | None:
    if not re.search(r"\d:\d", text) or _TWELVE_HOURS.search(text):
        return None
    from email.utils import parsedate_to_datetime

    zone = _FEED_ZONE.search(text)
    if zone is None:
        return parsedate_to_datetime(text)
    return parsedate_to_datetime(f"{text[: zone.start()].rstrip()} +0000").replace(tzinfo=_zone(zone[0]))


def from_url(url: str) -> datetime | None:
    """The time in an address: VCCorp's (185260823055200), Dân Trí's (20260307080153123) or /2026/03/07/."""
    path = urlsplit(url).path
    for match in _URL_LONG.finditer(path):
        year, *rest = match.groups()
        clock = (rest[2], rest[3], rest[4], None)
        moment = _aware(year if len(year) == 4 else f"20{year}", rest[0], rest[1], clock, None)
        if moment and moment.year >= 2000:
            return moment
    if day := _URL_PATH.search(path):
        return _aware(day[1], day[3] or day[5], day[4] or day[6], (None, None, None, None), None)
    return None


def _plain(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").replace("&#x2B;", "+").replace("\u200e", "").split())


def _slashed(text: str, match: re.Match[str], american: bool, near: datetime | None) -> datetime | None:
    first, _, second, year = match.groups()
    day_first = _with_time(text, match.span(), year, second, first)
    month_first = _with_time(text, match.span(), year, first, second)
    if day_first and month_first and near:
        return min((day_first, month_first), key=lambda moment: abs(moment - near))
    return (month_first or day_first) if american else (day_first or month_first)


def _spoken(text: str) -> datetime | None:
    """``20 tháng 11 năm 2026``, ``20 Thg 11 2026``, ``Tháng Mười Một 20, 2026``."""
    found = _SPOKEN.search(text)
    if found is None:
        return None
    day, month, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
    return _with_time(text, found.span(), year, _spoken_months().get(month.lower(), month), day)


@cache
def _spoken_months() -> dict[str, str]:
    return {name: str(at) for at, names in enumerate(WORDS["spoken_months"], 1) for name in names.split("|")}


def _in_words(text: str) -> datetime | None:
    for match in _NAMED.finditer(text):
        day, name, year = match["d1"] or match["d2"], match["m1"] or match["m2"], match["y1"] or match["y2"]
        if month := _months().get(name.lower().rstrip(".")):
            return _with_time(text, match.span(), year, str(month), day)
    return None


@cache
def _months() -> dict[str, int]:
    return {name: at for at, names in enumerate(WORDS["months"], 1) for name in names.split()}


def _with_time(text: str, date_at: tuple[int, int], year: str, month: str, day: str) -> datetime | None:
    """The date with the time of day that stands beside it, in front or behind."""
    time = _time_beside(text, date_at)
    if time is None:
        return _aware(year, month, day, (None, None, None, None), None)
    rest = (
        text[time.end() : time.end() + 40] if time.start() >= date_at[1] else text[date_at[1] : date_at[1] + 40]
    )
    zone = re.search(
        r"(?:GMT|UTC|\()\s*[+-]\s?\d{1,2}(?::?\d{2})?|[+-]\d{2}:\d{2}\b|[+-](?:0\d|1[0-4])[0-5]\d\b"
        r"|\b(?:UTC|GMT|Z)\b",
        rest or text[date_at[1] : date_at[1] + 40],
    )
    return _aware(year, month, day, (time[1], time[2], time[3], _half(text, time)), zone[0] if zone else None)


def _time_beside(text: str, date_at: tuple[int, int]) -> re.Match[str] | None:
    """The time of day that belongs to a date: no word divides the two; never another date's or an update's."""
    start, end = date_at
    behind = _TIME.search(text, end, end + 40)
    before = [*_TIME.finditer(text, max(0, start - 40), start)][-1:]
    others = behind is None or not _BETWEEN.match(text[end : behind.start()]) or date_in(text[behind.end() :])
    if others and before and _BETWEEN.match(text[before[0].end() : start]):
        return before[0]
    if behind is not None and _UPDATED.search(text[end : behind.start()]) is None:
        return behind
    return before[0] if before and _UPDATED.search(text[before[0].end() : start]) is None else None


def _half(text: str, time: re.Match[str]) -> str | None:
    """Which half of the day a twelve-hour clock means, wherever it says so."""
    if match := _HALF_BEHIND.match(text, time.end()) or _HALF_BEFORE.search(text[: time.start()]):
        return match[1]
    apart = _HALF_APART.findall(text) if len(text) < 80 else []
    return apart[0] if len(apart) == 1 else None


def _hours(hours: int, half: str) -> int:
    """The hour of 24: «1 giờ trưa» is after noon, «12 giờ đêm» is midnight, «10 giờ đêm» is before it."""
    half = half.lower()
    if half[0] == "p" or half in ("ch", "chiều", "tối"):
        return hours % 12 + 12 if hours <= 12 else hours
    if half == "trưa":
        return hours + 12 if hours < 10 else hours
    if half == "đêm":
        return hours + 12 if 6 <= hours < 12 else hours % 12 if hours == 12 else hours
    return 0 if hours == 12 else hours


def _aware(
    year: str,
    month: str,
    day: str,
    clock: tuple[str | None, str | None, str | None, str | None],
    zone: str | None,
) -> datetime | None:
    hour, minute, second, half = clock
    hours = int(hour or 0)
    if half:
        hours = _hours(hours, half)
    try:
        return datetime(
            int(year),
            int(month),
            int(day),
            hours,
            int(minute or 0),
            int(second or 0),
            tzinfo=_zone(zone) or HANOI,
        )
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _zone(text: str | None) -> timezone | None:
    """``+07``, ``+0700``, ``GMT+7``, ``(GMT+7)``, ``Z``; the sign is as written: GMT+7 is ahead."""
    if not text:
        return None
    match = _ZONE.search(text)
    if not match:
        return UTC
    sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset) if offset <= timedelta(hours=14) else None


def date_in(text: str) -> re.Match[str] | None:
    """Where a text names a day, if it does."""
    match = _NUMERIC.search(text) or _SPOKEN.search(text) or _ISO.search(text) or _NAMED.search(text)
    return match or _short_year(text)


def relative_in(text: str) -> re.Match[str] | None:
    """Where a text names a day that only the time of fetching tells: «hôm qua», «3 giờ trước», «12 Th11»."""
    return _AGO.search(text) or _SPOKEN_DAYS.search(text) or _YEARLESS.search(text)


def has_time(text: str) -> bool:
    """Whether a text names a time of day."""
    return _TIME.search(text) is not None
