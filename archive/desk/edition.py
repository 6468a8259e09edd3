"""The edition as people decided it: pure functions on its content and the choices of its window."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from archive.desk.arrange import LISTS, DeskStory, arranged, section_labels
from archive.desk.choices import Choice
from archive.digests.content import Content, EditionStory, Section, count_stories

_FAR = 1_000_000.0  # seconds before the first story, or after the last


def with_choices(content: Content, choices: Mapping[int, Choice], *, everything: bool) -> Content:
    """What goes out: without what is left or not relevant; ``everything`` False only the chosen.

    What was left out is named in ``left_ids``, so that neither it nor what happens to it is told later on.
    """
    desk = arranged(content, choices)
    shown = kept(desk, everything=everything)
    told = {id_ for one in shown for id_ in one.story.ids}
    new = {*content.article_ids, *(id_ for story in content.mentions for id_ in story.ids)}
    left = sorted({id_ for one in desk for id_ in one.story.ids} & new - told)
    sections = _sections(content, shown)
    return replace(
        content,
        parts=sections,
        counts=count_stories(sections),
        changes=[change for change in content.changes if change.article_id not in left],
        left_ids=left,
        left_before=[],
        **{place: [_lean(one.story) for one in shown if _listed(one, place)] for place in LISTS},
    )


def left_out(content: Content, edited: Content) -> list[EditionStory]:
    """The stories of ``content`` of which ``edited`` tells nothing."""
    told = {id_ for story in stories(edited) for id_ in story.ids}
    return [story for story in stories(content) if not told & set(story.ids)]


def stories(content: Content) -> Iterable[EditionStory]:
    """All stories of an edition, from the top down."""
    for part in [*content.parts, *content.left_before]:
        yield from part.stories
    for place in LISTS:
        yield from getattr(content, place)


def kept(desk: Iterable[DeskStory], *, everything: bool) -> list[DeskStory]:
    """The stories that go out: the chosen, and with ``everything`` those of which nothing is decided."""
    return [one for one in desk if one.mark == "chosen" or (everything and one.mark is None)]


def place_beside(shown: list[DeskStory], article_id: int, step: int) -> float | None:
    """The ``position`` that puts a story ``step`` places down in its section, up below 0, of those shown.

    None where it is not shown, cannot go there, or stands in a list that has no order of its own.
    """
    story = next((one for one in shown if article_id in one.story.ids), None)
    if story is None or story.section is None:
        return None
    section = [one for one in shown if one.section == story.section]
    others = [one.position for one in section if one is not story]
    here = section.index(story)
    to = max(0, min(here + step, len(others)))
    if to == here:
        return None
    before = others[to - 1] if to else others[0] - 2 * _FAR
    after = others[to] if to < len(others) else others[-1] + 2 * _FAR
    return (before + after) / 2


def _sections(content: Content, shown: list[DeskStory]) -> list[Section]:
    by_key: dict[str, list[EditionStory]] = {}
    for one in shown:
        if one.section is not None:
            by_key.setdefault(one.section, []).append(_lean(one.story))
    labels = section_labels(content, shown)
    return [Section(key, labels[key], some) for key, some in by_key.items()]


def _listed(one: DeskStory, place: str) -> bool:
    return one.section is None and one.place == place


def _lean(story: EditionStory) -> EditionStory:
    """The story without what only the desk needs."""
    return replace(story, appearances=[replace(one, summary="") for one in story.appearances])
