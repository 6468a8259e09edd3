"""An article's text for its page: what a query found is marked, and every figure leads to its indicator."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from archive.model import Figure
from archive.query import Query
from archive.search.highlight import Marked, as_html, in_one, mark
from archive.text import composed

_PLAIN = Markup('<span class="figure-mark" id="s{}" title="{}">{}</span>')
_LINKED = Markup('<a class="figure-mark" id="s{}" href="{}" title="{}">{}</a>')


@dataclass(frozen=True, slots=True)
class FigureMark:
    """A figure in a text at ``start:end``; ``href`` is '' where it has no page of its own."""

    start: int
    end: int
    href: str
    title: str

    def around(self, inner: Markup) -> Markup:
        """The number as the page shows it."""
        if not self.href:
            return _PLAIN.format(self.start, self.title, inner)
        return _LINKED.format(self.start, self.href, self.title, inner)


@dataclass(frozen=True, slots=True)
class MarkedArticle:
    """Title, lead and paragraphs, ready for a page."""

    title: Markup
    lead: Markup
    paragraphs: list[Markup]


def figure_marks(
    text: str, figures: Iterable[Figure], href: Callable[[Figure], str], title: Callable[[Figure], str]
) -> Iterator[FigureMark]:
    """Where the figures stand in a text (title, newline, lead and body), from left to right.

    One whose sentence does not hold what stands there is of another text, and is left out.
    """
    at = 0
    for figure in sorted(figures, key=lambda one: one.starts or 0):
        start, end = figure.starts, figure.ends
        if start is None or end is None or not at <= start < end:
            continue
        if text[start:end] in figure.quote:
            yield FigureMark(start, end, href(figure), title(figure))
            at = end


def marked_article(
    title: str, lead: str, body: str, query: Query | None = None, figures: Sequence[FigureMark] = ()
) -> MarkedArticle:
    """The text with the words of the query marked, if there is one, and the figures."""
    lines, at = [], 0
    for line in (title, *([lead] if lead else []), *body.split("\n")):
        lines.append(_line(composed(line), at, query, figures))
        at += len(composed(line)) + 1
    below = lines[2:] if lead else lines[1:]
    return MarkedArticle(lines[0], lines[1] if lead else Markup(), [line for line in below if line.strip()])


def _line(plain: str, at: int, query: Query | None, figures: Sequence[FigureMark]) -> Markup:
    """One line, which begins at ``at`` in the text."""
    text = Marked(plain) if query is None else mark(plain, [query])
    html, done = Markup(), 0
    for one in figures:
        start, end = one.start - at, one.end - at
        if done <= start and end <= len(plain):
            html += _html(text.piece(done, start)) + one.around(_html(text.piece(start, end)))
            done = end
    return html + _html(text.piece(done, len(plain)))


def _html(text: Marked) -> Markup:
    return as_html(in_one(text.parts()))
