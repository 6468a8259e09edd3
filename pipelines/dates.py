"""When an article was published, and which evidence says so.

Measured (facts/traps): JSON-LD was right 228 of 228 times, then meta, then the printed byline, then the
address, then the feed; htmldate takes a cited decree's date and comes last, on the page's head only.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from itertools import islice
from urllib.parse import urlsplit

from lxml.etree import _Element
from lxml.html import Element

from archive.clock import HANOI

EARLIEST = datetime(1997, 1, 1, tzinfo=UTC)  # the first Vietnamese news site went online that year
SLACK = timedelta(days=1)  # clocks and zones of outlets may be ahead of ours by so much

_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published",
    "datepublished", "publishdate", "publish_date", "publish-date", "published_time", "pubdate", "published_at",
    "published-date", "publication_date", "dc.date.issued", "dcterms.issued", "dc.date.created",
    "dcterms.created", "dc.created", "dcterms.date", "dc.date", "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "article.published", "article_date_original", "originalpublicationdate",
    "bt:pubdate", "shareaholic:article_published_time", "rnews:datepublished", "last-modified-date-published",
    "date.release", "article.created", "release_date", "displaydate", "date", "its_publication",
)  # fmt: skip

_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:\s*[T ,]\s*|\s+-\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|"
    r"[+-]\s?\d{2}(?::?\d{2})?)?)?"
)
_COMPACT = re.compile(r"\b((?:19|20)\d{2})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?\b")
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\2\s?(\d{4})(?![\d/-])")
_SPOKEN = re.compile(r"(?:ngày\s+)?(\d{1,2})\s+tháng\s+(\d{1,2})(?:\s+năm\s+|[,/\s]+)(\d{4})", re.IGNORECASE)
_TIME = re.compile(
    r"(?<![\d/:.-])([01]?\d|2[0-3])\s?[:hH]\s?([0-5]\d)(?!\d)(?::([0-5]\d))?(?:\s*([AaPp])\.?[Mm]\b)?"
)
_ZONE = re.compile(r"(?:GMT|UTC)?\s*([+-])\s?(\d{1,2})(?::?(\d{2}))?(?!\d)")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar enero janvier gennaio janeiro ocak",
            "feb february februar febrero février fevrier febbraio fevereiro şubat",
            "mar march märz maerz marzo mars março mart",
            "apr april abril avril aprile nisan",
            "may mai mayo maggio maio mayıs",
            "jun june juni junio juin giugno junho haziran",
            "jul july juli julio juillet luglio julho temmuz",
            "aug august agosto août aout ağustos",
            "sep sept september septiembre septembre settembre setembro eylül",
            "oct october okt oktober octubre octobre ottobre outubro ekim",
            "nov november noviembre novembre novembro kasım",
            "dec december dez dezember diciembre décembre decembre dicembre dezembro aralık",
        ),
        1,
    )
    for name in names.split()
}
_NAMED = re.compile(
    r"(?:(?P<d1>\d{1,2})(?:st|nd|rd|th|\.)?\s*(?:de\s+|-)?(?P<m1>[^\W\d_]{3,10})\.?,?\s*(?:de\s+|"
    r"-)?(?P<y1>\d{4})"
    r"|(?P<m2>[^\W\d_]{3,10})\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{4}))",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
_CITED = re.compile(
    r"(?:nghị định|nghị quyết|quyết định|thông tư|chỉ thị|luật|kế hoạch|công văn|kết luận|cập nhật|updated?|"
    r"giấy phép|số\s+\S+)[^.\n]{0,60}$",
    re.IGNORECASE,
)
_URL_LONG = re.compile(
    r"(?<!\d)(?:\d{3})?((?:20)?\d{2})(\d{2})(\d{2})([01]\d|2[0-3])([0-5]\d)([0-5]\d)\d{0,3}(?!\d)"
)
_URL_PATH = re.compile(r"/((?:19|20)\d{2})[/-]?(\d{1,2})[/-]?(\d{1,2})(?=[/_-]|$)")


@dataclass(frozen=True, slots=True)
class Published:
    """An aware time and the kind of evidence it rests on."""

    at: datetime
    source: str


def machine(text: str, near: datetime | None = None) -> datetime | None:
    """The aware time of a JSON-LD, meta or ``datetime`` value; Asia/Ho_Chi_Minh where it names no zone.

    ``9/5/2026 1:30:00 PM`` (OneCMS, Tuổi Trẻ) is month first, unless ``near`` speaks for the other reading.
    """
    text = _plain(text)
    if _EPOCH.match(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if found := _ISO.search(text) or _COMPACT.search(text):
        year, month, day, hour, minute, second, zone = found.groups()
        return _aware(year, month, day, (hour, minute, second, None), zone)
    if found := _NUMERIC.search(text):
        american = re.search(r"\d:\d\d:\d\d\s*[AP]M", text, re.IGNORECASE) is not None
        return _slashed(text, found, american, near)
    return _in_words(text)


def printed(text: str) -> datetime | None:
    """The aware time a page shows its readers: day first, with or without a time of day."""
    text = _plain(text)
    if found := _NUMERIC.search(text):
        return _slashed(text, found, False, None)
    if found := _SPOKEN.search(text):
        day, month, year = found.groups()
        return _with_time(text, found.span(), year, month, day)
    if found := _ISO.search(text):
        year, month, day, hour, minute, second, zone = found.groups()
        if hour is None:
            return _with_time(text, found.span(), year, month, day)
        return _aware(year, month, day, (hour, minute, second, None), zone)
    return _in_words(text)


def from_url(url: str) -> datetime | None:
    """The time in an address: VCCorp's (185260823055200), Dân Trí's (20260307080153123) or /2026/03/07/."""
    path = urlsplit(url).path
    for found in _URL_LONG.finditer(path):
        year, *rest = found.groups()
        moment = _aware(year if len(year) == 4 else f"20{year}", rest[0], rest[1], (*rest[2:], None), None)
        if moment and moment.year >= 2000:
            return moment
    if found := _URL_PATH.search(path):
        return _aware(*found.groups(), (None, None, None, None), None)
    return None


def published(
    linked: str,
    meta: dict[str, list[str]],
    ruled: list[str],
    near_title: Iterator[str],
    url: str,
    feed: datetime | None,
    tree: _Element,
    now: datetime,
) -> Published | None:
    """The publication time by the best evidence there is; None when nothing names a possible one."""
    weak = feed or from_url(url)
    claims: list[tuple[str, Iterator[datetime | None]]] = [
        ("jsonld", (machine(text, weak) for text in [linked] if text)),
        ("meta", (machine(text, weak) for key in _META for text in meta.get(key, ()))),
        ("byline", (printed(text) for text in ruled)),
        ("byline", (from_bylines(texts, now) for texts in [near_title])),
        ("url", iter([from_url(url)])),
        ("feed", iter([feed])),
        ("htmldate", (_by_htmldate(tree, url, now) for _ in range(1))),
    ]
    for source, moments in claims:
        for moment in moments:
            if moment is not None and possible(moment, now):
                return Published(moment, source)
    return None


def _by_htmldate(tree: _Element, url: str, now: datetime) -> datetime | None:
    """htmldate on the page's head alone: over the text it takes a cited decree's date for the article's."""
    head = tree.find("head")
    if head is None or not len(head):
        return None
    from htmldate import find_date  # slow to import, seldom needed

    page = Element("html")
    page.append(deepcopy(head))
    found = find_date(
        page, original_date=True, extensive_search=False, url=None, max_date=now.date().isoformat()
    )
    return machine(found) if found else None


