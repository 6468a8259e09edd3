"""The edition as people decided it: whatever is joined or moved, no story is lost or told twice."""

import random
from collections import Counter
from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from archive.desk.arrange import DeskStory, arranged
from archive.desk.choices import Choice
from archive.desk.edition import left_out, place_beside, stories, with_choices
from archive.digests.content import (
    STARRED,
    Appearance,
    Cited,
    Content,
    EditionChange,
    EditionStory,
    Section,
    count_stories,
)
from archive.search.highlight import Marked

KEY = ("hang-ngay", "")
OUTLETS = ("Báo A", "Báo B", "Báo C", "Báo D")


def story(*ids: int, minute: int = 0) -> EditionStory:
    appearances = [
        Appearance(
            one, OUTLETS[at % 4], f"Tít {one}", f"https://a.example/{one}", f"http://b/bai/{one}",
            f"2026-11-22T{at:02}:{minute:02}:00Z", summary=f"Tóm tắt {one}." if at else "",
        )
        for at, one in enumerate(ids)
    ]  # fmt: skip
    documents = [Cited(f"{one}/QĐ", "", None, [one]) for one in ids]
    return EditionStory(Marked(f"Tít {ids[0]}", [(0, 3)]), Marked(f"Tóm tắt {ids[0]}."), appearances, documents)


def content(*parts: list[EditionStory], **more: list[EditionStory] | list[Section]) -> Content:
    names = ("hang-ngay/mot", "hang-ngay/hai", "hang-ngay/ba")
    told = [
        Section(name, name.rpartition("/")[2], some) for name, some in zip(names, parts, strict=False) if some
    ]
    made = Content(
        name="hang-ngay", title="Điểm tin", edition="2026-11-23", number=1,
        made_at="2026-11-23T00:00:00Z", covers_from="2026-11-22T00:00:00Z", covers_to="2026-11-23T00:00:00Z",
        counts=count_stories(told), parts=told, labels={name: name.rpartition("/")[2] for name in names},
        **more,  # type: ignore[arg-type]
    )  # fmt: skip
    told = {id_ for one in made.mentions for id_ in one.ids}  # has never stood in article_ids
    return replace(made, article_ids=sorted({id_ for one in stories(made) for id_ in one.ids} - told))


def chosen(*choices: Choice) -> dict[int, Choice]:
    return {one.article_id: one for one in choices}


def choice(article_id: int, **more: object) -> Choice:
    return Choice(*KEY, article_id, changed_at="2026-11-23T00:00:00Z", rev=1, **more)  # type: ignore[arg-type]


def ids(some: Iterable[EditionStory]) -> list[list[int]]:
    return [one.ids for one in some]


def sections(of: Content) -> dict[str, list[list[int]]]:
    return {part.key.rpartition("/")[2]: ids(part.stories) for part in of.parts}


MORNING = content([story(1, 2, 3), story(4), story(5)], [story(6, 7), story(8)], again=[story(9)])


def test_without_any_choice_the_edition_is_as_collected() -> None:
    edited = with_choices(MORNING, {}, everything=True)
    assert sections(edited) == sections(MORNING)
    assert edited.counts == MORNING.counts
    assert [one.title for one in stories(edited)] == [one.title for one in stories(MORNING)]
    assert edited.left_ids == []
    assert left_out(MORNING, edited) == []


def test_left_and_irrelevant_are_dropped_and_named() -> None:
    decided = chosen(choice(1, mark="left"), choice(6, mark="irrelevant"), choice(4, mark="chosen"))
    edited = with_choices(MORNING, decided, everything=True)
    assert sections(edited) == {"mot": [[4], [5]], "hai": [[8]]}
    assert (edited.counts.stories, edited.counts.articles) == (3, 3)
    assert edited.article_ids == MORNING.article_ids
    assert edited.left_ids == [1, 2, 3, 6, 7]
    assert ids(left_out(MORNING, edited)) == [[1, 2, 3], [6, 7]]
    only = with_choices(MORNING, decided, everything=False)
    assert sections(only) == {"mot": [[4]]}
    assert only.again == []
    assert only.left_ids == [1, 2, 3, 5, 6, 7, 8, 9]


