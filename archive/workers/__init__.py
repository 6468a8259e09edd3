"""Worker processes: they end with the process that started them, whatever ends that."""

import ctypes
import os
import signal
import sys
from types import FrameType

_PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """In a new worker: die when the process ``parent`` does, and leave interrupts to it (prctl(2))."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    signal.signal(signal.SIGINT, _let_be)


def _let_be(number: int, frame: FrameType | None) -> None:
    pass
