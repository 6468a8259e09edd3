"""Keeper and workers on this one machine, on the sample press: ``python -m crawler.demo.cluster``.

The broker and the workers are processes of their own, with their files in a folder that is thrown away; here
runs what ``diemtin up --sample --cluster`` runs. Killed with -9, it takes them along.
"""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import IO

import click

from archive.config import ConfigError
from archive.i18n import current
from archive.workers import end_with, own_module
from crawler.cli import usage_message
from crawler.cluster.broker import PASSWORD, Broker, BrokerAway, BrokerFault, library
from crawler.demo.run import demo_supervisor
from crawler.service.server import HOST, take_port

NAME = "python -m crawler.demo.cluster"
SERVERS = ("redis-server", "valkey-server")
WORKERS = 2
STARTS = 20.0  # seconds in which a broker must answer
ENDS = 20.0  # seconds in which a process must end
INTERRUPTS = (signal.SIGINT, signal.SIGTERM)
Process = subprocess.Popen[str]


@click.command("cluster", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", default=8001, show_default=True, help="Port of the archive's pages.")
def main(port: int) -> None:
    """Crawl the sample press with two workers at a redis-server of their own, until Ctrl-C.

    Nothing is left of it. Needs the extra `cluster`, and redis-server or valkey-server.

    Example: python -m crawler.demo.cluster --port 8001
    """
    library()
    program = next(filter(None, map(shutil.which, SERVERS)), None)
    if program is None:
        raise ConfigError(current()("demo.no_broker", names=" / ".join(SERVERS)))
    with (
        take_port(HOST, port) as taken,
        tempfile.TemporaryDirectory(prefix="diemtin-cluster-") as folder,
        running_broker(program, Path(folder)) as url,
        running_workers(url, folder) as workers,
        demo_supervisor(taken, click.echo) as supervisor,
    ):
        try:
            replace(supervisor, cluster=url, ending=partial(asyncio.to_thread, end_all, workers)).run()
        finally:
            for name in INTERRUPTS:
                signal.signal(name, signal.SIG_IGN)  # what is left is to clear away


@contextmanager
def running_broker(program: str, folder: Path) -> Iterator[str]:
    """The address of a broker with its files in ``folder``; its password is in the environment of us all."""
    os.environ[PASSWORD] = secrets.token_urlsafe(24)
    port = _free_port()
    config = folder / "redis.conf"
    config.write_text(
        f'bind {HOST}\nport {port}\ndir "{folder}"\nlogfile redis.log\nappendonly yes\nsave ""\n'
        f"requirepass {os.environ[PASSWORD]}\n",
        encoding="utf-8",
    )
    broker = Broker(f"redis://{HOST}:{port}/0")
    process = _start([program, str(config)], subprocess.DEVNULL)
    try:
        _wait_for(broker, process)
        click.echo(current()("demo.broker", name=Path(program).name, url=broker.name, folder=folder))
        yield broker.url
    finally:
        broker.close()
        end_all([process], signal.SIGTERM)


def _wait_for(broker: Broker, process: Process) -> None:
    until = time.monotonic() + STARTS
    while True:
        try:
            return broker.check()
        except BrokerAway:
            if process.poll() is not None or time.monotonic() > until:
                raise
        time.sleep(0.05)


@contextmanager
def running_workers(url: str, folder: str) -> Iterator[list[Process]]:
    """Some workers; what they say is passed on, with a name before each line."""
    command = own_module("crawler", "worker", url)
    processes: list[Process] = []
    try:
        while len(processes) < WORKERS:
            processes.append(_start(command, subprocess.PIPE, TMPDIR=folder))
        for number, process in enumerate(processes, start=1):
            label = current()("demo.worker", n=number)
            threading.Thread(target=_pass_on, args=(process.stdout, label), daemon=True).start()
        yield processes
    finally:
        end_all(processes)


def _pass_on(lines: IO[str], label: str) -> None:
    for line in lines:
        click.echo(f"{label} | {line.rstrip()}")


def _start(command: list[str], stdout: int, **env: str) -> Process:
    """Start a process that the terminal's Ctrl-C does not reach, and that does not outlive this one."""
    return subprocess.Popen(  # noqa: S603 - fixed words; no thread of ours runs yet
        command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.STDOUT, text=True,
        env=os.environ | env, start_new_session=True, preexec_fn=partial(end_with, os.getpid()),
    )  # fmt: skip


def end_all(processes: list[Process], by: signal.Signals = signal.SIGINT) -> None:
    """Ask processes to end, wait, and kill what is still there."""
    until = time.monotonic() + ENDS
    for process in processes:
        if process.poll() is None:
            process.send_signal(by)
    for process in processes:
        try:
            process.wait(max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def run() -> int:
    """The command; what is wrong is one line, as ``diemtin`` says it. Asked to stop, it has done well."""
    for name in INTERRUPTS:
        signal.signal(name, _interrupted)  # before all is up, and the supervisor listens itself
    try:
        ended: int | None = main.main(prog_name=NAME, standalone_mode=False)
    except click.UsageError as error:
        return _refuse(usage_message(error))
    except (ConfigError, BrokerFault) as error:
        return _refuse(str(error))
    except click.Abort:
        return 0
    return ended or 0


def _refuse(message: str) -> int:
    click.echo(f"{NAME}: {message}", err=True)
    return 2


if __name__ == "__main__":
    raise SystemExit(run())
