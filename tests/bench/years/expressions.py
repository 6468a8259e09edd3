"""Every regular expression against texts made of its own parts: whose time grows faster than the text.

    python -m tests.bench expressions [--only pipelines.figures] [--most 140]

All expressions that modules, classes, lists of theirs and functions without arguments hold. Runs of blanks are
left out for those of ``pipelines`` and ``archive``: they read lines whose blanks are one space each.
"""

import argparse
import importlib
import inspect
import pkgutil
import random
import re
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from archive.config import LazyPattern
from tests.adversary import LINEAR, families, grows

ROOMS = ("crawler", "pipelines", "archive")
PATIENCE = 4.0  # seconds of the processor for one kind of text
DEEPEST = 4
CLOSED = {  # they are given a text only as far as what they look for is closed
    "crawler.listings.feed:_DOUBTFUL_OR_CDATA": "]]>",
    "crawler.listings.sitemap:_COMMENT": "-->",
    "archive.text:_TAG": ">",
}


class TooLong(Exception):
    """One text took longer than there is patience for."""


def _ring(number: int, frame: FrameType | None) -> None:
    raise TooLong


def expressions(only: str) -> Iterator[tuple[str, "re.Pattern[Any]", str]]:
    """Each expression once, with its name and its module's source."""
    seen: set[tuple[Any, int]] = set()
    for room in ROOMS:
        for found in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            if found.name.endswith("__main__") or only not in found.name:
                continue
            module = importlib.import_module(found.name)
            for name, value in list(vars(module).items()):
                if hasattr(value, "cache_info") and getattr(value, "__module__", "") == found.name:
                    value = _called(value)
                for pattern in _held(value, 0):
                    if (pattern.pattern, pattern.flags) not in seen:
                        seen.add((pattern.pattern, pattern.flags))
                        yield f"{found.name}:{name}", pattern, inspect.getsource(module)


def _called(function: Callable[..., Any]) -> Any:
    return function() if not inspect.signature(function).parameters else None


def _held(value: Any, depth: int) -> Iterator["re.Pattern[Any]"]:
    """The expressions in a value, in what it is made of and in its attributes."""
    if isinstance(value, LazyPattern):
        value = value.re
    if isinstance(value, re.Pattern):
        yield value
    elif depth < DEEPEST and isinstance(value, list | tuple | set | frozenset | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _held(part, depth + 1)
    elif depth < DEEPEST and type(value).__module__.split(".")[0] in ROOMS:
        names = getattr(type(value), "__slots__", None) or vars(value)
        for name in names:
            yield from _held(getattr(value, name, None), depth + 1)


def worst(pattern: "re.Pattern[Any]", anchored: bool, where: str, most: int) -> tuple[float, str]:
    """How much faster than the text the time grows at worst, and with which text."""
    texts = [one for one in families(pattern) if where.startswith("crawler") or one[1].strip()]
    if len(texts) > most:
        texts = texts[: most // 2] + random.Random(3).sample(texts[most // 2 :], most // 2)
    found = (0.0, "")
    for begin, repeated, end in texts:
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        try:
            growth = grows(_work(pattern, anchored, begin, repeated, end + CLOSED.get(where, "")))
        except TooLong:
            growth = float("inf")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        found = max(found, (growth, f"{begin!r} + {repeated!r} * n + {end!r}"))
    return found


def _work(
    pattern: "re.Pattern[Any]", anchored: bool, begin: str, repeated: str, end: str
) -> Callable[[int], None]:
    def work(length: int) -> None:
        text: Any = begin + repeated * max(1, length // len(repeated)) + end
        text = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
        if anchored:
            pattern.match(text)
            pattern.fullmatch(text)
        else:
            for _ in pattern.finditer(text):
                pass

    return work


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench expressions")
    parser.add_argument("--only", default="", help="modules whose names hold this")
    parser.add_argument("--most", type=int, default=140, help="texts for one expression")
    given = parser.parse_args()
    signal.signal(signal.SIGPROF, _ring)
    count = slow = 0
    for where, pattern, source in expressions(given.only):
        name = where.rpartition(":")[2]
        uses = set(re.findall(rf"\b{re.escape(name)}\.(\w+)", source)) - {"re"}
        growth, text = worst(pattern, bool(uses) and uses <= {"match", "fullmatch"}, where, given.most)
        count += 1
        if growth > LINEAR:
            slow += 1
            print(f"{growth:.1f} times: {where} with {text}", flush=True)
    print(f"{count} expressions, {slow} grow faster than the text")


if __name__ == "__main__":
    main()
