"""The list behind a number, as its address asks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from archive.report.month import Month
from archive.report.scope import Breadth, By, Unit

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class ListAsked:
    """What of a month is listed: ``unit`` of those that have ``key`` in what they are told apart ``by``."""

    month: Month
    unit: Unit
    by: By = ""
    key: str = ""
    breadth: Breadth = "about"

    @classmethod
    def read(cls, arg: Callable[[str], str], this: Month) -> "ListAsked":
        """``this`` month unless another is named. Raises ValueError for what no report links to."""
        unit, by, breadth = arg("dem") or "articles", arg("theo"), arg("muc") or "about"
        for value, known in ((unit, Unit), (by, By), (breadth, Breadth)):
            if value not in get_args(known):
                raise ValueError(f"no list: {value!r}")
        month = Month.read(text) if (text := arg("thang")) else this
        return cls(month, unit, by, arg("gia")[:_LONGEST], breadth)  # type: ignore[arg-type]

    @property
    def params(self) -> dict[str, str]:
        """The address's parameters; what is usual is left out."""
        usual = {"dem": "articles", "muc": "about"}
        given = {
            "thang": str(self.month),
            "theo": self.by,
            "gia": self.key,
            "dem": self.unit,
            "muc": self.breadth,
        }
        return {name: value for name, value in given.items() if value and value != usual.get(name)}
