"""The tests that ask what time it is, under other clocks: ``python -m tests.clocks [CLOCK@ZONE …]``.

``libfaketime`` shifts the wall clock of the tests and of every process they start by a number of seconds; what
measures how long something takes is left alone. Files keep their true times, or Python would compile all anew.
Which tests these are, ``conftest.py`` finds out.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.clock import HANOI


def _hanoi(year: int, month: int, day: int, hour: int, minute: int) -> Callable[[datetime], datetime]:
    return lambda _: datetime(year, month, day, hour, minute, tzinfo=HANOI)


CLOCKS: dict[str, Callable[[datetime], datetime]] = {
    "ahead": lambda now: now + timedelta(days=400),
    "leap": _hanoi(2028, 2, 29, 12, 0),
    "eve": _hanoi(2026, 12, 31, 23, 50),
    "newyear": _hanoi(2028, 1, 1, 0, 10),
    "tet": _hanoi(2027, 2, 6, 7, 0),
}
ZONES = ("UTC", "Asia/Ho_Chi_Minh", "America/Los_Angeles")


def shifted(clock: str, zone: str) -> dict[str, str]:
    """The environment of a process at another time in another zone; exits with what to do without faketime."""
    now = datetime.now(UTC)
    offset = round((CLOCKS[clock](now) - now).total_seconds())
    library = next(Path("/usr").glob("lib*/**/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        sys.exit("libfaketime is not there: apt install faketime")
    return os.environ | {
        "LD_PRELOAD": str(library),
        "FAKETIME": f"{offset:+d}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",  # its name before 0.9.8
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": str(Path(__file__).with_name("shifted")),
        "TZ": zone,
    }


def main(asked: list[str]) -> int:
    """Run the marked tests once for each clock and zone asked for, all of them without any."""
    failed = 0
    for place in asked or [f"{clock}@{zone}" for clock in CLOCKS for zone in ZONES]:
        clock, _, zone = place.partition("@")
        print(f"== {place}", flush=True)
        command = [sys.executable, "-m", "pytest", "-n", "2", "-m", "clock", "-p", "no:cacheprovider"]
        failed += subprocess.run(command, env=shifted(clock, zone), check=False).returncode != 0
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
