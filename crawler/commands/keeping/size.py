"""``diemtin size``: what the home takes, why, and what it will take; ``tidy``: the nightly round."""

import json
from typing import TYPE_CHECKING

import click

from archive.config import ConfigError
from archive.i18n import current
from crawler.cli import config_home, open_home, refuse_other

if TYPE_CHECKING:
    from archive.growth.forecast import Growth, HomeSize


@click.command("size")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Say what each database and each kind of thing in it takes, and what it will take in a year.

    Rates are those of the last 30 days; what is not known yet is said to be unknown.

    Example: diemtin size
    """
    from archive.clock import utc_now
    from archive.growth.forecast import home_size

    home = config_home(ctx)  # on a full disk, where no database can be opened, it is asked for most
    if not home.path.is_dir():
        raise ConfigError(current()("cli.home.none", path=home.path))
    refuse_other(home)
    size = home_size(home, utc_now())
    if as_json:
        click.echo(json.dumps(size.to_builtins()))
        return
    for part in size.parts:
        _tell(part)
    _tell_disk(size)


def amount(count: float) -> str:
    """``1,2 GB``: bytes as people read them, in powers of ten as disks are sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{current().number(round(count, 1) if abs(count) < 100 else round(count))} {unit}"


def _tell(part: "Growth") -> None:
    words = current()
    month = words("size.unknown") if part.month is None else f"{amount(part.month)}"
    year = words("size.unknown") if part.in_a_year is None else amount(part.in_a_year)
    name = words(f"size.file.{part.name}")
    click.echo(words("size.line", name=name, size=amount(part.bytes), month=month, year=year))
    for kind, size in sorted((part.kinds or {}).items(), key=lambda one: -one[1]):
        click.echo(f"    {amount(size):>9}  {words(f'size.kind.{kind}')}")
    if part.kinds is None and part.name != "other":
        click.echo(f"    {words('size.kinds_later')}")


def _tell_disk(size: "HomeSize") -> None:
    words = current()
    year = words("size.unknown") if size.a_day is None else amount(size.bytes + size.a_day * 365)
    click.echo(words("size.all", size=amount(size.bytes), year=year))
    full = words("size.unknown") if size.a_day is None else words("size.never")
    if size.full_in is not None:
        full = words("size.years", n=words.number(round(size.full_in / 365, 1)))
        full = words("size.days", n=words.number(round(size.full_in))) if size.full_in < 730 else full
    click.echo(words("size.disk", free=amount(size.free), of=amount(size.total), full=full))


@click.command("tidy")
@click.option("--due", is_flag=True, help="Only when last night's round was not made.")
@click.pass_context
def tidy(ctx: click.Context, due: bool) -> None:
    """Put away what is older than retention.yml says, and keep indexes in order, as `up` does each night.

    Crawls and readers go on meanwhile; it may be ended at any moment.

    Example: diemtin tidy
    """
    from archive.clock import utc_now
    from archive.growth.config import load_growth
    from archive.growth.tidy import is_due
    from archive.growth.tidy import tidy as tidy_home
    from archive.health.machine import clock

    home, now = open_home(ctx), utc_now()
    config = load_growth(home.config("retention.yml"))
    if due and not is_due(home, now):
        return
    if (doubt := clock(home, now)).level == "red":  # ages would be wrong; health says so
        if due:
            return
        click.echo(f"diemtin: {current().reason(doubt.reason)}", err=True)
        ctx.exit(1)
    with home.lock("tidy"):
        done = tidy_home(home, config, now)
    words = current()
    told = [words(f"tidy.{rule}", n=words.number(count)) for rule, count in done.rows.items() if count]
    if done.given_back:
        told.append(words("tidy.given_back", size=amount(done.given_back)))
    if told or not due:
        click.echo(words("tidy.done", what=", ".join(told) or words("tidy.nothing")))
