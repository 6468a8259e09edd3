"""An edition laid out: one list of parts from the top down, which every form draws as it stands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from archive.digests.content import STARRED, WORDS, Content, EditionChange, EditionStory, Health
from archive.digests.layout.lines import (
    about_lines,
    age_line,
    approved_line,
    change_line,
    change_mark,
    date_line,
    health_line,
    in_trouble,
    outlets,
    reach_line,
    refused_line,
    subject,
    update_line,
)
from archive.formats import roman


@dataclass(frozen=True, slots=True)
class NumberedStory:
    """A story with its number in the edition; ``full`` is False from ``max_items`` on: only a line then.

    ``marks``: what was edited or taken down of it (``đã sửa: 7,8% → 6,8%``).
    """

    number: int
    story: EditionStory
    full: bool
    marks: list[str]

    @property
    def anchor(self) -> str:
        """Where links lead to it."""
        return f"tin-{self.number}"


@dataclass(frozen=True, slots=True)
class StoriesPart:
    """The stories under one heading; ``key`` is the section's, ``anchor`` where links lead to it."""

    heading: str
    stories: list[NumberedStory]
    key: str
    anchor: str = ""
    kind = "stories"

    @property
    def label(self) -> str:
        """What the contents call it."""
        return self.heading

    @property
    def count(self) -> int:
        return len(self.stories)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """An edit or take-down in a line; ``number`` is its story's here, None if an earlier edition told it."""

    change: EditionChange
    what: str
    number: int | None


