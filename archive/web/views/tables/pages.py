"""What the templates of Datasette's own pages need besides what Datasette gives them."""

from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Request

from archive.web.request import PageRequest
from archive.web.views.tables.cells import whole

if TYPE_CHECKING:
    from datasette.app import Datasette

# Columns with few different values: each may be counted. The others would be counted in vain.
COUNTED = {
    "articles": ("source", "level", "state", "published_from", "section"),
    "versions": ("kind",), "states": ("state",), "mentions": ("kind", "name"), "article_topics": ("topic",),
    "documents": ("kind", "issuer"), "runs": ("source", "state"), "figures": ("key", "kind", "place", "period"),
    "matches": ("alert",), "digests": ("name", "state"), "deliveries": ("channel", "state"),
    "events": ("outlets", "own"), "sources": ("kind", "state"),
}  # fmt: skip


def page_context(datasette: "Datasette", request: Request | None, view: str | None) -> dict[str, Any]:
    """The names that our frame knows, for a page of Datasette's own; nothing for pages of ours."""
    if request is None or view is None:
        return {}
    return PageRequest.unchecked(datasette, request).context() | {"counted": COUNTED, "whole": whole, "q": ""}
