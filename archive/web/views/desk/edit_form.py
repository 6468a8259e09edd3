"""The form under a story: its values, what is wrong with them, and what someone else wrote meanwhile."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from archive.clock import moment
from archive.desk.rows import Conflict
from archive.web.request import PageRequest
from archive.web.views.desk.board import BoardStory

WRITTEN = {"nhan-xet": "comment", "tit": "title", "tom-tat": "summary", "muc": "section"}
NOTED = {"ghi-chu": "note", "giao": "assignee", "han": "due"}
LABELS = {
    "nhan-xet": "desk.comment",
    "tit": "desk.edit.title",
    "tom-tat": "desk.edit.summary",
    "muc": "desk.section",
    "ghi-chu": "desk.note",
    "giao": "desk.assignee",
    "han": "desk.due",
}


class Clash(NamedTuple):
    """Who changed the story meanwhile and when, and the fields that differ: word, theirs, ours."""

    who: str
    when: str
    fields: list[tuple[str, str, str]]


@dataclass(slots=True)
class EditForm:
    """The form as it is shown; ``fields`` by their names in the form."""

    id: int = 0
    rev: int = 0
    note_rev: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    conflict: Clash | None = None
    appearances: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, story: BoardStory, typed: dict[str, str] | None = None) -> "EditForm":
        """The form for a story, with what was typed where something was."""
        own = {
            "nhan-xet": story.comment,
            "tit": story.title,
            "tom-tat": story.summary,
            "muc": story.section,
            "gop": str(story.joined or ""),
            "ghi-chu": story.note,
            "giao": story.assignee,
            "han": story.due,
        }
        fields = {name: (typed or own).get(name, value) for name, value in own.items()}
        return cls(story.id, story.rev, story.note_rev, fields, appearances=story.story.appearances)

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


def clash(req: PageRequest, story: BoardStory, error: Conflict, form: EditForm | None) -> Clash:
    """Both versions of what differs: as it stands now, and as it was typed."""
    words = req.words
    stands = EditForm.of(story).fields
    differ = [
        (words(LABELS[name]), stands[name], form.get(name))
        for name in LABELS
        if form and stands[name].strip() != form.get(name).strip()
    ]
    return Clash(error.by or words("desk.this_machine"), req.formats.short(moment(error.at)), differ)
