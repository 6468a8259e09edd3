"""Plain bars, laid out here and drawn as SVG by the templates."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the units of the drawing, with what it says and where it leads ('' for nowhere)."""

    x: float
    y: float
    width: float
    height: float
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of ``width`` × ``height`` units; ``top`` is the largest count."""

    width: int
    height: int
    top: int
    bars: list[Bar]


def chart(counts: Sequence[tuple[int, str, str]], *, width: int = 600, height: int = 90) -> Chart:
    """Bars for (count, label, address) in order; every count above zero is at least 2 units high."""
    top = max((count for count, _, _ in counts), default=0)
    step = width / max(len(counts), 1)
    bars = []
    for place, (count, label, href) in enumerate(counts):
        tall = max(2.0, (height - 2) * count / top) if count else 0.0
        bars.append(
            Bar(
                round(place * step, 2),
                round(height - tall, 2),
                round(max(step - min(2.0, step / 5), 1), 2),
                round(tall, 2),
                label,
                href,
            )
        )
    return Chart(width, height, top, bars)
