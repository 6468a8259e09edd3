"""Two writers at once and kill −9 at the desk: nothing is overwritten in silence, nothing kept by half.

``DIEMTIN_KILLS`` says how many kills (3 unless set).
"""

import os
import random
import time
from collections import Counter
from pathlib import Path
from subprocess import PIPE

from archive.desk.choices import load_choices
from archive.desk.db import open_desk
from tests.commands import Copy

KILLS = int(os.environ.get("DIEMTIN_KILLS", "3"))
MANY = 120

HEAD = """
import random, sys
from pathlib import Path
from archive.clock import utc_now
from archive.desk.choices import Choice, Key, change, load_choices
from archive.desk.db import open_desk
from archive.desk.rows import Conflict

path, name, many = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
desk = open_desk(path)
"""
EDITOR = f"""{HEAD}
chance, told = random.Random(name), 0
print("ready", flush=True)
sys.stdin.readline()
for n in range(many):
    article = chance.randrange(3) + 1
    while True:
        seen = load_choices(desk, "a", "").get(article, Choice("a", "", article))
        words = seen.comment + f" {{name}}{{n}}"
        try:
            change(desk, Key("a", "", article), seen.rev, {{"comment": words}}, by=name, now=utc_now())
            break
        except Conflict as conflict:
            told += 1
            assert conflict.by
print(told)
"""
WRITER = f"""{HEAD}
seen = load_choices(desk, "a", "").get(1, Choice("a", "", 1))
for n in range(seen.rev + 1, seen.rev + many):
    print(n, flush=True)
    words = {{"title": f"t {{n}}", "comment": f"t {{n}}"}}
    seen = change(desk, Key("a", "", 1), seen.rev, words, by=name, now=utc_now())
"""


def test_two_editors_at_once_lose_no_word(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    editors = [Copy(path, name, MANY, program=EDITOR, stdin=PIPE) for name in ("A", "B")]
    assert {editor.stdout.readline() for editor in editors if editor.stdout} == {"ready\n"}
    for editor in editors:
        assert editor.stdin
        editor.stdin.write("go\n")
        editor.stdin.flush()
    told = []
    for editor in editors:
        with editor:
            told.append(int(editor.communicate()[0]))
    assert [editor.returncode for editor in editors] == [0, 0]
    kept = load_choices(open_desk(path), "a", "")
    words = Counter(word for one in kept.values() for word in one.comment.split())
    assert words == Counter(f"{name}{n}" for name in "AB" for n in range(MANY))
    assert sum(one.rev for one in kept.values()) == 2 * MANY
    assert sum(told) > 0  # they did meet


def test_killed_at_any_moment_a_change_is_whole_or_not_there(tmp_path: Path) -> None:
    chance, path = random.Random(20261128), tmp_path / "desk.db"
    for _ in range(KILLS):
        with Copy(path, "lan", 100_000, program=WRITER) as worker:
            assert worker.stdout is not None
            first = worker.stdout.readline()
            time.sleep(chance.uniform(0, 0.05))
            worker.kill()
            begun = int(f"{first}{worker.stdout.read()}".split()[-1])
        desk = open_desk(path)
        kept = load_choices(desk, "a", "")[1]
        assert kept.rev in (begun - 1, begun)  # what was answered stays; the one begun may be there or not
        assert kept.title == kept.comment == f"t {kept.rev}"
        [(logged,)] = desk.execute("select count(*) from log").fetchall()
        assert logged == kept.rev
        assert desk.execute("pragma integrity_check").fetchone()[0] == "ok"
        desk.close()
