"""A window's stories as people arranged them: taken apart, joined, put in sections and in order; none is lost.

An automatic story falls into pieces: each article taken apart, and the rest. A piece follows its ``head_id`` to
the piece that holds that article; what leads to one piece is told as one story.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from archive.clock import moment
from archive.desk.choices import Choice
from archive.digests.content import STARRED, Appearance, Cited, Content, EditionStory, StoryFigure
from archive.search.highlight import Marked

LISTS = ("again", "older", "mentions")  # where stories get a line each
_OUTLET = 10_000_000  # seconds: a story goes before one with fewer outlets, whenever they were published


@dataclass(slots=True)
class DeskStory:
    """A story of the window as it stands on the desk.

    ``choice`` holds what is decided on it: the newest row among its articles (whose ``article_id`` and ``rev``
    the next change names), with what that leaves empty taken from older ones. ``section`` is None in one of
    ``LISTS``, then ``place`` is its name. ``joined`` are the first articles of what was joined to it.
    ``left_before``: all that earlier windows knew of it was left out, so it stays out until it is chosen.
    """

    story: EditionStory
    choice: Choice | None
    place: str
    section: str | None
    position: float
    joined: list[int]
    left_before: bool = False

    @property
    def mark(self) -> str | None:
        """Chosen, left or irrelevant; a star alone is a choice too."""
        decided = self.choice and (self.choice.mark or ("chosen" if self.choice.star else None))
        return decided or ("left" if self.left_before else None)


def arranged(content: Content, choices: Mapping[int, Choice]) -> list[DeskStory]:
    """All stories of a window, whatever is decided on them, in the order of the edition."""
    pieces = list(_pieces(content, choices))
    heads = _heads(pieces)
    groups: dict[int, list[DeskStory]] = {head: [pieces[head]] for head in heads}
    for at, head in enumerate(heads):
        if at != head:
            groups[head].append(pieces[at])
    order = {key: at for at, key in enumerate(section_labels(content, pieces))}
    told = [_joined(groups[head]) for head in sorted(set(heads))]
    return sorted(told, key=lambda one: _rank(one, order))


def section_labels(content: Content, pieces: Iterable[DeskStory] = ()) -> dict[str, str]:
    """What heads each section, in their order: the starred, the rules', those people named, the rest."""
    labels = {STARRED: ""} | content.labels
    labels |= {part.key: part.label for part in [*content.parts, *content.left_before] if part.key}
    named = [one.section for one in pieces if one.section]
    labels |= {key: key.removeprefix(f"{content.name}/") for key in named if key not in labels}
    return labels | {"": ""}


def _rank(one: DeskStory, order: Mapping[str, int]) -> tuple[int, float]:
    if one.section is None:
        return len(order) + LISTS.index(one.place), 0
    return order[one.section], one.position


def _pieces(content: Content, choices: Mapping[int, Choice]) -> Iterator[DeskStory]:
    """The pieces of all automatic stories, each where its own choice puts it."""
    start = moment(content.covers_from).timestamp()
    for place in ("parts", "left_before"):
        for part in getattr(content, place):
            before = float("-inf")
            for piece in (piece for story in part.stories for piece in _split(story, choices)):
                before = max(_usual_position(piece, start), before + 1)
                yield _placed(piece, choices, place, part.key, before)
    for place in LISTS:
        for story in getattr(content, place):
            for piece in _split(story, choices):
                yield _placed(piece, choices, place, None, _usual_position(piece, start))


def _usual_position(story: EditionStory, start: float) -> float:
    """Where a story stands that nobody moved: what most outlets carry first, then the newest.

    It depends on nothing but the story, so that moved ones keep their place when others come.
    """
    at = story.appearances[0].published_at
    age = start - moment(at).timestamp() if at else _OUTLET / 2
    outlets = len({one.outlet for one in story.appearances})
    return max(-_OUTLET / 2, min(age, _OUTLET / 2)) - outlets * _OUTLET


def _split(story: EditionStory, choices: Mapping[int, Choice]) -> list[EditionStory]:
    """The story in pieces, the one with the first article first."""
    apart = {one for one in story.ids if one in choices and choices[one].apart}
    rest = [one for one in story.appearances if one.article_id not in apart]
    pieces = [rest] if rest else []
    pieces += [[one] for one in story.appearances if one.article_id in apart]
    if len(pieces) < 2:
        return [story]
    order = {one: at for at, one in enumerate(story.ids)}
    return [_piece(story, some) for some in sorted(pieces, key=lambda some: order[some[0].article_id])]


