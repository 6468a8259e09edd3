"""Change what a YAML text says and nothing else of it: comments, order and layout stay, byte for byte."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

import yaml

from archive.config import loader
from archive.config_edit import render

Node = yaml.Node
Span = tuple[int, int]


class Uneditable(Exception):
    """The text cannot be changed so without touching more of it: anchors, tags, several documents."""


def edited(text: str, data: Mapping[Any, Any]) -> str:
    """The text, a mapping in YAML, changed so that it reads as ``data``.

    Only what differs is written anew; new keys and items come last in their block. Raises Uneditable.
    """
    plain = text.replace("\r\n", "\n")
    ends = "\r\n" if plain != text else "\n"
    if plain.replace("\n", ends) != text:
        raise Uneditable("lines end in two ways")
    bom = "\ufeff" if plain.startswith("\ufeff") else ""
    result = _edited(plain.removeprefix("\ufeff"), dict(data))
    return bom + result.replace("\n", ends)


def _edited(text: str, data: dict[Any, Any]) -> str:
    old = _loaded(text)
    if not isinstance(old, dict | None):
        raise Uneditable("no mapping at the top")
    if same(old or {}, data):
        return text
    result = _operate(text, old or {}, data)
    try:
        read = _loaded(result)
    except yaml.YAMLError as error:
        raise Uneditable(str(error)) from error
    if not same(read or {}, data):
        raise Uneditable("the change would touch other values")
    return result


def _operate(text: str, old: dict[Any, Any], data: dict[Any, Any]) -> str:
    root = yaml.compose(text, Loader=loader())
    surgeon = _Surgeon(text)
    if root is None:
        lines = "\n".join(render.pair(key, value, 0) for key, value in data.items())
        return f"{text.rstrip()}\n{lines}\n".lstrip("\n")
    surgeon.change(root, old, data, _Place(0, 0, in_flow=False))
    return surgeon.result()


def _loaded(text: str) -> Any:
    return yaml.load(text, Loader=loader())  # noqa: S506 - a safe loader


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal and of the same types throughout: 1 is no True, 3 no 3.0."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands: the index behind its colon or dash, its lines' indent, within brackets or not."""

    after: int
    indent: int
    in_flow: bool


@dataclass(slots=True)
class _Entry:
    """A pair or item with its span; ``begin`` is where its first line or, in brackets, it itself begins."""

    begin: int
    span: Span
    value: Node


