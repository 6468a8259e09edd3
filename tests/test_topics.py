"""Topics: what the file says, which articles have them, what counts towards relevance."""

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.config import ConfigError
from archive.model import Article
from archive.places.matcher import TextWords
from archive.query import parse
from archive.search.percolator import Percolator
from pipelines.classify.topics import Topic, load_topics, single_phrases

CONFIG = Path(__file__).parent.parent / "config" / "topics.yml"
TOPICS = load_topics(CONFIG)
PERCOLATOR = Percolator({key: parse(topic.query) for key, topic in TOPICS.topics.items()})


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "topics.yml"
    path.write_text(text, encoding="utf-8")
    return path


def article(title: str) -> Article:
    return Article(url="https://vidu.vn/1", source="vidu", title=title)


def test_the_six_topics_of_the_house_are_there() -> None:
    topics = load_topics(CONFIG).topics
    assert {"cong-nghiep", "khu-cong-nghiep", "fdi", "chinh-quyen-so", "kinh-te-so", "khcn"} <= set(topics)
    assert all(topic.name and topic.name_en and topic.words for topic in topics.values())


def test_the_queries_of_the_house_are_understood_whole() -> None:
    queries = {key: topic.query for key, topic in load_topics(CONFIG).topics.items()}
    assert {key: parse(query).problem for key, query in queries.items()} == dict.fromkeys(queries, "")


def test_a_word_with_choices_stands_for_every_one_of_them() -> None:
    topic = Topic("FDI", "FDI", words={3: ("(nhà đầu tư|hãng) (Nhật|Ấn Độ)", "vốn ngoại", "hãng Nhật")})
    assert topic.words == {3: ("nhà đầu tư Nhật", "nhà đầu tư Ấn Độ", "hãng Nhật", "hãng Ấn Độ", "vốn ngoại")}


def test_articles_get_the_topics_whose_query_they_match() -> None:
    topics = load_topics(CONFIG)
    found = topics.match([article("Chuyển đổi số trong khu chế xuất"), article("Hội xuân")])
    assert found == [["khu-cong-nghiep", "chinh-quyen-so"], []]


WORDS = st.sampled_from(
    [
        "khu",
        "công",
        "nghiệp",
        "KCN",
        "kcn",
        "chuyển",
        "đổi",
        "số",
        "chuyen",
        "doi",
        "so",
        "Số",
        "57-NQ/TW",
        "khoa",
        "học,",
        "học.",
        "công",
        "nghệ\ncông",
        "TNG",
        "Samsung",
    ]
)


@settings(deadline=None, max_examples=150)
@given(title=st.lists(WORDS, max_size=6).map(" ".join), body=st.lists(WORDS, max_size=14).map(" ".join))
def test_topics_mean_what_search_means(title: str, body: str) -> None:
    made = Article(url="https://vidu.vn/1", source="vidu", title=title, body=body)
    assert set(TOPICS.match([made])[0]) == PERCOLATOR.match([made])[0]


def test_a_topic_may_be_any_query(tmp_path: Path) -> None:
    topics = load_topics(
        write(tmp_path, "topics: {a: {name: A, query: 'xe điện -pin'}, b: {name: B, query: pin}}")
    )
    assert topics.match([article("Xe điện chạy êm"), article("Xe điện dùng pin")]) == [["a"], ["b"]]


def test_topics_match_in_any_thread(tmp_path: Path) -> None:
    topics = load_topics(write(tmp_path, "topics: {a: {name: A, query: 'xe điện'}}"))
    topics.match([article("Hội xuân")])
    found: list[list[str]] = []
    thread = threading.Thread(target=lambda: found.extend(topics.match([article("Xe điện")])))
    thread.start()
    thread.join()
    assert found == [["a"]]


def test_a_topic_without_words_counts_by_the_phrases_of_its_query(tmp_path: Path) -> None:
    topics = load_topics(
        write(tmp_path, 'topics: {xe: {name: Xe điện, query: "\\"xe điện\\" OR pin", weight: 0.5}}')
    )
    hits = topics.phrases.find(TextWords("Xe điện dùng pin"))
    assert [(hit.value.topic, hit.value.points) for hit in hits] == [("xe", 1.0), ("xe", 1.0)]


@pytest.mark.parametrize(
    ("query", "phrases"),
    [
        ('"khu công nghiệp" OR KCN', ["khu công nghiệp", "KCN"]),
        ("chuyển khu", []),
        ("chuyển đổi", ["chuyển đổi"]),
        ('("a b" c) OR "d e"', ["d e"]),
        ("số*", []),
    ],
)
def test_only_phrases_that_suffice_alone_count(query: str, phrases: list[str]) -> None:
    assert single_phrases(query) == phrases


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("topics: {}", "at least one"),
        ("topics: {a: {name: A, query: x, wight: 2}}", "topics.a: unknown key `wight`"),
        ("topics: {a: {name: A, query: ' '}}", "topics.a.query: is empty"),
        ("topics: {a: {name: A, query: x}}\nrelevance: {treshold: 2}", "relevance: unknown key `treshold`"),
        ("topics: {a: {name: A, query: x}}\nrules: {}", "unknown key `rules`"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load_topics(write(tmp_path, text))
