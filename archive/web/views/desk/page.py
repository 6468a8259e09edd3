"""``/ban``: the page itself, for one digest, one reader, and one drawing."""

from datetime import timedelta
from typing import Any

from datasette.utils.asgi import Response

from archive.clock import stamp
from archive.desk.arrange import DeskStory, arranged, decided
from archive.desk.choices import Choice, load_choices, load_notes
from archive.desk.edition import kept
from archive.desk.personal.looks import last_look, read_ids
from archive.desk.register import of_articles
from archive.digests.content import Content
from archive.revisions.changes import headline
from archive.web.request import PageRequest
from archive.web.views.desk.answer import saved
from archive.web.views.desk.board import FILTERS, Board, BoardStory, Placed, heading, joined, place_of
from archive.web.views.desk.edit_form import EditForm
from archive.web.views.desk.opened import Drawn, NoDigest, OpenedDesk, at_desk
from archive.web.views.lists import ArticleLine, lines_of
from archive.web.views.register.opened import OpenedRegister

SAVED = ("desk.saved", "desk.undo.done")
TOLD = ("desk.undo.none", "desk.looked.told", "desk.brought")


async def desk(req: PageRequest) -> Response:
    """The page; ``sua`` opens the form of a story."""
    try:
        board = await at_desk(req, _board, name=req.arg("ban"))
    except NoDigest:
        return await req.render("desk_none.html", status=404 if req.arg("ban") else 200)
    return await req.render("desk.html", board=board)


def _board(desk: OpenedDesk) -> Board:
    req = desk.req
    board = draw(desk, req.arg("luc"), req.arg("loc"))
    editing = req.arg("sua")
    if board.may_edit and editing.isascii() and editing.isdigit() and len(editing) < 19:
        story = board.by_article.get(int(editing))
        board.editing = EditForm.of(story) if story else None
    told = req.arg("luu")
    board.saved = saved(req, told) if told in SAVED else ""
    board.told = req.words(told) if told in TOLD else ""
    board.left_out = left_out(desk)
    return board


def draw(desk: OpenedDesk, until: str = "", shown: str = "") -> Board:
    """All that the page shows, up to a time: the stories with what was decided and written on each."""
    req, ended = desk.req, desk.until(until)
    drawn = desk.drawn(ended)
    choices = load_choices(desk.desk, desk.digest.name, desk.window)
    return Board(
        digest=desk.digest,
        words=req.words,
        content=drawn.content,
        window=desk.window,
        until=stamp(ended),
        stories=joined(_stories(desk, drawn, choices)),
        may_edit=req.may("editor"),
        chosen=kept(arranged(drawn.content, choices), everything=False),
        digests=list(desk.alerts.digests.values()),
        shown=shown if shown in FILTERS else "",
        people=_people(desk),
        link=req.path,
        blank=EditForm(),
    )


def _stories(desk: OpenedDesk, drawn: Drawn, choices: dict[int, Choice]) -> list[Placed]:
    req, name = desk.req, desk.req.user.name
    ids = list(drawn.lines)
    notes, read = load_notes(desk.desk, ids), read_ids(desk.desk, name, ids)
    requests = OpenedRegister(req, desk.archive, desk.desk).lines(of_articles(desk.desk, ids))
    look = last_look(desk.desk, name, desk.digest.name)
    since = stamp(look) if look else ""
    rows = []
    for one in _placed(drawn.content, choices):
        key, story, own = place_of(one), one.story, one.story.ids
        lines = [drawn.lines[one] for one in own]
        edits = next((drawn.edits[one] for one in own if one in drawn.edits), [])
        shown = BoardStory(
            story,
            key,
            lines,
            choice=decided(story, choices),
            remark=newest([notes[one] for one in own if one in notes]),
            changed=headline(edits, words=req.words) if edits else "",
            new=bool(since) and max(line.first_seen_at for line in lines) > since,
            read=read.issuperset(own),
            left_before=one.left_before,
            requests=[line for line in requests if line.entry.article_id in own],
        )
        rows.append(Placed(key, heading(req.words, drawn.content, key), shown))
    return rows


def _placed(content: Content, choices: dict[int, Choice]) -> list[DeskStory]:
    """Every story of the window where its rule puts it, what was taken apart by itself; at the end what an
    earlier edition left out.

    Where a story was moved or joined to is seen in the edition; in the list nothing leaves its place.
    """
    apart = {one: Choice(row.digest, row.window, one, apart=True) for one, row in choices.items() if row.apart}
    return sorted(arranged(content, apart), key=lambda one: one.left_before)


def newest(rows: list[Any]) -> Any:
    """Of what was decided or noted on a story's articles, the newest."""
    return max(rows, key=lambda row: (row.changed_at, row.rev), default=None)


def left_out(desk: OpenedDesk) -> list[list[ArticleLine]]:
    """What the editions of the last day left out and did not come back: the articles of each story."""
    rows = desk.archive.execute(_LEFT, [desk.digest.name, stamp(desk.req.now - _DAY), f"{desk.digest.name}/",
                                        f"{desk.digest.name}0", desk.window])  # fmt: skip
    stories: dict[int, list[ArticleLine]] = {}
    for line in sorted(lines_of(desk.archive, [row[0] for row in rows]).values(), key=lambda one: one.sort):
        stories.setdefault(line.story_id or -line.id, []).append(line)
    return sorted(stories.values(), key=lambda some: -some[-1].sort)


_DAY = timedelta(days=1)
_LEFT = """select distinct one.value from digests d, json_each(d.content, '$.left_ids') one
    where d.name = ? and d.created_at > ?
      and not exists (select 1 from matches m where m.article_id = one.value
                      and m.alert >= ? and m.alert < ? and m.matched_at > ?)"""


def _people(desk: OpenedDesk) -> list[str]:
    return [row[0] for row in desk.desk.execute("select name from users order by name")]
