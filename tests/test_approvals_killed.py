"""Killed at any moment of saving, approving and sending: nothing lost, nothing twice, nothing unapproved.

``DIEMTIN_KILLS`` says how many kills (6 unless set).
"""

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from archive.desk import log
from archive.desk.choices import load_notes
from archive.desk.db import open_desk
from archive.digests.content import Content
from archive.digests.editions import read
from tests.commands import Copy
from tests.newsroom import ALERTS, Newsroom, hanoi
from tests.receivers import Mailbox, mail_server

pytestmark = pytest.mark.timeless

KILLS = int(os.environ.get("DIEMTIN_KILLS", "6"))
EDITIONS = 3 + KILLS
STORIES = 3  # an edition; the last of them is left out
SAID = 2 * STORIES + 2  # lines that a worker says for an edition
START = hanoi("2026-11-25", "08:30")
HEADS, TAILS = "bcdghklmnstvx", ("an", "eo", "im", "ông", "ut", "ưa", "ây")
SYLLABLES = [head + tail for head in HEADS for tail in TAILS]
VOCABULARY = [one + other for one in SYLLABLES for other in SYLLABLES]  # enough for hundreds of articles

WORKER = """
import sys
from datetime import timedelta
from pathlib import Path
from archive.clock import moment
from archive.desk.approvals import approve, open_window
from archive.desk.choices import Key, change, change_note
from archive.desk.db import open_desk
from archive.desk.due import make_due
from archive.desk.edition import stories
from archive.digests.config import load_alerts
from archive.digests.outbox import deliver
from archive.schema import open_archive

home, now, end = Path(sys.argv[1]), moment(sys.argv[2]), moment(sys.argv[3])
db, desk = open_archive(home / "archive.db"), open_desk(home / "desk.db")
alerts = load_alerts(home / "alerts.yml")
digest, by_itself = alerts.digest("hang-ngay"), alerts.digest("tu-di")
last = db.execute("select max(covers_to) from digests where name = 'hang-ngay'").fetchone()[0]
print("ready", flush=True)
now = max(now, moment(last)) if last else now
while now < end:
    now += timedelta(hours=1)
    window = open_window(db, by_itself, desk, now)
    for story in stories(window.content):
        [id_] = story.ids
        if id_ % 3 == 0 and id_ not in window.choices:
            key = Key("tu-di", window.window, id_)
            change(desk, key, 0, {"mark": "irrelevant"}, by="lan", now=now)
    make_due(db, alerts, now, desk)
    window = open_window(db, digest, desk, now)
    for story in stories(window.content):
        [id_] = story.ids
        if id_ not in window.choices:
            mark = "left" if id_ % 3 == 0 else "chosen"
            key = Key("hang-ngay", window.window, id_)
            change(desk, key, 0, {"mark": mark, "comment": f"nhận xét {id_}"}, by="lan", now=now)
            print("saved", id_, mark, flush=True)
            change_note(desk, id_, 0, {"note": f"ghi chú {id_}"}, by="lan", now=now)
            print("noted", id_, flush=True)
    print("approving", flush=True)
    if any(stories(window.content)):
        made = approve(db, desk, digest, until=now, everything=False, by="lan", now=now)
        print("approved", made, flush=True)
    deliver(db, alerts, now, base=home)
"""


def _words(seed: float, count: int) -> str:
    """Words that tell a happening of its own: articles that are alike would be one event."""
    return " ".join(random.Random(seed).choices(VOCABULARY, k=count))


