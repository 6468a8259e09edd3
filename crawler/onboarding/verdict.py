"""What a probe means: one state and one sentence for each source."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from archive.clock import HANOI
from crawler.onboarding.feed_identity import twin_feeds, wrong_channel
from crawler.onboarding.probe import ArticleProbe, Finding, ListProbe
from crawler.sources import Source

State = Literal["ok", "look", "broken", "blocked", "unverified"]
STALE = timedelta(days=30)  # a list whose newest item is older has stopped
_FEW = 0.5  # share of a feed's items that must look like articles


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of a source and why; ``notes`` are all that was found, the sentence its first ones."""

    state: State
    sentence: str
    notes: tuple[str, ...] = ()


def verdict(finding: Finding, now: datetime) -> Verdict:
    """Judge what a source answered."""
    source = finding.source
    if source.state == "blocked":
        return _of_blocked(finding)
    refused, broken, look = _refused(finding), _broken(finding), _look(finding, now)
    notes = (*refused, *broken, *look)
    if source.state == "unverified":
        return Verdict("unverified", _to_confirm(finding, notes), notes)
    if refused:
        return Verdict("blocked", refused[0], notes)
    if broken:
        return Verdict("broken", broken[0], notes)
    if look:
        more = f" (and {len(look) - 1} more)" if len(look) > 1 else ""
        return Verdict("look", look[0] + more, notes)
    return Verdict("ok", _well(finding))


def _of_blocked(finding: Finding) -> Verdict:
    """A source that is not crawled; said when it seems to have opened."""
    home = finding.lists[0] if finding.lists else None
    if home and not home.problem and home.items:
        return Verdict(
            "blocked", "answers an ordinary visit now: read one article, then take `state: blocked` away"
        )
    why = home.problem if home else finding.robots_problem
    if finding.robots_problem:
        return Verdict("blocked", why)
    return Verdict("blocked", f"as before: {why or finding.source.seen}")


def _refused(finding: Finding) -> list[str]:
    """The site does not want us: no list or no article may be read."""
    article = finding.article
    if finding.allowed is False:
        return [f"robots.txt does not allow its articles, {_path(finding.articles[0])} for one"]
    if article and article.refused:
        return [f"refuses its articles: {article.problem or article.reason}"]
    lists = finding.lists
    if lists and not finding.articles and any(found.refused for found in lists):
        return [f"refuses its lists: {next(found.problem for found in lists if found.refused)}"]
    return []


def _broken(finding: Finding) -> list[str]:
    if finding.robots_problem:
        return [finding.robots_problem]
    if not finding.lists:
        return ["names no feed, sitemap or section"]
    problems = [_of_list(found) for found in finding.lists if found.problem]
    if len(problems) == len(finding.lists):
        return [f"no list can be read: {problems[0]}"]
    if not finding.articles:
        most = max(finding.lists, key=lambda found: found.items)
        if not most.items:
            return [f"{most.kind} {_path(most.url)} answers {most.status} with 0 items"]
        return [f"none of {most.items} links of {most.kind} {_path(most.url)} matches `article`"]
    article = finding.article
    if article and not article.read and not article.refused:
        return [f"article {_path(article.url)} {article.problem or f'is {article.outcome}: {article.reason}'}"]
    return []


def _look(finding: Finding, now: datetime) -> list[str]:
    said = [note for found in finding.lists for note in _list_notes(found, finding.source, now)]
    feeds = {found.url: found.matching for found in finding.lists if found.kind == "feed"}
    said += [f"feeds {_path(one)} and {_path(two)} hold the same items" for one, two in twin_feeds(feeds)]
    return said + (_article_notes(finding.article) if finding.article and finding.article.read else [])


def _list_notes(found: ListProbe, source: Source, now: datetime) -> list[str]:
    """What is odd about one list."""
    if found.problem:
        return [_of_list(found)]
    if found.further:
        return []
    where = f"{found.kind} {_path(found.url)}"
    if not found.items:
        return [f"{where} answers {found.status} with 0 items"]
    said = []
    if not found.matching and found.kind != "home":
        said.append(f"{where}: none of {found.items} links matches `article`")
    elif found.kind == "feed" and len(found.matching) < found.items * _FEW:
        said.append(f"{where}: only {len(found.matching)} of {found.items} items match `article`")
    if found.kind == "feed":
        channel = wrong_channel(found.title, found.url, source)
        said += [channel] if channel else []
        said += [] if found.newest else [f"{where}: no item has a date that can be read"]
    if found.newest and found.newest < now - STALE:
        said.append(f"{where}: its newest item is of {found.newest.astimezone(HANOI):%Y-%m-%d}")
    return said


def _article_notes(article: ArticleProbe) -> list[str]:
    said = []
    missed = [name for name in article.rule_missed if name != "author"]  # many articles are unsigned
    if missed:
        said.append(f"rules that found nothing: {', '.join(missed)} ({_path(article.url)})")
    if article.published is None:
        said.append(f"no date found in {_path(article.url)}")
    return said


def _to_confirm(finding: Finding, notes: tuple[str, ...]) -> str:
    """What an unverified source still needs from its user."""
    asked = finding.source.seen.partition("confirm")[2].strip(" :")
    found = notes[0] if finding.robots_problem and notes else _well(finding)
    return f"{found}; confirm {asked or 'its lists and articles'}"


def _well(finding: Finding) -> str:
    """What works, in a line."""
    parts = []
    for kind in ("feed", "sitemap", "section", "home"):
        good = [found for found in finding.lists if found.kind == kind and not found.problem]
        lists = [found for found in good if not found.further]
        if lists:
            count = sum(len(found.matching) for found in lists)
            parts.append(f"{_count(len(lists), kind)} with {_count(count, 'article')}")
    parts += [found.problem for found in finding.lists if found.problem][:1]
    article = finding.article
    if article and article.read:
        when = f"{article.published.astimezone(HANOI):%Y-%m-%d %H:%M}" if article.published else "no date"
        parts.append(f"one read: {when} from {article.published_from}, {article.length} characters")
    return ", ".join(parts) or "nothing was found"


def _of_list(found: ListProbe) -> str:
    return f"{found.kind} {_path(found.url)} {found.problem}"


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 or word == 'home' else 's'}"
