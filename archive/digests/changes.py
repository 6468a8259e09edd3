"""What happened to articles a digest told of: edits, take-downs, and stories put back."""

import sqlite3
from datetime import timedelta

from archive.clock import HANOI, moment, stamp
from archive.digests.config import Digest
from archive.digests.content import Change
from archive.digests.schedule import Window
from archive.revisions.changes import from_json, headline

LOOK_BACK = timedelta(
    days=1
)  # a change is stamped before it is committed: it may come to light after its window

_OURS = """exists (select 1 from matches m where m.article_id = a.id
                   and m.alert >= :low and m.alert < :high and m.matched_at <= :until)"""
_EDITS = f"""
    select 'edit:' || v.id, v.seen_at, v.changes, a.id, a.source, a.title, a.url
    from versions v join articles a on a.id = v.article_id
    where a.changed_at > :since and v.kind = 'edit' and v.seen_at > :since and v.seen_at <= :until and {_OURS}
    order by v.id
"""
_STATES = f"""
    select s.state || ':' || s.article_id || ':' || s.at, s.at, s.state, a.id, a.source, a.title, a.url,
           (select max(at) from states f where f.article_id = a.id and f.state = 'suspected' and f.at <= s.at)
    from states s join articles a on a.id = s.article_id
    where s.at > :since and s.at <= :until and {_OURS}
      and (s.state = 'gone' or s.state = 'live' and
           (select state from states b where b.article_id = a.id and b.rowid < s.rowid
            order by b.rowid desc limit 1) = 'gone')
    order by s.rowid
"""


def bounds(digest: Digest, window: Window) -> dict[str, str]:
    """A digest's rules are named ``digest/rule``: one range of names; and the ends of the window."""
    return {
        "low": f"{digest.name}/",
        "high": f"{digest.name}0",
        "after": stamp(window.covers_from),
        "until": stamp(window.covers_to),
    }


def changes_in(conn: sqlite3.Connection, digest: Digest, window: Window) -> list[Change]:
    """Edits and take-downs in the window, of articles the digest tells of in it or told of before.

    One that was stamped a little before the window but is in no earlier edition is told too.
    """
    given = bounds(digest, window) | {"since": stamp(window.covers_from - LOOK_BACK)}
    outlets = dict(conn.execute("select key, name from sources"))
    known = _known(conn, digest, given["since"])
    first = conn.execute("select min(covers_from) from digests where name = ?", [digest.name]).fetchone()[0]
    edits = [(*row[:2], "edit", edited(row[2]), *row[3:]) for row in conn.execute(_EDITS, given)]
    states = [
        (*row[:2], row[2], _taken_down(row[1], row[7]) if row[2] == "gone" else "Đã đăng lại", *row[3:7])
        for row in conn.execute(_STATES, given)
    ]
    return [
        Change(change, kind, article_id, outlets.get(source) or source, title, url, archive, at, sentence)
        for change, at, kind, sentence, article_id, source, title, url in sorted(
            edits + states, key=lambda r: r[1]
        )
        if change not in known and at > (first or given["after"])
        for archive in [f"{digest.archive_url}/bai/{article_id}"]
    ]


def _known(conn: sqlite3.Connection, digest: Digest, since: str) -> set[str]:
    """The changes that editions of the last days told."""
    sql = """select json_extract(one.value, '$.id') from digests d, json_each(d.content, '$.changes') one
             where d.name = ? and d.covers_to >= ?"""
    return {row[0] for row in conn.execute(sql, [digest.name, since])}


def edited(changes: str) -> str:
    """``Đã sửa: 7,8% → 6,8%`` of what ``versions.changes`` holds."""
    said = headline(from_json(changes))
    return f"Đã sửa: {said}" if said else "Đã sửa"


def _taken_down(confirmed: str, suspected: str | None) -> str:
    """``Đã gỡ (phát hiện 14/3, xác nhận 15/3)``."""
    when = f"xác nhận {_day(confirmed)}"
    return f"Đã gỡ (phát hiện {_day(suspected)}, {when})" if suspected else f"Đã gỡ ({when})"


def _day(text: str) -> str:
    local = moment(text).astimezone(HANOI)
    return f"{local.day}/{local.month}"
