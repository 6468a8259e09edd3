"""Tell one story of an edition: its title and first sentences, who carried it, what it cites and counts."""

import json
import sqlite3
from collections.abc import Iterable

from archive.clock import stamp
from archive.digests.config import Alert, Digest
from archive.digests.content import Appearance, Cited, NewFigure, Story
from archive.digests.schedule import Window
from archive.query import parse
from archive.search.marks import mark
from archive.stories.grouping import Member, members
from archive.vietnamese import amount, first_sentences

MOST_FIGURES = 5
MOST_DOCUMENTS = 6

_DOCUMENTS = """
    select d.number, coalesce(d.kind, ''), coalesce(max(cited.dated), d.issued_on)
    from article_documents cited join documents d on d.number = cited.number
    where cited.article_id in (select value from json_each(?)) group by d.number order by d.number limit ?
"""
_FIGURES = """
    select indicator, value, unit, period, qualifier, rank_of, kind from figures
    where article_id in (select value from json_each(?))
    group by indicator, value, unit, period order by min(id)
"""
_OLD_FIGURES = """
    select indicator, value, unit, period from figures
    where article_id <= (select max(id) from articles where first_seen_at <= :after)
      and (indicator, value) in (
        select indicator, value from figures where article_id in (select value from json_each(:ids)))
"""


class Teller:
    """Tells the stories of one edition, whose new articles have these ``ids``."""

    def __init__(self, conn: sqlite3.Connection, digest: Digest, window: Window, ids: Iterable[int]) -> None:
        self.conn, self.digest = conn, digest
        self.old_figures = set(
            conn.execute(_OLD_FIGURES, {"ids": json.dumps(list(ids)), "after": stamp(window.covers_from)})
        )
        self.outlets = dict(conn.execute("select key, name from sources"))
        self.topics = dict(conn.execute("select key, name from topics"))
        asked = dict(conn.execute("select key, coalesce(query, '') from topics"))
        self.queries = [parse(asked.get(a.topic, "")) if a.topic else a.query for a in digest.alerts]

    def label(self, alert: Alert) -> str:
        """What heads a part: the topic's name, else the query's."""
        return str(self.topics.get(alert.topic) or alert.label)

    def story(self, story_id: int, new_ids: list[int]) -> Story:
        """The story with all its outlets, the first one leading; below 0, an article of no story."""
        found = members(self.conn, story_id) if story_id > 0 else [self._alone(-story_id)]
        title, summary = self._texts([member.id for member in found])
        # marked as one text: words that stand as a run in the title are not marked singly in the summary
        marked = mark(f"{title}\n{summary}", self.queries)
        at = marked.text.index("\n")
        return Story(
            title=marked.piece(0, at),
            summary=marked.piece(at + 1, len(marked.text)),
            appearances=[self._appearance(member) for member in found],
            documents=self._documents([member.id for member in found]),
            figures=self._figures(new_ids),
        )

    def _alone(self, article_id: int) -> Member:
        row = self.conn.execute(
            """select id, url, source, title, published_at, first_seen_at, credit, credit_url, state
               from articles where id = ?""",
            [article_id],
        ).fetchone()
        return Member(*row)

    def _texts(self, ids: list[int]) -> tuple[str, str]:
        """The first article's title, and its lead or first two sentences (else those of the next one)."""
        rows = self.conn.execute(
            """select a.title, a.lead, a.body from json_each(?) j join articles a on a.id = j.value
               order by j.key""",
            [json.dumps(ids)],
        ).fetchall()
        told = (first_sentences(lead, 99) or first_sentences(body, 2) for _, lead, body in rows)
        return " ".join(rows[0][0].split()), next((text for text in told if text), "")

    def _appearance(self, member: Member) -> Appearance:
        return Appearance(
            article_id=member.id,
            outlet=self.outlets.get(member.source) or member.source,
            title=member.title,
            url=member.url,
            archive_url=article_url(self.digest.archive_url, member.id),
            published_at=member.published_at,
            credit=member.credit,
            gone=member.state == "gone",
        )

    def _documents(self, ids: list[int]) -> list[Cited]:
        return [Cited(*row) for row in self.conn.execute(_DOCUMENTS, [json.dumps(ids), MOST_DOCUMENTS])]

    def _figures(self, ids: list[int]) -> list[NewFigure]:
        """Figures that no article seen before the window gave for the same indicator and period."""
        found = [
            row for row in self.conn.execute(_FIGURES, [json.dumps(ids)]) if row[:4] not in self.old_figures
        ]
        return [
            NewFigure(
                indicator,
                " ".join(filter(None, [qualifier, amount(value, unit, rank_of)])),
                period,
                kind == "target",
            )
            for indicator, value, unit, period, qualifier, rank_of, kind in found[:MOST_FIGURES]
        ]


def article_url(archive_url: str, article_id: int) -> str:
    """Where the archive shows an article."""
    return f"{archive_url}/bai/{article_id}"
