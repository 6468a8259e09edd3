"""A month in the life of some outlets: what their pages truly were at any time, and what looks were shown."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from scrapy import Request
from scrapy.http import HtmlResponse, Response
from twisted.internet.error import TimeoutError as TimedOut

from crawler.listings import Link
from tests.bench.press import article_page
from tests.bench.prose import LOCAL, Piece, piece, sentence

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NATIONAL = "bao-nuoc"  # an outlet of which only what names the province is kept
IN_LIST = 30  # articles that a list names, the newest
Slow = Literal["", "stub", "late", "notice", "third"]  # what stands there first: see ``Truth.unready``
SLOW: tuple[Slow, ...] = ("stub", "late", "notice", "third")
READY = {
    "": timedelta(),
    "stub": 50 * MINUTE,
    "late": 70 * MINUTE,
    "notice": 40 * MINUTE,
    "third": 110 * MINUTE,
}
VAGUE = "Nổ lớn tại một xưởng cơ khí, nhiều thợ bị thương"
STUB = "Tin đang được tiếp tục cập nhật."
FIRST_WORDS = (
    "Tiếng nổ phát ra từ xưởng cơ khí lúc giao ca, khói bốc cao hàng chục mét, hai xe cứu thương tới ngay.",
    "Cửa kính của nhiều nhà quanh xưởng bị vỡ, lực lượng chức năng đang phong tỏa để tìm nguyên nhân.",
)
Missing = Literal["404", "410", "home", "soft", "other"]
MISSING: tuple[Missing, ...] = ("404", "410", "home", "soft", "other")
Outage = Literal["silent", "502", "503", "maintenance"]
OTHER = 999  # the number of another article's text at the address
NATIONALS = 8  # times as many articles of the national outlet as of another one
OUTAGES: tuple[Outage, ...] = ("silent", "502", "503", "maintenance")
NOT_HERE = (
    "<html><head><title>Trang không tồn tại</title></head><body><h1>Trang không tồn tại</h1></body></html>"
)
AT_WORK = "<html><head><title>Bảo trì</title></head><body><p>Hệ thống đang bảo trì.</p></body></html>"


@dataclass(frozen=True, slots=True)
class Absence:
    """A page is not there from ``start`` until ``end``."""

    start: datetime
    end: datetime
    kind: Missing


@dataclass(slots=True)
class Truth:
    """One article as it truly is; ``looks`` are the times it was asked for, each with what was shown.

    A number is the text shown, ``absent`` stands for a page that was not there, ``""`` for no answer or no text
    yet. ``ours``: it names the province; ``slow``: what stands at its address first.
    """

    url: str
    source: str
    found_at: datetime
    conditional: bool
    texts: list[tuple[datetime, Piece]]
    absences: list[Absence] = field(default_factory=list)
    moved_at: datetime | None = None
    ours: bool = True
    slow: Slow = ""
    looks: list[tuple[datetime, str]] = field(default_factory=list)

    @property
    def moved_url(self) -> str:
        return self.url.replace("/tin-", "/moi-tin-")

    @property
    def addresses(self) -> list[str]:
        """It is kept under the address it was first seen at."""
        return [self.url, self.moved_url]

    def text_at(self, now: datetime) -> int:
        """The number of the text; an edit taken back has the number of the text it goes back to."""
        current = [one for at, one in self.texts if at <= now][-1]
        return next(number for number, (_, one) in enumerate(self.texts) if one == current)

    @property
    def headline(self) -> str:
        """What lists call it; a first report keeps its vague headline there."""
        return VAGUE if self.slow == "third" else self.texts[0][1].title

    @property
    def never_ours(self) -> bool:
        """Whether another article stood there at every look."""
        shown = any(shown.isdigit() for _, shown in self.looks)
        return not shown and any(one.kind == "other" for one in self.absences)

    def unready(self, now: datetime) -> str | None:
        """The page as it stands before the text is there, "" for 404; None once it is."""
        if now >= self.found_at + READY[self.slow]:
            return None
        if self.slow == "late":
            return ""
        if self.slow == "notice":
            return AT_WORK
        words: tuple[str, ...] = (STUB,)
        if self.slow == "third":
            words = FIRST_WORDS[: 1 + (now >= self.found_at + 50 * MINUTE)]
        one = replace(self.texts[0][1], title=self.headline, lead="", paragraphs=words)
        return article_page(self.url[: self.url.index("/", 8)], "Báo", one, ())

    def absence_at(self, now: datetime) -> Absence | None:
        return next((one for one in self.absences if one.start <= now < one.end), None)

    def moved(self, now: datetime) -> datetime:
        """When it moved, if it did by now; else when it was found."""
        return self.moved_at if self.moved_at and self.moved_at <= now else self.found_at

    def address_at(self, now: datetime) -> str:
        return self.moved_url if self.moved_at and self.moved_at <= now else self.url


@dataclass(slots=True)
class World:
    """All outlets; ``outages`` are a source's day without service."""

    truths: dict[str, Truth]
    outages: dict[str, tuple[datetime, datetime, Outage]]

    def outage(self, source: str, now: datetime) -> Outage | None:
        start, end, kind = self.outages.get(source, (now, now, "silent"))
        return kind if start <= now < end else None

    def list_of(self, source: str, now: datetime) -> list[Link]:
        """What the source's list names: its newest articles, moved ones under their new address too."""
        there = [one for one in self.truths.values() if one.source == source and one.found_at <= now]
        newest = sorted(there, key=lambda one: max(one.found_at, one.moved(now)), reverse=True)[:IN_LIST]
        return [Link(one.address_at(now), one.headline, one.texts[0][1].published_at) for one in newest]

    def answer(self, request: Request, now: datetime) -> Response:
        """What the site answers; raises TimedOut for no answer."""
        truth = self.truths[request.url.replace("/moi-tin-", "/tin-")]
        outage = self.outage(truth.source, now)
        if outage:
            truth.looks.append((now, "absent" if outage == "maintenance" else ""))
            return self._out(request, outage)
        absence = truth.absence_at(now)
        if absence:
            truth.looks.append((now, "absent"))
            return _absent(request, absence.kind, truth)
        unready = truth.unready(now)
        if unready is not None:
            truth.looks.append((now, ""))
            return _html(request, request.url, unready, 200 if unready else 404)
        number = truth.text_at(now)
        truth.looks.append((now, str(number)))
        return _present(request, truth, number, now)

    def _out(self, request: Request, outage: Outage) -> Response:
        if outage == "silent":
            raise TimedOut
        if outage == "maintenance":
            return _html(request, request.url, AT_WORK)
        return _html(request, request.url, "", int(outage))


