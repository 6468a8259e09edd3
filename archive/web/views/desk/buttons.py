"""The buttons of a story, made here: one page of the desk has thousands, and a template's macro is slow.

And the keys that press them.
"""

from typing import Protocol

from markupsafe import Markup, escape

from archive.desk.fields import TONES
from archive.i18n import Words

_KEYS = "j next,k previous,x choose,o leave,r irrelevant,t star,c comment,n note,e edit,m read"
_MORE_KEYS = "K up,J down,u undo,p preview,/ search,? keys"


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


def key_words(words: Words) -> list[tuple[str, str]]:
    """The keys of the desk and what they do."""
    first, more = (
        [(key, words(f"desk.{word}")) for key, word in (pair.split() for pair in pairs.split(","))]
        for pairs in (_KEYS, _MORE_KEYS)
    )
    tones = " · ".join(words(f"desk.tone.{tone}") for tone in TONES)
    return [*first, ("f", words("register.need")), ("1 2 3", tones), *more]
