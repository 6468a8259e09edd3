"""``diemtin search``: search the archive as its page does."""

import json
from datetime import date
from typing import Any

import click

from archive.clock import local_time
from archive.config import unknown_name
from archive.home import Home
from archive.i18n import current
from crawler.cli import open_home
from crawler.commands.options import Day, midnight

SHOWN = ("url", "title", "source", "published_at", "snippet")


@click.command("search", context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1, required=True)
@click.option("--since", type=Day(), help="Only stories published since that day.")
@click.option("--source", help="Only this source.")
@click.option("--topic", help="Only this topic.")
@click.option(
    "--level",
    type=click.Choice(["about", "mention"]),
    help="Only what is about the province, or only mentions it.",
)
@click.option("--limit", default=20, show_default=True, help="How many at most; 0: all.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    query: tuple[str, ...],
    since: date | None,
    source: str | None,
    topic: str | None,
    level: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Search as Vietnamese is typed: with marks exactly, without marks any marks.

    Example: diemtin search chuyen doi so -"xổ số" --since 2026-11-01
    """
    from archive.places.gazetteer import load_places
    from archive.schema import open_archive
    from archive.search.filters import load_names
    from archive.search.lexicon import load_lexicon
    from archive.search.results import search

    _refuse_options(ctx, query)
    home = open_home(ctx, reads=True)
    places = load_places(home.config("places.yml"))
    db = open_archive(home.archive_db)
    try:
        _check_names(load_names(db), home, source, topic)
        results = search(
            db,
            " ".join(query),
            source=source,
            topic=topic,
            level=level,
            since=midnight(since),
            limit=limit,
            places=places,
            lexicon=load_lexicon(db, places),
            marked=lambda mark: marked_at_home(home, mark),
        )
    finally:
        db.close()
    _print(results, as_json)


def marked_at_home(home: Home, mark: str) -> list[int]:
    """The articles with a mark at the desk of this home."""
    from archive.db import reading
    from archive.desk.choices import marked

    if not home.desk_db.exists():
        return []
    with reading(home.desk_db) as desk:
        return marked(desk, mark)


def _refuse_options(ctx: click.Context, query: tuple[str, ...]) -> None:
    """A word of the query that looks like an option is a mistyped one; ``-word`` excludes the word."""
    for word in query:
        if word.startswith("--") and len(word) > 2:
            known = [name for param in ctx.command.params for name in param.opts if name.startswith("--")]
            raise click.NoSuchOption(word.partition("=")[0], possibilities=known, ctx=ctx)


def _check_names(names: Any, home: Home, source: str | None, topic: str | None) -> None:
    """That there are a source and a topic of these names, in the archive or in the config."""
    if source and source not in names.sources:
        from crawler.sources import home_sources

        home_sources(home).named([source])
    if topic and topic not in names.topics:
        from archive.config import load_yaml

        topics = {*names.topics, *load_yaml(home.config("topics.yml")).get("topics", {})}
        if topic not in topics:
            raise unknown_name("topic", topic, topics)


def counted(results: Any) -> str:
    """How many articles: «hơn 1.000 bài»."""
    words = current()
    what = words("count.articles.one" if results.total == 1 else "count.articles", n=results.total)
    return words("count.more_than", what=what) if results.capped else what


def understood(results: Any) -> str:
    """How the query was understood."""
    return str(results.understood if current().lang == "vi" else results.understood_en)


def published(at: str | None) -> str:
    """When an article was published, in Hà Nội; ``?`` where that is not known."""
    return local_time(at) if at else f"{'?':16}"


def _print(results: Any, as_json: bool) -> None:
    hits = [{key: getattr(hit, key) for key in SHOWN} for hit in results.hits]
    if as_json:
        head = {
            "query": results.query,
            "understood": results.understood,
            "total": results.total,
            "capped": results.capped,
        }
        click.echo(json.dumps(head | {"results": hits}, ensure_ascii=False))
        return
    for hit in hits:
        click.echo(f"{published(hit['published_at'])}  {hit['source']}  {hit['title']}\n    {hit['url']}")
    click.echo(f"{counted(results)} · {understood(results)}")
