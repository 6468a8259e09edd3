"""Bring in JSONL of texts or pages through the same stages, with the same outcomes."""

import gzip
import lzma
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from archive.clock import HANOI
from archive.config import ConfigError
from archive.digests.alerts import evaluate
from archive.i18n import current
from archive.model import Article, Outcome
from archive.pages import RawPage
from archive.pages import keep as keep_page
from crawler.sources import item_of
from crawler.urls import source_of
from crawler.workspace import Workspace
from pipelines.item import Item, Keep, Page

_OPEN = {".gz": gzip.open, ".xz": lzma.open}


class ImportLine(msgspec.Struct):
    """One line of a file; keys that are not here are let be."""

    url: str = ""
    id: str | int = ""
    source: str = ""
    title: str = ""
    lead: str = ""
    body: str = ""
    html: str = ""
    authors: list[str] = []
    published: str = ""


def import_file(
    workspace: Workspace, file: Path, *, keep: Keep = "all", progress: bool = False
) -> Counter[str]:
    """Store every line of the file; an address that is kept already and unchanged is ``unchanged``.

    Each line is a transaction of its own, so that a file cut off in the middle can simply be brought in again.
    Raises ConfigError for a file that cannot be read or a line that is no JSON object.
    """
    outcomes: Counter[str] = Counter()
    with click.progressbar(_lines(file), label=file.name, hidden=not progress) as bar:
        for line in bar:
            outcomes[_import_line(workspace, line, keep)] += 1
            if sum(outcomes.values()) % 500 == 0:
                evaluate(workspace.archive, workspace.alerts, workspace.now())
    evaluate(workspace.archive, workspace.alerts, workspace.now())
    return outcomes


def _lines(file: Path) -> Iterator[ImportLine]:
    try:
        with _open(file) as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    try:
                        yield msgspec.json.decode(line, type=ImportLine)
                    except (msgspec.DecodeError, msgspec.ValidationError) as error:
                        line_name = current()("config.line", n=number)
                        raise ConfigError(f"{file}{line_name}: {error}") from error
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise ConfigError(current()("config.unreadable", path=file, why=error)) from error


def _open(file: Path) -> IO[bytes]:
    opener: Any = _OPEN.get(file.suffix)
    return opener(file, "rb") if opener else file.open("rb")


def _import_line(workspace: Workspace, line: ImportLine, keep: Keep) -> Outcome:
    item = _item(workspace, line, keep)
    outcome = workspace.store(item)
    if item.page and outcome in {Outcome.STORED, Outcome.REVISED}:
        page = item.page
        raw = RawPage(page.url, item.article.source, page.fetched_at, page.content_type, page.body)
        keep_page(workspace.pages, raw)
    return outcome


def _item(workspace: Workspace, line: ImportLine, keep: Keep) -> Item:
    url = line.url or (f"urn:diemtin:{line.source or 'import'}:{line.id}" if line.id else "")
    if not url:
        raise ConfigError(current()("import.no_url"))
    source = source_of(url, workspace.sources.by_key.values())
    key = line.source or (source.key if source else "import")
    article = Article(url, key, line.title, line.lead, line.body, line.authors)
    if line.published:
        article.published_at, article.published_from = _moment(line.published), "import"
    if not line.html:
        return Item(article, keep=keep)
    page = Page(url, line.html.encode(), workspace.now(), "text/html; charset=utf-8")
    return item_of(page, source, article=article, keep=keep)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(current()("import.bad_time", text=text)) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=HANOI)