def _piece(story: EditionStory, appearances: list[Appearance]) -> EditionStory:
    first, ids = appearances[0], {one.article_id for one in appearances}
    leads = first.article_id == story.ids[0]
    return replace(
        story,
        title=story.title if leads else Marked(first.title),
        summary=story.summary if leads else Marked(first.summary),
        appearances=appearances,
        disputes=[],
        documents=[one for one in story.documents if (ids & set(one.articles) if one.articles else leads)],
        known_figures=[one for one in story.known_figures if one.article_id in ids],
    )


def _placed(
    story: EditionStory, choices: Mapping[int, Choice], place: str, section: str | None, position: float
) -> DeskStory:
    choice = decided(story, choices)
    if choice is not None:
        section = choice.section if choice.section is not None else section
        section = STARRED if choice.star else section
        position = choice.position if choice.position is not None else position
    return DeskStory(story, choice, place, section, position, [], place == "left_before")


def decided(story: EditionStory, choices: Mapping[int, Choice]) -> Choice | None:
    """The newest choice among the articles, with what it leaves empty taken from older ones."""
    made = [choices[one] for one in story.ids if one in choices]
    if not made:
        return None
    newest, *older = sorted(made, key=lambda one: (one.changed_at, one.rev), reverse=True)
    for other in older:
        empty = {field: getattr(other, field) for field in _FILLED if getattr(newest, field) in (None, "")}
        newest = replace(newest, **empty, comment=_both(newest.comment, other.comment))
    return newest


_FILLED = ("mark", "section", "position", "title", "summary", "head_id")


def _both(one: str, other: str) -> str:
    """Two comments as one; what the first says already is not said again."""
    return one if other in one else "\n".join(filter(None, [one, other]))


def _heads(pieces: Sequence[DeskStory]) -> list[int]:
    """Of each piece, the place of the piece it is told with: its own, or where its ``head_id`` leads.

    Where they lead in a circle, the first of them is the head.
    """
    holder = {one: at for at, piece in enumerate(pieces) for one in piece.story.ids}
    links = [
        holder.get(piece.choice.head_id or 0, at) if piece.choice else at for at, piece in enumerate(pieces)
    ]
    return [_end(at, links) for at in range(len(links))]


def _end(at: int, links: Sequence[int]) -> int:
    way: list[int] = []
    while at not in way:
        way.append(at)
        at = links[at]
    return min(way[way.index(at) :])


def _joined(group: list[DeskStory]) -> DeskStory:
    """One story of a head and what was joined to it, as edited."""
    head, *others = group
    story, choice = head.story, head.choice
    edited = replace(
        story,
        appearances=[one for piece in group for one in piece.story.appearances],
        documents=_documents(group),
        known_figures=_figures(group),
        star=bool(choice and choice.star),
        comment=_comment(group),
    )
    head.story = _rewritten(edited, choice) if choice else edited
    head.joined = [piece.story.ids[0] for piece in others]
    return head


def _documents(group: Iterable[DeskStory]) -> list[Cited]:
    """The documents that any of them cites, each once."""
    return list({one.number: one for piece in group for one in piece.story.documents}.values())


def _figures(group: Iterable[DeskStory]) -> list[StoryFigure]:
    """The figures that any of them tells, each once."""
    told = [one for piece in group for one in piece.story.known_figures]
    return list({(one.key, one.printed): one for one in reversed(told)}.values())[::-1]


def _comment(group: Iterable[DeskStory]) -> str:
    text = ""
    for piece in group:
        text = _both(text, piece.choice.comment if piece.choice else "")
    return text


def _rewritten(story: EditionStory, choice: Choice) -> EditionStory:
    """The story with title and summary as the editor wrote them, the original kept beside."""
    if choice.title and choice.title != story.title.text:
        story = replace(story, title=Marked(choice.title), original_title=story.title.text)
    if choice.summary and choice.summary != story.summary.text:
        story = replace(story, summary=Marked(choice.summary), original_summary=story.summary.text)
    return story
