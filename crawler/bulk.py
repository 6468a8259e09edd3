"""Bulk work: pages kept or brought in are read here or by workers, some ahead, and stored here in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from pipelines.item import Item

LARGE = 32_000_000  # bytes of pages that are under way; then fewer are taken ahead
Begun = Callable[[], Item]  # waits for the item after the reading stages
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BulkReading:
    """Who reads: ``begin`` hands an item over; ``ahead`` of them are under way at a time."""

    begin: Callable[[Item], Begun]
    ahead: int = 0


def reading_by(read: Callable[[Item], Item]) -> BulkReading:
    """Reading in this process: each item when it is waited for."""
    return BulkReading(lambda item: partial(read, item))


def some_ahead(entries: Iterable[T], most: int, size: Callable[[T], int]) -> Iterator[T]:
    """The entries in their order; ``most`` behind each are taken already, fewer where they are large."""
    taken, bytes_taken = deque[T](), 0
    for entry in entries:
        taken.append(entry)
        bytes_taken += size(entry)
        while len(taken) > most or (taken and bytes_taken > LARGE):
            bytes_taken -= size(taken[0])
            yield taken.popleft()
    while taken:
        yield taken.popleft()


def page_size(item: Item | None) -> int:
    """Bytes that an item holds, about."""
    if item is None:
        return 0
    return len(item.page.body) if item.page else len(item.article.body)
