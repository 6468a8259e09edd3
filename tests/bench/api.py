"""The JSON addresses against their OpenAPI file by schemathesis, and what each tool costs.

    python -m tests.bench api [--examples 200] [--seed 17] [--archive DIR]

Schemathesis makes up requests from the description: each example, boundary values and wrong ones of each
parameter, methods that are none. It asks the sample archive, as its owner and as the public see it. Two of
its checks are left out: that what the schema allows is answered (two days in the wrong order, and more than
120 periods, are refused), and that what it forbids is refused (`null` counts as not given). With
``--archive`` the tools are timed on a home of yours, the best of three.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from tabulate import tabulate

from archive.assistants.asking import BadQuestion
from archive.assistants.server import HomeReader
from archive.clock import utc_now
from archive.db import reading
from archive.home import Home
from crawler.service.server import take_port
from tests import web_sample

_SERVE = """import asyncio, socket, sys
from pathlib import Path
from archive.clock import utc_now
from archive.home import Home
from archive.web.access import Access
from crawler.service.server import build_server
taken = socket.socket(fileno=int(sys.argv[2]))
access = Access(public=sys.argv[3] == "public")
asyncio.run(build_server(Home(Path(sys.argv[1])), utc_now, access).serve(sockets=[taken]))"""
LEFT_OUT = "positive_data_acceptance,negative_data_rejection"
ASKED: list[tuple[str, dict[str, object]]] = [
    ("search", {"query": "chuyen doi so"}),
    ("search", {"query": "công nghiệp", "limit": 50}),
    ("search", {"query": "ch*", "order": "relevance"}),
    ("search", {"query": "ha noi", "grouped": True}),
    ("search", {}),
    ("coverage", {"query": "ha noi", "step": "month"}),
    ("coverage", {}),
    ("article", {"id": 1}),
    ("event", {"id": 1}),
    ("figures", {"indicator": "iip"}),
    ("documents", {}),
    ("health", {}),
    ("names", {}),
]


@contextmanager
def served(home: Home, mode: str) -> Iterator[str]:
    """The address of the archive in a process of its own."""
    with take_port("127.0.0.1", 0) as taken:
        command = [sys.executable, "-c", _SERVE, str(home.path), str(taken.fileno()), mode]
        process = subprocess.Popen(command, pass_fds=[taken.fileno()], stdout=subprocess.DEVNULL)
        try:
            yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        finally:
            process.terminate()
            process.wait()


def tried(url: str, examples: int, seed: int, folder: Path) -> tuple[int, str]:
    """How schemathesis ended, and what it printed last."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/-/openapi.json",
        "--seed", str(seed), "--max-examples", str(examples), "--no-color",
        "--exclude-checks", LEFT_OUT, "--warnings", "off", "--generation-database", "none",
        "--wait-for-schema", "30",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    return done.returncode, done.stdout


def timed(home: Home) -> list[tuple[object, ...]]:
    """Milliseconds and length of each answer."""
    reader, rows = HomeReader(home, utc_now), list[tuple[object, ...]]()
    with reading(home.archive_db) as db:
        (newest,) = db.execute("select id from articles order by sort desc limit 1").fetchone()
    for tool, arguments in ASKED:
        given = arguments | ({"id": newest} if "id" in arguments else {})
        spent, length = [], ""
        for _ in range(3):
            began = time.perf_counter()
            try:
                length = f"{len(msgspec.json.encode(reader.answer(tool, given))):,}"
            except BadQuestion as error:
                length = str(error)[:40]
            spent.append((time.perf_counter() - began) * 1000)
        rows.append((tool, str(arguments), round(min(spent)), length))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--archive", type=Path)
    options = parser.parse_args()
    if options.archive:
        print(tabulate(timed(Home(options.archive)), ["tool", "asked", "ms", "bytes"]))
        return
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        home = Home.at(Path(folder) / "home")
        web_sample.fill(home.archive_db, utc_now())
        for mode in ("owner", "public"):
            with served(home, mode) as url:
                code, printed = tried(url, options.examples, options.seed, Path(folder))
            failed += code
            print(f"-- {mode}\n{printed if code else printed[printed.rfind('API Operations:') :]}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
