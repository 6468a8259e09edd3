"""``/bai/<id>`` Bài: one article, its facts and its history."""

import json
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.figures.periods import in_words
from archive.model import Citation, Figure
from archive.query import ReadAs, parse
from archive.revisions.changes import Change, Row, Texts, from_json, headline, side_by_side
from archive.text import composed
from archive.web import pictures
from archive.web.excerpts import excerpt
from archive.web.request import PageRequest
from archive.web.views.copies import copies_of
from archive.web.views.events.article import OwnEvent, last_ruling, load_event
from archive.web.views.learning.cases import cases_here
from archive.web.views.ledger.in_text import MarkedArticle, figure_marks, marked_article
from archive.web.views.lists import TopicLabel, placeholders, topics_of
from archive.web.views.register.opened import lines_about

RULED = {
    code: f"event.told.{code}" for code in ("ruled", "back", "none", "unknown", "same", "late")
}  # what a press of «Cùng sự kiện» came to


@dataclass(frozen=True, slots=True)
class VersionRow:
    """The text as it stood from ``seen_at`` on; ``changes`` against the version before."""

    id: int
    seen_at: str
    kind: str
    title: str
    lead: str
    body: str
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class StateRow:
    """A change between live, suspected and gone."""

    at: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class ArticleDetails:
    """What the article page shows."""

    row: dict[str, Any]
    outlet: str
    home: str | None
    topics: list[TopicLabel]
    mentions: dict[str, list[tuple[str, int]]]
    citations: list[Citation]
    figures: list[Figure]
    event: OwnEvent
    versions: list[VersionRow]
    states: list[StateRow]
    original: int | None = None

    @property
    def authors(self) -> list[str]:
        return list(json.loads(self.row["authors"]))

    @property
    def date_doubts(self) -> list[str]:
        return [code for code in self.doubts if code.startswith("date_")]

    @property
    def doubts(self) -> list[str]:
        """What is unsure about it, as stored reasons."""
        return list(json.loads(self.row["doubt"]))

    @property
    def why(self) -> list[str]:
        return list(json.loads(self.row["why"]))

    @property
    def suspected_at(self) -> str | None:
        """When a take-down was first noticed: on the record where it was confirmed, else in the states."""
        noticed = [state.at for state in self.states if state.state == "suspected"]
        return self.row["suspected_at"] or (noticed[-1] if noticed and self.row["state"] == "gone" else None)


def load_details(db: Database, article_id: int) -> ArticleDetails | None:
    """Everything known of one article, or None where there is none of that number."""
    cursor = db.execute("select * from articles where id = ?", [article_id])
    row = cursor.fetchone()
    if row is None:
        return None
    article = dict(zip((column[0] for column in cursor.description), row, strict=True))
    source = db.execute("select name, home from sources where key = ?", [article["source"]]).fetchone()
    return ArticleDetails(
        article,
        outlet=source[0] if source else article["source"],
        home=source[1] if source else None,
        topics=topics_of(db, {article_id: article["story_id"]}).get(article_id, []),
        mentions=_mentions(db, article_id),
        citations=_citations(db, article_id),
        figures=_figures(db, article_id),
        event=load_event(db, article_id),
        versions=_versions(db, article_id),
        states=_states(db, article_id),
        original=_original(db, article["credit_url"]),
    )


def _original(db: Database, url: str | None) -> int | None:
    """The article in the archive that a reprint gives the address of; its number."""
    if not url:
        return None
    forms = (url, url.rstrip("/"), f"{url.rstrip('/')}/")
    sql = f"select id from articles where url in ({placeholders(forms)}) order by id limit 1"
    row = db.execute(sql, forms).fetchone()
    return int(row[0]) if row else None


def _mentions(db: Database, article_id: int) -> dict[str, list[tuple[str, int]]]:
    mentions: dict[str, list[tuple[str, int]]] = {}
    sql = "select kind, name, count from mentions where article_id = ? order by count desc, name"
    for kind, name, count in db.execute(sql, [article_id]):
        mentions.setdefault(kind, []).append((name, count))
    return mentions


def _citations(db: Database, article_id: int) -> list[Citation]:
    sql = """select x.number, d.kind, d.issuer, coalesce(x.dated, d.issued_on), x.quote
        from article_documents x left join documents d on d.number = x.number
        where x.article_id = ? order by x.number"""
    return [Citation(*row) for row in db.execute(sql, [article_id])]


def _figures(db: Database, article_id: int) -> list[Figure]:
    sql = """select indicator, value, unit, quote, qualifier, rank_of, period, kind, key, base, subject_kind,
        subject, place, starts, ends from figures where article_id = ? order by id"""
    return [Figure(*row) for row in db.execute(sql, [article_id])]


