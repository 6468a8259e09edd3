"""Config files changed: only the value meant, comments and layout stay, nothing is overwritten."""

import os
import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from yaml.constructor import SafeConstructor

from archive.config import ConfigError, load_yaml
from archive.config_edit import ChangedMeanwhile, Uneditable, edited, open_config, save_config
from archive.config_edit.surgery import same
from archive.home import DEFAULTS, Home
from tests.commands import Copy

pytestmark = pytest.mark.timeless

NOW = datetime(2026, 11, 28, 23, 5, 37, tzinfo=UTC)
KILLED = int(os.environ.get("DIEMTIN_KILLED", "5"))
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
EDITS = int(os.environ.get("DIEMTIN_EDITS", "20"))  # of each file; 150 were tried
FILES = sorted(DEFAULTS.glob("*.yml"))
ODD: list[Any] = [
    *("Sở Công Thương", "7", "true", "null", "~", "2026-11-28", "a: b", "x # y", "", " ", "- z", "[", "'", '"'),
    *(
        "{a}",
        "@x",
        "hai\ndòng",
        "\ttab",
        "${TÊN}",
        "a, b",
        "0 7 * * *",
        "%",
        "&neo",
        "*neo",
        "!x",
        "?",
        "|",
        ">",
    ),
    *("\u2028", "\x07", "🍵", "x" * 300, "từ " * 80 + "cuối", 0, 1, -3, 2.5, True, False, None, [], {}),
    *(
        ["một", "hai, ba"],
        {"k": "v", "m": [1, {"n": 2}]},
        [{"type": "file", "path": "digests"}],
        ["w" * 50] * 5,
    ),
]


def load(text: str) -> Any:
    return yaml.load(text, Loader=Loader)  # noqa: S506 - a safe one


def comments(text: str) -> list[str]:
    """The comments that stand on lines of their own."""
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]


