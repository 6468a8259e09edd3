"""What the public may see of an edition: titles and links, the lead where its outlet agreed (docs/law.md)."""

import json
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial

import msgspec
from sqlite_utils import Database

from archive.digests.content import Content, EditionStory, Section, count_stories
from archive.search.highlight import Marked
from archive.sentences import first_sentences

SENTENCES = 2


def excerpt(*texts: str | None) -> str:
    """The first two sentences of the first text that has any."""
    return next((cut for text in texts if (cut := first_sentences(text or "", SENTENCES))), "")


@dataclass(frozen=True, slots=True)
class Shown:
    """Which articles the public may see now, by id, and those of them whose lead it may read."""

    ids: AbstractSet[int]
    leads: AbstractSet[int]


def load_shown(db: Database, content: Content) -> Shown:
    """Those of an edition's articles that the public may see, from a connection that sees its part alone."""
    stories = [story for part in _parts(content) for story in part]
    sql = """select a.id, s.agreed <> '' from articles a left join sources s on s.key = a.source
        where a.id in (select value from json_each(?))"""
    rows = db.execute(sql, [json.dumps([id_ for story in stories for id_ in story.ids])]).fetchall()
    return Shown({id_ for id_, _ in rows}, {id_ for id_, agreed in rows if agreed})


def public_edition(content: Content, shown: Shown) -> Content:
    """The edition as the public may see it: what still stands, without comments, figures, edits and people."""
    cut = partial(_cut, shown=shown)
    parts = [Section(part.key, part.label, cut(part.stories)) for part in content.parts]
    return msgspec.structs.replace(
        content,
        parts=parts,
        counts=count_stories(parts),
        again=cut(content.again),
        older=cut(content.older),
        mentions=cut(content.mentions),
        left_before=[],
        changes=[],
        refused=0,
        stop="",
        approved_by="",
        office=msgspec.structs.replace(content.office, signer="", approved=""),
    )


def _parts(content: Content) -> list[list[EditionStory]]:
    return [*(part.stories for part in content.parts), content.again, content.older, content.mentions]


def _cut(stories: list[EditionStory], shown: Shown) -> list[EditionStory]:
    return [cut for story in stories if (cut := _cut_story(story, shown))]


def _cut_story(story: EditionStory, shown: Shown) -> EditionStory | None:
    """The story by the articles that still stand; None without one. Where its first is gone, the next leads."""
    standing = [
        msgspec.structs.replace(one, summary="") for one in story.appearances if one.article_id in shown.ids
    ]
    if not standing:
        return None
    leads = standing[0].article_id == story.ids[0]
    return EditionStory(
        title=story.title if leads else Marked(standing[0].title),
        summary=_lead(story) if leads and story.ids[0] in shown.leads else Marked(""),
        appearances=standing,
        documents=story.documents,
        star=story.star,
    )


def _lead(story: EditionStory) -> Marked:
    summary = excerpt(story.summary.text)
    marks = [pair for pair in story.summary.marks if pair[1] <= len(summary.removesuffix("…"))]
    return Marked(summary, marks)
