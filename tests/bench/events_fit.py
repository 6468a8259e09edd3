"""The weights of ``archive/stories/happenings.py``, found from labelled pairs and days, a day left out."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from archive.stories.happenings import Pair
from archive.stories.rarity import Rarity
from archive.stories.tellings import Telling

RIDGE = 10.0  # on measures brought to a spread of 1
LABELLED = 3.0  # what a labelled pair counts beside two items of a labelled day
ENOUGH = 0.001  # a step no longer than this ends the fit
STEPS = 25

Row = list[tuple[int, float]]  # measures by their place, those that are not 0


class Example(NamedTuple):
    """Two items with what was measured of them; nothing was where a veto keeps them apart."""

    days: frozenset[str]
    same: bool
    labelled: bool  # one of the labelled pairs; else two items of a labelled day
    evidence: dict[str, float]


def examples(
    days: Iterable[tuple[str, list[dict[str, Any]]]],
    gold: dict[str, str],
    pairs: list[dict[str, Any]],
    told: dict[str, Telling],
    day_of: dict[str, str],
) -> Iterator[Example]:
    """The labelled pairs, and any two items of a labelled day; words weigh as all up to that day make them.

    ``gold``: of each item of the labelled days its event. ``told``: of each item what it tells.
    """
    counts: Counter[str] = Counter()
    stories = 0
    for day, items in days:
        counts.update(word for item in items for word in told[item["id"]].words)
        stories += len(items)
        rarity = Rarity(stories, counts)
        for pair in pairs:
            one, other = pair["a"], pair["b"]
            if max(day_of[one], day_of[other]) == day:
                two = frozenset((day_of[one], day_of[other]))
                evidence = Pair(told[one], told[other], rarity).evidence()
                yield Example(two, pair["label"] == "same", True, evidence)
        for one, other in combinations([item["id"] for item in items if item["id"] in gold], 2):
            if evidence := Pair(told[one], told[other], rarity).evidence():
                yield Example(frozenset((day,)), gold[one] == gold[other], False, evidence)


class Fitting:
    """A logistic regression on examples, by Newton's steps; all bring the measures to a spread of 1."""

    def __init__(self, given: list[Example]) -> None:
        self.examples = [one for one in given if one.evidence]
        self.names = list(self.examples[0].evidence)
        self.spread = {name: self._spread(name) for name in self.names}
        self.spread["bias"] = 1.0
        self.start = [0.0] * len(self.names)
        self.start = self._solve(self.examples)

    def weights(self, without: Iterable[str] = ()) -> dict[str, float]:
        """The weights that all examples give but those of some days."""
        left_out = frozenset(without)
        found = self._solve([one for one in self.examples if not one.days & left_out])
        return {name: weight / self.spread[name] for name, weight in zip(self.names, found, strict=True)}

    def _spread(self, name: str) -> float:
        values = [float(one.evidence[name]) for one in self.examples]
        mean = math.fsum(values) / len(values)
        return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values)) or 1.0

    def _row(self, one: Example) -> Row:
        return [
            (at, one.evidence[name] / self.spread[name])
            for at, name in enumerate(self.names)
            if one.evidence[name]
        ]

    def _solve(self, given: list[Example]) -> list[float]:
        rows = [(self._row(one), one.same, LABELLED if one.labelled else 1.0) for one in given]
        found = self.start
        for _ in range(STEPS):
            step = solved(*_slope(rows, found))
            found = [weight + more for weight, more in zip(found, step, strict=True)]
            if max(map(abs, step)) < ENOUGH:
                break
        return found


def probability(evidence: dict[str, float], weights: dict[str, float]) -> float:
    """How likely two items tell one happening; 0 where nothing was measured."""
    total = sum(weights[name] * value for name, value in evidence.items())
    return 1 / (1 + math.exp(-total)) if evidence else 0.0


def _slope(rows: list[tuple[Row, bool, float]], weights: list[float]) -> tuple[list[list[float]], list[float]]:
    """How the loss curves and falls at these weights; the first measure is the constant and costs nothing."""
    size = len(weights)
    curve = [[RIDGE if at == other and at else 0.0 for other in range(size)] for at in range(size)]
    fall = [0.0, *(-RIDGE * weight for weight in weights[1:])]
    for row, same, counted in rows:
        likely = 1 / (1 + math.exp(-sum(weights[at] * value for at, value in row)))
        error, bend = counted * (same - likely), counted * likely * (1 - likely)
        for at, value in row:
            fall[at] += error * value
            line, bent = curve[at], bend * value
            for other, beside in row:
                line[other] += bent * beside
    return curve, fall


def solved(lines: list[list[float]], values: list[float]) -> list[float]:
    """What solves these equations, the lines of a symmetric positive matrix; by elimination."""
    size = len(values)
    left = [[*line, value] for line, value in zip(lines, values, strict=True)]
    for at in range(size):
        for below in range(at + 1, size):
            factor = left[below][at] / left[at][at]
            if factor:
                left[below] = [one - factor * other for one, other in zip(left[below], left[at], strict=True)]
    found = [0.0] * size
    for at in reversed(range(size)):
        rest = sum(left[at][other] * found[other] for other in range(at + 1, size))
        found[at] = (left[at][size] - rest) / left[at][at]
    return found
