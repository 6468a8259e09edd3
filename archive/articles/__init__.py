"""Keep articles: a new one is stored, an edit becomes a version, a take-down is suspected, then recorded.

A story that a list named may be there already, as a headline (``headlines``): its text then fills the row.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from archive.articles.losses import next_number
from archive.articles.order import PageMark, free_slot, is_older, sorted_at
from archive.articles.repeated import furniture
from archive.clock import lies_ahead, moment, stamp
from archive.db import writing
from archive.model import Article, Outcome
from archive.reasons import reason
from archive.revisions.changes import Texts, compare
from archive.stories.grouping import assign
from archive.stories.shingles import containment, cut
from archive.text import fold, norm

TITLE_KEPT = 0.2  # of the words of two titles: from here it is an edited title, not another article's
FIRST_REPORT = timedelta(days=1)
SHORT_REPORT = 600  # characters
TEXT_KEPT = 0.1  # of the shingles of two texts
FACTS = ("article_topics", "mentions", "article_documents", "figures")


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing an article came to; ``url`` is the address it is kept under.

    ``older``: a newer page of it was read before, and nothing was written.
    """

    outcome: Outcome
    article_id: int
    url: str
    older: bool = False


def digest_of(article: Article) -> str:
    """SHA-256 of title, lead and body in exact form: the same text always has the same one."""
    joined = "\x00".join((norm(article.title), norm(article.lead), norm(article.body)))
    return hashlib.sha256(joined.encode()).hexdigest()


def store(
    db: Database,
    article: Article,
    shingles: list[int],
    now: datetime,
    *,
    read_by: str = "",
    reprocessed: bool = False,
    article_id: int | None = None,
    page: PageMark | None = None,
) -> Stored:
    """Keep one article in one transaction; the address decides which one it is.

    A new address of the same source with the same text and time is a twin of the article kept already.
    A wholly different text at the address of a live article is ``gone``: nothing is written, the caller
    suspects a take-down. ``reprocessed``: the page is an old one read anew; a different text is
    then an ``extractor`` version, no edit, and no alert is raised. ``article_id``: the number of an article
    that the archive had and lost; it gets it again. ``page``: what it was read from; an older one than
    that of the kept text changes nothing (None: it is the newest).
    """
    with writing(db):
        known = row_at(db, article.url)
        if known is None or known["unread"]:
            known = join(db, known, _twin(db, article))
        if known is not None and known["unread"]:
            _fill_in(db, known, article, shingles, now, read_by)
            _note_page(db, known["id"], page)
            return Stored(Outcome.STORED, known["id"], known["url"])
        if known is None:
            number = _insert(db, article, shingles, now, read_by, article_id)
            _note_page(db, number, page)
            return Stored(Outcome.STORED, number, article.url)
        if is_older(known, page, now, reprocessed=reprocessed):
            return Stored(Outcome.UNCHANGED, known["id"], known["url"], older=True)
        if not reprocessed:
            if (
                known["state"] == "live"
                and not _first_report(known, now)
                and replaced(_texts(known), Texts(article.title, article.lead, article.body))
            ):
                return Stored(Outcome.GONE, known["id"], known["url"])
            _seen_alive(db, known, now)
        outcome = _renew(db, known, article, shingles, now, read_by, reprocessed)
        if outcome is Outcome.REVISED:
            _note_page(db, known["id"], page)
        return Stored(outcome, known["id"], known["url"])


def _note_page(db: Database, article_id: int, page: PageMark | None) -> None:
    if page is not None:
        db.table("articles").update(article_id, page.columns)


def is_kept(db: Database, url: str) -> bool:
    """Whether an article of this address was read and is in the archive."""
    return db.execute("select 1 from articles where url = ? and unread = ''", [url]).fetchone() is not None


def is_unread(db: Database, url: str) -> bool:
    """Whether only the headline of this address is in the archive."""
    return db.execute("select 1 from articles where url = ? and unread <> ''", [url]).fetchone() is not None


def is_followed(db: Database, url: str) -> bool:
    """Whether its page is visited at the usual ages: it is relevant, or missing."""
    sql = """select 1 from articles where url = ? and unread = ''
             and (relevant or suspected_at is not null or state = 'gone')"""
    return db.execute(sql, [url]).fetchone() is not None


def read_by(db: Database, url: str) -> str:
    """Which rules read this article (``pipelines.extract.version``); empty for none or unknown."""
    row = db.execute("select read_by from articles where url = ?", [url]).fetchone()
    return str(row[0]) if row else ""


def _first_report(known: dict[str, Any], now: datetime) -> bool:
    """Whether a kept text is so new and short that the outlet may have written it anew from end to end."""
    fresh = now - moment(known["first_seen_at"]) < FIRST_REPORT
    return fresh and len(known["lead"]) + len(known["body"]) < SHORT_REPORT


def replaced(before: Texts, after: Texts) -> bool:
    """Whether another article stands where this one was: neither title nor text have anything in common."""
    if before == after:
        return False
    old, new = (set(fold(texts.title).split()) for texts in (before, after))
    if old and new and len(old & new) / len(old | new) >= TITLE_KEPT:
        return False
    old_runs, new_runs = (cut(f"{texts.lead}\n{texts.body}") for texts in (before, after))
    return bool(old_runs) and bool(new_runs) and max(containment(old_runs, new_runs)) < TEXT_KEPT


