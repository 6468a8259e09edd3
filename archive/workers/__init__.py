"""Worker processes: they run the code that this one runs, and end with it, whatever ends it."""

import ctypes
import os
import signal
import sys
from pathlib import Path
from types import FrameType

_PR_SET_PDEATHSIG = 1
CODE = Path(__file__).parents[2]  # the folder of the three packages


def own_module(module: str, *arguments: object) -> list[str]:
    """The command that runs a module of ours in a process of its own, never one of the current folder.

    Its environment must be :func:`own_environment`.
    """
    return [sys.executable, "-P", "-m", module, *map(str, arguments)]


def own_environment(**more: str) -> dict[str, str]:
    """This environment, in which the modules of ours are those of this process."""
    paths = [str(CODE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), **more}


def end_with(parent: int) -> None:
    """In a new worker: die when the process ``parent`` does, and leave interrupts to it (prctl(2))."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    signal.signal(signal.SIGINT, _let_be)


def _let_be(number: int, frame: FrameType | None) -> None:
    pass
