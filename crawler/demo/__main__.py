"""Serve the sample press until Ctrl-C: ``python -m crawler.demo``."""

import signal
import sys
import threading

import click

from archive.clock import utc_now
from archive.i18n import current
from crawler.cli import usage_message
from crawler.demo.press import DemoPress

NAME = "python -m crawler.demo"


@click.command("demo", context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Serve the outlets of the sample press at this machine until Ctrl-C, and print the address of each.

    They are what `diemtin up --sample` crawls: to try a rule, an outlet's block or another program on.

    Example: python -m crawler.demo
    """
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    with DemoPress(utc_now()) as press:
        for key, source in press.sources().items():
            click.echo(f"{key:15} {source['home']}  {source['name']}")
        if sys.stderr.isatty():
            click.echo(current()("cli.demo.ends"), err=True)
        stopped.wait()


def run() -> int:
    """The command with what is wrong with its words in one line, as ``diemtin`` says it."""
    try:
        ended: int | None = main.main(prog_name=NAME, standalone_mode=False)
    except click.UsageError as error:
        click.echo(f"{NAME}: {usage_message(error)}", err=True)
        return 2
    return ended or 0


if __name__ == "__main__":
    raise SystemExit(run())
