"""What every tool reads from, and what each answer carries: articles with address, the age of the data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated

from msgspec import Meta, Struct
from sqlite_utils import Database

from archive.clock import HANOI, moment
from archive.figures.indicators import Indicators
from archive.places.gazetteer import Gazetteer
from archive.query.lexer import named
from archive.text import fold, safe_url
from archive.web.excerpts import excerpt
from archive.web.views.lists import ArticleLine

STALE_HOURS = 24.0
QUOTE = 300  # characters of a sentence that is quoted
_LATE_RUNS = 500  # runs among which the last one that came to its end is looked for
_CRAWLED = """select max(finished_at) from (select finished_at, state from runs order by id desc limit ?)
    where state = 'done'"""


ArticleId = Annotated[int, Meta(ge=1, le=10**15)]


class BadQuestion(Exception):
    """What was asked cannot be answered; the message says in a line what is wrong and what to ask instead."""

    status = 400  # over HTTP


class BadArguments(BadQuestion):
    """Parameters that a tool does not take so; ``what`` says it without the list of those that it takes."""

    def __init__(self, what: str, tool: str, takes: Iterable[str]) -> None:
        self.what = what
        super().__init__(f"{what}. The tool `{tool}` takes: {', '.join(takes)}.")


class NothingThere(BadQuestion):
    """What was asked for is not in the archive."""

    status = 404


class TooSlow(BadQuestion):
    """The answer took longer than it may."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "This took too long. Narrow it: `since` and `until`, one `source`, or a rarer word in `query`."
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """The archive as it is read for one answer.

    ``public``: titles and links, and leads where the outlet agreed; the connection sees no more
    (archive.public.part). ``url``: where the archive's pages are, '' where
    that is not known.
    """

    db: Database
    places: Gazetteer
    indicators: Indicators
    now: datetime
    public: bool = False
    url: str = ""

    def page(self, article_id: int) -> str:
        """The address of an article in the archive."""
        return f"{self.url}/bai/{article_id}"

    def brief(self, text: str, longest: int = QUOTE) -> str:
        """A text cut short; in public its first two sentences."""
        text = excerpt(text) if self.public else text
        return text if len(text) <= longest else f"{text[:longest].rsplit(' ', 1)[0]} …"

    def quote(self, text: str | None) -> str:
        """A sentence of an article, which the public does not get."""
        return "" if self.public or not text else self.brief(text)


class DataAge(Struct, frozen=True):
    """How old the data is; times in Asia/Ho_Chi_Minh."""

    now: datetime
    last_crawl: Annotated[datetime | None, Meta(description="When the newest crawl ended.")]
    newest_article: Annotated[datetime | None, Meta(description="When the newest article was published.")]
    warning: Annotated[str, Meta(description="Not empty where the answer may miss the latest news.")] = ""


class ArticleRef(Struct, frozen=True, kw_only=True):
    """An article as a source that can be cited."""

    id: int
    title: str
    outlet: str
    source: Annotated[str, Meta(description="Key of the outlet, for the parameter `source`.")]
    url: Annotated[str, Meta(description="Address at the outlet; cite this.")]
    archive_url: Annotated[str, Meta(description="Page in this archive, with every version.")]
    published_at: Annotated[datetime | None, Meta(description="In Asia/Ho_Chi_Minh; null where unknown.")]
    state: Annotated[str, Meta(description="live, or gone: the outlet took it down.")] = "live"
    edits: Annotated[int, Meta(description="How often the outlet changed it since.")] = 0
    credit: Annotated[str, Meta(description="The outlet it says it was taken from.")] = ""


def local(stored: str | None) -> datetime | None:
    """A stored time in Hà Nội."""
    return moment(stored).astimezone(HANOI) if stored else None


def age_of(reading: Reading) -> DataAge:
    """How old the data of an answer is."""
    (crawled,) = reading.db.execute(_CRAWLED, [_LATE_RUNS]).fetchone()
    newest = reading.db.execute("select published_at from articles order by sort desc limit 1").fetchone()
    return DataAge(
        reading.now.astimezone(HANOI),
        local(crawled),
        local(newest[0]) if newest else None,
        _warning(reading.now, crawled),
    )


def _warning(now: datetime, crawled: str | None) -> str:
    if crawled is None:
        return "No crawl has come to its end yet: this archive may hold nothing of the latest news."
    hours = (now - moment(crawled)).total_seconds() / 3600
    if hours < STALE_HOURS:
        return ""
    return f"The last crawl ended {hours / 24:.1f} days ago: what was published since is missing."


def reference(reading: Reading, line: ArticleLine) -> ArticleRef:
    """An article of a list as a source."""
    return ArticleRef(
        id=line.id,
        title=line.title,
        outlet=line.outlet,
        source=line.source,
        url=safe_url(line.url) or "",
        archive_url=reading.page(line.id),
        published_at=local(line.published_at),
        state=line.state,
        edits=line.edits,
        credit=line.credit or "",
    )


def key_of(kind: str, asked: str, called: Mapping[str, str]) -> str:
    """The key that was asked for by itself or by its name; raises NothingThere naming the nearest ones."""
    for key, name in called.items():
        if asked == key or named(asked, key) or named(asked, name):
            return key
    raise NothingThere(
        f"There is no {kind} «{asked}»{_nearest(asked, called)}. The tool `names` lists them all."
    )


def _nearest(asked: str, called: Mapping[str, str]) -> str:
    folded = {fold(name): key for key, known in called.items() for name in (key, known)}
    near = get_close_matches(fold(asked), folded, 3, 0.5)
    near += [name for name in folded if fold(asked) in name][:3]
    keys = list(dict.fromkeys(folded[name] for name in near))
    return f"; nearest: {', '.join(keys[:3])}" if keys else ""


def cut(some: Iterable[object], most: int) -> str:
    """``12 more`` where a list was cut, else ''."""
    left = sum(1 for _ in some) - most
    return f"{left} more" if left > 0 else ""