def possible(moment: datetime | None, now: datetime) -> bool:
    """Neither before the web nor later than now and a day."""
    return moment is not None and EARLIEST <= moment <= now + SLACK


def bylines(start: _Element | None, body: _Element | None) -> Iterator[str]:
    """Texts round the title that may hold the printed date, nearest first, up to the article's own text."""
    if start is None:
        return
    for element in islice(_behind(start), 250):
        if element is body:
            break
        yield from _short(element)
    for element in islice(_before(start), 80):
        yield from _short(element)


def _behind(start: _Element) -> Iterator[_Element]:
    """Elements that follow in page order."""
    node: _Element | None = start
    while node is not None and node.tag != "body":
        for sibling in node.itersiblings():
            yield from sibling.iter()
        node = node.getparent()


def _before(start: _Element) -> Iterator[_Element]:
    """Elements that go before, the nearest first."""
    node: _Element | None = start
    while node is not None and node.tag != "body":
        for sibling in node.itersiblings(preceding=True):
            yield from reversed([*sibling.iter()][-40:])
        node = node.getparent()


def _short(node: _Element) -> Iterator[str]:
    if value := node.get("datetime"):
        yield value
    text = " ".join(" ".join(node.itertext()).split())
    if 6 <= len(text) <= 160 and any(letter.isdigit() for letter in text):
        yield text


