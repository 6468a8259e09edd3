"""What one process works with: the home's databases, the config, and the context that the stages consult."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import click
from sqlite_utils import Database

from archive.clock import Clock, local_time, stamp, utc_now
from archive.databases.faults import fault_of
from archive.databases.partners import find_losses, note_desk
from archive.db import LONG_WAIT, WAIT, reading, writing
from archive.digests.alerts import FIRST_WINDOW, articles_of
from archive.digests.config import Alerts, load_alerts
from archive.home import Home
from archive.i18n import current
from archive.model import Article, Outcome
from archive.pages import RawPage, open_pages
from archive.schema import open_archive
from archive.search.lexicon import lexicon_of
from crawler.sources import Sources, home_sources, item_of
from pipelines.item import Context, ContextFiles, Item, Page
from pipelines.pool import ReaderPool
from pipelines.stages import READING, fault, run_safely
from pipelines.stages import store as put_into_archive

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The opened home."""

    home: Home
    sources: Sources
    alerts: Alerts
    context: Context
    archive: Database
    pages: Database
    now: Clock
    reader_pool: ReaderPool

    def stored_item(self, raw: RawPage, **more: Any) -> Item:
        """A raw page that is kept, before the stages, with the rules its source has today."""
        page = Page(raw.url, raw.body, raw.fetched_at, raw.content_type)
        article = Article(raw.url, raw.source)
        return item_of(page, self.sources.by_key.get(raw.source), article=article, reprocessed=True, **more)

    def read(self, item: Item) -> Item:
        """The item after the reading stages; where one breaks on it, it is ``failed``."""
        return run_safely(item, self.context, READING)

    def store(self, item: Item) -> Outcome:
        """Send an item through all stages; where one breaks on it, it is ``failed`` and the next ones go on."""
        return self.store_read(self.read(item))

    def store_read(self, item: Item) -> Outcome:
        """As :meth:`store`, an item that went through the reading stages."""
        try:
            outcome = item.outcome or self._put(item)
        except Exception as error:
            if fault_of(error):  # of the databases, not of the item
                raise
            outcome, item.reason = Outcome.FAILED, fault(error)
        if outcome is Outcome.FAILED:
            size = len(item.page.body) if item.page else len(item.article.body)
            why = current().reason(item.reason)
            click.echo(current()("cli.store.failed", url=item.article.url[:300], size=size, why=why), err=True)
        return outcome

    def _put(self, item: Item) -> Outcome:
        put_into_archive(item, self.context)
        return item.outcome or Outcome.FAILED


@contextmanager
def open_workspace(home: Home, now: Clock = utc_now, *, looking: bool = False) -> Iterator[Workspace]:
    """Read the config, open both databases, and note the sources and topics in archive.db.

    Config is read before any file is written; raises ConfigError for what the user must mend. ``looking``: all
    that is written to archive.db is taken back in the end.
    """
    sources = home_sources(home)
    context_files = ContextFiles.of(home, sources.families)
    context = context_files.load(now)
    known = lexicon_of(home.archive_db, context.places)
    alerts = load_alerts(
        home.config("alerts.yml"), places=context.places, topics=context.topics.topics, lexicon=known
    )
    patience = WAIT if looking else LONG_WAIT
    archive, pages = open_archive(home.archive_db, patience), open_pages(home.pages_db, patience)
    reader_pool = ReaderPool(context_files, context)
    try:
        if looking:
            archive.execute("begin immediate")
        else:
            _set_clock_right(home, archive, pages, now())
        _note_config(archive, sources, context, now())
        workspace = Workspace(
            home, sources, alerts, replace(context, db=archive), archive, pages, now, reader_pool
        )
        if not looking:
            _compare(workspace)
        yield workspace
    finally:
        reader_pool.close()
        archive.close()  # a transaction that is still open leaves no trace
        pages.close()


def _set_clock_right(home: Home, archive: Database, pages: Database, now: datetime) -> None:
    """Set right what a clock that was ahead left in the databases, and say so."""
    from archive.health.clock import judge

    if judge(archive, now) != "ahead":
        return
    from archive.health.corrected import set_right

    if jump := set_right(archive, pages, home.desk_db, now):
        was, became = local_time(jump.was[1]), local_time(jump.became[1])
        line = current()("clock.mended", was=was, became=became)
        log.warning("%s", line)
        click.echo(f"diemtin: {line}", err=True)


def _compare(workspace: Workspace) -> None:
    """Mend what one of the databases lacks of what another one saw of it, and say so."""
    if find_losses(workspace.archive, workspace.pages):
        from crawler.state.mending import mend, told

        if line := told(mend(workspace)):
            click.echo(f"diemtin: {line}", err=True)
    if note_desk(workspace.archive, workspace.home.desk_db, workspace.now()):
        click.echo(f"diemtin: {current()('mending.desk')}", err=True)
    _withhold(workspace)


def _withhold(workspace: Workspace) -> None:
    """What the register of removals decided holds for every archive, also one that came back without it."""
    if not workspace.home.desk_db.exists():
        return
    from archive.desk.removals import withhold

    with reading(workspace.home.desk_db) as desk:
        if desk.table("removals").exists():
            withhold(desk, workspace.archive, workspace.now())


def _note_config(archive: Database, sources: Sources, context: Context, now: datetime) -> None:
    rows = [
        {
            "key": source.key,
            "name": source.name,
            "home": source.home,
            "kind": source.kind,
            "state": source.state,
            "every": int(source.every.total_seconds()),
            "expect": json.dumps(source.expect),
            "agreed": source.agreed,
        }
        for source in sources.by_key.values()
    ]
    with writing(archive):
        _note_old_names(archive, sources, now)
        archive.execute("update sources set state = 'removed'")
        archive.table("sources").upsert_all(rows, pk="key")
        known = dict(archive.execute("select key, query from topics"))
        archive.execute("delete from topics")
        archive.table("topics").insert_all(
            {
                "key": key,
                "name": topic.name,
                "name_en": topic.name_en,
                "query": topic.query,
                "weight": topic.weight,
                "words": json.dumps(topic.words, ensure_ascii=False),
            }
            for key, topic in context.topics.topics.items()
        )
        topics = context.topics.topics.items()
        changed = [key for key, topic in topics if known and known.get(key) != topic.query]
        if changed:
            _classify_anew(archive, context, changed, now)


def _note_old_names(archive: Database, sources: Sources, now: datetime) -> None:
    named = archive.execute("select key, name from sources").fetchall()
    renamed = [(key, name) for key, name in named if key in sources.by_key and sources.by_key[key].name != name]
    for key, name in renamed:
        archive.execute("insert or replace into source_names values (?, ?, ?)", [key, name, stamp(now)])


def _classify_anew(archive: Database, context: Context, changed: list[str], now: datetime) -> None:
    """Give what came since the last editions the new or changed topics; their rules are matched anew."""
    from pipelines.classify import topics_of

    since = archive.execute(
        """select min(at) from (select max(covers_to) at from digests
           where name in (select digest from alerts) group by name union select ?)""",
        [stamp(now - FIRST_WINDOW)],
    ).fetchone()[0]
    ids = [row[0] for row in archive.execute("select id from articles where first_seen_at > ?", [since])]
    for article_id, article in articles_of(archive, ids).items():
        keys = topics_of(article, context)
        for topic in changed:
            row = [topic, article_id]
            archive.execute("delete from article_topics where topic = ? and article_id = ?", row)
            if topic in keys:
                archive.execute("insert into article_topics (topic, article_id) values (?, ?)", row)
    archive.conn.executemany("update alerts set query = '' where instr(query, ?)", [[key] for key in changed])
