"""Choices and notes: kept, limited, logged, undone, and never overwritten in silence."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.desk import log
from archive.desk.choices import (
    Choice,
    Key,
    Note,
    change,
    change_note,
    load_choices,
    load_notes,
    undo,
)
from archive.desk.db import open_desk
from archive.desk.fields import BadValue, TooLong
from archive.desk.personal.looks import last_look, looked, mark_read, mark_unread, read_ids
from archive.desk.rows import Conflict
from archive.i18n import Words
from tests.newsroom import hanoi

NOW = hanoi("2026-11-23", "06:10")
KEY = Key("hang-ngay", "2026-11-22T00:00:00Z", 7)


@pytest.fixture
def desk(tmp_path: Path) -> Database:
    return open_desk(tmp_path / "desk.db")


def test_a_choice_is_kept_and_counts_its_changes(desk: Database) -> None:
    change(desk, KEY, 0, {"mark": "chosen"}, by="lan", now=NOW)
    change(desk, KEY, 1, {"comment": "Đề nghị Sở trả lời."}, by="minh", now=NOW)
    assert load_choices(desk, *KEY[:2]) == {
        7: Choice(
            *KEY,
            mark="chosen",
            comment="Đề nghị Sở trả lời.",
            rev=2,
            changed_by="minh",
            changed_at="2026-11-22T23:10:00Z",
        )
    }
    assert load_choices(desk, "hang-ngay", "") == {}


def test_the_second_of_two_editors_is_told_what_the_first_did(desk: Database) -> None:
    change(desk, KEY, 0, {"mark": "chosen", "comment": "một"}, by="lan", now=NOW)
    with pytest.raises(Conflict) as told:
        change(desk, KEY, 0, {"comment": "hai"}, by="minh", now=NOW)
    assert (told.value.by, told.value.at) == ("lan", "2026-11-22T23:10:00Z")
    assert isinstance(told.value.current, Choice)
    assert told.value.current.comment == "một"
    assert load_choices(desk, *KEY[:2])[7].comment == "một"


def test_saying_again_what_stands_is_no_conflict_and_no_change(desk: Database) -> None:
    first = change(desk, KEY, 0, {"mark": "chosen"}, by="lan", now=NOW)
    assert change(desk, KEY, 0, {"mark": "chosen"}, by="minh", now=NOW) == first
    assert len(log.entries(desk)) == 1


@pytest.mark.parametrize(
    ("field", "value", "most"),
    [("comment", "x" * 100_000, 2000), ("title", "y" * 301, 300), ("summary", "z" * 3001, 3000)],
)
def test_what_is_too_long_is_refused_and_comes_back(desk: Database, field: str, value: str, most: int) -> None:
    with pytest.raises(TooLong) as told:
        change(desk, KEY, 0, {field: value}, by="lan", now=NOW)
    assert (told.value.field, told.value.typed, told.value.most) == (field, value, most)
    assert load_choices(desk, *KEY[:2]) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [("mark", "maybe"), ("position", "nan"), ("position", "x"), ("head_id", "7 or 1"), ("head_id", 2**63)],
)
def test_what_cannot_be_is_refused(desk: Database, field: str, value: object) -> None:
    with pytest.raises(BadValue):
        change(desk, KEY, 0, {field: value}, by="lan", now=NOW)


def test_only_fields_of_a_choice_can_be_changed(desk: Database) -> None:
    for field in ("rev", "changed_by", "digest", "note", "tone"):
        with pytest.raises(KeyError):
            change(desk, KEY, 0, {field: "1"}, by="lan", now=NOW)
    with pytest.raises(KeyError):
        change_note(desk, 7, 0, {"comment": "x"}, by="lan", now=NOW)


def test_text_is_kept_as_typed_but_for_what_cannot_be_shown(desk: Database) -> None:
    typed = "\r\n <b>Hoà</b>\r\nhai\x00 do\u0300ng \ud800"
    kept = change(desk, KEY, 0, {"comment": typed, "title": "một\nhai"}, by="lan", now=NOW)
    assert kept.comment == "<b>Hoà</b>\nhai dòng"
    assert kept.title == "một hai"


def test_a_note_belongs_to_the_article(desk: Database) -> None:
    given = {"tone": "bad", "note": "Gọi lại Sở", "assignee": "minh", "due": "2026-11-30"}
    note = change_note(desk, 7, 0, given, by="lan", now=NOW)
    assert load_notes(desk, [7, 8]) == {7: note}
    assert note == Note(7, *given.values(), rev=1, changed_by="lan", changed_at="2026-11-22T23:10:00Z")
    with pytest.raises(BadValue):
        change_note(desk, 7, 1, {"due": "30/11"}, by="lan", now=NOW)
    with pytest.raises(Conflict):
        change_note(desk, 7, 0, {"tone": "good"}, by="minh", now=NOW)


def test_undo_takes_back_ones_own_last_changes_in_turn(desk: Database) -> None:
    change(desk, KEY, 0, {"mark": "chosen"}, by="lan", now=NOW)
    change(desk, KEY, 1, {"mark": "left"}, by="lan", now=NOW)
    change_note(desk, 7, 0, {"tone": "good"}, by="lan", now=NOW, digest=KEY.digest, window=KEY.window)
    for mark, tone in (("left", None), ("chosen", None), (None, None)):
        assert undo(desk, *KEY[:2], by="lan", now=NOW)
        assert load_choices(desk, *KEY[:2])[7].mark == mark
        assert load_notes(desk, [7])[7].tone == tone
    assert undo(desk, *KEY[:2], by="lan", now=NOW) is None


def test_undo_leaves_what_someone_else_changed_since(desk: Database) -> None:
    change(desk, KEY, 0, {"mark": "chosen"}, by="lan", now=NOW)
    change(desk, KEY, 1, {"comment": "của Minh"}, by="minh", now=NOW)
    assert undo(desk, *KEY[:2], by="lan", now=NOW) is None
    assert undo(desk, *KEY[:2], by="hoa", now=NOW) is None
    assert undo(desk, *KEY[:2], by="minh", now=NOW)
    assert undo(desk, *KEY[:2], by="lan", now=NOW)
    assert load_choices(desk, *KEY[:2])[7].mark is None


def test_undo_stays_within_its_window(desk: Database) -> None:
    change(desk, KEY, 0, {"mark": "chosen"}, by="lan", now=NOW)
    assert undo(desk, KEY.digest, "2026-11-23T00:00:00Z", by="lan", now=NOW) is None


def test_whoever_read_it_before_an_undo_is_told(desk: Database) -> None:
    seen = change(desk, KEY, 0, {"mark": "chosen"}, by="lan", now=NOW)
    undo(desk, *KEY[:2], by="lan", now=NOW)
    with pytest.raises(Conflict):
        change(desk, KEY, seen.rev, {"comment": "x"}, by="minh", now=NOW)


def test_the_log_says_who_did_what(desk: Database) -> None:
    change(desk, KEY, 0, {"mark": "irrelevant", "why": "reason"}, by="lan", now=NOW)
    change(desk, KEY, 1, {"head_id": 7}, by="lan", now=NOW)
    change(desk, KEY, 2, {"head_id": 12, "star": True}, by="minh", now=NOW)
    change_note(desk, 7, 0, {"assignee": "minh", "due": "2026-11-30"}, by="lan", now=NOW)
    undo(desk, *KEY[:2], by="minh", now=NOW)
    told = [(entry.by, Words("vi").reason(entry.what)) for entry in log.entries(desk)]
    assert told == [
        ("minh", "hoàn tác: cho là tin nổi bật; gộp vào tin của bài 12"),
        ("lan", "giao cho minh; hạn 2026-11-30"),
        ("minh", "cho là tin nổi bật; gộp vào tin của bài 12"),
        ("lan", "gộp vào tin của bài 7; tách thành tin riêng"),
        ("lan", "đánh dấu không liên quan; vì reason"),
    ]
    assert [entry.by for entry in log.of_article(desk, 7)] == [by for by, _ in told]
    assert [entry.id for entry in log.entries(desk, by="minh", before_id=5)] == [3]


def test_reading_and_looking_are_each_persons_own(desk: Database) -> None:
    mark_read(desk, "lan", [1, 2], NOW)
    mark_read(desk, "lan", [2, 3], NOW)
    mark_unread(desk, "lan", [1])
    assert read_ids(desk, "lan", range(9)) == {2, 3}
    assert read_ids(desk, "minh", range(9)) == set()
    assert last_look(desk, "lan", "hang-ngay") is None
    looked(desk, "lan", "hang-ngay", NOW)
    looked(desk, "lan", "hang-ngay", NOW + timedelta(hours=1))
    assert last_look(desk, "lan", "hang-ngay") == NOW + timedelta(hours=1)


def test_only_its_owner_reads_the_file(tmp_path: Path, desk: Database) -> None:
    change(desk, KEY, 0, {"mark": "chosen"}, by="lan", now=NOW)
    assert {path.name: path.stat().st_mode & 0o077 for path in tmp_path.glob("desk.db*")} == {
        "desk.db": 0,
        "desk.db-wal": 0,
        "desk.db-shm": 0,
    }
    open_desk(tmp_path / "desk.db").close()  # again, with nothing to upgrade
