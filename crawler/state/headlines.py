"""Stories of a list that are kept at once, as headlines: those that name the province, and its own outlets'."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from archive.boilerplate import is_phrase
from archive.boilerplate import lead as lead_of
from archive.clock import HANOI
from archive.model import Article
from archive.places.slugs import names_province
from archive.sentences import first_sentences
from archive.text import composed
from crawler.listings import Link
from crawler.sources import Source
from pipelines.classify import classify
from pipelines.item import Context, Item

LONGEST_LEAD = 700  # characters; a feed that gives more gives the text
LEAD_SENTENCES = 3
LEAST_TITLE = 3  # words; «Xem thêm», «Ảnh», «1» are links, no headlines


def headlines(links: Iterable[Link], source: Source, context: Context, now: datetime) -> Iterator[Article]:
    """The stories among the links that belong in the archive before they are read, with what is known."""
    for link in links:
        title = " ".join(composed(link.title).split())
        if len(title.split()) >= LEAST_TITLE and not is_phrase(title):
            article = Article(link.url, source.key, title, _lead(link.summary, title))
            if link.published_at:
                article.published_at, article.published_from = link.published_at, "feed"
            if _classified(article, source, context, now):
                yield article


def page_headline(page: Article, url: str, source: Source, context: Context, now: datetime) -> Article | None:
    """The story of a page with too little text, such as a video's, as its own head tells it.

    None where it is not kept, or where no date of its own says that it is an article and no notice.
    """
    if page.published_from in {None, "feed"} or len(page.title.split()) < LEAST_TITLE:
        return None
    article = Article(url, source.key, page.title, page.text, authors=page.authors, image=page.image)
    article.published_at, article.published_from = page.published_at, page.published_from
    return article if _classified(article, source, context, now) else None


def _lead(summary: str, title: str) -> str:
    lead = "\n".join(lead_of(summary))
    if lead == title:
        return ""
    return lead if len(lead) <= LONGEST_LEAD else first_sentences(lead, LEAD_SENTENCES, LONGEST_LEAD)


def _classified(article: Article, source: Source, context: Context, now: datetime) -> bool:
    """Whether the story is kept; then it is classified by its headline."""
    in_address = names_province(article.url, context.places)
    if source.keep != "all" and not in_address and not _names(article, context, now):
        return False
    classify(Item(article, keep="all"), context)
    if article.level is None and in_address:
        article.level = "mention"
    return source.keep == "all" or article.level is not None


def _names(article: Article, context: Context, now: datetime) -> bool:
    """A cheap look for any name of ours; what it means is for the classifier."""
    day = (article.published_at or now).astimezone(HANOI).date()
    spans = context.places.find(f"{article.title}\n{article.lead}", day)
    return any(span.weight > 0 and span.group != "elsewhere" for span in spans)
