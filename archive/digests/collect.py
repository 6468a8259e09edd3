"""Collect the content of one edition: the stories matched in its window, changes, the sources' health."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace
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
    StoryFigure,
    count_stories,
)
from archive.digests.placing import query_heading, rank_stories, topic_headings
from archive.digests.schedule import Window, days_off
from archive.figures.ledger import PRINTED
from archive.health.coverage import read_since
from archive.query import parse
from archive.reasons import reason
from archive.refused import beside, rejected_between
from archive.search.highlight import mark
from archive.sentences import first_sentences
from archive.stories.entries import KEY, KEYED, EventEntry, disputes, load_entries
from archive.stories.grouping import Member

MOST_DOCUMENTS = 6
MOST_FIGURES = 4
MOST_NAMED = 4  # sources in trouble that the warning names

_MATCHED = f"""
    select a.id, coalesce(a.story_id, -a.id), {KEY}, m.alert, coalesce(a.published_at, a.first_seen_at)
    from matches m join articles a on a.id = m.article_id {KEYED}
    where m.alert >= :low and m.alert < :high and m.matched_at > :after and m.matched_at <= :until
      and iif(:mentions, a.level is 'mention' and not a.relevant,
              (a.relevant or not :relevant_only) and (a.level is not 'mention' or not :lines))
      and not exists (select 1 from matches e where e.article_id = a.id
                      and e.alert >= :low and e.alert < :high and e.matched_at <= :after)
    order by a.sort desc
"""
_EARLIER = """
    with earlier as materialized (
        select a.id, d.id as digest from articles a join matches m on m.article_id = a.id
        left join digests d on d.name = :name and m.matched_at > d.covers_from and m.matched_at <= d.covers_to
        where a.id in (select value from json_each(:ids))
          and m.alert >= :low and m.alert < :high and m.matched_at <= :after
          and (a.relevant or not :relevant_only)),
    left_out as materialized (
        select d.id as digest, one.value as id from digests d, json_each(d.content, '$.left_ids') one
        where d.id in (select digest from earlier))
    select id, min(coalesce((digest, id) in (select digest, id from left_out), 0)) from earlier group by id
"""
_MEMBERS = """
    select id, url, source, title, published_at, first_seen_at, credit, credit_url, state, unread
    from articles where id in (select value from json_each(?))"""
_DOCUMENTS = """
    select d.number, coalesce(d.kind, ''), coalesce(max(cited.dated), d.issued_on),
           json_group_array(cited.article_id)
    from article_documents cited join documents d on d.number = cited.number
    where cited.article_id in (select value from json_each(?)) group by d.number order by d.number limit ?
"""
_FIGURES = f"""
    select f.key, f.indicator, {PRINTED}, f.quote, f.article_id
    from json_each(?) j join articles a on a.id = j.value join figures f on f.article_id = a.id
    where f.key <> '' order by j.key, f.id
