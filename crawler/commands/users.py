"""``diemtin users``: accounts; passwords from a prompt or stdin, never arguments."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from archive.clock import local_time, utc_now
from archive.config import ConfigError
from archive.i18n import current
from crawler.cli import open_home

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.desk.accounts import Account

ROLES = ("reader", "editor", "admin")
_THIS_MACHINE = ""  # who changes accounts here, in the log


@click.group("users")
def command() -> None:
    """Accounts: who may read, edit or administer. As soon as there is one, everyone has to log in.

    Example: diemtin users add "Nguyễn Lan" --role editor --email lan@so.example
    """


@command.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), help="The first account is an admin, others readers.")
@click.option("--email", default="", help="Where to write that an edition waits.")
@click.pass_context
def add(ctx: click.Context, name: str, role: str | None, email: str) -> None:
    """Add an account; the password is asked for, or is the first line of stdin.

    Example: diemtin users add lan --role editor
    """
    from archive.desk import accounts

    words = current()
    with _desk(ctx, make=True) as desk:
        first = not accounts.exist(desk)
        user = accounts.add(
            desk,
            name,
            accounts.as_role(role or ("admin" if first else "reader")),
            _password(),
            email=email,
            by=_THIS_MACHINE,
            now=utc_now(),
        )
    click.echo(words("cli.users.added", name=user.name, role=words(f"role.{user.role}")))
    if first:
        click.echo(words("cli.users.first"))


@command.command("passwd")
@click.argument("name")
@click.pass_context
def passwd(ctx: click.Context, name: str) -> None:
    """Set another password; all sessions of the account end.

    Example: diemtin users passwd lan
    """
    from archive.desk import accounts

    with _desk(ctx) as desk:
        known = accounts.existing(desk, name)
        user = accounts.set_password(desk, known.name, _password(), by=_THIS_MACHINE, now=utc_now())
    click.echo(current()("cli.users.password", name=user.name))


@command.command("change")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), help="Another role, at once.")
@click.option("--email", help="Another e-mail address; '' for none.")
@click.pass_context
def change(ctx: click.Context, name: str, role: str | None, email: str | None) -> None:
    """Give an account another role or e-mail address.

    Example: diemtin users change lan --role admin
    """
    from archive.desk import accounts

    with _desk(ctx) as desk:
        new = accounts.as_role(role) if role else None
        user = accounts.change(desk, name, role=new, email=email, by=_THIS_MACHINE, now=utc_now())
    words = current()
    click.echo(words("cli.users.is", name=user.name, role=words(f"role.{user.role}"), email=user.email or "–"))


@command.command("remove")
@click.argument("name")
@click.pass_context
def remove(ctx: click.Context, name: str) -> None:
    """Take an account away and end its sessions; what the person did stays.

    Example: diemtin users remove lan
    """
    from archive.desk import accounts

    with _desk(ctx) as desk:
        user = accounts.existing(desk, name)
        accounts.remove(desk, user.name, by=_THIS_MACHINE, now=utc_now())
        last = not accounts.exist(desk)
    click.echo(current()("cli.users.removed", name=user.name))
    if last:
        click.echo(current()("cli.users.last"))


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the accounts with their role and last sign of life; never passwords.

    Example: diemtin users list
    """
    from archive.desk import accounts

    with _desk(ctx) as desk:
        rows = [_row(account) for account in accounts.accounts(desk, utc_now())]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    elif rows:
        from tabulate import tabulate

        words = current()
        click.echo(
            tabulate([{words.named("column", k): v for k, v in row.items()} for row in rows], headers="keys")
        )
    else:
        click.echo(current()("cli.users.none"))


def _row(account: "Account") -> dict[str, object]:
    user = account.user
    return {
        "name": user.name,
        "role": user.role,
        "email": user.email,
        "sessions": account.sessions,
        "last_seen": local_time(account.seen_at) if account.seen_at else "",
    }


@contextmanager
def _desk(ctx: click.Context, *, make: bool = False) -> Iterator["Database"]:
    """desk.db of the home; what accounts refuse is one line."""
    from archive.desk.accounts import AccountError
    from archive.desk.db import open_desk
    from archive.schema import open_archive

    home = open_home(ctx, make=make)
    if not home.archive_db.exists():
        open_archive(home.archive_db).close()
    with closing(open_desk(home.desk_db)) as desk:
        try:
            yield desk
        except AccountError as error:
            raise ConfigError(current().reason(error.reason)) from error


def _password() -> str:
    """The password typed twice, or the first line of stdin; all on the machine could see an argument."""
    if sys.stdin.isatty():
        words = current()
        typed: str = click.prompt(
            words("login.password.own"), hide_input=True, confirmation_prompt=words("cli.users.again"), err=True
        )
        return typed
    try:
        return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ConfigError(current()("cli.users.not_utf8")) from error
