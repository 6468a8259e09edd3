"""How often a source is worth asking: its own rhythm, within bounds around the configured interval."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

from archive.pages import times_of
from crawler.sources import Source

LOOK_BACK = timedelta(days=14)
ENOUGH = 8  # gaps from which a rhythm can be told
FASTER, SLOWER = 2, 4  # the interval stays between half and four times the configured one


def interval(pages_db: Path, source: Source, now: datetime) -> timedelta:
    """The time between two crawls: about the usual gap between two articles of the source."""
    times = times_of(pages_db, source.key, now - LOOK_BACK)
    gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
    if len(gaps) < ENOUGH:
        return source.every
    return min(max(timedelta(seconds=median(gaps)), source.every / FASTER), source.every * SLOWER)
