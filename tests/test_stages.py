"""The walk: the stages once, in order, ending in exactly one named outcome."""

from typing import cast

from archive.gazetteer.places import load_places
from archive.home import DEFAULTS
from archive.model import Article, Outcome
from pipelines.draft import Desk, Draft, Ended
from pipelines.stages import STAGES, walk
from pipelines.topics import load_topics

NOWHERE = cast("Desk", None)


def a_draft() -> Draft:
    return Draft(Article("https://baomau.vn/1", "baomau"))


def test_the_stages_are_named_once_in_order() -> None:
    assert [stage.__name__ for stage in STAGES] == [
        "glance",
        "extract",
        "judge",
        "classify",
        "figures",
        "fingerprint",
        "store",
    ]


def test_a_walk_goes_through_the_stages_in_order() -> None:
    seen: list[str] = []

    def first(draft: Draft, desk: Desk) -> None:
        seen.append("first")

    def second(draft: Draft, desk: Desk) -> None:
        seen.append("second")
        draft.outcome = Outcome.STORED

    assert walk(a_draft(), NOWHERE, (first, second)).outcome is Outcome.STORED
    assert seen == ["first", "second"]


def test_a_stage_can_end_the_walk_with_a_reason() -> None:
    def ends(draft: Draft, desk: Desk) -> None:
        raise Ended(Outcome.TOO_SHORT, "12 chữ")

    def never(draft: Draft, desk: Desk) -> None:
        raise AssertionError

    done = walk(a_draft(), NOWHERE, (ends, never))
    assert (done.outcome, done.reason) == (Outcome.TOO_SHORT, "12 chữ")


def test_a_text_walks_through_all_stages_without_an_archive() -> None:
    desk = Desk(load_places(DEFAULTS / "places.yml"), load_topics(DEFAULTS / "topics.yml"))
    body = "Các khu công nghiệp tỉnh Thái Nguyên thu hút thêm nhiều dự án đầu tư nước ngoài. " * 8
    text = Article(
        "https://baomau.vn/1", "baomau", title="Khu công nghiệp Thái Nguyên thu hút đầu tư", lead="", body=body
    )
    done = walk(Draft(text), desk)
    assert done.outcome is Outcome.STORED
    assert done.article.relevant
    assert done.article_id is None
