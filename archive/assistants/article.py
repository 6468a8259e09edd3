"""The tool ``article``: one article with its text, versions, take-down, credit, documents and figures."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from archive.assistants.asking import (
    ArticleId,
    ArticleRef,
    BadQuestion,
    DataAge,
    NothingThere,
    Reading,
    age_of,
    cut,
    local,
    reference,
)
from archive.figures.table import plain
from archive.i18n import Words
from archive.model import Citation, Figure
from archive.revisions.changes import Change
from archive.text import safe_url
from archive.web.excerpts import excerpt
from archive.web.views.article import ArticleDetails, VersionRow, load_details
from archive.web.views.lists import lines, placeholders

PIECE = 12_000  # characters of a text that are told at once
_LEAD, _CHANGED = 2000, 160
_VERSIONS, _CHANGES, _FIGURES, _DOCUMENTS, _NAMES = 10, 6, 30, 20, 15
_LONGEST_ADDRESS = 2000
_ENGLISH = Words("en")


class ArticleAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which article, by its number or the outlet's address, and from which character of its text on."""

    id: Annotated[ArticleId | None, Meta(description="Number of the article.")] = None
    url: Annotated[str, Meta(max_length=_LONGEST_ADDRESS, description="Or its address at the outlet.")] = ""
    text_from: Annotated[int, Meta(ge=0, le=10**8, description="`next_text_from` of the answer before.")] = 0


class ToldChange(Struct, frozen=True):
    """One thing that an edit changed; '' where something was added or taken out."""

    kind: Annotated[str, Meta(description="figure, date, name, document or wording.")]
    before: str
    after: str


class ToldVersion(Struct, frozen=True, kw_only=True):
    """The text as it stood from ``seen_at`` on, with what differs from the version before."""

    seen_at: datetime | None
    kind: Annotated[
        str, Meta(description="first; edit: by the outlet; extractor: read anew by this archive, no edit.")
    ]
    changes: list[ToldChange] = []
    left_out: str = ""


class ToldState(Struct, frozen=True):
    """A change of state: suspected (not found once), gone (take-down confirmed) or live again."""

    at: datetime | None
    state: str
    why: str


class ToldCredit(Struct, frozen=True):
    """Where an article says that it was taken from; ``article_id`` where that one is in this archive."""

    outlet: str
    url: str
    article_id: int | None


class CitedDocument(Struct, frozen=True, kw_only=True):
    """A document that the article cites."""

    number: str
    kind: str
    issuer: str
    dated: str
    quote: str


class ToldFigure(Struct, frozen=True, kw_only=True):
    """A figure of the article; ``value`` is the whole number in its plain ``unit``."""

    indicator: str
    key: Annotated[str, Meta(description="For the tool `figures`; '' where it is of no known indicator.")]
    value: float
    unit: str
    qualifier: str
    rank_of: int | None
    period: str
    kind: Annotated[str, Meta(description="actual, estimate, target, plan or said.")]
    whose: str
    quote: str


class ToldMention(Struct, frozen=True):
    """A place, organisation or person that the article names, and how often."""

    kind: str
    name: str
    count: int


class ToldText(Struct, frozen=True, kw_only=True):
    """What the article says; in public its lead where the outlet agreed."""

    lead: str
    text: str
    next_text_from: Annotated[int | None, Meta(description="Where the text goes on; null at its end.")]
    excerpt_only: Annotated[bool, Meta(description="The text is not public: read it at `article.url`.")]
    authors: list[str]
    section: str


class ToldHistory(Struct, frozen=True, kw_only=True):
    """What the outlet made of it since."""

    first_seen_at: datetime | None
    last_seen_at: Annotated[datetime | None, Meta(description="When it was last there at the outlet.")]
    sha256: Annotated[str, Meta(description="Of the text as it stands.")]
    versions: Annotated[list[ToldVersion], Meta(description="The newest first.")]
    states: Annotated[list[ToldState], Meta(description="Take-downs and returns, the oldest first.")]


class ToldFacts(Struct, frozen=True, kw_only=True):
    """What the archive read off it."""

    level: Annotated[str | None, Meta(description="about the province, or a mention of it.")]
    topics: list[str]
    doubts: Annotated[list[str], Meta(description="What is unsure about it, such as its date.")]
    documents: list[CitedDocument]
    figures: list[ToldFigure]
    mentions: list[ToldMention]


class ArticleAnswer(Struct, frozen=True, kw_only=True):
    """All that is known of an article; in public title and link, and the lead where the outlet agreed."""

    article: ArticleRef
    content: ToldText
    credit: ToldCredit | None
    history: ToldHistory
    facts: ToldFacts
    told_by: Annotated[int, Meta(description="Outlets that told the same event; see the tool `event`.")]
    left_out: Annotated[list[str], Meta(description="What was cut from this answer.")]
    data: DataAge


def article(reading: Reading, asked: ArticleAsked) -> ArticleAnswer:
    """Read one article of the archive: text, every version with what was changed, take-down, credit, figures.

    Give the `id` of a search result, or the outlet's address as `url`. A long text comes in pieces: ask again
    with `text_from`. An edit is told facts first («7,8%» → «6,8%»). `history.states` holds `gone` where the
    outlet took the article down: say so when you cite it, and cite `archive_url`. `credit` names the outlet it
    was reprinted from.
    """
    details = _details(reading, asked)
    [line] = lines(reading.db, "where a.id = ?", [details.row["id"]])
    return ArticleAnswer(
        article=reference(reading, line),
        content=_content(reading, details, asked.text_from),
        credit=_credit(details),
        history=_history(reading, details),
        facts=_facts(reading, details),
        told_by=details.event.told.entry.outlets,
        left_out=_left_out(details, asked.text_from),
        data=age_of(reading),
    )


