"""The stage that reads the numbers: value in the plain unit, what it measures, whose, when, done or planned."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from archive.clock import HANOI
from archive.model import Figure
from archive.sentences import sentences
from archive.text import nfc
from pipelines.figures.reader import Reader
from pipelines.item import Context, Item, day_of

if TYPE_CHECKING:
    from archive.figures.indicators import Indicators
    from archive.places.gazetteer import Gazetteer

_MOST = 80  # figures of one article; a table of prices has hundreds
_LINE = 2000  # characters; what runs on for longer is a table or worse, and is read in pieces
_STRUCK = re.compile(r"~~[^~\n]{1,200}~~ ?|(?:.[\u0335\u0336])+ ?")


def figures(item: Item, context: Context) -> None:
    """Fills article.figures from title, lead and body."""
    article = item.article
    text = f"{article.title}\n{article.text}"
    article.figures = find_figures(
        text,
        day_of(item, context),
        context.indicators,
        context.places,
        dated=bool(article.published_at),
    )


def find_figures(
    text: str,
    now: datetime,
    indicators: "Indicators | None" = None,
    places: "Gazetteer | None" = None,
    *,
    dated: bool = False,
) -> list[Figure]:
    """The figures of a text in reading order; ``now`` (aware) tells «đến năm 2030» from what is past.

    A value is the full number in its plain unit: 8.503 tỷ đồng is 8503000000000 ``đồng``, thứ 3/61 is 3
    ``hạng`` of 61. ``dated``: ``now`` is the text's own day, from which «năm tới» and «hiện nay» are told; else
    they have no period.
    """
    printed = nfc(text)
    plain = _STRUCK.sub(lambda match: " " * len(match[0]), printed)
    reader = Reader(printed, plain, now.astimezone(HANOI).date(), indicators, places, dated=dated)
    for start, end in _lines(plain):
        if reader.read(start, end) >= _MOST:
            break
    return reader.figures()[:_MOST]


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a text, as offsets."""
    for start, end in sentences(text):
        for at in range(start, end, _LINE):
            yield at, min(end, at + _LINE)
