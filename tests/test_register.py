"""The register: what is entered, changed and taken back, by whom, and how it is counted for a period."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive.desk.db import open_desk
from archive.desk.fields import BadValue, TooLong
from archive.desk.register import (
    Answered,
    DayAhead,
    NoEntry,
    RegisterEntry,
    answered_in,
    change_entry,
    enter,
    history,
    list_of,
    load,
    of_articles,
    undo,
)
from archive.desk.rows import Conflict
from archive.i18n import Words
from tests.newsroom import hanoi

pytestmark = pytest.mark.timeless

NOW = hanoi("2026-11-24", "09:00")  # a Tuesday
LATER = NOW + timedelta(hours=3)
ARTICLE = RegisterEntry(0, article_id=7, source="trungdu", title="Nhà máy xả thải")


@pytest.fixture
def desk(tmp_path: Path) -> Database:
    return open_desk(tmp_path / "desk.db")


def entered(desk: Database, day: str = "2026-11-24", **given: Any) -> RegisterEntry:
    asked = {"asked": "Làm rõ số liệu", **given}
    return enter(desk, ARTICLE, asked, by="An", now=hanoi(day, "09:00"))


def changed(desk: Database, entry: RegisterEntry, day: str = "2026-11-30", **changes: Any) -> RegisterEntry:
    return change_entry(desk, entry.id, load(desk, entry.id).rev, changes, by="An", now=hanoi(day, "09:00"))


def test_what_is_entered_stands_with_who_and_when(desk: Database) -> None:
    entry = entered(desk, asked_by="Chủ tịch UBND tỉnh", assignee="Lan", due="27/11/2026")
    assert load(desk, entry.id) == entry
    assert (entry.due, entry.asked_on, entry.entered_by) == ("2026-11-27", "2026-11-24", "An")
    assert [one.id for one in of_articles(desk, [7, 8])] == [entry.id]
    assert entry.state(date(2026, 11, 27)) == "today"
    assert entry.state(date(2026, 11, 28)) == "overdue"
    with pytest.raises(NoEntry):
        load(desk, 99)


def test_whoever_is_second_is_told_and_nothing_is_overwritten(desk: Database) -> None:
    entry = entered(desk)
    change_entry(desk, entry.id, entry.rev, {"assignee": "Lan"}, by="An", now=NOW)
    with pytest.raises(Conflict) as told:
        change_entry(desk, entry.id, entry.rev, {"assignee": "Hoa"}, by="Bình", now=LATER)
    assert (told.value.by, load(desk, entry.id).assignee) == ("An", "Lan")
    same = change_entry(desk, entry.id, entry.rev, {"assignee": "Lan"}, by="Bình", now=LATER)
    assert same.changed_by == "An"


def test_the_history_tells_before_and_after_of_each_change(desk: Database) -> None:
    entry = entered(desk, due="2026-11-27")
    changed(desk, entry, "2026-11-25", due="2026-11-30", assignee="Lan")
    assert undo(desk, entry.id, by="An", now=LATER)
    told = history(desk, load(desk, entry.id))
    dues = [(one.before and one.before.due, one.after.due, one.undone) for one in told]
    assert dues == [
        ("2026-11-30", "2026-11-27", False),
        ("2026-11-27", "2026-11-30", True),
        (None, "2026-11-27", False),
    ]
    sentences = [Words("vi").reason(one.what) for one in told]
    assert sentences == [
        "hoàn tác: giao cho Lan; hạn 2026-11-30",
        "giao cho Lan; hạn 2026-11-30",
        "vào sổ phản hồi",
    ]


def test_undo_takes_back_only_what_one_did_last(desk: Database) -> None:
    entry = entered(desk)
    assert not undo(desk, entry.id, by="An", now=NOW)  # what is entered is withdrawn, not undone
    changed(desk, entry, assignee="Lan")
    assert not undo(desk, entry.id, by="Bình", now=LATER)
    assert undo(desk, entry.id, by="An", now=LATER)
    assert not undo(desk, entry.id, by="An", now=LATER)
    assert load(desk, entry.id).assignee == ""


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("asked", "  ", BadValue),
        ("asked", "x" * 2001, TooLong),
        ("due", "ngày mai", BadValue),
        ("due", "31/02/2026", BadValue),
        ("answered_on", "2026-12-01", DayAhead),
        ("outcome_on", "2027-01-01", DayAhead),
        ("answer_url", "javascript:alert(1)", BadValue),
        ("outcome", "bribed", BadValue),
        ("closed", "lost", BadValue),
        ("asked_on", "", BadValue),
    ],
)
def test_what_a_field_cannot_hold_is_refused(
    desk: Database, field: str, value: str, error: type[BadValue]
) -> None:
    entry = entered(desk)
    with pytest.raises(error) as told:
        changed(desk, entry, **{field: value})
    assert told.value.field == field
    assert load(desk, entry.id) == entry


def test_an_outcome_has_its_day_and_none_goes_with_all_of_it(desk: Database) -> None:
    entry = changed(desk, entered(desk), outcome="edited", proof_article=7, proof_version=3)
    assert entry.outcome_on == "2026-11-30"
    entry = changed(desk, entry, outcome="")
    assert (entry.outcome, entry.outcome_on, entry.proof_article, entry.proof_version) == (None,) * 4


def test_a_period_counts_what_fell_into_it(desk: Database) -> None:
    november, today = (date(2026, 11, 1), date(2026, 12, 1)), date(2026, 12, 20)
    assert answered_in(desk, *november, today) == Answered(0, 0, 0, 0, 0)
    in_time = entered(desk, "2026-11-02", due="2026-11-10")
    changed(desk, in_time, answered_on="2026-11-10", outcome="edited", outcome_on="2026-11-12")
    late = entered(desk, "2026-10-20", due="2026-11-05")
    changed(desk, late, answered_on="2026-11-09")
    entered(desk, "2026-11-20", due="2026-11-30")  # still waits
    changed(desk, entered(desk, "2026-11-21"), "2026-12-02", answered_on="2026-12-02")  # without a due day
    changed(desk, entered(desk, "2026-11-22", due="2026-11-23"), closed="withdrawn")
    assert answered_in(desk, *november, today) == Answered(4, 2, 1, 2, 1)
    assert answered_in(desk, date(2026, 12, 1), date(2027, 1, 1), today) == Answered(0, 1, 0, 0, 0)
    assert answered_in(desk, *november, date(2026, 11, 30)).overdue == 1
    assert list_of("answered", *november) == {"loc": "da-tra-loi", "tu": "2026-11-01", "den": "2026-11-30"}
