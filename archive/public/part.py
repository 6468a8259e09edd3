"""The part of the archive that the public sees, as temporary views that stand before the tables.

Every query that names a table reads the view instead: what the public may not see is not there for it,
whichever page asks. Who may see what, and why: docs/law.md.
"""

from sqlite_utils import Database

# Edits, values and take-downs are not told; what is stored of events counts articles that may be hidden.
NOTHING = ("versions", "figures", "states", "events")
_HIDDEN = {  # column of articles -> what stands in its place
    "lead": "iif((select agreed from main.sources s where s.key = a.source) <> '', a.lead, '')",
    "body": "''",
    "authors": "'[]'",
    "image": "null",
    "why": "'[]'",
    "doubt": "'[]'",
    "suspected_at": "null",
    "gone_at": "null",
    "changed_at": "null",
    "edits": "0",
}
_MASKED = {  # the same of other tables: that a page was taken down or edited, and how many articles were kept
    "runs": {"outcomes": "iif(json_valid(t.outcomes), json_remove(t.outcomes, '$.gone', '$.revised'), '{}')"},
    "coverage": {"kept": "null"},
}
_SHOWN = """from main.articles a
    where a.state = 'live' and not exists (select 1 from main.withheld w where w.article_id = a.id)"""
# Those that are hidden are few and stand in indexes: cheaper than to look up each article that is counted.
_OF_SHOWN = """article_id not in (
    select id from main.articles where state = 'gone' union all select article_id from main.withheld)"""
_PARTS = {
    "mentions": f"select * from main.mentions where kind <> 'person' and {_OF_SHOWN}",
    "article_topics": f"select * from main.article_topics where {_OF_SHOWN}",
    "article_events": f"select * from main.article_events where {_OF_SHOWN}",
    "article_documents": f"""select article_id, number, dated, '' quote from main.article_documents
        where {_OF_SHOWN}""",
    "runs": "select {runs} from main.runs t",
    "coverage": "select {coverage} from main.coverage t",
    "stories": """select id,
        coalesce((select title from articles where story_id = s.id order by sort), '') title,
        (select id from articles where story_id = s.id order by sort) first_article_id,
        (select min(published_at) from articles where story_id = s.id) first_published_at,
        (select count(*) from articles where story_id = s.id) articles,
        (select count(distinct source) from articles where story_id = s.id) outlets from main.stories s""",
}


def show_public_part(db: Database) -> None:
    """Let a connection see what the public may see, and nothing else, until it is closed.

    Articles are those that stand and were not asked away: title, time, outlet, place and topic, the lead where
    the outlet agreed. There are no texts, authors, persons, figures, edits or take-downs, and whatever is
    counted is counted as if what is hidden had never been there.
    """
    if is_public_part(db):
        return
    db.execute(f"create temp view articles as select {_columns(db, 'articles', 'a', _HIDDEN)} {_SHOWN}")
    for name in NOTHING:
        db.execute(f"create temp view {name} as select * from main.{name} where false")
    masked = {name: _columns(db, name, "t", hidden) for name, hidden in _MASKED.items()}
    for name, select in _PARTS.items():
        db.execute(f"create temp view {name} as {select.format(**masked)}")


def _columns(db: Database, table: str, alias: str, hidden: dict[str, str]) -> str:
    """The columns of a table, with what stands in the place of those that are hidden."""
    names = [name for _, name, *_ in db.execute(f"pragma main.table_info({table})")]
    return ", ".join(f"{hidden.get(name, f'{alias}.{name}')} {name}" for name in names)


def is_public_part(db: Database) -> bool:
    """Whether a connection sees the public part alone."""
    return db.execute("select 1 from temp.sqlite_master where name = 'articles'").fetchone() is not None
