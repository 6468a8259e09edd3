"""``diemtin figures``: what was reported and promised of an indicator, and where outlets differ."""

import json
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import click

from archive.config import unknown_name
from archive.i18n import current
from crawler.cli import open_home
from crawler.commands.options import Day

if TYPE_CHECKING:
    from archive.figures.asked import AskedLedger
    from archive.figures.indicators import Indicators
    from archive.figures.ledger import LedgerPoint
    from archive.home import Home


@click.command("figures")
@click.argument("key", required=False)
@click.option("--place", default="", help="Only figures of this place, company or unit.")
@click.option("--since", type=Day(), help="Only what was published since that day.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print as CSV.")
@click.pass_context
def command(
    ctx: click.Context, key: str | None, place: str, since: date | None, as_json: bool, as_csv: bool
) -> None:
    """Show the ledger of the indicator KEY; without one, the indicators that have figures.

    Example: diemtin figures digital_enterprises --place "Thái Nguyên" --since 2021-01-01
    """
    from archive.figures.indicators import load_indicators

    if as_json and as_csv:
        raise click.UsageError(current()("cli.figures.forms"))
    if not key and (place or since or as_json or as_csv):
        raise click.UsageError(current()("cli.figures.key"))
    home = open_home(ctx, reads=True)
    indicators = load_indicators(home.config("indicators.yml"))
    if key and key not in indicators.known:
        raise unknown_name("indicator", key, indicators.known)
    if not key:
        _list(home, indicators)
        return
    asked = _asked(home, indicators, key, place, since)
    if as_csv:
        click.echo(asked.to_csv(), nl=False)
    elif as_json:
        click.echo(json.dumps(asked.to_dict(), ensure_ascii=False))
    else:
        click.echo(asked.to_text())


def _list(home: "Home", indicators: "Indicators") -> None:
    from archive.figures.ledger import by_key, is_own, last_reported, load_points
    from archive.places.gazetteer import load_places
    from archive.schema import open_archive

    own = load_places(home.config("places.yml")).home
    with closing(open_archive(home.archive_db)) as db:
        keys = by_key(load_points(db))
    for key, one in indicators.known.items():
        if key in keys:
            last = last_reported(point for point in keys[key] if is_own(point, own))
            click.echo(f"{key:24} {current().either(one.name, one.en)}: {_last(last)} ({len(keys[key])})")
    if not keys:
        click.echo(current()("ledger.none"))


def _last(point: "LedgerPoint | None") -> str:
    from archive.figures.asked import in_short

    return in_short(point, current()) if point else current()("ledger.unreported")


def _asked(home: "Home", indicators: "Indicators", key: str, place: str, since: date | None) -> "AskedLedger":
    from archive.clock import utc_now
    from archive.digests.config import house_of
    from archive.figures.asked import AskedLedger
    from archive.figures.ledger import load_points, narrowed, of_holder
    from archive.figures.revised import load_revisions
    from archive.schema import open_archive

    with closing(open_archive(home.archive_db)) as db:
        points = load_points(db, key)
        points = of_holder(points, place) if place else points
        shown = narrowed(points, since=since)[::-1]
        revisions = load_revisions(db, shown)
    url, _ = house_of(home.config("alerts.yml"))
    return AskedLedger(key, indicators, shown, points, revisions, url, utc_now(), current())
