"""Run the stages over pages that are kept: new rules, no network."""

from collections import Counter
from datetime import datetime

import click

from archive.alerts import evaluate
from archive.model import Article, Outcome
from archive.pages import RawPage, newest_page_ids
from archive.pages import load as load_page
from archive.stories import rebuild
from crawler.shift import Shift
from crawler.sources import Source
from pipelines.draft import Draft, Page
from pipelines.stages import walk


def reprocess(
    shift: Shift, source: str | None = None, since: datetime | None = None, *, progress: bool = False
) -> Counter[str]:
    """Read the newest page of every address anew; differences become ``extractor`` versions, stories join anew.

    Returns how often each outcome came.
    """
    outcomes: Counter[str] = Counter()
    ids = newest_page_ids(shift.pages, source, since)
    with click.progressbar(ids, label="reprocess", hidden=not progress) as bar:
        for page_id in bar:
            draft = draft_of(load_page(shift.pages, page_id), shift)
            outcomes[_walk(draft, shift)] += 1
    rebuild(shift.archive, shift.now(), since)
    evaluate(shift.archive, shift.alerts, shift.now())
    return outcomes


def draft_of(raw: RawPage, shift: Shift) -> Draft:
    """A stored page as a draft, with the rules its source has today."""
    source: Source | None = shift.sources.by_key.get(raw.source)
    page = Page(raw.url, raw.body, raw.fetched_at, raw.content_type)
    draft = Draft(Article(raw.url, raw.source), page=page, reprocessed=True)
    if source:
        draft.rules, draft.keep, draft.outlet_name = source.rules, source.keep, source.name
    return draft


def _walk(draft: Draft, shift: Shift) -> Outcome:
    try:
        return walk(draft, shift.desk).outcome or Outcome.FAILED
    except Exception as error:  # noqa: BLE001 - this page is failed, the next ones go on
        click.echo(f"diemtin: {draft.article.url}: {type(error).__name__}: {error}", err=True)
        return Outcome.FAILED
