"""The stage that says what an article is about: what it names, its topics, whether it is relevant."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from archive.clock import HANOI
from archive.gazetteer.guards import Span
from archive.model import Article, Mention, Outcome
from pipelines.documents import find_documents
from pipelines.draft import Desk, Draft, Ended
from pipelines.relevance import Text, judge_relevance


def classify(draft: Draft, desk: Desk) -> None:
    """Fills mentions, citations, topics, relevant, score and why.

    Topics are given to every article that matches them, relevant or not: a paper of the province is kept whole.
    Raises Ended(IRRELEVANT) for one that is not relevant where only relevant ones are kept, its fields filled.
    """
    article = draft.article
    text = Text.of(article.title, article.lead, article.body)
    spans = desk.places.find(text.words, _day(draft))
    article.mentions = mentions(spans)
    article.citations = find_documents(article.text, article.published_at or desk.now())
    own = article.source in desk.places.papers
    verdict = judge_relevance(text, spans, desk.topics, own_paper=own)
    article.relevant, article.score, article.why = verdict.relevant, verdict.score, list(verdict.why)
    article.topics = desk.topics.match([article])[0]
    if draft.keep == "relevant" and not article.relevant:
        raise Ended(Outcome.IRRELEVANT, _reason(article, desk))


def mentions(spans: Iterable[Span]) -> list[Mention]:
    """Who and what is named, most often named first; names set aside and other provinces are left out."""
    counts = Counter((span.kind, span.name) for span in spans if span.weight > 0 and span.group != "elsewhere")
    return [Mention(kind, name, count) for (kind, name), count in counts.most_common()]


def _day(draft: Draft) -> date | None:
    moment: datetime | None = draft.article.published_at
    if moment is None and draft.page is not None:
        moment = draft.page.fetched_at
    return moment.astimezone(HANOI).date() if moment else None


def _reason(article: Article, desk: Desk) -> str:
    need = f"{desk.topics.scale.threshold:g}"
    reasons = "; ".join(article.why) or "không nhắc đến tỉnh"
    return f"{article.score:g}/10 điểm, cần {need}: {reasons}"
