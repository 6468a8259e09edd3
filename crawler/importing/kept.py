"""Takes over the lines of an export: the article, and what its archive saw of it, in one transaction."""

from typing import Any

import msgspec

from archive.articles import is_kept
from archive.articles.headlines import announce, is_unread
from archive.articles.history import KeptArticle, take_over
from archive.db import writing
from archive.model import Outcome
from crawler.importing.texts import clean
from crawler.workspace import Workspace
from pipelines.classify import classify
from pipelines.figures import figures
from pipelines.fingerprint import fingerprint
from pipelines.item import Item, Keep
from pipelines.stages import run_stages
from pipelines.store import store

_STAGES = (classify, figures, fingerprint)  # what it was read off and judged by, the other archive has done


def kept_of(record: dict[str, Any]) -> KeptArticle:
    """A line of an export; raises msgspec.ValidationError saying what is wrong with it."""
    return msgspec.convert(clean(record), KeptArticle)


def store_kept(workspace: Workspace, kept: KeptArticle, keep: Keep) -> Outcome:
    """Store an article that is not here yet, with its past; one that is here stays as it is."""
    archive = workspace.archive
    if _is_here(workspace, kept):
        return Outcome.UNCHANGED
    item = run_stages(Item(kept.article(), keep=keep, wanted=True), workspace.context, _STAGES)
    if item.outcome is not None:
        return item.outcome
    if kept.unread:
        item.article.level = item.article.level or kept.level  # judged with the list that named it
    with writing(archive):
        if _is_here(workspace, kept):  # a crawl brought it meanwhile
            return Outcome.UNCHANGED
        if kept.unread:
            announce(archive, [item.article], kept.first_seen_at)
        else:
            store(item, workspace.context)
        _give_past(workspace, item, kept)
    return Outcome.STORED if kept.unread else item.outcome or Outcome.FAILED


def _is_here(workspace: Workspace, kept: KeptArticle) -> bool:
    archive = workspace.archive
    return is_kept(archive, kept.url) or (bool(kept.unread) and is_unread(archive, kept.url))


def _give_past(workspace: Workspace, item: Item, kept: KeptArticle) -> None:
    """Only to the row of this address: a twin under another one has its own past."""
    sql = "select id from articles where url = ?"
    row = workspace.archive.execute(sql, [kept.url]).fetchone()
    if row is not None and item.outcome in (None, Outcome.STORED):
        take_over(workspace.archive, row[0], kept)
