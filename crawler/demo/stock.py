"""What the sample press prints: outlets and articles, read from the YAML files beside this module."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec
import yaml

from archive.model import Outcome

Encoding = Literal["utf-8", "utf-8-sig", "utf-16", "windows-1258"]
Dates = Literal["rfc", "offset", "short", "gmt7", "american"]
Layout = Literal["article", "tool", "topic"]
BlockKind = Literal["paragraph", "heading", "question", "picture"]

_PICTURE = re.compile(r"!\[(?P<caption>.+)\]$")


class Feed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One RSS feed: the ``newest`` articles of its sections (all when none are named), and how it lies."""

    path: str
    title: str
    sections: tuple[str, ...] = ()
    newest: int = 8
    dates: Dates = "rfc"
    encoding: Encoding = "utf-8"
    declared: str = "utf-8"
    query: str = ""


class Outlet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One invented outlet; ``address`` and ``section`` are address patterns, ``forbidden`` a robots path."""

    name: str
    kind: str
    keep: Literal["relevant", "all"]
    family: str | None
    robots: tuple[str, ...]
    article: str
    address: str
    sections: dict[str, str]
    section: str
    paging: str = ""
    page_size: int = 50
    listed_sections: tuple[str, ...] = ()
    feeds: tuple[Feed, ...] = ()
    sitemap: Literal["", "plain", "monthly", "news"] = ""
    forbidden: str = ""
    rules: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a body: a paragraph, a heading, an interviewer's question or a picture's caption."""

    kind: BlockKind
    text: str


class SampleArticle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One article as written; ``hours_ago`` counts back from the start of the press.

    ``body`` is paragraphs divided by blank lines; ``## `` starts a heading, ``? `` a question and
    ``![…]`` is a picture. ``body_of`` reprints another article's body below a lead of its own.
    """

    key: str
    section: str
    hours_ago: float
    title: str
    relevant: bool
    lead: str = ""
    body: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    special: str = ""
    credit: str = ""
    body_of: str = ""
    edit: tuple[str, str] | None = None
    taken_down: bool = False
    fails_first: bool = False
    forbidden: bool = False
    decomposed: bool = False
    undated: bool = False
    noarchive: bool = False
    layout: Layout = "article"
    twins: tuple[Literal["amp", "m"], ...] = ()
    expect: Outcome | None = None

    @property
    def blocks(self) -> list[Block]:
        """The body, block by block."""
        return [_block(text) for text in re.split(r"\n\s*\n", self.body.strip()) if text]


def _block(text: str) -> Block:
    text = " ".join(text.split())
    if found := _PICTURE.match(text):
        return Block("picture", found["caption"])
    if text.startswith("## "):
        return Block("heading", text[3:])
    if text.startswith("? "):
        return Block("question", text[2:])
    return Block("paragraph", text)


@cache
def load_outlets() -> dict[str, Outlet]:
    """The outlets by source key."""
    return msgspec.convert(_yaml(resources.files(__package__) / "outlets.yml"), dict[str, Outlet])


@cache
def load_articles(outlet: str) -> tuple[SampleArticle, ...]:
    """What an outlet has written, newest first."""
    folder = resources.files(__package__) / "articles" / outlet
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yml")), key=lambda f: f.name)
    articles = [article for file in files for article in msgspec.convert(_yaml(file), list[SampleArticle])]
    return tuple(sorted(articles, key=lambda article: article.hours_ago))


def _yaml(file: Any) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def copies(articles: tuple[SampleArticle, ...], scale: int) -> Iterator[SampleArticle]:
    """The articles, and ``scale`` - 1 further rounds of the ordinary ones, for measuring with many pages.

    Each round is a day older and moves the figures; copies keep their relevance.
    """
    yield from articles
    for nth in range(2, scale + 1):
        for article in articles:
            if article.special or article.layout != "article" or article.body_of:
                continue
            yield msgspec.structs.replace(
                article,
                key=f"{article.key}-{nth}",
                title=f"{article.title} (kỳ {nth})",
                hours_ago=article.hours_ago + 24 * (nth - 1) + nth / 60,
                lead=_moved(article.lead, nth),
                body=_moved(article.body, nth),
            )


def _moved(text: str, by: int) -> str:
    """The text with the decimals of its figures moved on, so that no two copies say the same."""
    return re.sub(r"(?<=\d,)\d+", lambda found: str(int(found[0]) + by), text)
