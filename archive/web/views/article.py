"""``/bai/<id>`` Bài: one article, its facts and its history."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from datasette.utils.asgi import NotFound, Request, Response

from archive.query import parse
from archive.revisions.changes import Change, Row, Texts, headline, side_by_side
from archive.web import highlight
from archive.web.excerpts import excerpt, figures_line
from archive.web.formats import Formats
from archive.web.queries import article as queries
from archive.web.request import Visit
from archive.web.views.copies import copies_of

if TYPE_CHECKING:
    from datasette.app import Datasette


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history: a version with its differences, or a change of state."""

    at: str
    version: queries.Version | None = None
    state: queries.State | None = None
    changes: list[Change] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


async def article(datasette: "Datasette", request: Request) -> Response:
    """The page of one article; words of ``?q=`` are marked."""
    visit = await Visit.of(datasette, request)
    article_id = int(request.url_vars["id"])
    found = await visit.ask(lambda conn: queries.dossier(conn, article_id))
    if found is None:
        raise NotFound(f"No article {article_id}")
    history = _history(found)
    edits = [event for event in history if event.version and event.version.kind == "edit"]
    say = figures_line if visit.public else headline
    return await visit.page(
        "article.html",
        article=found,
        text=_text(visit, found),
        outlets=len({line.source for line in found.story}),
        history=history,
        copies=await copies_of(visit, found.row["url"]),
        last_edit=say(edits[0].version.changes) if edits and edits[0].version else "",
        figures_line=figures_line,
        edit_words=_edited(visit, len(edits)),
        gone_words=_gone(visit, found),
    )


def _text(visit: Visit, found: queries.Dossier) -> highlight.MarkedArticle:
    asked = visit.arg("q")
    query = parse(asked, visit.site.places) if asked else None
    row = found.row
    if visit.public:
        return highlight.article(row["title"], "", excerpt(row["lead"], row["body"]), query)
    return highlight.article(row["title"], row["lead"], row["body"], query)


def _history(found: queries.Dossier) -> list[Event]:
    """Versions and states, the newest first."""
    events = [Event(found.versions[0].seen_at, found.versions[0])] if found.versions else []
    for before, after in pairwise(found.versions):
        rows = [row for row in side_by_side(_texts(before), _texts(after)) if _differs(row)]
        short = [change for change in after.changes if change.kind != "wording"]
        events.append(Event(after.seen_at, after, changes=short, rows=rows))
    events += [Event(state.at, state=state) for state in found.states]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _texts(version: queries.Version) -> Texts:
    return Texts(version.title, version.lead, version.body)


def _differs(row: Row) -> bool:
    return not (row.before and row.after) or any(mark != "same" for mark, _ in row.before + row.after)


def _edited(visit: Visit, edits: int) -> str:
    if not edits:
        return ""
    return visit.words("changes.edited.one") if edits == 1 else visit.words("changes.edited", n=edits)


def _gone(visit: Visit, found: queries.Dossier) -> str:
    """«Đã gỡ (phát hiện 14/3, xác nhận 15/3)»."""
    if found.row["state"] != "gone":
        return ""
    day = Formats(visit.words, visit.now).day
    gone = day(found.row["gone_at"]) if found.row["gone_at"] else visit.words("time.unknown")
    if not found.suspected_at:
        return visit.words("changes.gone.only", gone=gone)
    return visit.words("changes.gone", suspected=day(found.suspected_at), gone=gone)
