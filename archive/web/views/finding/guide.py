"""The guide for the office (docs/huong-dan.md, guide.en.md) as a part of the page Trợ giúp."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from markupsafe import Markup

from archive.i18n import Language

_INSTALLED = Path(__file__).parents[2]
_CHECKOUT = Path(__file__).parents[4] / "docs"
_FILES: dict[Language, tuple[str, str]] = {  # as installed, and in docs/
    "vi": ("guide.md", "huong-dan.md"),
    "en": ("guide.en.md", "guide.en.md"),
}
_PICTURE = re.compile(r'src="[^"]*/static/([^"]+)"')
_OTHER = re.compile(r" [^.<>]+: <a href=\"[^\"]+\.md\">[^<]+</a>\.")  # the page has a button for it
_HEADING = re.compile(r"(</?h)([23])\b")


def guide(static: Callable[[str], str], language: Language) -> Markup:
    """The guide as HTML, its headings a level lower, its pictures from our own address."""
    html = _PICTURE.sub(lambda match: f'src="{static(match[1])}" loading="lazy"', _rendered(language))
    return Markup(html)  # noqa: S704 - a text of ours


@cache
def _rendered(language: Language) -> str:
    from markdown_it import MarkdownIt

    installed, kept = _FILES[language]
    source = _INSTALLED / installed if (_INSTALLED / installed).exists() else _CHECKOUT / kept
    _, _, text = source.read_text(encoding="utf-8").partition("\n")  # the page has a heading of its own
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    html = _OTHER.sub("", html, count=1)
    return _HEADING.sub(lambda match: f"{match[1]}{int(match[2]) + 1}", html)
