"""What a change of a choice or a note did, as a stored reason for the log."""

from collections.abc import Callable
from typing import Any

from archive.reasons import reason


def deed(before: Any, after: Any) -> str:
    """The reason for what is different now; where it is several things, one that has them as ``why``."""
    done = [
        _DONE[one](getattr(after, one))
        for one in _DONE
        if getattr(before, one, None) != getattr(after, one, None)
    ]
    return done[0] if len(done) == 1 else reason("desk_several", why=done)


def _written(text: str) -> str:
    return "written" if text else "none"


_DONE: dict[str, Callable[[Any], str]] = {
    "mark": lambda mark: reason("desk_mark", status=mark or "none"),
    "why": lambda why: reason("desk_why", status="" if why else "none", why=why),
    "star": lambda star: reason("desk_star", status="" if star else "none"),
    "comment": lambda text: reason("desk_comment", status=_written(text)),
    "section": lambda key: reason("desk_section", status="none" if key is None else "", name=key or ""),
    "position": lambda _: reason("desk_position"),
    "title": lambda text: reason("desk_title", status=_written(text)),
    "summary": lambda text: reason("desk_summary", status=_written(text)),
    "head_id": lambda head: reason("desk_head", status="none" if head is None else "", article=head),
    "apart": lambda apart: reason("desk_apart", status="" if apart else "none"),
    "tone": lambda tone: reason("desk_tone", status=tone or "none"),
    "note": lambda text: reason("desk_note", status=_written(text)),
    "assignee": lambda name: reason("desk_assignee", status="" if name else "none", who=name),
    "due": lambda day: reason("desk_due", status="" if day else "none", day=day),
}
