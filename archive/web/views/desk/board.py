"""What ``/ban`` shows: the stories of the open window with what was decided on each, and the edition so far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from archive.cases import REASONS
from archive.clock import HANOI, moment
from archive.desk.arrange import DeskStory, section_labels
from archive.desk.choices import Choice, Note
from archive.digests.config import Digest
from archive.digests.content import STARRED, Content, EditionChange, EditionStory, sentence
from archive.formats import Formats
from archive.i18n import Words
from archive.web.views.desk.buttons import button, key_words
from archive.web.views.lists import ArticleLine, TopicLabel
from archive.web.views.register.opened import RegisterLine

TONES = ("good", "neutral", "bad")
WORDS_A_MINUTE = 220  # syllables read aloud with care
_LEVELS = ("about", "mention")


@dataclass(frozen=True, slots=True)
class BoardStory:
    """One story with its articles, what was decided on it and what was noted."""

    story: EditionStory
    own_section: str
    lines: list[ArticleLine]
    choice: Choice | None = None
    remark: Note | None = None
    changed: str = ""
    new: bool = False
    read: bool = False
    joined: int = 0
    left_before: bool = False
    requests: Sequence[RegisterLine] = ()

    @property
    def lead(self) -> ArticleLine:
        return self.lines[0]

    @property
    def ids(self) -> list[int]:
        return [one.article_id for one in self.story.appearances]

    @property
    def id(self) -> int:
        """The article by which it is decided on."""
        return self.choice.article_id if self.choice else self.ids[0]

    @property
    def rev(self) -> int:
        return self.choice.rev if self.choice else 0

    @property
    def note_rev(self) -> int:
        return self.remark.rev if self.remark else 0

    @property
    def mark(self) -> str:
        decided = self.choice and (self.choice.mark or ("chosen" if self.choice.star else ""))
        return decided or ("left" if self.left_before else "")

    @property
    def why(self) -> str:
        return (self.choice and self.choice.why) or ""

    @property
    def asks_why(self) -> bool:
        return self.mark == "irrelevant" and not self.why

    @property
    def star(self) -> bool:
        return bool(self.choice and self.choice.star)

    @property
    def comment(self) -> str:
        return (self.choice and self.choice.comment) or ""

    @property
    def section(self) -> str:
        """The section it was moved to, or ''."""
        return (self.choice and self.choice.section) or ""

    @property
    def moved(self) -> bool:
        return bool(self.section and self.section != self.own_section)

    @property
    def original_title(self) -> str:
        return self.story.title.text

    @property
    def original_summary(self) -> str:
        return self.story.summary.text

    @property
    def title(self) -> str:
        return (self.choice and self.choice.title) or self.original_title

    @property
    def summary(self) -> str:
        return (self.choice and self.choice.summary) or self.original_summary

    @property
    def edited(self) -> bool:
        return bool(self.choice and (self.choice.title or self.choice.summary))

    @property
    def note(self) -> str:
        return (self.remark and self.remark.note) or ""

    @property
    def assignee(self) -> str:
        return (self.remark and self.remark.assignee) or ""

    @property
    def due(self) -> str:
        return (self.remark and self.remark.due) or ""

    @property
    def tone(self) -> str:
        return (self.remark and self.remark.tone) or ""

    @property
    def kept(self) -> bool:
        """Whether anything stands under it."""
        written = (self.comment, self.note, self.assignee, self.due, self.tone, self.joined, self.requests)
        return bool(self.why) or self.moved or self.edited or any(written)

    def late(self, now: datetime) -> bool:
        """Whether its task should be done by now."""
        return bool(self.due and date.fromisoformat(self.due) < now.astimezone(HANOI).date())

    @property
    def level(self) -> str:
        """The highest level among its articles."""
        levels = {line.level for line in self.lines}
        return next((level for level in _LEVELS if level in levels), "")

    @property
    def topics(self) -> list[TopicLabel]:
        return list({topic.key: topic for line in self.lines for topic in line.topics}.values())

    @property
    def outlets(self) -> int:
        return len({line.source for line in self.lines})

    @property
    def doubts(self) -> list[str]:
        return list(dict.fromkeys(code for line in self.lines for code in line.doubts))

    @property
    def unread_reason(self) -> str:
        return "" if any(not line.unread for line in self.lines) else self.lead.unread

    @property
    def edited_id(self) -> int | None:
        return next((line.id for line in self.lines if line.edits), None)

    @property
    def gone_id(self) -> int | None:
        return next((line.id for line in self.lines if line.state == "gone"), None)


class Placed(NamedTuple):
    """A story under the heading where it stands."""

    key: str
    label: str
    story: BoardStory


def joined(rows: list[Placed]) -> list[Placed]:
    """The same, each knowing what it was joined to."""
    by_article = {one: row.story.id for row in rows for one in row.story.ids}

    def head(story: BoardStory) -> int:
        head = story.choice.head_id if story.choice else None
        return by_article.get(head, 0) if head and head not in story.ids else 0

    return [row._replace(story=replace(row.story, joined=head(row.story))) for row in rows]


class BoardGroup(NamedTuple):
    """The stories under one heading."""

    label: str
    stories: list[BoardStory]


class EditionLine(NamedTuple):
    """One chosen story as the edition counts it; with what its buttons need."""

    number: int
    id: int
    rev: int
    note_rev: int
    title: str
    comment: str


class EditionPart(NamedTuple):
    """A section of the edition so far."""

    label: str
    stories: list[EditionLine]


@dataclass(frozen=True, slots=True)
class Lost:
    """What was typed into a form that cannot be saved any more, and why."""

    sentence: str
    typed: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Board:
    """The page. ``until`` is where the window ends, ``window`` where it begins (a stored time or '')."""

    digest: Digest
    words: Words
    content: Content
    window: str
    until: str
    stories: list[Placed]
    may_edit: bool
    chosen: list[DeskStory]
    digests: Sequence[Digest] = ()
    shown: str = ""
    editing: Any = None
    blank: Any = None
    lost: Lost | None = None
    told: str = ""
    saved: str = ""
    people: Sequence[str] = ()
    left_out: Sequence[list[ArticleLine]] = ()
    link: Any = None

    button = staticmethod(button)
    reasons = REASONS
    tones = TONES

    @cached_property
    def by_id(self) -> dict[int, BoardStory]:
        return {s.id: s for _, _, s in self.stories}

    @cached_property
    def by_article(self) -> dict[int, BoardStory]:
        return {one: s for _, _, s in self.stories for one in s.ids}

    @property
    def total(self) -> int:
        return len(self.stories)

    @property
    def changes(self) -> list[EditionChange]:
        """Edits and take-downs, told as the edition tells them."""
        return self.content.in_words().changes

    @property
    def warning(self) -> str:
        return sentence(self.content.warning)

    @cached_property
    def filters(self) -> list[tuple[str, int]]:
        """The ways to look at the list, with how many stories each shows."""
        counts = [(name, sum(wanted(s) for _, _, s in self.stories)) for name, wanted in FILTERS.items()]
        return [one for one in counts if one[1] or one[0] in ("", "open", self.shown)]

    @cached_property
    def groups(self) -> list[BoardGroup]:
        """What is shown, under the headings of the edition."""
        groups: dict[str, BoardGroup] = {}
        for key, label, story in self.stories:
            if FILTERS[self.shown](story):
                groups.setdefault(key, BoardGroup(label, [])).stories.append(story)
        return list(groups.values())

    @cached_property
    def sections(self) -> list[tuple[str, str]]:
        """The sections a story can be moved to."""
        labels = section_labels(self.content)
        return [(key, label) for key, label in labels.items() if label]

    def label(self, key: str) -> str:
        return dict(self.sections).get(key, key)

    def joinable(self, but: int) -> list[BoardStory]:
        """The chosen stories that another one can be joined to, and the one it is joined to."""
        joined = self.by_id[but].joined if but in self.by_id else 0
        return [
            s
            for _, _, s in self.stories
            if s.id == joined or (s.mark == "chosen" and s.id != but and not s.joined)
        ]

    @cached_property
    def edition(self) -> list[EditionPart]:
        """What is chosen, in its order, numbered through."""
        parts: dict[str, EditionPart] = {}
        for number, one in enumerate(self.chosen, 1):
            key = place_of(one)
            part = parts.setdefault(key, EditionPart(heading(self.words, self.content, key), []))
            part.stories.append(self._line(number, one.story))
        return list(parts.values())

    def _line(self, number: int, story: EditionStory) -> EditionLine:
        one = self.by_article[story.ids[0]]
        return EditionLine(number, one.id, one.rev, one.note_rev, story.title.text, story.comment)

    @property
    def review(self) -> str:
        """When the edition goes."""
        review = self.digest.review
        return self.words(f"desk.review.{review.kind}", at=f"{review.until:%H:%M}" if review.until else "")

    def sum(self, fmt: Formats) -> str:
        """``12 tin · 6 phút đọc``."""
        count = fmt.count("stories", len(self.chosen))
        if not self.chosen:
            return count
        return self.words("desk.sum", stories=count, reading=self.words.span(reading_minutes(self.chosen)))

    def period(self, fmt: Formats) -> str:
        """``từ 07:00 20/11 đến 06:40 21/11``."""
        after, until = moment(self.content.covers_from), moment(self.content.covers_to)
        return Formats(self.words, until).period(after)

    def path(self, **more: Any) -> str:
        """This page again, as it was drawn."""
        params = {"ban": self.digest.name, "luc": self.until, "loc": self.shown, **more}
        return str(self.link("/ban", params))

    @cached_property
    def edit_path(self) -> str:
        """Where a story's form opens; its number follows."""
        return f"{self.path()}&sua="

    def preview(self, **more: Any) -> str:
        """The preview of this edition."""
        return str(self.link("/ban/xem-truoc", {"ban": self.digest.name, "luc": self.until, **more}))

    @property
    def keys(self) -> list[tuple[str, str]]:
        """The keys and what they do."""
        return key_words(self.words)


FILTERS: dict[str, Callable[[BoardStory], bool]] = {
    "": lambda s: True,
    "open": lambda s: not s.mark and not s.joined,
    "new": lambda s: s.new,
    "task": lambda s: bool(s.assignee or s.due or s.note),
}


def reading_minutes(chosen: list[DeskStory]) -> int:
    """Minutes that these stories take to read, at least one."""
    texts = (f"{one.story.title.text} {one.story.summary.text} {one.story.comment}" for one in chosen)
    return max(1, round(sum(len(text.split()) for text in texts) / WORDS_A_MINUTE))


def place_of(one: DeskStory) -> str:
    """The key of the heading that a story stands under: its section's, else one of the lists'."""
    if one.left_before and one.mark != "chosen":
        return ":left_before"
    return f":{one.place}" if one.section is None else one.section


def heading(words: Words, content: Content, key: str) -> str:
    """The words of a heading."""
    if key.startswith(":"):
        return words(f"edition.{key[1:]}") if key != ":left_before" else words("desk.left_before")
    return section_labels(content).get(key) or words("edition.starred" if key == STARRED else "edition.other")
