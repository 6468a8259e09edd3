"""Stories as lists name them: rows with headline, summary and time, before the text is read, or instead of it.

``articles.unread`` is the reason why the text is not there, '' once it is. An unread row has no version; the
first text that is read fills it in (``archive.articles.store``).
"""

from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from archive.articles import (
    digest_of,
    join,
    new_row,
    note_state,
    queue_alerts,
    row_at,
    row_of,
    times_of,
    write_facts,
)
from archive.clock import stamp
from archive.db import writing
from archive.model import Article
from archive.reasons import reason
from archive.text import fold

WAITING = reason("waiting")  # why a story is unread that a list has just named
SAME_HEADLINE = 0.4  # of the words of a list's headline and a page's title: one story under two addresses


def is_unread(db: Database, url: str) -> bool:
    """Whether only the headline of this address is in the archive."""
    return db.execute("select 1 from articles where url = ? and unread <> ''", [url]).fetchone() is not None


def announce(db: Database, articles: Iterable[Article], now: datetime) -> int:
    """Keep what lists say of stories, in one transaction: new rows, and other words for those still unread.

    How many are new. An address that was read stays as it was read.
    """
    new = 0
    with writing(db):
        for article in articles:
            known = row_at(db, article.url)
            if known is None:
                _insert_headline(db, article, now)
                new += 1
            elif known["unread"] and known["sha256"] != digest_of(article):
                db.table("articles").update(known["id"], row_of(db, article) | times_of(db, known, article))
                db.execute("update articles set sha256 = ? where id = ?", [digest_of(article), known["id"]])
                write_facts(db, known["id"], article)
                queue_alerts(db, known["id"], "new", now)
    return new


def note_unread(db: Database, url: str, why: str) -> None:
    """Note why the text of a story is still not there."""
    db.execute("update articles set unread = ? where url = ? and unread <> ''", [why, url])


def withdraw(db: Database, url: str, why: str, now: datetime) -> None:
    """The page of a story that was never read stayed away: it is gone, its headline stays."""
    with writing(db):
        known = row_at(db, url)
        if known and known["unread"] and known["state"] == "live":
            db.execute(
                "update articles set state = 'gone', gone_at = ? where id = ?", [stamp(now), known["id"]]
            )
            note_state(db, known["id"], "gone", why, now)


def readdress(db: Database, url: str, article: Article) -> bool:
    """A story that a list named under ``url`` is read under another address: its row goes there.

    False where the page is another story's, by its title: then the row stays, and says so.
    """
    with writing(db):
        headline = row_at(db, url)
        if headline is None or not headline["unread"] or url == article.url:
            return True
        if not _alike(headline["title"], article.title):
            note_unread(db, url, reason("other_article"))
            return False
        other = row_at(db, article.url)
        if other is None:
            db.execute("update articles set url = ? where id = ?", [article.url, headline["id"]])
        else:
            join(db, headline, other)
        return True


def _alike(title: str, other: str) -> bool:
    one, two = set(fold(title).split()), set(fold(other).split())
    return len(one & two) >= SAME_HEADLINE * max(1, min(len(one), len(two)))


def _insert_headline(db: Database, article: Article, now: datetime) -> None:
    row = new_row(db, article, now) | {"unread": WAITING}
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    (article_id,) = db.execute(
        f"insert into articles ({columns}) values ({marks}) returning id", list(row.values())
    ).fetchone()
    write_facts(db, article_id, article)
    queue_alerts(db, article_id, "new", now)
