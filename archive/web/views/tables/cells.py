"""What a cell of a table shows: links to our pages, times in Hà Nội, long texts cut."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from markupsafe import Markup

from archive.formats import Formats
from archive.i18n import Words

if TYPE_CHECKING:
    from datasette.app import Datasette

LONGEST = 200  # characters of a text in a list; the row's own page shows all of it
WIDE = 40  # characters from which a text needs a wide column
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)")
_KEY = re.compile(r"[\w-]+")
_ARTICLE = frozenset({"article_id", "first_article_id", "founder_article_id", "other_id"})
_LINKS = {"digest_id": "/ban-tin/{}", "topic": "/chu-de/{}"}
_OWN = {("articles", "id"): "/bai/{}", ("digests", "id"): "/ban-tin/{}",
        ("topics", "key"): "/chu-de/{}", ("figures", "key"): "/so-lieu/{}"}  # fmt: skip


def cell(row: object, value: object, column: str, table: str | None, datasette: "Datasette") -> Markup | None:
    """The cell as HTML; None leaves it to Datasette, which escapes it."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        return Formats(Words()).exact(value)
    if value is None or value == "" or isinstance(value, bytes):
        return None
    if (table, column) == ("articles", "title"):
        return _link(datasette, f"/bai/{_of(row, 'id')}", value)
    if column == "source" or (table, column) == ("sources", "key"):
        return _link(datasette, f"/tim?{urlencode({'nguon': str(value)})}", value)
    address = "/bai/{}" if column in _ARTICLE else _OWN.get((table or "", column)) or _LINKS.get(column, "")
    if address and _KEY.fullmatch(str(value)):
        return _link(datasette, address.format(value), value)
    if not isinstance(value, str) or len(value) < WIDE or " " not in value:
        return None
    shown = value if len(value) <= LONGEST else value[:LONGEST].rsplit(" ", 1)[0] + "…"
    return Markup('<span class="long">{}</span>').format(shown)


def whole(cell: Mapping[str, Any]) -> object:
    """The cell on its row's own page, where nothing is cut."""
    raw = cell.get("raw")
    return raw if isinstance(raw, str) and len(raw) > LONGEST else cell["value"]


def _link(datasette: "Datasette", path: str, value: object) -> Markup:
    wide = "long" if len(str(value)) >= WIDE else ""
    return Markup('<a class="{}" href="{}">{}</a>').format(wide, datasette.urls.path(path), value)


def _of(row: object, column: str) -> object:
    """A column of the row shown; '' where the query did not ask for it."""
    try:
        return row[column]  # type: ignore[index]
    except (IndexError, KeyError, TypeError):
        return ""
