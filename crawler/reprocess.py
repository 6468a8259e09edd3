"""Run the stages over pages that are kept: new rules, no network."""

from collections import Counter
from datetime import datetime

import click

from archive.digests.alerts import evaluate
from archive.pages import load as load_page
from archive.pages import newest_page_ids
from archive.stories.grouping import rebuild
from crawler.workspace import Workspace


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
            outcomes[workspace.store(workspace.stored_item(load_page(workspace.pages, page_id)))] += 1
    rebuild(workspace.archive, workspace.now(), since)
    evaluate(workspace.archive, workspace.alerts, workspace.now())
    return outcomes
