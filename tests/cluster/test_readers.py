"""Copies of archive.db for more readers: what an open one shows when its file is replaced, what to do then."""

import sqlite3
from contextlib import closing
from pathlib import Path

from archive.home import Home
from archive.schema import open_archive
from archive.web.app import build
from tests import web_sample
from tests.web_sample import NOW

TITLE = "Nhà máy Sao Mai đổi tên"


def copy_to(home: Home, target: Path) -> None:
    """As ``sqlite3 archive.db "vacuum into …"`` does, beside whoever writes."""
    with closing(sqlite3.connect(home.archive_db)) as db:
        db.execute("vacuum into ?", [str(target)])


async def shown(copy: Home, *, while_open: Home | None = None) -> list[str]:
    """Article 1 and a search as a server over the copy shows them; the file is replaced meanwhile."""
    pages = []
    async with web_sample.running(build(copy, now=lambda: NOW)) as site:
        pages.append(web_sample.words(await site.client.get("/bai/1")))
        if while_open:
            copy_to(while_open, copy.path / "new.db")
            (copy.path / "new.db").replace(copy.archive_db)
        for path in ("/bai/1", "/tim?q=doi+ten", "/tim?q=thuy+dien"):
            answer = await site.client.get(path)
            assert answer.status_code == 200, path
            pages.append(web_sample.words(answer))
    return pages


async def test_a_copy_that_is_replaced_is_seen_after_a_restart(tmp_path: Path) -> None:
    home, copy = Home.at(tmp_path / "home"), Home.at(tmp_path / "copy")
    web_sample.fill(home.archive_db)
    copy_to(home, copy.archive_db)
    with closing(open_archive(home.archive_db)) as db:
        db.execute("update articles set title = ? where id = 1", [TITLE])
        db.conn.commit()
    before = await shown(copy, while_open=home)
    assert not any(TITLE in page for page in before), "who has the old file open reads it to the end"
    for ending in ("-wal", "-shm"):  # they belong to the old file
        copy.archive_db.with_name(f"archive.db{ending}").unlink(missing_ok=True)
    article, again, found, _ = await shown(copy)
    assert TITLE in article
    assert TITLE in again
    assert TITLE in found
    with closing(sqlite3.connect(copy.archive_db)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
