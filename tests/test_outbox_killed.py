"""Killed at any moment of making and sending: no edition lost, and only the delivery in flight can repeat.

``DIEMTIN_KILLS`` says how many kills (3 unless set).
"""

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from archive.clock import moment
from tests.commands import Copy
from tests.newsroom import ALERTS, Newsroom, hanoi
from tests.receivers import Mailbox, WebSink, mail_server, web_server

pytestmark = pytest.mark.timeless

KILLS = int(os.environ.get("DIEMTIN_KILLS", "3"))
EDITIONS = 4 + KILLS * 2
START = hanoi("2026-11-25", "08:30")

WORKER = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from archive.digests.config import load_alerts
from archive.clock import moment
from archive.desk.due import make_due
from archive.digests.outbox import deliver
from archive.schema import open_archive

home, start, end = Path(sys.argv[1]), moment(sys.argv[2]), moment(sys.argv[3])
db, alerts = open_archive(home / "archive.db"), load_alerts(home / "alerts.yml")
last = db.execute("select max(created_at) from digests").fetchone()[0]
now = moment(last) if last else start
print("ready", flush=True)
while now < end:
    now += timedelta(minutes=10)
    make_due(db, alerts, now)
    deliver(db, alerts, now, base=home)
"""


def test_killed_at_random_moments_each_edition_arrives(tmp_path: Path) -> None:
    chance = random.Random(20261125)
    with mail_server(Mailbox()) as box, web_server(WebSink()) as hook:
        rules = ALERTS.replace("daily 07:00", "hourly").replace("working_days: true", "working_days: false")
        rules = rules.replace("formats: [html, text, docx, json]", "formats: [text]")
        rules += (
            f"    - {{type: smtp, host: 127.0.0.1, port: {box.port}, tls: none, sender: tin@example.vn,"
            f" to: [a@example.vn, b@example.vn]}}\n    - {{type: webhook, url: '{hook.url}'}}\n"
        )
        room = Newsroom(tmp_path, rules)
        for hour in range(EDITIONS):
            text = (f"Nhà máy số {hour} mở cửa", "", f"Chỉ bài {hour} nói điều {hour * 7919}.")
            room.publish(text, START + timedelta(hours=hour))
        room.db.close()
        end = START + timedelta(hours=EDITIONS)
        given = (tmp_path, START.isoformat(), end.isoformat())
        for _ in range(KILLS):
            with Copy(*given, program=WORKER) as worker:
                assert worker.stdout is not None
                assert worker.stdout.readline() == "ready\n"
                time.sleep(chance.uniform(0, 0.25))
                worker.kill()
                assert worker.wait() in (0, -signal.SIGKILL), "it came to grief by itself"
        with Copy(*given, program=WORKER) as worker:
            assert worker.wait() == 0
        room = Newsroom(tmp_path, rules)
        given_up = room.send_given_up(end + timedelta(days=1))
    check(room, box, hook, given_up)


def check(room: Newsroom, box: Mailbox, hook: WebSink, given_up: int) -> None:
    spans = list(room.db.execute("select covers_from, covers_to, edition from digests order by id"))
    assert [edition for _, _, edition in spans] == [
        (START + timedelta(minutes=30, hours=hour)).strftime("%Y-%m-%dT%H:%M") for hour in range(EDITIONS)
    ]
    assert all(moment(one[1]) == moment(two[0]) for one, two in pairwise(spans))
    kept = dict(room.db.execute("select message_id, state from deliveries"))
    assert set(kept.values()) == {"sent"}
    arrived = Counter(box.ids) + Counter(headers["Idempotency-Key"] for headers, _ in hook.posts)
    assert len(list((room.folder / "digests").iterdir())) == EDITIONS, "and nothing half written"
    assert set(arrived) <= set(kept), "every arrival is known by its Message-ID"
    assert len(arrived) == EDITIONS * 3, "two recipients and a webhook"
    repeats = arrived.total() - len(arrived)
    print(f"{KILLS} kills, {EDITIONS} editions, {len(arrived)} arrived, {repeats} repeats, {given_up} by hand")
    assert repeats <= KILLS * 3 + given_up
