"""What an article page must give: kept beside a saved page, so that a change of rules is seen."""

from typing import Any

from archive.clock import HANOI
from pipelines.item import Item


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
