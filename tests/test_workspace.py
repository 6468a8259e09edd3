"""What a process notes of the config when it opens a home."""

from datetime import timedelta
from pathlib import Path

from archive.clock import utc_now
from archive.digests.alerts import evaluate
from archive.home import DEFAULTS, Home
from crawler.workspace import open_workspace
from tests.newsroom import FIELDS, Newsroom

TOPIC = """\
  trai-cay:
    name: Trái cây
    query: %s
"""


def test_a_new_or_changed_topic_sees_the_open_window_at_once(tmp_path: Path) -> None:
    now = utc_now()
    room = Newsroom(tmp_path)
    room.publish(FIELDS, now - timedelta(days=40))
    room.publish((f"{FIELDS[0]} (2)", *FIELDS[1:]), now - timedelta(hours=1))
    room.db.close()
    home = Home.at(tmp_path)
    (tmp_path / "config").mkdir()
    topics = (DEFAULTS / "topics.yml").read_text(encoding="utf-8")
    head, blocks = topics.split("topics:\n", 1)
    (tmp_path / "config" / "alerts.yml").write_text("qua:\n  title: Quả\n  topics: [fdi, trai-cay]\n")

    def matched(query: str) -> list[tuple[str, int]]:
        text = f"{head}topics:\n{TOPIC % query}{blocks}" if query else topics
        (tmp_path / "config" / "topics.yml").write_text(text, encoding="utf-8")
        with open_workspace(home, lambda: now) as workspace:
            evaluate(workspace.archive, workspace.alerts, now)
            sql = "select alert, article_id from matches where alert > 'qua' order by 1, 2"
            return list(workspace.archive.execute(sql))

    assert matched("") == []
    assert matched("chanh") == []
    assert matched("bưởi") == [("qua/trai-cay", 2)]
    assert matched("bưởi OR cam") == [("qua/trai-cay", 2)]
    assert matched("cam") == [], "what it no longer means leaves the open window"
