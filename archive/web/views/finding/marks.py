"""Marks at the desk in a search, for those who see the desk: read from desk.db, never part of archive.db."""

from archive.desk.choices import count_marks, marked
from archive.query import Query
from archive.query.lexer import VALUES
from archive.search.facets import Count
from archive.search.filters import Marked
from archive.web.request import PageRequest


def marked_at_desk(req: PageRequest, query: Query) -> Marked | None:
    """The marks at the desk that a query asks for; None for who may not see them."""
    desk = req.site.desk.get() if req.sees_desk else None
    asked = {code for one in query.filters if one.field == "mark" for code in one.values}
    if desk is None or not asked:
        return None
    return {code: marked(desk, code) for code in asked & VALUES["mark"].keys()}.__getitem__


def mark_counts(req: PageRequest, ids: list[int]) -> list[Count]:
    """How many of the articles carry each mark at the desk; none for who may not see them."""
    desk = req.site.desk.get() if req.sees_desk else None
    counts = count_marks(desk, ids) if desk else {}
    return [Count(mark, mark, hits) for mark, hits in counts.items() if hits]
