"""Rules are matched once per article and per edit, and mean what search means."""

from datetime import timedelta
from pathlib import Path

import pytest

from archive.clock import stamp
from archive.desk.due import make_due
from archive.digests import alerts as alerts_module
from archive.digests.alerts import evaluate, told_anew, try_query
from archive.digests.editions import read
from archive.model import Article
from archive.search.percolator import Percolator
from archive.search.results import search
from tests.newsroom import ALERTS, FACTORY, FIELDS, OUTLETS, PORTAL, Newsroom, hanoi

QUERIES = [
    "nhà máy", "nha may", '"khu công nghiệp"', "chuyen doi so", "chuyển đổi số -bưởi", "bưởi OR cảm biến",
    "NEAR(tổ xóm, 5)", "title:bưởi", "source:may-tre", "nguồn:Diễn", "topic:fdi nhà máy", "topic:fdi",
    "after:2026-11-20", "before:2026-11-20 xóm", "12.500", "công*", "hoà", "61,5%", "place:Hạ -nhà",
]  # fmt: skip
RULES = "tat-ca:\n  title: Tất cả\n  queries:\n" + "".join(f"    q{n}: '{q}'\n" for n, q in enumerate(QUERIES))
DAY = hanoi("2026-11-20")


def matches(room: Newsroom) -> list[tuple[str, int, str]]:
    return list(room.db.execute("select alert, article_id, why from matches order by alert, article_id"))


def test_rules_find_exactly_what_search_finds(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, RULES)
    for day in range(4):
        for n, source in enumerate(OUTLETS):
            for text in (FACTORY, PORTAL, FIELDS):
                topics = ["fdi"] if source == "song-bang" else []
                room.publish(text, DAY + timedelta(days=day - 2, minutes=n), source=source, topics=topics)
    found = {rule: set() for rule in room.alerts.rules}
    for alert, article_id, _ in matches(room):
        found[alert].add(article_id)
    searched = {
        name: {hit.id for hit in search(room.db, rule.text, limit=0).hits}
        for name, rule in room.alerts.rules.items()
    }
    assert found == searched
    assert sum(map(bool, found.values())) > 12, "most of these rules find something"


