"""From the desk to an edition: what is approved goes once, as it was decided, and nothing else."""

from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from archive.clock import stamp
from archive.desk import log
from archive.desk.approvals import (
    Changed,
    NothingChosen,
    WindowMoved,
    approve,
    bring_back,
    correct,
    open_window,
    window_name,
)
from archive.desk.choices import Closed, Key, change, undo
from archive.desk.db import open_desk
from archive.desk.due import make_due, waiting
from archive.desk.fields import BadValue, TooLong
from archive.digests.content import Content
from archive.digests.editions import read
from archive.schema import open_archive
from tests.newsroom import ALERTS, FACTORY, FIELDS, PORTAL, Newsroom, hanoi

YESTERDAY = (
    "Nhà máy gốm mở lò",
    "Thợ gốm làng Đìa nung mẻ bát đầu.",
    "Bà cả Nhót chọn đất từ bờ sông.\nCủi nhãn cháy suốt đêm.\nKhách quen đến xem lúc rạng sáng.",
)
NIGHT, SLOT = hanoi("2026-11-26", "03:00"), hanoi("2026-11-26")
MINUTE = timedelta(minutes=1)


class Desk(Newsroom):
    """A newsroom with a desk; an edition of the day before has gone."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.desk = open_desk(self.folder / "desk.db")
        self.publish(YESTERDAY, hanoi("2026-11-25", "03:00"))
        [first] = make_due(self.db, self.use(ALERTS), hanoi("2026-11-25"))
        self.db.execute("update deliveries set state = 'sent'")
        self.use(self.rules)
        self.first = first

    @property
    def digest(self):
        return self.alerts.digest("hang-ngay")

    def mark(self, article_id: int, mark: str, **more: object) -> None:
        key = Key("hang-ngay", window_name(self.db, "hang-ngay"), article_id)
        rev = self.desk.execute("select max(rev) from choices where article_id = ?", [article_id]).fetchone()[0]
        change(self.desk, key, rev or 0, {"mark": mark, **more}, by="lan", now=NIGHT)

    def approve(self, until=SLOT, everything: bool = False, **more) -> int:
        return approve(
            self.db, self.desk, self.digest, until=until, everything=everything, by="lan", now=until, **more
        )

    def due(self, at):
        return make_due(self.db, self.alerts, at, self.desk)

    def made(self) -> int:
        return self.db.table("digests").count - 1

    def log(self) -> list[str]:
        return [entry.what.partition(" ")[0] for entry in log.entries(self.desk)]


@pytest.fixture
def room(tmp_path: Path) -> Desk:
    return desk(tmp_path, "required")


def desk(folder: Path, review: str) -> Desk:
    room = Desk(folder, ALERTS.replace("  schedule:", f"  review: {review}\n  schedule:"))
    for text in (FACTORY, PORTAL):
        room.publish(text, NIGHT)
    return room


def told(content: Content) -> list[str]:
    return [story.title.text for part in content.parts for story in part.stories]


def test_what_is_chosen_goes_and_what_is_not_is_never_told_by_mistake(room: Desk) -> None:
    room.mark(2, "chosen")
    window = open_window(room.db, room.digest, room.desk, SLOT)
    assert told(window.edited(everything=False)) == [FACTORY[0]]
    made = read(room.db, room.approve(window=window.window))
    assert (told(made), made.edition, made.approved_by) == ([FACTORY[0]], "2026-11-26", "lan")
    assert (made.article_ids, made.left_ids) == ([2, 3], [3])
    assert room.log()[0] == "desk_approved"
    assert told(open_window(room.db, room.digest, room.desk, SLOT + MINUTE).content) == []
    assert room.due(hanoi("2026-11-26", "08:00")) == []


def test_with_required_nothing_goes_unapproved_however_long_it_waits(room: Desk) -> None:
    for day in ("2026-11-26", "2026-11-27", "2026-11-30"):
        assert room.due(hanoi(day, "07:01")) == []
        [one] = waiting(room.db, room.alerts, hanoi(day, "07:01"), room.desk)
        assert (one.edition, one.ends) == (day, None)
    room.mark(3, "chosen")
    assert room.due(hanoi("2026-11-30", "09:00")) == []
    room.approve(hanoi("2026-11-30", "09:00"))
    assert waiting(room.db, room.alerts, hanoi("2026-11-30", "09:01"), room.desk) == []
    assert (room.made(), room.due(hanoi("2026-11-30", "09:01"))) == (1, [])


def test_without_a_desk_what_must_be_approved_does_not_go(room: Desk) -> None:
    assert make_due(room.db, room.alerts, hanoi("2026-11-26", "07:01")) == []


def test_until_it_goes_by_itself_if_nobody_touched_it(tmp_path: Path) -> None:
    room = desk(tmp_path / "alone", "until 08:30")
    assert room.due(hanoi("2026-11-26", "08:29")) == []
    [one] = waiting(room.db, room.alerts, hanoi("2026-11-26", "08:29"), room.desk)
    assert one.ends == hanoi("2026-11-26", "08:30")
    [made] = room.due(hanoi("2026-11-26", "08:30"))
    assert told(read(room.db, made)) == [FACTORY[0], PORTAL[0]]
    room = desk(tmp_path / "touched", "until 08:30")
    room.mark(3, "left")
    assert room.due(hanoi("2026-11-26", "12:00")) == []
    assert waiting(room.db, room.alerts, hanoi("2026-11-26", "12:00"), room.desk)[0].ends is None
    room.approve(hanoi("2026-11-26", "12:00"), everything=True)
    assert told(read(room.db, 2)) == [FACTORY[0]]


def test_once_it_goes_nothing_more_can_be_decided_on_it(tmp_path: Path) -> None:
    room = desk(tmp_path, "none")
    room.mark(2, "chosen")
    window = window_name(room.db, "hang-ngay")
    [made] = room.due(SLOT)
    with pytest.raises(Closed) as closed:
        change(room.desk, Key("hang-ngay", window, 3), 0, {"star": True}, by="an", now=SLOT)
    assert closed.value.by == "*", "it went by itself"
    assert undo(room.desk, "hang-ngay", window, by="lan", now=SLOT) is None
    [(known, content)] = room.desk.execute("select digest_id, content from approvals").fetchall()
    assert known == made
    assert "parts" not in content, "it is kept once, in archive.db"
    room.publish(FIELDS, SLOT + MINUTE)
    room.mark(4, "chosen")


def test_without_review_it_goes_at_its_slot_as_it_was_decided(tmp_path: Path) -> None:
    room = desk(tmp_path, "none")
    room.mark(3, "irrelevant", why="khác tỉnh")
    room.mark(2, "chosen", comment="Đề nghị Sở trả lời trước 30/11")
    [made] = room.due(SLOT)
    assert told(read(room.db, made)) == [FACTORY[0]]


def test_an_edition_sent_a_little_early_stands_for_its_slot(room: Desk) -> None:
    room.approve(hanoi("2026-11-26", "06:40"), everything=True)
    room.publish(FIELDS, hanoi("2026-11-26", "06:50"))
    assert read(room.db, 2).edition == "2026-11-26"
    assert room.due(hanoi("2026-11-26", "07:30")) == []
    assert waiting(room.db, room.alerts, hanoi("2026-11-26", "07:30"), room.desk) == []
    room.approve(hanoi("2026-11-26", "15:00"), everything=True)
    assert read(room.db, 3).edition == "2026-11-26T15:00:00"


def test_asked_twice_it_is_one_edition_and_a_window_that_moved_is_refused(room: Desk) -> None:
    window = window_name(room.db, "hang-ngay")
    first = room.approve(everything=True, window=window)
    assert room.approve(everything=True, window=window) == first
    room.publish(FIELDS, SLOT + MINUTE)
    for until in (SLOT - MINUTE, SLOT + MINUTE):
        with pytest.raises(WindowMoved) as moved:
            room.approve(until, everything=True, window=window)
        assert moved.value.edition == "2026-11-26"
    assert room.made() == 1


def test_whoever_sits_at_this_machine_approves_too(room: Desk) -> None:
    given = {"until": SLOT, "everything": True, "by": "", "now": SLOT}
    assert len({approve(room.db, room.desk, room.digest, **given) for _ in range(2)}) == 1


def test_what_goes_is_what_the_approver_saw(room: Desk) -> None:
    room.mark(2, "chosen")
    seen = open_window(room.db, room.digest, room.desk, SLOT).edited(everything=False)
    room.mark(2, "chosen", comment="thêm một câu")
    with pytest.raises(Changed):
        room.approve(seen=seen)
    assert (room.made(), room.desk.table("approvals").count) == (0, 0)
    seen = open_window(room.db, room.digest, room.desk, SLOT + MINUTE, SLOT).edited(everything=False)
    assert read(room.db, room.approve(seen=seen)).parts == seen.parts


def test_nothing_chosen_and_an_empty_window(room: Desk) -> None:
    with pytest.raises(NothingChosen):
        room.approve()
    room.mark(2, "left")
    room.mark(3, "irrelevant")
    with pytest.raises(NothingChosen):
        room.approve(everything=True)
    assert (room.made(), room.desk.table("approvals").count) == (0, 0)
    room.mark(2, "chosen")
    room.approve()
    assert read(room.db, room.approve(SLOT + MINUTE)).empty, "an edition that says there is nothing new"


def test_what_nobody_would_get_needs_no_approval(tmp_path: Path) -> None:
    room = Desk(
        tmp_path,
        ALERTS.replace("  schedule:", "  review: required\n  schedule:").replace("{w", "{quiet: skip, w"),
    )
    [made] = room.due(SLOT)
    assert room.db.execute("select state from digests where id = ?", [made]).fetchone()[0] == "empty"


def killed_after_freezing(room: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("archive.desk.approvals.editions.insert", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            room.approve()
    assert room.made() == 0


def test_an_approval_whose_edition_is_missing_is_finished_first(
    room: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.mark(2, "chosen")
    killed_after_freezing(room, monkeypatch)
    room.publish(FIELDS, NIGHT, seen=SLOT)
    late = ("Thêm một khu công nghiệp", "", "Bờ bắc có thêm một khu công nghiệp rộng ba mươi héc-ta.")
    room.publish(late, NIGHT, seen=SLOT - MINUTE)
    [made] = room.due(SLOT + MINUTE)
    assert told(read(room.db, made)) == [FACTORY[0]]
    assert room.desk.execute("select digest_id from approvals").fetchone()[0] == made
    assert told(open_window(room.db, room.digest, room.desk, SLOT + MINUTE).content) == [late[0]]
    assert room.due(SLOT + MINUTE) == []


def test_an_approval_whose_edition_is_missing_is_finished_by_asking_again(
    room: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.mark(2, "chosen")
    window = window_name(room.db, "hang-ngay")
    killed_after_freezing(room, monkeypatch)
    with pytest.raises(Closed) as closed:
        room.mark(3, "chosen")
    assert (closed.value.edition, closed.value.by) == ("2026-11-26", "lan")
    made = room.approve(window=window)
    assert told(read(room.db, made)) == [FACTORY[0]], "as it was approved"
    assert room.made() == 1


def test_a_correction_is_an_edition_of_its_own_that_moves_no_window(room: Desk) -> None:
    room.mark(2, "chosen")
    wrong = room.approve()
    room.publish(FIELDS, SLOT + MINUTE)
    window = window_name(room.db, "hang-ngay")

    def say(text: str) -> int:
        return correct(room.db, room.desk, room.digest, wrong, text, by="lan", now=SLOT + 2 * MINUTE)

    made = say("  Nhà máy có 430 lao động.  ")
    content = read(room.db, made)
    assert (content.notice, content.corrects, content.number) == ("Nhà máy có 430 lao động.", "2026-11-26", 3)
    assert window_name(room.db, "hang-ngay") == window
    assert say("Nhà máy có 430 lao động.") == made
    other = say("Nhà máy có 34 lao động.")
    assert other != made, "in the same second"
    states = room.db.execute("select state from deliveries where digest_id in (?, ?)", [made, other]).fetchall()
    assert states == [("pending",), ("pending",)]
    for text in (" ", "a" * 100_000):
        with pytest.raises(BadValue) as refused:
            say(text)
        assert str(refused.value.typed).strip() == text.strip()
        assert isinstance(refused.value, TooLong) == bool(text.strip())
    assert room.log()[:2] == ["desk_corrected"] * 2


def test_what_was_left_out_can_be_brought_back(room: Desk) -> None:
    room.mark(2, "chosen")
    room.approve()
    bring_back(room.db, room.desk, room.digest, [1, 2, 3], "lan", SLOT + MINUTE)
    window = open_window(room.db, room.digest, room.desk, SLOT + 2 * MINUTE)
    assert told(window.content) == [PORTAL[0]]
    assert window.choices == {}
    room.approve(SLOT + 2 * MINUTE, everything=True)
    assert told(open_window(room.db, room.digest, room.desk, SLOT + 3 * MINUTE).content) == []
    assert stamp(SLOT + 2 * MINUTE) == window_name(room.db, "hang-ngay")


def test_whoever_approves_at_the_same_moment_makes_one_edition(room: Desk) -> None:
    """Eight writers with connections of their own: four approve, two let go what is due, two still decide."""
    room.publish(("Thêm một khu công nghiệp", "", "Bờ bắc có thêm một khu công nghiệp."), NIGHT)
    together, made, saved = Barrier(8), list[int](), list[int]()

    def work(which: int) -> None:
        with (
            closing(open_archive(room.folder / "archive.db")) as db,
            closing(open_desk(room.folder / "desk.db")) as at,
        ):
            together.wait()
            if which < 4:
                given = {"until": SLOT, "everything": True, "by": f"b{which}", "now": SLOT}
                made.append(approve(db, at, room.digest, **given))
            elif which < 6:
                make_due(db, room.alerts, SLOT, at)
            else:
                with suppress(Closed):
                    change(at, Key("hang-ngay", window, which - 4), 0, {"mark": "left"}, by="an", now=SLOT)
                    saved.append(which - 4)

    for round_ in range(5):
        room.db.execute("delete from deliveries where digest_id > 1")
        room.db.execute("delete from digests where id > 1")
        for table in ("choices", "approvals", "log"):
            room.desk.execute(f"delete from {table}")
        window = window_name(room.db, "hang-ngay")
        made.clear()
        saved.clear()
        threads = [Thread(target=work, args=[which]) for which in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made == made[:1] * 4, f"round {round_}"
        assert room.made() == 1
        assert read(room.db, made[0]).left_ids == sorted(saved), "what was saved is in the edition"


@pytest.mark.parametrize("late", [False, True], ids=["its articles are back", "they come later"])
def test_an_edition_that_the_archive_lost_goes_to_nobody_twice(tmp_path: Path, late: bool) -> None:
    """archive.db is put back from a copy of the day before; desk.db knows what went out since."""
    room = Desk(tmp_path)
    copy, archive_db = tmp_path / "copy.db", tmp_path / "archive.db"
    room.db.execute("vacuum into ?", [str(copy)])
    room.publish(FACTORY, NIGHT)
    [sent] = make_due(room.db, room.use(ALERTS), SLOT, room.desk)
    known = room.db.execute(
        "select edition, covers_to, created_at from digests where id = ?", [sent]
    ).fetchone()
    room.db.close()
    for end in ("", "-wal", "-shm"):
        Path(f"{archive_db}{end}").unlink(missing_ok=True)
    copy.rename(archive_db)
    room.db = open_archive(archive_db)
    if not late:
        room.publish(FACTORY, NIGHT)
    assert make_due(room.db, room.use(ALERTS), SLOT + MINUTE, room.desk) == []
    row = room.db.execute("select edition, covers_to, created_at from digests order by id desc").fetchone()
    assert row == known
    states = room.db.execute(
        "select state, next_at from deliveries where digest_id = (select max(id) from digests)"
    )
    assert {tuple(one) for one in states} == {("failed", None)}
    if late:
        room.publish(FACTORY, NIGHT, seen=SLOT + MINUTE)
    else:
        assert FACTORY[0] in room.db.execute("select text from digests order by id desc").fetchone()[0]
    room.publish(PORTAL, SLOT + MINUTE)
    [tomorrow] = make_due(room.db, room.use(ALERTS), SLOT + timedelta(days=1), room.desk)
    text = room.db.execute("select text from digests where id = ?", [tomorrow]).fetchone()[0]
    assert PORTAL[0] in text
    assert FACTORY[0] not in text