@dataclass
class _Surgeon:
    """Collects what is to be cut and put in."""

    text: str
    edits: list[tuple[int, int, str]] = field(default_factory=list)

    def result(self) -> str:
        """The text after all edits; raises Uneditable where two of them meet."""
        parts, at = [], 0
        for start, end, new in sorted(self.edits, key=lambda edit: edit[:2]):
            if start < at:
                raise Uneditable("two changes meet")
            parts += [self.text[at:start], new]
            at = end
        return "".join([*parts, self.text[at:]])

    def change(self, node: Node, old: Any, new: Any, place: _Place) -> None:
        """Make a node say ``new`` instead of ``old``."""
        if same(old, new):
            return
        if isinstance(node, yaml.MappingNode) and isinstance(new, dict) and new and node.value:
            self._mapping(node, old, new, place.in_flow or bool(node.flow_style))
        elif isinstance(node, yaml.SequenceNode) and isinstance(new, list) and new and node.value:
            self._sequence(node, old, new, place.in_flow or bool(node.flow_style))
        else:
            self._replace(node, new, place)

    def _replace(self, node: Node, new: Any, place: _Place) -> None:
        """Write a value anew; one that stands on lines of its own gives them up."""
        start, end = self._span(node)
        if place.in_flow:
            self.edits.append((start, end, render.flow(new)))
            return
        behind = self.text[end : self._line_end(end)].strip()
        folding = not behind and self._may_fold(end) and self._may_fold(place.after)
        room = render.WIDEST - (place.after - self._line_start(place.after))
        written = render.after_key(new, place.indent, room, folding=folding, style=_style(node))
        if "\n" in self.text[place.after : start]:
            self.edits.append((place.after, place.after, written))
            self.edits.append((self._line_start(start), self._next_line(end), ""))
        elif "\n" in written and behind:
            self.edits += [(place.after, end, ""), (self._line_end(end), self._line_end(end), written)]
        else:
            self.edits.append((place.after, end, written))

    def _mapping(self, node: yaml.MappingNode, old: dict[Any, Any], new: dict[Any, Any], in_flow: bool) -> None:
        keys = [_key(name) for name, _ in node.value]
        if any(key not in old for key in keys) or len(set(keys)) < len(old):
            raise Uneditable("merged keys")
        entries = [self._pair(name, value, in_flow) for name, value in node.value]
        gone = [at for at, key in enumerate(keys) if key not in new]
        for (name, value), key in zip(node.value, keys, strict=True):
            if key in new:
                place = _Place(self._colon(name), name.start_mark.column + 2, in_flow)
                self.change(value, old[key], new[key], place)
        self._cut(entries, gone, in_flow)
        added = {key: value for key, value in new.items() if key not in old}
        if in_flow:
            pairs = [
                f"{render.scalar(key, in_flow=True)}: {render.flow(value)}" for key, value in added.items()
            ]
            self._append(node, entries, gone, pairs)
        else:
            column = node.value[0][0].start_mark.column
            folding = self._may_fold(entries[-1].span[1])
            pairs = [render.pair(key, value, column, folding=folding) for key, value in added.items()]
            self._below(entries[-1], pairs)

    def _pair(self, name: Node, value: Node, in_flow: bool) -> _Entry:
        start = name.start_mark.index
        return _Entry(start if in_flow else self._line_start(start), (start, self._end(value)), value)

    def _sequence(self, node: yaml.SequenceNode, old: list[Any], new: list[Any], in_flow: bool) -> None:
        entries = self._items(node, in_flow)
        column = node.start_mark.column
        compared = SequenceMatcher(None, [*map(_form, old)], [*map(_form, new)], autojunk=False)
        gone: list[int] = []
        for kind, a, b, c, d in compared.get_opcodes():
            both = min(b - a, d - c) if kind == "replace" else 0
            for at in range(both):
                begin = entries[a + at].begin
                place = _Place(begin if in_flow else begin + column + 1, column + 2, in_flow)
                self.change(entries[a + at].value, old[a + at], new[c + at], place)
            gone += range(a + both, b) if kind != "equal" else []
            if kind != "equal" and new[c + both : d]:
                self._insert(node, entries, gone, a + both, new[c + both : d], in_flow)
        self._cut(entries, gone, in_flow)

    def _insert(
        self, node: Node, entries: list[_Entry], gone: list[int], at: int, new: list[Any], in_flow: bool
    ) -> None:
        """Put items in before the one at ``at``, or last."""
        column = node.start_mark.column
        if in_flow and at < len(entries):
            written = "".join(f"{render.flow(one)}, " for one in new)
            self.edits.append((entries[at].span[0], entries[at].span[0], written))
        elif in_flow:
            self._append(node, entries, gone, [render.flow(one) for one in new])
        elif at:
            folding = self._may_fold(entries[at - 1].span[1])
            self._below(entries[at - 1], [render.item(one, column, folding=folding) for one in new])
        else:
            lines = "".join(f"{render.item(one, column, folding=False)}\n" for one in new)
            self.edits.append((entries[0].begin, entries[0].begin, lines))

    def _items(self, node: yaml.SequenceNode, in_flow: bool) -> list[_Entry]:
        """The items; in a block each begins on the line of its dash."""
        entries = []
        column, begin = node.start_mark.column, self._line_start(node.start_mark.index)
        if not in_flow and self.text[begin : node.start_mark.index].strip():
            raise Uneditable("a list within a list")
        for value in node.value:
            end = self._end(value)
            if in_flow:
                start = value.start_mark.index
                entries.append(_Entry(start, (start, end), value))
                continue
            while self.text[begin : begin + column].strip() or self.text[begin + column] != "-":
                begin = self._next_line(begin)
            entries.append(_Entry(begin, (begin + column, max(end, begin + column + 1)), value))
            begin = self._next_line(entries[-1].span[1])
        return entries

    def _cut(self, entries: list[_Entry], gone: list[int], in_flow: bool) -> None:
        if in_flow:
            self._cut_flow(entries, gone)
            return
        for at in gone:
            start, end = entries[at].span
            if not self.text[entries[at].begin : start].strip():
                self.edits.append((entries[at].begin, self._next_line(end), ""))
            elif at + 1 not in gone and self._blank(end, entries[at + 1].span[0]):  # right behind a dash
                self.edits.append((start, entries[at + 1].span[0], ""))
            else:
                self.edits.append((start, end, ""))

    def _cut_flow(self, entries: list[_Entry], gone: list[int]) -> None:
        """Cut items within brackets, run by run, each with the comma that it no longer needs."""
        for run in _runs(gone):
            start, end = entries[run[0]].span[0], entries[run[-1]].span[1]
            if run[-1] + 1 < len(entries):
                following = entries[run[-1] + 1].span[0]
                comma = self.text.index(",", end) + 1
                self.edits.append((start, following if self._blank(comma, following) else comma, ""))
            elif run[0] and self._blank(entries[run[0] - 1].span[1], start, ","):
                self.edits.append((entries[run[0] - 1].span[1], end, ""))
            else:
                self.edits.append((start, end, ""))

    def _append(self, node: Node, entries: list[_Entry], gone: list[int], new: list[str]) -> None:
        """Write behind the last item in brackets, on a new line where the line gets long."""
        end = entries[-1].span[1]
        column, indent = end - self._line_start(end), self._hang(node)
        comma = "," if len(gone) < len(entries) else ""
        for one in new:
            column += 2 + len(one)
            if column > render.WIDEST and comma:
                self.edits.append((end, end, f",\n{' ' * indent}{one}"))
                column = indent + len(one)
            else:
                self.edits.append((end, end, f"{comma} {one}" if comma else one))
            comma = ","

    def _hang(self, node: Any) -> int:
        """The column at which further lines of a bracket begin."""
        marks = [(name[0] if isinstance(name, tuple) else name).start_mark for name in node.value]
        later = next((mark.column for mark in marks if mark.line > node.start_mark.line), None)
        return int(node.start_mark.column + 1 if later is None else later)

    def _below(self, entry: _Entry, blocks: list[str]) -> None:
        """Write lines below an entry of a block."""
        at = self._next_line(entry.span[1])
        before = "" if self.text[:at].endswith("\n") else "\n"
        if blocks:
            lines = before + "\n".join(blocks) + ("" if before else "\n")
            self.edits.append((at, at, lines))

    def _may_fold(self, at: int) -> bool:
        """Whether no comment follows that a text on lines of its own would swallow."""
        return not self.text[self._line_end(at) :].lstrip().startswith("#")

    def _blank(self, start: int, end: int, besides: str = "") -> bool:
        return not self.text[start:end].strip(" \n\t" + besides)

    def _span(self, node: Node) -> Span:
        return node.start_mark.index, self._end(node)

    def _end(self, node: Node) -> int:
        """Where a node's own text ends: YAML's mark of a block lies behind the comments that follow it."""
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, yaml.ScalarNode):
            return start + len(self.text[start:end].rstrip()) if node.style in {"|", ">"} else end
        if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
            return int(end)
        last = node.value[-1]
        inner = last[1] if isinstance(last, tuple) else last
        return max(self._end(inner), self._colon(last[0]) if isinstance(last, tuple) else 0)

    def _colon(self, name: Node) -> int:
        """The index behind the colon of a key."""
        at = self.text.find(":", name.end_mark.index)
        if at < 0 or self.text[name.end_mark.index : at].strip():
            raise Uneditable("a key without its colon")
        return at + 1

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(at + 1 for at, mark in enumerate(self.text) if mark == "\n")]

    def _line_start(self, at: int) -> int:
        return self._starts[bisect_right(self._starts, at) - 1]

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end

    def _next_line(self, at: int) -> int:
        return min(self._line_end(at) + 1, len(self.text))


def _key(node: Node) -> Any:
    """The value of a key."""
    made = loader()("")
    try:
        return made.construct_object(node, deep=True)
    except yaml.YAMLError as error:
        raise Uneditable(str(error)) from error
    finally:
        made.dispose()


def _style(node: Node) -> str | None:
    """The quotes of a scalar."""
    return node.style if isinstance(node, yaml.ScalarNode) else None


def _form(value: Any) -> str:
    """Two values have one form when they are the same."""
    return repr(value)


def _runs(numbers: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] + 1 == number:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
