"""``diemtin add``: keep one article by its address."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from archive.i18n import current
from crawler.cli import open_home

if TYPE_CHECKING:
    from crawler.asked.keep import Kept


@click.command("add")
@click.argument("url", required=False)
@click.option("--queued", is_flag=True, help="Read what was asked for on the page Đã loại, as `up` does.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def command(ctx: click.Context, url: str | None, queued: bool, as_json: bool) -> None:
    """Read one address now and keep it, whatever it is about; also of an outlet that is no source.

    robots.txt decides whether it is read. Ends with 1 where nothing can be kept, and says why.

    Example: diemtin add https://baotintuc.vn/kinh-te/bai-20260307075519174.htm
    """
    from crawler.asked.keep import keep_address, keep_queued
    from crawler.workspace import open_workspace

    if bool(url) == queued:
        raise click.UsageError(current()("cli.usage.add"))
    with open_workspace(open_home(ctx, make=True)) as workspace:
        kept = [keep_address(workspace, url)] if url else keep_queued(workspace)
    for one in kept:
        if as_json:
            click.echo(json.dumps(asdict(one) | {"sentence": current().reason(one.reason)}, ensure_ascii=False))
        else:
            _print(one)
    if any(one.lost for one in kept):
        ctx.exit(1)


def _print(one: "Kept") -> None:
    words = current()
    if one.lost:
        outcome = words.named("outcome", one.outcome or "")
        click.echo(f"diemtin: {one.url}: {outcome}: {words.reason(one.reason)}", err=True)
    elif one.unread:
        click.echo(words("cli.add.headline", title=one.title, id=one.article_id, why=words.reason(one.reason)))
    elif one.article_id is None:
        click.echo(words.reason(one.reason))
    elif one.outcome is None:
        click.echo(words("cli.add.before", title=one.title, id=one.article_id, why=words.reason(one.reason)))
    else:
        click.echo(words("cli.add.kept", title=one.title, id=one.article_id))
