"""What archive.db holds of an article, and what it lost: how many of each source are still to come back."""

from datetime import datetime
from typing import Any

from sqlite_utils import Database

from archive.clock import stamp
from archive.db import writing


def note_losses(db: Database, left: dict[str, int], now: datetime) -> None:
    """Write down how many articles of each source are missing; a source of which none is left is struck."""
    with writing(db):
        for source, articles in left.items():
            db.execute(
                """insert into losses (source, articles, left_over, found_at) values (?1, ?2, ?2, ?3)
                   on conflict (source) do update set left_over = excluded.left_over,
                       articles = max(articles, excluded.articles)""",
                [source, articles, stamp(now)],
            )
        known = db.execute("select source from losses").fetchall()
        for (source,) in known:
            if source not in left:
                db.execute("delete from losses where source = ?", [source])


def note_loss(db: Database, source: str, left: int) -> None:
    """The same of one source, where it is known to have losses."""
    with writing(db):
        db.execute("update losses set left_over = ? where source = ?", [left, source])
        db.execute("delete from losses where left_over = 0")


def losses_of(db: Database, source: str) -> tuple[int, int] | None:
    """How many articles of a source are missing, of how many that were found missing; None for none."""
    row = db.execute("select left_over, articles from losses where source = ?", [source]).fetchone()
    return (row[0], row[1]) if row else None


def text_of(db: Database, url: str) -> dict[str, Any]:
    """``article_id`` and ``text_sha256`` (as ``articles.digest_of``) of an address's article, if any."""
    row = db.execute("select id, sha256 from articles where url = ? and unread = ''", [url]).fetchone()
    return {"article_id": row[0], "text_sha256": row[1]} if row else {}


def held(db: Database, url: str, text_sha256: str = "") -> bool:
    """Whether the archive holds the article of an address, and had that text of it where one is given."""
    sql = """select 1 from articles a where url = ?1 and unread = '' and (?2 = '' or sha256 = ?2
             or exists (select 1 from versions v where v.article_id = a.id and v.sha256 = ?2))"""
    return db.execute(sql, [url, text_sha256]).fetchone() is not None


def next_number(db: Database) -> dict[str, int]:
    """The number of a new article where the next one was given before, by this archive when it was newer."""
    sql = "select max(next_id, (select coalesce(max(id), 0) + 1 from articles)), next_id from partners"
    free, reserved = db.execute(sql).fetchone()
    return {"id": free} if reserved else {}