def places(data: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [at, *(path for key, value in inner for path in places(value, (*at, key)))]


def copied(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: copied(value) for key, value in data.items()}
    return [copied(value) for value in data] if isinstance(data, list) else data


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def one_change(data: Any, draw: random.Random) -> tuple[Any, tuple[Any, ...]]:
    """The data with one value set, added or taken away, and the path of what holds it."""
    new = copied(data)
    path = draw.choice([path for path in places(data) if path])
    holder, key = at(new, path[:-1]), path[-1]
    match draw.randrange(4 if isinstance(holder, dict) else 5):
        case 0 if len(holder) > 1:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[f"mới-{draw.randrange(99)}"] = copied(draw.choice(ODD))
        case 1 | 4 if isinstance(holder, list):
            holder.insert(key + draw.randrange(2), copied(draw.choice(ODD)))
        case _:
            holder[key] = copied(draw.choice(ODD))
    return new, path


def lines_of(text: str, *paths: tuple[Any, ...]) -> list[tuple[int, int]]:
    """From which line to which the value at each path stands, with its key."""
    root = yaml.compose(text, Loader=Loader)
    return [_lines(root, path) for path in paths]


def _lines(node: Any, path: tuple[Any, ...]) -> tuple[int, int]:
    first = 0
    for key in path:
        if isinstance(node, yaml.MappingNode):
            name, node = next(p for p in node.value if SafeConstructor().construct_object(p[0]) == key)
            first = name.start_mark.line
        else:
            node = node.value[key]
            first = node.start_mark.line
    return first, node.end_mark.line


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_one_random_change_changes_that_value_alone(file: Path) -> None:
    text, data = file.read_text(encoding="utf-8"), load_yaml(file)
    for seed in range(EDITS):
        draw = random.Random(f"{file.name} {seed}")
        new, path = one_change(data, draw)
        result = edited(text, new)
        assert same(load(result), new), seed
        (first, last), changed_lines = lines_of(text, path[:-1], path)
        before, after = text.splitlines(), result.splitlines()
        assert after[:first] == before[:first], seed
        kept = len(before) - last - 1
        assert kept <= 0 or after[-kept:] == before[-kept:], seed
        gone = "\n".join(before[slice(*(n + k for k, n in enumerate(changed_lines)))])
        lost = [line for line in comments(text) if line not in result and line not in gone]
        assert not lost, seed


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_many_changes_one_after_the_other_and_at_once(file: Path) -> None:
    start = file.read_text(encoding="utf-8")
    for seed in range(max(1, EDITS // 20)):
        draw = random.Random(f"many {file.name} {seed}")
        data, text = load_yaml(file), start
        for _ in range(12):
            data, _path = one_change(data, draw)
            text = edited(text, data)
            assert same(load(text), data), seed
        assert same(load(edited(start, data)), data), seed
        back = edited(text, load_yaml(file))
        assert same(load(back), load_yaml(file)), seed


ALERTS = """# Đầu
ngay:   # bản tin ngày
  title: "Điểm tin"    # tên
  topics: [fdi, khcn]   # chủ đề
  queries:
    # tin đấu thầu
    dau-thau: '"đấu thầu" -nhà đất'  # giữ
    gang: "gang thép"
  schedule: daily 07:00   # giờ
  channels:
    # thư mục
    - type: file
      path: digests   # ở đâu

    # - type: smtp
    #   host: mail
# Cuối
"""


def changed(**values: Any) -> str:
    data = load(ALERTS)
    for key, value in values.items():
        data["ngay"].pop(key) if value is None else data["ngay"].update({key: value})
    return edited(ALERTS, data)


def test_a_value_a_key_an_item_stand_where_they_belong() -> None:
    assert changed(schedule="daily 06:30") == ALERTS.replace("daily 07:00", "daily 06:30")
    assert changed(topics=["fdi", "khcn", "cong-nghiep"]) == ALERTS.replace("khcn]", "khcn, cong-nghiep]")
    assert changed(topics=["khcn"]) == ALERTS.replace("[fdi, khcn]", "[khcn]")
    assert changed(queries={"dau-thau": '"đấu thầu" -nhà đất'}) == ALERTS.replace('    gang: "gang thép"\n', "")
    smtp = {"type": "smtp", "host": "mail.vn", "to": ["a@b.vn"]}
    result = changed(channels=[{"type": "file", "path": "digests"}, smtp])
    added = "    - type: smtp\n      host: mail.vn\n      to: [a@b.vn]\n"
    assert result == ALERTS.replace("# ở đâu\n", f"# ở đâu\n{added}")
    assert changed(channels=[]) == ALERTS.replace("channels:\n", "channels: []\n").replace(
        "    - type: file\n      path: digests   # ở đâu\n", ""
    )


def test_a_rule_is_added_below_the_last_one() -> None:
    rules = {"dau-thau": '"đấu thầu" -nhà đất', "gang": "gang thép", "kcn": 'KCN OR "khu công nghiệp"'}
    added = """    kcn: KCN OR "khu công nghiệp"\n"""
    assert changed(queries=rules) == ALERTS.replace('"gang thép"\n', f'"gang thép"\n{added}')


def test_windows_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff" + ALERTS.replace("\n", "\r\n")
    data = load(ALERTS)
    data["ngay"]["schedule"] = "hourly"
    assert edited(text, data) == text.replace("daily 07:00", "hourly")


def test_a_file_of_comments_alone_or_without_a_last_line_end() -> None:
    assert edited("# Chưa có gì\n", {"a": 1}) == "# Chưa có gì\na: 1\n"
    assert edited("", {"a": [1]}) == "a: [1]\n"
    assert edited("a: 1  # x", {"a": 1, "b": 2}) == "a: 1  # x\nb: 2"


@pytest.mark.parametrize("text", ["a: &x [1]\nb: *x\n", "x: &x {p: 1}\na:\n  <<: *x\n", "a: 1\r\nb: 2\n"])
def test_what_cannot_be_changed_alone_is_refused(text: str) -> None:
    data = load(text)
    data["a"] = {"p": 2} if isinstance(data["a"], dict) else "khác"
    with pytest.raises(Uneditable):
        edited(text, data)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home")


def set_hour(home: Home, hour: str, version: str = "", check: Any = load_yaml) -> Path | None:
    file = open_config(home, "alerts.yml")
    file.data["hang-ngay"]["schedule"] = f"daily {hour}"
    return save_config(home, "alerts.yml", version or file.version, file.data, check, NOW)


def test_the_first_change_copies_the_shipped_file_and_keeps_every_version(home: Home) -> None:
    shipped = (DEFAULTS / "alerts.yml").read_text(encoding="utf-8")
    kept = set_hour(home, "06:30")
    own = home.path / "config" / "alerts.yml"
    assert kept is not None
    assert own.read_text(encoding="utf-8") == re.sub("daily 07:00 ", "daily 06:30 ", shipped)
    assert kept.parent == home.path / "config" / "history"
    assert kept.read_text(encoding="utf-8") == shipped
    assert kept.stat().st_mode & 0o777 == 0o600
    assert set_hour(home, "06:30") is None
    assert sorted(path.name for path in own.parent.iterdir()) == ["alerts.yml", "history"]


def test_a_file_changed_by_hand_meanwhile_is_not_overwritten(home: Home) -> None:
    set_hour(home, "06:30")
    version = open_config(home, "alerts.yml").version
    own = home.path / "config" / "alerts.yml"
    by_hand = own.read_text(encoding="utf-8") + "# của tôi\n"
    own.write_text(by_hand, encoding="utf-8")
    with pytest.raises(ChangedMeanwhile):
        set_hour(home, "05:00", version)
    assert own.read_text(encoding="utf-8") == by_hand


def test_what_the_reader_refuses_is_not_written(home: Home) -> None:
    def refuse(path: Path) -> None:
        raise ConfigError(f"{path}: hang-ngay.schedule: no")

    with pytest.raises(ConfigError, match=r"alerts\.yml: hang-ngay") as error:
        set_hour(home, "25:00", check=refuse)
    assert ".making" not in str(error.value)
    assert list((home.path / "config").iterdir()) == []


def test_the_mode_of_a_file_stays(home: Home) -> None:
    set_hour(home, "06:30")
    own = home.path / "config" / "alerts.yml"
    own.chmod(0o640)
    set_hour(home, "06:31")
    assert own.stat().st_mode & 0o777 == 0o640


def test_two_who_save_at_once_are_told_apart(home: Home) -> None:
    set_hour(home, "06:00")
    version = open_config(home, "alerts.yml").version
    with ThreadPoolExecutor(8) as pool:
        saving = [pool.submit(set_hour, home, f"05:{n:02}", version) for n in range(8)]
    ends = [one.exception() for one in saving]
    assert ends.count(None) == 1
    assert all(isinstance(end, ChangedMeanwhile) for end in ends if end)


_SAVING = """
import sys
from datetime import UTC, datetime
from archive.config import load_yaml
from archive.config_edit import open_config, save_config
from archive.home import Home
home = Home.at(sys.argv[1])
for n in range(10_000):
    file = open_config(home, "alerts.yml")
    file.data["hang-ngay"]["title"] = f"Lần {n} " + "x" * 2000
    save_config(home, "alerts.yml", file.version, file.data, load_yaml, datetime.now(UTC))
    print(n, flush=True)
"""


def test_killed_at_any_moment_the_file_is_whole(home: Home) -> None:
    draw = random.Random(14)
    own = home.path / "config" / "alerts.yml"
    for _ in range(KILLED):
        with Copy(home.path, program=_SAVING) as child:
            assert child.stdout
            child.stdout.readline()
            time.sleep(draw.random() / 20)
            child.kill()
            said = child.stdout.read().split()
        title = load_yaml(own)["hang-ngay"]["title"]
        assert title.endswith("x" * 2000)
        assert int(title.split()[1]) >= int(said[-1] if said else 0)
        assert own.read_text(encoding="utf-8").count("#") == (DEFAULTS / "alerts.yml").read_text(
            encoding="utf-8"
        ).count("#")
        assert set_hour(home, "06:30") or True
