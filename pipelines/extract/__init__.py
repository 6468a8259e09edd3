"""Stage 1: read title, lead, text, authors, time and credit off a page."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree
from lxml.etree import _Element

from archive.model import Article
from archive.reasons import reason
from pipelines.extract import (
    authors,
    boilerplate,
    charset,
    container,
    credit,
    document,
    evidence,
    jsonld,
    paging,
    published,
    text,
    title,
)
from pipelines.extract.authors import VIETNAMESE
from pipelines.extract.density import Weights
from pipelines.extract.text import lead as printed_lead
from pipelines.extract.text import scripts, wider
from pipelines.item import Context, Family, Hint, Item, Page, Reject, Rules


def extract(item: Item, context: Context) -> None:
    """Fill the item's article from its page; a text that came without a page is only put in order.

    Raises Reject(FAILED) for what is no page at all.
    """
    if item.page is None:
        _tidy_text(item.article)
        return
    missed = read(
        item.article, item.page, item.rules, context.families, item.hint, item.outlet_name, item.page.fetched_at
    )
    item.rule_missed += missed


def read(
    article: Article,
    page: Page,
    rules: Rules,
    families: tuple[Family, ...],
    hint: Hint,
    outlet: str,
    now: datetime,
) -> list[str]:
    """Read a page into an article; returns the names of the rules that found nothing.

    A pure function of its arguments, so that a worker process can do it. Raises Reject(FAILED).
    """
    first, further = paging.parts(page.body)
    missed = _read_page(article, replace(page, body=first), rules, families, hint, outlet, now)
    last, number = Page(page.url, first, page.fetched_at, page.content_type), 1
    for url, body in further:
        last, number = replace(last, url=url, body=body), number + 1
        if not _go_on(article, last, rules, families, outlet, now):
            article.doubt.append(reason("goes_on", url=url))
            return missed
    if (after := paging.next_page(last.body, last.content_type, page.url, last.url, number)) is not None:
        article.doubt.append(reason("goes_on", url=after))
    return missed


def _go_on(
    article: Article, page: Page, rules: Rules, families: tuple[Family, ...], outlet: str, now: datetime
) -> bool:
    """Add the text of a further page to its story's; False where none of this story came."""
    more = Article(page.url, article.source)
    try:
        _read_page(more, page, rules, families, Hint(), outlet, now)
    except Reject:
        return False
    if not evidence.alike(more.title, article.title):
        return False
    known = set(article.body.split("\n"))
    lines = [line for line in more.body.split("\n") if line and line not in known]
    article.body = "\n".join(filter(None, [article.body, *lines]))
    article.authors = article.authors or more.authors
    article.credit = article.credit or more.credit
    return True


def _read_page(
    article: Article,
    page: Page,
    rules: Rules,
    families: tuple[Family, ...],
    hint: Hint,
    outlet: str,
    now: datetime,
) -> list[str]:
    raw = document.text_of(page)
    tree = document.parse(raw)
    if not rules.body and (family := container.family_of(tree, raw, families)):
        rules = rules.over(family.rules)
    meta = title.metas(tree)
    linked = jsonld.read(tree, _own(tree, meta, page.url))
    reading = _Reading(article, page.url, raw, tree, linked, meta, rules, hint, outlet, now)
    etree.strip_elements(reading.body, *boilerplate.SCRIPTS, with_tail=False)
    _read_head(reading)
    _read_text(reading)
    return reading.missed


def _own(tree: _Element, meta: dict[str, list[str]], url: str) -> jsonld.Own:
    """The page's address, and what it calls itself."""

    def names() -> tuple[list[str], list[str]]:
        canonical = [link.get("href") or "" for link in tree.iter("link") if link.get("rel") == "canonical"]
        heads = [title.first(meta, key) for key in ("og:title", "twitter:title", "title")]
        printed = [title.text_of(h1) for h1 in tree.iter("h1")]
        titles = [title.headline(text) for text in (tree.findtext(".//title") or "", *heads, *printed)]
        return [*canonical[:1], title.first(meta, "og:url")], titles

    return jsonld.Own(url, names)


