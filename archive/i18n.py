"""Every word that readers see, Vietnamese and English, read from words.yml; sentences made of stored codes."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from archive.reasons import parse

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
FILE = Path(__file__).parent / "words.yml"


@cache
def entries() -> dict[str, dict[Language, str]]:
    """All words by their key, each in every language."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read: dict[str, dict[Language, str]] = yaml.load(FILE.read_text(encoding="utf-8"), loader)  # noqa: S506 - a safe loader
    return read


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    lang: Language = "vi"

    def __call__(self, key: str, **values: object) -> str:
        """The words under a key with the values filled in, as markup where one of them is markup.

        Raises KeyError for an unknown key.
        """
        text = entries()[key][self.lang]
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
        return self(key) if key in entries() else name

    def reason(self, stored: str) -> str:
        """The sentence for a stored reason; what an old archive keeps as a sentence is shown as it is."""
        code, params = parse(stored)
        for key in (f"reason.{code}.{params.get('status', '')}", f"reason.{code}"):
            if code and key in entries():
                return self(key, **params)
        return stored


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