def test_an_article_matches_a_rule_once(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.publish(FACTORY, DAY)
    assert matches(room) == [("hang-ngay/Công nghiệp", 1, "new")]
    assert evaluate(room.db, room.alerts, DAY) == 0
    room.db.execute("insert into pending values (1, 'new', ?)", [stamp(DAY)])
    assert evaluate(room.db, room.alerts, DAY + timedelta(hours=1)) == 0
    assert len(matches(room)) == 1


def test_an_edit_can_match_a_rule_that_the_first_text_did_not(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.publish(FIELDS, DAY)
    assert matches(room) == []
    edited = (
        FIELDS[0],
        FIELDS[1],
        FIELDS[2] + "\nXã đang xin mở một khu công nghiệp chế biến quả ngay cạnh đó.",
    )
    room.publish(edited, DAY, url=room.url(1), seen=DAY + timedelta(hours=3))
    assert matches(room) == [("hang-ngay/Công nghiệp", 1, "edit")]


def test_many_articles_are_matched_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Newsroom(tmp_path)
    for minute in range(7):
        room.publish(FIELDS, DAY + timedelta(minutes=minute))
    room.use("moi:\n  title: Mới\n  queries: {bưởi: bưởi}\n")
    room.db.execute("insert into pending select id, 'new', ? from articles", [stamp(DAY)])
    monkeypatch.setattr(alerts_module, "BATCH", 3)
    assert evaluate(room.db, room.alerts, DAY) == 7
    assert room.db.table("pending").count == 0


def test_a_match_that_comes_late_belongs_to_the_next_edition(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.publish(FACTORY, DAY)
    make_due(room.db, room.alerts, hanoi("2026-11-23"))
    # read before the edition was made, committed after it
    room.publish(PORTAL, hanoi("2026-11-23", "06:55"), seen=hanoi("2026-11-23", "06:59"))
    make_due(room.db, room.alerts, hanoi("2026-11-25"))
    texts = [text for (text,) in room.db.execute("select text from digests order by id")]
    assert len(texts) == 2
    assert PORTAL[0] not in texts[0]
    assert PORTAL[0] in texts[1]


def test_the_table_of_alerts_is_what_the_config_says(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    evaluate(room.db, room.alerts, DAY)
    room.use("moi:\n  title: Mới\n  queries: {quả: bưởi}\n")
    evaluate(room.db, room.alerts, DAY)
    assert list(room.db.execute("select name, title, query, digest from alerts")) == [
        ("moi/quả", "quả", "bưởi", "moi")
    ]


def test_a_new_rule_sees_the_open_window_at_once_and_nothing_older(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.publish(FIELDS, hanoi("2026-11-25", "08:00"))
    room.publish(FACTORY, hanoi("2026-11-25", "08:00"))
    make_due(room.db, room.alerts, hanoi("2026-11-26"))
    room.publish((f"{FIELDS[0]} (2)", *FIELDS[1:]), hanoi("2026-11-26", "08:00"))
    room.use(ALERTS.replace("  schedule:", "    Bưởi: bưởi\n  schedule:"))
    saved = hanoi("2026-11-26", "10:00")
    assert evaluate(room.db, room.alerts, saved) == 1
    assert matches(room)[0] == ("hang-ngay/Bưởi", 3, "new"), "the first one came before the last edition"
    assert room.db.execute("select max(matched_at) from matches").fetchone()[0] == stamp(saved)
    assert evaluate(room.db, room.alerts, saved) == 0
    [made] = make_due(room.db, room.alerts, hanoi("2026-11-27"))
    assert [one.label for one in read(room.db, made).parts] == ["Bưởi"]


def test_a_changed_rule_is_matched_anew_in_the_open_window_alone(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.publish(FACTORY, hanoi("2026-11-25", "08:00"))
    make_due(room.db, room.alerts, hanoi("2026-11-26"))
    room.publish((FACTORY[0], "", "Khu công nghiệp họp."), hanoi("2026-11-26", "08:00"))
    room.publish((FIELDS[0], "", "Bưởi về khu công nghiệp."), hanoi("2026-11-26", "08:00"))
    room.use(ALERTS.replace("""'"khu công nghiệp" OR "nhà máy"'""", "bưởi"))
    assert evaluate(room.db, room.alerts, hanoi("2026-11-26", "10:00")) == 0
    assert [one[1] for one in matches(room)] == [1, 3], "what an edition told stays"


def test_a_new_digest_waits_for_its_next_slot(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.crawled("may-tre", hanoi("2026-11-20", "08:00"))
    room.publish(FACTORY, hanoi("2026-11-25", "08:00"))
    make_due(room.db, room.alerts, hanoi("2026-11-26"))
    more = "moi:\n  title: Mới\n  queries: {Máy: %s}\n"
    room.use(ALERTS + more % "cảm biến" + ("chua:" + (more % "chưa ai viết")[4:]))
    evaluate(room.db, room.alerts, hanoi("2026-11-26", "07:30"))
    assert make_due(room.db, room.alerts, hanoi("2026-11-26", "10:00")) == []
    assert len(make_due(room.db, room.alerts, hanoi("2026-11-27"))) == 3


def test_a_rule_can_be_tried_before_it_is_saved(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.publish(FACTORY, DAY - timedelta(days=40))
    room.publish(PORTAL, DAY - timedelta(days=2))
    found = try_query(room.db, "bằng", 30, DAY)
    assert [hit.title for hit in found.hits] == [PORTAL[0]]
    assert try_query(room.db, "bằng", 60, DAY).total == 2


def test_old_rules_with_bare_words_are_told_once_how_they_are_read(tmp_path: Path) -> None:
    queries = {"so": "chuyen doi so", "kept": '"chuyển đổi số"', "an": '"công an"', "apart": "chuyen AND doi"}
    rules = "a:\n  title: A\n  queries:\n" + "".join(f"    {key}: '{text}'\n" for key, text in queries.items())
    room = Newsroom(tmp_path, rules)
    room.publish(FACTORY, DAY)
    assert told_anew(room.db, room.alerts) == {"a/so", "a/an"}
    assert told_anew(room.db, room.alerts) == set()
    told = [Article("u1", "s", "Số công nhân đổi ca, chuyển xưởng"), Article("u2", "s", "Chuyển đổi số")]
    assert Percolator({"so": room.alerts.rules["a/so"].query}).match(told) == [set(), {"so"}], "as search does"
