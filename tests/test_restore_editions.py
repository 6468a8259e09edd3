"""A home brought back from a copy knows what went out since: no edition goes twice."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from archive.db import reading
from archive.desk.db import open_desk
from archive.desk.due import make_due
from archive.schema import open_archive
from tests.commands import diemtin
from tests.newsroom import ALERTS, FACTORY, Newsroom, hanoi

NIGHT, SLOT = hanoi("2026-11-26", "03:00"), hanoi("2026-11-26")


@pytest.mark.parametrize("readable", [True, False])
def test_what_went_out_since_the_copy_goes_to_nobody_again(tmp_path: Path, readable: bool) -> None:
    room = Newsroom(tmp_path / "home")
    desk = open_desk(room.folder / "desk.db")
    room.publish(FACTORY, NIGHT - timedelta(days=1))
    make_due(room.db, room.use(ALERTS), SLOT - timedelta(days=1), desk)
    desk.close()
    room.db.close()
    diemtin("backup", str(tmp_path / "copies"), home=room.folder)
    room.db, desk = open_archive(room.folder / "archive.db"), open_desk(room.folder / "desk.db")
    room.db.execute("update deliveries set state = 'sent', sent_at = '2026-11-25T00:00:00Z'")
    room.publish((f"{FACTORY[0]} (2)", *FACTORY[1:]), NIGHT)
    make_due(room.db, room.alerts, SLOT, desk)
    room.db.execute("update deliveries set state = 'sent', sent_at = '2026-11-26T00:00:00Z'")
    known = deliveries(room.folder)
    assert len({edition for edition, *_ in known}) == 2
    desk.close()
    room.db.close()
    if not readable:
        with closing(sqlite3.connect(room.folder / "archive.db")) as db:
            db.execute("pragma wal_checkpoint(truncate)")
        (room.folder / "archive.db").write_bytes(b"\xa7" * 200_000)
    diemtin("restore", str(tmp_path / "copies"), home=room.folder)
    if readable:
        assert deliveries(room.folder) == known
    else:
        assert {state for _, _, state in deliveries(room.folder)} == {"failed"}


def deliveries(folder: Path) -> list[tuple[str, str, str]]:
    """Edition, channel and state of each."""
    with reading(folder / "archive.db") as db:
        sql = """select d.edition, v.channel, v.state from deliveries v join digests d on d.id = v.digest_id
                 order by 1, 2"""
        return db.execute(sql).fetchall()
