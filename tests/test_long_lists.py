"""Lists of very many links: what is fresh is there at once, wherever it stands, the rest between pages."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archive.clock import utc_now
from archive.model import Outcome
from crawler.listings import Link
from crawler.state import noting
from crawler.state.local import LocalState
from crawler.state.messages import ListingRead, PageEnded, RunEnded
from crawler.workspace import Workspace, open_workspace
from tests.refusing_site import NAMED, write_home

LIST = "http://127.0.0.1:9/rss"
OLD, SLICE = 23, 5


def url(number: int) -> str:
    return f"http://127.0.0.1:9/bai-{number}.html"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(noting, "SLICE", SLICE)
    with open_workspace(write_home(tmp_path, "http://127.0.0.1:9")) as opened:
        yield opened


def listing(run: int) -> ListingRead:
    """A list whose one story of today stands last."""
    now = utc_now()
    links = [Link(url(n), f"{NAMED} {n}", now - timedelta(days=30)) for n in range(OLD)]
    links.append(Link(url(OLD), NAMED, now))
    return ListingRead(run, LIST, status=200, items=len(links), articles=tuple(links), etag="1")


def count(workspace: Workspace) -> tuple[int, int, bool]:
    """Addresses, headlines, and whether the list was read."""
    (addresses,) = workspace.pages.execute("select count(*) from addresses").fetchone()
    (headlines,) = workspace.archive.execute("select count(*) from articles").fetchone()
    read = workspace.pages.execute("select 1 from lists where url = ? and fetched_at > ''", [LIST])
    return addresses, headlines, read.fetchone() is not None


def test_what_is_fresh_is_handed_out_before_the_rest_is_noted(workspace: Workspace) -> None:
    state = LocalState(workspace)
    run = state.due("thu").run
    due = state.listing_read(listing(run))
    assert (due.pages[0].url, due.pages[0].first) == (url(OLD), True)
    assert workspace.archive.execute("select url from articles where url = ?", [url(OLD)]).fetchone()
    assert count(workspace) == (SLICE, SLICE, False)
    for seen in range(2, 6):
        state.page_ended(PageEnded(run, due.pages[0].url, Outcome.FAILED, "timeout"))
        assert count(workspace) == (min(seen * SLICE, OLD + 1), min(seen * SLICE, OLD + 1), False)
    state.page_ended(PageEnded(run, due.pages[1].url, Outcome.FAILED, "timeout"))
    assert count(workspace) == (OLD + 1, OLD + 1, True)


def test_a_crawl_that_waits_for_nothing_notes_more_until_there_are_pages(workspace: Workspace) -> None:
    state = LocalState(workspace)
    run = state.due("thu").run
    handed = {page.url for page in state.listing_read(listing(run)).pages}
    while pages := state.more(run).pages:
        handed |= {page.url for page in pages}
    assert len(handed) == OLD + 1
    assert count(workspace)[2]


def test_a_list_that_a_stop_cut_short_goes_on_where_it_was(workspace: Workspace) -> None:
    state = LocalState(workspace)
    run = state.due("thu").run
    state.listing_read(listing(run))
    state.run_ended(RunEnded(run, "shutdown"))
    due = state.due("thu")
    assert [one.etag for one in due.lists] == [None]
    state.listing_read(listing(due.run))
    assert count(workspace) == (2 * SLICE, 2 * SLICE, False)
