"""Read YAML: config files into typed values, what is wrong in one plain line; lists of words kept as data."""

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from archive.i18n import current

T = TypeVar("T")
_QUOTED = re.compile(r"'[^']{2,}'|\"[^\"]{2,}\"")
_LIST_NAME = re.compile(r"«([a-z_]+)»")
Match = re.Match[str]
_UNSEEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What PyYAML finds amiss, by the keys of ``config.yaml.*``: what stands there, and what to do.
_YAML = {
    "tab": re.compile("tab character"),
    "first_letter": re.compile("cannot start any token"),
    "colon": re.compile("mapping values are not allowed"),
    "bracket": re.compile(r"expected ',' or '[]}]'"),
    "quote": re.compile("unexpected end of stream"),
    "no_colon": re.compile("could not find expected ':'"),
    "indent": re.compile("did not find expected key|<document start>|'-' indicator"),
    "mark": re.compile("alias|alphabetic or numeric|tag handle|constructor for the tag|second occurrence"),
    "escape": re.compile("escape character|hexdecimal number"),
    "documents": re.compile("another document|document indicator"),
    "dash": re.compile("block sequence entries"),
    "block": re.compile("comment or line break"),
    "nothing": re.compile("node content"),
}
_OPENED = (
    "quote",
    "no_colon",
)  # told where it begins; PyYAML notices further down
_TWICE, _TAB = "twice", "\t"
_MSGSPEC = {
    "config.wrong_type": re.compile("Expected `(?P<wanted>[^`]+)`, got `(?P<given>[^`]+)`"),
    "config.missing": re.compile("Object missing required field `(?P<name>[^`]+)`"),
    "config.no_value": re.compile("Invalid enum value '(?P<text>.+)'"),
}


class ConfigError(Exception):
    """A config file, option or address the user can mend; the message is one line for them."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> ConfigError:
    """The error for a name that is not known; ``kind`` is that of ``cli.unknown.*`` in words.yml."""
    return ConfigError(current()(f"cli.unknown.{kind}", name=name) + did_you_mean(name, known))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean `x`?`` of the name most like it, else ``; there are: …``; '' where there is none."""
    words, names = current(), sorted(known)
    if near := get_close_matches(name, names, 1, 0.5):
        return words("cli.did_you_mean", name=near[0])
    more = " …" if len(names) > 12 else ""
    return words("cli.there_are", names=", ".join(names[:12]) + more) if names else ""


@cache
def loader() -> type[Any]:
    """A safe YAML loader that refuses a key standing twice in a block, where YAML would drop the first."""
    import yaml

    fastest: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C: places.yml in a tenth of the time

    class Loader(fastest):  # type: ignore[misc]
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            seen = set()
            for key, _ in node.value:
                if key.value in seen and isinstance(key, yaml.ScalarNode):
                    told = current()("config.key_twice", name=key.value)
                    raise yaml.MarkedYAMLError(_TWICE, problem=told, problem_mark=key.start_mark)
                seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
            mapping: dict[Any, Any] = super().construct_mapping(node, deep)
            return mapping

    return Loader


