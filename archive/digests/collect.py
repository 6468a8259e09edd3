"""Collect the content of one edition: the stories matched in its window, changes, the sources' health."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive import health
from archive.clock import stamp
from archive.digests.changes import bounds, changes_in
from archive.digests.config import Alert, Digest
from archive.digests.content import (
    Appearance,
    Cited,
    Content,
    EditionStory,
    Health,
    Reach,
    Section,
    count_stories,
)
from archive.digests.placing import query_heading, rank_stories, topic_headings
from archive.digests.schedule import Window, days_off
from archive.health.coverage import read_since
from archive.query import parse
from archive.reasons import reason
from archive.refused import beside, rejected_between
from archive.search.highlight import mark
from archive.sentences import first_sentences
from archive.stories.grouping import Member, members

MOST_DOCUMENTS = 6
MOST_NAMED = 4  # sources in trouble that the warning names

_MATCHED = """
    select a.id, coalesce(a.story_id, -a.id), m.alert, coalesce(a.published_at, a.first_seen_at)
    from matches m join articles a on a.id = m.article_id
    where m.alert >= :low and m.alert < :high and m.matched_at > :after and m.matched_at <= :until
      and iif(:mentions, a.level is 'mention' and not a.relevant,
              (a.relevant or not :relevant_only) and (a.level is not 'mention' or not :lines))
      and not exists (select 1 from matches e where e.article_id = a.id
                      and e.alert >= :low and e.alert < :high and e.matched_at <= :after)
    order by a.sort desc
"""
_EARLIER_STORIES = """
    with earlier as materialized (
        select a.story_id, a.id, d.id as digest from articles a join matches m on m.article_id = a.id
        left join digests d on d.name = :name and m.matched_at > d.covers_from and m.matched_at <= d.covers_to
        where a.story_id in (select value from json_each(:stories))
          and m.alert >= :low and m.alert < :high and m.matched_at <= :after
          and (a.relevant or not :relevant_only)),
    left_out as materialized (
        select d.id as digest, one.value as id from digests d, json_each(d.content, '$.left_ids') one
        where d.id in (select digest from earlier))
    select story_id, min(coalesce((digest, id) in (select digest, id from left_out), 0))
    from earlier group by story_id
"""
_DOCUMENTS = """
    select d.number, coalesce(d.kind, ''), coalesce(max(cited.dated), d.issued_on),
           json_group_array(cited.article_id)
    from article_documents cited join documents d on d.number = cited.number
    where cited.article_id in (select value from json_each(?)) group by d.number order by d.number limit ?
