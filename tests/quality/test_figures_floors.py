"""Texts written for the tests as the press writes: figures with value, unit, kind and period, and traps."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from archive.clock import HANOI
from archive.figures.indicators import load_indicators
from archive.home import DEFAULTS
from archive.model import Figure
from archive.places.gazetteer import load_places
from pipelines.figures import find_figures

HERE = Path(__file__).parent
FLOORS: dict[str, float] = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))["own_figures"]
Gold = dict[str, Any]


@cache
def read() -> list[tuple[Gold, list[Figure]]]:
    """Each text with the figures found in it."""
    known, places = load_indicators(DEFAULTS / "indicators.yml"), load_places(DEFAULTS / "places.yml")
    lines = [
        json.loads(line)
        for path in sorted((HERE / "figures").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [
        (line, find_figures(line["text"], _day(line), known, places, dated=bool(line["published"])))
        for line in lines
    ]


def _day(line: Gold) -> datetime:
    return datetime.fromisoformat(line["published"] or "2026-11-29").replace(hour=9, tzinfo=HANOI)


def at(place: Gold, figure: Figure) -> bool:
    """Whether a figure stands where a figure or trap was noted."""
    assert figure.starts is not None
    assert figure.ends is not None
    return figure.starts < place["at"] + len(place["words"]) and place["at"] < figure.ends


@cache
def pairs() -> list[tuple[str, Gold, Figure]]:
    """The figures noted that were found, with value and unit."""
    return [
        (line["id"], gold, figure)
        for line, figures in read()
        for gold in line["figures"]
        for figure in figures
        if at(gold, figure) and (figure.value, figure.unit) == (gold["value"], gold["unit"])
    ]


def test_there_are_enough_of_them() -> None:
    assert sum(len(line["figures"]) for line, _ in read()) >= 200
    assert sum(len(line["traps"]) for line, _ in read()) >= 100


def test_values_and_units() -> None:
    wanted = sum(len(line["figures"]) for line, _ in read())
    found = sum(len(figures) for _, figures in read())
    assert len(pairs()) / wanted >= FLOORS["recall"]
    assert len(pairs()) / found >= FLOORS["precision"]


def test_traps_are_left_alone() -> None:
    taken = [
        (line["id"], trap["words"])
        for line, figures in read()
        for trap in line["traps"]
        if any(at(trap, figure) for figure in figures)
    ]
    assert len(taken) <= FLOORS["traps"], taken


def test_kinds_and_periods() -> None:
    other_kind = [(name, gold["words"]) for name, gold, figure in pairs() if figure.kind != gold["kind"]]
    other_period = [
        (name, gold["words"], figure.period)
        for name, gold, figure in pairs()
        if figure.period != gold["period"]
    ]
    assert 1 - len(other_kind) / len(pairs()) >= FLOORS["kind"], other_kind
    assert 1 - len(other_period) / len(pairs()) >= FLOORS["period"], other_period


def test_ranks_know_of_how_many() -> None:
    assert [
        (gold["words"], figure.rank_of) for _, gold, figure in pairs() if figure.rank_of != gold.get("rank_of")
    ] == []


def test_names_and_whose_they_are() -> None:
    noted = [(gold, figure) for _, gold, figure in pairs() if "name" in gold]
    wrong = [
        (gold["name"], figure.indicator)
        for gold, figure in noted
        if figure.indicator and gold["name"] and figure.indicator != gold["name"]
    ]
    assert 1 - len(wrong) / len(noted) >= FLOORS["names"], wrong
    assert sum(bool(figure.indicator) for _, figure in noted) / len(noted) >= FLOORS["named"]
    assert [(gold["words"], figure.key) for gold, figure in noted if figure.key not in ("", gold["key"])] == []
    others = [
        gold["words"]
        for gold, figure in noted
        if (figure.place, figure.subject_kind) != (gold["place"], gold["whose"])
    ]
    assert others == []
