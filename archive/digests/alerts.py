"""Alerts matched once per new article and per edit, with exactly search's meaning; a rule tried before use."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import writing
from archive.digests.config import Alerts
from archive.model import Article, Mention
from archive.query import Query
from archive.search import results
from archive.search.filters import load_names
from archive.search.percolator import Percolator

if TYPE_CHECKING:
    from archive.places.gazetteer import Gazetteer
    from archive.query.lexicon import Lexicon

_THESE = "(select value from json_each(?))"
_UNTOLD = f"""
    update matches set matched_at = :at
    where article_id in {_THESE.replace("?", ":ids")} and alert >= :low and alert < :high
      and (:all or exists (select 1 from articles a where a.id = article_id and a.relevant))
      and matched_at <= (select max(covers_to) from digests where name = :name)
      and not exists (select 1 from digests d, json_each(d.content, '$.article_ids') told
                      where d.name = :name and d.covers_to >= matches.matched_at
                      and told.value = matches.article_id)
"""
_WINDOW = """
    select id, 'new' from articles where first_seen_at > :after
    union all select article_id, why from matches where alert >= :low and alert < :high and matched_at > :after
"""
_OUTDATED = f"""
    delete from matches where alert = :alert and matched_at > :after
    and article_id not in {_THESE.replace("?", ":ids")}
"""
# What editions told that archive.db had lost: its articles may come back later than they do
_TOLD_BEFORE = """
    select d.name || '/' || told.value, d.covers_to from digests d, json_each(d.content, '$.article_ids') told
    where d.id in (select digest_id from deliveries where last_error = 'delivery_recalled')
"""
FIRST_WINDOW = timedelta(days=1)  # what the first edition of a digest looks back
BATCH = 200  # articles a transaction; 10,000 rules over them take 1.5 s (docs/digest.md)


def evaluate(db: Database, alerts: Alerts, now: datetime) -> int:
    """Match all pending articles against all rules; how many matches are new.

    Each batch is one transaction that also takes its articles off ``pending``: killed at any moment,
    no article is lost and none matches twice. A match that comes after its digest's last window has closed
    is stamped behind that window, so that it belongs to the next edition.
    """
    total = sync(db, alerts, now)
    queries = {name: alert.query for name, alert in alerts.rules.items()}
    percolator = Percolator(queries, load_names(db))
    while True:
        with writing(db):
            batch = db.execute(
                "select article_id, why from pending order by article_id limit ?", [BATCH]
            ).fetchall()
            if not batch:
                return total
            articles = articles_of(db, [row[0] for row in batch])
            matched = zip(articles, percolator.match(list(articles.values())), strict=True)
            whys = dict(batch)
            _count_anew(db, alerts, [id_ for id_ in articles if whys[id_] != "gone"], now)
            pairs = [(id_, whys[id_], name) for id_, names in matched for name in names]
            news = [pair for pair in pairs if pair[1] != "gone" or _asks_for_gone(queries[pair[2]])]
            total += _insert(db, alerts, news, now)
            db.conn.executemany("delete from pending where article_id = ?", [(row[0],) for row in batch])


def _asks_for_gone(query: Query) -> bool:
    """Whether a rule asks for take-downs (``is:gone``): others do not match because of one."""
    return any(one.field == "state" and "gone" in one.values for one in query.filters)


def sync(db: Database, alerts: Alerts, now: datetime) -> int:
    """Make table ``alerts`` what the config says; it is written only when something changed.

    A new rule is matched against what came since its digest's last edition, and a changed one anew; how many
    matches are new.
    """
    rows = {
        alert.name: (alert.label, alert.text, digest.name)
        for digest in alerts.digests.values()
        for alert in digest.alerts
    }
    known = {name: tuple(row) for name, *row in db.execute("select name, title, query, digest from alerts")}
    if known == rows:
        return 0
    changed = {name for name, row in rows.items() if name not in known or known[name][1] != row[1]}
    windows = [_open_window(db, digest.name, changed, alerts, now) for digest in alerts.digests.values()]
    with writing(db):
        kept = {name: row for name, *row in db.execute("select name, since, read_as from alerts")}
        db.execute("delete from alerts")
        db.conn.executemany(
            "insert into alerts (name, title, query, digest, since, read_as) values (?, ?, ?, ?, ?, ?)",
            [(name, *row, *kept.get(name, (stamp(now), None))) for name, row in sorted(rows.items())],
        )
        return sum(_match_anew(db, alerts, window, now) for window in windows if window.rules)


def told_anew(db: Database, alerts: Alerts) -> set[str]:
    """The rules whose bare or unmarked words are understood otherwise than was told of them last.

    From now on they count as told.
    """
    read = {
        name: alert.query.understood
        for name, alert in alerts.rules.items()
        if alert.query.parsed.together or alert.query.parsed.plain
    }
    known = dict(db.execute("select name, read_as from alerts"))
    anew = {name for name, words in read.items() if known.get(name) != words}
    if anew:
        with writing(db):
            rows = [(read[name], name) for name in anew]
            db.conn.executemany("update alerts set read_as = ? where name = ?", rows)
    return anew


@dataclass(slots=True)
class _OpenWindow:
    """What came since a digest's last edition, and by changed rule the articles of it that match now."""

    after: str
    rules: dict[str, list[int]]
    whys: dict[int, str] = field(default_factory=dict)


