"""``/tro-giup`` Trợ giúp: how to search, how words are understood, the keys, and what each page is for."""

from dataclasses import dataclass

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.web.request import PageRequest
from archive.web.views.desk.buttons import key_words
from archive.web.views.finding.guide import guide

TEXT = ("all", "folded", "phrase", "prefix", "or", "not", "near", "title", "number")
CONDITIONS = ("source", "topic", "place", "org", "level", "edited", "gone", "days")
OF_CHANGES = ("edited", "gone")
AT_DESK = ("mark",)
TOLD = {  # how words are understood, with what shows it
    "marks": ("marked", "unmarked"), "compounds": ("compounds",), "places": ("named",),
    "spelling": ("spelled",), "sentence": ("stray",),
}  # fmt: skip
IN_PUBLIC = {"/": "today", "/tim": "search"}  # where it is -> the word of its name in the navigation
PAGES = {**IN_PUBLIC, "/so-lieu": "figures", "/sua-go": "changes", "/bao-cao": "report"}
DESK_PAGES = {"/ban": "desk", "/phan-hoi": "register"}


@dataclass(frozen=True, slots=True)
class HelpRow:
    """One way to ask: an example, where it is tried, and what it finds."""

    example: str
    path: str
    told: str


def _examples(db: Database) -> dict[str, str]:
    """An outlet and a topic that have articles, for the examples."""
    source = "select key from sources where exists (select 1 from articles where source = key) order by rowid"
    topic = (
        "select key from topics where exists (select 1 from article_topics where topic = key) order by rowid"
    )
    found = {"source": db.execute(source).fetchone(), "topic": db.execute(topic).fetchone()}
    return {name: str(row[0]) if row else "baotintuc" for name, row in found.items()}


def _conditions(req: PageRequest) -> list[str]:
    """The fields this reader may ask for."""
    if req.public:
        return [name for name in CONDITIONS if name not in OF_CHANGES]
    return [*CONDITIONS, *(AT_DESK if req.sees_desk else ())]


async def help_page(req: PageRequest) -> Response:
    """The page; the public reads of what the public has."""
    known = await req.query(_examples)
    given = {**known, "year": req.formats.today.year}

    def tried(name: str) -> tuple[str, str]:
        example = req.words(f"help.eg.{name}", **given)
        return example, req.path("/tim", {"q": example})

    def row(name: str) -> HelpRow:
        return HelpRow(*tried(name), req.words(f"help.op.{name}"))

    at_desk = req.sees_desk
    pages = IN_PUBLIC if req.public else PAGES | (DESK_PAGES if at_desk else {})
    return await req.render(
        "finding/help.html",
        text=[row(name) for name in TEXT],
        conditions=[row(name) for name in _conditions(req)],
        told=[(req.words(f"help.words.{key}"), map(tried, names)) for key, names in TOLD.items()],
        keys=key_words(req.words) if at_desk else [],
        guide=guide(req.static, req.words.lang) if at_desk else "",
        pages=[(req.path(path), word) for path, word in pages.items()],
    )
