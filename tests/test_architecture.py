"""The house: imports go one way, and only the files named here touch the big libraries."""

import ast
import statistics
from pathlib import Path

import pytest

from tests.house import ROOMS, ROOT, circles, fullest_folder, functions, imports, modules, shared_class_names

MAY_IMPORT = {
    "archive": {"archive"},
    "pipelines": {"archive", "pipelines"},
    "crawler": {"archive", "pipelines", "crawler"},
}
HOME_OF = {
    "scrapy": ("crawler/", "pipelines/item_pipelines.py"),
    "twisted": ("crawler/downloads/", "crawler/spiders/", "crawler/middlewares.py", "crawler/resolver.py"),
    "trafilatura": ("pipelines/",),
    "datasette": ("archive/web/",),
    "sqlite3": ("archive/",),
    "apscheduler": ("crawler/service/scheduler.py", "crawler/service/supervisor.py"),
    "cronsim": ("archive/digests/schedule.py",),
    "smtplib": ("archive/digests/mail/smtp.py",),
    "feedparser": ("crawler/listings/",),
    "uvicorn": ("crawler/service/server.py", "crawler/service/connections.py"),
    "redis": ("crawler/cluster/broker.py",),
    "mcp": ("archive/assistants/server.py", "archive/web/"),
}
INSIDE = (  # the archive's own order: a part may import those before it and beside it
    ("reasons", "i18n", "text", "sentences", "clock", "formats", "config", "databases", "db", "snapshots",
     "model", "network", "sheets"),
    ("home", "config_edit", "schema", "pages", "boilerplate", "run_stats", "public", "backup",
     "growth"),
    ("query",), ("workers",), ("figures", "places", "revisions", "search", "stories"),
    ("articles", "refused"), ("desk", "digests", "health"), ("cases", "evidence", "export", "report"),
    ("assistants", "web"),
)  # fmt: skip
LONGEST_FILE = 400


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    where = path.relative_to(ROOT)
    upward = [
        name
        for name in imports(path)
        if name.split(".")[0] in ROOMS and name.split(".")[0] not in MAY_IMPORT[where.parts[0]]
    ]
    assert not upward, f"{where} imports {upward}"


def test_the_parts_of_the_archive_build_on_one_another() -> None:
    level = {part: at for at, parts in enumerate(INSIDE) for part in parts}
    for path in (ROOT / "archive").rglob("*.py"):
        inner = path.relative_to(ROOT / "archive").with_suffix("").parts[0]
        named = {tuple(name.split(".")) for name in imports(path)}
        for part in {name[1] for name in named if name[0] == "archive" and len(name) > 1}:
            where = path.relative_to(ROOT)
            assert inner == part or level[inner] >= level[part], (
                f"{where} imports {part}, which builds on {inner}"
            )


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_big_libraries_stay_in_their_rooms(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    strays = [
        name
        for name in imports(path)
        if (homes := HOME_OF.get(name.split(".")[0])) and not where.startswith(homes)
    ]
    assert not strays, f"{where} imports {strays}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_and_stays_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), f"{path} has no sentence at the top"
    assert len(text.splitlines()) <= LONGEST_FILE


def test_the_top_level_is_what_the_user_fixed() -> None:
    wanted = {"README.md", "pyproject.toml", "scrapy.cfg", "crawler", "pipelines", "archive", "tests", "config"}
    assert wanted <= {path.name for path in ROOT.iterdir()}
    assert not (ROOT / "config" / "__init__.py").exists()


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert not circles()


def test_functions_are_short() -> None:
    assert statistics.quantiles(functions(), n=10)[-1] <= 16


def test_a_folder_can_be_seen_at_a_glance() -> None:
    assert fullest_folder()[1] <= 16, fullest_folder()


def test_no_two_classes_share_a_name() -> None:
    assert not shared_class_names()
