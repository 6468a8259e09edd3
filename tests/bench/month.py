"""Thirty simulated days of edits, take-downs, comings-back, moves and outages, compared with what truly was.

Some pages are not whole at the first look: a stub, 404 for seventy minutes, a notice, a report that names the
province in its third version only. Lists go on naming what is newest; one outlet is a national one.

    python -m tests.bench month [--outlets 6] [--articles 80] [--days 30] [--seed 30] [--wrong]

The spiders, the stages, the frontier and the archive are the real ones; the clock and the sites are simulated.
``--wrong`` lists what was recorded otherwise than it was.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml
from scrapy import Request
from scrapy.exceptions import CloseSpider
from tabulate import tabulate
from twisted.internet.error import TimeoutError as TimedOut
from twisted.python.failure import Failure

from archive.clock import moment
from archive.home import Home
from crawler.listings import Link
from crawler.sources import Source
from crawler.spiders.loader import spider_class
from crawler.spiders.source import SourceSpider
from crawler.state import backoff, frontier
from crawler.state.local import LocalState
from crawler.state.messages import ListingRead
from crawler.workspace import Workspace, open_workspace
from pipelines.stages import READING, run_stages
from tests.bench.world import DAY, FIRST_WORDS, HOUR, NATIONAL, OTHER, READY, STUB, Truth, World, plan

START = datetime(2026, 9, 1, tzinfo=UTC)
TICK = timedelta(minutes=30)  # between two crawls of a source
AFTER = 3 * DAY  # the crawl goes on so long, so that the last looks and confirmations take place
LASTING = 24 * HOUR  # a take-down is confirmed by looks over at least so long
LAST_LOOK = 31 * HOUR  # the looks that confirm one come 1, 7 and 31 hours after the first


@dataclass(slots=True)
class Clock:
    """The simulated time."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at


def home_for(world: World, folder: Path) -> Home:
    """A home whose sources are the outlets of the world, with the shipped rhythm of looks."""
    keys = sorted({truth.source for truth in world.truths.values()})
    sources = {
        key: {
            "name": f"Báo {key}",
            "home": f"http://{key}.example/",
            "kind": "national" if key == NATIONAL else "provincial",
            "feeds": [f"http://{key}.example/rss.xml"],
            "article": r"/(moi-)?tin-\d+\.html$",
            "keep": "relevant" if key == NATIONAL else "all",
        }
        for key in keys
    }
    home = Home.at(str(folder))
    path = home.path / "config" / "sources.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump({"sources": sources}, allow_unicode=True), encoding="utf-8")
    return home


def live(world: World, workspace: Workspace, clock: Clock, until: datetime) -> None:
    """Crawl every source at each tick until then."""
    named: dict[str, list[Link]] = {}
    while clock.at < until:
        for source in workspace.sources.by_key.values():
            crawl(source, world, workspace, named)
        clock.at += TICK


def crawl(source: Source, world: World, workspace: Workspace, named: dict[str, list[Link]]) -> None:
    """One run of one source, without a network: read its list, visit what is due.

    ``named``: what each list named when it was read last; a run that would find it unchanged and nothing due
    is left out, but for one in six hours.
    """
    now = workspace.now()
    links = [] if world.outage(source.key, now) else world.list_of(source.key, now)
    changed = bool(links) and links != named.get(source.key)
    if backoff.resting(workspace.pages, source.key, now):
        return
    if not (changed or frontier.due(workspace.pages, source.key, now) or now.hour % 6 == now.minute == 0):
        return
    state = LocalState(workspace)
    spider = spider_class(source, workspace.sources)(state, workspace.reader_pool, workspace.now)
    due = spider.begin()
    read = ListingRead(due.run, source.feeds[0], status=200 if changed else 304, articles=tuple(links))
    pages = due.pages
    if links:
        named[source.key] = links
        pages += state.listing_read(read).pages
    state.runs[due.run].lists.fetched = 1
    requests = list(spider.requests(replace(due, lists=(), pages=pages)))
    try:
        for request in requests:
            visit(spider, request, world, workspace)
    except CloseSpider as closed:
        spider.closed(closed.reason)
    else:
        spider.closed("finished")


def visit(spider: SourceSpider, request: Request, world: World, workspace: Workspace) -> None:
    """One page through the spider and the stages."""
    try:
        response = world.answer(request, workspace.now())
    except TimedOut as error:
        failure: Any = Failure(error)  # type: ignore[no-untyped-call]
        failure.request = request
        spider.page_broke(failure)
        return
    for item in spider.parse_page(response, request.cb_kwargs["asked"]):
        run_stages(item, workspace.context, READING)
        spider.item_ended(item, response)


