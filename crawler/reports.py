"""What ``sources check`` prints: a table for people, everything as JSON for programs."""

from collections import Counter
from typing import Any

import msgspec
from tabulate import tabulate

from crawler.probe import Finding, ListProbe
from crawler.verdicts import Verdict

Checked = list[tuple[Finding, Verdict]]
_WIDE = 90  # characters of a sentence in one line of the table


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
