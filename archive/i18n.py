"""Every word that readers see, Vietnamese and English, read from words.yml; sentences made of stored codes."""

import os
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from archive.clock import HANOI, moment
from archive.reasons import parse

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
FILE = Path(__file__).parent / "words.yml"
_KEY = re.compile(r"^([\w.]+):", re.MULTILINE)
_SWAP = str.maketrans(",.", ".,")
_COUNTS = {"amiss", "count", "high", "low", "more", "of", "usual"}  # parameters that are numbers to read
_SPANS = {"silence", "gap"}  # minutes
_TIMES = frozenset({"until", "seen"})
_NAMED = {"outcome": "outcome", "by": "from", "other": "from", "role": "role"}  # values, by the kind of words
_WRITTEN = {"written", "other_written"}  # times with their year; a day alone at midnight
_LISTS = {"signs": ", ", "why": "; "}  # parameters that are reasons themselves, and what stands between them


@cache
def _blocks() -> dict[str, str]:
    """The YAML of each entry by its key: one run needs few of them, and reading all takes 15 ms."""
    blocks = _KEY.split(FILE.read_text(encoding="utf-8"))[1:]
    return {key: f"{key}:{rest}" for key, rest in zip(blocks[::2], blocks[1::2], strict=True)}


@cache
def entry(key: str) -> dict[Language, str]:
    """The words under a key, in every language; raises KeyError for an unknown key."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read: dict[str, dict[Language, str]] = yaml.load(_blocks()[key], loader)  # noqa: S506 - a safe loader
    return read[key]


def entries() -> dict[str, dict[Language, str]]:
    """All words by their key, each in every language."""
    return {key: entry(key) for key in _blocks()}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    lang: Language = "vi"

    def __call__(self, key: str, **values: object) -> str:
        """The words under a key with the values filled in, as markup where one of them is markup.

        Raises KeyError for an unknown key.
        """
        text = entry(key)[self.lang]
        if not values:
            return text
        if any(hasattr(value, "__html__") for value in values.values()):
            from markupsafe import escape

            return escape(text).format(**values)
        return text.format(**values)

    def either(self, name: str, name_en: str | None) -> str:
        """A name from the config: the English one where English is read and there is one."""
        return name_en if self.lang == "en" and name_en else name

    def named(self, kind: str, name: str) -> str:
        """The word for a value of the tables (a state, an outcome), or the value itself if it is a new one."""
        key = f"{kind}.{name}"
        return self(key) if key in _blocks() else name

    def has(self, key: str) -> bool:
        """Whether there are words under a key."""
        return key in _blocks()

    def number(self, value: float) -> str:
        """``1.234`` and ``7,8`` in Vietnamese, ``1,234`` and ``7.8`` in English; at most four decimals."""
        text = f"{value:,}" if isinstance(value, int) else f"{value:,.4f}".rstrip("0").rstrip(".")
        return text if self.lang == "en" else text.translate(_SWAP)

    def span(self, minutes: int) -> str:
        """``40 phút``, ``9 giờ`` or ``3 ngày``."""
        number, unit = max(minutes, 1), "minutes"
        if minutes >= 60:
            number, unit = (minutes // 60, "hours") if minutes < 48 * 60 else (minutes // 1440, "days")
        return self(f"span.{unit}.one" if number == 1 else f"span.{unit}", n=self.number(number))

    @lru_cache(maxsize=4096)  # noqa: B019 - two objects, one a language, which are equal whenever made
    def reason(self, stored: str) -> str:
        """The sentence for a stored reason; what an old archive keeps as a sentence is shown as it is."""
        code, params = parse(stored)
        for key in (f"reason.{code}.{params.get('status', '')}", f"reason.{code}"):
            if code and key in _blocks():
                return self(key, **{name: self._param(name, value) for name, value in params.items()})
        return stored

    def _param(self, name: str, value: Any) -> Any:
        """A parameter as people read it: a reason within it in words, a number, a span, a time in Hà Nội."""
        if name in _LISTS and isinstance(value, list):
            return _LISTS[name].join(map(self.reason, value))
        if name == "why":
            return self.reason(str(value))
        if name == "opening":
            text = self.reason(str(value))
            return f"{text[:1].upper()}{text[1:]}"
        if isinstance(value, int | float) and name in _COUNTS:
            return self.number(value)
        if name in _SPANS:
            return self.span(value)
        if name in _NAMED:
            return self.named(_NAMED[name], str(value))
        if name in _WRITTEN:
            at = moment(str(value)).astimezone(HANOI)
            return f"{at:%d/%m/%Y}" if (at.hour, at.minute) == (0, 0) else f"{at:%H:%M %d/%m/%Y}"
        if name in _TIMES:
            return f"{moment(str(value)).astimezone(HANOI):{self('time.short')}}"
        return value


_chosen: list[Language] = []


def choose(lang: Language | None) -> None:
    """Speak this language from now on in this process; None: the one of the environment."""
    _chosen[:] = [lang] if lang else []


def current() -> Words:
    """The words of this run: in the language chosen, else the environment's, else English."""
    if _chosen:
        return Words(_chosen[0])
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return Words("vi" if named.lower().startswith("vi") else "en")
