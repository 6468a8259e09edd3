"""``diemtin read``: what the archive would make of a page or text, without storing it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from archive.config import ConfigError
from archive.i18n import current
from crawler.cli import config_home


@click.command("read")
@click.argument("page", required=False, metavar="PATH|URL")
@click.option("--url", help="The address the page was saved from.")
@click.option("--jsonl", is_flag=True, help="Read one JSON object a line on stdin, answer one a line.")
@click.pass_context
def command(ctx: click.Context, page: str | None, url: str | None, jsonl: bool) -> None:
    """Read a saved page, an address, or lines of JSON, and print what the archive would make of it.

    Example: diemtin read saved.html --url https://baotintuc.vn/kinh-te/bai-20260307075519174.htm
    """
    import msgspec

    from crawler.preview import Preview

    if jsonl == bool(page):
        raise click.UsageError(current()("cli.usage.read"))
    preview = Preview(config_home(ctx, needed=False))
    if jsonl:
        for answer in map(preview.read_line, _lines(sys.stdin.buffer)):
            sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        return
    answer = preview.read_page(str(page), *_fetch(preview, str(page), url))
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    if answer["outcome"] != "stored":
        click.echo(f"diemtin: {current().named('outcome', answer['outcome'])}: {answer['reason']}", err=True)


def _lines(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    import msgspec

    for number, line in enumerate(stream, start=1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=dict[str, Any])
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise ConfigError(current()("cli.read.no_json", n=number, why=error)) from error


def _fetch(preview: Any, page: str, url: str | None) -> tuple[bytes, str, str]:
    """Body, address and content type of a file or an address."""
    if not page.startswith(("http://", "https://")):
        from crawler.preview import read_file

        return read_file(Path(page)), url or Path(page).absolute().as_uri(), ""
    from crawler.spiders.visit import fetch

    reply = fetch(page, preview.sources.contact)
    if reply.problem:
        raise ConfigError(f"{page}: {current().reason(reply.problem)}")
    return reply.body, reply.url, reply.content_type
