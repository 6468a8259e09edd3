"""What a crawl notes of a run in ``runs.lists`` and ``runs.notes``: typed, for its writer and for health."""

import json

import msgspec
from msgspec import UNSET, UnsetType


class Lists(msgspec.Struct, kw_only=True):
    """What the lists of a run held, and which of them were not well (all that has no number)."""

    fetched: int = 0
    unchanged: int = 0
    links: int = 0
    new: int = 0
    empty: list[str] = []
    problems: dict[str, str] = {}  # address: stored reason
    channel: dict[str, tuple[str, str]] | UnsetType = UNSET  # address: title before, title now
    left_out: dict[str, int] | UnsetType = UNSET  # address: how many links were too many
    past: bool | UnsetType = UNSET  # it filled in the past: health does not compare it with today's


class Again(msgspec.Struct, kw_only=True):
    """Pages that were read before."""

    read: int = 0
    rule_missed: dict[str, int] = {}


class Notes(msgspec.Struct, kw_only=True):
    """What the pages of a run were like: those read for the first time, and apart from them the others."""

    read: int = 0
    pid: int = 0
    resting: str | UnsetType = UNSET  # stored reason of a source that asked to be left alone
    fresh: int = 0
    texts: int = 0  # of those, all but what is no article at all: its rules may well find nothing
    articles: int = 0
    undated: int = 0
    untitled: int = 0
    doubted: int = 0  # of which date, title or text is unsure
    rule_missed: dict[str, int] = {}
    lengths: list[int] = []  # of some texts, evenly out of all
    same_body: int = 0
    bodies: dict[str, int] = {}  # the texts that most pages had, and how many did
    clocks: dict[str, int] | UnsetType = UNSET  # by host: seconds that its clock is ahead of ours
    again: Again = msgspec.field(default_factory=Again)


def encode(record: Lists | Notes) -> str:
    """As JSON for the table ``runs``."""
    return json.dumps(msgspec.to_builtins(record), ensure_ascii=False)


def lists_of(text: str) -> Lists:
    """``runs.lists`` of a run."""
    return msgspec.json.decode(text, type=Lists)


def notes_of(text: str) -> Notes:
    """``runs.notes`` of a run."""
    return msgspec.json.decode(text, type=Notes)
