"""``diemtin search``: search the archive as its page does."""

import json
from datetime import datetime
from typing import Any

import click

from crawler.cli import open_home

TOLD = ("url", "title", "source", "published_at", "snippet")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command("search", context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1, required=True)
@click.option("--since", type=DAY, help="Only stories published since that day.")
@click.option("--source", help="Only this source.")
@click.option("--topic", help="Only this topic.")
@click.option("--limit", default=20, show_default=True, help="How many at most; 0: all.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    query: tuple[str, ...],
    since: datetime | None,
    source: str | None,
    topic: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Search as Vietnamese is typed: with marks exactly, without marks any marks.

    Example: diemtin search chuyen doi so -"xổ số" --since 2026-11-01
    """
    from archive.clock import HANOI
    from archive.places.gazetteer import load_places
    from archive.schema import open_archive
    from archive.search.results import search

    home = open_home(ctx)
    places = load_places(home.config("places.yml"))
    db = open_archive(home.archive_db)
    try:
        found = search(
            db.conn,
            " ".join(query),
            source=source,
            topic=topic,
            since=since.replace(tzinfo=HANOI) if since else None,
            limit=limit,
            places=places,
        )
    finally:
        db.close()
    _print(found, as_json)


def _print(found: Any, as_json: bool) -> None:
    results = [{key: getattr(hit, key) for key in TOLD} for hit in found.hits]
    if as_json:
        head = {
            "query": found.query,
            "understood": found.understood,
            "total": found.total,
            "capped": found.capped,
        }
        click.echo(json.dumps(head | {"results": results}, ensure_ascii=False))
        return
    for hit in results:
        click.echo(f"{(hit['published_at'] or '?')[:10]}  {hit['source']}  {hit['title']}\n    {hit['url']}")
    more = "hơn " if found.capped else ""
    click.echo(f"{more}{found.total} bài · {found.understood}")
