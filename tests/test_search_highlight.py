"""A snippet found at the head of a text is the one that the whole text gives."""

import random

import pytest

from archive.query import parse
from archive.search import highlight
from tests.search_sample import TEXTS


def test_the_head_gives_what_the_whole_text_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    chooser = random.Random(3)
    words = [word for texts in TEXTS for text in texts for word in text.split()]
    cases = []
    for _ in range(300):
        text = " ".join(chooser.choices(words, k=chooser.choice([50, 240, 400, 900])))
        query = parse(" ".join(chooser.choices(words, k=chooser.randint(1, 3))))
        cases.append((text, query.terms, query.rows))
    quick = [highlight.snippet_parts(*case) for case in cases]
    monkeypatch.setattr(highlight, "HEAD", 10**9)
    assert quick == [highlight.snippet_parts(*case) for case in cases]
