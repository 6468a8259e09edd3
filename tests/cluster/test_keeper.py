"""The keeper writes what workers bring once, whoever ends in between; what is none of theirs it lets be."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.home import Home
from archive.model import Article, Outcome
from crawler.cluster import keys
from crawler.cluster.broker import Broker
from crawler.cluster.jobs import give_out, results
from crawler.cluster.keeper import GIVEN_UP, MOST_TOLD, NAME, Keeper, keeping
from crawler.cluster.wire import (
    DueCall,
    Envelope,
    KeeperAnswer,
    ListingCall,
    MoreCall,
    PageCall,
    RunCall,
    Verb,
    pack,
    read,
)
from crawler.listings import Link
from crawler.state.at_hand import suspects
from crawler.state.messages import Due, ListingRead, PageEnded, RunEnded
from crawler.workspace import Workspace, open_workspace
from pipelines.item import Item, Page
from pipelines.stages import READING, run_safely

NOW = datetime(2026, 9, 5, 6, 30, tzinfo=UTC)
SOURCES = """
sources:
  bao:
    name: Báo A
    home: https://a.vn/
    kind: provincial
    feeds: [https://a.vn/rss]
    article: '/bai-[0-9]+'
    keep: all
"""
LIST = "https://a.vn/rss"


class Office:
    """A home, its keeper, and a worker that is played by the test."""

    def __init__(self, workspace: Workspace, keeper: Keeper, told: list[str]) -> None:
        self.workspace, self.keeper, self.told = workspace, keeper, told
        self.broker = keeper.broker
        self.job, self.claim, self.run, self.calls = "", "", 0, 0

    def give_out(self, claim: str = "worker-1") -> None:
        self.job = give_out(self.broker, self.workspace.home, "bao", 0)
        self.hold(claim)

    def hold(self, claim: str) -> None:
        self.claim = claim
        self.broker.redis.hset(keys.held_job(self.job), "claim", claim)

    def send(self, verb: Verb, call: str = "") -> None:
        self.broker.redis.xadd(keys.HOME, {"m": pack(Envelope(self.job, self.claim, verb, call))})

    def ask(self, verb: Verb, call: str = "") -> KeeperAnswer:
        self.calls += 1
        call = call or f"call-{self.calls}"
        self.send(verb, call)
        self.keeper.look()
        answer = self.broker.redis.lpop(keys.reply_to(call))
        return read(answer, KeeperAnswer)

    def begin(self) -> Due:
        due = self.ask(DueCall("bao")).due
        assert due
        self.run = due.run
        return due

    def list_articles(self, *urls: str) -> Due:
        links = tuple(Link(url, f"Tin {url}", NOW) for url in urls)
        listing = ListingRead(self.run, LIST, status=200, items=len(links), articles=links)
        due = self.ask(ListingCall(listing)).due
        assert due
        return due

    def page(self, number: int, url: str = "", **more: Any) -> PageEnded:
        url = url or f"https://a.vn/bai-{number}"
        text = f"Thái Nguyên khởi công nhà máy số {number} tại khu công nghiệp Yên Bình. " * 12
        html = (
            f"<html><body><article><h1>Tin số {number} ở Thái Nguyên</h1><p>{text}</p></article></body></html>"
        )
        item = Item(
            Article(url, "bao"), Page(url, html.encode(), NOW, "text/html"), keep="all", read_whole=True
        )
        run_safely(item, self.workspace.context, READING)
        assert item.outcome is None, (item.outcome, item.reason)
        return PageEnded(self.run, url, None, item=item, status=200, **more)

    def kept(self) -> int:
        return int(
            self.workspace.archive.execute("select count(*) from articles where body <> ''").fetchone()[0]
        )

    def outcomes(self) -> dict[str, int]:
        sql = "select outcome, count(*) from visits group by outcome"
        return dict(self.workspace.pages.execute(sql).fetchall())


@contextmanager
def opened(folder: Path, broker: Broker) -> Iterator[Office]:
    home = Home.at(folder)
    config = home.path / "config"
    config.mkdir(exist_ok=True)
    (config / "sources.yml").write_text(SOURCES, encoding="utf-8")
    told: list[str] = []
    with open_workspace(home, lambda: NOW) as workspace, keeping(workspace, broker, told.append) as keeper:
        yield Office(workspace, keeper, told)


@pytest.fixture
def office(tmp_path: Path, broker: Broker) -> Iterator[Office]:
    with opened(tmp_path, broker) as one:
        one.give_out()
        yield one


def test_a_crawl_comes_home(office: Office) -> None:
    assert [one.url for one in office.begin().lists] == [LIST]
    due = office.list_articles("https://a.vn/bai-1", "https://a.vn/bai-2")
    assert {page.url for page in due.pages} == {"https://a.vn/bai-1", "https://a.vn/bai-2"}
    for number in (1, 2):
        office.send(PageCall(office.page(number)))
    office.keeper.look()
    assert office.kept() == 2
    assert office.ask(MoreCall(office.run)).due == Due(office.run)
    office.ask(RunCall(RunEnded(office.run, "finished")))
    run = results(office.broker, {"bao": office.job})["bao"]
    assert run
    assert (run["state"], run["outcomes"]) == ("done", '{"stored": 2}')
    assert office.broker.redis.xlen(keys.HOME) == 0
    assert not office.workspace.home.is_locked("source-bao")


def test_a_message_that_comes_twice_is_written_once(office: Office) -> None:
    office.begin()
    office.list_articles("https://a.vn/bai-1")
    page = office.page(1)
    office.send(PageCall(page))
    office.send(PageCall(page))
    office.keeper.look()
    assert office.kept() == 1
    assert office.outcomes() == {"stored": 1}


def test_a_call_that_is_repeated_is_answered_the_same(office: Office) -> None:
    first = office.ask(DueCall("bao"), "again")
    assert office.ask(DueCall("bao"), "again") == first
    assert office.workspace.archive.execute("select count(*) from runs").fetchone() == (1,)


def test_the_next_keeper_takes_up_what_was_read_and_not_taken_off(tmp_path: Path, broker: Broker) -> None:
    with opened(tmp_path, broker) as office:
        office.give_out()
        office.begin()
        office.list_articles("https://a.vn/bai-1", "https://a.vn/bai-2")
        job, run, claim = office.job, office.run, office.claim
        office.send(PageCall(office.page(1)))
        office.send(PageCall(office.page(2)))
        broker.redis.xreadgroup(keys.KEEPER, NAME, {keys.HOME: ">"})
        # written down, and ended before it was taken off
        office.keeper.state.page_ended(office.page(1))
    with opened(tmp_path, broker) as office:
        assert office.kept() == 2
        assert office.outcomes() == {"stored": 2}
        assert broker.redis.xlen(keys.HOME) == 0
        office.job, office.run, office.claim = job, run, claim
        assert office.ask(MoreCall(run)).due == Due(run)
        office.ask(RunCall(RunEnded(run, "finished")))
        ended = results(broker, {"bao": job})["bao"]
        assert ended
        assert ended["outcomes"] == '{"stored": 2}'


def test_what_is_written_down_is_taken_off_though_the_keeper_ends_over_the_next(office: Office) -> None:
    def end(line: str) -> None:
        raise SystemExit(line)

    office.begin()
    office.list_articles("https://a.vn/bai-1", "https://a.vn/bai-2")
    office.send(PageCall(office.page(1)))
    office.send(MoreCall(office.run), "more")
    office.send(PageCall(office.page(2)))
    office.broker.redis.xadd(keys.HOME, {"m": b"junk"})
    office.keeper.tell = end
    with pytest.raises(SystemExit):
        office.keeper.look()
    assert office.kept() == 2
    assert office.broker.redis.llen(keys.reply_to("more")) == 1
    left = office.broker.redis.xrange(keys.HOME)
    assert [fields for _, fields in left] == [{b"m": b"junk"}]


def test_a_run_that_was_closed_is_told_by_the_next_keeper(tmp_path: Path, broker: Broker) -> None:
    with opened(tmp_path, broker) as office:
        office.give_out()
        office.begin()
        job, run = office.job, office.run
        office.keeper.state.run_ended(RunEnded(run, "finished"))
        office.send(RunCall(RunEnded(run, "finished")), "bye")
    with opened(tmp_path, broker) as office:
        office.keeper.look()
        assert results(broker, {"bao": job})["bao"]
        assert broker.redis.lpop(keys.reply_to("bye"))


def test_a_worker_whose_lease_ran_out_writes_nothing_more(office: Office) -> None:
    office.begin()
    office.list_articles("https://a.vn/bai-1")
    late, first = office.page(1), office.run
    office.hold("worker-2")
    assert [page.url for page in office.begin().pages] == ["https://a.vn/bai-1"]
    assert office.run != first
    office.claim = "worker-1"
    office.send(PageCall(late))
    assert office.ask(MoreCall(first)).lost == "lease_lost"
    assert office.kept() == 0
    office.claim = "worker-2"
    office.send(PageCall(office.page(1)))
    office.keeper.look()
    assert (office.kept(), office.outcomes()) == (1, {"stored": 1})


def test_a_job_that_is_none_is_answered_and_begins_nothing(office: Office) -> None:
    office.job = "1-1"
    office.broker.redis.hset(keys.held_job("1-1"), "claim", office.claim)
    assert office.ask(DueCall("bao")).lost == "no_job"
    assert office.ask(DueCall("else")).lost == "no_job"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda page: PageEnded(page.run, "https://evil.example/1", None, item=page.item),
        lambda page: with_article(page, url="https://evil.example/1"),
        lambda page: with_article(page, source="other"),
        lambda page: with_article(page, published_at=datetime(2026, 1, 1)),  # noqa: DTZ001 - naive on purpose
        lambda page: with_page(page, body=b"x" * 12_000_001),
        lambda page: with_page(page, fetched_at=NOW + timedelta(days=1)),
    ],
)
def test_a_worker_may_only_tell_of_its_own_pages(office: Office, spoil: Any) -> None:
    office.begin()
    office.list_articles("https://a.vn/bai-1", "https://a.vn/bai-2")
    office.send(PageCall(spoil(office.page(1))))
    office.send(PageCall(office.page(2)))
    office.keeper.look()
    assert office.kept() == 1
    assert office.told
    assert set(office.outcomes()) <= {Outcome.STORED, Outcome.FAILED}


def with_article(page: PageEnded, **more: Any) -> PageEnded:
    assert page.item
    for name, value in more.items():
        setattr(page.item.article, name, value)
    return page


def with_page(page: PageEnded, **more: Any) -> PageEnded:
    from dataclasses import replace

    assert page.item
    assert page.item.page
    page.item.page = replace(page.item.page, **more)
    return page


def test_what_is_no_message_is_told_once_and_the_rest_goes_on(office: Office) -> None:
    office.begin()
    office.list_articles("https://a.vn/bai-1")
    for data in (b"junk", b"junk", b""):
        office.broker.redis.xadd(keys.HOME, {"m": data})
    office.broker.redis.xadd(keys.HOME, {"other": "field"})
    office.send(PageCall(office.page(1)))
    office.keeper.look()
    assert office.kept() == 1
    assert office.broker.redis.xlen(keys.HOME) == 0
    assert len(office.told) == 1


def test_what_several_keepers_ended_over_is_put_aside(tmp_path: Path, broker: Broker) -> None:
    broker.redis.xadd(keys.HOME, {"m": b"junk"})
    broker.redis.xreadgroup(keys.KEEPER, NAME, {keys.HOME: ">"})
    for _ in range(GIVEN_UP):
        entry = broker.redis.xpending_range(keys.HOME, keys.KEEPER, "-", "+", 1)[0]["message_id"]
        broker.redis.xclaim(keys.HOME, keys.KEEPER, NAME, 0, [entry])
    with opened(tmp_path, broker) as office:
        assert broker.redis.xlen(keys.HOME) == 0
        assert len(office.told) == 1


def test_a_crawl_elsewhere_of_the_same_source_comes_first(office: Office) -> None:
    with office.workspace.home.lock("source-bao"):
        assert office.ask(DueCall("bao")).lost == "source_held"
    assert office.begin().lists


def test_the_next_keeper_begins_no_other_run_for_a_call_that_was_answered(
    tmp_path: Path, broker: Broker
) -> None:
    with opened(tmp_path, broker) as office:
        office.give_out()
        first = office.ask(DueCall("bao"), "again")
        job, claim = office.job, office.claim
    with opened(tmp_path, broker) as office:
        office.job, office.claim = job, claim
        assert office.ask(DueCall("bao"), "again") == first
        assert first.due
        assert office.ask(MoreCall(first.due.run)).due == Due(first.due.run)
        assert office.workspace.archive.execute("select count(*) from runs").fetchone() == (1,)


def test_a_job_nobody_waits_for_is_over_and_comes_no_more(office: Office) -> None:
    office.broker.redis.delete(keys.waiting_job("bao"))
    assert office.ask(DueCall("bao")).lost == "no_job"
    assert not office.broker.redis.exists(keys.held_job(office.job))


def test_only_the_message_that_keepers_ended_over_is_put_aside(tmp_path: Path, broker: Broker) -> None:
    with opened(tmp_path, broker) as office:
        office.give_out()
        office.begin()
        office.list_articles("https://a.vn/bai-1")
        broker.redis.xadd(keys.HOME, {"m": b"junk"})
        office.send(PageCall(office.page(1)))
        broker.redis.xreadgroup(keys.KEEPER, NAME, {keys.HOME: ">"})
        for entry in broker.redis.xpending_range(keys.HOME, keys.KEEPER, "-", "+", 9) * GIVEN_UP:
            broker.redis.xclaim(keys.HOME, keys.KEEPER, NAME, 0, [entry["message_id"]])
    with opened(tmp_path, broker) as office:
        assert office.kept() == 1


def test_links_that_are_no_articles_here_are_left_out_and_the_crawl_goes_on(office: Office) -> None:
    """The config may have changed since the job was given out."""
    office.begin()
    due = office.list_articles("https://a.vn/bai-1", "https://a.vn/video-1", "https://evil.example/bai-1")
    assert [page.url for page in due.pages] == ["https://a.vn/bai-1"]


def test_a_message_that_breaks_on_us_ends_its_crawl_and_no_keeper(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Due:
        raise ZeroDivisionError

    office.begin()
    monkeypatch.setattr("crawler.state.local.LocalState.listing_read", broken)
    listing = ListingRead(office.run, LIST, status=200)
    assert office.ask(ListingCall(listing)).lost.startswith("broken")
    assert len(office.told) == 1


def test_a_page_nobody_was_sent_to_is_left_out(office: Office) -> None:
    office.begin()
    office.list_articles("https://a.vn/bai-1")
    office.send(PageCall(office.page(7)))
    office.send(PageCall(PageEnded(office.run, "https://a.vn/bai-1", Outcome.STORED)))
    office.keeper.look()
    assert (office.kept(), office.outcomes()) == (0, {"failed": 1})


def test_what_is_left_out_fills_no_log_and_moves_no_cursor(office: Office) -> None:
    office.begin()
    for number in range(150):
        listing = ListingRead(office.run, f"https://evil.example/\x1b[2J\n{number}", status=200)
        office.send(ListingCall(listing), f"bad-{number}")
    while office.keeper.look():
        pass
    assert len(office.told) == MOST_TOLD
    assert all(line.isprintable() for line in office.told)


def test_a_full_broker_takes_no_answer_and_is_worked_off(office: Office) -> None:
    office.begin()
    office.list_articles("https://a.vn/bai-1")
    office.send(MoreCall(office.run), "more")
    office.send(PageCall(office.page(1)))
    redis = office.broker.redis
    redis.config_set("maxmemory", 1)
    try:
        office.keeper.look()
    finally:
        redis.config_set("maxmemory", 0)
    assert (office.kept(), redis.xlen(keys.HOME)) == (1, 0)
    assert office.ask(MoreCall(office.run), "more").due == Due(office.run)


def test_what_was_at_hand_is_known_page_by_page(office: Office) -> None:
    office.broker.redis.sadd(keys.at_hand("bao"), "https://a.vn/bai-1", "https://a.vn/bai-2")
    office.begin()
    assert len(suspects(office.workspace.pages, "bao")) == 2


def test_the_lock_of_a_source_goes_with_its_job(office: Office) -> None:
    office.begin()
    office.broker.redis.delete(keys.held_job(office.job))
    office.keeper.drop_lost()
    assert not office.workspace.home.is_locked("source-bao")
