"""``diemtin index``: what the search index takes, whether the pair index pays, and making it."""

import json
from typing import TYPE_CHECKING

import click

from archive.i18n import current
from crawler.cli import on_terminal, open_home

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.search.pairs import PairIndex

LONGEST = 600.0  # seconds that ``--due`` works; the next time it goes on


@click.command("index")
@click.option("--pairs", type=click.Choice(["on", "off", "auto"]), help="Make the pair index, or take it away.")
@click.option("--rebuild", is_flag=True, help="Fill the search index, and learn words, anew from the articles.")
@click.option("--due", is_flag=True, help="Make what is due, without a word where nothing is; for schedulers.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def command(ctx: click.Context, pairs: str | None, rebuild: bool, due: bool, as_json: bool) -> None:
    """Tell what the index of pairs takes and whether it pays, or make it.

    Beside the words the archive can keep which syllables stand side by side: rare phrases of common
    syllables are then found at once. It is made by itself in large archives (pairs_from in search.yml).

    Example: diemtin index --pairs on
    """
    from archive.schema import open_archive
    from archive.search.pairs import choose, load_least, state

    home = open_home(ctx)
    least = load_least(home.config("search.yml"))
    db = open_archive(home.archive_db)
    try:
        if due or rebuild:
            _learn(db, anew=rebuild)
        if pairs:
            choose(db, "on" if pairs == "on" else "off" if pairs == "off" else "auto")
        if rebuild:
            _rebuild(db)
        if (pairs or due) and not _keep(db, least, LONGEST if due else float("inf")) and due:
            return
        (_print_json if as_json else _print)(state(db), least)
    finally:
        db.close()


def _rebuild(db: "Database") -> None:
    from archive.search.results import reindex

    click.echo(current()("cli.index.rebuilt", n=current().number(reindex(db))))


def _learn(db: "Database", *, anew: bool) -> None:
    """Learn words of the language from the newest articles, once a day."""
    from archive.clock import utc_now
    from archive.search.lexicon import outdated, relearn

    if anew or outdated(db, utc_now()):
        count = relearn(db, utc_now())
        if anew:
            click.echo(current()("cli.index.learned", n=current().number(count)))


def _keep(db: "Database", least: int, seconds: float) -> bool:
    """Make the pair index or take it away, where that is due; whether it was."""
    from time import monotonic

    from archive.search.pairs import build, drop, due, state

    wanted, began = due(db, least), monotonic()
    if wanted is None:
        return False
    if not wanted:
        drop(db)
        return True
    left = state(db)
    with click.progressbar(
        length=left.articles - left.held, label=current()("cli.index.making"), hidden=not on_terminal()
    ) as bar:
        for count in build(db):
            bar.update(count)
            if monotonic() - began > seconds:
                break
    return True


def _print(pairs: "PairIndex", least: int) -> None:
    words = current()
    number = words.number
    if not pairs.there:
        click.echo(words("cli.index.none", n=number(pairs.articles)))
    else:
        key = "whole" if pairs.whole else "part"
        size = number(round(pairs.size / 1e6))
        click.echo(words(f"cli.index.{key}", n=number(pairs.held), of=number(pairs.articles), mb=size))
    click.echo(words(f"cli.index.{pairs.wanted}", n=number(least)))
    if not pairs.there and pairs.wanted == "off":
        click.echo(words("cli.index.would" if pairs.articles >= least else "cli.index.small", n=number(least)))


def _print_json(pairs: "PairIndex", least: int) -> None:
    known = {"wanted": pairs.wanted, "there": pairs.there, "whole": pairs.whole, "articles": pairs.held}
    told = {"articles": pairs.articles, "pairs": known | {"bytes": pairs.size, "from": least}}
    click.echo(json.dumps(told | {"pays": pairs.articles >= least}))
