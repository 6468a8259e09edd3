"""How a query was understood, and what of it could not be used, in words."""

from itertools import groupby

from archive.clock import HANOI
from archive.i18n import Words
from archive.query.lexer import STRICT
from archive.query.parser import Parsed
from archive.query.tree import And, Filter, Near, Node, Not, Or, Phrase, PlacePhrase


def problem(parsed: Parsed, words: Words) -> str:
    """What was wrong in a query, "" when nothing was."""
    return " ".join(words(f"query.problem.{key}", what=what) for key, what in parsed.problems)


def understood(parsed: Parsed, words: Words) -> str:
    """One sentence on what a query looks for; the problem of one that looks for nothing."""
    if not parsed.asks:
        return problem(parsed, words)
    parts = [words("query.has", what=_text(parsed.node, words)) if parsed.node else words("query.nothing")]
    if parsed.without:
        parts.append(words("query.without", what=_text(parsed.without, words)))
    parts += [_filter(one, words) for one in parsed.filters]
    for key, at in (("after", parsed.after), ("before", parsed.before)):
        if at:
            day = at.astimezone(HANOI)
            parts.append(words(f"query.{key}", day=f"{day.day}/{day.month}/{day.year}"))
    return "; ".join(parts) + "."


def _filter(one: Filter, words: Words) -> str:
    if one.field in STRICT:
        values = words("query.or").join(words(f"query.{one.field}.{code}") for code in one.values)
        return words(f"query.not.{one.field}" if one.negated else f"query.only.{one.field}", what=values)
    values = words("query.or").join(f"«{value}»" for value in one.values)
    text = words(f"query.field.{one.field}", what=values)
    return words("query.not_in", what=text) if one.negated else text


def _text(node: Node, words: Words) -> str:
    match node:
        case Phrase():
            return _phrases([node], words)
        case Near():
            rows = ", ".join(f"«{phrase.shown}»" for phrase in node.phrases)
            text = words("query.near", rows=rows, n=node.distance)
            return f"{text} {words('query.title')}" if node.title else text
        case PlacePhrase():
            names = ", ".join(f"«{name.shown}»" for name in node.names)
            return words("query.place", typed=_phrases(list(node.typed), words), names=names)
        case Or():
            return words("query.or").join(_inner(part, words) for part in node.parts)
        case And():
            return _together(node, words)
        case Not():
            return words("query.without", what=_inner(node.part, words))
    raise ValueError(f"{type(node).__name__} is explained apart from the text")


def _inner(node: Node, words: Words) -> str:
    text = _text(node, words)
    return f"({text})" if isinstance(node, And | Or) else text


def _together(node: And, words: Words) -> str:
    texts: list[str] = []
    for kind, group in groupby(node.parts, _kind):
        parts = list(group)
        rows = [part for part in parts if isinstance(part, Phrase)]
        texts += [_phrases(rows, words)] if kind else [_inner(part, words) for part in parts]
    return words("query.and").join(texts)


def _kind(node: Node) -> tuple[str, bool, bool] | None:
    """Words of one kind are explained together."""
    if not isinstance(node, Phrase) or node.prefix:
        return None
    return _marks(node), node.joined, node.title


def _marks(phrase: Phrase) -> str:
    if phrase.mixed:
        return "mixed"
    if not all(word.isdecimal() for word in phrase.words):
        return ("plain" if phrase.plain else "exact") if phrase.exact else "any"
    return ""


def _phrases(rows: list[Phrase], words: Words) -> str:
    text = ", ".join(f"«{phrase.shown}»" for phrase in rows)
    text = words("query.prefix", what=text) if any(phrase.prefix for phrase in rows) else text
    notes = [words("query.joined")] if rows[0].joined else []
    notes += [words(f"query.marks.{marks}", what=_bare(rows, marks))] if (marks := _marks(rows[0])) else []
    notes += [words("query.title")] if rows[0].title else []
    return f"{text} ({', '.join(notes)})" if notes else text


def _bare(rows: list[Phrase], marks: str) -> str:
    """The words typed without marks to be told of: in a mixed phrase those with any, else those with none."""
    if marks == "plain":
        told = [word for row in rows for word in row.plain]
    else:
        told = [word for row in rows for word, exactly in zip(row.words, row.meant, strict=True) if not exactly]
    return ", ".join(f"«{word}»" for word in dict.fromkeys(told))