def _html(request: Request, url: str, text: str, status: int = 200, etag: str = "") -> Response:
    """An answer, redirected where ``url`` is not the one asked for."""
    meta = request.meta | ({"redirect_urls": [request.url]} if url != request.url else {})
    headers = {"Content-Type": "text/html; charset=utf-8"} | ({"ETag": etag} if etag else {})
    return HtmlResponse(
        url, status, headers, text.encode(), request=request.replace(url=url, meta=meta), encoding="utf-8"
    )


def _absent(request: Request, kind: Missing, truth: Truth) -> Response:
    home = request.url[: request.url.index("/", 8)]
    if kind == "home":
        return _html(request, f"{home}/", "<html><body>Trang chủ</body></html>")
    if kind == "soft":
        return _html(request, request.url, NOT_HERE)
    if kind == "other":
        number = int(truth.url.rpartition("-")[2].removesuffix(".html")) * LOCAL + 1
        other = replace(piece(99, number, truth.found_at), path=request.url[len(home) :])
        return _html(request, request.url, article_page(home, "Báo", other, ()))
    return _html(request, request.url, "", int(kind))


def _present(request: Request, truth: Truth, number: int, now: datetime) -> Response:
    url = truth.address_at(now)
    home = url[: url.index("/", 8)]
    text = article_page(home, "Báo", replace(truth.texts[number][1], path=url[len(home) :]), ())
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:12]}"' if truth.conditional else ""
    if etag and request.headers.get("If-None-Match") == etag.encode():
        return _html(request, url, "", 304, etag)
    return _html(request, url, text, etag=etag)


def local_piece(outlet: int, number: int, at: datetime) -> Piece:
    """An article on the province, published at that time."""
    return replace(piece(outlet, number * LOCAL, at), published_at=at)


