"""``/sua-go`` Sửa và gỡ: what outlets did to articles after they were kept; as a page, a feed and a table."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.clock import HANOI, moment
from archive.digests.layout.atom import add, add_author, add_entry, begin, end
from archive.revisions.changes import Change, headline
from archive.revisions.events import KINDS, ArticleEvent, EventKind, EventPlace, EventQuery, count, events
from archive.search.filters import load_names
from archive.text import safe_url
from archive.web.request import PageRequest
from archive.web.search_params import day_in, midnight
from archive.web.views.feeds import as_csv
from archive.web.views.lists import TopicLabel

PAGE = 30
FEED_ENTRIES = 50
TABLE_ROWS = 5000
COUNTED = 1000  # events counted exactly, of each kind: «hơn 1.000»
DAYS = (7, 30, 90)
_KINDS: dict[EventKind, str] = {"edit": "sua", "gone": "go", "live": "lai"}  # as the address has them
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)*\s?%?")
_PLACE = re.compile(r"([0-9T:Z.+-]{1,40})~([01])~(\d{1,18})~(\d{1,18})")
_COLUMNS = ("seen_at", "kind", "source", "outlet", "title", "change", "figures", "url", "archive_url")


@dataclass(frozen=True, slots=True)
class ChangesParams:
    """What a reader asks of the page, as it stands in the address; days in Hà Nội, both included."""

    source: str = ""
    topic: str = ""
    kind: EventKind | None = None
    figures: bool = False
    since: date | None = None
    until: date | None = None
    before: EventPlace | None = None

    @classmethod
    def read(cls, arg: Callable[[str], str]) -> "ChangesParams":
        """What an address asks; what means nothing is left out."""
        place = _PLACE.fullmatch(arg("truoc"))
        return cls(
            source=arg("nguon")[:200],
            topic=arg("chude")[:200],
            kind=next((kind for kind, typed in _KINDS.items() if typed == arg("loai")), None),
            figures=arg("so") == "1" and arg("loai") in ("", _KINDS["edit"]),
            since=day_in(arg("tu")),
            until=day_in(arg("den")),
            before=EventPlace(place[1], *map(int, place.groups()[1:])) if place else None,
        )

    @property
    def whole(self) -> "ChangesParams":
        """The same from the newest on."""
        return replace(self, before=None)

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return self.whole != ChangesParams()

    def to_dict(self) -> dict[str, object]:
        """The address's parameters; what is usual is left out."""
        return {
            "loai": _KINDS[self.kind] if self.kind else "",
            "so": "1" if self.figures else "",
            "nguon": self.source,
            "chude": self.topic,
            "tu": self.since,
            "den": self.until,
            "truoc": "~".join(map(str, self.before)) if self.before else "",
        }

    def of_kind(self, kind: EventKind | None, *, figures: bool = False) -> "ChangesParams":
        """The same of another kind, from the newest on."""
        return replace(self.whole, kind=kind, figures=figures)

    def within(self, since: date | None, until: date | None = None) -> "ChangesParams":
        """The same within a period, from the newest on."""
        return replace(self.whole, since=since, until=until)

    def of(self, source: str, topic: str) -> "ChangesParams":
        """The same of an outlet and a topic, from the newest on; '' for all."""
        return replace(self.whole, source=source, topic=topic)

    def query(self) -> EventQuery:
        """What is asked of the archive."""
        until = self.until + timedelta(days=1) if self.until and self.until < date.max else None
        return EventQuery(
            kind=self.kind or "",
            source=self.source,
            topic=self.topic,
            figures=self.figures,
            since=midnight(self.since) if self.since else None,
            until=midnight(until) if until else None,
        )


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """One page of events; ``counts`` by kind and of changed figures, each ``COUNTED + 1`` at most."""

    events: list[ArticleEvent]
    counts: dict[str, int]
    sources: Mapping[str, str]
    topics: list[TopicLabel]


async def changes(req: PageRequest) -> Response:
    """The page; counts are those of its filters, whatever kind is shown."""
    params = ChangesParams.read(req.arg)
    page = await req.query(lambda db: load_page(db, params))
    shown, more = page.events[:PAGE], len(page.events) > PAGE
    return await req.render(
        "changes.html",
        params=params,
        page=page,
        events=shown,
        older=replace(params, before=shown[-1].place) if more else None,
        total=_total(req, params, page.counts),
        kinds=[(kind, params.of_kind(kind), page.counts[kind]) for kind in KINDS],
        chosen=_chosen(req, params, page),
        address=lambda changed: req.path("/sua-go", changed.to_dict()),
        periods=_periods(req, params),
        told=partial(_told_beside_figures, req),
        figures=_figures,
        anchor=anchor,
        counted=partial(_counted, req),
    )


def load_page(db: Database, params: ChangesParams) -> ChangesPage:
    """The events of a page and one more, the counts, and what can be chosen."""
    whole = replace(params.query(), kind="", figures=False)
    topics = db.execute("select key, name, name_en from topics order by weight desc, key")
    return ChangesPage(
        events(db, params.query(), PAGE + 1, params.before),
        {kind: count(db, replace(whole, kind=kind), COUNTED + 1) for kind in KINDS}
        | {"figures": count(db, replace(whole, figures=True), COUNTED + 1)},
        load_names(db).sources,
        [TopicLabel(*topic) for topic in topics],
    )


def told(req: PageRequest, event: ArticleEvent) -> str:
    """What happened, in the reader's words: «Đã sửa: 7,8% → 6,8%»."""
    if event.kind == "live":
        return req.words("reason.article_restored")
    if event.kind == "gone":
        return _taken_down(req, event)
    what = headline(event.changes, req.words)
    return req.words("reason.article_edited_what", what=what) if what else req.words("reason.article_edited")


