"""Addresses and printed dates in the forms the real families use."""

import re
import unicodedata
from datetime import datetime, timedelta
from email.utils import format_datetime

from crawler.demo.stock import Dates, Outlet, SampleArticle

_WEEKDAYS = ("hai", "ba", "tư", "năm", "sáu", "bảy")
_FIRST_YEAR = 2024


def slug(title: str) -> str:
    """A title as it stands in an address: no marks, đ as d, words joined by hyphens."""
    plain = unicodedata.normalize("NFD", title.casefold().replace("đ", "d"))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")


def path(outlet: Outlet, article: SampleArticle, published: datetime) -> str:
    """Where an article stands; VCCorp addresses hold the time it was begun, some minutes before it appeared."""
    begun = published - timedelta(minutes=7)
    start = published.replace(year=_FIRST_YEAR, month=1, day=1, hour=0, minute=0, second=0)
    address = outlet.address.format(
        slug=slug(article.title),
        section=article.section,
        ims=f"{begun:%y%m%d%H%M%S}{sum(article.key.encode()) % 1000}",
        minutes=(published - start) // timedelta(minutes=1),
    )
    return f"{outlet.forbidden}{address}" if article.forbidden else address


def american(moment: datetime) -> str:
    """``9/5/2026 1:30:00 PM``: month first, as OneCMS writes its meta tag."""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S} {half}"


def weekday(moment: datetime) -> str:
    """``Thứ hai`` … ``Chủ nhật``."""
    return "Chủ nhật" if moment.weekday() == 6 else f"Thứ {_WEEKDAYS[moment.weekday()]}"


def feed_date(moment: datetime, style: Dates) -> str:
    """A feed item's time in one of the forms that real Vietnamese feeds write.

    ``rfc`` ends in ``+0700``, ``offset`` in ``+07:00``, ``short`` in ``+07``, ``gmt7`` in ``GMT+7``;
    ``american`` is month first with U+202F before AM or PM.
    """
    if style == "american":
        return "\u202f".join(american(moment).rsplit(" ", 1))
    ending = {"rfc": "+0700", "offset": "+07:00", "short": "+07", "gmt7": "GMT+7"}[style]
    return format_datetime(moment).replace("+0700", ending)
