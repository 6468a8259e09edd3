"""The buttons of a story, made here: one page of the desk has thousands, and a template's macro is slow."""

from typing import Protocol

from markupsafe import Markup, escape


class Pressable(Protocol):
    """What a button needs to know of the story it is about: the revisions that the reader sees."""

    @property
    def id(self) -> int: ...
    @property
    def rev(self) -> int: ...
    @property
    def note_rev(self) -> int: ...


def button(
    story: Pressable, what: str, word: str, key: object, pressed: bool | None = None, name: str = ""
) -> Markup:
    """A button of the page's one form; ``pressed`` None is for one that is no switch."""
    state = "" if pressed is None else f' aria-pressed="{"true" if pressed else "false"}"'
    label = f' aria-label="{escape(name)}"' if name else ""
    shortcut = f' data-key="{key}" aria-keyshortcuts="{key}"' if key else ""
    value = f"{story.id}.{story.rev}.{story.note_rev}.{what}"
    return Markup(  # noqa: S704 - words and names are escaped, the rest is ours
        f'<button form="viec" class="act" name="viec" value="{value}"{shortcut}{state}{label}>'
        f"{escape(word)}</button>"
    )