@dataclass(slots=True)
class _Reading:
    """One page being read: what every step may look at."""

    article: Article
    url: str
    raw: str
    tree: _Element
    linked: jsonld.Linked
    meta: dict[str, list[str]]
    rules: Rules
    hint: Hint
    outlet: str
    now: datetime
    missed: list[str] = field(default_factory=list)
    h1: _Element | None = None
    box: _Element | None = None
    authors: list[str] = field(default_factory=list)
    lead: _Element | None = None

    @property
    def body(self) -> _Element:
        result = self.tree.find("body")
        return self.tree if result is None else result

    @property
    def sites(self) -> set[str]:
        """Names of the outlet itself: never a title's, never an author's."""
        named = title.first(self.meta, "og:site_name", "application-name")
        return {site for site in {self.outlet, named, _host(self.url), *self.linked.organisations} if site}

    @property
    def vietnamese(self) -> bool:
        """Whether the page speaks to readers in Việt Nam: a clock without a zone is theirs."""
        named = (self.tree.get("lang") or title.first(self.meta, "og:locale"))[:2].lower()
        return named == "vi" or _host(self.url).endswith(".vn") or bool(VIETNAMESE.search(self.article.title))

    @property
    def description(self) -> str:
        return title.clean(self.linked.description) or title.first(
            self.meta, "og:description", "description", "twitter:description"
        )

    def ruled(self, name: str) -> list[_Element]:
        """What a source's rule matches; a rule that matches nothing is noted."""
        css: str = getattr(self.rules, name)
        result = container.select(self.tree, css)
        if css and not any(title.text_of(element) for element in result):
            self.missed.append(name)
        return result


def _read_head(reading: _Reading) -> None:
    """Title, section, picture, time, authors and printed credit: all that is taken before the page is cut."""
    article, linked, meta, tree = reading.article, reading.linked, reading.meta, reading.tree
    head = [title.headline(text) for text in (linked.headline, title.first(meta, *title.METAS))]
    page_title = title.headline(tree.findtext(".//title") or "")
    claims = title.Claims.of(tree, head, page_title, reading.hint.title, reading.sites, reading.url)
    ruled = reading.ruled("title")
    reading.h1 = ruled[0] if ruled else title.heading(tree, claims)
    article.title = title.title(reading.h1, claims, reading.sites) or title.headline(reading.hint.title)
    article.doubt += evidence.title_doubts(article.title, claims.head, page_title, claims.listed)
    article.section = title.section(tree, linked, meta, reading.rules.section)
    image = linked.image or title.first(meta, "og:image", "twitter:image")
    article.image = title.picture(reading.url, image)
    reading.box = _ruled_box(reading)
    _set_published(reading)
    reading.authors = authors.names(_author_texts(reading), reading.sites, reading.url) or _own_author(reading)
    article.credit = credit.printed(tree, _host(reading.url))
    reading.lead = next((e for e in reading.ruled("lead") if title.text_of(e)), None)


def _ruled_box(reading: _Reading) -> _Element | None:
    box = container.by_rule(reading.tree, reading.rules)
    if reading.rules.body and box is None:
        reading.missed.append("body")
    return box


def _set_published(reading: _Reading) -> None:
    result = published.published(
        reading.linked.published,
        reading.meta,
        [title.text_of(e) for e in reading.ruled("published")],
        published.bylines(reading.h1, reading.box, brief=bool(reading.linked.published)),
        reading.url,
        reading.hint.published_at,
        reading.tree,
        reading.now,
        reading.vietnamese,
    )
    if result:
        reading.article.published_at, reading.article.published_from = result.at, result.source
        reading.article.doubt += result.doubt


def _author_texts(reading: _Reading) -> list[str]:
    """Author fields of the first evidence that names a person."""
    ruled = [title.text_of(element) for element in reading.ruled("author")]
    claims = [ruled, reading.linked.authors, *authors.of_metas(reading.meta)]
    for texts in claims:
        if authors.names(texts, reading.sites, reading.url):
            return texts
    printed = authors.printed(
        reading.tree, reading.h1
    )  # a walk over the page: only where nothing else names one
    return next(([text] for text in printed if authors.names([text], reading.sites, reading.url)), [])


def _own_author(reading: _Reading) -> list[str]:
    """Who writes a site of his own name; papers in Việt Nam bear names that look like a person's."""
    if reading.vietnamese:
        return []
    claims = [reading.linked.authors, *authors.of_metas(reading.meta)]
    people = (authors.people(texts) for texts in claims)
    return next(filter(None, people), [])