def test_a_storys_choice_is_the_newest_among_its_articles() -> None:
    late = replace(choice(3, mark="left"), changed_at="2026-11-23T01:00:00Z")
    [one] = [one for one in arranged(MORNING, chosen(choice(2, mark="chosen"), late)) if 3 in one.story.ids]
    assert one.choice is not None
    assert (one.mark, one.choice.article_id) == ("left", 3)


def test_comments_on_articles_that_became_one_story_are_all_told() -> None:
    late = replace(choice(3, comment="sau"), changed_at="2026-11-23T01:00:00Z")
    edited = with_choices(MORNING, chosen(choice(2, comment="trước", mark="chosen"), late), everything=False)
    assert [one.comment for one in stories(edited)] == ["sau\ntrước"]


def test_stars_come_first_and_leave_their_section() -> None:
    edited = with_choices(MORNING, chosen(choice(8, star=True), choice(9, star=True)), everything=True)
    assert sections(edited) == {STARRED: [[8], [9]], "mot": [[1, 2, 3], [4], [5]], "hai": [[6, 7]]}
    assert edited.in_words().parts[0].label == "Tin nổi bật"
    assert [one.star for one in edited.parts[0].stories] == [True, True]
    assert sections(with_choices(MORNING, chosen(choice(8, star=True)), everything=False)) == {STARRED: [[8]]}


def test_an_edited_title_keeps_the_original_beside() -> None:
    edited = with_choices(MORNING, chosen(choice(4, title="Mới", summary="Kể lại.")), everything=True)
    [one] = [one for one in stories(edited) if one.ids == [4]]
    assert (one.title.text, one.original_title) == ("Mới", "Tít 4")
    assert (one.summary.text, one.original_summary) == ("Kể lại.", "Tóm tắt 4.")
    same = with_choices(MORNING, chosen(choice(4, title="Tít 4")), everything=True)
    assert {one.original_title for one in stories(same)} == {""}


def test_joined_stories_are_told_once_with_all_their_outlets() -> None:
    decided = chosen(choice(6, head_id=4, comment="của 6"), choice(4, mark="chosen", comment="của 4"))
    edited = with_choices(MORNING, decided, everything=False)
    [one] = stories(edited)
    assert one.ids == [4, 6, 7]
    assert one.title.text == "Tít 4"
    assert one.comment == "của 4\ncủa 6"
    assert [cited.number for cited in one.documents] == ["4/QĐ", "6/QĐ", "7/QĐ"]
    [joined] = [one for one in arranged(MORNING, decided) if one.joined]
    assert joined.joined == [6]


def test_taken_apart_an_article_has_its_own_title_and_documents() -> None:
    edited = with_choices(MORNING, chosen(choice(1, apart=True, head_id=1)), everything=True)
    first, rest = (next(one for one in stories(edited) if one.ids == some) for some in ([1], [2, 3]))
    assert (first.title.text, first.summary.text) == ("Tít 1", "Tóm tắt 1.")
    assert (rest.title.text, rest.summary.text) == ("Tít 2", "Tóm tắt 2.")
    assert [one.number for one in rest.documents] == ["2/QĐ", "3/QĐ"]
    assert edited.counts.stories == MORNING.counts.stories + 1


def test_what_was_taken_apart_can_be_joined_elsewhere_alone() -> None:
    edited = with_choices(MORNING, chosen(choice(3, apart=True, head_id=8)), everything=True)
    assert sections(edited) == {"mot": [[1, 2], [4], [5]], "hai": [[6, 7], [8, 3]]}


def test_joins_in_a_circle_or_to_nothing_lose_no_story() -> None:
    circle = chosen(choice(1, head_id=4), choice(4, head_id=5), choice(5, head_id=1), choice(8, head_id=999))
    assert sections(with_choices(MORNING, circle, everything=True)) == {
        "mot": [[1, 2, 3, 4, 5]],
        "hai": [[6, 7], [8]],
    }


