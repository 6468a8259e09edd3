"""For Python under ``libfaketime``: where only the wall clock is shifted, its ``clock_nanosleep`` fails."""

import select
import time


def _sleep(seconds: float) -> None:
    select.select((), (), (), seconds)


time.sleep = _sleep
