"""One outlet in print: its articles, where they stand, and what has become of each."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from crawler.demo.stock import Outlet, SampleArticle


@dataclass(slots=True)
class Entry:
    """An article in print; ``visits`` counts the times it was read, ``failures`` the errors still to come."""

    article: SampleArticle
    path: str
    published: datetime
    modified: datetime
    visits: int = 0
    gone: bool = False
    failures: int = 0
    edited: bool = False

    @property
    def listed(self) -> bool:
        """Whether feeds and listing pages still name it."""
        return not self.gone and not (self.article.taken_down and self.visits)

    def reword(self, old: str, new: str, now: datetime) -> None:
        """Say something else in title, lead and body, and nothing of having done so.

        Raises ValueError when ``old`` is nowhere in the article.
        """
        before = self.article
        texts = {name: getattr(before, name).replace(old, new) for name in ("title", "lead", "body")}
        self.article = msgspec.structs.replace(before, **texts)
        if all(texts[name] == getattr(before, name) for name in texts):
            raise ValueError(f"{before.key}: says nowhere {old!r}")
        self.modified = now


class Newsroom(Protocol):
    """What a site asks of the press it belongs to."""

    def url_of(self, key: str) -> str:
        """The address of an article, of whichever outlet."""
        ...

    def tick(self) -> datetime:
        """The time now, later than at every asking before."""
        ...


@dataclass(slots=True)
class Site:
    """One outlet at one address (``home`` ends in a slash); the press holds the lock."""

    key: str
    outlet: Outlet
    home: str
    press: Newsroom
    entries: dict[str, Entry] = field(default_factory=dict)

    def newest(self, sections: tuple[str, ...] = ()) -> list[Entry]:
        """The articles still listed in these sections (all when none are named), newest first."""
        found = [
            entry
            for entry in self.entries.values()
            if entry.listed and (not sections or entry.article.section in sections)
        ]
        return sorted(found, key=lambda entry: entry.published, reverse=True)

    def url(self, path: str) -> str:
        """The full address of a path on this site."""
        return f"{self.home}{path.removeprefix('/')}"

    def twins(self, entry: Entry) -> list[str]:
        """Further addresses of the same article: ``/amp/…`` and ``/m/…``."""
        return [f"/{twin}{entry.path}" for twin in entry.article.twins]