def from_bylines(texts: Iterator[str], now: datetime) -> datetime | None:
    """The first printed date that is possible and no cited document's.

    A date line is little else than a date; «Ngày 27/9/2019, Bộ Chính trị ban hành …» is a sentence.
    """
    for text in texts:
        found = _NUMERIC.search(text) or _SPOKEN.search(text) or _ISO.search(text) or _NAMED.search(text)
        if found is None or _CITED.search(text[: found.start()]):
            continue
        rest = len(re.sub(r"[\W\d_]+", "", text.replace(found[0], "")))
        if rest > (45 if _TIME.search(text) else 25):
            continue
        moment = printed(text)
        if possible(moment, now):
            return moment
    return None


def _plain(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").replace("&#x2B;", "+").replace("\u200e", "").split())


def _slashed(text: str, found: re.Match[str], american: bool, near: datetime | None) -> datetime | None:
    first, _, second, year = found.groups()
    day_first = _with_time(text, found.span(), year, second, first)
    month_first = _with_time(text, found.span(), year, first, second)
    if day_first and month_first and near:
        return min((day_first, month_first), key=lambda moment: abs(moment - near))
    return (month_first or day_first) if american else (day_first or month_first)


def _in_words(text: str) -> datetime | None:
    for found in _NAMED.finditer(text):
        day, name, year = found["d1"] or found["d2"], found["m1"] or found["m2"], found["y1"] or found["y2"]
        if month := _MONTHS.get(name.lower().rstrip(".")):
            return _with_time(text, found.span(), year, str(month), day)
    return None


def _with_time(text: str, date_at: tuple[int, int], year: str, month: str, day: str) -> datetime | None:
    """The date with the time of day that stands beside it, in front or behind."""
    behind, before = text[date_at[1] : date_at[1] + 40], text[max(0, date_at[0] - 40) : date_at[0]]
    times = [*_TIME.finditer(behind)][:1] or [*_TIME.finditer(before)][-1:]
    if not times:
        return _aware(year, month, day, (None, None, None, None), None)
    hour, minute, second, half = times[0].groups()
    rest = behind[times[0].end() :] if times[0].string == behind else text[date_at[1] :]
    zone = re.search(
        r"(?:GMT|UTC|\()\s*[+-]\s?\d{1,2}(?::?\d{2})?|[+-]\d{2}:\d{2}\b|\b(?:UTC|GMT|Z)\b", rest or behind
    )
    return _aware(year, month, day, (hour, minute, second, half), zone[0] if zone else None)


def _aware(
    year: str,
    month: str,
    day: str,
    clock: tuple[str | None, str | None, str | None, str | None],
    zone: str | None,
) -> datetime | None:
    hour, minute, second, half = clock
    hours = int(hour or 0)
    if half and hours < 12 and half.lower() == "p":
        hours += 12
    elif half and hours == 12 and half.lower() == "a":
        hours = 0
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
    found = _ZONE.search(text)
    if not found:
        return UTC
    sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset) if offset <= timedelta(hours=14) else None
