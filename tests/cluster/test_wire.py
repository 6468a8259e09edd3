"""What travels comes out as it went in; what is no message of ours is refused."""

import pickle
from datetime import UTC, date, datetime
from typing import Any

import pytest

from archive.model import Article, Citation, Credit, Fetch, Figure, Mention, Outcome
from crawler.cluster.wire import (
    LARGEST,
    CrawlJob,
    Envelope,
    Foreign,
    ListingCall,
    PageCall,
    PageRead,
    RunCall,
    pack,
    read,
    zstd,
)
from crawler.listings import Link
from crawler.listings.backfill import Backfill
from crawler.state.messages import ListingRead, PageEnded, RunEnded
from pipelines.item import Hint, Item, Page, Rules

AT = datetime(2026, 9, 5, 6, 30, 0, 123456, tzinfo=UTC)


def item() -> Item:
    article = Article(
        "https://a.vn/bai-1.html", "a", "Khởi công", "Lead", "Thân bài", ["Lan Anh"], "Kinh tế", None, AT,
        "jsonld", Credit("TTXVN", "https://b.vn/1"), ["doubt"], True, "about", 7.5, ["why"], ["cong-nghiep"],
        [Mention("place", "Thái Nguyên", 2)], [Citation("52-NQ/TW", "NQ", "TW", "2019-09-27", "quote")],
        [Figure("GRDP", 8503e9, "đồng", "quote", starts=3, ends=9)],
    )  # fmt: skip
    page = Page("https://a.vn/bai-1.html", bytes(range(256)) * 40, AT, "text/html")
    return Item(
        article,
        page,
        Rules(body="div.x", drop=(".ad",)),
        hint=Hint("T", AT, "S"),
        shingles=[1, 2**63],
        reason="x",
    )


@pytest.mark.parametrize(
    "value",
    [
        Envelope(
            "1-0", "w", PageCall(PageEnded(3, "https://a.vn/1", None, "", item(), fetches=(fetch,), size=3))
        )
        for fetch in [Fetch("a", "b", AT, 200, "c" * 64, 9, certificate=b"\x00\xff", request=(("A", "b"),))]
    ]
    + [
        Envelope("1-0", "w", ListingCall(ListingRead(1, "u", articles=(Link("v"),), left_out={"p": 3}))),
        Envelope("1-0", "w", RunCall(RunEnded(1, "", 429, "120", clocks={"a.vn": -3})), "call"),
        CrawlJob(source="a", config="c", release="r", backfill=Backfill(date(2026, 1, 1), date(2026, 2, 1))),
        PageRead(4, item()),
    ],
)
def test_what_travels_comes_out_as_it_went_in(value: Any) -> None:
    assert read(pack(value), type(value)) == value


def test_a_page_travels_packed() -> None:
    page = Page("https://a.vn/1", b"<p>Th\xc3\xa1i Nguy\xc3\xaan</p>" * 5000, AT)
    packed = pack(Envelope("1-0", "w", PageCall(PageEnded(1, "u", None, item=Item(Article("u", "a"), page)))))
    assert len(packed) < len(page.body) / 20


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 40,
        pickle.dumps(item()),
        zstd.compress(pickle.dumps(item())),
        pack([]),
        pack({"job": "1-0", "claim": "w", "verb": {"type": "exec"}, "call": ""}),
        pack({"job": "1-0", "claim": "w", "verb": {"type": "page", "page": {"run": "x"}}}),
        pack(Envelope("1-0", "w", RunCall(RunEnded(1, ""))))[:-3],
        zstd.compress(b"\xc0" * (LARGEST + 1)),
        zstd.compress(b"\x91" * 100_000 + b"\xc0"),
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(Foreign):
        read(data, Envelope)


def test_an_outcome_that_is_none_is_refused() -> None:
    good = pack(
        {"job": "1", "claim": "w", "verb": {"type": "page", "page": {"run": 1, "url": "u", "outcome": "gone"}}}
    )
    assert isinstance(verb := read(good, Envelope).verb, PageCall)
    assert verb.page.outcome is Outcome.GONE
    bad = pack(
        {"job": "1", "claim": "w", "verb": {"type": "page", "page": {"run": 1, "url": "u", "outcome": "x"}}}
    )
    with pytest.raises(Foreign):
        read(bad, Envelope)
