"""Who has a database open: asked of its locks, in a process of its own, which needs nothing but this file.

A process that opens and closes a database file by itself ends every lock that its connections have on it, and
another program then damages it (https://www.sqlite.org/howtocorrupt.html, 2.2).
"""

import fcntl
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_LOCK = "hhqqi"  # struct flock of Linux: kind, whence, start, length, process
_SHARED = (0x40000002, 510)  # start and length of SQLite's shared lock


def holders_of(paths: Sequence[Path]) -> dict[Path, int]:
    """By database that some process has open and has read from, the number of one such process.

    A connection in write-ahead mode holds the shared lock until it is closed (bytes 2 to 511 after the pending
    one: https://www.sqlite.org/fileformat.html#the_lock_byte_page). Nothing is changed by asking. Files that
    are not there have none. Raises OSError for one that cannot be read.
    """
    asked = [sys.executable, "-I", __file__, *map(str, paths)]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - this file
    if told.returncode != 0:
        raise OSError(told.stderr.strip().rpartition("\n")[2])
    holders = zip(paths, map(int, told.stdout.split()), strict=True)
    return {path: process for path, process in holders if process}


def _holder_of(path: str) -> int:
    """The number of a process that holds the lock; 0 where there is none, or no file."""
    try:
        with Path(path).open("rb") as file:
            asked = struct.pack(_LOCK, fcntl.F_WRLCK, os.SEEK_SET, *_SHARED, 0)
            kind, *_, process = struct.unpack(_LOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
    except FileNotFoundError:
        return 0
    return 0 if kind == fcntl.F_UNLCK else int(process)


if __name__ == "__main__":
    print(*map(_holder_of, sys.argv[1:]))
