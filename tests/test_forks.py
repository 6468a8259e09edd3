"""The bench that breaks pages: one that ends or holds its process is found, and costs no other page."""

import os
import random
import signal
from pathlib import Path

from tests.bench.years.broken import SMALL, changed, short_cut
from tests.bench.years.forks import Forked, Note, Tally, kept

KILLED, HELD, BROKEN = 3, 11, 14


def work(part: int, left_out: set[int], note: Note) -> Tally:
    """Ten pages a part; one is killed, one never ends, one raises."""
    tally = Tally()
    for number in range(part * 10, part * 10 + 10):
        note(number)
        if number not in left_out:
            tally.tried(lambda number=number: read(number), str(number), 1)  # type: ignore[misc]
    return tally


def read(number: int) -> list[str]:
    if number == KILLED:
        os.kill(os.getpid(), signal.SIGKILL)
    while number == HELD:
        pass
    if number == BROKEN:
        raise ValueError
    return ["read"]


def test_pages_that_end_or_hold_their_process_are_found_and_the_others_read(tmp_path: Path) -> None:
    file = tmp_path / "tally"
    Forked(work, file, 2, patience=0.2).run([0, 1, 2])
    whole = Tally()
    for tally in kept(file):
        whole.join(tally)
    assert whole.ends == {"read": 27, "error": 1, "lost": 2}
    assert sorted(whole.examples.values()) == [str(HELD), str(BROKEN), str(KILLED)]
    assert "27 read" in whole.report()

    with file.open("ab") as lines:
        lines.write(b'{"part":3')
    assert len(kept(file)) == 5  # three parts and two that were lost; a line broken off is none
    Forked(None, file, 2).run([0, 1, 2])  # type: ignore[arg-type]  # nothing is left to do


def test_a_real_page_is_cut_short_to_its_head_and_its_beginning() -> None:
    head = b"<html><head><title>T</title></head>"
    body = head + b"<body><nav>N</nav>" + b"<i>x</i>" * 9000 + b"<h1>H</h1><p>Tin</p>"
    short = short_cut(body + b"<p>y</p>" * 9000)
    assert len(short) <= SMALL
    assert b"<title>T</title></head><body>" in short
    assert b"<h1>H</h1><p>Tin</p>" in short
    assert b"<nav>" not in short


def test_a_page_of_a_number_breaks_in_the_same_way_each_time() -> None:
    body = b"<html><p>Tin</p></html>" * 9
    assert len({changed(body, [body], random.Random("1:7")) for _ in range(5)}) == 1
