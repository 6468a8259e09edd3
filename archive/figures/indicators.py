"""The indicators that figures may be values of: names, units, direction (reads config/indicators.yml)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from archive.config import as_block, load_yaml, only_keys
from archive.text import nfc

Better = Literal["up", "down", "neither"]


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One indicator: ``name`` and ``en`` for readers, ``also`` other names in texts, ``better`` its direction.

    ``units`` are those a value may have; ``change``: it is itself a change («tăng 8,2%» is a value of it, where
    a change of any other is none). ``of_plan``: it is itself a share of the plan.
    """

    name: str
    en: str
    units: tuple[str, ...]
    also: tuple[str, ...] = ()
    better: Better = "up"
    change: bool = False
    of_plan: bool = False


@dataclass(frozen=True, slots=True)
class NamedIndicator:
    """An indicator named in a text, at ``start:end``; ``words`` are those of the text."""

    key: str
    start: int
    end: int
    words: str


class Indicators:
    """All indicators of a config file, by key in the order of the file."""

    def __init__(self, known: dict[str, Indicator]) -> None:
        self.known = known
        self._by_name: dict[str, list[str]] = {}
        for key, one in known.items():
            for name in (one.name, *one.also):
                self._by_name.setdefault(nfc(name).lower(), []).append(key)

    @cached_property
    def _names(self) -> re.Pattern[str]:
        longest_first = sorted(self._by_name, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)

    def find(self, text: str, unit: str, *, change: bool = False) -> Iterator[NamedIndicator]:
        """The indicators that a text (NFC) names and whose values may have the unit, from left to right.

        ``change``: the number is an increase or decrease, which only some indicators have as a value.
        """
        for match in self._names.finditer(text):
            for key in self._by_name[match[0].lower()]:
                one = self.known[key]
                if unit in one.units and (one.change or not change):
                    yield NamedIndicator(key, match.start(), match.end(), match[0])
                    break

    def named(self, name: str, unit: str, *, change: bool = False) -> str:
        """The key of the indicator that a whole name (NFC) is of and that may have the unit, else ''."""
        for key in self._by_name.get(name.lower(), ()):
            one = self.known[key]
            if unit in one.units and (one.change or not change):
                return key
        return ""


def load_indicators(path: Path) -> Indicators:
    """The indicators of an indicators.yml. Raises ConfigError naming file, block and key."""
    data = load_yaml(path)
    only_keys(path, "", data, {"indicators"})
    blocks = data.get("indicators") or {}
    return Indicators(
        {str(key): as_block(path, f"indicators.{key}", block, Indicator) for key, block in blocks.items()}
    )
