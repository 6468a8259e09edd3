"""Relevance: texts made for every topic and trap, the labelled corpus where at hand, the raw look."""

import html
import json
import os
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Article
from archive.places.gazetteer import load_places
from pipelines.classify.evidence import Text
from pipelines.classify.relevance import Relevance, judge_relevance
from pipelines.classify.topics import load_topics
from pipelines.extract import charset
from pipelines.prefilter import raw_names
from tests.relevance_cases import CASES, RELEVANT, Case
from tests.relevance_headlines import HEADLINES

CONFIG = Path(__file__).parent.parent / "config"
PLACES = load_places(CONFIG / "places.yml")
TOPICS = load_topics(CONFIG / "topics.yml")
SHARED = os.environ.get("DIEMTIN_SHARED")
FLOOR_F1, MOST_FALSE = 0.95, 1
needs_corpus = pytest.mark.skipif(not SHARED, reason="DIEMTIN_SHARED names no folder with the labelled corpus")


def verdict(title: str, lead: str, body: str, *, own: bool = False, on: date | None = None) -> Relevance:
    text = Text.of(title, lead, body)
    return judge_relevance(text, PLACES.find(text.words, on), TOPICS, own_paper=own)


def corpus() -> Iterator[dict[str, Any]]:
    path = Path(SHARED or "") / "corpus" / "relevance.jsonl"
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_topics_and_traps(case: Case) -> None:
    made = verdict(case.title, case.lead, case.body, own=case.own, on=date(2026, 11, 1))
    assert made.relevant is case.relevant, made
    assert made.why


@pytest.mark.parametrize(("relevant", "title", "text"), HEADLINES, ids=lambda value: str(value)[:40])
def test_headlines(relevant: bool, title: str, text: str) -> None:
    lead, _, body = text.partition("\n")
    made = verdict(title, lead, body, on=date(2026, 11, 1))
    assert made.relevant is relevant, made


@pytest.mark.parametrize("case", [case for case in RELEVANT if case.topics], ids=lambda case: case.name)
def test_each_case_has_its_topics(case: Case) -> None:
    article = Article(url="https://vidu.vn/1", source="vidu", title=case.title, lead=case.lead, body=case.body)
    assert set(case.topics) <= set(TOPICS.match([article])[0])


def test_the_score_rises_with_position() -> None:
    word, filler = "khu công nghiệp", "Thái Nguyên họp bàn việc mới."
    in_title = verdict(f"{filler} {word}", filler, filler).score
    in_lead = verdict(filler, f"{filler} {word}", filler).score
    in_body = verdict(filler, filler, f"{filler} {word}").score
    assert in_title > in_lead > in_body > 0


@cache
def judged() -> list[tuple[dict[str, Any], bool]]:
    return [(row, verdict(row["title"], row["lead"], row["body"]).relevant) for row in corpus()]


@needs_corpus
def test_the_labelled_corpus_is_told_apart() -> None:
    rows = judged()
    hit = sum(row["relevant"] and found for row, found in rows)
    false = [row["id"] for row, found in rows if found and not row["relevant"]]
    missed = [row["id"] for row, found in rows if row["relevant"] and not found]
    assert len(false) <= MOST_FALSE, false
    assert 2 * hit / (2 * hit + len(false) + len(missed)) >= FLOOR_F1, missed


def as_json(text: str) -> bytes:
    return json.dumps({"headline": text}).encode()


def as_cp1258(letter: str) -> str:
    """A letter as Windows wrote it: its vowel sign in one with it, its tone behind it."""
    parts = unicodedata.normalize("NFD", letter)
    tones = "".join(sign for sign in parts if sign in "\u0300\u0301\u0303\u0309\u0323")
    return unicodedata.normalize("NFC", "".join(sign for sign in parts if sign not in tones)) + tones