"""


@dataclass(slots=True)
class EventMatch:
    """One event's articles that matched in the window (newest first), and by story the rules they matched.

    ``key`` is that of its entry; without an event it is one story, or one article.
    """

    key: int
    newest: str
    ids: list[int] = field(default_factory=list)
    stories: dict[int, set[str]] = field(default_factory=dict)
    told: EventEntry = field(default_factory=lambda: EventEntry(0, []))  # loaded later; what matched leads


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

    def places(self, matches: Iterable[EventMatch]) -> dict[int, str]:
        """The rule that each event stands under: the one its leading story matches best (see ``placing``).

        '' where all the rules that it matched have left the config.
        """
        own = [query_heading(one.name, one.query) for one in self.digest.alerts if not one.topic]
        leading = {one.key: one.told.best.id for one in matches}
        alerts = {one.key: one.stories.get(leading[one.key], set()) for one in matches}
        matched = {
            leading[event]: {key for key, rule in self.rules.items() if rule in some}
            for event, some in alerts.items()
        }
        headings = (*topic_headings(self.db), *own)
        ranks = rank_stories(self.db, headings, matched, self.rules.keys(), matched)
        return {
            event: self.rules[ranks[story][0]] if matched[story] else "" for event, story in leading.items()
        }

    def story(self, match: EventMatch) -> EditionStory:
        """The event with all its outlets, those of the leading story first."""
        articles = self._members(match.told.articles)
        ids = [one.id for one in articles]
        title, summaries = self._texts(ids)
        summary = next(filter(None, summaries), "")
        # marked as one text: words that stand as a run in the title are not marked singly in the summary
        marked = mark(f"{title}\n{summary}", self.queries)
        at = marked.text.index("\n")
        own = {story.article_id for story in match.told.stories if story.own}
        appearances = [
            self._appearance(one, text if at else "", one.id in own)
            for at, (one, text) in enumerate(zip(articles, summaries, strict=True))
        ]
        outlets = {one.article_id: one.outlet for one in appearances}
        return EditionStory(
            title=marked.piece(0, at),
            summary=marked.piece(at + 1, len(marked.text)),
            appearances=appearances,
            documents=self._documents(ids),
            known_figures=self._figures(match.told.best.articles),
            disputes=disputes(self.db, outlets) if len(match.told.stories) > 1 else [],
        )

    def update(self, match: EventMatch, earlier: Iterable[int]) -> EditionStory:
        """The same of an event told before: ``before`` is a title of then, where another story leads."""
        story, known = self.story(match), set(earlier)
        then = [one for one in story.appearances if one.article_id in known]
        leads = known & set(match.told.best.articles)
        return story if leads or not then else replace(story, before=" ".join(then[0].title.split()))

    def _members(self, ids: list[int]) -> list[Member]:
        rows = {row[0]: Member(*row) for row in self.db.execute(_MEMBERS, [json.dumps(ids)])}
        return [rows[one] for one in ids]

    def _texts(self, ids: list[int]) -> tuple[str, list[str]]:
        """The first article's title, and each one's lead or first two sentences."""
        rows = self.db.execute(
            """select a.title, a.lead, a.body from json_each(?) j join articles a on a.id = j.value
               order by j.key""",
            [json.dumps(ids)],
        ).fetchall()
        summaries = [first_sentences(lead, 99) or first_sentences(body, 2) for _, lead, body in rows]
        return " ".join(rows[0][0].split()), summaries

    def _appearance(self, member: Member, summary: str, own: bool) -> Appearance:
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
            own=own,
        )

    def _documents(self, ids: list[int]) -> list[Cited]:
        rows = self.db.execute(_DOCUMENTS, [json.dumps(ids), MOST_DOCUMENTS])
        return [
            Cited(number, kind, dated, sorted({*json.loads(citing)})) for number, kind, dated, citing in rows
        ]

    def _figures(self, ids: list[int]) -> list[StoryFigure]:
        """Figures of known indicators, each indicator's from the first article that tells it."""
        first: dict[str, int] = {}
        kept: dict[tuple[str, str], StoryFigure] = {}
        for row in self.db.execute(_FIGURES, [json.dumps(ids)]):
            one = StoryFigure(*row)
            if first.setdefault(one.key, one.article_id) == one.article_id:
                kept.setdefault((one.key, one.printed), one)
        return list(kept.values())[:MOST_FIGURES]


def collect(db: Database, digest: Digest, window: Window, now: datetime, number: int = 0) -> Content:
    """The content of the edition that covers ``window``; reads only.

    A match belongs to the window it was made in, whenever the article was published: an article seen late is
    not lost. What an earlier window matched is left out.
    """
    matches, mentions = _matches(db, digest, window), _mentions(db, digest, window)
    _load([*matches, *mentions], db)
    earlier = _earlier(db, digest, window, matches)
    again = [match for match in matches if not all(earlier.get(match.key, {0: True}).values())]
    left = [match for match in matches if match.key in earlier and match not in again]
    new = [match for match in matches if match.key not in earlier]
    oldest = stamp(window.covers_from - timedelta(days=digest.options.fresh_days))
    ids = sorted(one for match in matches for one in match.ids)
    builder = StoryBuilder(db, digest)
    sections = _sections(digest, [match for match in new if match.newest >= oldest], builder)
    told = {match.key for match in matches}
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
        again=[builder.update(match, earlier[match.key]) for match in again],
        left_before=_sections(digest, left, builder),
        older=[builder.story(match) for match in new if match.newest < oldest],
        mentions=[builder.story(one) for one in mentions if one.key not in told],
        changes=changes_in(db, digest, window),
        sources=len(sources),
        well=sum(one.level == "green" for one in sources),
        health=[Health(one.name, one.level, one.reason) for one in sources if one.level in ("red", "amber")],
        reach=_reach(db, window, now),
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
        read_at=read_at(db),
        marks=digest.options.marks,
    )