def test_another_section_even_one_without_stories_or_of_ones_own() -> None:
    decided = chosen(
        choice(4, section="hang-ngay/ba"), choice(5, section="Chỉ đạo, điều hành"),
        choice(8, section="hang-ngay/mot"), choice(9, section="hang-ngay/hai"), choice(6, section=""),
    )  # fmt: skip
    parts = with_choices(MORNING, decided, everything=True).in_words().parts
    assert {part.label: ids(part.stories) for part in parts} == {
        "mot": [[1, 2, 3], [8]],
        "hai": [[9]],
        "ba": [[4]],
        "Chỉ đạo, điều hành": [[5]],
        "Khác": [[6, 7]],
    }
    assert [part.label for part in parts] == ["mot", "hai", "ba", "Chỉ đạo, điều hành", "Khác"]


def test_moving_goes_one_place_past_those_shown() -> None:
    day = content([story(n) for n in range(1, 7)])
    decided: dict[int, Choice] = {}

    def move(article_id: int, step: int) -> list[int]:
        desk = arranged(day, decided)
        position = place_beside(desk, article_id, step)
        if position is not None:
            decided[article_id] = choice(article_id, position=position)
        return [one.story.ids[0] for one in arranged(day, decided)]

    assert move(4, -1) == [1, 2, 4, 3, 5, 6]
    assert move(4, -1) == [1, 4, 2, 3, 5, 6]
    assert move(1, -1) == [1, 4, 2, 3, 5, 6]
    assert move(1, 1) == [4, 1, 2, 3, 5, 6]
    assert move(4, 5) == [1, 2, 3, 5, 6, 4]
    assert move(4, 1) == [1, 2, 3, 5, 6, 4]
    assert move(6, -9) == [6, 1, 2, 3, 5, 4]
    shown = [one for one in arranged(day, decided) if one.story.ids[0] not in (1, 2)]
    decided[3] = choice(3, position=place_beside(shown, 3, -1))
    assert [one.story.ids[0] for one in arranged(day, decided)] == [3, 6, 1, 2, 5, 4]


def test_moved_stories_keep_their_place_when_others_come() -> None:
    day = content([story(1), story(2), story(3)])
    decided = chosen(choice(3, position=place_beside(arranged(day, {}), 3, -1)))
    more = content([story(8, 9), story(1), story(2), story(3), story(7)])
    assert [one.story.ids[0] for one in arranged(more, decided)] == [8, 1, 3, 2, 7]


def test_what_was_left_before_stays_out_until_it_is_chosen() -> None:
    day = content([story(1)], left_before=[Section("hang-ngay/hai", "hai", [story(4, 5)])])
    for everything in (True, False):
        assert 4 not in [one.ids[0] for one in stories(with_choices(day, {}, everything=everything))]
    assert with_choices(day, {}, everything=True).left_ids == [4, 5]
    edited = with_choices(day, chosen(choice(5, mark="chosen")), everything=True)
    assert sections(edited) == {"mot": [[1]], "hai": [[4, 5]]}
    assert edited.left_before == []


def test_what_happened_to_a_story_that_was_left_out_is_not_told() -> None:
    happened = [
        EditionChange(f"edit:{n}", "edit", n, "Báo A", "Tít", "https://a.example/", "http://b/", "", "")
        for n in (1, 4, 77)
    ]
    day = replace(MORNING, changes=happened)
    edited = with_choices(day, chosen(choice(1, mark="left")), everything=True)
    assert [one.article_id for one in edited.changes] == [4, 77]


def _random_day(chance: random.Random) -> Content:
    fresh = iter(range(1, 200))
    some = [
        [
            story(*(next(fresh) for _ in range(chance.choice((1, 1, 1, 2, 4)))), minute=chance.randrange(60))
            for _ in range(chance.randrange(5))
        ]
        for _ in range(6)
    ]
    kept = [Section("hang-ngay/ba", "ba", some[5])] if some[5] else []
    return content(*some[:2], again=some[2], older=some[3], mentions=some[4], left_before=kept)


