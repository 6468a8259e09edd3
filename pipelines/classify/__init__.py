"""The stage that says what an article is about: what it names, its topics, whether it is relevant."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from archive.clock import HANOI
from archive.model import Article, Mention, Outcome
from archive.places.guards import Span
from archive.reasons import reason
from pipelines.classify.documents import find_documents
from pipelines.classify.evidence import Text
from pipelines.classify.relevance import judge_relevance
from pipelines.classify.topics import Topics
from pipelines.item import Context, Item, Reject, day_of


def classify(item: Item, context: Context) -> None:
    """Fills mentions, citations, topics, relevant, level, score and why.

    Topics are given to every article that their queries match, relevant or not: a paper of the province is kept
    whole. A relevant article has the topic whose words count most in it too, so that it has one at least.
    Raises Reject(IRRELEVANT) for one that does not even name the province where not everything is kept, its
    fields filled.
    """
    article = item.article
    text = Text.of(article.title, article.lead, article.body)
    spans = context.places.find(text.words, _day(item))
    article.mentions = mentions(spans)
    article.citations = find_documents(article.text, day_of(item, context))
    decide(article, text, spans, context.topics, own_paper=article.source in context.places.papers)
    if item.keep == "relevant" and article.level is None:
        raise Reject(Outcome.IRRELEVANT, _reason(article, context))


def decide(
    article: Article,
    text: Text,
    spans: list[Span],
    topics: Topics,
    *,
    own_paper: bool,
    matched: list[str] | None = None,
) -> list[str]:
    """Fill relevant, level, score, why and topics; nothing else of the stage depends on topics.yml.

    ``matched`` are the topics that the queries find, where that is known already; they are returned.
    """
    verdict = judge_relevance(text, spans, topics, own_paper=own_paper)
    article.relevant, article.score, article.why = verdict.relevant, verdict.score, list(verdict.why)
    article.level = verdict.level
    found = topics.match([article])[0] if matched is None else matched
    keys = {*found, verdict.topic} if verdict.relevant else set(found)
    article.topics = [key for key in topics.topics if key in keys]
    return found


def topics_of(article: Article, context: Context) -> list[str]:
    """The topics that an article of the archive has by today's topics.yml; it is left as it is."""
    judged = replace(article)
    text = Text.of(article.title, article.lead, article.body)
    spans = context.places.find(text.words, _day_at(article.published_at))
    decide(judged, text, spans, context.topics, own_paper=article.source in context.places.papers)
    return judged.topics


def mentions(spans: Iterable[Span]) -> list[Mention]:
    """Who and what is named, most often named first; names set aside and other provinces are left out."""
    counts = Counter((span.kind, span.name) for span in spans if span.weight > 0 and span.group != "elsewhere")
    return [Mention(kind, name, count) for (kind, name), count in counts.most_common()]


def _day(item: Item) -> date | None:
    moment: datetime | None = item.article.published_at
    if moment is None and item.page is not None:
        moment = item.page.fetched_at
    return _day_at(moment)


def _day_at(moment: datetime | None) -> date | None:
    return moment.astimezone(HANOI).date() if moment else None


def _reason(article: Article, context: Context) -> str:
    need = f"{context.topics.scale.threshold:g}"
    return reason("below_threshold", score=f"{article.score:g}", need=need, why=article.why)