def _read_text(reading: _Reading) -> None:
    article, box, lead = reading.article, reading.box, reading.lead
    if lead is not None:
        article.lead = title.text_with_label(lead)
        boilerplate.drop(lead)
    for css in reading.rules.drop:
        for element in container.select(reading.tree, css):
            if element is not box:
                boilerplate.drop(element)
    seen = Weights(reading.body)
    if box is None or boilerplate.clear(box).of(box) < container.ENOUGH:
        box = _fallen_back(reading, box, seen)
    description = reading.description
    if lead is None and (lead := printed_lead.element(reading.tree, reading.h1, box, description)) is not None:
        article.lead = title.text_with_label(lead)
        boilerplate.drop(lead)
    for block in container.unknown(box, reading.linked.body):
        boilerplate.drop(block)
    lines = _wider(reading, text.tidied(text.lines(box), article.title, article.lead, description), seen)
    lines, signed = text.signature(lines)
    article.body = "\n".join(lines)
    signers = [line for line in signed if not credit.is_address(line) and not credit.is_line(line)]
    article.authors = reading.authors or authors.names(signers, reading.sites, reading.url)
    article.authors = article.authors or authors.of_opening(lines[0] if lines else "")
    article.credit = credit.joined(article.credit, credit.of_lines(signed or lines))
    if not article.lead:
        article.lead = _lead_of_description(description, article.body)


def _wider(reading: _Reading, lines: list[str], seen: Weights) -> list[str]:
    """The lines, or those of a wider reading if these are little beside it; what still seems cut is doubted."""
    article = reading.article
    length = sum(map(len, lines))
    if len(reading.linked.body) > length * (wider.FAR_MORE if length < wider.LITTLE else wider.TWICE):
        lines = wider.fuller(lines, _of_data(reading, reading.linked.body))
    if length < wider.LITTLE and scripts.may_hold(reading.raw):
        own = [article.title, reading.hint.title, title.headline(reading.linked.headline)]
        lines = wider.fuller(lines, _of_data(reading, scripts.article(reading.raw, own)))
    if sum(map(len, lines)) < wider.FEW and "<img" in reading.raw.lower():
        body = document.parse(reading.raw).find("body")
        lines = wider.with_captions(lines, body, article.title)
    left_out = wider.left_out(seen, "\n".join([article.title, article.lead, *lines]))
    if left_out:
        article.doubt.append(reason("cut", kept=sum(map(len, lines)), left_out=left_out))
    return lines


def _of_data(reading: _Reading, data: str) -> list[str]:
    """The lines of a text that a page's data hold as markup or plain text."""
    box = scripts.box(data) if data else None
    if box is None:
        return []
    boilerplate.clear(box)
    article = reading.article
    return text.tidied(text.lines(box), article.title, article.lead, reading.description)


def _fallen_back(reading: _Reading, ruled: _Element | None, seen: Weights) -> _Element:
    """The container the page itself gives, when a rule gave none or far less."""
    weights = boilerplate.clear(reading.body, keep=ruled, seen=None if ruled is not None else seen)
    if reading.h1 is not None and evidence.likeness(title.text_of(reading.h1), reading.article.title) > 0.6:
        boilerplate.clear_before(reading.h1, weights)
    scope = container.own_article(reading.h1, weights)
    scope = reading.body if scope is None else scope
    result = container.choose(scope, weights, reading.linked.body).element
    if ruled is None:
        return result
    if (
        weights.of(result) >= container.WORTH
        and weights.of(ruled) < weights.of(result) * container.FAR_TOO_LITTLE
    ):
        reading.missed.append("body")
        return result
    return ruled


def _lead_of_description(description: str, body: str) -> str:
    """The description as lead, where it is a sentence of its own and not the text's beginning."""
    letters = evidence.letters(description)
    if len(letters) < 40 or letters[:50] in evidence.letters(body):
        return ""
    return description


def _tidy_text(article: Article) -> None:
    article.title = title.headline(title.unescaped(article.title))
    article.lead = title.unescaped(article.lead)
    lines = [title.clean(line) for line in charset.clean(article.body).replace("\r", "\n").split("\n")]
    article.body = "\n".join(boilerplate.unsigned(line) for line in lines if line)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower().removeprefix("www.")
    except ValueError:
        return ""
