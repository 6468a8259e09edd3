"""The console command ``diemtin``: finds the command and the home, turns errors into one plain line."""

import gc
import importlib
import os
import sys
import time
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from archive.config import ConfigError, did_you_mean
from archive.home import Held, Home
from archive.i18n import LANGUAGES, Language, choose, current

COMMANDS = {
    "up": "up",
    "init": "init",
    "crawl": "crawl",
    "sources": "sources",
    "read": "read",
    "add": "add",
    "why": "why",
    "rejected": "why:rejected",
    "search": "search",
    "alerts": "alerts",
    "digest": "papers.digest",
    "report": "papers.report",
    "figures": "papers.figures",
    "evidence": "papers.evidence",
    "health": "health",
    "mcp": "papers.assistants",
    "reprocess": "reprocess",
    "index": "papers.index",
    "import": "import_",
    "backup": "keeping.backup",
    "restore": "keeping.restore",
    "export": "keeping.export",
    "size": "keeping.size",
    "tidy": "keeping.size:tidy",
    "users": "users",
    "serve": "up:serve",
    "schedule": "up:schedule",
    "worker": "worker",
    "keeper": "worker:keeper",
}
HIDDEN = {"keeper"}  # commands that others start
OBJECTS = 50_000  # made before cycles are looked for: a page and an import make many and leave few behind
LANGUAGE_VARIABLE = "DIEMTIN_LANG"  # how a command passes ``--lang`` on to the commands it starts


class Commands(click.Group):
    """Commands by name, each imported only when it is called; failures are one line on stderr."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if name not in HIDDEN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(
            importlib.import_module(f"crawler.commands.{module}"), name or "command"
        )
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            unknown = current()("cli.unknown.command", name=args[0])
            raise ConfigError(unknown + did_you_mean(args[0], COMMANDS))
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)  # parsing takes them away
        if odd := next((one for one in given if one != one.encode(errors="replace").decode()), None):
            _refuse(current()("cli.usage.bytes", text=odd.encode(errors="replace").decode()), 2)
        try:
            return super().parse_args(ctx, args)
        except NoArgsIsHelpError:
            raise
        except click.UsageError as error:  # before --lang was looked at
            choose(next((lang for lang in LANGUAGES for at in pairwise(given) if at == ("--lang", lang)), None))
            _refuse(usage_message(error), 2)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            _refuse(usage_message(error), 2)
        except ConfigError as error:
            _refuse(str(error), 2)
        except Held as error:
            _refuse(str(error), 1)
        except Exception as error:
            if why := _fault(error):
                _refuse(why, 1)
            raise


def _fault(error: Exception) -> str:
    """What is wrong with a file, in a sentence; '' for an error that is the program's own."""
    from archive.databases.faults import fault_of

    why = fault_of(error) or fault_of(error.__cause__ or error)
    return current().reason(why) if why else ""


def _refuse(message: str, code: int) -> NoReturn:
    click.echo(f"diemtin: {message}", err=True)
    sys.exit(code)


def usage_message(error: click.UsageError) -> str:
    """What is wrong with the words of a command, in the language of this run."""
    words, command = current(), error.ctx.command_path if error.ctx else "diemtin"
    if isinstance(error, click.NoSuchOption):
        message = words("cli.usage.option", name=error.option_name)
        message += did_you_mean(error.option_name, error.possibilities or [])
    elif isinstance(error, click.MissingParameter):
        name = error.param.get_error_hint(error.ctx) if error.param and error.ctx else error.param_hint
        message = words("cli.usage.missing", name=name)
    elif isinstance(error, click.BadParameter) and error.param:
        name = "/".join(error.param.opts)
        if isinstance(error.param.type, click.Choice):
            message = words("cli.usage.choice", name=name, choices=", ".join(error.param.type.choices))
        else:
            number = error.param.type.name in ("integer", "float")
            message = words("cli.usage.number" if number else "cli.usage.value", name=name)
    else:
        message = error.message
    return message + words("cli.see_help", command=command)


