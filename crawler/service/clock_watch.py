"""Whether the machine's clock was set: the time it shows, beside a clock that nobody can set."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.clock import HANOI, Clock, elapsed
from archive.i18n import current

JUMP = timedelta(minutes=1)  # clocks that are kept right are set by seconds


@dataclass(slots=True)
class ClockWatch:
    """Compares two looks at a time: what passed by ``now``, and what passed indeed."""

    now: Clock
    shown: datetime = field(init=False)
    passed: float = field(init=False)

    def __post_init__(self) -> None:
        self.shown, self.passed = self.now(), elapsed()

    def jumped(self) -> str:
        """What the clock did since the last look, in a line; '' where it ran on."""
        shown, passed = self.now(), elapsed()
        expected = self.shown + timedelta(seconds=passed - self.passed)
        self.shown, self.passed = shown, passed
        if abs(shown - expected) < JUMP:
            return ""
        by = timedelta(seconds=round(abs(shown - expected).total_seconds()))
        sign = "+" if shown > expected else "-"
        return current()("clock.jumped", by=f"{sign}{by}", was=_local(expected), at=_local(shown))


def _local(at: datetime) -> str:
    return at.astimezone(HANOI).strftime("%Y-%m-%d %H:%M:%S")