def is_another(db: Database, article: Article) -> bool:
    """Whether a wholly different text is kept under the address of an article."""
    known = row_at(db, article.url)
    return known is not None and replaced(_texts(known), Texts(article.title, article.lead, article.body))


def row_at(db: Database, url: str) -> dict[str, Any] | None:
    """The row of ``articles`` at an address, one that was never read too; None without one."""
    return next(iter(db.query("select * from articles where url = ?", [url])), None)


def _twin(db: Database, article: Article) -> dict[str, Any] | None:
    """The article of this source that has the same text and time under another address."""
    published = stamp(article.published_at) if article.published_at else None
    rows = db.query(
        """select * from articles where sha256 = ? and source = ? and published_at is ? and body <> ''
           order by id""",
        [digest_of(article), article.source, published],
    )
    return next(iter(rows), None)


def join(db: Database, headline: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, Any] | None:
    """The row of an article that two addresses lead to: an unread one gives way to the one that was read."""
    if headline is None or other is None:
        return headline or other
    ids = [headline["id"]]
    db.execute("update or ignore matches set article_id = ? where article_id = ?", [other["id"], *ids])
    for table in ("matches", "pending", "states", *FACTS):
        db.execute(f"delete from {table} where article_id = ?", ids)
    db.execute("delete from articles where id = ?", ids)
    return other


def _texts(row: dict[str, Any]) -> Texts:
    return Texts(row["title"], row["lead"], row["body"])


def _fill_in(
    db: Database, known: dict[str, Any], article: Article, shingles: list[int], now: datetime, read_by: str
) -> None:
    """The text of a story is read that was a headline so far: its first version, no edit."""
    sha = digest_of(article)
    row = row_of(db, article) | {"sha256": sha, "read_by": read_by, "unread": ""}
    _seen_alive(db, known, now)
    db.table("articles").update(known["id"], row | times_of(db, known, article))
    _add_version(db, known["id"], article, sha, "first", now, [])
    write_facts(db, known["id"], article)
    assign(db, known["id"], article, shingles, now)
    queue_alerts(db, known["id"], "new", now)


def new_row(db: Database, article: Article, now: datetime) -> dict[str, Any]:
    """The row of an article first seen now; inserted in the same transaction, while its ``sort`` is free."""
    return (
        next_number(db)
        | row_of(db, article)
        | {
            "url": article.url,
            "source": article.source,
            "sort": free_slot(db, sorted_at(article, now)),
            "first_seen_at": stamp(now),
            "last_seen_at": stamp(now),
            "sha256": digest_of(article),
        }
    )


def times_of(db: Database, known: dict[str, Any], article: Article) -> dict[str, Any]:
    """The columns of time of an article read anew.

    A date once known may stand in the feed alone, or its rule miss today.
    """
    if article.published_at is None:
        return {"published_at": known["published_at"], "published_from": known["published_from"]}
    if stamp(article.published_at) == known["published_at"]:
        return {}
    return {"sort": free_slot(db, sorted_at(article, moment(known["first_seen_at"])))}


def _insert(
    db: Database, article: Article, shingles: list[int], now: datetime, read_by: str, number: int | None
) -> int:
    row = new_row(db, article, now) | {"read_by": read_by}
    if number and not db.execute("select 1 from articles where id = ?", [number]).fetchone():
        row["id"] = number
    db.table("articles").insert(row)
    article_id = int(db.execute("select id from articles where url = ?", [article.url]).fetchone()[0])
    _add_version(db, article_id, article, row["sha256"], "first", now, [])
    write_facts(db, article_id, article)
    assign(db, article_id, article, shingles, now)
    queue_alerts(db, article_id, "new", now)
    return article_id


def _renew(
    db: Database,
    known: dict[str, Any],
    article: Article,
    shingles: list[int],
    now: datetime,
    read_by: str,
    reprocessed: bool,
) -> Outcome:
    sha = digest_of(article)
    after = Texts(article.title, article.lead, article.body)
    changes = [] if sha == known["sha256"] else compare(_texts(known), after)
    if changes and not reprocessed and (known_lines := furniture(db, known, _texts(known), after, now)):
        changes = compare(_texts(known), after, known_lines)
    same_text = sha == known["sha256"] or (not changes and not reprocessed)
    if same_text and not reprocessed:
        return Outcome.UNCHANGED
    kind = "extractor" if reprocessed else "edit"
    row = row_of(db, article) | {"sha256": sha, "read_by": read_by}
    if kind == "edit":
        row |= {"changed_at": stamp(now), "edits": known["edits"] + 1}
    db.table("articles").update(known["id"], row | times_of(db, known, article))
    if not same_text:
        _add_version(db, known["id"], article, sha, kind, now, [asdict(change) for change in changes])
    write_facts(db, known["id"], article)
    assign(db, known["id"], article, shingles, now)
    if kind == "edit":
        queue_alerts(db, known["id"], "edit", now)
    return Outcome.UNCHANGED if same_text else Outcome.REVISED


