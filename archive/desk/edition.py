"""The edition as people decided it: pure functions on its content and the choices of its window."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from archive.desk.choices import Choice
from archive.digests.content import Content, EditionStory, Section


def with_choices(content: Content, choices: Mapping[int, Choice], *, everything: bool) -> Content:
    """What goes out: without what is left or not relevant; ``everything`` False only the chosen."""
    kept = ("chosen", None) if everything else ("chosen",)
    parts = [
        Section(part.key, part.label, [s for s in part.stories if mark_of(s, choices) in kept])
        for part in content.parts
    ]
    return replace(content, parts=[part for part in parts if part.stories])


def left_out(content: Content, edited: Content) -> list[EditionStory]:
    """The stories of ``content`` none of whose articles ``edited`` tells."""
    told = {one for story in stories(edited) for one in story.ids}
    return [story for story in stories(content) if not told & set(story.ids)]


def stories(content: Content) -> Iterable[EditionStory]:
    """All stories of an edition, from the top down."""
    for part in content.parts:
        yield from part.stories
    yield from content.again
    yield from content.older
    yield from content.mentions


def choice_of(story: EditionStory, choices: Mapping[int, Choice]) -> Choice | None:
    """What is decided on a story: the newest choice among its articles."""
    made = [choices[one] for one in story.ids if one in choices]
    return max(made, key=lambda choice: (choice.changed_at, choice.rev)) if made else None


def mark_of(story: EditionStory, choices: Mapping[int, Choice]) -> str | None:
    """Whether the story is chosen, left or irrelevant; None where nothing is decided."""
    choice = choice_of(story, choices)
    return choice.mark if choice else None