@dataclass(frozen=True, slots=True)
class ChangesPart:
    """What was edited and taken down."""

    heading: str
    changes: list[ChangeLine]
    anchor: str = ""
    kind = "changes"

    @property
    def label(self) -> str:
        """What the contents call it."""
        return WORDS("edition.contents.changes")

    @property
    def count(self) -> int:
        return len(self.changes)


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A story in a line; ``what`` follows its title: its outlets, or what is new of it."""

    story: EditionStory
    what: str
    marks: list[str]


@dataclass(frozen=True, slots=True)
class LinesPart:
    """StoriesPart with a line each; ``key`` is ``again``, ``older`` or ``mentions``."""

    heading: str
    lines: list[StoryLine]
    key: str
    anchor: str = ""
    kind = "lines"

    @property
    def label(self) -> str:
        """What the contents call it."""
        return self.heading

    @property
    def count(self) -> int:
        return len(self.lines)


@dataclass(frozen=True, slots=True)
class SourcesPart:
    """How far the edition saw: what was read and refused, the sources in trouble (``more`` are not named)."""

    heading: str
    reach: str
    refused: str
    health: str
    named: list[Health]
    more: int
    anchor: str = "nguon"
    kind = "sources"


Part = StoriesPart | ChangesPart | LinesPart | SourcesPart


@dataclass(frozen=True, slots=True)
class Layout:
    """An edition as it is drawn: head, ``notice`` or ``warning``, contents, parts, closing lines.

    ``about`` are the lines of the head below number and date; ``age`` is the one of them that says how old the
    data is ('' where it is not known).
    """

    content: Content
    subject: str
    number: str
    date: str
    about: list[str]
    age: str
    parts: list[Part]
    closing: list[str] = field(default_factory=list)

    @property
    def contents(self) -> list[StoriesPart | ChangesPart | LinesPart]:
        """The parts that the line of contents names."""
        return [part for part in self.parts if not isinstance(part, SourcesPart)]


def lay_out(content: Content) -> Layout:
    """The edition from the top down, with sentences for stored reasons."""
    content = content.in_words()
    parts = [*_with_anchors(_parts(content))]
    if not content.notice and not content.burst:
        parts.append(_sources(content))
    return Layout(
        content=content,
        subject=subject(content),
        number=WORDS("edition.number", n=content.number),
        date=date_line(content),
        about=about_lines(content),
        age=age_line(content),
        parts=parts,
        closing=[line for line in (approved_line(content), content.stop) if line],
    )


def contents_line(layout: Layout) -> str:
    """``Tin nổi bật 2 · Đã sửa, đã gỡ 3 · I. Công nghiệp 5``; empty where nothing is told."""
    return " · ".join(f"{part.label} {WORDS.number(part.count)}" for part in layout.contents)


def outline(layout: Layout) -> dict[str, Any]:
    """The layout for programs: the parts in order, their stories by number and article."""
    return {
        "subject": layout.subject,
        "age": layout.age,
        "head": [layout.number, layout.date, *layout.about],
        "parts": [_outlined(part) for part in layout.parts],
        "closing": layout.closing,
    }


def _parts(content: Content) -> Iterator[StoriesPart | ChangesPart | LinesPart]:
    sections = list(_sections(content))
    yield from (section for section in sections if section.key == STARRED)
    if content.changes:
        yield _changes(content, sections)
    yield from (section for section in sections if section.key != STARRED)
    for key in ("again", "older", "mentions"):
        if stories := getattr(content, key):
            told = [_line(content, key, story) for story in stories]
            yield LinesPart(WORDS(f"edition.{key}"), told, key)


def _with_anchors(parts: Iterable[StoriesPart | ChangesPart | LinesPart]) -> Iterator[Part]:
    for at, part in enumerate(parts, 1):
        yield replace(part, anchor=f"muc-{at}")


def _sections(content: Content) -> Iterator[StoriesPart]:
    """The sections with their Roman numbers, the starred without; stories numbered through."""
    number, at = count(1), count(1)
    for section in sorted(content.parts, key=lambda section: section.key != STARRED):
        stories = [_story(content, story, next(number)) for story in section.stories]
        label = section.label if section.key == STARRED else f"{roman(next(at))}. {section.label}"
        yield StoriesPart(label, stories, section.key)


def _story(content: Content, story: EditionStory, number: int) -> NumberedStory:
    return NumberedStory(number, story, number <= content.max_items, story_marks(content, story))


def story_marks(content: Content, story: EditionStory) -> list[str]:
    """What was edited or taken down of a story, with the outlet where it has several."""
    ours = [change for change in content.changes if change.article_id in story.ids]
    several = len(story.appearances) > 1
    told = [change_mark(one) + (f" ({one.outlet})" if several else "") for one in ours]
    gone = [one for one in story.appearances if one.gone]
    if gone and not any(one.kind == "gone" for one in ours):
        told.append(WORDS("label.gone") + (f" ({gone[0].outlet})" if several else ""))
    return list(dict.fromkeys(told))


def _changes(content: Content, sections: Iterable[StoriesPart]) -> ChangesPart:
    numbers = {id_: item.number for part in sections for item in part.stories for id_ in item.story.ids}
    here = {id_ for story in (*content.older, *content.mentions) for id_ in story.ids}
    lines = []
    for change in content.changes:
        number = numbers.get(change.article_id)
        what = change_line(change, number, earlier=change.article_id not in here)
        lines.append(ChangeLine(change, what, number))
    return ChangesPart(WORDS("edition.changes"), lines)


def _line(content: Content, key: str, story: EditionStory) -> StoryLine:
    marks = story_marks(content, story)
    what = update_line(content, story, marks) if key == "again" else outlets(content, story)
    return StoryLine(story, what, [] if key == "again" else marks)


def _sources(content: Content) -> SourcesPart:
    named, more = in_trouble(content)
    return SourcesPart(
        heading=WORDS("edition.sources"),
        reach=reach_line(content),
        refused=refused_line(content),
        health=health_line(content),
        named=named,
        more=more,
    )


def _outlined(part: Part) -> dict[str, Any]:
    match part:
        case StoriesPart():
            shown: dict[str, Any] = {"stories": [_numbered(item) for item in part.stories]}
        case ChangesPart():
            shown = {"changes": [{"id": one.change.id, "what": one.what} for one in part.changes]}
        case LinesPart():
            shown = {"stories": [_lined(one) for one in part.lines]}
        case SourcesPart():
            return {"kind": part.kind, "heading": part.heading, "reach": part.reach, "refused": part.refused}
    return {"kind": part.kind, "heading": part.heading, "count": part.count, **shown}


def _numbered(item: NumberedStory) -> dict[str, Any]:
    story = item.story
    return {"number": item.number, "article_id": story.ids[0], "title": story.title.text, "marks": item.marks}


def _lined(line: StoryLine) -> dict[str, Any]:
    story = line.story
    return {"article_id": story.ids[0], "title": story.title.text, "what": line.what, "marks": line.marks}
