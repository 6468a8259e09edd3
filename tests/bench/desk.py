"""The desk with 300 stories beside the search page, in one run: drawn anew, drawn again, a decision saved.

    python -m tests.bench desk [--stories 300] [--rounds 20]

The archive is served by a process of its own, as ``diemtin serve`` does; one client asks, one request at a
time. «anew» collects the open window each time, «again» draws what the page showed before, as after each
decision without script. A decision is what the page's script sends and gets.
"""

import argparse
import http.client
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from tabulate import tabulate

from archive.clock import utc_now
from archive.home import Home
from tests.bench.search import served
from tests.desk_sample import morning

There = tuple[str, int]
SEARCH = "/tim?q=cong+nghiep"


def get(there: There, path: str) -> tuple[float, str, str]:
    """Milliseconds, the page and its cookie."""
    began = time.perf_counter()
    with closing(http.client.HTTPConnection(*there, timeout=60)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
    if answer.status != 200:
        raise RuntimeError(f"{path} answers {answer.status}: {text[:2000]}")
    return (time.perf_counter() - began) * 1000, text, answer.getheader("set-cookie", "").partition(";")[0]


def decide(there: There, page: str, cookie: str, task: str) -> float:
    """Milliseconds of one button, as the script sends it."""
    form = page[page.index('<form id="viec"') :]
    fields = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', form[: form.index("</form>")]))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
        "cookie": cookie,
    }
    began = time.perf_counter()
    with closing(http.client.HTTPConnection(*there, timeout=60)) as connection:
        connection.request("POST", "/ban/tin", urlencode({**fields, "viec": task}), headers)
        answer = connection.getresponse()
        text = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{task} answers {answer.status}: {text[:2000]!r}")
    return (time.perf_counter() - began) * 1000


def measure(there: There, rounds: int) -> list[tuple[str, str, str, str]]:
    _, page, cookie = get(there, "/ban")
    until = dict(re.findall(r'name="(luc)" value="([^"]*)"', page))["luc"]
    ids = re.findall(r'data-id="(\d+)"', page)[:rounds]
    again = f"/ban?{urlencode({'luc': until})}"
    ways: list[tuple[str, Callable[[int], float], int]] = [
        ("desk, drawn again", lambda _: get(there, again)[0], len(page)),
        ("a decision saved", lambda at: decide(there, page, cookie, f"{ids[at]}.0.0.chon"), 0),
        ("desk, drawn anew", lambda _: _later(there), len(page)),
        ("search, newest 20", lambda _: get(there, SEARCH)[0], len(get(there, SEARCH)[1])),
        ("search, ranked 20", lambda _: get(there, f"{SEARCH}&xep=dung")[0], 0),
    ]
    rows = []
    for name, timed, size in ways:
        times = [timed(at) for at in range(rounds)]
        rows.append(
            (name, f"{statistics.median(times):.0f}", f"{max(times):.0f}", f"{size // 1000} KB" if size else "")
        )
    return rows


def _later(there: There) -> float:
    """A drawing in another second than the last one, so that nothing of it is remembered."""
    time.sleep(1.01 - time.time() % 1)
    return get(there, "/ban")[0]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench desk", description=__doc__)
    parser.add_argument("--stories", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = morning(Home.at(Path(folder)), given.stories, now=utc_now())
        with served(home.path) as there:
            rows = measure(there, given.rounds)
    print(f"{given.stories} stories, {given.rounds} rounds, ms")
    print(tabulate(rows, ("", "median", "longest", "page"), "github"))


if __name__ == "__main__":
    main()
