"""Long rows of like cases: some in every run, all of them with DIEMTIN_FULL=1."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
FULL = bool(os.environ.get("DIEMTIN_FULL"))


def part(cases: Sequence[T], each: int) -> Sequence[T]:
    """Every ``each``-th case, the first one among them."""
    return cases if FULL else cases[::each]
