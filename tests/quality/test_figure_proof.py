"""Sentences made to mislead: a name, a key and an owner that a reader would not give are worse than none."""

import json
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from archive.figures.indicators import load_indicators
from archive.model import Figure
from archive.places.gazetteer import load_places
from pipelines.figures import find_figures

pytestmark = pytest.mark.timeless
HERE = Path(__file__).parent
CONFIG = HERE.parent.parent / "config"
FLOORS = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))["own_proof"]
NOW = datetime(2026, 11, 21, tzinfo=UTC)
Sentence = dict[str, Any]


@cache
def read() -> list[tuple[Sentence, Figure | None]]:
    known, places = load_indicators(CONFIG / "indicators.yml"), load_places(CONFIG / "places.yml")
    lines = (HERE / "proof" / "sentences.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        (sentence, _asked(sentence, find_figures(sentence["text"], NOW, known, places, dated=True)))
        for sentence in map(json.loads, lines)
    ]


def _asked(sentence: Sentence, figures: list[Figure]) -> Figure | None:
    """The figure that a sentence is about: where its number stands last."""
    start = sentence["text"].rindex(sentence["number"])
    end = start + len(sentence["number"])
    return next((one for one in figures if (one.starts or 0) < end and start < (one.ends or 0)), None)


def test_every_number_is_read() -> None:
    assert [sentence["text"] for sentence, figure in read() if figure is None] == []


def test_a_name_is_right_or_absent() -> None:
    asked = [(sentence, figure) for sentence, figure in read() if "names" in sentence and figure]
    wrong = [
        (sentence["text"], figure.indicator)
        for sentence, figure in asked
        if figure.indicator and figure.indicator not in sentence["names"]
    ]
    told = Counter(bool(figure.indicator) for sentence, figure in asked if sentence["names"])
    assert 1 - len(wrong) / len(asked) >= FLOORS["names"], wrong
    assert told[True] / told.total() >= FLOORS["named"]


def test_a_key_is_right_or_absent() -> None:
    asked = [(sentence, figure) for sentence, figure in read() if "key" in sentence and figure]
    wrong = [(one["text"], figure.key) for one, figure in asked if figure.key not in ("", one["key"])]
    lost = [one["text"] for one, figure in asked if one["key"] and not figure.key]
    assert wrong == []
    assert len(lost) <= FLOORS["keys_lost"], lost


def test_an_owner_is_right() -> None:
    wrong = [
        (sentence["text"], figure.subject_kind, figure.place)
        for sentence, figure in read()
        if "whose" in sentence
        and figure
        and (figure.subject_kind, figure.place) != (sentence["whose"], sentence.get("place", figure.place))
    ]
    assert wrong == []
