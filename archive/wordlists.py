"""Lists of words and patterns kept as data beside the modules that use them, read when first needed."""

import re
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from pathlib import Path

from archive.config import load_yaml

_NAMED = re.compile(r"«([a-z_]+)»")
Match = re.Match[str]


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
        return _NAMED.sub(lambda match: self.fill("|".join(self[match[1]])), frame)

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
    def finditer(self) -> Callable[..., Iterator[Match]]:
        return self.re.finditer

    @cached_property
    def sub(self) -> Callable[..., str]:
        return self.re.sub
