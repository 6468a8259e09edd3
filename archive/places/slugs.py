"""Whether an address spells the province's name, as slugs do: without marks, in small letters."""

import re
from urllib.parse import unquote, urlsplit

from archive.places.gazetteer import Gazetteer
from archive.text import fold

_WORD = re.compile("[a-z0-9]+")


def names_province(url: str, places: Gazetteer) -> bool:
    """Whether the path of an address names the province; streets, persons and Taiyuan are set aside.

    The guards of places.yml hold as far as a slug shows them: their words before the name and after it.
    """
    words = _words(unquote(urlsplit(url).path))
    name = _words(places.places[0].name)
    if "".join(name) in words:
        return True
    ends = [at + len(name) for at in range(len(words)) if words[at : at + len(name)] == name]
    return any(not _set_aside(words, end - len(name), end, places) for end in ends)


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def _set_aside(words: list[str], start: int, end: int, places: Gazetteer) -> bool:
    for guard in places.guards:
        if guard.leaves == "little":
            continue
        before = any(_ends_with(words[:start], phrase) for phrase in guard.before)
        if before and not any(_ends_with(words[:start], phrase) for phrase in guard.unless):
            return True
        if any(_words(sign) and words[end : end + len(_words(sign))] == _words(sign) for sign in guard.after):
            return True
    return False


def _ends_with(words: list[str], phrase: str) -> bool:
    tail = _words(phrase)
    return bool(tail) and words[-len(tail) :] == tail