def _reach(db: Database, window: Window, now: datetime) -> Reach | None:
    """How many sources were read since the window began; None where nothing was ever crawled."""
    found = read_since(db, window.covers_from, now)
    since = stamp(found.began) if found.began and found.began > window.covers_from else ""
    return Reach(found.read, found.of, found.silent, found.never, since) if found.of else None


def read_at(db: Database) -> str:
    """When the last crawl that went well ended, as stored; '' where none did."""
    return db.execute("select max(finished_at) from runs where state = 'done'").fetchone()[0] or ""


def matched_ids(db: Database, digest: Digest, window: Window) -> set[int]:
    """All articles that an edition of this window would tell, in full or in a line."""
    matches = _matches(db, digest, window) + _mentions(db, digest, window)
    return {one for match in matches for one in match.ids}


def _mentions(db: Database, digest: Digest, window: Window) -> list[EventMatch]:
    """What only mentions the province, newest first, where the digest gives it a line."""
    return _matches(db, digest, window, mentions=True) if digest.options.mentions == "lines" else []


def _matches(db: Database, digest: Digest, window: Window, *, mentions: bool = False) -> list[EventMatch]:
    by_event: dict[int, EventMatch] = {}
    options = {
        "relevant_only": digest.options.relevant_only,
        "lines": digest.options.mentions == "lines",
        "mentions": mentions,
    }
    for article_id, story, key, alert, published in db.execute(_MATCHED, bounds(digest, window) | options):
        match = by_event.setdefault(key, EventMatch(key, published))
        match.newest = max(match.newest, published)
        match.stories.setdefault(story, set()).add(alert)
        if article_id not in match.ids:
            match.ids.append(article_id)
    return list(by_event.values())


def _load(matches: list[EventMatch], db: Database) -> None:
    """Give matches their entries; the best told of the stories that matched leads."""
    entries = load_entries(db, [match.key for match in matches])
    for match in matches:
        match.told = entries[match.key].led_by(match.stories)


def _earlier(
    db: Database, digest: Digest, window: Window, matches: list[EventMatch]
) -> dict[int, dict[int, bool]]:
    """Of events that matched in an earlier window: the articles that did, and whether each was left out."""
    of = {one: match.key for match in matches for one in match.told.articles}
    params = bounds(digest, window) | {
        "ids": json.dumps(list(of)),
        "relevant_only": digest.options.relevant_only,
    }
    found: dict[int, dict[int, bool]] = {}
    for article_id, left in db.execute(_EARLIER, params):
        found.setdefault(of[article_id], {})[article_id] = bool(left)
    return found


def _sections(digest: Digest, matches: list[EventMatch], builder: StoryBuilder) -> list[Section]:
    """The stories under their rules, in the order of the config; what has none is in a last section."""
    labels = {alert.name: builder.label(alert) for alert in digest.alerts} | {"": ""}
    stories: dict[str, list[EditionStory]] = {name: [] for name in labels}
    places = builder.places(matches)
    for match in matches:
        stories[places[match.key]].append(builder.story(match))
    return [Section(name, labels[name], _ordered(some)) for name, some in stories.items() if some]


def _ordered(stories: list[EditionStory]) -> list[EditionStory]:
    """What most outlets carry first, then the newest."""
    newest = sorted(stories, key=lambda story: story.appearances[0].published_at or "", reverse=True)
    return sorted(newest, key=lambda story: -len({one.outlet for one in story.appearances}))


def _warning(db: Database, sources: list[health.SourceHealth], stale_hours: float, now: datetime) -> str:
    """What readers must know before they trust the edition, as a reason; empty when crawls went well."""
    last = read_at(db)
    if sources and (not last or last < stamp(now - timedelta(hours=stale_hours))):
        return reason("edition_stale", since=last) if last else reason("edition_never_crawled")
    red = [source.name for source in sources if source.level == "red"]
    if not red:
        return ""
    params = {"count": len(red), "of": len(sources), "names": ", ".join(red[:MOST_NAMED])}
    if len(red) > MOST_NAMED:
        return reason("edition_sources_red_more", **params, more=len(red) - MOST_NAMED)
    return reason("edition_sources_red", **params)
