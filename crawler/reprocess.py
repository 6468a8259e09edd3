"""Run the stages over pages that are kept: new rules, no network."""

from collections import Counter
from datetime import datetime

import click

from archive.digests.alerts import evaluate
from archive.model import Article, Outcome
from archive.pages import RawPage, newest_page_ids
from archive.pages import load as load_page
from archive.stories.grouping import rebuild
from crawler.sources import Source
from crawler.workspace import Workspace
from pipelines.item import Item, Page
from pipelines.stages import run_stages


def reprocess(
    workspace: Workspace, source: str | None = None, since: datetime | None = None, *, progress: bool = False
) -> Counter[str]:
    """Read the newest page of every address anew; differences become ``extractor`` versions, stories join anew.

    Returns how often each outcome came.
    """
    outcomes: Counter[str] = Counter()
    ids = newest_page_ids(workspace.pages, source, since)
    with click.progressbar(ids, label="reprocess", hidden=not progress) as bar:
        for page_id in bar:
            item = item_of(load_page(workspace.pages, page_id), workspace)
            outcomes[_walk(item, workspace)] += 1
    rebuild(workspace.archive, workspace.now(), since)
    evaluate(workspace.archive, workspace.alerts, workspace.now())
    return outcomes


def item_of(raw: RawPage, workspace: Workspace) -> Item:
    """A stored page as a draft, with the rules its source has today."""
    source: Source | None = workspace.sources.by_key.get(raw.source)
    page = Page(raw.url, raw.body, raw.fetched_at, raw.content_type)
    item = Item(Article(raw.url, raw.source), page=page, reprocessed=True)
    if source:
        item.rules, item.keep, item.outlet_name = source.rules, source.keep, source.name
    return item


def _walk(item: Item, workspace: Workspace) -> Outcome:
    try:
        return run_stages(item, workspace.context).outcome or Outcome.FAILED
    except Exception as error:  # noqa: BLE001 - this page is failed, the next ones go on
        click.echo(f"diemtin: {item.article.url}: {type(error).__name__}: {error}", err=True)
        return Outcome.FAILED
