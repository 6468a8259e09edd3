"""Lines that come, go or change on several articles of a source at once: its pages' furniture, no edits.

A source's own counters, tickers and advertisement are learned from its pages: each line that only one of
two versions has leaves its shape here for some days. A correction is made to one article, furniture to many.
"""

import json
import sqlite3
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from archive.boilerplate import LONG, is_sentence, paragraphs, plain, shape
from archive.clock import stamp
from archive.db import reading
from archive.refused import beside
from archive.revisions.changes import Texts, as_json, changed_lines, compare
from archive.text import fold

WITHIN = timedelta(days=3)  # «at once»: pages are visited at most that far apart
REMEMBERED = timedelta(days=30)  # what was furniture, since it changed last
OTHERS, OTHERS_TOLD = 2, 4  # other articles that make a line furniture; of one that is a sentence
_LETTERS = 4  # fewer in a line are no shape: a clock, a number
_MOST_LINES = 60  # of one edit; more is a text written anew
_MOST_SHAPES = 500  # kept of a source
_MOST_ARTICLES = 40  # of a source, newest first, whose lines and titles are looked at

_HEADLINES = """
    select json_extract(hint, '$.title') from addresses
    where source = ? and found_at > ? and json_extract(hint, '$.title') <> ''
"""
_LEARNED = "select shape from line_changes where source = ? and article_id = 0"
_EDITS = """
    select v.id, v.article_id, v.title, v.lead, v.body, v.changes, b.title, b.lead, b.body
    from versions v join versions b
      on b.id = (select max(id) from versions where article_id = v.article_id and id < v.id)
    where v.kind = 'edit' and v.seen_at > ? and v.article_id in (
      select article_id from line_changes where source = ? and shape in (select value from json_each(?)))
"""


def furniture(
    db: Database, known: dict[str, Any], before: Texts, after: Texts, now: datetime
) -> set[int | str]:
    """What of the lines between two versions of an article is furniture of its source: shapes, and lines.

    Notes the lines for the source's next articles, and takes back earlier edits that come to nothing by what is
    known now.
    """
    lines = [line for line in sorted(changed_lines(before, after)) if _has_shape(line)][:_MOST_LINES]
    if not lines:
        return set()
    source = known["source"]
    _remember(db, source, {shape(line): known["id"] for line in lines}, now)
    learned = {shape(line) for line in lines if _is_repeated(db, known, line, now)}
    if learned:
        _remember(db, source, dict.fromkeys(learned, 0), now)
        learned = {row[0] for row in db.execute(_LEARNED, [source])}
        _take_back(db, source, learned, now)
    shapes = Counter(map(shape, lines))
    alone = [line for line in lines if shapes[shape(line)] == 1]  # the others changed, they did not come or go
    return {*learned, *_standing(db, known, alone, now)}


def _has_shape(line: str) -> bool:
    return len(line) <= LONG and sum(letter.isalpha() for letter in line) >= _LETTERS


def _remember(db: Database, source: str, shapes: dict[int, int], now: datetime) -> None:
    for one, article_id in shapes.items():
        row = [source, one, article_id, stamp(now)]
        db.execute("insert or replace into line_changes values (?, ?, ?, ?)", row)
    db.execute(
        """delete from line_changes where source = ?1 and (at < iif(article_id = 0, ?2, ?3) or at < (
             select at from line_changes where source = ?1 order by at desc limit 1 offset ?4))""",
        [source, stamp(now - REMEMBERED), stamp(now - WITHIN), _MOST_SHAPES],
    )


def _is_repeated(db: Database, known: dict[str, Any], line: str, now: datetime) -> bool:
    sql = """select count(*) + sum(iif(article_id = 0, ?1, 0)) from line_changes
             where source = ?2 and shape = ?3 and article_id <> ?4 and at >= iif(article_id = 0, ?5, ?6)"""
    values = [known["source"], shape(line), known["id"], stamp(now - REMEMBERED), stamp(now - WITHIN)]
    (others,) = db.execute(sql, [OTHERS_TOLD, *values]).fetchone()
    return (others or 0) >= _enough(line)


def _enough(line: str) -> int:
    return OTHERS_TOLD if is_sentence(line) else OTHERS


def _standing(db: Database, known: dict[str, Any], lines: list[str], now: datetime) -> list[str]:
    """The lines that stand word for word on others of the source's new articles, or are their headlines."""
    rows = db.execute(
        """select title, lead, body from articles where source = ? and id <> ? and first_seen_at > ?
           order by sort desc limit ?""",
        [known["source"], known["id"], stamp(now - WITHIN), _MOST_ARTICLES],
    ).fetchall()
    titles = {fold(plain(title)) for title, _, _ in rows} | _named(db, known["source"], now)
    counts = Counter(line for _, lead, body in rows for line in set(paragraphs(f"{lead}\n{body}")))
    return [line for line in lines if fold(line) in titles or counts[line] >= _enough(line)]


def _named(db: Database, source: str, now: datetime) -> set[str]:
    """The headlines that the source's lists gave of late, folded; none where pages.db is not beside."""
    path = beside(db)
    if not path.exists():
        return set()
    try:
        with reading(path) as pages:
            return {fold(plain(title)) for (title,) in pages.execute(_HEADLINES, [source, stamp(now - WITHIN)])}
    except sqlite3.OperationalError:
        return set()


def _take_back(db: Database, source: str, learned: set[int], now: datetime) -> None:
    """Edits of the last days that were none but for these lines; those that were more keep the rest."""
    shapes = json.dumps(sorted(learned))
    for row in db.execute(_EDITS, [stamp(now - WITHIN), source, shapes]).fetchall():
        version_id, article_id, changes = row[0], row[1], row[5]
        left = compare(Texts(*row[6:9]), Texts(*row[2:5]), learned)
        if not left:
            _no_edit(db, article_id, version_id)
        elif (told := as_json(left)) != changes:
            db.execute("update versions set changes = ? where id = ?", [told, version_id])


def _no_edit(db: Database, article_id: int, version_id: int) -> None:
    db.execute("update versions set kind = 'extractor', changes = '[]' where id = ?", [version_id])
    db.execute(
        """update articles set edits = max(0, edits - 1), changed_at = (
             select max(seen_at) from versions where article_id = ?1 and kind = 'edit') where id = ?1""",
        [article_id],
    )
    db.execute("delete from pending where article_id = ? and why = 'edit'", [article_id])
