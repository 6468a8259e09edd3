"""``diemtin rejected``: what was looked at and refused, and why."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from archive.clock import local_time, utc_now
from archive.config import unknown_name
from archive.i18n import current
from crawler.cli import open_home

if TYPE_CHECKING:
    from archive.refused import Refused


@click.command("rejected")
@click.option("--days", type=click.IntRange(0, 3650), default=7, show_default=True, help="How many days back.")
@click.option("--source", help="Only this source.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def command(ctx: click.Context, days: int, source: str | None, as_json: bool) -> None:
    """List what names the province and was refused, newest first, with why.

    `diemtin add URL` keeps one after all.

    Example: diemtin rejected --days 2
    """
    from archive.refused import refused
    from archive.schema import open_archive
    from archive.search.filters import load_names

    home, now = open_home(ctx), utc_now()
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
        click.echo(json.dumps([_row(one, names) for one in rows], ensure_ascii=False))
        return
    for one in rows:
        _print(one, names)
    click.echo(current()("cli.rejected.total", n=len(rows), days=days))


def _row(one: "Refused", names: dict[str, str]) -> dict[str, object]:
    return asdict(one) | {"outlet": names.get(one.source, one.source), "sentence": current().reason(one.reason)}


def _print(one: "Refused", names: dict[str, str]) -> None:
    words = current()
    why = f"{words.named('outcome', one.outcome)}: {words.reason(one.reason)}"
    outlet = names.get(one.source, one.source)
    click.echo(
        f"{local_time(one.at)}  {outlet}  {one.title or words('rejected.untitled')}\n    {why}\n    {one.url}"
    )
