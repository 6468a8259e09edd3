"""A time limit for work on foreign text in this process: first an error, then the end of the process.

The error reaches all that Python and its regular expressions do. A loop in C does not hear of it: the kernel
ends the process then, without asking the interpreter, and whoever started it records that and goes on.
"""

import faulthandler
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

LIMIT = 20.0  # seconds of the processor for one page
BUSY = 5  # times as long by the clock: on a busy machine work stands still meanwhile
HARD = 1.5  # times the limit, in seconds of the processor, until the kernel ends a process that does not hear
_OWN = (__name__, "contextlib")
LEAST, AGAIN = 0.01, 1.0  # seconds between two looks, and two errors, where something swallowed the first
NEARLY = 0.9  # of the limit, when it is looked at: no process has the processor all the time


class OverLimit(TimeoutError):
    """Reading took longer than it may."""


class _Expired(BaseException):
    """Raised wherever Python stands; no ``except Exception`` of a library holds it up."""


@contextmanager
def time_limit(seconds: float = LIMIT) -> Iterator[None]:
    """Raise OverLimit when the work inside takes more of the processor, once for all that is nested in it.

    Only in the main thread, which alone hears signals, and where there are timers; elsewhere none holds.
    """
    if _alarm.on or not _can_alarm():
        yield
        return
    _alarm.set(seconds)
    try:
        yield
    except _Expired as error:
        raise OverLimit(f"more than {seconds:g} s") from error
    finally:
        _alarm.stop()


@dataclass(slots=True)
class _Alarm:
    """The one alarm of this process; the alarm that another part of it had set goes on behind it."""

    on: bool = False
    ready: bool = False
    handler: Any = None
    left: float = 0.0
    set_at: float = 0.0
    seconds: float = 0.0
    used: float = 0.0

    def set(self, seconds: float) -> None:
        if not self.ready:
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
            with suppress(OSError, ValueError, AttributeError, RuntimeError):  # stderr may be no file
                faulthandler.register(
                    signal.SIGPROF, all_threads=False, chain=True
                )  # last words: where it stood
            self.ready = True
        self.set_at, self.handler = time.monotonic(), signal.signal(signal.SIGALRM, self._ring)
        self.seconds, self.used, self.on = seconds, time.process_time(), True
        signal.setitimer(signal.ITIMER_PROF, seconds * HARD)
        # a ring that comes a moment too soon is followed by others before the kernel's turn
        again = max(min(AGAIN, seconds * (HARD - 1) / 4), LEAST)
        self.left = signal.setitimer(signal.ITIMER_REAL, seconds, again)[0]

    def stop(self) -> None:
        self.on = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.handler if self.handler is not None else signal.SIG_DFL)
        if self.left:
            signal.setitimer(signal.ITIMER_REAL, max(self.left - (time.monotonic() - self.set_at), 0.001))

    def _ring(self, number: int, frame: FrameType | None) -> None:
        """Raise in the work alone: on the way out of it the next ring finds the alarm off."""
        if not self.on or frame is None or frame.f_globals.get("__name__") in _OWN:
            return
        used, since = time.process_time() - self.used, time.monotonic() - self.set_at
        if used >= NEARLY * self.seconds or since >= BUSY * self.seconds:
            raise _Expired


_alarm = _Alarm()


def _can_alarm() -> bool:
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
