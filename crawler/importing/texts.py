"""Bring in JSONL of texts or pages through the same stages, with the same outcomes."""

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from archive.digests.alerts import evaluate
from archive.i18n import current
from archive.model import Article, Outcome
from archive.pages import RawPage
from archive.pages import keep as keep_page
from crawler.bulk import Begun, BulkReading, page_size, reading_by, some_ahead
from crawler.importing.jsonl import Fault, records
from crawler.sources import item_of
from crawler.urls import source_of
from crawler.workspace import Workspace
from pipelines.extract import charset, dateparse
from pipelines.item import Item, Keep, Page

# what other tools (trafilatura, newspaper, news-please, Scrapy projects) call the same thing, ours first
_NAMES = {
    "url": ("url", "link", "canonical_url", "source_url", "permalink", "uri"),
    "id": ("id", "_id", "guid", "article_id"),
    "source": ("source", "source_domain", "hostname"),
    "title": ("title", "headline"),
    "lead": ("lead", "sapo", "summary", "description", "excerpt", "abstract"),
    "body": ("body", "text", "maintext", "content", "article_body", "articleBody"),
    "html": ("html", "raw_html"),
    "authors": ("authors", "author", "byline"),
    "published": (
        "published", "published_at", "publish_date", "date_publish", "datePublished", "date_published",
        "pubDate", "pubdate", "published_time", "date",
    ),
}  # fmt: skip
MARK = "diemtin"  # the key by which a line of our own export is known
Warn = Callable[[str], None]
_BETWEEN_NAMES = re.compile(r"(?<!\s)\s*[;|]\s*|,\s+")
_LATEST = 100_000_000_000  # seconds; a larger number counts milliseconds or less


