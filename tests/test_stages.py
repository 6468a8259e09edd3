"""The walk: the stages once, in order, ending in exactly one named outcome."""

from typing import cast

from archive.home import DEFAULTS
from archive.model import Article, Outcome
from archive.places.gazetteer import load_places
from pipelines.classify.topics import load_topics
from pipelines.item import Context, Item, Reject
from pipelines.stages import STAGES, run_stages

NOWHERE = cast("Context", None)


def a_draft() -> Item:
    return Item(Article("https://baomau.vn/1", "baomau"))


def test_the_stages_are_named_once_in_order() -> None:
    assert [stage.__name__ for stage in STAGES] == [
        "prefilter",
        "extract",
        "judge",
        "classify",
        "figures",
        "fingerprint",
        "store",
    ]


def test_a_walk_goes_through_the_stages_in_order() -> None:
    seen: list[str] = []

    def first(item: Item, context: Context) -> None:
        seen.append("first")

    def second(item: Item, context: Context) -> None:
        seen.append("second")
        item.outcome = Outcome.STORED

    assert run_stages(a_draft(), NOWHERE, (first, second)).outcome is Outcome.STORED
    assert seen == ["first", "second"]


def test_a_stage_can_end_the_walk_with_a_reason() -> None:
    def ends(item: Item, context: Context) -> None:
        raise Reject(Outcome.TOO_SHORT, "12 chữ")

    def never(item: Item, context: Context) -> None:
        raise AssertionError

    done = run_stages(a_draft(), NOWHERE, (ends, never))
    assert (done.outcome, done.reason) == (Outcome.TOO_SHORT, "12 chữ")


def test_a_text_walks_through_all_stages_without_an_archive() -> None:
    context = Context(load_places(DEFAULTS / "places.yml"), load_topics(DEFAULTS / "topics.yml"))
    body = "Các khu công nghiệp tỉnh Thái Nguyên thu hút thêm nhiều dự án đầu tư nước ngoài. " * 8
    text = Article(
        "https://baomau.vn/1", "baomau", title="Khu công nghiệp Thái Nguyên thu hút đầu tư", lead="", body=body
    )
    done = run_stages(Item(text), context)
    assert done.outcome is Outcome.STORED
    assert done.article.relevant
    assert done.article_id is None
