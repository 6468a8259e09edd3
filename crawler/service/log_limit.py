"""Logs that cannot flood: of one kind of line a few a minute are written, the others counted."""

import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

EACH, ALL = 5, 100  # lines of one kind, and of all kinds, in a minute
MINUTE = 60.0
LONGEST = 4000  # characters of a line
_KINDS = 1000  # remembered
_JUDGED = "is_written"  # in a record: what the first handler that asked was told
_TRACEBACKS = logging.Formatter()
_CHANGING = re.compile(r"0x[0-9a-fA-F]+|\d+|<[^<>]{0,500}>|'[^']{0,500}'")


@dataclass(slots=True)
class _Written:
    since: float
    lines: int = 0
    held: int = 0


class LogLimit(logging.Filter):
    """Lets ``EACH`` lines of a kind pass in a minute; the next says how many more there were.

    A kind is what a line says without its numbers, addresses and quoted parts. Threads may share it: the
    handler that asks holds its lock. ``clock`` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: OrderedDict[tuple[str, int, str], _Written] = OrderedDict()
        self._all = _Written(clock())

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written; a long one is cut. Asked by several handlers it counts once."""
        known = vars(record)
        if _JUDGED not in known:
            known[_JUDGED] = self._judged(record)
        return bool(known[_JUDGED])

    def _judged(self, record: logging.LogRecord) -> bool:
        now = self._clock()
        kind = self._kind(record, now)
        more = kind.held
        if not self._passes(kind, EACH, now) or not self._passes(self._all, ALL, now):
            kind.held += 1
            return False
        _shorten(record, more if kind.lines == 1 else 0)
        return True

    def _kind(self, record: logging.LogRecord, now: float) -> _Written:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        what = _CHANGING.sub("", f"{error} {record.msg}"[:1000])[:100]
        key = (record.name, record.levelno, what)
        kind = self._kinds.setdefault(key, _Written(now))
        self._kinds.move_to_end(key)
        if len(self._kinds) > _KINDS:
            self._kinds.popitem(last=False)
        return kind

    def _passes(self, kind: _Written, most: int, now: float) -> bool:
        if now - kind.since >= MINUTE:
            kind.since, kind.lines, kind.held = now, 0, 0
        kind.lines += 1
        return kind.lines <= most


def _shorten(record: logging.LogRecord, more: int) -> None:
    """Cut a long line and a long traceback, and say how many like it were held back."""
    text = record.getMessage()
    counted = f" ({more} more like this)" if more else ""
    record.msg, record.args = text[:LONGEST] + counted, ()
    if record.exc_info:
        told = _TRACEBACKS.formatException(record.exc_info)
        record.exc_text = told[:LONGEST] if len(told) <= LONGEST else f"{told[: LONGEST // 2]} … {told[-500:]}"


def limit_logs() -> None:
    """Put one limit on every line that this process writes to its log."""
    limit = LogLimit()
    for handler in logging.getLogger().handlers:
        if not any(isinstance(one, LogLimit) for one in handler.filters):
            handler.addFilter(limit)