def article_id_of(reading: Reading, asked_id: int | None, url: str) -> int:
    """The number of an article that is there. Raises BadQuestion with what to do."""
    if asked_id is None and not url.strip():
        raise BadQuestion("Give the `id` of an article, or its address as `url`. The tool `search` finds both.")
    if asked_id is not None:
        row = reading.db.execute("select id from articles where id = ?", [asked_id]).fetchone()
        what = f"There is no article {asked_id}"
    else:
        forms = (url.strip(), url.strip().rstrip("/"), f"{url.strip().rstrip('/')}/")
        sql = f"select id from articles where url in ({placeholders(forms)}) limit 1"
        row = reading.db.execute(sql, forms).fetchone()
        what = "There is no article of that address"
    if row is None:
        raise NothingThere(f"{what} in this archive. Find it with the tool `search`, by words of its title.")
    return int(row[0])


def _details(reading: Reading, asked: ArticleAsked) -> ArticleDetails:
    number = article_id_of(reading, asked.id, asked.url)
    details = load_details(reading.db, number)
    if details is None:
        raise NothingThere(f"Article {number} is no longer there.")
    return details


def _content(reading: Reading, details: ArticleDetails, start: int) -> ToldText:
    row = details.row
    lead, body, end = row["lead"][:_LEAD], row["body"], start + PIECE
    return ToldText(
        lead="" if reading.public else lead,
        text=excerpt(row["lead"], body) if reading.public else body[start:end],
        next_text_from=end if end < len(body) and not reading.public else None,
        excerpt_only=reading.public,
        authors=details.authors,
        section=row["section"] or "",
    )


def _history(reading: Reading, details: ArticleDetails) -> ToldHistory:
    row = details.row
    return ToldHistory(
        first_seen_at=local(row["first_seen_at"]),
        last_seen_at=local(row["last_seen_at"]),
        sha256=row["sha256"],
        versions=[_version(reading, one) for one in details.versions[::-1][:_VERSIONS]],
        states=[
            ToldState(local(one.at), one.state, _ENGLISH.reason(one.reason))
            for one in details.states[-_VERSIONS:]
        ],
    )


def _facts(reading: Reading, details: ArticleDetails) -> ToldFacts:
    return ToldFacts(
        level=details.row["level"],
        topics=[topic.key for topic in details.topics],
        doubts=[_ENGLISH.reason(code) for code in details.doubts],
        documents=[_document(reading, one) for one in details.citations[:_DOCUMENTS]],
        figures=[_figure(reading, one) for one in details.figures[:_FIGURES]],
        mentions=list(_mentions(details)),
    )


def _credit(details: ArticleDetails) -> ToldCredit | None:
    row = details.row
    if not row["credit"]:
        return None
    return ToldCredit(row["credit"], safe_url(row["credit_url"]) or "", details.original)


def _version(reading: Reading, version: VersionRow) -> ToldVersion:
    changes = list(_changes(reading, version.changes)) if version.kind != "first" else []
    return ToldVersion(
        seen_at=local(version.seen_at),
        kind=version.kind,
        changes=changes[:_CHANGES],
        left_out=cut(changes, _CHANGES),
    )


def _changes(reading: Reading, changes: list[Change]) -> list[ToldChange]:
    """What was changed."""
    return [
        ToldChange(one.kind, reading.brief(one.before, _CHANGED), reading.brief(one.after, _CHANGED))
        for one in changes
    ]


def _document(reading: Reading, one: Citation) -> CitedDocument:
    given = {
        name: value or "" for name, value in (("kind", one.kind), ("issuer", one.issuer), ("dated", one.dated))
    }
    return CitedDocument(number=one.number, quote=reading.quote(one.quote), **given)


def _figure(reading: Reading, one: Figure) -> ToldFigure:
    return ToldFigure(
        indicator=one.indicator,
        key=one.key,
        value=plain(one.value),
        unit=one.unit,
        qualifier=one.qualifier or "",
        rank_of=one.rank_of,
        period=one.period or "",
        kind=one.kind,
        whose=one.subject or one.place,
        quote=reading.quote(one.quote),
    )


def _mentions(details: ArticleDetails) -> list[ToldMention]:
    return [
        ToldMention(kind, name, count)
        for kind, some in details.mentions.items()
        for name, count in some[:_NAMES]
    ]


def _left_out(details: ArticleDetails, start: int) -> list[str]:
    behind = start - len(details.row["body"]) if start else 0
    cuts = {
        "text": f"it ends {behind} characters before `text_from`" if behind >= 0 < start else "",
        "versions": cut(details.versions, _VERSIONS),
        "documents": cut(details.citations, _DOCUMENTS),
        "figures": cut(details.figures, _FIGURES),
        **{f"mentions of {kind}": cut(some, _NAMES) for kind, some in details.mentions.items()},
    }
    return [f"{what}: {left}" for what, left in cuts.items() if left]
