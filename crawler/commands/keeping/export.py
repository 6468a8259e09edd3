"""``diemtin export``: take articles or raw pages away."""

import errno
import sys
from contextlib import ExitStack, closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.home import Home
from archive.i18n import current
from crawler.cli import on_terminal, open_home
from crawler.commands.options import Day, midnight

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.export.selection import Selection


@click.command("export")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv", "warc"]), required=True)
@click.option("--since", type=Day(), help="Only stories published since that day; of raw pages, fetched since.")
@click.option("--query", help="Only what this search finds.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write (else stdout).")
@click.pass_context
def command(ctx: click.Context, form: str, since: date | None, query: str | None, out: Path | None) -> None:
    """Take the archive away: articles as JSONL (`diemtin import` takes it back) or CSV, raw pages as WARC 1.1.

    Runs beside everything else, oldest first. A file has its name only once it is whole.

    Example: diemtin export --format jsonl --since 2026-11-01 --out november.jsonl
    """
    if form == "warc" and out is None and sys.stdout.isatty():
        raise click.UsageError(current()("cli.export.binary"))
    try:
        _export(open_home(ctx, reads=True), form, since, query, out)
    except OSError as error:
        if error.errno == errno.EPIPE and out is None:  # whoever read has enough
            raise
        why = error.strerror or str(error)
        click.echo(f"diemtin: {current()('cli.export.unwritable', path=out or 'stdout', why=why)}", err=True)
        ctx.exit(1)


def _export(home: Home, form: str, since: date | None, query: str | None, out: Path | None) -> None:
    from archive.export.target import writing_to
    from archive.schema import open_archive

    with ExitStack() as stack:
        db = open_archive(home.archive_db)
        stack.callback(db.close)
        db.execute("begin")  # all of it as it stands now, whatever is written beside
        selection = _selection(home, db, since, query)
        file = stack.enter_context(writing_to(out))
        count = _pages(home, db, selection, file) if form == "warc" else _texts(db, selection, form, file)
    if out is not None:
        what = "cli.export.pages" if form == "warc" else "cli.export.articles"
        click.echo(current()(what, n=current().number(count), path=out))


def _selection(home: Home, db: "Database", since: date | None, query: str | None) -> "Selection":
    from archive.export.selection import Selection
    from archive.places.gazetteer import load_places
    from archive.query import ReadAs, parse
    from archive.search.lexicon import load_lexicon
    from crawler.commands.search import marked_at_home

    if query is None:
        return Selection(since=midnight(since))
    places = load_places(home.config("places.yml"))
    asked = parse(query, places, ReadAs(load_lexicon(db, places)), desk=True)
    if asked.blank:
        raise click.UsageError(asked.problem if current().lang == "vi" else asked.problem_en)
    return Selection(asked, midnight(since), lambda mark: marked_at_home(home, mark))


def _texts(db: "Database", selection: "Selection", form: str, file: Any) -> int:
    from archive.export import texts

    count = 0
    articles = _counted(texts.kept_articles(db, selection), _total(db, selection))
    lines = texts.jsonl(articles) if form == "jsonl" else texts.csv(db, articles, current())
    for line in lines:
        file.write(line)
        count += 1
    return count - (form == "csv")


def _pages(home: Home, db: "Database", selection: "Selection", file: Any) -> int:
    from archive.clock import utc_now
    from archive.export.pages import addresses, write_pages
    from archive.pages import open_pages

    if not home.pages_db.exists():
        return 0
    with closing(open_pages(home.pages_db)) as pages:
        pages.execute("begin")
        urls = _counted(addresses(db, pages, selection), None)
        since = selection.since if selection.query is None else None
        return sum(write_pages(pages, urls, file, utc_now(), since))


def _total(db: "Database", selection: "Selection") -> int | None:
    return int(db.execute("select count(*) from articles").fetchone()[0]) if selection.is_all else None


def _counted(steps: Any, length: int | None) -> Any:
    """The steps, with a bar on a terminal."""
    with click.progressbar(
        steps, length=length, label="export", hidden=not on_terminal(), file=sys.stderr, show_pos=True
    ) as bar:
        yield from bar