def test_killed_at_random_moments_of_saving_approving_and_sending(tmp_path: Path) -> None:
    chance = random.Random(20261128)
    rules = ALERTS.replace("daily 07:00", "hourly").replace("working_days: true", "working_days: false")
    rules = rules.replace("formats: [html, text, docx, json]", "formats: [text]")
    by_itself = rules.replace("hang-ngay:", "tu-di:").replace("working_days", "quiet: skip, working_days")
    rules = rules.replace("  schedule:", "  review: required\n  schedule:")
    with mail_server(Mailbox()) as box:
        smtp = (
            f"    - {{type: smtp, host: 127.0.0.1, port: {box.port}, tls: none, sender: tin@example.vn,"
            f" to: [a@example.vn, b@example.vn]}}\n"
        )
        rules += smtp + by_itself + smtp
        room = Newsroom(tmp_path, rules)
        for number in range(EDITIONS * STORIES):
            text = (f"Nhà máy {_words(number, 4)}", "", f"{_words(number + 0.5, 12)} {number}.")
            room.publish(text, START + timedelta(hours=number // STORIES, minutes=1 + number % STORIES))
        room.db.close()
        end = START + timedelta(hours=EDITIONS + 2)
        given = (tmp_path, START.isoformat(), end.isoformat())
        killed = [kill_one(given, chance) for _ in range(KILLS)]
        said = [line for lines in killed for line in lines]
        with Copy(*given, program=WORKER) as worker:
            said += worker.communicate()[0].splitlines()
        assert worker.returncode == 0
        moments = Counter(lines[-1].split()[0] if lines else "ready" for lines in killed)
        print(f"killed after: {dict(moments)}")
        room = Newsroom(tmp_path, rules)
        given_up = room.send_given_up(end + timedelta(days=1))
    check(room, box, said, given_up)


def kill_one(given: tuple[object, ...], chance: random.Random) -> list[str]:
    """What a worker had said was done when it was killed, a little after something it said."""
    with Copy(*given, program=WORKER) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        said = [worker.stdout.readline() for _ in range(chance.randrange(SAID))]
        time.sleep(chance.uniform(0, 0.05))
        worker.kill()
        said += worker.stdout
        worker.wait()
    assert worker.returncode in (0, -signal.SIGKILL), "it came to grief by itself"
    return [line for line in said if line.strip()]


def check(room: Newsroom, box: Mailbox, said: list[str], given_up: int) -> None:
    desk = open_desk(room.folder / "desk.db")
    saved = {int(line.split()[1]): line.split()[2] for line in said if line.startswith("saved")}
    kept = {
        id_: (mark, comment)
        for id_, mark, comment in desk.execute(
            "select article_id, mark, comment from choices where digest = 'hang-ngay'"
        )
    }
    assert all(kept[id_] == (mark, f"nhận xét {id_}") for id_, mark in saved.items()), "no choice is lost"
    noted = [int(line.split()[1]) for line in said if line.startswith("noted")]
    notes = load_notes(desk, noted)
    assert all(notes[id_].note == f"ghi chú {id_}" for id_ in noted), "no note is lost"
    changes = sum(entry.what.startswith("desk_several") for entry in log.entries(desk, limit=10_000))
    assert changes == len(kept), "each change was logged with it"

    approved = dict(
        desk.execute("select digest_id, content from approvals where digest = 'hang-ngay'").fetchall()
    )
    made, gone = editions(room, "hang-ngay"), editions(room, "tu-di")
    assert {id_: Content.from_json(text) for id_, text in approved.items()} == made, "no other is made"
    assert {int(line.split()[1]) for line in said if line.startswith("approved")} <= set(made)
    wanted = [id_ for id_ in range(1, EDITIONS * STORIES + 1) if id_ % 3]
    for some in (made, gone):
        told = [story for content in some.values() for part in content.parts for story in part.stories]
        assert sorted(story.ids[0] for story in told) == wanted, "each once, and none that was left out"
        assert some is gone or all(story.comment == f"nhận xét {story.ids[0]}" for story in told)

    sent = dict(room.db.execute("select message_id, state from deliveries where channel like 'smtp%'"))
    assert set(sent.values()) == {"sent"}
    arrived = Counter(box.ids)
    assert set(arrived) == set(sent), "what arrives was approved, and all that was approved arrives"
    repeats = arrived.total() - len(arrived)
    counts = f"{len(saved)} choices, {len(made)} editions approved, {len(gone)} gone by themselves"
    print(f"{KILLS} kills: {counts}, {len(arrived)} mails, {repeats} repeats, {given_up} sent by hand")
    assert repeats <= KILLS * 4 + given_up, "only a mail on its way may come again, under its own Message-ID"


def editions(room: Newsroom, name: str) -> dict[int, Content]:
    ids = room.db.execute("select id from digests where name = ?", [name]).fetchall()
    return {row[0]: read(room.db, row[0]) for row in ids}
