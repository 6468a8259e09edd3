"""``why``: the step that failed is named, for every reason an article may be missing."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from archive.clock import stamp, utc_now
from archive.home import Home
from archive.refused import BadAddress, Explanation, refused
from archive.schema import open_archive
from crawler.asked.explain import Explainer
from tests import refusing_site as of
from tests.commands import diemtin
from tests.tiny_site import TinySite


@dataclass
class Press:
    site: TinySite
    home: Home

    def why(self, path: str) -> Explanation:
        return Explainer(self.home)(path if "://" in path else f"{self.site.home}{path}")


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Press]:
    """The site, crawled once."""
    with TinySite(of.pages()) as site:
        home = of.write_home(tmp_path_factory.mktemp("home"), site.home)
        diemtin("crawl", home=home.path)
        yield Press(site, home)


@pytest.mark.parametrize(
    ("path", "step", "verdict"),
    [
        (of.STORED, "archive", "kept"),
        (of.ELSEWHERE, "archive", "kept_elsewhere"),
        (of.OWN, "archive", "kept"),
        (of.BLOCKED, "visit", "blocked"),
        (of.GONE, "visit", "gone"),
        (of.SHORT, "stages", "too_short"),
        (of.LISTING, "stages", "not_article"),
        (of.IRRELEVANT, "stages", "irrelevant"),
        (of.FORBIDDEN, "robots", "robots"),
        (of.UNLISTED, "list", "not_named"),
        ("/lien-he", "address", "no_article_address"),
        ("https://bao-khac.example/bai-1.html", "source", "of_no_source"),
    ],
)
def test_the_step_that_failed_is_named(press: Press, path: str, step: str, verdict: str) -> None:
    explanation = press.why(path)
    assert (explanation.decisive.name, explanation.decisive.verdict) == (step, verdict)
    headline = path in of.FEED
    assert bool(explanation.article_id) == (step == "archive" or headline)


def test_a_kept_page_that_takes_long_to_read_holds_up_no_thread(press: Press) -> None:
    explanation = Explainer(press.home, limit=0.08)(f"{press.site.home}{of.STORED}")
    steps = {step.name: step for step in explanation.steps}
    assert (steps["stages"].ok, steps["stages"].reason) == (False, "read_timeout")
    assert explanation.decisive.verdict == "kept"


def test_every_step_is_told(press: Press) -> None:
    steps = {step.name: step for step in press.why(of.SHORT).steps}
    assert list(steps) == ["source", "address", "list", "visit", "stages", "archive"]
    assert f"{press.site.home}/rss" in steps["list"].reason
    assert [step.ok for step in steps.values()] == [True, True, True, None, False, None]


def test_a_tracked_or_mobile_form_of_an_address_is_the_same(press: Press) -> None:
    assert press.why(f"{of.STORED}?utm_source=zalo#binh-luan").decisive.verdict == "kept"


def test_an_address_that_was_named_and_waits_for_its_turn(press: Press, tmp_path: Path) -> None:
    later, before = stamp(utc_now() + timedelta(hours=3)), stamp(utc_now() - timedelta(hours=1))
    with sqlite3.connect(press.home.pages_db) as pages:
        sql = "insert into addresses (url, source, found_at, found_in, next_at) values (?, 'thu', ?, 'rss', ?)"
        for number, at in ((70, later), (71, before), (72, None)):
            pages.execute(sql, [f"{press.site.home}/bai-{number}.html", before, at])
    verdicts = [press.why(f"/bai-{number}.html").decisive for number in (70, 71, 72)]
    assert [(one.name, one.verdict) for one in verdicts] == [
        ("turn", "not_due"), ("turn", "due_now"), ("turn", "never_due"),
    ]  # fmt: skip
    with sqlite3.connect(press.home.pages_db) as pages:
        pages.execute(
            "insert into rests values ('thu', ?, 1, ?)",
            [later, f'resting {{"status": 429, "until": "{later}"}}'],
        )
    assert press.why("/bai-71.html").decisive.verdict == "resting"
    with sqlite3.connect(press.home.pages_db) as pages:
        pages.execute("delete from rests")
        pages.execute("delete from addresses where found_in = 'rss'")


def test_the_command_tries_a_page_that_was_never_read_and_keeps_nothing(press: Press) -> None:
    url = f"{press.site.home}{of.UNLISTED}"
    answer = json.loads(diemtin("why", url, "--json", home=press.home.path).stdout)
    assert (answer["verdict"], answer["steps"][-1]["name"]) == ("not_named", "trial")
    assert answer["steps"][-1]["outcome"] == "stored"
    english = diemtin("--lang", "en", "why", url, home=press.home.path).stdout
    assert english.splitlines()[-1].startswith("list: none of the 1 lists that were read named it")
    seen = len(press.site.visits)
    assert "trial" not in diemtin("why", url, "--no-fetch", home=press.home.path).stdout
    assert len(press.site.visits) == seen
    assert press.why(url).decisive.verdict == "not_named"


def test_a_page_of_no_source_is_tried_too(press: Press) -> None:
    with TinySite({"/tin/moi.html": of.page(of.NAMED, of.LINES)}) as other:
        answer = json.loads(diemtin("why", f"{other.home}/tin/moi.html", "--json", home=press.home.path).stdout)
        assert other.paths == ["/robots.txt", "/tin/moi.html"]
    assert (answer["verdict"], answer["source"]) == ("of_no_source", "manual")
    assert answer["steps"][-1]["outcome"] == "stored"
    assert "story" not in [step["name"] for step in answer["steps"]]


def test_what_was_refused_and_names_the_province(press: Press) -> None:
    db = open_archive(press.home.archive_db)
    rows = refused(press.home.pages_db, db, utc_now() - timedelta(days=1), utc_now())
    db.close()
    paths = {one.url.removeprefix(press.site.home): (one.outcome, one.names_in) for one in rows}
    assert paths == {
        of.BLOCKED: ("blocked", "list"),
        of.GONE: ("gone", "list"),
        of.SHORT: ("too_short", "list"),
        of.LISTING: ("not_article", "list"),
        of.IRRELEVANT: ("irrelevant", "list"),
        of.FORBIDDEN: ("robots", "list"),
    }
    assert all(one.title.startswith(of.NAMED) for one in rows)


def test_the_command_rejected(press: Press) -> None:
    rows = json.loads(diemtin("rejected", "--json", home=press.home.path).stdout)
    assert {row["outlet"] for row in rows} == {"Báo Thử"}
    assert "robots.txt does not allow it" in {row["sentence"] for row in rows}
    text = diemtin("--lang", "vi", "rejected", "--source", "thu", home=press.home.path).stdout
    assert "robots.txt không cho phép" in text
    assert text.splitlines()[-1] == "6 địa chỉ có nhắc đến tỉnh bị loại trong 7 ngày"
    assert diemtin("rejected", "--days", "0", home=press.home.path).stdout.startswith("0 ")
    for days in ("-1", "99999999999", "x"):
        wrong = diemtin("rejected", "--days", days, home=press.home.path, check=False)
        assert (wrong.returncode, len(wrong.stderr.splitlines())) == (2, 1)
    unknown = diemtin("rejected", "--source", "thuu", home=press.home.path, check=False)
    assert (unknown.returncode, "did you mean `thu`?" in unknown.stderr) == (2, True)


BAD = [
    ("vớ vẩn", "no_address"),
    ("", "no_address"),
    ("ftp://bao.example/bai-1.html", "no_address"),
    ("file:///etc/passwd", "no_address"),
    ("javascript:alert(1)", "no_address"),
    ("http://[::1", "no_address"),
    ("https://ai:mat@bao.example/bai-1.html", "no_address"),
    ("http://10.0.0.8/bai-1.html", "private_address"),
    ("http://[::1]/bai-1.html", "private_address"),
    ("http://169.254.169.254/latest/meta-data", "private_address"),
    ("http://localhost/bai-1.html", "private_address"),
    ("https://bao.example/" + "a" * 2_000, "address_too_long"),
]


@pytest.mark.parametrize(("text", "code"), BAD)
def test_bad_addresses_are_one_plain_line(press: Press, text: str, code: str) -> None:
    with pytest.raises(BadAddress) as raised:
        Explainer(press.home)(text)
    assert raised.value.reason.startswith(code)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("command", ["why", "add"])
def test_the_commands_refuse_bad_addresses_with_2(press: Press, command: str) -> None:
    for text, _ in BAD[:3] + BAD[7:8]:
        done = diemtin("--lang", "vi", command, text, home=press.home.path, check=False)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
    assert "địa chỉ nội bộ" in done.stderr
