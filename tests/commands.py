"""Run the console command as a user does, in a process of its own.

Most of such a process would be Python's start and imports, hundreds of times over. So a process that has
imported the packages already is started once for a test run, and every command is a copy of it (`os.fork`),
which from there on does what ``python -m crawler`` does. What a start costs and which modules it loads,
``test_startup.py`` looks at, in processes that start from nothing.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

READY = (
    "aiohttp", "crawler.asked.explain", "crawler.asked.keep", "crawler.cli", "crawler.commands.papers.digest",
    "crawler.onboarding.report", "crawler.service.process", "crawler.spiders.source", "crawler.spiders.visit",
    "crawler.workspace", "scrapy.core.downloader.contextfactory", "scrapy.crawler",
)  # fmt: skip
TIMEOUT = 120.0  # seconds


def environment() -> dict[str, str]:
    """The environment without anything that could point at a real home."""
    return {key: value for key, value in os.environ.items() if not key.startswith("DIEMTIN_HOME")}


def diemtin(
    *arguments: str, home: Path, stdin: str = "", check: bool = True
) -> subprocess.CompletedProcess[str]:
    """The command's end; ``check`` demands that it ended with 0."""
    words = ["--home", str(home), *arguments]
    done = _copied(words, stdin) if hasattr(os, "fork") else _started(words, stdin)
    if check:
        assert done.returncode == 0, done.stderr + done.stdout
    return done


def _started(words: list[str], stdin: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crawler", *words]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, env=environment(), timeout=TIMEOUT, check=False
    )


def _copied(words: list[str], stdin: str) -> subprocess.CompletedProcess[str]:
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        socket.socket(socket.AF_UNIX) as asked,
    ):
        given.write(stdin.encode())
        given.seek(0)
        asked.settimeout(TIMEOUT)
        asked.connect(_original())
        wish = json.dumps({"words": words, "environment": environment(), "folder": str(Path.cwd())}).encode()
        socket.send_fds(asked, [len(wish).to_bytes(4, "big")], [given.fileno(), out.fileno(), err.fileno()])
        asked.sendall(wish)
        code = int(asked.makefile().readline())
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode())
    return subprocess.CompletedProcess(["diemtin", *words], code, *said)


@functools.cache
def _original() -> str:
    """The address of the process that is copied; it ends with this one."""
    folder = tempfile.TemporaryDirectory(prefix="diemtin-tests-")
    address = str(Path(folder.name) / "copies")
    process = subprocess.Popen([sys.executable, "-m", "tests.commands", address], env=environment())

    def end() -> None:
        process.terminate()
        process.wait()
        folder.cleanup()

    atexit.register(end)
    while not Path(address).exists():
        assert process.poll() is None, "no process to be copied came up"
        time.sleep(0.01)
    return address


def _serve(address: str) -> dict[str, Any]:
    """Copy this process until the one that started it has ended; return, in each copy, what is wished of it."""
    for name in READY:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # or every copy would look through it all
    parent = os.getppid()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{address}-")
        server.listen()
        server.settimeout(1)
        Path(f"{address}-").rename(address)
        while os.getppid() == parent:
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            try:
                asked, _ = server.accept()
            except TimeoutError:
                continue
            with asked:
                if os.fork() == 0:
                    server.close()
                    return _command(asked)
    raise SystemExit


def _command(asked: socket.socket) -> dict[str, Any]:
    """Copy once more: one waits for the end of the other, which returns and becomes the command."""
    length, files, _, _ = socket.recv_fds(asked, 4, 3)
    wish: dict[str, Any] = json.loads(asked.makefile("rb").read(int.from_bytes(length, "big")))
    if pid := os.fork():
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with suppress(BrokenPipeError):
            asked.sendall(b"%d\n" % code)
        os._exit(0)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    return wish


def _end(run: Callable[[], object]) -> None:
    """Run what ends a process and end it as Python does, but without taking the shared modules apart."""
    code: object = 0
    try:
        run()
    except SystemExit as end:
        code = end.code
        if isinstance(code, str):
            print(code, file=sys.stderr)
    except BaseException:  # noqa: BLE001 - as Python itself does
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else code is not None)


if __name__ == "__main__":
    wish = _serve(sys.argv[1])
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    time.tzset()
    sys.argv = ["diemtin", *wish["words"]]
    _end(lambda: runpy.run_module("crawler", run_name="__main__", alter_sys=True))
