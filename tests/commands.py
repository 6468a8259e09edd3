"""Run the console command as a user does, in a process of its own.

Most of such a process would be Python's start and imports, hundreds of times over. So a process that has
imported the packages already is started once for a test run, and every command is a copy of it (`os.fork`),
which from there on does what ``python -m crawler`` does, or ``python -c``. What a start costs and which modules
it loads, ``test_startup.py`` looks at, in processes that start from nothing.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import IO, Any, Self

READY = (
    "aiohttp", "archive.desk.due", "archive.digests.outbox", "archive.web.app", "crawler.asked.explain",
    "crawler.asked.keep", "crawler.cli", "crawler.commands.papers.digest", "crawler.onboarding.report",
    "crawler.onboarding.served", "crawler.service.process", "crawler.service.supervisor",
    "crawler.spiders.source", "crawler.spiders.visit", "crawler.workspace",
    "scrapy.core.downloader.contextfactory", "scrapy.crawler",
)  # fmt: skip
TIMEOUT = 120.0  # seconds
Stream = int | IO[Any]


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
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin.encode())
        given.seek(0)
        with Copy(*words, stdin=given, stdout=out, stderr=err) as copy:
            code = copy.wait()
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode())
    return subprocess.CompletedProcess(["diemtin", *words], code, *said)


class Copy:
    """A command as a copy, or any ``program`` as ``python -c`` runs it; used as ``subprocess.Popen`` is.

    Its pipes are of text.
    """

    def __init__(
        self,
        *words: object,
        program: str = "",
        stdin: Stream = DEVNULL,
        stdout: Stream = PIPE,
        stderr: Stream = 2,
    ) -> None:
        self.args = [str(word) for word in words]
        self.returncode: int | None = None
        wish = {"words": self.args, "program": program, "environment": environment(), "folder": str(Path.cwd())}
        with ExitStack() as closing:
            given, self.stdin = _end_of(stdin, closing, mine=1)
            out, self.stdout = _end_of(stdout, closing, mine=0)
            err, self.stderr = _end_of(stderr, closing, mine=0)
            self._asked = socket.socket(socket.AF_UNIX)
            self._asked.settimeout(TIMEOUT)
            self._asked.connect(_original())
            message = json.dumps(wish).encode()
            socket.send_fds(self._asked, [len(message).to_bytes(4, "big")], [given, out, err])
            self._asked.sendall(message)
        self._told = self._asked.makefile()
        self.pid = int(self._told.readline())

    def poll(self) -> int | None:
        """How it ended, if it has."""
        if self.returncode is None and select.select([self._asked], [], [], 0)[0]:
            self.returncode = int(self._told.readline())
            self._told.close()
            self._asked.close()
        return self.returncode

    def wait(self, timeout: float = TIMEOUT) -> int:
        """How it ended. Raises TimeoutExpired."""
        if self.returncode is None:
            select.select([self._asked], [], [], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return code

    def communicate(self) -> tuple[str, str]:
        """What it still says until its end."""
        if self.stdin:
            self.stdin.close()
        said = [stream.read() if stream else "" for stream in (self.stdout, self.stderr)]
        self.wait()
        return said[0], said[1]

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            self.kill()
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream:
                stream.close()
        self.wait()


def _end_of(stream: Stream, closing: ExitStack, mine: int) -> tuple[int, IO[str] | None]:
    """What a copy is given, and this process' end where it is a pipe."""
    if stream == DEVNULL:
        return closing.enter_context(Path(os.devnull).open("r+b")).fileno(), None
    if stream != PIPE:
        return stream if isinstance(stream, int) else stream.fileno(), None
    ends = os.pipe()
    closing.callback(os.close, ends[1 - mine])
    return ends[1 - mine], os.fdopen(ends[mine], "rw"[mine], encoding="utf-8")


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
    importlib.import_module("datasette.plugins").pm.set_blocked("mcp")  # see tests/__init__.py
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
        asked.sendall(b"%d\n" % pid)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with suppress(BrokenPipeError):
            asked.sendall(b"%d\n" % code)
        os._exit(0)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a suite begun in the background
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
    if program := wish["program"]:
        sys.argv[0] = "-c"
        _end(lambda: exec(compile(program, "<string>", "exec"), {"__name__": "__main__"}))  # noqa: S102
    else:
        _end(lambda: runpy.run_module("crawler", run_name="__main__", alter_sys=True))
