"""Read pages and texts without storing them, as ``diemtin read`` answers."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from archive.clock import Clock, utc_now
from archive.config import ConfigError
from archive.home import Home
from archive.i18n import Words, current
from archive.model import Article, Outcome
from archive.network.unpacking import Unpackable, unpack
from crawler.sources import home_sources, item_of
from crawler.urls import article_address, source_of
from pipelines.extract import dateparse
from pipelines.fingerprint import fingerprint
from pipelines.item import ContextFiles, Item, Page, Stage
from pipelines.judge import judge
from pipelines.stages import READING, run_safely

LARGEST = 12_000_000  # bytes of a page, unpacked
OF_A_PAGE = tuple(stage for stage in READING if stage is not fingerprint)  # there is nothing to compare with
OF_A_TEXT = tuple(stage for stage in OF_A_PAGE if stage is not judge)  # a headline alone is worth an answer


class Preview:
    """Holds the config, so that thousands of pages are read with it once loaded."""

    def __init__(self, home: Home, now: Clock = utc_now) -> None:
        self.sources = home_sources(home)
        self.context = ContextFiles.of(home, self.sources.families).load(now)

    def read_line(self, line: dict[str, Any]) -> dict[str, Any]:
        """The answer to one line of ``read --jsonl``: a page by ``path``, or a text."""
        identity = line.get("id")
        if "path" in line:
            url = str(line.get("url") or Path(line["path"]).absolute().as_uri())
            try:
                body = read_file(Path(line["path"]))
            except ConfigError as error:
                return {"id": identity, "url": url, "outcome": Outcome.FAILED, "reason": str(error)}
            return self.read_page(identity, body, url)
        return {"id": identity} | self._read_text(line)

    def read_page(self, identity: Any, body: bytes, url: str, content_type: str = "") -> dict[str, Any]:
        """What the archive would make of one page; a page that breaks a stage is ``failed``."""
        source = source_of(url, self.sources.by_key.values())
        address = article_address(url, source) if source else None
        page = Page(url, body, self.context.now(), content_type)
        item = item_of(page, source, keep="all")
        item.article.url = address or url
        return {"id": identity} | self._run(item)

    def _read_text(self, line: dict[str, Any]) -> dict[str, Any]:
        article = Article(str(line.get("url") or ""), str(line.get("source") or ""))
        article.title, article.lead, article.body = (str(line.get(k) or "") for k in ("title", "lead", "body"))
        article.published_at = dateparse.feed(str(line.get("published") or ""))
        article.published_from = "import" if article.published_at else None
        return self._run(Item(article, keep="all"), OF_A_TEXT)

    def _run(self, item: Item, stages: tuple[Stage, ...] = OF_A_PAGE) -> dict[str, Any]:
        return as_answer(run_safely(item, self.context, stages))


def read_file(path: Path) -> bytes:
    """The bytes of a page file, gunzipped where its name ends in .gz."""
    try:
        body = path.read_bytes()
        return unpack(body, ["gzip"], LARGEST) if path.suffix == ".gz" else body
    except (OSError, Unpackable) as error:
        raise ConfigError(current()("cli.read.unreadable", path=path, why=error)) from error


def as_answer(item: Item) -> dict[str, Any]:
    """The item as one JSON object of ``read --jsonl``; the time keeps the zone in which the page gives it."""
    article = item.article
    would_be = Outcome.STORED if article.level else Outcome.IRRELEVANT
    return {
        "url": article.url,
        "outcome": item.outcome or would_be,
        "reason": current().reason(item.reason),
        "title": article.title,
        "lead": article.lead,
        "text": article.body,
        "authors": article.authors,
        "published": article.published_at.isoformat() if article.published_at else None,
        "published_from": article.published_from,
        "doubt": article.doubt,
        "image": article.image,
        "section": article.section,
        "credit": asdict(article.credit) if article.credit else None,
        "relevant": article.relevant,
        "level": article.level,
        "score": round(article.score, 3),
        "why": [Words("vi").reason(code) for code in article.why],
        "topics": article.topics,
        "places": [mention.name for mention in article.mentions if mention.kind == "place"],
        "organisations": [mention.name for mention in article.mentions if mention.kind == "organisation"],
        "documents": [
            {"number": c.number, "kind": c.kind, "issuer": c.issuer, "dated": c.dated}
            for c in article.citations
        ],
        "figures": [asdict(figure) for figure in article.figures],
    }
