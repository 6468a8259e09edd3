"""Cases: a file a person can read, written by several at once, whole after a kill, and true to the desk."""

import json
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.cases import Case, CaseBook, is_right, new_id
from archive.cases.articles import note_choices
from archive.clock import stamp
from archive.config import ConfigError
from archive.db import reading
from archive.desk.choices import Key, change, undo
from archive.desk.db import open_desk
from archive.home import Home
from tests import web_sample

pytestmark = pytest.mark.timeless

NOW = datetime(2026, 11, 29, 0, 12, 33, tzinfo=UTC)
ROOT = Path(__file__).parent.parent
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from archive.cases import Case, CaseBook
book = CaseBook(Path(sys.argv[1]))
number = 0
while number < int(sys.argv[3]):
    name = f"{sys.argv[2]}-{number}"
    said = {"at": "2026-11-29T00:00:00Z", "verdict": "missing", "url": f"https://vidu.vn/{name}"}
    book.record(Case(id=name, lead="lời " * 50, **said))
    number += 1
    print(name, flush=True)
"""


def said(url: str = "https://vidu.vn/1", later: int = 0, **more: Any) -> Case:
    now = NOW + timedelta(minutes=later)
    known = {"id": new_id(now), "at": stamp(now), "verdict": "irrelevant", "by": "Lan", "url": url}
    return Case(**known | more)


@pytest.fixture
def book(tmp_path: Path) -> CaseBook:
    return CaseBook(tmp_path / "cases.jsonl")


def write(book: CaseBook, name: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(book.path), name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_person_can_read_the_file_and_nobody_else_of_the_machine(book: CaseBook) -> None:
    book.record(said(title="Nhà máy mới ở Phổ Yên", why="why_not_field"))
    line = book.path.read_text(encoding="utf-8")
    assert line.count("\n") == 1
    assert '"title":"Nhà máy mới ở Phổ Yên"' in line
    assert json.loads(line)["by"] == "Lan"
    assert book.path.stat().st_mode & 0o777 == 0o600


def test_what_was_said_before_is_not_said_again_and_a_reason_is_a_further_line(book: CaseBook) -> None:
    first = book.record(said())[0]
    assert book.record(said(later=1))[0].id == first.id
    assert book.record(said(later=2, why="why_advert"))[0].id == first.id
    assert [(one.id, one.why) for one in book.read()] == [(first.id, "why_advert")]
    assert len(book.path.read_bytes().splitlines()) == 2
    assert len(book.record(said(topic="fdi"), said("https://vidu.vn/2"))) == 2
    assert len(book.read()) == 3


def test_the_opposite_verdict_withdraws_the_one_before(book: CaseBook) -> None:
    first = book.record(said())[0]
    book.record(said(later=5, verdict="missing", by="Minh"))
    old, new = book.read()
    assert (old.id, old.open, old.withdrawn_by) == (first.id, False, "Minh")
    assert (new.verdict, new.open) == ("missing", True)


def test_a_withdrawn_case_is_a_further_line(book: CaseBook) -> None:
    case = book.record(said())[0]
    before = book.path.read_bytes()
    assert book.withdraw(case.id, "unknown", by="Minh", now=NOW)[0].withdrawn_by == "Minh"
    assert book.path.read_bytes().startswith(before)
    assert not book.withdraw(case.id, by="Minh", now=NOW)
    assert [one.open for one in book.read()] == [False]


def test_two_who_write_at_once_lose_nothing(book: CaseBook) -> None:
    writers = [write(book, name, 40) for name in ("an", "binh", "chi")]
    assert [len(one.communicate(timeout=60)[0].split()) for one in writers] == [40, 40, 40]
    assert len(book.read()) == 120
    assert not book.damaged


def test_after_a_kill_the_file_is_whole(book: CaseBook) -> None:
    for name in ("an", "binh"):
        writer = write(book, name, 10**6)
        assert writer.stdout
        told = [writer.stdout.readline().strip() for _ in range(25)]
        time.sleep(0.01)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        assert set(told) <= {one.id for one in book.read()}
        assert not book.damaged


def test_a_line_cut_short_stays_by_itself(book: CaseBook) -> None:
    book.record(said())
    with book.path.open("ab") as file:
        file.write(b'{"id":"half","at":"2026')
    assert len(book.read()) == 1
    book.record(said("https://vidu.vn/2"))
    assert [one.url[-1] for one in book.read()] == ["1", "2"]
    assert book.damaged == [2]


def test_other_lines_are_passed_over_and_numbered(book: CaseBook) -> None:
    book.path.write_bytes(
        b'\xff\xfe\n[]\n{"id": "x"}\n\n{"id":"y","at":"2026-11-29T00:00:00Z","verdict":"missing","new":1}\n'
    )
    assert [one.id for one in book.read()] == ["y"]
    assert book.damaged == [1, 2, 3]


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    book = CaseBook(tmp_path / "cases.jsonl")
    book.path.mkdir()
    with pytest.raises(ConfigError, match=r"cases\.jsonl"):
        book.record(said())
    with pytest.raises(ConfigError, match=r"cases\.jsonl"):
        book.read()


def test_when_rules_do_what_a_case_asks() -> None:
    wrong, missing = said(why="why_not_field"), said(verdict="missing")
    assert [is_right(wrong, level, []) for level in ("about", "mention", None)] == [False, True, True]
    assert [is_right(missing, level, []) for level in ("about", "mention", None)] == [True, False, False]
    assert is_right(said(why="why_place_name"), "mention", []) is False
    assert is_right(said(why="why_old"), "about", []) is None
    assert is_right(said(topic="fdi"), "about", ["fdi"]) is False
    assert is_right(said(verdict="missing", topic="fdi"), "mention", ["fdi"]) is True
    assert is_right(said(verdict="missing", topic="fdi"), None, ["fdi"]) is False, "it is still not kept"
    assert is_right(said(verdict="missing", topic="fdi", text_in="archive"), None, ["fdi"]) is True


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    return home


def test_the_desk_becomes_cases_and_takes_them_back(home: Home) -> None:
    book = CaseBook.of(home)

    def note(minute: int) -> list[tuple[str, str, bool]]:
        with reading(home.archive_db) as archive:
            note_choices(book, archive, desk, by="Minh", now=NOW + timedelta(minutes=minute))
        return [(one.title, one.why, one.open) for one in book.read()]

    def press(minute: int, rev: int, **changes: Any) -> None:
        at = NOW + timedelta(minutes=minute)
        change(desk, Key("sang", "", 1), rev, changes, by="Lan", now=at)

    with closing(open_desk(home.desk_db)) as desk:
        press(0, 0, mark="irrelevant")
        title = note(0)[0][0]
        assert note(1) == [(title, "", True)]
        press(2, 1, why="why_place_name")
        assert note(2) == [(title, "why_place_name", True)]
        assert (book.read()[0].by, book.read()[0].text_in) == ("Lan", "archive")
        undo(desk, "sang", "", by="Lan", now=NOW + timedelta(minutes=3))
        undo(desk, "sang", "", by="Lan", now=NOW + timedelta(minutes=3))
        assert note(3) == [(title, "why_place_name", False)]
        press(4, 4, mark="irrelevant")
        assert [one[2] for one in note(4)] == [False, True]
        book.withdraw(book.read()[1].id, by="Minh", now=NOW + timedelta(minutes=5))
        assert [one[2] for one in note(6)] == [False, False], "what a person withdrew comes back by itself"


def test_two_windows_that_give_other_reasons_do_not_quarrel(home: Home) -> None:
    book = CaseBook.of(home)
    with closing(open_desk(home.desk_db)) as desk, reading(home.archive_db) as archive:
        for minute, (digest, why) in enumerate((("sang", "why_advert"), ("chieu", "why_other"))):
            at = NOW + timedelta(minutes=minute)
            change(desk, Key(digest, "", 1), 0, {"mark": "irrelevant", "why": why}, by="Lan", now=at)
        for _ in range(3):
            note_choices(book, archive, desk, by="Lan", now=NOW)
    assert [one.why for one in book.read()] == ["why_other"]
    assert len(book.path.read_bytes().splitlines()) <= 2