def _open_window(db: Database, digest: str, changed: set[str], alerts: Alerts, now: datetime) -> _OpenWindow:
    queries = {alert.name: alert.query for alert in alerts.digests[digest].alerts if alert.name in changed}
    last = db.execute("select max(covers_to) from digests where name = ?", [digest]).fetchone()[0]
    window = _OpenWindow(last or stamp(now - FIRST_WINDOW), {name: [] for name in queries})
    if not queries:
        return window
    bounds = {"after": window.after, "low": f"{digest}/", "high": f"{digest}0"}
    window.whys = dict(db.execute(_WINDOW, bounds))
    percolator = Percolator(queries, load_names(db))
    ids = sorted(window.whys)
    for start in range(0, len(ids), BATCH):
        articles = articles_of(db, ids[start : start + BATCH])
        for id_, names in zip(articles, percolator.match(list(articles.values())), strict=True):
            for name in names:
                window.rules[name].append(id_)
    return window


def _match_anew(db: Database, alerts: Alerts, window: _OpenWindow, now: datetime) -> int:
    """Write what changed rules match in the open window; what they matched in it and do no more goes."""
    for name, ids in window.rules.items():
        db.execute(_OUTDATED, {"alert": name, "after": window.after, "ids": json.dumps(ids)})
    rows = [(id_, window.whys[id_], name) for name, ids in window.rules.items() for id_ in ids]
    return _insert(db, alerts, rows, now)


def _count_anew(db: Database, alerts: Alerts, ids: list[int], now: datetime) -> None:
    """Articles that an earlier edition left out, though they matched, may belong in the next one by now.

    A headline, or a first report, becomes relevant when more of it is read.
    """
    at = _stamps(db, alerts, now)
    for name, digest in alerts.digests.items():
        tells_all = not digest.options.relevant_only and digest.options.mentions == "none"
        db.execute(
            _UNTOLD,
            {"at": at[name], "name": name, "low": f"{name}/", "high": f"{name}0",
             "ids": json.dumps(ids), "all": tells_all},
        )  # fmt: skip


def _insert(db: Database, alerts: Alerts, matches: Iterable[tuple[int, str, str]], now: datetime) -> int:
    at, told = _stamps(db, alerts, now), dict(db.execute(_TOLD_BEFORE).fetchall())
    before = db.conn.total_changes
    db.conn.executemany(
        "insert into matches (alert, article_id, matched_at, why) values (?, ?, ?, ?) on conflict do nothing",
        [
            (name, article_id, _counts_for(name, article_id, why, at, told), "new" if why == "new" else "edit")
            for article_id, why, name in matches
        ],
    )
    return db.conn.total_changes - before


def _counts_for(name: str, article_id: int, why: str, at: dict[str, str], told: dict[str, str]) -> str:
    """The time a match counts for: an article that came back is told by the edition that told it before."""
    digest = name.partition("/")[0]
    return told.get(f"{digest}/{article_id}", at[digest]) if why == "new" else at[digest]


def _stamps(db: Database, alerts: Alerts, now: datetime) -> dict[str, str]:
    """Per digest, the time a match made now counts for."""
    closed = dict(db.execute("select name, max(covers_to) from digests group by name"))
    return {
        name: stamp(max(now, moment(closed[name]) + timedelta(seconds=1))) if closed.get(name) else stamp(now)
        for name in alerts.digests
    }


def articles_of(db: Database, ids: list[int]) -> dict[int, Article]:
    """Articles by id as rules see them: texts, source, topics, mentions, and the time that search sorts by."""
    given = [json.dumps(ids)]
    rows = db.execute(
        f"""select id, url, source, title, lead, body, level, published_at, first_seen_at,
            iif(edits > 0, 'edited ', '') || iif(state = 'gone', 'gone', '')
            from articles where id in {_THESE} order by id""",
        given,
    )
    articles = {
        id_: Article(
            url,
            source,
            title,
            lead,
            body,
            level=level,
            published_at=moment(published or seen),
            states=tuple(states.split()),
        )
        for id_, url, source, title, lead, body, level, published, seen, states in rows
    }
    sql = f"select article_id, topic from article_topics where article_id in {_THESE}"
    for article_id, topic in db.execute(sql, given):
        articles[article_id].topics.append(topic)
    sql = f"select article_id, kind, name, count from mentions where article_id in {_THESE}"
    for article_id, *mention in db.execute(sql, given):
        articles[article_id].mentions.append(Mention(*mention))
    return articles


def try_query(
    db: Database,
    text: str,
    days: int,
    now: datetime,
    *,
    places: "Gazetteer | None" = None,
    lexicon: "Lexicon | None" = None,
    limit: int = 20,
) -> results.Results:
    """The results of a rule over the last ``days`` days: search itself, newest first."""
    return results.search(
        db,
        text,
        since=now - timedelta(days=days),
        limit=limit,
        order="newest",
        places=places,
        lexicon=lexicon,
    )
