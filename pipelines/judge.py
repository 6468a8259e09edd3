"""Stage 2: is it an article? If not, the run ends with a named outcome; in doubt it is one."""

import html
import re
from pathlib import Path
from urllib.parse import urlsplit

from archive.config import WordLists
from archive.model import Article, Outcome
from archive.reasons import reason
from archive.text import fold, without_markup
from pipelines.extract import charset
from pipelines.growing import other_headline
from pipelines.item import Context, Item, Reject

_WORDS = WordLists(Path(__file__).with_name("judge.yml"))

LEAST = 80  # characters of lead and body together: a breaking story of one full sentence is still one
LISTING = 5  # signs of a listing that must come together
FEW = 600  # a longer text is neither an error's nor a guard's
LEAST_HEADLINE = 4  # words of a list's headline that a page is known by
SURE = 1500  # so much text under a JSON-LD date needs no second look
PROSE = 0.2  # a page whose headlines elsewhere are less than this share of its text is no listing
_CHALLENGE = _WORDS.pattern("«challenges»", flags=0)
_WHOLE = r"^\W*+(?:%s)\W*?(?:\s(?:«title_tails»))?\W*(?:$|\s?[|·»–—-]\s)"  # a site's name may follow
_CHALLENGE_TITLE = _WORDS.pattern(_WHOLE % "«challenge_titles»")
_ERROR_TITLE = _WORDS.pattern(_WHOLE % "«error_titles»")
_HEAD_TITLE = re.compile(r"<title\b[^<>]*>([^<]{1,300})", re.IGNORECASE)
_LD_ARTICLE = re.compile(r'"@type"\s*:\s*(?:\[\s*)?"(?:\w*Article|\w*Posting|Report|Review)"')
_LD_LIST = re.compile(r'"@type"\s*:\s*(?:\[\s*)?"(?:CollectionPage|ItemList|SearchResultsPage|WebSite)"')
_OG_TYPE = re.compile(r"og:type[\"']?\s+content\s*=\s*[\"']?\s*([\w:.]+)", re.IGNORECASE)
_LINK = re.compile(r"<a\b[^<>]*>(.{0,400}?)</a>", re.IGNORECASE | re.DOTALL)


def judge(item: Item, context: Context) -> None:
    """Raise Reject: no article (NOT_ARTICLE), no text (TOO_SHORT), a challenge for browsers (BLOCKED)."""
    article, page = item.article, item.page
    length = len(article.lead) + len(article.body)
    if page is not None and not (article.published_from == "jsonld" and length > SURE):
        raw = charset.decode(page.body, page.content_type)
        titles = _titles(raw, article.title)
        if is_challenge(raw, titles, length) and not _is_called(item, raw):
            raise Reject(Outcome.BLOCKED, reason("challenge"))
        error = next(filter(_ERROR_TITLE.match, titles), "") if length < FEW else ""
        if error and not _is_called(item, raw):
            raise Reject(Outcome.NOT_ARTICLE, reason("error_page", title=error[:60]))
        if not item.wanted:
            _refuse_others(item, raw, length)
    least = 1 if item.wanted else LEAST
    if length < least:
        raise Reject(Outcome.TOO_SHORT, reason("too_little_text", length=length, least=least))
    if not article.title:
        raise Reject(Outcome.NOT_ARTICLE, reason("no_title"))


def _refuse_others(item: Item, raw: str, length: int) -> None:
    """Raise Reject for a page that is another one than its list named, or a listing."""
    title, named = item.article.title, item.hint.title
    if length < FEW and other_headline(named, [title]) and named not in raw:
        raise Reject(Outcome.NOT_ARTICLE, reason("another_headline", title=title[:60]))
    signs = listing_signs(item.article, raw)
    if len(signs) >= LISTING:
        raise Reject(Outcome.NOT_ARTICLE, reason("looks_like_listing", signs=signs))


def _is_called(item: Item, raw: str) -> bool:
    """Whether the page bears the headline that a list named it by, or its head says that it is an article."""
    article, named = item.article, item.hint.title
    if len(named.split()) >= LEAST_HEADLINE and fold(named) == fold(article.title):
        return fold(named) in fold(" ".join(html.unescape(without_markup(raw)).split()))
    kind = _OG_TYPE.search(raw)
    marked = bool(kind and kind[1].lower() == "article") or bool(_LD_ARTICLE.search(raw))
    return marked and article.published_from in ("jsonld", "meta")


def _titles(raw: str, title: str) -> tuple[str, str]:
    """The title as it was read, and the one in the page's head, which may tell more of a guard or an error."""
    head = _HEAD_TITLE.search(raw)
    return title, html.unescape(head[1]).strip() if head else ""


def is_challenge(raw: str, titles: tuple[str, ...], length: int) -> bool:
    """A page that wants a script run or a riddle solved before it shows anything.

    One of its titles is a guard's and nothing more: a headline may
    begin with the same words. Sites guarded so send the guard's script with articles.
    """
    if length > FEW or len(raw) > 400_000:
        return False
    return any(map(_CHALLENGE_TITLE.match, titles)) or (length < 200 and bool(_CHALLENGE.search(raw)))


def listing_signs(article: Article, raw: str) -> list[str]:
    """What speaks for a listing or tool page rather than an article, as codes; none where nothing is a list's.

    What a page does not say of itself makes it no list: offices' pages say nothing at all in their heads.
    """
    if article.published_from in ("jsonld", "meta") and _LD_ARTICLE.search(raw):
        return []
    share = headline_share(raw, len(article.body))
    linked_list = bool(_LD_LIST.search(raw)) and not _LD_ARTICLE.search(raw)
    if share < PROSE or (not linked_list and (share < 0.5 or _prose(article.body) > SURE)):
        return []
    kind = _OG_TYPE.search(raw)
    path = urlsplit(article.url).path.strip("/")
    checks = {
        "sign_no_article_in_head": not (kind and kind[1].lower() == "article"),
        "sign_no_linked_article": not _LD_ARTICLE.search(raw),
        "sign_no_time": article.published_at is None,
        "sign_no_own_time": article.published_from not in ("jsonld", "meta", "url"),
        "sign_linked_list": linked_list,
        "sign_address_without_number": not re.search(r"\d{3,}", path) and path.count("-") < 4,
        "sign_short_title": len(article.title.split()) <= 4,
        "sign_little_text": len(article.body) < 500,
        "sign_headlines": share > 0.6,
    }
    return [sign for sign, seen in checks.items() if seen]


def _prose(text: str) -> int:
    """Characters of the lines that are sentences of some length."""
    return sum(len(line) for line in text.split("\n") if len(line) >= LEAST and line[-1] in '.!?…”"»')


def headline_share(raw: str, length: int) -> float:
    """Characters of headline-like links against those and the article's text together."""
    headlines = 0
    for match in _LINK.finditer(raw):
        text = without_markup(match[1])
        headlines += len(text) if len(text) >= 25 else 0
    return headlines / (headlines + length) if headlines + length else 0.0