@dataclass(slots=True)
class Tally:
    """What was, what was recorded, and what is wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def compare(world: World, workspace: Workspace, until: datetime) -> Tally:
    """Hold every article's versions, states and looks against the truth."""
    tally = Tally()
    for truth in world.truths.values():
        tally.counts[f"looks at {'ours' if truth.ours else 'others'}"] += len(truth.looks)
        tally.counts["ours" if truth.ours else "others"] += 1
        if not truth.ours:
            continue
        _named(truth, workspace, tally, world, until)
        if not truth.never_ours:
            _versions(truth, workspace, tally)
        _states(truth, workspace, tally)
        _lasting(truth, workspace, tally, world, until)
        _rhythm(truth, workspace, tally, world, until)
    tally.counts["articles"] = len(world.truths)
    tally.counts["looks"] = sum(len(truth.looks) for truth in world.truths.values())
    tally.counts["kept"] = sum(_text_kept(truth, workspace) for truth in world.truths.values())
    tally.counts["seen"] = sum(first_seen(truth) is not None for truth in world.truths.values() if truth.ours)
    if tally.counts["kept"] != tally.counts["seen"]:
        tally.wrong.append(f"{tally.counts['kept']} articles kept, {tally.counts['seen']} were seen")
    return tally


def _named(truth: Truth, workspace: Workspace, tally: Tally, world: World, until: datetime) -> None:
    """What a list named is there with its headline at least, and with its text where that could be read.

    It could where the page was whole and there for a day and a half, which a moved or an edited one is.
    """
    title = workspace.archive.execute(
        "select title from articles where url in (?, ?) order by id", truth.addresses
    ).fetchone()
    tally.counts["named"] += 1
    tally.counts["headlines kept"] += title is not None
    ready = truth.found_at + READY[truth.slow]
    out = world.outages.get(truth.source)
    there = not any(one.start < ready + 1.5 * DAY for one in truth.absences)
    if there and ready + 1.5 * DAY < until and not (out and out[0] < ready + 1.5 * DAY and ready < out[1]):
        tally.counts["readable"] += 1
        tally.counts["texts kept"] += first_seen(truth) is not None
        tally.counts["slow"] += truth.slow != ""
        tally.counts["slow kept"] += truth.slow != "" and first_seen(truth) is not None
        if first_seen(truth) is None:
            tally.wrong.append(f"{truth.url}: {truth.slow or 'there'}, and never read")
    elif title is None:
        tally.wrong.append(f"{truth.url}: named, and no headline of it is kept")


def first_seen(truth: Truth) -> datetime | None:
    """When the article's text was shown first."""
    return next((at for at, shown in truth.looks if shown.isdigit()), None)


def _text_kept(truth: Truth, workspace: Workspace) -> bool:
    sql = "select body from articles where url in (?, ?) and body <> ''"
    bodies = workspace.archive.execute(sql, truth.addresses)
    return not truth.never_ours and any(not unready(body) for (body,) in bodies)


def _versions(truth: Truth, workspace: Workspace, tally: Tally) -> None:
    """Every text that stood at a look is a version, once each time it came."""
    shown = [number for number, _ in groupby(int(shown) for _, shown in _read(truth) if shown.isdigit())]
    sql = """select versions.lead, versions.body from versions join articles on articles.id = article_id
             where url in (?, ?) order by versions.id"""
    found = [f"{lead}\n{body}" for lead, body in workspace.archive.execute(sql, truth.addresses)]
    found = [text for text in found if not unready(text)]
    tally.counts["edits made"] += len(truth.texts) - 1
    tally.counts["edits seen"] += max(len(shown) - 1, 0)
    tally.counts["edits recorded"] += max(len(found) - 1, 0)
    wanted = [truth.texts[number][1] if number != OTHER else None for number in shown]
    if len(wanted) != len(found) or not all(
        one is None or all(part in text for part in (one.lead, *one.paragraphs))
        for one, text in zip(wanted, found, strict=True)
    ):
        tally.wrong.append(f"{truth.url}: texts {shown} were shown, {len(found)} versions kept")


def unready(text: str) -> bool:
    """Whether a text is what stood there before the article was whole."""
    return STUB in text or FIRST_WORDS[0] in text


def _read(truth: Truth) -> Iterator[tuple[datetime, str]]:
    """The looks; another article at the address is a new text from when the old one is known to be gone."""
    states = list(_expected(truth))
    for at, shown in truth.looks:
        before = [state for state, since in states if since < at]
        reused = truth.absences and truth.absences[0].kind == "other" and "gone" in before
        yield at, str(OTHER) if shown == "absent" and reused else shown


def _expected(truth: Truth) -> Iterator[tuple[str, datetime]]:
    """The states that follow from what the looks were shown."""
    suspected: datetime | None = None
    gone = kept = False
    for at, shown in truth.looks:
        absence = truth.absence_at(at)
        kept = kept or shown.isdigit()
        if shown == "absent" and kept and suspected is None:
            suspected = at
            yield "suspected", at
        elif shown == "absent" and suspected and not gone and at - suspected >= LASTING:
            gone = True
            yield "gone", at
        elif suspected and (shown.isdigit() or (shown and gone and absence and absence.kind == "other")):
            yield "live", at
            if absence:
                return
            suspected, gone = None, False


