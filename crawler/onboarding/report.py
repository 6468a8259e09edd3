"""What ``sources check`` and ``sources add`` print: what a probe means, as a table and as JSON; a proposal."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from tabulate import tabulate

from archive.clock import HANOI
from archive.i18n import current
from archive.web.crawling import NewSource
from crawler.listings.identity import twin_feeds, wrong_channel
from crawler.onboarding.probe import ArticleProbe, Finding, ListProbe, ProbedKind
from crawler.onboarding.proposal import ListFound, Proposal
from crawler.onboarding.writer import Prepared
from crawler.sources import Source

State = Literal["ok", "look", "broken", "blocked", "unverified"]
STALE = timedelta(days=30)  # a list whose newest item is older has stopped
_FEW = 0.5  # share of a feed's items that must look like articles
_KINDS: tuple[ProbedKind, ...] = ("feed", "sitemap", "section", "home")
_WIDE = 90  # characters of a sentence in one line of the table
_SHOWN = 240  # characters of an article
_PREVIEW = 6000  # the same on a page


@dataclass(frozen=True, slots=True)
class SourceState:
    """The state of a source and why; ``notes`` are all that was found, the sentence its first ones."""

    state: State
    sentence: str
    notes: tuple[str, ...] = ()


Checked = list[tuple[Finding, SourceState]]


def judge_source(finding: Finding, now: datetime) -> SourceState:
    """Judge what a source answered."""
    source = finding.source
    if source.state == "blocked":
        return SourceState("blocked", _of_blocked(finding))
    refused, broken = _refused(finding), _broken(finding)
    oddities = tuple(_oddities(finding, now))
    notes = tuple(note for note in (refused, broken, *oddities) if note)
    if source.state == "unverified":
        return SourceState("unverified", _to_confirm(finding, notes), notes)
    if refused:
        return SourceState("blocked", refused, notes)
    if broken:
        return SourceState("broken", broken, notes)
    if oddities:
        more = _words("check.more", n=len(oddities) - 1) if len(oddities) > 1 else ""
        return SourceState("look", oddities[0] + more, notes)
    return SourceState("ok", _what_works(finding))


def _words(key: str, **values: object) -> str:
    return current()(key, **values)


def _why(code: str) -> str:
    return current().reason(code)


def _of_blocked(finding: Finding) -> str:
    """A source that is not crawled; it is noted when it seems to have opened."""
    if finding.robots.problem:
        return _why(finding.robots.problem)
    home = finding.lists[0] if finding.lists else None
    if home and not home.problem and home.items:
        return _words("check.opened")
    return _words("check.as_before", why=_why(home.problem) if home and home.problem else finding.source.seen)


def _refused(finding: Finding) -> str:
    """The site does not want us: no list or no article may be read."""
    article = finding.article
    if finding.allowed is False:
        return _words("check.robots_articles", path=_path(finding.articles[0]))
    if article and article.refused:
        return _words("check.refuses_articles", why=_why(article.problem or article.reason))
    refused = next((probed for probed in finding.lists if probed.refused), None)
    if refused and not finding.articles:
        return _words("check.refuses_lists", why=_why(refused.problem))
    return ""


def _broken(finding: Finding) -> str:
    """The source cannot be crawled as it is described."""
    if finding.robots.problem:
        return _why(finding.robots.problem)
    if not finding.lists:
        return _words("check.no_lists")
    if all(probed.problem for probed in finding.lists):
        return _words("check.no_list_readable", problem=_problem(finding.lists[0]))
    if not finding.articles:
        most = max(finding.lists, key=lambda probed: probed.items)
        return _words("check.none_matches", n=most.items, list=_name(most)) if most.items else _empty(most)
    article = finding.article
    if not article or article.read or article.refused:
        return ""
    path = _path(article.url)
    if article.problem:
        return _words("check.article_problem", path=path, why=_why(article.problem))
    outcome = current().named("outcome", article.outcome)
    return _words("check.article_is", path=path, outcome=outcome, why=_why(article.reason))


def _oddities(finding: Finding, now: datetime) -> Iterator[str]:
    """What is to be looked at in a source that works."""
    for probed in finding.lists:
        yield from _list_oddities(probed, finding.source, now)
    feeds = {probed.url: probed.matching for probed in finding.lists if probed.kind == "feed"}
    for one, two in twin_feeds(feeds):
        yield _words("check.twin_feeds", one=_path(one), two=_path(two))
    if finding.article and finding.article.read:
        yield from _article_oddities(finding.article)


def _list_oddities(probed: ListProbe, source: Source, now: datetime) -> Iterator[str]:
    name = _name(probed)
    if probed.problem or probed.further or not probed.items:
        if not probed.further:
            yield _problem(probed) if probed.problem else _empty(probed)
        return
    if not probed.matching and probed.kind != "home":
        yield _words("check.list_none_matches", list=name, n=probed.items)
    elif probed.kind == "feed" and len(probed.matching) < probed.items * _FEW:
        yield _words("check.list_few_match", list=name, few=len(probed.matching), n=probed.items)
    if probed.kind == "feed" and (channel := wrong_channel(probed.title, probed.url, source)):
        yield _why(channel)
    if probed.kind == "feed" and not probed.newest:
        yield _words("check.list_undated", list=name)
    if probed.newest and probed.newest < now - STALE:
        yield _words("check.list_old", list=name, day=f"{probed.newest.astimezone(HANOI):%Y-%m-%d}")


def _article_oddities(article: ArticleProbe) -> Iterator[str]:
    missed = [name for name in article.rule_missed if name != "author"]  # many articles are unsigned
    if missed:
        yield _words("check.rules_missed", rules=", ".join(missed), path=_path(article.url))
    if article.published is None:
        yield _words("check.undated", path=_path(article.url))
    for doubt in article.doubt:
        yield _words("check.doubted", path=_path(article.url), why=_why(doubt))


def _to_confirm(finding: Finding, notes: tuple[str, ...]) -> str:
    """What an unverified source still needs from its user."""
    asked = finding.source.seen.partition("confirm")[2].strip(" :")
    state = notes[0] if finding.robots.problem and notes else _what_works(finding)
    return _words("check.confirm", state=state, what=asked or _words("check.confirm.all"))


def _what_works(finding: Finding) -> str:
    """What works, in a line."""
    parts = []
    for kind in _KINDS:
        lists = [p for p in finding.lists if p.kind == kind and not p.problem and not p.further]
        if lists:
            articles = _count("articles", sum(len(probed.matching) for probed in lists))
            parts.append(_words("check.with", lists=_count(f"lists.{kind}", len(lists)), articles=articles))
    parts += [_why(probed.problem) for probed in finding.lists if probed.problem][:1]
    article = finding.article
    if article and article.read:
        when = _time(article.published) or _words("check.no_date")
        parts.append(_words("check.read", when=when, source=article.published_from, n=article.length))
    return ", ".join(parts) or _words("check.nothing")


def _problem(probed: ListProbe) -> str:
    return f"{_name(probed)} {_why(probed.problem)}"


def _empty(probed: ListProbe) -> str:
    return _words("check.list_empty", list=_name(probed), status=probed.status)


def _name(probed: ListProbe) -> str:
    return f"{_words(f'check.list.{probed.kind}')} {_path(probed.url)}"


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _count(key: str, number: int) -> str:
    return _words(f"count.{key}.one" if number == 1 else f"count.{key}", n=number)


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone(HANOI):%Y-%m-%d %H:%M}" if moment else ""


def table(checked: Checked) -> str:
    """One row per source, and the counts of states below."""
    columns = [_words(f"check.column.{name}") for name in ("source", "state", "robots", "articles", "sentence")]
    rows = [(f.source.key, v.state, f.robots.status or "-", len(f.articles), v.sentence) for f, v in checked]
    counts = Counter(judged.state for _, judged in checked).most_common()
    summary = ", ".join(f"{count} {_words(f'check.state.{state}')}" for state, count in counts)
    lines = [tabulate(rows, columns, maxcolwidths=[None, None, None, None, _WIDE]), *_further(checked)]
    return "\n".join([*lines, _words("check.total", n=len(rows), states=summary)])


def _further(checked: Checked) -> Iterator[str]:
    """Everything odd about sources that have more than one such thing."""
    for finding, judged in checked:
        if len(judged.notes) > 1:
            yield f"{finding.source.key}:"
            yield from (f"  - {note}" for note in judged.notes)
    if untried := sum(len(finding.untried) for finding, _ in checked):
        yield _words("check.untried", n=untried)


def as_json(checked: Checked) -> str:
    """A JSON list with all that was found."""
    return msgspec.json.encode([_answer(finding, judged) for finding, judged in checked]).decode()


def _answer(finding: Finding, judged: SourceState) -> dict[str, Any]:
    robots = finding.robots
    return {
        "source": finding.source.key,
        "name": finding.source.name,
        "state": judged.state,
        "sentence": judged.sentence,
        "notes": judged.notes,
        "robots": {
            "status": robots.status,
            "problem": _why(robots.problem),
            "allowed": finding.allowed,
            "crawl_delay": robots.crawl_delay,
        },
        "lists": [
            _in_words(probed) | {"matching": len(probed.matching), "further": len(probed.further)}
            for probed in finding.lists
        ],
        "untried": finding.untried,
        "article": _in_words(finding.article) if finding.article else None,
        "requests": finding.requests,
    }


def _in_words(probed: ListProbe | ArticleProbe) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(probed)
    return fields | {name: _why(fields[name]) for name in ("problem", "reason") if name in fields}


def proposal_text(proposal: Proposal, block: list[str]) -> str:
    """What was found out about a new source, the article read, and the block to be written."""
    head = _words("add.head", name=proposal.name, home=proposal.home, n=proposal.requests)
    rows, article = _labelled(_rows(proposal)), _labelled(_article(proposal))
    indented = [f"  {line}" for line in block]
    return "\n".join([head, "", *rows, "", *article, "", *indented, ""])


def _rows(proposal: Proposal) -> list[tuple[str, str]]:
    """Lists, form of addresses, family and notes, each with the key of its label."""
    pattern = proposal.pattern
    rows = [(kind, _listed(found)) for kind, lists in proposal.lists.items() for found in lists]
    rows += [("section", url) for url in proposal.sections]
    counts = {name: getattr(pattern, name) for name in ("matched", "articles", "menu_matched", "menu")}
    rows.append(("article", f"{pattern.regex}  ({_words('add.matches', **counts)})"))
    rows.append(("family", proposal.family or _words("add.no_family")))
    return [*rows, *(("note", note) for note in proposal.notes)]


def proposal_json(proposal: Proposal, source: Prepared) -> bytes:
    """The same for a page that shows it and may save it later."""
    article = [row for row in _article(proposal) if row[0] != "text"]
    rows, read = ([(_words(f"add.{key}"), text) for key, text in some] for some in (_rows(proposal), article))
    text = proposal.item.article.body if proposal.item else ""
    return msgspec.json.encode(
        NewSource(
            key=proposal.key,
            name=proposal.name,
            home=proposal.home,
            kind=proposal.kind,
            rows=rows,
            article=read,
            text=text[:_PREVIEW],
            block="\n".join(source.block),
            prepared=msgspec.to_builtins(source),
        )
    )


def _labelled(rows: list[tuple[str, str]]) -> list[str]:
    labels = [_words(f"add.{label}") for label, _ in rows]
    width = max(map(len, labels), default=0)
    return [f"{label:{width}}  {text}" for label, (_, text) in zip(labels, rows, strict=True)]


def _listed(found: ListFound) -> str:
    parts = [_words("add.links", n=len(found.links))]
    parts += [_words("add.index", n=found.further)] if found.further else []
    parts += [_words("add.newest", at=_time(found.newest))] if found.newest else []
    parts += [f"«{found.title}»"] if found.title else []
    return f"{found.url}  ({', '.join(parts)})"


def _article(proposal: Proposal) -> list[tuple[str, str]]:
    """What was read of one article, for the user to compare with the page."""
    if proposal.item is None:
        return []
    article = proposal.item.article
    where = _words("add.from", source=article.published_from) if article.published_from else ""
    text = f"{' '.join(article.body.split())[:_SHOWN]}… ({_words('add.characters', n=len(article.body))})"
    missed = [name for name in proposal.item.rule_missed if name != "author" or not article.authors]
    return [
        ("read", article.url),
        ("title", article.title),
        ("published", (_time(article.published_at) or _words("add.not_found")) + where),
        ("authors", ", ".join(article.authors) or _words("add.no_authors")),
        ("lead", article.lead or _words("none")),
        ("text", text),
        *([("missed", _words("add.rules_missed", rules=", ".join(missed)))] if missed else []),
    ]
