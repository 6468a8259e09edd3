"""alerts.yml: what is right is used, what is wrong is named with its line."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from archive.config import ConfigError
from archive.digests.channels import FileChannel, SmtpChannel
from archive.digests.config import load_alerts
from archive.home import DEFAULTS
from tests.newsroom import hanoi

GOOD = """\
defaults: {archive_url: "https://tin.example.vn/"}
sang:
  title: Điểm tin sáng
  queries:
    Công nghiệp: '"khu công nghiệp" OR KCN'
    Con người: chuyen doi so
  topics: [fdi]
  schedule: 0 7 * * 1-5
  channels:
    - {type: file, path: out}
    - type: smtp
      host: mail.example.vn
      password: ${SMTP_PASSWORD}
      user: tin
      sender: Điểm Tin <tin@example.vn>
      to: [a@example.vn, b@example.vn]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "alerts.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_rules_keep_the_order_of_the_file(tmp_path: Path) -> None:
    alerts = load_alerts(write(tmp_path, GOOD), topics=["fdi"])
    digest = alerts.digest("sang")
    assert [rule.name for rule in digest.alerts] == ["sang/Công nghiệp", "sang/Con người", "sang/fdi"]
    assert digest.archive_url == "https://tin.example.vn"
    assert list(digest.channels) == ["file-1", "smtp-1"]
    assert isinstance(digest.channels["file-1"], FileChannel)
    assert isinstance(digest.channels["smtp-1"], SmtpChannel)
    assert not alerts.problems


@pytest.mark.parametrize(
    ("review", "slot", "ends"),
    [
        ("none", "07:00", hanoi("2026-11-26", "07:00")),
        ("required", "07:00", None),
        ("until 08:30", "07:00", hanoi("2026-11-26", "08:30")),
        ("until 07:00", "07:00", hanoi("2026-11-26", "07:00")),
        ("Until 06:00", "22:00", hanoi("2026-11-27", "06:00")),
    ],
)
def test_review_says_when_an_edition_goes_by_itself(
    tmp_path: Path, review: str, slot: str, ends: datetime | None
) -> None:
    text = GOOD.replace("  schedule:", f"  review: {review}\n  schedule:")
    digest = load_alerts(write(tmp_path, text), topics=["fdi"], strict=True).digest("sang")
    assert digest.review.ends(hanoi("2026-11-26", slot)) == ends


def test_the_shipped_rules_are_right() -> None:
    alerts = load_alerts(DEFAULTS / "alerts.yml", strict=True)
    assert "hang-ngay" in alerts.digests
    assert {type(channel) for channel in alerts.digest("hang-ngay").channels.values()} == {FileChannel}


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("  title: Điểm tin sáng", "  title: Điểm tin sáng\n  tiele: x", 4, "unknown key `tiele`"),
        ("  title: Điểm tin sáng\n", "", 2, "`title`"),
        ("0 7 * * 1-5", "0 7 * * 1-9", 8, "weekday `1-9`"),
        ("  topics: [fdi]", "  topics: [fdi, fdo]", 7, "no topic `fdo`"),
        ("chuyen doi so", '"-"', 6, "sang.queries.Con người"),
        ("path: out", "pfad: out", 10, "unknown key `pfad`"),
        ("type: smtp", "type: fax", 11, "`fax` is none of file"),
        ("to: [a@example.vn, b@example.vn]", "to: []", 11, "no recipient"),
        ("      user: tin", "      tls: none", 11, "in clear"),
        ("  schedule:", "  timezone: Asia/Saigonn\n  schedule:", 8, "no time zone `Asia/Saigonn`"),
        ("  schedule:", "  options: {quiet: maybe}\n  schedule:", 8, "maybe"),
        ("  schedule:", "  review: perhaps\n  schedule:", 8, "`perhaps`: write none, until 07:30"),
        ("  schedule:", "  review: until\n  schedule:", 8, "`until`: write none"),
        ("  schedule:", "  review: until noon\n  schedule:", 8, "`noon` is no time of day; write 07:00"),
        ("  schedule:", "  review: until 25:00\n  schedule:", 8, "`25:00` is no time of day"),
        ("  schedule:", "  review: 7\n  schedule:", 8, "expected `str`"),
        ("0 7 * * 1-5", "instant\n  review: required", 9, "instant digest"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new) + "toi:\n  title: Tối\n  queries: {Mỏ: mỏ sắt}\n")
    alerts = load_alerts(path, topics=["fdi"])
    [problem] = alerts.problems
    assert said in str(problem)
    assert str(problem).startswith(f"{path}, line ")
    assert problem.line == line
    assert "toi" in alerts.digests, "the others go on"
    with pytest.raises(ConfigError, match=re.escape(said)):
        load_alerts(path, topics=["fdi"], strict=True)


def test_a_wrong_rule_leaves_the_other_rules_of_its_digest(tmp_path: Path) -> None:
    alerts = load_alerts(write(tmp_path, GOOD.replace("chuyen doi so", '"-lừa"')))
    assert [rule.label for rule in alerts.digest("sang").alerts] == ["Công nghiệp", "fdi"]


def test_a_digest_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    alerts = load_alerts(write(tmp_path, GOOD))
    with pytest.raises(ConfigError, match="no digest `chieu`; there are: sang"):
        alerts.digest("chieu")


def test_a_digest_that_could_not_be_read_says_why(tmp_path: Path) -> None:
    alerts = load_alerts(write(tmp_path, GOOD.replace("0 7 * * 1-5", "never")))
    with pytest.raises(ConfigError, match=r"line 8: sang\.schedule: `never`"):
        alerts.digest("sang")


def test_a_file_that_is_no_yaml_is_an_error_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"alerts\.yml, line 3"):
        load_alerts(write(tmp_path, "sang:\n  title: [\n"))
