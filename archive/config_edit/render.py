"""New YAML as people write it: short lists in brackets, blocks below their key, long sentences folded."""

import re
from typing import Any

import yaml

WIDEST = 110  # characters of a line
_FOLDED = re.compile(r"[^\s#](?:[^\s]| (?=\S))*")  # words and single blanks, which folding keeps


def scalar(value: Any, style: str | None = None, *, in_flow: bool = False) -> str:
    """A value on one line that reads back as the same; ``style`` is the kind of quotes it had before."""
    if isinstance(value, str) and not value.isprintable():
        style = '"'
    quotes = style if isinstance(value, str) and style in {'"', "'"} else None
    data = [value] if in_flow else {"k": value}
    written = yaml.safe_dump(
        data, allow_unicode=True, default_flow_style=in_flow, default_style=quotes, width=10**9
    ).strip()
    return written[1:-1] if in_flow else written.partition(": ")[2]


def flow(value: Any) -> str:
    """A value on one line: lists and pairs in brackets."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key, in_flow=True)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value, in_flow=True)


def after_key(
    value: Any, indent: int, room: int = WIDEST, *, folding: bool = True, style: str | None = None
) -> str:
    """What stands behind a ``key:``, from the blank or the line's end on; its lines begin at ``indent``.

    Without ``folding`` no text takes lines of its own: a comment below would become part of it.
    """
    if isinstance(value, dict) and value:
        return "\n" + "\n".join(pair(key, one, indent, folding=folding) for key, one in value.items())
    if isinstance(value, list) and not _fits(value, room):
        return "\n" + "\n".join(item(one, indent, folding=folding) for one in value)
    if folding and isinstance(value, str) and len(value) > room and _FOLDED.fullmatch(value):
        return " >-\n" + "\n".join(" " * indent + line for line in _wrapped(value, WIDEST - indent))
    return " " + (flow(value) if isinstance(value, dict | list) else scalar(value, style))


def pair(key: Any, value: Any, indent: int, *, folding: bool = True) -> str:
    """A key with its value as lines, without the last line's end."""
    head = f"{' ' * indent}{scalar(key)}:"
    return head + after_key(value, indent + 2, WIDEST - len(head), folding=folding)


def item(value: Any, indent: int, *, folding: bool = True) -> str:
    """An item of a list, with its dash, as lines."""
    head = " " * indent + "- "
    if isinstance(value, dict) and value:
        pairs = (pair(key, one, indent + 2, folding=folding) for key, one in value.items())
        return head + "\n".join(pairs).lstrip(" ")
    return head + (flow(value) if isinstance(value, dict | list) else scalar(value))


def _fits(value: list[Any], room: int) -> bool:
    return len(flow(value)) <= room and not any(isinstance(one, dict) and one for one in value)


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return lines
