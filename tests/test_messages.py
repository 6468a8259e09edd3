"""The spider knows no database: whoever answers its verbs, the sample press gives the same rows."""

import multiprocessing
import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from archive.clock import stamp, utc_now
from archive.home import Home
from archive.model import Article
from crawler.demo import DemoPress
from crawler.demo.run import write_config
from crawler.state.local import LocalState
from crawler.workspace import open_workspace
from tests.commands import diemtin
from tests.house import arrows
from tests.states import in_memory, over_queues, serve

pytestmark = pytest.mark.timeless

NOW = utc_now()
COLUMNS = "url, source, title, lead, body, published_at, published_from, relevant"
Rows = list[tuple[Any, ...]]


def without_ports(rows: Rows) -> Rows:
    """Each press has ports of its own."""
    return sorted(
        tuple(re.sub(r"127\.0\.0\.1:\d+", "press", one) if isinstance(one, str) else one for one in row)
        for row in rows
    )


def tables(home: Path) -> dict[str, Rows]:
    """What a crawl left, but for its times."""
    found = {}
    for name, sqls in {
        "archive.db": {
            "articles": f"select {COLUMNS} from articles where unread = ''",
            "headlines": f"select {COLUMNS}, unread from articles where unread <> ''",
            "versions": "select kind, title, lead, body, sha256, changes from versions",
            "topics": "select url, topic from article_topics join articles on articles.id = article_id",
            "mentions": "select url, kind, name, count from mentions join articles on articles.id = article_id",
            "figures": """select url, indicator, value, unit, quote from figures
                          join articles on articles.id = article_id""",
            "runs": """select source, state, (select json_group_object(key, value)
                       from (select key, value from json_each(outcomes) order by key)) from runs""",
        },
        "pages.db": {
            "addresses": "select url, outcome, reason, next_at is null from addresses",
            "lists": "select url, title, items, waiting from lists",
            "pages": "select url, content_type, size from pages",
        },
    }.items():
        db = sqlite3.connect(home / name)
        found |= {table: without_ports(db.execute(sql).fetchall()) for table, sql in sqls.items()}
        db.close()
    return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    with DemoPress(NOW) as press:
        write_config(Home.at(tmp_path), press)
        yield tmp_path


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """The rows of the real command."""
    folder = tmp_path_factory.mktemp("local")
    with DemoPress(NOW) as press:
        write_config(Home.at(folder), press)
        diemtin("crawl", "--json", home=folder)
    return tables(folder)


def child(target: Callable[..., None], *arguments: Any) -> Any:
    process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)
    process.start()
    return process


def test_a_double_in_memory_has_the_same_articles_and_outcomes(home: Path, local: dict[str, Rows]) -> None:
    answers = multiprocessing.get_context("spawn").Queue()
    process = child(in_memory, home, answers)
    told = msgspec.msgpack.decode(
        answers.get(timeout=120), type=tuple[list[Article], dict[str, dict[str, int]], int]
    )
    process.join(30)
    articles, outcomes, ended = told
    rows = [
        (a.url, a.source, a.title, a.lead, a.body, at(a.published_at), a.published_from, int(a.relevant))
        for a in articles
    ]
    assert without_ports(rows) == local["articles"]
    assert outcomes == {row[0]: msgspec.json.decode(row[2]) for row in local["runs"]}
    assert ended == len(local["runs"])


def at(moment: datetime | None) -> str | None:
    return stamp(moment) if moment else None


def test_another_process_that_keeps_the_state_has_the_same_rows(home: Path, local: dict[str, Rows]) -> None:
    context = multiprocessing.get_context("spawn")
    asked, answers = context.Queue(), context.Queue()
    process = child(over_queues, home, asked, answers)
    with open_workspace(Home.at(home)) as workspace:
        serve(LocalState(workspace), asked, answers)
    process.join(30)
    assert process.exitcode == 0
    rows = tables(home)
    assert rows["articles"]
    for name, expected in local.items():
        assert rows[name] == expected, name


def test_no_module_under_the_spider_knows_a_database() -> None:
    leads_to, reached, waiting = arrows(), set[str](), ["crawler.spiders.source", "pipelines.item_pipelines"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting += leads_to[name] - reached
    assert not reached & {
        "archive.db",
        "archive.articles",
        "archive.pages",
        "archive.schema",
        "crawler.workspace",
    }
    assert "crawler.state.messages" in reached
