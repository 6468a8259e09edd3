"""The part of the archive that the public sees, as temporary views that stand before the tables.

Every query that names a table reads the view instead: what the public may not see is not there for it,
whichever page asks. Who may see what, and why: docs/law.md.
"""

from sqlite_utils import Database

NOTHING = ("versions", "figures", "states")  # edits, values and take-downs are not told
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
_SHOWN = """from main.articles a
    where a.state = 'live' and not exists (select 1 from main.withheld w where w.article_id = a.id)"""
_PARTS = {
    "mentions": "select * from main.mentions where kind <> 'person'",
    "article_documents": "select article_id, number, dated, '' quote from main.article_documents",
    "stories": """select id,
        coalesce((select title from articles where story_id = s.id order by sort), '') title,
        first_article_id, first_published_at, articles, outlets from main.stories s""",
}


def show_public_part(db: Database) -> None:
    """Let a connection see what the public may see, and nothing else, until it is closed.

    Articles are those that stand and were not asked away: title, time, outlet, place and topic, the lead where
    the outlet agreed. There are no texts, authors, persons, figures, edits or take-downs.
    """
    if is_public_part(db):
        return
    columns = [name for _, name, *_ in db.execute("pragma main.table_info(articles)")]
    shown = ", ".join(f"{_HIDDEN.get(name, 'a.' + name)} {name}" for name in columns)
    db.execute(f"create temp view articles as select {shown} {_SHOWN}")
    for name in NOTHING:
        db.execute(f"create temp view {name} as select * from main.{name} where false")
    for name, select in _PARTS.items():
        db.execute(f"create temp view {name} as {select}")


def is_public_part(db: Database) -> bool:
    """Whether a connection sees the public part alone."""
    return db.execute("select 1 from temp.sqlite_master where name = 'articles'").fetchone() is not None