"""


@dataclass(slots=True)
class StoryMatch:
    """One story's articles that matched in the window (newest first) and the rules they matched.

    ``story`` below 0: an article of no story, by its id.
    """

    story: int
    newest: str
    ids: list[int] = field(default_factory=list)
    alerts: set[str] = field(default_factory=set)


class StoryBuilder:
    """Builds the stories of one edition."""

    def __init__(self, db: Database, digest: Digest) -> None:
        self.db, self.digest = db, digest
        self.outlets = dict(db.execute("select key, name from sources"))
        self.topics = dict(db.execute("select key, name from topics"))
        queries = dict(db.execute("select key, coalesce(query, '') from topics"))
        self.queries = [parse(queries.get(a.topic, "")) if a.topic else a.query for a in digest.alerts]
        self.rules = {alert.topic or alert.name: alert.name for alert in digest.alerts}

    def label(self, alert: Alert) -> str:
        """What heads a section: the topic's name, else the query's."""
        return str(self.topics.get(alert.topic) or alert.label)

    def places(self, matches: Iterable[StoryMatch]) -> dict[int, str]:
        """The rule that each story stands under: the one that it matches best (``archive.digests.placing``).

        '' where all the rules that it matched have left the config.
        """
        own = [query_heading(one.name, one.query) for one in self.digest.alerts if not one.topic]
        matched = {
            one.story: {key for key, rule in self.rules.items() if rule in one.alerts} for one in matches
        }
        headings = (*topic_headings(self.db), *own)
        ranks = rank_stories(self.db, headings, matched, self.rules.keys(), matched)
        return {story: self.rules[ranks[story][0]] if keys else "" for story, keys in matched.items()}

    def story(self, match: StoryMatch) -> EditionStory:
        """The story with all its outlets, the first one leading."""
        articles = members(self.db, match.story) if match.story > 0 else [self._alone(-match.story)]
        ids = [one.id for one in articles]
        title, summaries = self._texts(ids)
        summary = next(filter(None, summaries), "")
        # marked as one text: words that stand as a run in the title are not marked singly in the summary
        marked = mark(f"{title}\n{summary}", self.queries)
        at = marked.text.index("\n")
        return EditionStory(
            title=marked.piece(0, at),
            summary=marked.piece(at + 1, len(marked.text)),
            appearances=[
                self._appearance(one, text if at else "")
                for at, (one, text) in enumerate(zip(articles, summaries, strict=True))
            ],
            documents=self._documents(ids),
        )

    def _alone(self, article_id: int) -> Member:
        row = self.db.execute(
            """select id, url, source, title, published_at, first_seen_at, credit, credit_url, state, unread
               from articles where id = ?""",
            [article_id],
        ).fetchone()
        return Member(*row)

    def _texts(self, ids: list[int]) -> tuple[str, list[str]]:
        """The first article's title, and each one's lead or first two sentences."""
        rows = self.db.execute(
            """select a.title, a.lead, a.body from json_each(?) j join articles a on a.id = j.value
               order by j.key""",
            [json.dumps(ids)],
        ).fetchall()
        summaries = [first_sentences(lead, 99) or first_sentences(body, 2) for _, lead, body in rows]
        return " ".join(rows[0][0].split()), summaries

    def _appearance(self, member: Member, summary: str) -> Appearance:
        return Appearance(
            article_id=member.id,
            outlet=self.outlets.get(member.source) or member.source,
            title=member.title,
            url=member.url,
            archive_url=f"{self.digest.archive_url}/bai/{member.id}",
            published_at=member.published_at,
            credit=member.credit,
            gone=member.state == "gone",
            unread=member.unread,
            summary=summary,
        )

    def _documents(self, ids: list[int]) -> list[Cited]:
        rows = self.db.execute(_DOCUMENTS, [json.dumps(ids), MOST_DOCUMENTS])
        return [
            Cited(number, kind, dated, sorted({*json.loads(citing)})) for number, kind, dated, citing in rows
        ]


def collect(db: Database, digest: Digest, window: Window, now: datetime, number: int = 0) -> Content:
    """The content of the edition that covers ``window``; reads only.

    A match belongs to the window it was made in, whenever the article was published: an article seen late is
    not lost. What an earlier window matched is left out.
    """
    matches = _matches(db, digest, window)
    earlier = _earlier_stories(db, digest, window, matches)
    again = [match for match in matches if earlier.get(match.story) is False]
    left = [match for match in matches if earlier.get(match.story)]
    new = [match for match in matches if match.story not in earlier]
    oldest = stamp(window.covers_from - timedelta(days=digest.options.fresh_days))
    ids = sorted(one for match in matches for one in match.ids)
    builder = StoryBuilder(db, digest)
    sections = _sections(digest, [match for match in new if match.newest >= oldest], builder)
    told = {match.story for match in matches} | earlier.keys()
    sources = health.report(db, now)
    return Content(
        name=digest.name,
        title=digest.title,
        edition=window.edition,
        number=number,
        made_at=stamp(now),
        covers_from=stamp(window.covers_from),
        covers_to=stamp(window.covers_to),
        counts=count_stories(sections),
        parts=sections,
        again=[builder.story(match) for match in again],
        left_before=_sections(digest, left, builder),
        older=[builder.story(match) for match in new if match.newest < oldest],
        mentions=[builder.story(one) for one in _mentions(db, digest, window) if one.story not in told],
        changes=changes_in(db, digest, window),
        sources=len(sources),
        well=sum(one.level == "green" for one in sources),
        health=[Health(one.name, one.level, one.reason) for one in sources if one.level in ("red", "amber")],
        reach=_reach(db, window),
        refused=rejected_between(beside(db), db, window.covers_from, window.covers_to),
        warning=_warning(db, sources, digest.options.stale_hours, now),
        days_off=[d.isoformat() for d in days_off(window.covers_from, window.covers_to, digest.schedule.zone)],
        archive_url=digest.archive_url,
        stop=digest.options.stop,
        max_items=digest.options.max_items,
        article_ids=ids,
        labels={alert.name: builder.label(alert) for alert in digest.alerts},
        office=digest.office,
        file_name=digest.options.file_name,
        read_at=_read_at(db),
        marks=digest.options.marks,
    )


def _reach(db: Database, window: Window) -> Reach | None:
    """How many sources were read since the window began; None where nothing was ever crawled."""
    read, of, silent = read_since(db, window.covers_from)
    return Reach(read, of, silent) if of else None


def _read_at(db: Database) -> str:
    """When the last crawl that went well ended, as stored; '' where none did."""
    return db.execute("select max(finished_at) from runs where state = 'done'").fetchone()[0] or ""


def matched_ids(db: Database, digest: Digest, window: Window) -> set[int]:
    """All articles that an edition of this window would tell, in full or in a line."""
    matches = _matches(db, digest, window) + _mentions(db, digest, window)
    return {one for match in matches for one in match.ids}


def _mentions(db: Database, digest: Digest, window: Window) -> list[StoryMatch]:
    """What only mentions the province, newest first, where the digest gives it a line."""
    return _matches(db, digest, window, mentions=True) if digest.options.mentions == "lines" else []


def _matches(db: Database, digest: Digest, window: Window, *, mentions: bool = False) -> list[StoryMatch]:
    by_story: dict[int, StoryMatch] = {}
    options = {
        "relevant_only": digest.options.relevant_only,
        "lines": digest.options.mentions == "lines",
        "mentions": mentions,
    }
    for article_id, story, alert, published in db.execute(_MATCHED, bounds(digest, window) | options):
        match = by_story.setdefault(story, StoryMatch(story, published))
        match.newest = max(match.newest, published)
        match.alerts.add(alert)
        if article_id not in match.ids:
            match.ids.append(article_id)
    return list(by_story.values())


def _earlier_stories(
    db: Database, digest: Digest, window: Window, matches: list[StoryMatch]
) -> dict[int, bool]:
    """The stories of which an article matched in an earlier window, and whether all of that was left out."""
    params = bounds(digest, window) | {
        "stories": json.dumps([match.story for match in matches]),
        "relevant_only": digest.options.relevant_only,
    }
    return {story: bool(left) for story, left in db.execute(_EARLIER_STORIES, params)}


def _sections(digest: Digest, matches: list[StoryMatch], builder: StoryBuilder) -> list[Section]:
    """The stories under their rules, in the order of the config; what has none is in a last section."""
    labels = {alert.name: builder.label(alert) for alert in digest.alerts} | {"": ""}
    stories: dict[str, list[EditionStory]] = {name: [] for name in labels}
    places = builder.places(matches)
    for match in matches:
        stories[places[match.story]].append(builder.story(match))
    return [Section(name, labels[name], _ordered(some)) for name, some in stories.items() if some]


def _ordered(stories: list[EditionStory]) -> list[EditionStory]:
    """What most outlets carry first, then the newest."""
    newest = sorted(stories, key=lambda story: story.appearances[0].published_at or "", reverse=True)
    return sorted(newest, key=lambda story: -len({one.outlet for one in story.appearances}))


def _warning(db: Database, sources: list[health.SourceHealth], stale_hours: float, now: datetime) -> str:
    """What readers must know before they trust the edition, as a reason; empty when crawls went well."""
    last = _read_at(db)
    if sources and (not last or last < stamp(now - timedelta(hours=stale_hours))):
        return reason("edition_stale", since=last) if last else reason("edition_never_crawled")
    red = [source.name for source in sources if source.level == "red"]
    if not red:
        return ""
    params = {"count": len(red), "of": len(sources), "names": ", ".join(red[:MOST_NAMED])}
    if len(red) > MOST_NAMED:
        return reason("edition_sources_red_more", **params, more=len(red) - MOST_NAMED)
    return reason("edition_sources_red", **params)
