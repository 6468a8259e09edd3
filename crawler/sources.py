"""Sources as values: read sources.yml, and sources.d beside it, into checked, typed blocks."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.cssselect import SelectorError as CssError

from archive.config import ConfigError, as_block, load_yaml, only_keys, unknown_name
from archive.home import DEFAULTS, Home
from archive.i18n import current
from archive.model import Article
from pipelines.item import SELECTORS, Family, Item, Keep, Page, Rules

Kind = Literal["provincial", "national", "portal", "magazine"]
State = Literal["live", "unverified", "blocked", "paused"]
RESTING = ("blocked", "paused")  # not crawled unless they are named

_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_QUIET = re.compile(r"^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$")
_PART = r"(?:[a-z][a-z0-9]*(?:[.#][a-zA-Z][\w-]*)*|(?:[.#][a-zA-Z][\w-]*)+)"
_PLAIN_CSS = re.compile(rf"{_PART}(?:(?:, | > | ){_PART})*", re.ASCII)  # right without a trial
_SITEMAP_FIELDS = {"year", "month", "month1", "day"}


class DefaultsBlock(msgspec.Struct, forbid_unknown_fields=True):
    """The ``defaults:`` block; a source may set the first four anew."""

    every: str | None = None
    delay: str | None = None
    keep: Keep | None = None
    quiet: str | None = None
    contact: str = ""
    revisit: list[str] = msgspec.field(default_factory=lambda: ["1h", "6h", "1d", "3d", "7d", "30d"])
    gone_after: str = "24h"


class FamilyBlock(Rules, frozen=True, kw_only=True):
    """One block of ``families:``."""

    marks: list[str]


class ExpectBlock(msgspec.Struct, forbid_unknown_fields=True):
    """A source's normal yield: articles a day (least, most), shares of pages with title and time."""

    per_day: tuple[int, int] | None = None
    title: float | None = None
    published: float | None = None


