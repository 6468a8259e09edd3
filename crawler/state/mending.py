"""archive.db or pages.db lacks what the other one saw: what is missing is read off kept pages, or is due whole.

Every opening for work compares the two (``archive.databases.partners``). Addresses whose article the archive
lacks are visited without validators, however old they are: «304, unchanged» would hide for good that it is
gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from archive.articles.headlines import announce, note_unread
from archive.articles.losses import held, note_losses
from archive.clock import moment, stamp
from archive.databases.partners import Losses, agree, begin_mending, find_losses
from archive.db import reading, writing
from archive.i18n import current
from archive.model import Outcome
from archive.pages import load
from crawler.listings import Link
from crawler.state import frontier, proofs
from crawler.state.headlines import headlines
from crawler.state.proofs import READ, LastEnd
from crawler.workspace import Workspace
from pipelines.item import Context, Item, Keep
from pipelines.stages import run_stages

_DESK_IDS = "select max(id) from ({})".format(
    " union all ".join(
        f"select max(article_id) id from {table}" for table in ("choices", "notes", "reads", "register")
    )
)


@dataclass(slots=True)
class Mended:
    """What was found and done: articles that archive.db lacked, those read off kept pages, rows of pages.db."""

    missing: int = 0
    read: int = 0
    headlines: int = 0
    addresses: int = 0


def mend(workspace: Workspace) -> tuple[Losses, Mended] | None:
    """Compare the two databases and do what follows; None where they fit. One process does it, others wait.

    Killed over it, the next opening begins anew: nothing is done twice by that.
    """
    if not find_losses(workspace.archive, workspace.pages):
        return None
    with workspace.home.lock("mending", wait=True):
        losses = find_losses(workspace.archive, workspace.pages)
        if not losses:
            return None
        begin_mending(workspace.pages, losses)
        done = _mend(workspace, losses)
        agree(workspace.archive, workspace.pages, losses)
    found = replace(losses, archive=losses.archive or (losses.unmet and done.missing > 0), unmet=False)
    return (found, done) if found else None


def _mend(workspace: Workspace, losses: Losses) -> Mended:
    done = Mended()
    if losses.archive or losses.unmet:
        _keep_ids(workspace)
        for end in proofs.last_ends(workspace.pages):
            _mend_article(workspace, end, done)
    if losses.archive:
        proofs.forget_validators_of_lists(workspace.pages)
        done.headlines = _announce_again(workspace)
    if losses.pages:
        done.addresses = _follow_again(workspace)
    note_losses(workspace.archive, proofs.lost(workspace.pages), workspace.now())
    return done


def _keep_ids(workspace: Workspace) -> None:
    """Numbers of articles that were given before are given to no other article: the desk's notes name them."""
    known = [workspace.pages.execute("select max(article_id) from addresses").fetchone()[0]]
    if workspace.home.desk_db.exists():
        with reading(workspace.home.desk_db) as desk:
            if desk.table("register").exists():
                known.append(desk.execute(_DESK_IDS).fetchone()[0])
    least = max((one for one in known if one), default=0) + 1
    workspace.archive.execute("update partners set next_id = max(next_id, ?)", [least])


def _mend_article(workspace: Workspace, end: LastEnd, done: Mended) -> None:
    if _stands(workspace.archive, end):
        return
    done.missing += 1
    if end.outcome in READ or not _row(workspace.archive, end):
        _read_kept_pages(workspace, end)
    if end.outcome in READ and held(workspace.archive, end.article_url, end.text_sha256):
        done.read += 1
    else:
        proofs.look_whole(workspace.pages, end.url, workspace.now())


def _stands(archive: Database, end: LastEnd) -> bool:
    """Whether the archive holds what the last visit left: the text, or that the page is gone."""
    if end.outcome in READ:
        return held(archive, end.article_url, end.text_sha256)
    row = _row(archive, end)
    return bool(row[0] == "gone" or row[1]) if row else not end.ever_stored


def _row(archive: Database, end: LastEnd) -> tuple[Any, ...] | None:
    sql = "select state, suspected_at, id from articles where url = ? and unread = ''"
    row: tuple[Any, ...] | None = archive.execute(sql, [end.article_url]).fetchone()
    return row


