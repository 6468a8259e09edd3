"""Read pages as ``diemtin read --jsonl`` does, by the extractor alone: one JSON object a line."""

import gzip
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from archive.home import DEFAULTS
from archive.model import Article
from pipelines.extract import extract
from pipelines.item import SELECTORS, Context, Family, Item, Page, Reject, Rules
from pipelines.judge import judge


def families(path: Path = DEFAULTS / "sources.yml") -> tuple[Family, ...]:
    """The CMS families of a sources.yml; none where the file is not there."""
    if not path.exists():
        return ()
    blocks: dict[str, dict[str, Any]] = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(
        "families"
    ) or {}
    return tuple(
        Family(
            name,
            tuple(block["marks"]),
            Rules(
                **{key: value or "" for key, value in block.items() if key in SELECTORS},
                drop=tuple(block.get("drop") or ()),
            ),
        )
        for name, block in blocks.items()
    )


def read(path: Path, url: str, known: tuple[Family, ...], now: datetime | None = None) -> dict[str, Any]:
    """One saved page (.html or .html.gz) as the archive would read it."""
    body = path.read_bytes()
    if path.suffix == ".gz":
        body = gzip.decompress(body)
    moment = now or datetime.now(UTC)
    item = Item(Article(url, "test"), Page(url, body, moment), keep="all")
    context = Context(None, None, known, now=lambda: moment)  # type: ignore[arg-type]
    outcome, reason = "stored", ""
    try:
        extract(item, context)
        judge(item, context)
    except Reject as end:
        outcome, reason = end.outcome.value, end.reason
    article = item.article
    return {
        "url": url,
        "outcome": outcome,
        "reason": reason,
        "title": article.title,
        "lead": article.lead,
        "text": article.body,
        "authors": article.authors,
        "published": article.published_at.isoformat() if article.published_at else None,
        "published_from": article.published_from,
        "image": article.image,
        "section": article.section,
        "credit": {"outlet": article.credit.outlet, "url": article.credit.url} if article.credit else None,
        "missed": item.rule_missed,
    }


def answer(lines: Iterable[str]) -> Iterable[str]:
    """One answer a line for ``{"id", "path", "url"}`` lines."""
    known = families()
    for line in lines:
        asked = json.loads(line)
        yield json.dumps(
            {"id": asked["id"], **read(Path(asked["path"]), asked.get("url") or "", known)}, ensure_ascii=False
        )


if __name__ == "__main__":
    for answered in answer(sys.stdin):
        print(answered)
