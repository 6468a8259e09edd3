"""What happened to articles of a digest's editions: edits, take-downs, and articles put back."""

from datetime import timedelta

from sqlite_utils import Database

from archive.clock import stamp
from archive.digests.config import Digest
from archive.digests.content import EditionChange
from archive.digests.schedule import Window
from archive.revisions.changes import from_json
from archive.revisions.events import IS_TOLD, SUSPECTED, edited, state

LOOK_BACK = timedelta(days=1)  # a change is stamped before it is committed, maybe after its window was read

_LEFT_OUT = """exists (select 1 from digests d, json_each(d.content, '$.left_ids') one
    where d.name = :name and m.matched_at > d.covers_from and m.matched_at <= d.covers_to
      and one.value = m.article_id)"""  # an editor left this match out of its edition
_OURS = f"""exists (select 1 from matches m where m.article_id = a.id
                   and m.alert >= :low and m.alert < :high and m.matched_at <= :until and not {_LEFT_OUT})"""
_EDITS = f"""
    select 'edit:' || v.id, v.seen_at, v.changes, a.id, a.source, a.title, a.url
    from versions v join articles a on a.id = v.article_id
    where a.changed_at > :since and v.kind = 'edit' and v.seen_at > :since and v.seen_at <= :until and {_OURS}
    order by v.id
"""
_STATES = f"""
    select s.state || ':' || s.article_id || ':' || s.at, s.at, s.state, a.id, a.source, a.title, a.url,
           {SUSPECTED}
    from states s join articles a on a.id = s.article_id
    where s.at > :since and s.at <= :until and {_OURS} and {IS_TOLD}
    order by s.rowid
"""


def bounds(digest: Digest, window: Window) -> dict[str, str]:
    """A digest's rules are named ``digest/rule``: one range of names; and the ends of the window."""
    return {
        "name": digest.name,
        "low": f"{digest.name}/",
        "high": f"{digest.name}0",
        "after": stamp(window.covers_from),
        "until": stamp(window.covers_to),
    }


def changes_in(db: Database, digest: Digest, window: Window) -> list[EditionChange]:
    """Edits and take-downs in the window, of articles in this edition of the digest or an earlier one.

    What an editor left out of its edition stays out. One that was stamped a little before the window but is in
    no earlier edition is taken too.
    """
    params = bounds(digest, window) | {"since": stamp(window.covers_from - LOOK_BACK)}
    outlets = dict(db.execute("select key, name from sources"))
    known = _known(db, digest, params["since"])
    first = db.execute("select min(covers_from) from digests where name = ?", [digest.name]).fetchone()[0]
    edits = [(*row[:2], "edit", edited(from_json(row[2])), *row[3:]) for row in db.execute(_EDITS, params)]
    states = [(*row[:3], state(row[1], row[2], row[7]), *row[3:7]) for row in db.execute(_STATES, params)]
    return [
        EditionChange(
            id=change,
            kind=kind,
            article_id=article_id,
            outlet=outlets.get(source) or source,
            title=title,
            url=url,
            archive_url=f"{digest.archive_url}/bai/{article_id}",
            at=at,
            sentence=sentence,
        )
        for change, at, kind, sentence, article_id, source, title, url in sorted(
            edits + states, key=lambda row: row[1]
        )
        if change not in known and at > (first or params["after"])
    ]


def _known(db: Database, digest: Digest, since: str) -> set[str]:
    """The changes that editions of the last days hold."""
    sql = """select json_extract(one.value, '$.id') from digests d, json_each(d.content, '$.changes') one
             where d.name = ? and d.covers_to >= ?"""
    return {row[0] for row in db.execute(sql, [digest.name, since])}
