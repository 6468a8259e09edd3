"""The FTS5 expressions of a query, made from its tree.

A word meant as typed is looked up in the exact columns, one with any marks in the folded ones. A phrase that
mixes both kinds cannot be put into one FTS5 phrase, so there are two expressions: *candidates* (every hit is
among them: the folded phrase, and its words meant as typed) and *certain* (all of them are hits: the phrase
exactly as typed). Only candidates that are not certain are looked at in Python; see ``archive.search.match``.
"""

from collections.abc import Callable
from itertools import groupby

from archive.query.tree import And, Near, Node, Not, Or, Phrase, PlacePhrase
from archive.text import fold, nfc, norm

EXACT, FOLDED = ("title", "body"), ("title_f", "body_f")


def expressions(node: Node | None) -> tuple[str, str]:
    """The expressions of a tree's candidates and of its certain hits; "" for no tree."""
    if node is None:
        return "", ""
    candidates = expression(node)
    return candidates, expression(node, certain=True) if mixed(node) else candidates


def mixed(node: Node) -> bool:
    """Whether there are candidates that are not certain."""
    match node:
        case Phrase() | Near():
            return node.mixed
        case PlacePhrase():
            return any(phrase.mixed for phrase in node.typed + node.names)
        case And() | Or():
            return any(mixed(part) for part in node.parts)
        case Not():
            return mixed(node.part)
        case _:
            return False


def expression(node: Node, *, certain: bool = False) -> str:
    """The FTS5 expression of a tree; an ``And`` must hold at least one part that is not a ``Not``."""
    match node:
        case Phrase():
            return _phrase(node, certain)
        case Near():
            return _near(node, certain)
        case PlacePhrase():
            typed = _joined(" AND ", [_phrase(phrase, certain) for phrase in node.typed])
            return _joined(" OR ", [typed, *(_phrase(name, certain) for name in node.names)])
        case Or():
            return _joined(" OR ", [expression(part, certain=certain) for part in node.parts])
        case And():
            wanted = [expression(one, certain=certain) for one in node.parts if not isinstance(one, Not)]
            unwanted = [expression(one.part, certain=not certain) for one in node.parts if isinstance(one, Not)]
            text = _joined(" AND ", wanted)
            return f"({text} NOT {_joined(' OR ', unwanted)})" if unwanted else text
        case _:
            raise ValueError(f"no FTS5 expression for {type(node).__name__} alone")


def _joined(word: str, parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({word.join(parts)})"


def _columns(exact: bool, title: bool) -> str:
    columns = EXACT if exact else FOLDED
    return "{" + " ".join(columns[:1] if title else columns) + "} : "


def _phrase(phrase: Phrase, certain: bool) -> str:
    if not phrase.mixed:
        return _exact(phrase) if phrase.exact else _folded(phrase)
    if certain:
        return _exact(phrase)
    return _joined(" AND ", [_folded(phrase), *map(_exact, _exact_runs(phrase))])


def _exact_runs(phrase: Phrase) -> list[Phrase]:
    at, runs = 0, []
    for exactly, group in groupby(zip(phrase.words, phrase.meant, strict=True), lambda one: one[1]):
        run = tuple(word for word, _ in group)
        at += len(run)
        if exactly:
            prefix = phrase.prefix and at == len(phrase.words)
            runs.append(Phrase(run, prefix, phrase.title, exactly=(True,) * len(run)))
    return runs


def _folded(phrase: Phrase) -> str:
    return _columns(False, phrase.title) + _quoted(fold, phrase)


def _exact(phrase: Phrase) -> str:
    columns = _columns(True, phrase.title)
    forms = [_quoted(norm, phrase)]
    if phrase.prefix and (as_typed := _quoted(nfc, phrase)) != forms[0]:
        forms.append(as_typed)  # hoà* also means hoàn, which the new tone placement (hòa) would lose
    return _joined(" OR ", [columns + form for form in forms])


def _quoted(form: Callable[[str], str], phrase: Phrase) -> str:
    text = " ".join(form(word) for word in phrase.words)
    return f'"{text}" *' if phrase.prefix else f'"{text}"'


def _near(near: Near, certain: bool) -> str:
    if not near.mixed:
        return _near_in(near, any(phrase.exact for phrase in near.phrases))
    if certain:
        return _near_in(near, True)
    exact = [_exact(run) for phrase in near.phrases for run in _exact_runs(phrase)]
    return _joined(" AND ", [_near_in(near, False), *exact])


def _near_in(near: Near, exact: bool) -> str:
    inside = " ".join(_quoted(norm if exact else fold, phrase) for phrase in near.phrases)
    return f"{_columns(exact, near.title)}NEAR({inside}, {near.distance})"
