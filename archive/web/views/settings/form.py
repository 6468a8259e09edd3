"""Forms of settings: fields as data, what was typed, and what is wrong with it, at the field."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from archive.reasons import reason

Kind = Literal["line", "long", "number", "tick", "choice", "ticks", "secret"]
Typed = dict[str, Any]  # by field: text; whether it is ticked; for `ticks` the list of what is
Problem = str  # a stored reason; '' for none
_CONTROL = {chr(code) for code in (*range(32), 127)} - {"\n", "\t"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field; its label is the word ``set.NAME``, its hint ``set.NAME.hint`` where there is one.

    ``choices`` are values with their words or names. ``check`` names what is wrong with a text that was typed.
    """

    name: str
    kind: Kind = "line"
    choices: tuple[tuple[str, str], ...] = ()
    most: int = 300
    needed: bool = False
    check: Callable[[str], Problem] | None = None
    label: str = ""

    @property
    def word(self) -> str:
        """The key of its label."""
        return f"set.{self.label or self.name}"

    @property
    def sent_as(self) -> str:
        """Its name in the form; archive.web.forms never shows again what is so named."""
        return f"mat-khau.{self.name}" if self.kind == "secret" else self.name

    def read(self, given: Mapping[str, Sequence[str]]) -> Any:
        """What was sent for it, as it was typed."""
        some = list(given.get(self.sent_as, ()))
        if self.kind == "tick":
            return bool(some)
        if self.kind == "ticks":
            return some
        return some[0] if some else ""

    def problem(self, typed: Any) -> Problem:
        """What is wrong with it."""
        known = {value for value, _ in self.choices}
        if self.kind == "tick":
            return ""
        if self.kind == "ticks":
            return next((reason("set_no_choice", text=one) for one in typed if one not in known), "")
        if self.kind == "choice":
            return "" if typed in known else reason("set_no_choice", text=typed)
        return self._problem_of_text(typed if self.kind == "secret" else typed.strip())

    def _problem_of_text(self, text: str) -> Problem:
        if not text:
            return reason("set_needed") if self.needed else ""
        if len(text) > self.most:
            return reason("set_too_long", count=len(text), most=self.most)
        if _CONTROL & set(text) or (self.kind == "line" and "\n" in text):
            return reason("set_control")
        if self.kind == "number" and not _is_number(text):
            return reason("set_no_number", text=text)
        return self.check(text) if self.check else ""


def _is_number(text: str) -> bool:
    try:
        return 0 < float(text.replace(",", ".")) < 1_000_000
    except ValueError:
        return False


def number(text: str) -> int | float:
    """A number as a field of that kind takes it."""
    value = float(text.replace(",", "."))
    return int(value) if value.is_integer() else value


@dataclass(slots=True)
class Form:
    """A form as it is shown; ``used`` is what stands in the file where someone changed it meanwhile.

    ``top``: what is wrong with the whole, a sentence or a stored reason; ``version``: the file's that it shows.
    """

    fields: tuple[Field, ...]
    typed: Typed
    version: str = ""
    problems: dict[str, Problem] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    top: str = ""

    @classmethod
    def sent(cls, fields: Iterable[Field], given: Mapping[str, Sequence[str]]) -> "Form":
        """A form that was sent, with what is wrong at each field."""
        known = tuple(fields)
        typed = {one.name: one.read(given) for one in known}
        problems = {one.name: why for one in known if (why := one.problem(typed[one.name]))}
        return cls(known, typed, next(iter(given.get("ban", ())), ""), problems)

    @property
    def fine(self) -> bool:
        """Whether it can be saved."""
        return not self.problems and not self.top

    def text(self, name: str) -> str:
        """What was typed, without blanks around it."""
        return str(self.typed[name]).strip()

    def lines(self, name: str) -> list[str]:
        """The lines typed that are not empty."""
        return [line.strip() for line in str(self.typed[name]).split("\n") if line.strip()]

    def compared(self, now: "Form") -> "Form":
        """The same over a file that says ``now``: what differs is shown beside, and nothing typed is lost."""
        self.used = {
            one.name: _shown(now.typed[one.name])
            for one in self.fields
            if one.kind != "secret" and now.typed.get(one.name) != self.typed[one.name]
        }
        self.version = now.version
        return self


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "–"
    return ", ".join(value) if isinstance(value, list) else str(value)


def in_order(before: list[str], chosen: list[str]) -> list[str]:
    """What is chosen, in the order of the file as it is, what is new last."""
    return [*(one for one in before if one in chosen), *(one for one in chosen if one not in before)]


def put(block: dict[str, Any], key: str, value: Any, usual: Any = None) -> None:
    """Set a key of a config block; what is usual is not written where it does not stand already."""
    if key in block or value != usual:
        block[key] = value