def _speak(lang: Language | None) -> None:
    choose(lang)
    if lang:
        os.environ[LANGUAGE_VARIABLE] = lang


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", metavar="DIR", help="Data and config folder (else DIEMTIN_HOME, else the platform's).")
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    envvar=LANGUAGE_VARIABLE,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, param, lang: _speak(lang),
    help="Language of what is said (else LC_ALL or LANG: vi, otherwise en).",
)
@click.version_option(package_name="diemtin")
@click.pass_context
def main(ctx: click.Context, home: str | None) -> None:
    """Điểm Tin: watches the press for Thái Nguyên's industry and digital transformation.

    Example: diemtin up --sample
    """
    gc.set_threshold(OBJECTS)
    os.umask(0o077)  # what this and its children make is its owner's alone
    _mend_zone()
    ctx.obj = home


def _mend_zone() -> None:
    """Let an impossible ``TZ`` be UTC: no time of ours depends on it, but libraries raise errors for it."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if not named:
        return
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(named)
    except (ValueError, OSError, LookupError):  # UTC+7 of POSIX too, which says the opposite of what one means
        os.environ["TZ"] = "UTC"
        time.tzset()


def open_home(ctx: click.Context, *, make: bool = False, reads: bool = False) -> Home:
    """The home that ``--home`` or the environment names, with an archive.

    One that is not there is made only by commands that fill it (``make``), and never without saying so: a
    mistyped name is no archive. Commands that only ``reads`` begin none in a folder either. Raises ConfigError.
    """
    home, named = Home.named(ctx.obj), _is_named(ctx)
    there = home.path.is_dir()
    if not there and not (make and (home.path.parent.is_dir() or not named)):
        raise _missing(home) if named else ConfigError(current()("cli.home.none", path=home.path))
    begun = home.archive_db.exists()
    if reads:
        refuse_other(home)
    home = Home.at(ctx.obj)
    check_files(home)
    if not begun:
        click.echo(current()("cli.home.archive" if there else "cli.home.made", path=home.path), err=True)
    return home


def refuse_other(home: Home) -> None:
    """Raise ConfigError for a folder that is no home; one that lost its archive.db alone is mended."""
    if home.archive_db.exists() or home.pages_db.exists():
        return
    copies = (home.path / "raw-pages").is_dir() or any(home.path.glob("*Z*/manifest.json"))
    raise ConfigError(current()("cli.home.copies" if copies else "cli.home.empty", path=home.path))


def check_files(home: Home) -> None:
    """Raise DatabaseFault where a database of the home cannot be used; seen before anything is written."""
    from archive.databases import check

    check.check_files(home.path)


def check_whole(home: Home) -> None:
    """The same of every page of the databases; for commands that run for days. Health says so from then on."""
    from archive.databases import check
    from archive.databases.faults import DatabaseFault
    from archive.schema import prepare

    try:
        check.check_whole(home.path, prepare)
    except DatabaseFault as fault:
        check.note_fault(home.path, fault.reason)
        raise
    check.clear_fault(home.path, whole=True)


def config_home(ctx: click.Context, *, needed: bool = True) -> Home:
    """The home for commands that read its config alone; where none is named and there is none, the defaults.

    Where it is not ``needed``, a home that is named and not there yet has the shipped config, which is said; a
    name in a folder that is not there is an error all the same.
    """
    home = Home.named(ctx.obj)
    if not home.path.is_dir() and _is_named(ctx):
        if needed or not home.path.parent.is_dir():
            raise _missing(home)
        click.echo(current()("cli.home.shipped", path=home.path), err=True)
    return home


def _is_named(ctx: click.Context) -> bool:
    return bool(ctx.obj or os.environ.get("DIEMTIN_HOME"))


def _missing(home: Home) -> ConfigError:
    parent = home.path.parent
    beside = [str(path) for path in parent.iterdir() if path.is_dir()] if parent.is_dir() else []
    near = get_close_matches(str(home.path), beside, 1, 0.8)
    hint = current()("cli.did_you_mean", name=near[0]) if near else ""
    return ConfigError(current()("cli.home.missing", path=home.path) + hint)


def on_terminal() -> bool:
    """Whether progress may be drawn."""
    return sys.stderr.isatty()
