"""A database that breaks while it is served: a page that says so, in words, on every address."""

from collections.abc import Callable
from pathlib import Path

import pytest

from archive.desk.db import open_desk
from archive.home import Home
from archive.web.app import build
from tests import web_sample
from tests.test_database_faults import put_a_text_there, write_over_pages, zero_the_header

pytestmark = pytest.mark.timeless
PAGES = (
    "/",
    "/tim?q=che",
    "/bai/1",
    "/nguon",
    "/ban-tin",
    "/ban",
    "/chu-de",
    "/archive/articles",
    "/tai-khoan",
    "/tim.json?q=a",
)


@pytest.mark.parametrize("file", ["archive.db", "desk.db", "pages.db"])
@pytest.mark.parametrize(
    "damage", [write_over_pages, zero_the_header, put_a_text_there], ids=lambda one: one.__name__
)
async def test_what_cannot_be_read_is_said_in_words(
    tmp_path: Path, damage: Callable[[Path], None], file: str
) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    web_sample.fill_pages(home.pages_db)
    open_desk(home.desk_db).close()
    app = build(home, now=lambda: web_sample.NOW)
    for end in ("-wal", "-shm"):
        Path(f"{home.path / file}{end}").unlink(missing_ok=True)
    damage(home.path / file)
    async with web_sample.running(app) as site:
        answers = {path: await site.client.get(path) for path in PAGES}
    for path, answer in answers.items():
        assert answer.status_code in (200, 507), (path, answer.status_code, answer.text[:500])
        if answer.status_code == 507:
            assert "diemtin restore" in answer.text or '"ok": false' in answer.text, path
    if file == "pages.db":
        assert "pages.db" in answers["/nguon"].text, "health is red and says which"
    if file == "archive.db":
        assert all(answers[path].status_code == 507 for path in ("/", "/bai/1", "/nguon")), (
            "nothing is shown of it"
        )
