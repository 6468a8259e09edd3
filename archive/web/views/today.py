"""``/`` Hôm nay: the last 24 hours."""

import sqlite3
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Request, Response

from archive import health
from archive.revisions.changes import headline
from archive.web.excerpts import figures_line
from archive.web.queries import today as queries
from archive.web.request import Visit

if TYPE_CHECKING:
    from datasette.app import Datasette


async def today(datasette: "Datasette", request: Request) -> Response:
    """The front page."""
    visit = await Visit.of(datasette, request)

    def gather(conn: sqlite3.Connection) -> dict[str, Any]:
        groups = queries.groups(conn, visit.now)
        sources = health.report(conn, visit.now)
        return {
            "groups": groups,
            "stories": sum(len(group.stories) for group in groups),
            "newest": [] if groups else queries.newest(conn),
            "anything": queries.anything(conn),
            "edited": queries.edited(conn, visit.now, figures_line if visit.public else headline),
            "gone": queries.taken_down(conn, visit.now),
            "sources": sources,
            "alarming": [source for source in sources if source.level in ("red", "amber")],
        }

    return await visit.page("today.html", **await visit.ask(gather))
