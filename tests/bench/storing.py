"""Store articles in an archive at an even rate until standard input ends; tells how it went."""

import os
import sqlite3
import sys
import threading
import time
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path

from archive.articles import store
from archive.clock import utc_now
from archive.model import Article
from archive.schema import open_archive
from archive.stories.shingles import cut, sample
from tests.bench.haystack import read_corpus

TEXTS = 200


def keep_storing(home: Path, rate: int, corpus: Path) -> str:
    """One transaction an article, as a crawl does: how many, how long each took, how often it was locked."""
    texts = list(islice(read_corpus(corpus), TEXTS))
    ended = threading.Event()
    threading.Thread(target=_wait_for_end, args=(ended,), daemon=True).start()
    taken: list[float] = []
    began, locked = time.perf_counter(), 0
    with closing(open_archive(home / "archive.db")) as db:
        while not ended.is_set():
            title, lead, body = texts[len(taken) % TEXTS]
            now = utc_now()
            article = Article(
                f"https://bao-1.example/{now.timestamp()}", "bao-1", f"{title} {len(taken)}", lead, body
            )
            article.published_at = now - timedelta(minutes=1)
            start = time.perf_counter()
            try:
                store(db, article, sample(cut(f"{title} {lead} {body}")), now)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
                locked += 1
            taken.append(time.perf_counter() - start)
            ended.wait(max(0.0, began + len(taken) / rate - time.perf_counter()))
    spent = time.perf_counter() - began
    taken.sort()
    return (f"{len(taken)} articles in {spent:.0f} s, p50 {taken[len(taken) // 2] * 1000:.1f} ms, "
            f"p95 {taken[len(taken) * 95 // 100] * 1000:.1f} ms, longest {taken[-1] * 1000:.0f} ms, "
            f"locked {locked} times")  # fmt: skip


def _wait_for_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    shared = Path(os.environ["DIEMTIN_SHARED"])
    print(keep_storing(Path(sys.argv[1]), int(sys.argv[2]), shared / "corpus" / "vietnews-20k.jsonl.xz"))
