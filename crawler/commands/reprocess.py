"""``diemtin reprocess``: run the stages again over stored pages; ``--try``: what other rules would change."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.config import ConfigError, unknown_name
from archive.i18n import current
from crawler.cli import on_terminal, open_home
from crawler.commands.options import Day, cluster_option, midnight, reading_there

if TYPE_CHECKING:
    from archive.cases.trial import ArticleChange, CaseChange, RuleProposal, TrialReport, Tried
    from crawler.asked.trial import Progress
    from pipelines.classify.topics import Topics

KINDS = ("word", "weight", "query", "threshold")


@click.command("reprocess")
@click.option("--source", help="Only the pages of this source.")
@click.option("--since", type=Day(), help="Only pages fetched since that day.")
@click.option("--try", "trying", is_flag=True, help="Write nothing: show what other rules would change.")
@click.option("--topics", type=click.Path(path_type=Path), help="With --try: another topics.yml.")
@click.option(
    "--try-word", multiple=True, metavar="TOPIC:WORD=POINTS", help="With --try: a word; 0 takes it away."
)
@click.option("--try-weight", multiple=True, metavar="TOPIC=WEIGHT", help="With --try: the weight of a topic.")
@click.option("--try-query", multiple=True, metavar="TOPIC=QUERY", help="With --try: the query of a topic.")
@click.option("--try-threshold", multiple=True, metavar="SCORE", help="With --try: the least score.")
@click.option(
    "--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="With --try: how far back."
)
@click.option(
    "--seconds", type=click.FloatRange(0), help="With --try: stop looking after so long; newest first."
)
@click.option("--json", "as_json", is_flag=True, help="With --try: print as JSON.")
@cluster_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    source: str | None,
    since: date | None,
    trying: bool,
    cluster: str | None,
    **options: Any,
) -> None:
    """Run the stages again over the stored pages, with today's rules and without network.

    With --try nothing is written: it lists which articles of the last days other words, weights, queries or
    another topics.yml would make articles about the province (or not), and which cases they would right.

    Example: diemtin reprocess --source baotintuc --since 2026-11-01

    Example: diemtin reprocess --try --try-word 'cong-nghiep:robot=2'
    """
    given = any(options[f"try_{kind}"] for kind in KINDS) or options["topics"] is not None
    if trying != given or (trying and (source or since or cluster)):
        raise click.UsageError(current()("cli.usage.try"))
    if trying:
        _try(ctx, **options)
        return
    from crawler.reprocess import reprocess
    from crawler.state.run_log import summary
    from crawler.workspace import open_workspace

    with open_workspace(open_home(ctx)) as workspace:
        if source:
            workspace.sources.named([source])
        with reading_there(workspace, cluster) as reading:
            day = midnight(since)
            outcomes = reprocess(workspace, source, day, progress=on_terminal(), reading=reading)
    click.echo(summary(outcomes))


def _try(
    ctx: click.Context, topics: Path | None, days: int, seconds: float | None, as_json: bool, **given: Any
) -> None:
    import msgspec

    from archive.clock import utc_now
    from crawler.asked.trial import try_rules
    from pipelines.classify.topics import load_topics

    def proposals(today: "Topics") -> list["RuleProposal"]:
        return [read_proposal(kind, text, today) for kind in KINDS for text in given[f"try_{kind}"]]

    other = load_topics(topics) if topics else None
    limit = float("inf") if seconds is None else seconds
    with _progress() as progress:
        report = try_rules(
            open_home(ctx), proposals, other, now=utc_now(), days=days, seconds=limit, progress=progress
        )
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
    else:
        click.echo("\n".join(_lines(report)))


@contextmanager
def _progress() -> Iterator["Progress"]:
    """A bar on a terminal, nothing elsewhere."""
    with click.progressbar(length=0, label="try", hidden=not on_terminal()) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show


def read_proposal(kind: str, text: str, topics: "Topics") -> "RuleProposal":
    """What an option ``--try-KIND`` proposes. Raises ConfigError naming what is wrong with it."""
    from archive.cases.trial import RuleProposal

    name, mark, value = (
        text.partition(":" if kind == "word" else "=") if kind != "threshold" else ("", "=", text)
    )
    name, value = name.strip(), " ".join(value.split())
    if kind == "threshold" and _is_figure(value):
        return RuleProposal("threshold", before=f"{topics.scale.threshold:g}", after=f"{float(value):g}")
    word, _, points = value.rpartition("=")
    fine = {
        "word": any(map(str.isalnum, word)) and points.isascii() and points.isdigit() and len(points) == 1,
        "weight": _is_figure(value),
        "query": bool(value),
    }
    if not mark or not fine.get(kind):
        raise ConfigError(current()(f"cli.try.{kind}", text=text))
    topic = topics.topics.get(name)
    if topic is None:
        raise unknown_name("topic", name, topics.topics)
    if kind == "weight":
        return RuleProposal("weight", name, "", f"{topic.weight:g}", f"{float(value):g}")
    if kind == "query":
        _check_query(text, value)
        return RuleProposal("query", name, "", topic.query, value)
    before = next((own for own, some in topic.words.items() if word.strip() in some), 0)
    return RuleProposal("word", name, word.strip(), str(before), points)


def _check_query(text: str, value: str) -> None:
    """Raises ConfigError for what the form of the topic would not take either."""
    from archive.query import parse

    parsed = parse(value)
    if parsed.problem or parsed.blank:
        words = current()
        problem = parsed.problem if words.lang == "vi" else parsed.problem_en
        raise ConfigError(words("cli.try.query_odd", text=text, why=problem or words.reason("set_empty_rule")))


def _is_figure(text: str) -> bool:
    try:
        return 0 < float(text) < 1_000_000
    except ValueError:
        return False


def _lines(report: "TrialReport") -> Iterator[str]:
    words = current()
    for tried in report.each if len(report.each) > 1 else []:
        yield from _tried(tried, _named(tried.proposals[0]))
    one = len(report.together.proposals) == 1
    name = _named(report.together.proposals[0]) if one else words("try.together")
    if report.together.proposals:
        yield from _tried(report.together, name)
    else:
        yield words("try.same")
    yield from seen_lines(report)


def seen_lines(report: "TrialReport") -> Iterator[str]:
    """What was looked at, and what could not be."""
    words, number = current(), current().number
    if report.late:
        yield words("try.newest", n=number(report.articles + report.refused))
    yield words(
        "try.seen", n=number(report.articles), refused=number(report.refused), cases=number(report.cases),
        days=report.days,
    )  # fmt: skip
    if report.unseen or report.headlines:
        yield words("try.unseen", n=number(report.unseen), headlines=number(report.headlines))
    if report.stale:
        yield words("try.stale", n=number(report.stale))


def _named(proposal: "RuleProposal") -> str:
    values = {name: getattr(proposal, name) for name in ("topic", "word", "before", "after")}
    return current()(f"try.{proposal.code}", **values)


def _tried(tried: "Tried", name: str) -> Iterator[str]:
    gained, lost = tried.count(gained=True), tried.count(gained=False)
    yield current()("try.count", what=name, gained=gained, lost=lost)
    yield from map(_change, tried.changes)
    yield from map(_case, tried.cases)


def _change(one: "ArticleChange") -> str:
    from archive.clock import local_time

    words = current()
    what = words(f"try.{'topic' if one.topic else 'about'}", topic=one.topic)
    found = f" [{', '.join(one.words)}]" if one.words else ""
    score = words("try.score", before=f"{one.score_before:g}", after=f"{one.score:g}")
    place = f"({one.outlet}, {local_time(one.published_at)})"
    return f"  {'+' if one.gained else '-'} {one.title} {place}{found} {what}, {score}\n      {one.url}"


def _case(one: "CaseChange") -> str:
    words = current()
    told = words("try.righted" if one.righted else "try.wronged")
    return f"  {'+' if one.righted else '-'} {told} {one.case.id}: {one.case.title or one.case.url}"
