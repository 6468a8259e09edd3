"""What ``sources check`` prints: a table for people, everything as JSON for programs."""

from collections import Counter
from typing import Any

import msgspec
from tabulate import tabulate

from archive.clock import HANOI
from crawler.onboarding.probe import Finding, ListProbe
from crawler.onboarding.proposal import ListFound, Proposal
from crawler.onboarding.verdict import Verdict

Checked = list[tuple[Finding, Verdict]]
_WIDE = 90  # characters of a sentence in one line of the table
_SHOWN = 240  # characters of an article


def table(checked: Checked) -> str:
    """One row per source, and the counts of states below."""
    rows = [
        {
            "source": finding.source.key,
            "state": judged.state,
            "robots": finding.robots_status or "-",
            "articles": len(finding.articles),
            "what was found": judged.sentence,
        }
        for finding, judged in checked
    ]
    widths = [None, None, None, None, _WIDE]
    counts = Counter(judged.state for _, judged in checked)
    summary = ", ".join(f"{count} {state}" for state, count in counts.most_common())
    further = _further(checked)
    return "\n".join(
        [tabulate(rows, headers="keys", maxcolwidths=widths), *further, f"{len(rows)} probed: {summary}"]
    )


def _further(checked: Checked) -> list[str]:
    """Everything odd about sources that have more than one such thing."""
    lines = []
    for finding, judged in checked:
        if len(judged.notes) > 1:
            lines += [f"{finding.source.key}:", *(f"  - {note}" for note in judged.notes)]
    untried = sum(len(finding.untried) for finding, _ in checked)
    if untried:
        lines.append(
            f"{untried} lists were not tried, to stay at about six requests a source; --thorough tries all"
        )
    return lines


def as_json_row(checked: Checked) -> str:
    """A JSON list with all that was found."""
    return msgspec.json.encode([_answer(finding, judged) for finding, judged in checked]).decode()


def _answer(finding: Finding, judged: Verdict) -> dict[str, Any]:
    return {
        "source": finding.source.key,
        "name": finding.source.name,
        "state": judged.state,
        "sentence": judged.sentence,
        "notes": judged.notes,
        "robots": {
            "status": finding.robots_status,
            "problem": finding.robots_problem,
            "allowed": finding.allowed,
            "crawl_delay": finding.crawl_delay,
        },
        "lists": [_list(found) for found in finding.lists],
        "untried": finding.untried,
        "article": finding.article,
        "requests": finding.requests,
    }


def _list(found: ListProbe) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(found)
    told["matching"], told["further"] = len(found.matching), len(found.further)
    return told


def proposal_text(found: Proposal, block: list[str]) -> str:
    """What was found out about a new source, the article read, and the block to be written."""
    pattern = found.pattern
    lines = [f"{found.name}, {found.home}: {found.requests} requests", ""]
    lines += [f"feed     {_found(feed)}" for feed in found.feeds]
    lines += [f"sitemap  {_found(sitemap)}" for sitemap in found.sitemaps]
    lines += [f"section  {url}" for url in found.sections]
    lines.append(
        f"article  {pattern.regex}  (matches {pattern.matched} of {pattern.articles} links of its lists, "
        f"{pattern.menu_matched} of {pattern.menu} menu links)"
    )
    lines.append(f"family   {found.family or 'none known: the text is found unaided'}")
    lines += [f"note     {note}" for note in found.notes]
    return "\n".join([*lines, "", *_article(found), "", *(f"  {line}" for line in block), ""])


def _found(listed: ListFound) -> str:
    newest = f", newest {listed.newest.astimezone(HANOI):%Y-%m-%d %H:%M}" if listed.newest else ""
    index = f", an index of {listed.further}" if listed.further else ""
    title = f", «{listed.title}»" if listed.title else ""
    return f"{listed.url}  ({len(listed.links)} links{index}{newest}{title})"


def _article(found: Proposal) -> list[str]:
    """What was read of one article, for the user to compare with the page."""
    if found.item is None:
        return []
    article = found.item.article
    when = f"{article.published_at.astimezone(HANOI):%Y-%m-%d %H:%M}" if article.published_at else "not found"
    missed = [name for name in found.item.rule_missed if name != "author" or not article.authors]
    return [
        f"read       {article.url}",
        f"title      {article.title}",
        f"published  {when}{f' (from {article.published_from})' if article.published_from else ''}",
        f"authors    {', '.join(article.authors) or 'none named'}",
        f"lead       {article.lead or 'none'}",
        f"text       {' '.join(article.body.split())[:_SHOWN]}… ({len(article.body)} characters)",
        *([f"missed     the family's rules for {', '.join(missed)} found nothing here"] if missed else []),
    ]
