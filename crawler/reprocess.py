"""Run the stages over pages that are kept: new rules, no network."""

from collections import Counter
from datetime import datetime

import click

from archive.digests.alerts import evaluate
from archive.pages import load as load_page
from archive.pages import newest_page_ids
from archive.stories.grouping import rebuild
from crawler.bulk import BulkReading, page_size, reading_by, some_ahead
from crawler.workspace import Workspace


def reprocess(
    workspace: Workspace,
    source: str | None = None,
    since: datetime | None = None,
    *,
    progress: bool = False,
    reading: BulkReading | None = None,
) -> Counter[str]:
    """Read the newest page of every address anew; differences become ``extractor`` versions, stories join anew.

    Returns how often each outcome came. ``reading``: who reads, this process where nobody is named.
    """
    outcomes: Counter[str] = Counter()
    ids = newest_page_ids(workspace.pages, source, since)
    reading = reading or reading_by(workspace.read)
    with click.progressbar(ids, label="reprocess", hidden=not progress) as bar:
        items = (workspace.stored_item(load_page(workspace.pages, page_id)) for page_id in bar)
        begun = ((reading.begin(item), page_size(item)) for item in items)
        for read, _ in some_ahead(begun, reading.ahead, lambda one: one[1]):
            outcomes[workspace.store_read(read())] += 1
    rebuild(workspace.archive, workspace.now(), since)
    evaluate(workspace.archive, workspace.alerts, workspace.now())
    return outcomes