def edited(one: Piece, rng: random.Random) -> Piece:
    """The same article with another figure, a further paragraph, or one paragraph less."""
    place = rng.randrange(1, len(one.paragraphs))
    before, after = one.paragraphs[:place], one.paragraphs[place + 1 :]
    match rng.randrange(3):
        case 0:
            return replace(one, lead=f"{one.lead} Tổng cộng {rng.randint(1000, 9999)} tấn.")
        case 1:
            return replace(one, paragraphs=(*before, one.paragraphs[place], sentence(rng), *after))
    return replace(one, paragraphs=(*before, *after))


def plan(outlets: int, articles: int, start: datetime, days: int, seed: int = 30) -> World:
    """Draw a month: when articles appear, are edited, taken down, come back, move; and who has an outage."""
    rng = random.Random(seed)
    truths = [
        _truth(outlet, number, start, days, rng) for outlet in range(outlets) for number in range(articles)
    ]
    truths += list(_national(articles * NATIONALS, start, days, rng))
    outages = {}
    for outlet, kind in zip(range(1, outlets), OUTAGES, strict=False):
        begins = start + DAY * rng.uniform(0.2, 0.5) * days
        outages[f"bao{outlet}"] = (begins, begins + DAY, kind)
    return World({one.url: one for one in truths}, outages)


def _truth(outlet: int, number: int, start: datetime, days: int, rng: random.Random) -> Truth:
    """One article; one that moves is not edited before it was looked at under its new address."""
    at = (start + DAY * rng.uniform(0, 0.8 * days)).replace(microsecond=0)
    first = local_piece(outlet, number, at)
    url = f"http://bao{outlet}.example/tin-{number}.html"
    truth = Truth(url, f"bao{outlet}", at, rng.random() < 0.7, [(at, first)])
    if rng.random() < 0.5:
        truth.texts += list(_edits(first, at, rng))
    fate = rng.random()
    if fate > 0.9:
        truth.slow = rng.choice(SLOW)
    if fate < 0.3:
        truth.absences = list(_absences(at, rng))
    elif fate < 0.4:
        truth.moved_at = at + DAY * rng.choice((0.1, 0.7, 2, 5))
        truth.texts[1:] = [one for one in truth.texts[1:] if one[0] > truth.moved_at + HOUR]
    return truth


def _national(count: int, start: datetime, days: int, rng: random.Random) -> Iterator[Truth]:
    """Articles of a national outlet: one in twenty is ours, one in ten short, one in forty a vague report."""
    for number in range(1, count + 1):
        at = (start + DAY * rng.uniform(0, 0.9 * days)).replace(microsecond=0)
        one = replace(piece(77, number, at), published_at=at)
        if number % (4 * LOCAL) == 10:
            one = replace(one, title="Cháy nhà xưởng, hai công nhân bị bỏng", paragraphs=FIRST_WORDS)
        elif number % 10 == 0 and number % LOCAL:
            one = replace(one, paragraphs=one.paragraphs[:2])
        url, ours = f"http://{NATIONAL}.example/tin-{number}.html", number % LOCAL == 0
        slow = rng.choice(SLOW) if ours and rng.random() < 0.5 else ""
        yield Truth(url, NATIONAL, at, rng.random() < 0.7, [(at, one)], ours=ours, slow=slow)


def _edits(first: Piece, at: datetime, rng: random.Random) -> Iterator[tuple[datetime, Piece]]:
    """Up to three edits, soon ones more often; some are taken back."""
    past = [first]
    for _ in range(rng.randint(1, 3)):
        at += HOUR * rng.choice((0.4, 2, 9, 40, 120, 400)) * rng.uniform(0.5, 1.5)
        back = len(past) > 1 and rng.random() < 0.2
        past.append(past[-2] if back else edited(past[-1], rng))
        yield at, past[-1]


def _absences(at: datetime, rng: random.Random) -> Iterator[Absence]:
    """A take-down, for good or for some time, some twice."""
    kind = rng.choice(MISSING)
    for _ in range(rng.choice((1, 1, 2))):
        start = at + HOUR * rng.choice((0.5, 3, 12, 40, 120)) * rng.uniform(0.5, 1.5)
        lasts = rng.choice((HOUR * 5, HOUR * 20, HOUR * 30, DAY * 4, DAY * 400))
        if kind == "other":
            lasts = DAY * 400
        yield Absence(start, start + lasts, kind)
        at = start + lasts
