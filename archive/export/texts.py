"""Articles as lines of a file: JSONL that ``diemtin import`` takes back, CSV for spreadsheets."""

from collections.abc import Iterator

import msgspec
from sqlite_utils import Database

from archive.articles.history import KeptArticle, load_kept
from archive.export.selection import Selection, selected
from archive.i18n import Words
from archive.sheets import LONGEST_CELL, Cell, CellLink, csv_lines

COLUMNS = (
    "published", "outlet", "title", "lead", "text", "url", "authors", "section", "level", "topics", "state",
    "first_seen", "edits",
)  # fmt: skip


def kept_articles(db: Database, selection: Selection) -> Iterator[KeptArticle]:
    """The articles asked for, oldest first."""
    for sorts in selected(db, selection):
        yield from load_kept(db, sorts)


def jsonl(articles: Iterator[KeptArticle]) -> Iterator[bytes]:
    """One JSON object a line (UTF-8), as ``archive.articles.history`` describes it."""
    encoder = msgspec.json.Encoder()
    for article in articles:
        yield encoder.encode(article) + b"\n"


def csv(db: Database, articles: Iterator[KeptArticle], words: Words) -> Iterator[bytes]:
    """A table with a head in the reader's language; no cell is run as a formula."""
    outlets = dict(db.execute("select key, name from sources").fetchall())
    heads = [words(f"export.head.{column}") for column in COLUMNS]
    rows = (_row(article, outlets.get(article.source, article.source), words) for article in articles)
    for line in csv_lines(heads, rows):
        yield line.encode()


def _row(article: KeptArticle, outlet: str, words: Words) -> list[Cell]:
    return [
        article.published,
        outlet,
        article.title,
        article.lead,
        article.body[:LONGEST_CELL],
        CellLink(article.url, article.url),
        "; ".join(article.authors),
        article.section or "",
        words(f"level.{article.level}") if article.level else "",
        "; ".join(article.topics),
        words(f"export.state.{article.state}"),
        article.first_seen_at,
        article.edits,
    ]
