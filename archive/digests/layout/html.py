"""An edition as HTML e-mail and page, as plain text, in a few lines for messengers, and as JSON."""

import re
import textwrap
from functools import cache

import jinja2
import msgspec

from archive.clock import moment
from archive.digests.content import WORDS, Content
from archive.digests.layout import NumberedStory, StoriesPart, contents_line, lay_out, outline
from archive.digests.layout.lines import after_outlet, facts_line, outlets, signs
from archive.formats import Formats
from archive.search.highlight import as_html
from archive.text import safe_url

_BOUND = re.compile(r"(?<=[IVX]\.) | (?=\d+(?: ·|$))")  # blanks of the contents where no line ends
_TEXT_WIDTH = 76
_BRIEF = 8  # stories that messengers name


def to_html(content: Content) -> str:
    """The edition as one HTML page that mail programs show: inline styles, nothing loaded from elsewhere."""
    return _environment().get_template("edition.html.j2").render(_context(content))


def to_text(content: Content) -> str:
    """The edition as plain text."""
    text = _environment().get_template("edition.txt.j2").render(_context(content))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def to_json(content: Content) -> bytes:
    """The content for programs, with sentences for stored reasons; ``layout`` is the order all forms share."""
    layout = lay_out(content)
    return msgspec.json.encode(msgspec.to_builtins(layout.content) | {"layout": outline(layout)})


def brief(content: Content, most: int = _BRIEF) -> str:
    """The edition in a few lines, for messengers."""
    layout = lay_out(content)
    content = layout.content
    warning = f"{WORDS('edition.warning')}: {content.warning}" if content.warning else ""
    head = [layout.subject, content.notice, warning, layout.age, contents_line(layout)]
    told = [item for part in layout.parts if isinstance(part, StoriesPart) for item in part.stories]
    lines = [_brief_line(item) for item in told[:most]]
    if len(told) > most:
        lines.append(WORDS("edition.stories.more", n=len(told) - most))
    return "\n".join([*filter(None, head), "", *lines, "", f"{content.archive_url}/ban-tin"])


def _brief_line(item: NumberedStory) -> str:
    line = f"{item.number}. {item.story.title.text} ({item.story.appearances[0].outlet})"
    return line + signs(item.marks)


def _context(content: Content) -> dict[str, object]:
    layout = lay_out(content)
    return {
        "t": WORDS,
        "layout": layout,
        "content": layout.content,
        "contents": contents_line(layout),
        "after_outlet": lambda one: after_outlet(layout.content, one),
        "outlets": lambda story: outlets(layout.content, story),
        "facts": facts_line,
        "signs": signs,
        "marked": lambda text: as_html(text.parts(), '<span style="background:#fdf0b0">{}</span>'),
        "safe": safe_url,
        "full": lambda text: Formats(WORDS).full(moment(text)),
    }


def _wrap(text: str, indent: int = 0) -> str:
    """LinesPart of at most 76 characters; words such as addresses are never broken."""
    margin = " " * indent
    return textwrap.fill(
        text,
        _TEXT_WIDTH,
        initial_indent="",
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _wrap_contents(text: str) -> str:
    """The line of contents, each heading's number and count on one line with it."""
    return _wrap(_BOUND.sub("\xa0", text), 2).replace("\xa0", " ")


def _lines(text: str, indent: int = 0) -> str:
    """The same for a text of several lines."""
    return f"\n{' ' * indent}".join(_wrap(line, indent) for line in text.split("\n"))


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("archive.digests.layout"),
        autoescape=jinja2.select_autoescape(["html.j2"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["wrap"] = _wrap
    environment.filters["wrap_contents"] = _wrap_contents
    environment.filters["lines"] = _lines
    return environment
