"""``diemtin why``: why an address is not in the archive, step by step."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from archive.i18n import Words, current
from crawler.cli import open_home

if TYPE_CHECKING:
    from archive.refused import Explanation, Step

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

    with open_workspace(open_home(ctx)) as workspace:
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