def _states(truth: Truth, workspace: Workspace, tally: Tally) -> None:
    """Take-downs are suspected at the first look, gone after a day of looks, and live again at the first."""
    found, expected = recorded(truth, workspace), list(_expected(truth))
    tally.counts.update(f"{state} expected" for state, _ in expected)
    tally.counts.update(f"{state} recorded" for state, _ in found)
    tally.counts["absences"] += len(truth.absences)
    tally.counts["moved"] += truth.moved_at is not None
    for state, at in found:
        if state == "gone" and truth.absence_at(at) is None:
            tally.counts["false"] += 1
            tally.wrong.append(f"{truth.url}: gone at {at}, though it was there")
    if found != expected:
        tally.wrong.append(f"{truth.url}: states {_told(found)}, expected {_told(expected)}")


def recorded(truth: Truth, workspace: Workspace) -> list[tuple[str, datetime]]:
    """The states the archive has of the article."""
    sql = """select states.state, states.at from states join articles on articles.id = article_id
             where url in (?, ?) order by states.rowid"""
    return [(state, moment(at)) for state, at in workspace.archive.execute(sql, truth.addresses)]


def _told(states: list[tuple[str, datetime]]) -> str:
    return ", ".join(f"{state} {at:%d %H:%M}" for state, at in states)


def _lasting(truth: Truth, workspace: Workspace, tally: Tally, world: World, until: datetime) -> None:
    """A take-down that outlasts the next look that is due, and those that confirm it, must be recorded."""
    first = first_seen(truth)
    if first is None:
        return
    for one in truth.absences:
        looks = [first + age for age in workspace.sources.revisit if first + age >= one.start]
        surely = looks[0] + LAST_LOOK + 4 * TICK if looks else until
        out = world.outages.get(truth.source)
        if surely >= min(one.end, until) or (out and out[0] < surely and one.start < out[1]):
            continue
        tally.counts["lasting"] += 1
        if any(state == "gone" and one.start <= at <= surely for state, at in recorded(truth, workspace)):
            tally.counts["lasting confirmed"] += 1
        else:
            tally.wrong.append(f"{truth.url}: not there from {one.start} to {one.end}, never confirmed")


def _rhythm(truth: Truth, workspace: Workspace, tally: Tally, world: World, until: datetime) -> None:
    """An article without take-down, move and outage is looked at when it is due, at no other time."""
    first = first_seen(truth)
    if truth.absences or truth.moved_at or truth.slow or truth.source in world.outages or first is None:
        return
    due = [first + age for age in workspace.sources.revisit if first + age < until]
    tally.counts["looks due"] += len(due)
    made = [at for at, _ in truth.looks if at > first]
    tally.counts["looks in time"] += sum(at in made for at in due)
    if made != due:
        tally.wrong.append(f"{truth.url}: looked at {made}, due {due}")


def month(outlets: int, articles: int, days: int, seed: int, folder: Path) -> Tally:
    """Simulate and compare."""
    world, clock = plan(outlets, articles, START, days, seed), Clock()
    until = START + days * DAY + AFTER
    with open_workspace(home_for(world, folder), clock) as workspace:
        live(world, workspace, clock, until)
        return compare(world, workspace, until)


def table(counts: Counter[str]) -> str:
    """The tally for people."""
    rows = [
        ("articles", f"{counts['seen']} seen, {counts['kept']} kept; {counts['moved']} of them moved"),
        (
            "stories that a list named, kept with their headline",
            f"{counts['headlines kept']} of {counts['named']}",
        ),
        ("texts that could be read, kept", f"{counts['texts kept']} of {counts['readable']}"),
        ("of these not whole at first", f"{counts['slow kept']} of {counts['slow']}"),
        ("looks", counts["looks"]),
        ("looks at each of ours", f"{counts['looks at ours'] / counts['ours']:.2f}"),
        (
            "looks at each of a national outlet's others",
            f"{counts['looks at others'] / max(1, counts['others']):.2f}",
        ),
        ("looks due and made within half an hour", f"{counts['looks in time']} of {counts['looks due']}"),
        ("edits", f"{counts['edits made']} made, {counts['edits seen']} stood at a look"),
        ("edits recorded as one version each", counts["edits recorded"]),
        ("take-downs", f"{counts['absences']} made"),
        ("suspected", f"{counts['suspected recorded']} of {counts['suspected expected']}"),
        ("gone after 24 h of looks", f"{counts['gone recorded']} of {counts['gone expected']}"),
        ("lasting past the looks that confirm", f"{counts['lasting confirmed']} of {counts['lasting']} gone"),
        ("live again", f"{counts['live recorded']} of {counts['live expected']}"),
        ("false take-downs", counts["false"]),
    ]
    return tabulate(rows, ("what", "found"), tablefmt="github", disable_numparse=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--outlets", type=int, default=6)
    options.add_argument("--articles", type=int, default=80, help="of each outlet")
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--seed", type=int, default=30)
    options.add_argument("--wrong", action="store_true")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="diemtin-bench-") as folder:
        tally = month(asked.outlets, asked.articles, asked.days, asked.seed, Path(folder))
    print(table(tally.counts))
    print(f"\nrecorded otherwise than it was: {len(tally.wrong)}")
    for line in tally.wrong if asked.wrong else ():
        print(f"* {line}")


if __name__ == "__main__":
    main()