def _taken_down(req: PageRequest, event: ArticleEvent) -> str:
    day = req.formats.day
    if event.suspected_at:
        return req.words("changes.gone", suspected=day(event.suspected_at), gone=day(event.at))
    return req.words("changes.gone.only", gone=day(event.at))


def _told_beside_figures(req: PageRequest, event: ArticleEvent) -> str:
    """What happened besides the figures that changed, which the page shows apart."""
    if event.kind != "edit":
        return told(req, event)
    return headline([one for one in event.changes if not _is_figure(one)], req.words)


def _figures(event: ArticleEvent) -> list[tuple[str, str]]:
    """The figures that took another's place, each pair once."""
    return list(dict.fromkeys((one.before, one.after) for one in event.changes if _is_figure(one)))


def _is_figure(change: Change) -> bool:
    return change.kind == "figure" and bool(change.before and change.after)


def _total(req: PageRequest, params: ChangesParams, counts: dict[str, int]) -> str:
    """How many there are of what is shown: «hơn 1.000 thay đổi»."""
    kinds = ["figures"] if params.figures else [params.kind] if params.kind else KINDS
    shown = [counts[kind] for kind in kinds]
    capped = max(shown) > COUNTED
    number = sum(min(one, COUNTED) for one in shown)
    return req.formats.count("changes", number + capped, capped=capped)


def _chosen(req: PageRequest, params: ChangesParams, page: ChangesPage) -> list[tuple[str, ChangesParams]]:
    """The filters that are set, each with the page without it."""
    names = {topic.key: req.words.either(topic.name, topic.name_en) for topic in page.topics}
    chosen = {
        req.words(f"event.{params.kind}") if params.kind else "": params.of_kind(None),
        req.words("changes.figures") if params.figures else "": params.of_kind(None),
        page.sources.get(params.source, params.source): params.of("", params.topic),
        names.get(params.topic, params.topic): params.of(params.source, ""),
        _between(req, params): params.within(None),
    }
    return [(label, without) for label, without in chosen.items() if label]


def _between(req: PageRequest, params: ChangesParams) -> str:
    ends = (("search.since", params.since), ("search.until", params.until))
    return " ".join(req.words(word, day=req.formats.day(day.isoformat())) for word, day in ends if day)


def _counted(req: PageRequest, number: int) -> str:
    """``12``, or ``hơn 1.000``."""
    if number <= COUNTED:
        return req.formats.number(number)
    return req.words("count.more_than", what=req.formats.number(COUNTED))


def _periods(req: PageRequest, params: ChangesParams) -> list[tuple[str, ChangesParams, bool]]:
    """The last 7, 30 and 90 days, or all."""
    starts = {req.words("changes.days", n=days): req.formats.today - timedelta(days=days - 1) for days in DAYS}
    periods = [
        (label, params.within(since), (params.since, params.until) == (since, None))
        for label, since in starts.items()
    ]
    return [*periods, (req.words("period.all"), params.within(None), not (params.since or params.until))]


async def atom(req: PageRequest) -> Response:
    """The newest events as an Atom feed (RFC 4287)."""
    params = ChangesParams.read(req.arg).whole
    found = await req.query(lambda db: events(db, params.query(), FEED_ENTRIES))
    page = req.absolute(req.path("/sua-go", params.to_dict()))
    feed = begin(page, f"{req.words('name')}: {req.words('changes.title')}", found[0].at if found else "")
    add(feed, "link", href=page)
    add(feed, "link", rel="self", href=req.absolute(req.path("/sua-go.atom", params.to_dict())))
    for event in found:
        article = req.absolute(req.path(f"/bai/{event.article_id}"))
        entry = add_entry(feed)
        add(entry, "id", f"{article}#{event.id}")
        add(entry, "title", f"{req.words(f'event.{event.kind}')}: {event.title}")
        add(entry, "updated", event.at)
        add(entry, "link", href=f"{article}#{anchor(event)}")
        if original := safe_url(event.url):
            add(entry, "link", rel="via", href=original)
        add_author(entry, event.outlet)
        add(entry, "summary", told(req, event))
    return Response(end(feed), content_type="application/atom+xml; charset=utf-8")


async def table(req: PageRequest) -> Response:
    """The newest five thousand events as CSV that spreadsheets open; times are Hà Nội's."""
    params = ChangesParams.read(req.arg).whole
    found = await req.query(lambda db: events(db, params.query(), TABLE_ROWS))
    return as_csv("diemtin-sua-go.csv", _COLUMNS, (_row(req, event) for event in found))


def _row(req: PageRequest, event: ArticleEvent) -> list[str]:
    return [
        moment(event.at).astimezone(HANOI).strftime("%Y-%m-%d %H:%M"),
        event.kind,
        event.source,
        event.outlet,
        event.title,
        told(req, event),
        "; ".join(f"{before} → {after}" for before, after in _bare_figures(event.changes)),
        safe_url(event.url) or "",
        f"{req.absolute(req.path(f'/bai/{event.article_id}'))}#{anchor(event)}",
    ]


def anchor(event: ArticleEvent) -> str:
    """Where the article's page shows both sides of an edit, else its history."""
    return f"ban-{event.place.number}" if event.kind == "edit" else "lich-su"


def _bare_figures(changes: list[Change]) -> list[tuple[str, str]]:
    """The numbers that an edit put in another's place, without the words around them, each pair once."""
    pairs = [(_numbers(one.before), _numbers(one.after)) for one in changes if one.kind == "figure"]
    return [pair for pair in dict.fromkeys(pairs) if all(pair)]


def _numbers(text: str) -> str:
    return ", ".join(found.strip() for found in _NUMBER.findall(text))
