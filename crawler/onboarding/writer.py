"""Write a new source: its file in the home's ``config/sources.d``, its page and golden file; all or nothing."""

import gzip
import json
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from archive.clock import HANOI
from archive.config import ConfigError
from archive.home import Home
from archive.i18n import current
from crawler.onboarding.proposal import Proposal, refuse_known
from crawler.sources import home_sources, sources_folder
from pipelines.item import Item

_WIDEST = 110  # characters of a line


def block_of(proposal: Proposal, now: datetime) -> list[str]:
    """The lines of a source's block, not indented, its key first."""
    lines = [
        f"{_scalar(proposal.key)}:",
        f"  name: {_scalar(proposal.name)}",
        f"  home: {_scalar(proposal.home)}",
        f"  kind: {proposal.kind}",
        *_list("feeds", [feed.url for feed in proposal.feeds]),
        *_list("sitemaps", [sitemap.url for sitemap in proposal.sitemaps]),
        *_list("sections", proposal.sections),
        f"  article: {_quoted(proposal.pattern.regex)}",
    ]
    if proposal.family:
        lines.append(f"  family: {proposal.family}")
    return [*lines, f'  seen: "found by sources add on {now.astimezone(HANOI):%Y-%m-%d}"']


def _list(name: str, urls: list[str]) -> list[str]:
    if not urls:
        return []
    head = f"  {name}: ["
    whole = head + ", ".join(map(_scalar, urls)) + "]"
    if len(whole) <= _WIDEST:
        return [whole]
    joined = f",\n{' ' * len(head)}".join(map(_scalar, urls))
    return f"{head}{joined}]".split("\n")


def _scalar(text: str) -> str:
    """A YAML scalar that reads back as the text, in a list too."""
    written = yaml.safe_dump([text], allow_unicode=True, default_flow_style=True, width=10_000)
    return str(written.strip()[1:-1])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def golden(item: Item, family: str | None) -> dict[str, Any]:
    """The fields read off a page, as they stand in ``expected.json``; times are in Hà Nội's zone."""
    article = item.article
    return {
        "url": article.url,
        "source": article.source,
        "family": family,
        "title": article.title,
        "lead": article.lead,
        "published": article.published_at.astimezone(HANOI).isoformat() if article.published_at else None,
        "published_from": article.published_from,
        "authors": article.authors,
        "section": article.section,
        "credit": article.credit.outlet if article.credit else None,
        "text": article.body,
        "rule_missed": item.rule_missed,
    }


class Prepared(msgspec.Struct, frozen=True):
    """A source ready to be written: its block, the page that was read, and what that must give."""

    key: str
    home: str
    block: list[str]
    page: bytes
    expected: dict[str, Any]


def prepared(proposal: Proposal, now: datetime) -> Prepared:
    """What is to be written of a proposal; raises ConfigError for one without an article."""
    if proposal.item is None:
        raise ConfigError(f"{proposal.key}: {current()('add.no_article_named')}")
    expected = golden(proposal.item, proposal.family) | {"fetched": now.astimezone(HANOI).isoformat()}
    return Prepared(proposal.key, proposal.home, block_of(proposal, now), proposal.page, expected)


def write_source(home: Home, proposal: Proposal, now: datetime) -> list[Path]:
    """Write source, page and golden file; returns their paths.

    Raises ConfigError when the key or host is there by now.
    """
    return write_prepared(home, prepared(proposal, now))


def write_prepared(home: Home, source: Prepared) -> list[Path]:
    """The same for a source that was prepared."""
    with home.lock("sources.yml"):
        refuse_known(source.key, source.home, home_sources(home))
        file = sources_folder(home) / f"{source.key}.yml"
        if os.path.lexists(file):  # whatever it holds, it is the user's
            raise ConfigError(current()("add.file_there", path=file))
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            folder = _write_golden(home.path / "pages-golden", source)
            try:
                _write_block(file, source.block)
                home_sources(home)
            except BaseException:
                file.unlink(missing_ok=True)
                shutil.rmtree(folder)
                raise
        except OSError as error:
            raise ConfigError(
                current()("add.unwritable", path=error.filename or file, why=error.strerror)
            ) from error
    return [file, folder / "page.html.gz", folder / "expected.json"]


def _write_block(file: Path, block: list[str]) -> None:
    text = "".join(f"  {line}\n" for line in block)
    making = file.with_suffix(".making")
    making.write_text(f"sources:\n{text}", encoding="utf-8")
    making.replace(file)


def _write_golden(parent: Path, source: Prepared) -> Path:
    """The folder with page and golden file, moved into place as a whole; one without a source is replaced."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / source.key
    making = Path(tempfile.mkdtemp(prefix=f".{source.key}-", dir=parent))
    try:
        (making / "page.html.gz").write_bytes(gzip.compress(source.page, mtime=0))
        (making / "expected.json").write_text(
            json.dumps(source.expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        if folder.exists():
            shutil.rmtree(folder)
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return folder