def _versions(db: Database, article_id: int) -> list[VersionRow]:
    sql = "select id, seen_at, kind, title, lead, body, changes from versions where article_id = ? order by id"
    return [
        VersionRow(id_, seen_at, kind, title, lead, body, from_json(changes))
        for id_, seen_at, kind, title, lead, body, changes in db.execute(sql, [article_id])
    ]


def _states(db: Database, article_id: int) -> list[StateRow]:
    sql = "select at, state, reason from states where article_id = ? order by at, rowid"
    return [StateRow(*row) for row in db.execute(sql, [article_id])]


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One line of the history: a version with its differences, or a change of state."""

    at: str
    version: VersionRow | None = None
    state: StateRow | None = None
    changes: list[Change] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


async def article(req: PageRequest) -> Response:
    """The page of one article; words of ``?q=`` are marked."""
    article_id = int(req.url_vars["id"])
    details = await req.require(lambda db: load_details(db, article_id))
    history = _history(details)
    edits = [event for event in history if event.version and event.version.kind == "edit"]
    describe = partial(headline, words=req.words)
    picture = pictures.picture_of(req, details.row["image"])
    page = await req.render(
        "article.html",
        article=details,
        picture=picture,
        text=_text(req, details),
        ruling=await last_ruling(req, details.event.ids),
        ruled=RULED.get(req.arg("da"), ""),
        history=history,
        copies=await copies_of(req, details.row["url"]),
        requests=await lines_about(req, details.event.ids),
        said=await cases_here(req, details.row["url"]),
        last_edit=describe(edits[0].version.changes) if edits and edits[0].version else "",
        period=partial(in_words, words=req.words),
        ledger_page=partial(_ledger_page, req),
        edit_words=_edited(req, len(edits)),
        gone_words=_gone(req, details),
    )
    return pictures.allow(page, picture)


def _text(req: PageRequest, details: ArticleDetails) -> MarkedArticle:
    words = req.arg("q")
    query = parse(words, req.site.places, ReadAs(req.site.lexicon)) if words else None
    row = details.row
    whole = composed("\n".join(filter(None, (row["title"], row["lead"], row["body"]))))
    figures = list(figure_marks(whole, details.figures, partial(_ledger_page, req), partial(_in_short, req)))
    if req.public:
        return marked_article(row["title"], "", excerpt(row["lead"]), query, figures)
    return marked_article(row["title"], row["lead"], row["body"], query, figures)


def _ledger_page(req: PageRequest, figure: Figure) -> str:
    """The page of a figure's indicator; '' where it is of none that is known."""
    return req.path(f"/so-lieu/{figure.key}") if figure.key in req.site.indicators.known else ""


def _in_short(req: PageRequest, figure: Figure) -> str:
    """``Chỉ số sản xuất công nghiệp · 10 tháng 2026 · thực hiện · Thái Nguyên``."""
    period = in_words(figure.period, req.words) if figure.period else ""
    whose = figure.subject or figure.place
    return " · ".join(filter(None, (figure.indicator, period, req.words.named("figure", figure.kind), whose)))


def _history(details: ArticleDetails) -> list[HistoryEvent]:
    """Versions and states, the newest first."""
    events = [HistoryEvent(details.versions[0].seen_at, details.versions[0])] if details.versions else []
    for before, after in pairwise(details.versions):
        rows = [row for row in side_by_side(_texts(before), _texts(after)) if _differs(row)]
        short = [change for change in after.changes if change.kind != "wording"]
        events.append(HistoryEvent(after.seen_at, after, changes=short, rows=rows))
    events += [HistoryEvent(state.at, state=state) for state in details.states]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _texts(version: VersionRow) -> Texts:
    return Texts(version.title, version.lead, version.body)


def _differs(row: Row) -> bool:
    return not (row.before and row.after) or any(mark != "same" for mark, _ in row.before + row.after)


def _edited(req: PageRequest, edits: int) -> str:
    if not edits:
        return ""
    return req.words("changes.edited.one") if edits == 1 else req.words("changes.edited", n=edits)


def _gone(req: PageRequest, details: ArticleDetails) -> str:
    """«Đã gỡ (phát hiện 14/3, xác nhận 15/3)»."""
    if details.row["state"] != "gone":
        return ""
    day = req.formats.day
    gone = day(details.row["gone_at"]) if details.row["gone_at"] else req.words("time.unknown")
    if not details.suspected_at:
        return req.words("changes.gone.only", gone=gone)
    return req.words("changes.gone", suspected=day(details.suspected_at), gone=gone)
