"""What a site sees of us: robots.txt kept, delays kept, rest given when asked, no other host visited."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from archive.clock import utc_now
from archive.home import Home
from archive.schema import open_archive
from crawler.demo import DemoPress, Visit
from crawler.demo.run import write_config
from tests.commands import diemtin
from tests.demo_expected import special_urls

pytestmark = pytest.mark.timeless


@pytest.fixture
def press() -> Iterator[DemoPress]:
    with DemoPress(utc_now()) as running:
        yield running


def home_of(press: DemoPress, folder: Path, **changed: Any) -> Path:
    """A home with the press's sources, each with these keys changed."""
    path = write_config(Home.at(folder), press, {"revisit": ["1h"], "contact": "bientap@example.org"})
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for block in data["sources"].values():
        block.update(changed)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return folder


def runs_of(done: str) -> dict[str, dict[str, Any]]:
    return {run["source"]: run for run in json.loads(done)}


def of_host(visits: list[Visit], home: str) -> list[Visit]:
    return [visit for visit in visits if home == f"http://{visit.host}/"]


def test_never_two_at_once_and_never_faster_than_the_delay(press: DemoPress, tmp_path: Path) -> None:
    home = home_of(press, tmp_path, delay="200ms")
    diemtin("crawl", "congmau", "--json", home=home)
    times = [visit.at for visit in of_host(press.visits, press.sources()["congmau"]["home"])]
    gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
    assert len(times) > 10
    assert min(gaps[1:]) > 0.15, "robots.txt and the first list may come together"


def test_the_agent_is_honest_and_robots_txt_comes_first_and_is_kept(press: DemoPress, tmp_path: Path) -> None:
    diemtin("crawl", "--json", home=home_of(press, tmp_path))
    agents = {visit.user_agent for visit in press.visits}
    assert len(agents) == 1
    assert "diemtin" in agents.copy().pop()
    assert "bientap@example.org" in agents.pop()
    for block in press.sources().values():
        assert of_host(press.visits, block["home"])[0].path == "/robots.txt"
    assert not [visit for visit in press.visits if special_urls(press)["forbidden"].endswith(visit.path)]


def test_a_site_that_says_not_now_is_left_alone_as_long_as_it_asks(press: DemoPress, tmp_path: Path) -> None:
    home = home_of(press, tmp_path)
    press.fail("baomau", 429, under="/rss")
    run = runs_of(diemtin("crawl", "baomau", "--json", home=home, check=False).stdout)["baomau"]
    assert "429" in run["reason"]
    asked = len(of_host(press.visits, press.sources()["baomau"]["home"]))
    assert asked <= 5, "it stopped at once"
    press.fail("baomau", None)
    again = runs_of(diemtin("crawl", "baomau", "--json", home=home, check=False).stdout)["baomau"]
    assert again["outcomes"] == {}
    assert len(of_host(press.visits, press.sources()["baomau"]["home"])) == asked


def test_while_robots_txt_cannot_be_read_nothing_is_fetched_and_nothing_is_lost(
    press: DemoPress, tmp_path: Path
) -> None:
    home = home_of(press, tmp_path)
    press.fail("baomau", 503, under="/robots.txt")
    run = runs_of(diemtin("crawl", "baomau", "--json", home=home, check=False).stdout)["baomau"]
    assert (run["state"], run["outcomes"]) == ("unreachable", {})
    assert run["reason"] == 'robots_http {"status": 503}'
    assert {v.path for v in of_host(press.visits, press.sources()["baomau"]["home"])} == {"/robots.txt"}
    press.fail("baomau", None, under="/robots.txt")
    run = runs_of(diemtin("crawl", "baomau", "--json", home=home).stdout)["baomau"]
    assert run["outcomes"]["stored"] > 15


def test_a_long_outage_takes_no_article_down(press: DemoPress, tmp_path: Path) -> None:
    home = home_of(press, tmp_path)
    config = home / "config" / "sources.yml"
    config.write_text(config.read_text(encoding="utf-8").replace("- 1h", "- 1s"), encoding="utf-8")
    diemtin("crawl", "truyenhinhmau", home=home)
    press.fail("truyenhinhmau", 500)
    for _ in range(2):
        diemtin("crawl", "truyenhinhmau", home=home, check=False)
    db = open_archive(home / "archive.db")
    states = db.execute(
        "select count(*), sum(state = 'live'), sum(suspected_at is null) from articles"
    ).fetchone()
    db.close()
    assert states[0] == states[1] == states[2] > 10
