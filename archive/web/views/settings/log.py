"""``/cai-dat/nhat-ky``: who changed what, and when: settings, choices, approvals, accounts."""

import asyncio
from contextlib import closing
from typing import Any

from datasette.utils.asgi import Response

from archive.desk import log as desk_log
from archive.desk.db import open_desk
from archive.reasons import parse
from archive.web.request import PageRequest
from archive.web.views.settings.store import home_of

PAGE = 100


async def log(req: PageRequest) -> Response:
    """A page of the log, newest first, of one person or digest where the address names one."""
    before, who, digest = req.arg("truoc"), req.arg("ai"), req.arg("ban")
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None

    def read() -> list[desk_log.LogEntry]:
        with closing(open_desk(home_of(req).desk_db)) as desk:
            by = who or None
            return desk_log.entries(desk, limit=PAGE + 1, before_id=before_id, digest=digest, by=by)

    entries = await asyncio.to_thread(read)
    rows = [(entry, _changes(entry.what)) for entry in entries[:PAGE]]
    return await req.render(
        "settings/log.html",
        rows=rows,
        more=len(entries) > PAGE,
        who=who,
        digest=digest,
        first=before_id is None,
    )


def _changes(what: str) -> list[tuple[str, str, str]]:
    """The values that a change of settings noted: their place, before, after."""
    changes: Any = parse(what)[1].get("changes")
    if not isinstance(changes, dict):
        return []
    return [(place, str(pair[0]), str(pair[1])) for place, pair in changes.items()]
