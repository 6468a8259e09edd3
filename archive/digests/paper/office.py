"""The office that files an edition: what heads its paper and who signs it, after Nghị định 30/2020/NĐ-CP."""

from datetime import datetime

import msgspec

from archive.clock import HANOI
from archive.digests.paper.names import check_fields, fill
from archive.i18n import Words

_WORDS = Words("vi")  # papers are Vietnamese
_PAPER_NUMBER = ("number", "office", "year")


class Office(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands around an edition on paper; without a ``name`` the paper has a plain head.

    ``above``: the office it belongs to; ``code``: its letters in paper numbers, ``number`` how those are
    written; ``place``: where it writes from. Whoever gathered the edition signs at the left (``signer_title``
    over ``signer``), whoever approves it at the right (``approved_title`` over ``approved``); a side without
    both is left out.
    """

    above: str = ""
    name: str = ""
    code: str = ""
    number: str = "{number}/ĐT-{office}"
    place: str = ""
    signer_title: str = "Người tổng hợp"
    signer: str = ""
    approved_title: str = "Lãnh đạo đơn vị duyệt"
    approved: str = ""

    def __post_init__(self) -> None:
        check_fields(self.number, _PAPER_NUMBER)

    def paper_number(self, number: int, year: int) -> str:
        """``05/ĐT-SKHCN``; what leads to letters that the office has none of is left out."""
        pattern = self.number if self.code else self.number.replace("-{office}", "").replace("{office}", "")
        return fill(pattern, number=f"{number:02}", office=self.code, year=year)

    def signatures(self) -> list[tuple[str, str]]:
        """Title and name of those who sign, from left to right."""
        both = [(self.signer_title, self.signer), (self.approved_title, self.approved)]
        return [one for one in both if any(one)]


def paper_date(at: datetime) -> str:
    """``ngày 05 tháng 02 năm 2026``, with the zeros that the decree asks for and no others."""
    day = at.astimezone(HANOI)
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return _WORDS("office.date", day=f"{day.day:02}", month=month, year=day.year)


def head_lines(office: Office, number: int, at: datetime) -> tuple[list[str], list[str]]:
    """The lines at the left and at the right of the head, in four rows; the first two stand over a rule."""
    left = _WORDS("office.number", number=office.paper_number(number, at.astimezone(HANOI).year))
    right = ", ".join(filter(None, [office.place, paper_date(at)]))
    return [office.above.upper(), office.name.upper(), left], [
        _WORDS("office.nation"),
        _WORDS("office.motto"),
        right,
    ]
