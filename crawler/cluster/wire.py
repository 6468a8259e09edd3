"""What travels between keeper and workers: typed values as packed bytes; nothing that comes in is code.

A message that is none, or larger than it may be, raises :class:`Foreign`.
"""

import sys
from typing import Any, TypeVar

import msgspec

from archive.network.unpacking import Unpackable, unpack
from crawler.listings.backfill import Backfill
from crawler.state.messages import Due, ListingRead, PageEnded, RunEnded
from pipelines.item import Item

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PROTOCOL = 1  # of these messages; a worker with another one is refused
LEVEL = 3  # of zstd: text to a fifth, about 1 ms for a page
LARGEST = 64_000_000  # bytes of a message once unpacked: a page of 12 MB and what was read of it
T = TypeVar("T")


class Foreign(ValueError):
    """Bytes that are no message of ours; the text says why."""


class CrawlJob(msgspec.Struct, frozen=True, kw_only=True):
    """Work for one worker: crawl a source, with the config of that mark; ``limit`` in seconds, 0 for none."""

    source: str
    config: str
    release: str
    limit: int = 0
    backfill: Backfill | None = None


class DueCall(msgspec.Struct, frozen=True, tag="due"):
    """The first verb; ``source`` and ``backfill`` are those of the job."""

    source: str
    backfill: Backfill | None = None


class MoreCall(msgspec.Struct, frozen=True, tag="more"):
    """Ask for the next pages."""

    run: int


class ListingCall(msgspec.Struct, frozen=True, tag="listing"):
    """A listing was read."""

    listing: ListingRead


class PageCall(msgspec.Struct, frozen=True, tag="page"):
    """A page ended."""

    page: PageEnded


class RunCall(msgspec.Struct, frozen=True, tag="run"):
    """A run ended."""

    end: RunEnded


Verb = DueCall | MoreCall | ListingCall | PageCall | RunCall


class Envelope(msgspec.Struct, frozen=True):
    """A verb of the crawl of one job; ``call`` names where an answer is awaited, '' for none.

    ``job`` and ``claim`` name the job and the hold of it that this worker has: only the newest hold counts.
    """

    job: str
    claim: str
    verb: Verb
    call: str = ""


class KeeperAnswer(msgspec.Struct, frozen=True):
    """The answer to a call; ``lost`` says why there is none, as a reason."""

    due: Due | None = None
    lost: str = ""


class PageToRead(msgspec.Struct, frozen=True):
    """A page to be read by any worker, for bulk; who asked, its number and the release stand beside it."""

    config: str
    item: Item


class PageRead(msgspec.Struct, frozen=True):
    """What was read of it; the page itself does not travel back. ``failed``: why it could not be read."""

    number: int
    item: Item | None = None
    failed: str = ""


def pack(value: Any) -> bytes:
    """A value as bytes."""
    return zstd.compress(msgspec.msgpack.encode(value), LEVEL)


def read(data: bytes, kind: type[T], largest: int = LARGEST) -> T:
    """The value of this kind in the bytes; raises Foreign for anything else, and for more than ``largest``."""
    try:
        return msgspec.msgpack.decode(unpack(data, ["zstd"], largest), type=kind)
    except (Unpackable, msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise Foreign(f"{type(error).__name__}: {error}"[:300]) from error
