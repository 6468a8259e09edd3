"""What the desk adds to a report: tones that people set, requests that were answered; not for the public."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import NamedTuple

from sqlite_utils import Database

from archive.clock import HANOI
from archive.desk.register import FIGURES, answered_in, list_of
from archive.report.month import Month


class DeskFacts(NamedTuple):
    """``notes``: articles and the tone set on them, in the order of setting.

    ``answered``: by month, the figures of the register of requests.
    """

    notes: list[tuple[int, str]]
    answered: dict[Month, dict[str, int]]


def load_desk_facts(desk: Database | None, months: Iterable[Month], now: datetime) -> DeskFacts:
    """What desk.db holds; where there is none nobody set or asked anything."""
    if desk is None or not desk.table("register").exists():
        return DeskFacts([], {month: dict.fromkeys(FIGURES, 0) for month in months})
    sql = "select article_id, tone from notes where tone is not null order by changed_at, article_id"
    today = now.astimezone(HANOI).date()
    answered = {month: asdict(answered_in(desk, *_days(month), today)) for month in months}
    return DeskFacts(desk.execute(sql).fetchall(), answered)


def _days(month: Month) -> tuple[date, date]:
    return month.start.date(), month.end.date()


def register_list(figure: str, month: Month) -> dict[str, str]:
    """The parameters of ``/phan-hoi`` for the requests that a figure counts."""
    return list_of(figure, *_days(month))