def _read_kept_pages(workspace: Workspace, end: LastEnd) -> None:
    """Store the article from its kept pages, each at the time it was fetched: the same versions as before."""
    source = workspace.sources.by_key.get(end.source)
    keep: Keep = "all" if end.wanted or source is None else source.keep
    for at, item in _kept_items(workspace, end):
        kept = held(workspace.archive, end.article_url)
        run_stages(replace(item, keep="all" if kept else keep), _context_at(workspace, at))
    if not held(workspace.archive, end.article_url):  # its rules are others today
        for at, item in list(_kept_items(workspace, end))[-1:]:
            run_stages(item, _context_at(workspace, at))


def _context_at(workspace: Workspace, at: datetime) -> Context:
    return replace(workspace.context, now=lambda: at)


def _kept_items(workspace: Workspace, end: LastEnd) -> Iterator[tuple[datetime, Item]]:
    """The pages that are kept of an address since the newest version, oldest first, before the stages."""
    sql = """select max(v.seen_at) from versions v join articles a on a.id = v.article_id where a.url = ?"""
    since = workspace.archive.execute(sql, [end.article_url]).fetchone()[0] or ""
    rows = workspace.pages.execute(
        "select id from pages where url in (?, ?) and fetched_at > ? order by id",
        [end.article_url, end.url, since],
    ).fetchall()
    hint = frontier.hint_of(workspace.pages, end.url)
    for (page_id,) in rows:
        raw = load(workspace.pages, page_id)
        item = workspace.stored_item(raw, keep="all", hint=hint)
        yield raw.fetched_at, replace(item, reprocessed=False, article_id=end.article_id)


def _announce_again(workspace: Workspace) -> int:
    """Headlines that the archive lost, as the lists gave them when they named the address first."""
    count = 0
    for source in workspace.sources.by_key.values():
        for url, found_at, why in proofs.unread(workspace.pages, source.key):
            hint, at = frontier.hint_of(workspace.pages, url), moment(found_at)
            link = Link(url, hint.title, hint.published_at, hint.summary)
            if found := announce(workspace.archive, headlines([link], source, workspace.context, at), at):
                count += found
                if why:
                    note_unread(workspace.archive, url, why)
    return count


def _follow_again(workspace: Workspace) -> int:
    """Addresses that pages.db lost, from the archive: its articles go on being visited at the usual ages."""
    rows = workspace.archive.query(
        """select id, url, source, sha256, first_seen_at, published_at, unread, title, lead, state
           from articles where url like 'http%' and (read_by <> '' or unread <> '') order by id"""
    )
    known = [row for row in rows if row["source"] in workspace.sources.by_key]
    with writing(workspace.pages):
        return sum(proofs.add_known(workspace.pages, _address(workspace, row)) for row in known)


def _address(workspace: Workspace, row: dict[str, Any]) -> dict[str, Any]:
    """An article of the archive as a row of pages.db, due while it is young."""
    now, oldest = workspace.now(), max(workspace.sources.revisit, default=timedelta())
    seen, gone = row["first_seen_at"], row["state"] == "gone"
    given = {"url": row["url"], "source": row["source"], "found_at": seen, "published_at": row["published_at"]}
    if row["unread"]:
        return given | {
            "hint": frontier.hint_text(row["title"], row["lead"]),
            "next_at": None if gone else stamp(now),
        }
    return given | {
        "outcome": str(Outcome.GONE if gone else Outcome.STORED),
        "next_at": stamp(now) if now - moment(seen) < oldest else None,
        "ended_at": seen,
        "article_id": row["id"],
        "text_sha256": row["sha256"],
    }


def told(mended: tuple[Losses, Mended] | None) -> str:
    """What was found and done, in a line; '' where the databases fit."""
    if mended is None:
        return ""
    losses, done = mended
    words, lines = current(), []
    if losses.archive:
        lines.append(words("mending.archive", n=done.missing, read=done.read, left=done.missing - done.read))
    if losses.pages:
        lines.append(words("mending.pages", n=done.addresses))
    return " ".join(lines)
