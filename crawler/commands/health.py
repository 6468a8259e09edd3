"""``diemtin health``: each source's last run, its yield, what its lists cover and what is wrong."""

import json

import click

from archive.i18n import current
from crawler.cli import open_home

MARKS = {"green": "  ", "grey": "··", "amber": "! ", "red": "!!"}


@click.command("health")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Say how each source is doing; exit 1 when one is red.

    Example: diemtin health
    """
    from archive.clock import local_time, utc_now
    from archive.health import report
    from archive.health.coverage import in_words
    from archive.schema import open_archive
    from crawler.state.run_log import summary

    db = open_archive(open_home(ctx).archive_db)
    try:
        sources = report(db, utc_now())
    finally:
        db.close()
    if as_json:
        click.echo(json.dumps([health.to_builtins(current()) for health in sources], ensure_ascii=False))
    elif not sources:
        click.echo(current()("cli.health.none"))
    else:
        for health in sources:
            last = (
                f" [{local_time(health.last_run_at)}; {summary(health.outcomes)}]" if health.last_run_at else ""
            )
            click.echo(f"{MARKS[health.level]} {health.key}: {current().reason(health.reason)}{last}")
            if health.coverage:
                counts, missed = in_words(health.coverage, current())
                click.echo(f"     {current()('sources.coverage')}: {', '.join([*counts, missed])}")
    if any(health.level == "red" for health in sources):
        ctx.exit(1)