def row_of(db: Database, article: Article) -> dict[str, Any]:
    """The columns that follow from reading the page."""
    return {
        "title": article.title,
        "lead": article.lead,
        "body": article.body,
        "authors": json.dumps(article.authors, ensure_ascii=False),
        "section": article.section,
        "image": article.image,
        "published_at": stamp(article.published_at) if article.published_at else None,
        "published_from": article.published_from,
        "doubt": json.dumps(article.doubt, ensure_ascii=False),
        "relevant": int(article.relevant),
        "level": "about" if article.relevant else article.level,
        "score": round(article.score, 3),
        "why": json.dumps(article.why, ensure_ascii=False),
        "credit": _outlet(db, article.credit.outlet) if article.credit else None,
        "credit_url": article.credit.url if article.credit else None,
    }


def _outlet(db: Database, credited: str) -> str:
    """The name of a credited outlet where the page gives the host of one of our sources."""
    sql = "select name from sources where home like '%//' || ? || '/%' or home like '%//www.' || ? || '/%'"
    row = db.execute(sql, [credited, credited]).fetchone() if "." in credited else None
    return str(row[0]) if row else credited


def _add_version(
    db: Database, article_id: int, article: Article, sha: str, kind: str, now: datetime, changes: list[Any]
) -> None:
    db.table("versions").insert(
        {
            "article_id": article_id,
            "seen_at": stamp(now),
            "kind": kind,
            "title": article.title,
            "lead": article.lead,
            "body": article.body,
            "sha256": sha,
            "changes": json.dumps(changes, ensure_ascii=False),
        }
    )


def write_facts(db: Database, article_id: int, article: Article) -> None:
    """Write topics, mentions, documents and figures of an article anew; call it inside a transaction."""
    for table in FACTS:
        db.execute(f"delete from {table} where article_id = ?", [article_id])
    own = {"article_id": article_id}
    db.table("article_topics").insert_all(own | {"topic": topic} for topic in dict.fromkeys(article.topics))
    db.table("mentions").insert_all((own | asdict(mention) for mention in article.mentions), ignore=True)
    for citation in article.citations:
        db.execute(
            """insert into documents (number, kind, issuer, issued_on) values (?, ?, ?, ?)
               on conflict (number) do update set issued_on = coalesce(issued_on, excluded.issued_on)""",
            [citation.number, citation.kind, citation.issuer, citation.dated],
        )
    cited = [{"number": c.number, "dated": c.dated, "quote": c.quote} for c in article.citations]
    db.table("article_documents").insert_all((own | row for row in cited), ignore=True)
    db.table("figures").insert_all(own | asdict(figure) for figure in article.figures)


def queue_alerts(db: Database, article_id: int, why: str, now: datetime) -> None:
    """Let the alerts be asked about an article; ``why``: ``new``, ``edit`` or ``gone``, which gives way."""
    db.execute(
        """insert into pending (article_id, why, at) values (?, ?, ?)
           on conflict do update set why = excluded.why where why = 'gone'""",
        [article_id, why, stamp(now)],
    )


def still_there(db: Database, url: str, now: datetime) -> bool:
    """Note that the page of an article answered unchanged; False when no such article is kept."""
    with writing(db):
        known = row_at(db, url)
        if known is None or known["unread"]:
            return False
        _seen_alive(db, known, now)
        return True


def _seen_alive(db: Database, known: dict[str, Any], now: datetime) -> None:
    if known["state"] == "gone" or known["suspected_at"]:
        note_state(db, known["id"], "live", reason("readable_again"), now)
    db.execute(
        """update articles set last_seen_at = ?, state = 'live', suspected_at = null, gone_at = null
           where id = ?""",
        [stamp(now), known["id"]],
    )


def missed(db: Database, url: str, why: str, now: datetime, confirm_after: timedelta) -> bool:
    """The page of an article was not there: suspect a take-down, confirm it at a look that much later.

    Returns False when no such article is kept.
    """
    with writing(db):
        known = row_at(db, url)
        if known is None or known["unread"]:
            return False
        if known["state"] == "gone":
            return True
        if known["suspected_at"] is None:
            db.execute("update articles set suspected_at = ? where id = ?", [stamp(now), known["id"]])
            note_state(db, known["id"], "suspected", why, now)
        elif lies_ahead(moment(known["suspected_at"]), now):  # some clock was wrong: the time runs from now
            db.execute("update articles set suspected_at = ? where id = ?", [stamp(now), known["id"]])
        elif now - moment(known["suspected_at"]) >= confirm_after:
            db.execute(
                "update articles set state = 'gone', gone_at = ? where id = ?", [stamp(now), known["id"]]
            )
            note_state(db, known["id"], "gone", why, now)
            queue_alerts(db, known["id"], "gone", now)
        return True


def note_state(db: Database, article_id: int, state: str, why: str, now: datetime) -> None:
    """Note a change to ``live``, ``suspected`` or ``gone``; ``why`` is a stored reason."""
    db.table("states").insert({"article_id": article_id, "at": stamp(now), "state": state, "reason": why})
