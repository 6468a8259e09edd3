"""``diemtin why``, why an address is not in the archive, step by step; ``rejected``, all that was refused."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from archive.clock import local_time, utc_now
from archive.config import unknown_name
from archive.i18n import Words, current
from crawler.cli import open_home

if TYPE_CHECKING:
    from archive.refused import Explanation, Refused, Step

MARKS = {True: "+", False: "-", None: " "}


@click.command("why")
@click.argument("url")
@click.option("--fetch/--no-fetch", default=True, help="Whether to look at a page that was never read.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def command(ctx: click.Context, url: str, fetch: bool, as_json: bool) -> None:
    """Walk through the steps that an article takes, and name the one that failed for this address.

    A page that was never read is visited once, as robots.txt allows, to say what would be done with it;
    nothing is kept.

    Example: diemtin why https://baotintuc.vn/kinh-te/bai-20260307075519174.htm
    """
    from crawler.asked.explain import explain_and_try
    from crawler.workspace import open_workspace

    with open_workspace(open_home(ctx, reads=True)) as workspace:
        explanation = explain_and_try(workspace, url, fetch=fetch)
    if as_json:
        click.echo(json.dumps(_answer(explanation), ensure_ascii=False))
    else:
        _print(explanation)


def _answer(explanation: "Explanation") -> dict[str, object]:
    words = current()
    steps = [asdict(step) | {"sentence": words.reason(step.reason)} for step in explanation.steps]
    decisive = explanation.decisive
    return asdict(explanation) | {
        "verdict": decisive.verdict,
        "decisive": decisive.name,
        "sentence": words.reason(decisive.reason),
        "steps": steps,
    }


def _print(explanation: "Explanation") -> None:
    words = current()
    click.echo(explanation.url)
    for step in explanation.steps:
        click.echo(f" {MARKS[step.ok]} {_sentence(words, step)}")
    click.echo(_sentence(words, explanation.decisive))


def _sentence(words: Words, step: "Step") -> str:
    name = words.named("step", step.name)
    return f"{name}: {words.reason(step.reason)}"


@click.command("rejected")
@click.option("--days", type=click.IntRange(0, 3650), default=7, show_default=True, help="How many days back.")
@click.option("--source", help="Only this source.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def rejected(ctx: click.Context, days: int, source: str | None, as_json: bool) -> None:
    """List what names the province and was refused, newest first, with why.

    `diemtin add URL` keeps one after all.

    Example: diemtin rejected --days 2
    """
    from archive.refused import refused
    from archive.schema import open_archive
    from archive.search.filters import load_names

    home, now = open_home(ctx, reads=True), utc_now()
    db = open_archive(home.archive_db)
    try:
        names = dict(load_names(db).sources)
        rows = refused(home.pages_db, db, now - timedelta(days=days), now)
    finally:
        db.close()
    if source and source not in names:
        raise unknown_name("source", source, names)
    rows = [one for one in rows if source in (None, one.source)]
    if as_json:
        click.echo(json.dumps([_refused_row(one, names) for one in rows], ensure_ascii=False))
        return
    for one in rows:
        _print_refused(one, names)
    click.echo(current()("cli.rejected.total", n=len(rows), days=days))


def _refused_row(one: "Refused", names: dict[str, str]) -> dict[str, object]:
    return asdict(one) | {"outlet": names.get(one.source, one.source), "sentence": current().reason(one.reason)}


def _print_refused(one: "Refused", names: dict[str, str]) -> None:
    words = current()
    why = f"{words.named('outcome', one.outcome)}: {words.reason(one.reason)}"
    outlet = names.get(one.source, one.source)
    click.echo(
        f"{local_time(one.at)}  {outlet}  {one.title or words('rejected.untitled')}\n    {why}\n    {one.url}"
    )