class SourceBlock(Rules, frozen=True, kw_only=True):
    """One block of ``sources:``."""

    every: str | None = None
    delay: str | None = None
    keep: Keep | None = None
    quiet: str | None = None

    name: str
    home: str
    kind: Kind
    article: str
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    family: str | None = None
    expect: dict[str, Any] = msgspec.field(default_factory=dict)
    seen: str = ""
    state: State = "live"
    agreed: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One outlet: where its lists are, what an article address looks like, how to read and treat it.

    ``agreed``: the agreement by which its leads may be shown to the public, '' without one.
    """

    key: str
    name: str
    home: str
    kind: Kind
    article: re.Pattern[str]
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()
    rules: Rules = field(default_factory=Rules)
    keep: Keep = "relevant"
    every: timedelta = timedelta(hours=1)
    delay: float = 2.0
    quiet: tuple[time, time] | None = None
    expect: dict[str, Any] = field(default_factory=dict)
    seen: str = ""
    state: State = "live"
    agreed: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """All sources of a home; ``contact`` goes into the user agent, ``revisit`` are ages of an article."""

    by_key: dict[str, Source]
    families: tuple[Family, ...]
    contact: str = ""
    revisit: tuple[timedelta, ...] = ()
    gone_after: timedelta = timedelta(hours=24)
    delay: float = 2.0  # seconds, at sites that are no source

    def named(self, keys: Iterable[str]) -> list[Source]:
        """The sources of these keys, or, for no keys, all that may be crawled.

        Raises ConfigError for a key that is not there.
        """
        wanted = list(keys)
        for key in wanted:
            if key not in self.by_key:
                raise unknown_name("source", key, self.by_key)
        if wanted:
            return [self.by_key[key] for key in wanted]
        return [one for one in self.by_key.values() if one.state not in RESTING and has_lists(one)]


def item_of(page: Page, source: Source | None = None, **more: Any) -> Item:
    """A page before the stages, with the rules, the name and the demand of its source; ``more`` of the item."""
    item = Item(Article(page.url, source.key if source else ""), page=page)
    if source:
        item.rules, item.keep, item.outlet_name = source.rules, source.keep, source.name
    return replace(item, **more)


def has_lists(source: Source) -> bool:
    """Whether there is anywhere to look for its articles."""
    return bool(source.feeds or source.sitemaps or source.sections)


def sources_folder(home: Home) -> Path:
    """Where a home keeps sources beside its sources.yml, a file each."""
    return home.path / "config" / "sources.d"


def home_sources(home: Home) -> Sources:
    """The sources of a home: its sources.yml, or the shipped one, and what stands beside it in sources.d."""
    return load_sources(home.config("sources.yml"), sorted(sources_folder(home).glob("*.yml")))


def source_marks(home: Home) -> list[tuple[str, int, int]]:
    """What shows that the config of sources changed: its files with their times and sizes."""
    files = [home.config("sources.yml"), *sorted(sources_folder(home).glob("*.yml"))]
    marks = []
    for file in files:
        with suppress(FileNotFoundError):
            state = file.stat()
            marks.append((str(file), state.st_mtime_ns, state.st_size))
    return marks


def sources_fault(home: Home) -> str:
    """What is wrong with the config of sources, '' for nothing; read anew once a file changed."""
    return _fault_of(home, tuple(source_marks(home)))


@lru_cache(maxsize=4)
def _fault_of(home: Home, marks: tuple[tuple[str, int, int], ...]) -> str:
    try:
        home_sources(home)
    except ConfigError as error:
        return str(error)
    return ""


def load_sources(path: Path, more: Iterable[Path] = ()) -> Sources:
    """Read sources.yml and the files that add to it; their families are added to the shipped ones.

    Raises ConfigError naming file, block and key.
    """
    data = load_yaml(path)
    only_keys(path, "", data, {"defaults", "families", "sources"})
    added = {file: load_yaml(file) for file in more}
    for file, blocks in added.items():
        only_keys(file, "", blocks, {"defaults", "families", "sources", "changes"})
    files = {path: data} | added
    defaults = _defaults(files)
    changes = _merged(files, "changes")
    families = _shipped(path) | {
        name: _family(file, name, block) for name, (file, block) in _merged(files, "families").items()
    }
    return Sources(
        by_key={
            key: _source(*_changed(file, key, block, changes), defaults, families)
            for key, (file, block) in _merged(files, "sources").items()
        },
        families=tuple(families.values()),
        contact=defaults.contact,
        revisit=tuple(
            sorted(timedelta(seconds=_seconds(path, "defaults", "revisit", text)) for text in defaults.revisit)
        ),
        gone_after=timedelta(seconds=_seconds(path, "defaults", "gone_after", defaults.gone_after)),
        delay=_seconds(path, "defaults", "delay", defaults.delay or "2s"),
    )


def _merged(files: Mapping[Path, dict[str, Any]], section: str) -> dict[str, tuple[Path, Any]]:
    """The blocks of a section of several files, each with its file."""
    merged: dict[str, tuple[Path, Any]] = {}
    for path, data in files.items():
        blocks = data.get(section) or {}
        if not isinstance(blocks, dict):
            raise ConfigError(f"{path}: {current()(f'config.expected_blocks.{section}')}")
        for key, block in blocks.items():
            if str(key) in merged:
                other, where = merged[str(key)][0], f"{section}.{key}"
                raise ConfigError(current()("config.twice", path=path, where=where, other=other))
            merged[str(key)] = (path, block)
    return merged


def _wrong(path: Path, where: str, key: str, **values: object) -> ConfigError:
    return ConfigError(f"{path}: {where}: {current()(key, **values)}")


def _defaults(files: Mapping[Path, dict[str, Any]]) -> DefaultsBlock:
    """The defaults of all files; each is checked by itself, and a later one wins."""
    merged: dict[str, Any] = {}
    for path, data in files.items():
        block = data.get("defaults") or {}
        _check_defaults(path, as_block(path, "defaults", block, DefaultsBlock))
        merged |= block
    return as_block(next(iter(files)), "defaults", merged, DefaultsBlock)


def _changed(path: Path, key: str, block: Any, changes: Mapping[str, Any]) -> tuple[Path, str, Any]:
    """A source's file, key and block with what ``changes`` says of it; one for no source says nothing."""
    file, change = changes.get(key, (path, {}))
    if not isinstance(change, dict):
        raise _wrong(file, f"changes.{key}", "config.expected_pairs")
    return (file, key, block | change) if change and isinstance(block, dict) else (path, key, block)


def _check_defaults(path: Path, defaults: DefaultsBlock) -> None:
    """What a source would inherit, so that an error names the block it stands in."""
    if defaults.every:
        _every(path, "defaults", defaults.every)
    if defaults.delay:
        _seconds(path, "defaults", "delay", defaults.delay)
    if defaults.quiet:
        _quiet(path, "defaults", defaults.quiet)


def _shipped(path: Path) -> dict[str, Family]:
    shipped = DEFAULTS / "sources.yml"
    if path == shipped:
        return {}
    blocks = load_yaml(shipped)["families"]
    return {str(name): _family(shipped, str(name), block) for name, block in blocks.items()}


