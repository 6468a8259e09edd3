"""``diemtin import``: bring in texts or pages that others saved."""

from pathlib import Path

import click

from crawler.cli import on_terminal, open_home


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--keep", type=click.Choice(["all", "relevant"]), default="all", show_default=True)
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], keep: str) -> None:
    """Bring in JSONL files of texts (url, source, title, lead, body, authors, published) or pages (url, html).

    Files may be compressed (.gz, .xz). Bringing a file in again stores nothing twice.

    Example: diemtin import texts.jsonl.xz
    """
    from crawler.importer import import_file
    from crawler.state.run_log import summary
    from crawler.workspace import open_workspace

    with open_workspace(open_home(ctx, make=True)) as workspace:
        for file in files:
            outcomes = import_file(
                workspace, file, keep="all" if keep == "all" else "relevant", progress=on_terminal()
            )
            click.echo(f"{file}: {summary(outcomes)}")
