"""``diemtin import``: bring in texts or pages that others saved."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.i18n import current
from crawler.cli import on_terminal, open_home
from crawler.commands.options import cluster_option, reading_there

if TYPE_CHECKING:
    from crawler.bulk import BulkReading
    from crawler.importing.texts import Imported
    from crawler.workspace import Workspace

MOST_FAULTS = 20  # of a file are told


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--keep", type=click.Choice(["all", "relevant"]), default="all", show_default=True)
@cluster_option
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], keep: str, cluster: str | None) -> None:
    """Bring in JSONL files of texts (url, source, title, lead, body, authors, published) or pages (url, html),
    WARC files of pages, and what `diemtin export` wrote.

    JSONL may be compressed (gzip, xz, bzip2), or one JSON array, and have the field names of trafilatura,
    newspaper or news-please. Of a WARC each page is seen at its WARC-Date. What cannot be read is told with
    its line or address, the others go on, and the command ends with 1. Bringing a file in again stores
    nothing twice.

    Example: diemtin import texts.jsonl.xz crawl.warc.gz
    """
    from crawler.state.run_log import summary
    from crawler.workspace import open_workspace

    faults = 0
    with (
        open_workspace(open_home(ctx, make=True)) as workspace,
        reading_there(workspace, cluster) as reading,
    ):
        for file in files:
            done = _import(workspace, file, keep, reading)
            faults += done.faults
            told = [summary(done.outcomes)]
            told += [current()("import.faults", n=done.faults)] if done.faults else []
            told += [current()("import.others", n=done.others)] if done.others else []
            click.echo(f"{file}: {', '.join(told)}")
    if faults:
        ctx.exit(1)


def _import(workspace: "Workspace", file: Path, keep: Any, reading: "BulkReading | None") -> "Imported":
    from crawler.importing.records import is_warc
    from crawler.importing.texts import import_file

    try:
        warc = is_warc(file)
    except OSError:
        warc = False  # told where it is read
    if warc:
        from crawler.importing.captures import import_warc

        return import_warc(
            workspace, file, keep=keep, progress=on_terminal(), warn=_Warnings(), reading=reading
        )
    return import_file(workspace, file, keep=keep, progress=on_terminal(), warn=_Warnings(), reading=reading)


class _Warnings:
    """Tells the first faults of a file on standard error; a file of another kind has one in each line."""

    def __init__(self) -> None:
        self.told = 0

    def __call__(self, fault: str) -> None:
        self.told += 1
        if self.told <= MOST_FAULTS:
            click.echo(f"diemtin: {fault}", err=True)
        elif self.told == MOST_FAULTS + 1:
            click.echo(f"diemtin: {current()('import.faults.more')}", err=True)
