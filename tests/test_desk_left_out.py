"""What was left out of an edition stays out of the later ones: its reprints, edits and take-downs too."""

from datetime import timedelta
from pathlib import Path

import pytest

from archive.desk.arrange import arranged
from archive.desk.choices import Choice
from archive.desk.edition import with_choices
from archive.digests.content import Content
from archive.digests.editions import due_window, insert, preview, read
from tests.newsroom import ALERTS, FACTORY, PORTAL, Newsroom, hanoi

DAILY = ALERTS.replace("working_days: true", "working_days: false")
REPRINT = (FACTORY[0], "", f"{FACTORY[1]}\n{FACTORY[2]}")
NIGHT = hanoi("2026-11-22", "20:00")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path, DAILY)


def edition(room: Newsroom, day: str, *choices: Choice) -> Content:
    """The edition of a day as decided."""
    digest, now = room.alerts.digests["hang-ngay"], hanoi(day)
    window = due_window(room.db, digest, now)
    assert window is not None
    decided = {one.article_id: one for one in choices}
    told = preview(room.db, digest, now, window.covers_to)
    return read(room.db, insert(room.db, digest, with_choices(told, decided, everything=True), now))


def titles(content: Content) -> list[str]:
    return [story.title.text for part in content.parts for story in part.stories]


def left(article_id: int) -> Choice:
    return Choice("hang-ngay", "", article_id, mark="left", rev=1)


def test_a_reprint_of_what_was_left_out_is_told_only_if_it_is_chosen(room: Newsroom) -> None:
    first = room.publish(FACTORY, NIGHT)
    room.publish(PORTAL, NIGHT, source="dien-dan-so")
    sunday = edition(room, "2026-11-23", left(first))
    assert titles(sunday) == [PORTAL[0]]
    assert sunday.left_ids == [first]
    second = room.publish(REPRINT, NIGHT + timedelta(hours=14), source="may-tre")
    monday = edition(room, "2026-11-24")
    assert titles(monday) == []
    assert monday.again == []
    assert monday.left_ids == [second]
    third = room.publish(REPRINT, NIGHT + timedelta(hours=38), source="dien-dan-so")
    tuesday = edition(room, "2026-11-25", Choice("hang-ngay", "", third, mark="chosen", rev=1))
    assert titles(tuesday) == [FACTORY[0]]
    fourth = room.publish(
        REPRINT, NIGHT + timedelta(hours=60), source="song-bang", url="https://song-bang.example/9"
    )
    assert [story.ids[-1] for story in edition(room, "2026-11-26").again] == [fourth]


def test_what_happens_to_what_was_left_out_is_not_told(room: Newsroom) -> None:
    first = room.publish(FACTORY, NIGHT)
    told = room.publish(PORTAL, NIGHT, source="dien-dan-so")
    edition(room, "2026-11-23", left(first))
    for one in (first, told):
        room.take_down(room.url(one), NIGHT + timedelta(hours=14), NIGHT + timedelta(hours=16))
    assert [change.article_id for change in edition(room, "2026-11-24").changes] == [told]


def test_what_is_taken_apart_has_its_own_summary_and_documents(room: Newsroom) -> None:
    first = room.publish(FACTORY, NIGHT)
    other = ("Tin khác hẳn tít", "Một lời dẫn riêng.", f"{FACTORY[1]}\n{FACTORY[2]}")
    second = room.publish(other, NIGHT + timedelta(minutes=30), source="may-tre")
    apart = Choice("hang-ngay", "", second, apart=True, head_id=second, rev=1)
    monday = edition(room, "2026-11-23", apart)
    [part] = monday.parts
    assert {tuple(one.ids): (one.title.text, one.summary.text) for one in part.stories} == {
        (first,): (FACTORY[0], FACTORY[1]),
        (second,): ("Tin khác hẳn tít", "Một lời dẫn riêng."),
    }


def test_a_day_that_nobody_touched_is_told_as_it_was_collected(room: Newsroom) -> None:
    room.publish(FACTORY, NIGHT)
    room.publish(REPRINT, NIGHT + timedelta(hours=1), source="may-tre")
    room.publish(PORTAL, NIGHT, source="dien-dan-so")
    told = edition(room, "2026-11-23")
    assert titles(told) == [FACTORY[0], PORTAL[0]]
    assert {one.mark for one in arranged(told, {})} == {None}
