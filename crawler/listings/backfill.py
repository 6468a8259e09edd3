"""A span of days to fill in from the past; the addresses of a source's lists on these days, or today."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.clock import HANOI
from archive.config import ConfigError
from archive.i18n import current
from crawler.listings import Link, ListKind
from crawler.sources import Source

_NAMED = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_/.]?(0?[1-9]|1[0-2])(?!\d)")
LONGEST = timedelta(days=20 * 366)


@dataclass(frozen=True, slots=True)
class Backfill:
    """Whole days in Hà Nội, both included."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Each day, the newest first."""
        for back in range((self.last - self.first).days + 1):
            yield self.last - timedelta(days=back)

    def may_hold(self, changed_at: datetime | None, url: str) -> bool:
        """Whether a list may name articles of these days, by its last change or the month its address names."""
        named = _NAMED.search(url)
        if named:
            month = (int(named[1]), int(named[2]))
            return (self.first.year, self.first.month) <= month <= (self.last.year, self.last.month)
        return changed_at is None or changed_at.astimezone(HANOI).date() >= self.first

    def holds(self, link: Link) -> bool:
        """Whether an article is wanted; one without a time is, unless it last changed before these days."""
        if link.published_at is None:
            return link.changed_at is None or link.changed_at.astimezone(HANOI).date() >= self.first
        return self.first <= link.published_at.astimezone(HANOI).date() <= self.last


def read_backfill(text: str) -> Backfill:
    """``2026-10-01..2026-10-31`` as a span; raises ConfigError for anything else."""
    try:
        first, last = (date.fromisoformat(part) for part in text.split(".."))
    except ValueError as error:
        raise ConfigError(current()("cli.backfill.form", text=text)) from error
    if not first <= last <= first + LONGEST:
        raise ConfigError(current()("cli.backfill.order", text=text))
    return Backfill(first, last)


def dated(url: str, day: date) -> str:
    """The address with ``{year}``, ``{month}`` (two digits), ``{month1}`` and ``{day}`` of a day."""
    return (
        url.replace("{year}", f"{day:%Y}")
        .replace("{month}", f"{day:%m}")
        .replace("{month1}", str(day.month))
        .replace("{day}", f"{day:%d}")
    )


def list_addresses(
    source: Source, now: datetime, backfill: Backfill | None
) -> list[tuple[ListKind, list[str]]]:
    """The lists of a source by kind, in the order they are read.

    Dated sitemaps are those of today, or of every day to fill in; after a change of month the last one too.
    """
    today = now.astimezone(HANOI).date()
    days = backfill.days() if backfill else (today, today - timedelta(days=1))
    sitemaps = dict.fromkeys(dated(url, day) for day in days for url in source.sitemaps)
    return [
        ("feed", list(source.feeds)),
        ("sitemap", list(sitemaps)),
        ("section", list(source.sections)),
    ]
