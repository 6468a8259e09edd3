"""``diemtin read``: what the archive would make of a page or text, without storing it."""

import gzip
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

    from crawler.preview import Reader

    if jsonl == bool(page):
        raise click.UsageError(current()("cli.usage.read"))
    reader = Reader(config_home(ctx))
    if jsonl:
        for answer in map(reader.read_line, _lines(sys.stdin.buffer)):
            sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        return
    answer = reader.read_page(str(page), *_fetch(reader, str(page), url))
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    if answer["outcome"] != "stored":
        outcome, why = current().named("outcome", answer["outcome"]), current().reason(answer["reason"])
        click.echo(f"diemtin: {outcome}: {why}", err=True)


def _lines(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    import msgspec

    for number, line in enumerate(stream, start=1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=dict[str, Any])
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise ConfigError(current()("cli.read.no_json", n=number, why=error)) from error


def _fetch(reader: Any, page: str, url: str | None) -> tuple[bytes, str, str]:
    """Body, address and content type of a file or an address."""
    if not page.startswith(("http://", "https://")):
        return read_file(Path(page)), url or Path(page).absolute().as_uri(), ""
    from crawler.spiders.visit import fetch

    reply = fetch(page, reader.sources.contact)
    if reply.problem:
        raise ConfigError(f"{page}: {current().reason(reply.problem)}")
    return reply.body, reply.url, reply.content_type


def read_file(path: Path) -> bytes:
    """The bytes of a page file, gunzipped where its name ends in .gz."""
    try:
        body = path.read_bytes()
        return gzip.decompress(body) if path.suffix == ".gz" else body
    except (OSError, EOFError) as error:
        raise ConfigError(current()("cli.read.unreadable", path=path, why=error)) from error