def load_yaml(path: Path) -> dict[str, Any]:
    """The mapping a YAML file holds ({} for an empty file).

    Raises ConfigError when it cannot be read, is no YAML or is no mapping.
    """
    import yaml

    text = _text_of(path)
    try:
        data = yaml.load(text, Loader=loader())  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}{_syntax_fault(error, text)}") from None
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):  # !!int, !!timestamp of a word
        raise ConfigError(f"{path}: {current()('config.yaml.value')}") from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: {current()('config.expected_pairs.top')}")
    return data


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(current()("config.unreadable", path=path, why=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(current()("config.not_utf8", path=path, at=error.start)) from error


def _syntax_fault(error: Any, text: str) -> str:
    """``, line 3, column 5: …``: where YAML cannot be read on, and what to do there in plain words.

    Of what stands there only a first letter is quoted that can begin no value: the rest may be a password.
    """
    problem, mark = getattr(error, "problem", None) or "", getattr(error, "problem_mark", None)
    if getattr(error, "context", None) == _TWICE:
        return f"{_at(_place(mark))}: {problem}"
    if mark is None and (unseen := _UNSEEN.search(text)):
        return f"{_at(_place_of(unseen.start(), text))}: {current()('config.yaml.unseen')}"
    key = next((key for key, pattern in _YAML.items() if pattern.search(problem)), "other")
    opened = getattr(error, "context_mark", None) or mark
    at = _place(opened if key in _OPENED else mark)
    letter = text.split("\n")[at[0] - 1][at[1] - 1 :][:1] if at and key == "first_letter" else ""
    what = {"letter": letter, "opened": opened.line + 1 if opened else "", "what": _QUOTED.sub("'…'", problem)}
    return f"{_at(at)}: {current()('config.yaml.tab' if letter == _TAB else f'config.yaml.{key}', **what)}"


def _place(mark: Any) -> tuple[int, int] | None:
    """Line and column of one of PyYAML's marks, from 1."""
    return (mark.line + 1, mark.column + 1) if mark else None


def _place_of(at: int, text: str) -> tuple[int, int]:
    above = text[:at]
    return above.count("\n") + 1, at - above.rfind("\n")


def _at(place: tuple[int, int] | None) -> str:
    return current()("config.at", line=place[0], column=place[1]) if place else ""


def only_keys(path: Path, block: str, data: dict[str, Any], known: set[str]) -> None:
    """Raise ConfigError for the first key of a block that is not known."""
    for key in data:
        if key not in known:
            where = f"{block}: " if block else ""
            names = ", ".join(sorted(known))
            raise ConfigError(f"{path}: {where}{current()('config.unknown_key', name=key, known=names)}")


def as_block(path: Path, block: str, data: Any, kind: type[T]) -> T:
    """One block of a config file as a msgspec Struct.

    Raises ConfigError naming file, block and key; the Struct should be ``forbid_unknown_fields``.
    """
    import msgspec

    if not isinstance(data, dict):
        raise ConfigError(f"{path}: {block}: {current()('config.expected_pairs')}")
    if issubclass(kind, msgspec.Struct):
        only_keys(path, block, {str(key): None for key in data}, set(kind.__struct_fields__))
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `")
        key = at.rstrip("`").removeprefix("$.").removeprefix("$")
        where = f"{block}.{key}" if key else block
        raise ConfigError(f"{path}: {where}: {_in_words(what)}") from error


def _in_words(what: str) -> str:
    """What msgspec says about a value, in the language of the run as far as it is known."""
    for key, pattern in _MSGSPEC.items():
        if match := pattern.fullmatch(what):
            return current()(key, **match.groupdict())
    return f"{what[:1].lower()}{what[1:]}"


class WordLists:
    """The lists of one YAML file: each a block of lines, one word or pattern a line.

    A line may name another list of the file: «months» stands for all its lines, divided by ``|``.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return _lists(self._file)[name]

    def fill(self, frame: str) -> str:
        """The frame with the lines of each list in place of its «name»."""
        return _LIST_NAME.sub(lambda match: self.fill("|".join(self[match[1]])), frame)

    def pattern(self, frame: str, flags: int = re.IGNORECASE) -> "LazyPattern":
        """A pattern made of a frame and the lists it names, compiled when first used."""
        return LazyPattern(self, frame, flags)


@cache
def _lists(file: Path) -> dict[str, tuple[str, ...]]:
    return {name: tuple(lines.splitlines()) for name, lines in load_yaml(file).items()}


class LazyPattern:
    """A regular expression that waits with reading its words and compiling until it is used."""

    def __init__(self, lists: WordLists, frame: str, flags: int) -> None:
        self._lists, self._frame, self._flags = lists, frame, flags

    @cached_property
    def re(self) -> re.Pattern[str]:
        return re.compile(self._lists.fill(self._frame), self._flags)

    @cached_property
    def search(self) -> Callable[..., Match | None]:
        return self.re.search

    @cached_property
    def match(self) -> Callable[..., Match | None]:
        return self.re.match

    @cached_property
    def fullmatch(self) -> Callable[..., Match | None]:
        return self.re.fullmatch

    @cached_property
    def finditer(self) -> Callable[..., Iterator[Match]]:
        return self.re.finditer

    @cached_property
    def sub(self) -> Callable[..., str]:
        return self.re.sub
