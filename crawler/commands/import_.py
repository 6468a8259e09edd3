"""``diemtin import``: bring in texts or pages that others saved."""

from pathlib import Path

import click

from archive.i18n import current
from crawler.cli import on_terminal, open_home

MOST_FAULTS = 20  # of a file are told


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--keep", type=click.Choice(["all", "relevant"]), default="all", show_default=True)
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], keep: str) -> None:
    """Bring in JSONL files of texts (url, source, title, lead, body, authors, published) or pages (url, html).

    Files may be compressed (gzip, xz, bzip2), or one JSON array, and have the field names of trafilatura,
    newspaper or news-please. A line that cannot be read is told with its number, the others go on, and the
    command ends with 1. Bringing a file in again stores nothing twice.

    Example: diemtin import texts.jsonl.xz
    """
    from crawler.importer import import_file
    from crawler.state.run_log import summary
    from crawler.workspace import open_workspace

    faults = 0
    with open_workspace(open_home(ctx, make=True)) as workspace:
        for file in files:
            done = import_file(
                workspace,
                file,
                keep="all" if keep == "all" else "relevant",
                progress=on_terminal(),
                warn=_Warnings(),
            )
            faults += done.faults
            told = f", {current()('import.faults', n=done.faults)}" if done.faults else ""
            click.echo(f"{file}: {summary(done.outcomes)}{told}")
    if faults:
        ctx.exit(1)


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
