"""The guide for the office (docs/huong-dan.md) as a part of the page Trợ giúp."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from markupsafe import Markup

_INSTALLED = Path(__file__).parents[2] / "guide.md"
_CHECKOUT = Path(__file__).parents[4] / "docs" / "huong-dan.md"
_PICTURE = re.compile(r'src="[^"]*/static/([^"]+)"')
_HEADING = re.compile(r"(</?h)([23])\b")


def guide(static: Callable[[str], str]) -> Markup:
    """The guide as HTML, its headings a level lower, its pictures from our own address."""
    html = _PICTURE.sub(lambda match: f'src="{static(match[1])}" loading="lazy"', _rendered())
    return Markup(html)  # noqa: S704 - a text of ours


@cache
def _rendered() -> str:
    from markdown_it import MarkdownIt

    source = _INSTALLED if _INSTALLED.exists() else _CHECKOUT
    _, _, text = source.read_text(encoding="utf-8").partition("\n")  # the page has a heading of its own
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    return _HEADING.sub(lambda match: f"{match[1]}{int(match[2]) + 1}", html)
