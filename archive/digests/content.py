"""The content of one edition as values: kept as JSON, and all that the renderings know."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from archive.clock import HANOI, moment
from archive.digests.paper.names import file_stem
from archive.digests.paper.office import Office
from archive.formats import Formats
from archive.i18n import Words
from archive.reasons import parse, reason
from archive.search.highlight import Marked
from archive.stories.entries import Dispute

WORDS = Words("vi")  # editions are Vietnamese
STARRED = "*"  # the section of starred stories


class Appearance(msgspec.Struct, frozen=True):
    """One outlet's article of a story; times as they stand in the tables."""

    article_id: int
    outlet: str
    title: str
    url: str
    archive_url: str
    published_at: str | None = None
    credit: str | None = None
    gone: bool = False
    unread: str = ""  # the stored reason why only headline and summary are known
    summary: str = ""  # of what does not lead its story, for whoever takes it apart
    own: bool = False  # the first of a story in an outlet's own words; the others reprint


class Cited(msgspec.Struct, frozen=True):
    """A document the story cites."""

    number: str
    kind: str
    dated: str | None = None
    articles: list[int] = []  # which articles of the story cite it


class StoryFigure(msgspec.Struct, frozen=True):
    """A figure of the indicator ``key``, called ``name``, as ``printed`` in the sentence ``quote``."""

    key: str
    name: str
    printed: str
    quote: str
    article_id: int


class EditionStory(msgspec.Struct, frozen=True):
    """A story of the edition, with all that tell its event: the article that tells it best leads.

    ``disputes`` are figures that they tell differently; ``before`` is the title that an earlier edition told of
    the event, where another story leads now.

    ``comment`` is the editor's line. ``original_title`` and ``original_summary`` are the outlet's own where the
    editor wrote another one, else ''.
    """

    title: Marked
    summary: Marked
    appearances: list[Appearance]
    documents: list[Cited] = []
    known_figures: list[StoryFigure] = []
    star: bool = False
    comment: str = ""
    original_title: str = ""
    original_summary: str = ""
    disputes: list[Dispute] = []
    before: str = ""

    @property
    def outlets(self) -> int:
        return len({one.outlet for one in self.appearances})

    @property
    def own(self) -> int:
        """The outlets that tell it in their own words."""
        return len({one.outlet for one in self.appearances if one.own})

    @property
    def ids(self) -> list[int]:
        """Its articles; the first one leads."""
        return [one.article_id for one in self.appearances]


class Section(msgspec.Struct, frozen=True):
    """The stories under one topic or query.

    ``label`` '' for those of a rule that left the config, and for the starred ones (key ``STARRED``).
    """

    key: str
    label: str
    stories: list[EditionStory]


class EditionChange(msgspec.Struct, frozen=True):
    """An edit or take-down of an article in this digest; ``sentence`` is a stored reason."""

    id: str
    kind: str  # edit, gone, live
    article_id: int
    outlet: str
    title: str
    url: str
    archive_url: str
    at: str
    sentence: str


class Health(msgspec.Struct, frozen=True):
    """A source in trouble; ``sentence`` is a stored reason."""

    name: str
    level: str
    sentence: str


class Reach(msgspec.Struct, frozen=True):
    """How many of the crawled sources were read since the window began, and the silent ones by name.

    ``never``: those of which nothing could be read yet. ``since``: when the archive began to read, where that
    was within the window, else ''.
    """

    read: int
    of: int
    silent: list[str] = []
    never: list[str] = []
    since: str = ""


class Counts(msgspec.Struct, frozen=True):
    """What stands in an edition: stories, their articles, and outlets."""

    stories: int = 0
    articles: int = 0
    outlets: int = 0


class Content(msgspec.Struct, frozen=True):
    """One edition.

    ``parts`` hold the stories; ``again`` those of earlier editions that other outlets now carry; ``older``
    those published long before the window and only seen now; ``mentions`` those that only mention the province.
    ``left_before``: those of which all that was known was left out of earlier editions; told only if chosen.
    ``well`` of all ``sources`` crawl as they should; ``health`` names the ones in trouble; ``refused`` counts
    what names the province and was refused since the last edition. ``warning`` and ``stop`` may be stored
    reasons.
    ``article_ids``: all that is new here; ``left_ids`` those of them that an editor left out.
    ``labels``: what heads the section of each rule, in the order of the config. ``notice`` is a correction, of
    the edition ``corrects``; ``approved_by`` whoever sent it. ``office`` files its paper; ``file_name`` is the
    pattern that its files are called by. ``read_at``: when the last crawl ended, else ''. ``marks``: what the
    rules matched is marked on paper too. ``burst`` is what an alert tells at once (``event``, or a topic),
    of the articles ``burst_ids``; ``alert`` is why, as a stored reason.
    """

    name: str
    title: str
    edition: str
    number: int
    made_at: str
    covers_from: str
    covers_to: str
    counts: Counts
    parts: list[Section]
    again: list[EditionStory] = []
    older: list[EditionStory] = []
    mentions: list[EditionStory] = []
    changes: list[EditionChange] = []
    sources: int = 0
    well: int = 0
    health: list[Health] = []
    reach: Reach | None = None
    refused: int = 0
    warning: str = ""
    days_off: list[str] = []
    archive_url: str = ""
    stop: str = ""
    max_items: int = 40
    article_ids: list[int] = []
    left_ids: list[int] = []
    left_before: list[Section] = []
    labels: dict[str, str] = {}
    notice: str = ""
    corrects: str = ""
    approved_by: str = ""
    office: Office = Office()
    file_name: str = ""
    read_at: str = ""
    marks: bool = False
    burst: str = ""
    burst_ids: list[int] = []
    alert: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is new."""
        told = self.counts.stories or self.again or self.older or self.mentions or self.changes
        return not (told or self.notice)

    @property
    def file_stem(self) -> str:
        """What its files are called, without their ending."""
        return file_stem(self.file_name, self.name, self.edition, self.number)

    def to_json(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Content":
        """Raises msgspec.ValidationError for a row that this version cannot read.

        What older editions told otherwise (their ``figures``) is passed over.
        """
        return msgspec.json.decode(text, type=cls)

    def in_words(self) -> "Content":
        """The same content with sentences for stored reasons, as readers and programs get it."""
        return replace(
            self,
            parts=[replace(one, label=one.label or _unlabelled(one.key)) for one in self.parts],
            changes=[replace(one, sentence=sentence(one.sentence)) for one in self.changes],
            health=[replace(one, sentence=sentence(one.sentence)) for one in self.health],
            warning=sentence(self.warning),
            stop=sentence(self.stop),
            alert=sentence(self.alert),
        )


def count_stories(sections: list[Section]) -> Counts:
    """What stands in the sections."""
    stories = [story for section in sections for story in section.stories]
    articles = [one for story in stories for one in story.appearances]
    return Counts(len(stories), len(articles), len({one.outlet for one in articles}))


def _unlabelled(key: str) -> str:
    return WORDS("edition.starred") if key == STARRED else WORDS("edition.other")


def sentence(stored: str) -> str:
    """The sentence for a stored reason, with its times as readers see them; an older release's as it is."""
    code, params = parse(stored)
    if not code:
        return stored
    shown = {name: _SHOWN[name](moment(str(at))) for name, at in params.items() if name in _SHOWN}
    return WORDS.reason(reason(code, **{**params, **shown}))


def _day(at: datetime) -> str:
    local = at.astimezone(HANOI)
    return f"{local.day}/{local.month}"


_SHOWN = {"since": Formats(WORDS).full, "suspected": _day, "gone": _day}