@dataclass(slots=True)
class Imported:
    """What came of a file: outcomes of its lines or pages, and how many have a fault."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    others: int = 0  # records of a WARC that are no pages


@dataclass(slots=True)
class ImportLine:
    """One record of a file; keys that are not here are let be."""

    url: str = ""
    id: str = ""
    source: str = ""
    title: str = ""
    lead: str = ""
    body: str = ""
    html: str = ""
    authors: list[str] = field(default_factory=list)
    published: Any = None


@dataclass(slots=True)
class _TakenRecord:
    """A record that was taken from the file: ``read`` waits for its item, ``kept`` is a line of an export."""

    number: int
    faults: list[str] = field(default_factory=list)
    kept: dict[str, Any] | None = None
    read: Begun | None = None
    size: int = 0


def import_file(
    workspace: Workspace,
    file: Path,
    *,
    keep: Keep = "all",
    progress: bool = False,
    warn: Warn = lambda line: None,
    reading: BulkReading | None = None,
) -> Imported:
    """Store every record of the file; an address that is kept already and unchanged is ``unchanged``.

    Each is a transaction of its own, so that a file cut off in the middle can simply be brought in again. A
    line that cannot be read is told with its number, and the others go on. ``reading``: who reads, this process
    where nobody is named. Raises ConfigError for a file that cannot be read.
    """
    done = Imported()
    reading = reading or reading_by(workspace.read)
    with click.progressbar(records(file), label=file.name, hidden=not progress) as bar:
        taken = (_take(workspace, number, record, keep, reading) for number, record in bar)
        for one in some_ahead(taken, reading.ahead, lambda one: one.size):
            for fault in _store(workspace, one, keep, done.outcomes):
                done.faults += 1
                warn(f"{file}{current()('config.line', n=one.number)}: {fault}")
            evaluated(workspace, done)
    evaluated(workspace, done, last=True)
    return done


def evaluated(workspace: Workspace, done: Imported, *, last: bool = False) -> None:
    """Ask the alerts now and then, and in the end."""
    if last or done.outcomes.total() % 500 == 0:
        evaluate(workspace.archive, workspace.alerts, workspace.now())


def _take(
    workspace: Workspace, number: int, record: dict[str, Any] | Fault, keep: Keep, reading: BulkReading
) -> _TakenRecord:
    """Begin to read a record; a line of our own export was read where it comes from."""
    if isinstance(record, Fault):
        return _TakenRecord(number, [record.reason])
    if MARK in record:
        return _TakenRecord(number, kept=record)
    line = import_line(record)
    if not line.url and not line.id:
        return _TakenRecord(number, [current()("import.no_url")])
    published_at = _moment(line.published)
    is_bad_time = published_at is None and line.published not in (None, "")
    faults = [current()("import.bad_time", text=line.published)] if is_bad_time else []
    item = _item(workspace, line, published_at, keep)
    return _TakenRecord(number, faults, read=reading.begin(item), size=page_size(item))


def _store(workspace: Workspace, taken: _TakenRecord, keep: Keep, outcomes: Counter[str]) -> list[str]:
    """Store one record; returns what is wrong with it."""
    if taken.kept is not None:
        return _import_kept(workspace, taken.kept, keep, outcomes)
    if taken.read is not None:
        outcomes[_store_read(workspace, taken.read())] += 1
    return taken.faults


def _import_kept(workspace: Workspace, record: dict[str, Any], keep: Keep, outcomes: Counter[str]) -> list[str]:
    """Store a line of an export of this house."""
    import msgspec

    from crawler.importing.kept import kept_of, store_kept

    try:
        kept = kept_of(record)
    except msgspec.ValidationError as error:
        return [current()("import.bad_kept", why=error)]
    try:
        outcomes[store_kept(workspace, kept, keep)] += 1
    except Exception as error:  # noqa: BLE001 - whatever broke; the next lines go on
        outcomes[Outcome.FAILED] += 1
        return [f"{kept.url}: {type(error).__name__}: {error}"]
    return []


def clean(value: Any) -> Any:
    """A value without characters that no text may hold."""
    if isinstance(value, str):
        return charset.clean(value)
    if isinstance(value, dict):
        return {key: clean(one) for key, one in value.items()}
    return [clean(one) for one in value] if isinstance(value, list) else value


def import_line(record: dict[str, Any]) -> ImportLine:
    """A record by our names, its texts without characters that no text may hold."""
    given = {name: _first(record, others) for name, others in _NAMES.items()}
    authors, published = given.pop("authors"), given.pop("published")
    texts = {name: _text(value) for name, value in given.items()}
    line = ImportLine(**texts, authors=_people(authors), published=_time(published))
    if line.source.startswith(("http://", "https://")):  # trafilatura gives the page's address so
        line.url, line.source = line.url or line.source, ""
    return line


def _first(record: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((record[name] for name in names if not _is_empty(record.get(name))), None)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {}) or (isinstance(value, float) and math.isnan(value))


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(map(_text, value))
    return "" if value is None or isinstance(value, dict) else charset.clean(str(value))


def _people(value: Any) -> list[str]:
    if isinstance(value, str):
        value = _BETWEEN_NAMES.split(value.strip())
    people = value if isinstance(value, list) else [value]
    names = (_text(one.get("name") if isinstance(one, dict) else one) for one in people)
    return [name for name in names if name]


def _time(value: Any) -> Any:
    return value.get("$date") if isinstance(value, dict) else value


def _moment(value: Any) -> datetime | None:
    """The time of a record: any form that feeds send, or a count of seconds, or of parts of them."""
    if isinstance(value, str) and not value.strip().isdigit():
        return dateparse.feed(value)
    try:
        seconds = float(value)
        while abs(seconds) > _LATEST:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _store_read(workspace: Workspace, item: Item) -> Outcome:
    outcome = workspace.store_read(item)
    if item.page and outcome in {Outcome.STORED, Outcome.REVISED}:
        page = item.page
        raw = RawPage(page.url, item.article.source, page.fetched_at, page.content_type, page.body)
        keep_page(workspace.pages, raw)
    return outcome


def _item(workspace: Workspace, line: ImportLine, published_at: datetime | None, keep: Keep) -> Item:
    url = line.url or f"urn:diemtin:{line.source or 'import'}:{line.id}"
    source = source_of(url, workspace.sources.by_key.values())
    key = line.source or (source.key if source else "import")
    article = Article(url, key, line.title, line.lead, line.body, line.authors)
    if published_at:
        article.published_at, article.published_from = published_at, "import"
    if not line.html:
        return Item(article, keep=keep, copied=True)
    page = Page(url, line.html.encode(), workspace.now(), "text/html; charset=utf-8")
    return item_of(page, source, article=article, keep=keep, copied=True)