def _random_deed(chance: random.Random, day: Content, decided: dict[int, Choice]) -> None:
    """One thing that a person can do, at a story or an article as the desk shows it."""
    desk = arranged(day, decided)
    one = chance.choice(desk)
    at = one.choice.article_id if one.choice else one.story.ids[0]
    other = chance.choice(chance.choice(desk).story.ids)
    apart = chance.choice(one.story.ids)
    deed, changes = chance.choice([
        (at, {"mark": chance.choice(["chosen", "left", "irrelevant", None])}),
        (at, {"star": chance.random() < 0.5}),
        (at, {"comment": f"nhận xét {chance.random()}"}),
        (at, {"section": chance.choice(["hang-ngay/mot", "hang-ngay/ba", "Riêng", "", None])}),
        (at, {"position": place_beside(desk, at, chance.choice([-1, 1, 3]))}),
        (at, {"title": chance.choice(["Tít mới", ""])}),
        (chance.choice(one.story.ids), {"head_id": other}),
        (apart, {"head_id": apart, "apart": True}),
        (apart, {"head_id": None}),
    ])  # fmt: skip
    row = decided.get(deed, Choice(*KEY, deed))
    decided[deed] = replace(
        row, **changes, rev=row.rev + 1, changed_at=f"2026-11-23T00:00:{chance.randrange(60):02}Z"
    )


def _check(day: Content, decided: dict[int, Choice]) -> list[DeskStory]:
    desk = arranged(day, decided)
    once = Counter(id_ for one in desk for id_ in one.story.ids)
    all_ids = {id_ for one in stories(day) for id_ in one.ids}
    assert set(once) == all_ids
    assert set(once.values()) <= {1}
    for everything in (True, False):
        edited = with_choices(day, decided, everything=everything)
        told = [id_ for one in stories(edited) for id_ in one.ids]
        assert len(told) == len(set(told))
        assert set(told) | set(edited.left_ids) == all_ids
        assert not set(told) & set(edited.left_ids)
        assert all(one.appearances and one.title.text for one in stories(edited))
        assert all(part.stories for part in edited.parts)
        assert edited.counts == count_stories(edited.parts)
        assert Content.from_json(edited.to_json()) == edited
        spoken = "\n".join(one.comment for one in stories(edited))
        must = {id_ for one in desk if one.mark == "chosen" for id_ in one.story.ids}
        assert must <= set(told)
        assert all(decided[id_].comment in spoken for id_ in told if id_ in decided)
    return desk


@pytest.mark.parametrize("seed", range(40))
def test_no_sequence_of_deeds_loses_or_doubles_a_story(seed: int) -> None:
    chance = random.Random(20261128 + seed)
    day, decided = _random_day(chance), dict[int, Choice]()
    if not any(stories(day)):
        return
    assert sections(with_choices(day, {}, everything=True)) == sections(day)
    for _ in range(60):
        _random_deed(chance, day, decided)
        _check(day, decided)


@pytest.mark.parametrize("seed", range(5))
def test_moved_at_random_the_order_is_as_if_cards_were_laid(seed: int) -> None:
    chance = random.Random(seed)
    day = content([story(n, minute=n // 4) for n in range(1, 13)])
    decided: dict[int, Choice] = {}
    cards = [one.story.ids[0] for one in arranged(day, decided)]
    for _ in range(300):
        card, step = chance.choice(cards), chance.choice([-2, -1, -1, 1, 1, 2])
        position = place_beside(arranged(day, decided), card, step)
        to = max(0, min(cards.index(card) + step, len(cards) - 1))
        assert (position is None) == (to == cards.index(card))
        if position is not None:
            decided[card] = choice(card, position=position)
        cards.remove(card)
        cards.insert(to, card)
        assert [one.story.ids[0] for one in arranged(day, decided)] == cards