WAYS = {
    "utf-8": lambda text: text.encode(),
    "decomposed": lambda text: unicodedata.normalize("NFD", text).encode(),
    "upper case": lambda text: text.upper().encode(),
    "escaped JSON": as_json,
    "named entities": lambda text: html.escape(text).translate(NAMED).encode("ascii", "xmlcharrefreplace"),
    "numbered entities": lambda text: text.encode("ascii", "xmlcharrefreplace"),
    "all letters numbered": lambda text: "".join(f"&#{ord(letter)};" for letter in text).encode(),
    "hexadecimal entities": lambda text: "".join(
        f"&#x{ord(letter):X};" if ord(letter) > 127 else letter for letter in text
    ).encode(),
    "utf-16 with BOM": lambda text: text.encode("utf-16"),
    "utf-16 without BOM": lambda text: f"<html><title>{text}</title></html>".encode("utf-16-le"),
    "windows-1258": lambda text: (
        b"<meta charset='windows-1258'>" + "".join(map(as_cp1258, text)).encode("cp1258", "replace")
    ),
    "hard spaces": lambda text: text.replace(" ", "\u00a0").encode(),
    "mark-up between": lambda text: text.replace(" ", "</b> <span class='x'>").encode(),
    "soft hyphens": lambda text: text.replace("uy", "u\u00adyê"[:-1]).replace("ổ", "\u00adổ").encode(),
    "zero-width spaces": lambda text: "\u200b".join(text).encode(),
    "mark-up inside": lambda text: "".join(
        f"<b>{each}</b>" if each.isalpha() else each for each in text
    ).encode(),
    "typed in TCVN3": lambda text: (text.translate(TCVN3) + " µ¸ nh÷ng").encode(),
    "broken lines": lambda text: text.replace(" ", "\r\n\t").encode(),
}
TCVN3 = str.maketrans({real: typed for typed, real in charset._TCVN3.items() if real.islower()})
NAMED = {ord("á"): "&aacute;", ord("ê"): "&ecirc;"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["tỉnh Thái Nguyên", "Thai Nguyen", "Đại học Thái Nguyên", "C-ThaiNguyen"])
def test_the_raw_look_sees_the_province_however_it_is_written(way: str, name: str) -> None:
    assert raw_names(
        b"<html><body>" * (not way.startswith("utf-16")) + WAYS[way](f"Nhà máy ở {name} mở cửa"), PLACES.enough
    )


@pytest.mark.parametrize("name", ["TISCO", "Tisco", "SEVT"])
def test_the_raw_look_sees_employers_that_stand_for_the_province(name: str) -> None:
    assert raw_names(f"<p>Nhà máy của {name}</p>".encode(), PLACES.enough)


@pytest.mark.parametrize(
    "text", ["Bắc Ninh đón 12 dự án", "Thủ tướng Nguyễn Văn A", "triều Nguyễn", "Thời Nguyễn", ""]
)
def test_the_raw_look_says_no_elsewhere(text: str) -> None:
    assert not raw_names(text.encode(), PLACES.enough)


@pytest.mark.parametrize("case", RELEVANT, ids=lambda case: case.name)
@pytest.mark.parametrize("way", WAYS)
def test_the_raw_look_loses_no_case(case: Case, way: str) -> None:
    if not case.own:
        assert raw_names(WAYS[way](f"{case.title}. {case.lead} {case.body}"), PLACES.enough)


ALPHABET = st.sampled_from(
    [
        "Thái",
        "Nguyên",
        "Nguyễn",
        "thái",
        "Thai",
        "Nguyen",
        "TISCO",
        "SEVT",
        "SEMV",
        "Đại học",
        "Hà Nội",
        "-",
        ",",
        "tỉnh",
        "nhà máy",
        "khu công nghiệp",
        "FDI",
        "C-ThaiNguyen",
        "&",
        "chuyển đổi số",
    ]
)


@settings(deadline=None, max_examples=60)
@given(words=st.lists(ALPHABET, max_size=12), way=st.sampled_from(sorted(WAYS)))
def test_what_the_full_path_keeps_the_raw_look_lets_through(words: list[str], way: str) -> None:
    text = " ".join(words)
    if verdict(text, text, "").relevant:
        assert raw_names(WAYS[way](text), PLACES.enough)


@needs_corpus
@pytest.mark.parametrize("way", ["utf-8", "decomposed", "escaped JSON", "numbered entities", "utf-16 with BOM"])
def test_the_raw_look_loses_nothing_of_the_corpus(way: str) -> None:
    for row, relevant in judged():
        if relevant:
            assert raw_names(WAYS[way]("\n".join((row["title"], row["lead"], row["body"]))), PLACES.enough), (
                row["id"]
            )


@pytest.mark.parametrize("way", WAYS)
def test_every_name_that_stands_for_the_province_is_one_the_raw_look_knows(way: str) -> None:
    for name in PLACES.enough:
        assert raw_names(WAYS[way](f"Tin từ {name} sáng nay"), PLACES.enough), name
