"""An article with all that its archive saw of it, as a line of an export; how another archive takes it over.

What travels: texts, times, versions, states. What another archive finds out by itself: topics, mentions,
documents, figures, stories, events. What stays behind: ids, alerts, editions, the desk; raw pages go as WARC.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from sqlite_utils import Database

from archive.articles import digest_of
from archive.clock import moment, stamp
from archive.model import Article, Credit, Level

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class KeptVersion(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A text as it stood from ``seen_at`` on; without title, lead and body it is the text as it is now."""

    seen_at: Moment
    kind: Literal["first", "edit", "extractor"]
    title: str | None = None
    lead: str = ""
    body: str = ""
    changes: list[dict[str, Any]] = []


class KeptState(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A change between live, suspected and gone; ``reason`` is a stored one."""

    at: Moment
    state: str
    reason: str = ""


class KeptCredit(msgspec.Struct, omit_defaults=True):
    """The outlet that the text names as its origin."""

    outlet: str
    url: str | None = None


class KeptArticle(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One line of ``diemtin export --format jsonl``; ``diemtin`` is the number of the format.

    ``level``, ``score`` and ``topics`` are told for other programs; an import finds them anew.
    """

    diemtin: Literal[1]
    url: str
    source: str
    title: str
    lead: str = ""
    body: str = ""
    authors: list[str] = []
    published: Moment | None = None
    published_from: str | None = None
    section: str | None = None
    image: str | None = None
    credit: KeptCredit | None = None
    doubt: list[str] = []
    unread: str = ""
    level: Level | None = None
    score: float = 0.0
    topics: list[str] = []
    state: Literal["live", "gone"] = "live"
    first_seen_at: Moment
    last_seen_at: Moment
    suspected_at: Moment | None = None
    gone_at: Moment | None = None
    changed_at: Moment | None = None
    edits: int = 0
    versions: list[KeptVersion] = []
    states: list[KeptState] = []

    def article(self) -> Article:
        """The article before the stages."""
        article = Article(self.url, self.source, self.title, self.lead, self.body, list(self.authors))
        article.published_at, article.published_from = self.published, self.published_from
        article.section, article.image, article.doubt = self.section, self.image, list(self.doubt)
        article.credit = Credit(self.credit.outlet, self.credit.url) if self.credit else None
        return article


def load_kept(db: Database, sorts: Sequence[int]) -> Iterator[KeptArticle]:
    """The articles of these values of ``articles.sort``, in their order."""
    for start in range(0, len(sorts), _BATCH):
        batch = json.dumps(sorts[start : start + _BATCH])
        rows = list(db.query(_ARTICLES, [batch]))
        ids = json.dumps([row["id"] for row in rows])
        versions, states, topics = (_by_article(db.query(sql, [ids])) for sql in (_VERSIONS, _STATES, _TOPICS))
        for row in rows:
            own = row["id"]
            yield _kept(row, versions.get(own, []), states.get(own, []), topics.get(own, []))


_BATCH = 200
_ARTICLES = """select * from articles where sort in (select value from json_each(?)) order by sort"""
_VERSIONS = "select * from versions where article_id in (select value from json_each(?)) order by id"
_STATES = "select * from states where article_id in (select value from json_each(?)) order by at, rowid"
_TOPICS = """select article_id, topic from article_topics
    where article_id in (select value from json_each(?)) order by topic"""


def _by_article(rows: Iterable[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["article_id"], []).append(row)
    return found


def _kept(
    row: dict[str, Any],
    versions: list[dict[str, Any]],
    states: list[dict[str, Any]],
    topics: list[dict[str, Any]],
) -> KeptArticle:
    own = {name: row[name] for name in _SAME}
    times: dict[str, Any] = {name: moment(row[name]) if row[name] else None for name in _TIMES}
    return KeptArticle(
        diemtin=1,
        **own,
        **times,
        published=moment(row["published_at"]) if row["published_at"] else None,
        authors=json.loads(row["authors"]),
        doubt=json.loads(row["doubt"]),
        credit=KeptCredit(row["credit"], row["credit_url"]) if row["credit"] else None,
        topics=[one["topic"] for one in topics],
        versions=[_version(one, row["sha256"]) for one in versions],
        states=[KeptState(at=moment(one["at"]), state=one["state"], reason=one["reason"]) for one in states],
    )


_SAME = (
    "url", "source", "title", "lead", "body", "published_from", "section", "image", "unread", "level", "score",
    "state", "edits",
)  # fmt: skip
_TIMES = ("first_seen_at", "last_seen_at", "suspected_at", "gone_at", "changed_at")


def _version(row: dict[str, Any], now: str) -> KeptVersion:
    text = {} if row["sha256"] == now else {name: row[name] for name in ("title", "lead", "body")}
    changes = json.loads(row["changes"])
    return KeptVersion(seen_at=moment(row["seen_at"]), kind=row["kind"], changes=changes, **text)


def take_over(db: Database, article_id: int, kept: KeptArticle) -> None:
    """Give an article that was just brought in the past that another archive saw.

    To be called in the transaction that stored it.
    """
    row = {name: getattr(kept, name) for name in ("state", "edits", "unread")}
    row |= {name: stamp(at) if (at := getattr(kept, name)) else None for name in _TIMES}
    db.table("articles").update(article_id, row)
    if kept.versions:
        db.execute("delete from versions where article_id = ?", [article_id])
    for version in kept.versions:
        db.table("versions").insert(_version_row(article_id, version, kept))
    for state in kept.states:
        own = {"article_id": article_id, "at": stamp(state.at), "state": state.state, "reason": state.reason}
        db.table("states").insert(own)


def _version_row(article_id: int, version: KeptVersion, kept: KeptArticle) -> dict[str, Any]:
    told: KeptVersion | KeptArticle = kept if version.title is None else version
    text = Article("", "", told.title or "", told.lead, told.body)
    return {
        "article_id": article_id,
        "seen_at": stamp(version.seen_at),
        "kind": version.kind,
        "title": text.title,
        "lead": text.lead,
        "body": text.body,
        "sha256": digest_of(text),
        "changes": json.dumps(version.changes, ensure_ascii=False),
    }