def _family(path: Path, name: str, data: Any) -> Family:
    block = as_block(path, f"families.{name}", data, FamilyBlock)
    _check_css(path, f"families.{name}", {"marks": block.marks, "drop": block.drop, **_css_of(block)})
    return Family(name, tuple(block.marks), _rules(block))


def _source(path: Path, key: str, data: Any, defaults: DefaultsBlock, families: dict[str, Family]) -> Source:
    where = f"sources.{key}"
    block = as_block(path, where, data, SourceBlock)
    if not re.fullmatch(r"[a-z0-9_-]+", key):
        raise _wrong(path, where, "config.bad_key")
    if block.family is not None and block.family not in families:
        raise _wrong(path, f"{where}.family", "config.no_family", name=block.family, known=", ".join(families))
    _check_css(path, where, {"drop": block.drop, **_css_of(block)})
    _check_addresses(path, where, block)
    as_block(path, f"{where}.expect", block.expect, ExpectBlock)
    quiet = block.quiet or defaults.quiet
    return Source(
        key=key,
        name=block.name,
        home=block.home,
        kind=block.kind,
        article=_pattern(path, where, block.article),
        feeds=block.feeds,
        sitemaps=block.sitemaps,
        sections=block.sections,
        hosts=_hosts(block),
        rules=_rules(block).over(families[block.family].rules if block.family else Rules()),
        keep=block.keep or defaults.keep or "relevant",
        every=_every(path, where, block.every or defaults.every or "1h"),
        delay=_seconds(path, where, "delay", block.delay or defaults.delay or "2s"),
        quiet=_quiet(path, where, quiet) if quiet else None,
        expect=block.expect,
        seen=block.seen,
        state=block.state,
        agreed=block.agreed,
    )


def _rules(block: Rules) -> Rules:
    return Rules(**_css_of(block), drop=block.drop)


def _css_of(block: Rules) -> dict[str, str]:
    return {name: getattr(block, name) for name in SELECTORS}


def _check_css(path: Path, where: str, selectors: Mapping[str, str | Sequence[str]]) -> None:
    for key, given in selectors.items():
        for css in [given] if isinstance(given, str) else given:
            try:
                if css and not _PLAIN_CSS.fullmatch(css):
                    CSSSelector(css)(etree.Element("html"))
            except (CssError, etree.XPathError) as error:
                raise _wrong(path, f"{where}.{key}", "config.bad_css", text=css, why=error) from error


def _check_addresses(path: Path, where: str, block: SourceBlock) -> None:
    for key in ("feeds", "sitemaps", "sections"):
        for url in getattr(block, key):
            _check_address(path, f"{where}.{key}", url)
            unknown = set(re.findall(r"\{([^}]*)\}", url)) - (_SITEMAP_FIELDS if key == "sitemaps" else set())
            if unknown:
                raise _wrong(path, f"{where}.{key}", "config.no_field", name=f"{{{unknown.pop()}}}", text=url)
    _check_address(path, f"{where}.home", block.home)
    for host in block.hosts:
        if not re.fullmatch(r"[\w.-]+(:\d+)?", host):
            raise _wrong(path, f"{where}.hosts", "config.no_host", text=host)


def _check_address(path: Path, where: str, url: str) -> None:
    if not is_address(url) or re.search(r"\s", url):
        raise _wrong(path, where, "config.no_address", text=url)


def is_address(url: str) -> bool:
    """Whether it is an http(s) address of a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _hosts(block: SourceBlock) -> frozenset[str]:
    """The hosts that are the outlet's own; a port belongs to the host."""
    urls = [block.home, *block.feeds, *block.sitemaps, *block.sections]
    return frozenset({urlsplit(url).netloc.lower() for url in urls} | {host.lower() for host in block.hosts})


def _pattern(path: Path, where: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise _wrong(path, f"{where}.article", "config.bad_pattern", text=pattern, why=error) from error


def _seconds(path: Path, where: str, key: str, text: str) -> float:
    match = _DURATION.match(str(text))
    if not match:
        raise _wrong(path, f"{where}.{key}", "config.no_span", text=text)
    return float(match[1]) * _UNITS[match[2]]


def _every(path: Path, where: str, text: str) -> timedelta:
    seconds = _seconds(path, where, "every", text)
    if seconds < 1:
        raise _wrong(path, f"{where}.every", "config.short_span", text=text)
    return timedelta(seconds=seconds)


def _quiet(path: Path, where: str, text: str) -> tuple[time, time]:
    match = _QUIET.match(text)
    try:
        if match:
            hours = [int(part) for part in match.groups()]
            return time(hours[0], hours[1]), time(hours[2], hours[3])
    except ValueError:
        pass
    raise _wrong(path, f"{where}.quiet", "config.no_hours", text=text)
