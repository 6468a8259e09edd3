"""sources.yml becomes checked values; whatever is wrong in it is one line naming file, block and key."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from archive.config import ConfigError
from archive.home import DEFAULTS, Home
from crawler.sources import Source, Sources, home_sources, load_sources

GOOD = """
  baomau:
    name: Báo Mẫu
    home: https://baomau.vn/
    kind: provincial
    article: '-\\d+\\.htm$'
"""


def load(folder: Path, text: str | bytes) -> Sources:
    path = folder / "sources.yml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_sources(path)


def one(folder: Path, lines: str = "", above: str = "") -> Source:
    """The source of the good block with further lines."""
    added = "".join(f"    {line}\n" for line in lines.splitlines())
    return load(folder, f"{above}\nsources:{GOOD}{added}").by_key["baomau"]


def refused(folder: Path, text: str | bytes) -> str:
    """What the user reads, without the file's name; one line."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith(f"{folder / 'sources.yml'}")
    return said.removeprefix(f"{folder / 'sources.yml'}").removeprefix(": ")


def test_a_short_block_is_enough(tmp_path: Path) -> None:
    source = one(tmp_path)
    assert (source.key, source.name, source.kind) == ("baomau", "Báo Mẫu", "provincial")
    assert source.article.search("https://baomau.vn/tin-12.htm")
    assert (source.keep, source.every, source.delay) == ("relevant", timedelta(hours=1), 2.0)
    assert source.hosts == {"baomau.vn"}
    assert source.quiet is None
    assert source.state == "live"


def test_the_ages_of_revisits_and_take_downs_have_defaults(tmp_path: Path) -> None:
    sources = load(tmp_path, f"sources:{GOOD}")
    assert sources.revisit[0] == timedelta(hours=1)
    assert sources.revisit[-1] == timedelta(days=30)
    assert sources.gone_after == timedelta(hours=24)


def test_defaults_are_inherited_and_overruled(tmp_path: Path) -> None:
    above = 'defaults: {every: 2h, delay: 500ms, keep: all, quiet: "22:00-05:30", contact: a@b.vn}'
    source = one(tmp_path, above=above)
    assert (source.keep, source.every, source.delay) == ("all", timedelta(hours=2), 0.5)
    assert source.quiet == (time(22), time(5, 30))
    own = one(tmp_path, 'every: 1.5d\ndelay: 3s\nkeep: relevant\nquiet: "1:00-2:00"', above)
    assert (own.keep, own.every, own.delay) == ("relevant", timedelta(hours=36), 3.0)
    assert own.quiet == (time(1), time(2))
    assert load(tmp_path, f"{above}\nsources:{GOOD}").contact == "a@b.vn"


def test_revisit_ages_are_sorted(tmp_path: Path) -> None:
    sources = load(tmp_path, f"defaults: {{revisit: [1d, 30m], gone_after: 2d}}\nsources:{GOOD}")
    assert sources.revisit == (timedelta(minutes=30), timedelta(days=1))
    assert sources.gone_after == timedelta(days=2)


FAMILY = "families: {mau: {marks: [.mau], body: .than, title: h1, drop: [.tin-lien-quan]}}"


def test_own_rules_stand_over_the_familys_and_both_drop(tmp_path: Path) -> None:
    rules = one(tmp_path, "family: mau\nbody: '#rieng'\ndrop: [.qc]", FAMILY).rules
    assert (rules.body, rules.title, rules.lead) == ("#rieng", "h1", "")
    assert rules.drop == (".tin-lien-quan", ".qc")


def test_the_shipped_families_are_there_and_can_be_replaced(tmp_path: Path) -> None:
    assert one(tmp_path, "family: vccorp").rules.body
    changed = one(tmp_path, "family: vccorp", "families: {vccorp: {marks: [.x], body: .y}}")
    assert changed.rules.body == ".y"
    assert [f.name for f in load(tmp_path, f"{FAMILY}\nsources:{GOOD}").families].count("vccorp") == 1


def test_every_configured_address_makes_its_host_the_outlets_own(tmp_path: Path) -> None:
    lines = (
        "feeds: [https://rss.baomau.vn/a.rss]\nsections: ['http://127.0.0.1:8900/tin']\nhosts: [CDN.baomau.vn]"
    )
    assert one(tmp_path, lines).hosts == {"baomau.vn", "rss.baomau.vn", "127.0.0.1:8900", "cdn.baomau.vn"}


def test_named_gives_those_asked_for_or_all_that_may_be_crawled(tmp_path: Path) -> None:
    def block(key: str, lines: str) -> str:
        return f"  {key}: {{name: A, home: 'https://{key}.vn/', kind: national, article: x, {lines}}}\n"

    text = "sources:\n" + block("a", "feeds: ['https://a.vn/rss']") + block("b", "state: blocked, feeds: ['https://b.vn/rss']") + block("c", "")  # fmt: skip  # noqa: E501
    sources = load(tmp_path, text)
    assert [source.key for source in sources.named([])] == ["a"]
    assert [source.key for source in sources.named(["c", "b"])] == ["c", "b"]
    with pytest.raises(ConfigError, match="no source `d`"):
        sources.named(["a", "d"])


def test_an_empty_file_has_no_sources(tmp_path: Path) -> None:
    assert load(tmp_path, "").by_key == {}
    assert load(tmp_path, "sources:\n").by_key == {}


BAD_LINES = {
    "evry: 1h": "sources.baomau: unknown key `evry`",
    "feed: [https://baomau.vn/rss]": "sources.baomau: unknown key `feed`",
    "expect: {per_dya: [1, 2]}": "sources.baomau.expect: unknown key `per_dya`",
    "expect: {per_day: 20}": "sources.baomau.expect.per_day: ",
    "expect: [20, 400]": "sources.baomau.expect: ",
    "body: 'div['": "sources.baomau.body: bad CSS selector `div[`",
    "title: h1::text": "sources.baomau.title: bad CSS selector `h1::text`",
    "lead: 'v|p'": "sources.baomau.lead: bad CSS selector `v|p`",
    "drop: [.ok, 'a:nope']": "sources.baomau.drop: bad CSS selector `a:nope`",
    "every: 1 hour": "sources.baomau.every: `1 hour` is no time span; write 30s",
    "every: '30'": "sources.baomau.every: `30` is no time span",
    "every: 30": "sources.baomau.every: expected `str | null`, got `int`",
    "every: 0s": "sources.baomau.every: `0s` is too short",
    "every: -1h": "sources.baomau.every: `-1h` is no time span",
    "delay: fast": "sources.baomau.delay: `fast` is no time span",
    "quiet: night": "sources.baomau.quiet: `night` is no span of hours; write 22:00-05:00",
    "quiet: '25:00-26:00'": "sources.baomau.quiet: `25:00-26:00` is no span of hours",
    "keep: some": "sources.baomau.keep: invalid enum value 'some'",
    "state: dead": "sources.baomau.state: invalid enum value 'dead'",
    "family: nobody": "sources.baomau.family: no family `nobody` (known: vccorp",
    "feeds: [baomau.vn/rss]": "sources.baomau.feeds: `baomau.vn/rss` is no http(s) address",
    "feeds: ['ftp://baomau.vn/rss']": "sources.baomau.feeds: `ftp://baomau.vn/rss` is no http(s) address",
    "feeds: ['http://[::1/rss']": "sources.baomau.feeds: `http://[::1/rss` is no http(s) address",
    "feeds: ['https://baomau.vn:99999/']": "sources.baomau.feeds: `https://baomau.vn:99999/` is no http(s)",
    "feeds: ['https://baomau.vn/a b']": "sources.baomau.feeds: `https://baomau.vn/a b` is no http(s)",
    "feeds: https://baomau.vn/rss": "sources.baomau.feeds: expected `array`, got `str`",
    "feeds: [17]": "sources.baomau.feeds[0]: expected `str`, got `int`",
    "feeds: ['https://baomau.vn/{year}']": "sources.baomau.feeds: unknown `{year}`",
    "sections: ['https://baomau.vn/{month}']": "sources.baomau.sections: unknown `{month}`",
    "sitemaps: ['https://baomau.vn/{yaer}.xml']": "sources.baomau.sitemaps: unknown `{yaer}`",
    "sitemaps: ['https://baomau.vn/{month:02}.xml']": "sources.baomau.sitemaps: unknown `{month:02}`",
    "hosts: ['https://baomau.vn/']": "sources.baomau.hosts: `https://baomau.vn/` is no host name",
    "name: Báo Khác": ", line ",
}


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_of_a_source_is_named(tmp_path: Path, line: str) -> None:
    assert BAD_LINES[line] in refused(tmp_path, f"sources:{GOOD}    {line}\n")


BAD_FILES = {
    "soruces: {}": "unknown key `soruces` (known: defaults, families, sources)",
    "- a": "expected `key: value` lines at the top",
    "defaults: {evry: 1h}": "defaults: unknown key `evry`",
    "defaults: {every: soon}\nsources:" + GOOD: "defaults.every: `soon` is no time span",
    "defaults: {delay: soon}": "defaults.delay: `soon` is no time span",
    "defaults: {quiet: night}": "defaults.quiet: `night` is no span of hours",
    "defaults: {revisit: [1h, soon]}": "defaults.revisit: `soon` is no time span",
    "defaults: {revisit: 1h}": "defaults.revisit: expected `array`, got `str`",
    "defaults: {gone_after: 1 day}": "defaults.gone_after: `1 day` is no time span",
    "defaults: [1h]": "defaults: expected `key: value` lines",
    "families: {mau: {marks: [.a], bdoy: x}}": "families.mau: unknown key `bdoy`",
    "families: {mau: {body: x}}": "families.mau: object missing required field `marks`",
    "families: {mau: {marks: ['[']}}": "families.mau.marks: bad CSS selector `[`",
    "families: [mau]": "families: expected `name: block` lines",
    "sources: [baomau]": "sources: expected `key: block` lines",
    "sources:\n  baomau:\n": "sources.baomau: expected `key: value` lines",
    "sources:\n  baomau: {name: A}": "sources.baomau: object missing required field",
    "sources:" + GOOD.replace("baomau:", "Báo Mẫu:"): "sources.Báo Mẫu: a key has only a-z, 0-9, _ and -",
    "sources:" + GOOD.replace("'-\\d+\\.htm$'", "'-(\\d+'"): "sources.baomau.article: bad regular expression",
    "sources:" + GOOD.replace("provincial", "local"): "sources.baomau.kind: invalid enum value 'local'",
    "sources:"
    + GOOD.replace("https://baomau.vn/", "baomau.vn"): "sources.baomau.home: `baomau.vn` is no http(s)",
    "sources:" + GOOD + GOOD: "line 8, column 3: key `baomau` stands here twice",
    "sources:\n  a: [x\n  b: 1\n": "line 3, column 4: ",
}


@pytest.mark.parametrize("text", BAD_FILES)
def test_a_bad_file_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    assert BAD_FILES[text] in refused(tmp_path, text)


def test_a_file_that_is_no_utf_8_or_not_there(tmp_path: Path) -> None:
    assert "is not UTF-8 at byte" in refused(tmp_path, "sources: # Điểm".encode("utf-16"))
    with pytest.raises(ConfigError, match="cannot be read"):
        load_sources(tmp_path / "none.yml")


def test_files_of_sources_d_add_to_sources_yml(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "sources.d"
    folder.mkdir(parents=True)
    (folder / "baomau.yml").write_text("sources:" + GOOD, encoding="utf-8")
    family = "families: {mau: {marks: [.x], body: .y}}\nsources:" + GOOD.replace("baomau:", "bao2:")
    (folder / "them.yml").write_text(family, encoding="utf-8")
    (folder / "ghi-chu.txt").write_text("not read", encoding="utf-8")
    sources = home_sources(Home.at(tmp_path))
    assert set(sources.by_key) == set(load_sources(DEFAULTS / "sources.yml").by_key) | {"baomau", "bao2"}
    assert "mau" in {found.name for found in sources.families}
    (tmp_path / "config" / "sources.yml").write_text("defaults: {delay: 3s}\n", encoding="utf-8")
    sources = home_sources(Home.at(tmp_path))
    assert {key: source.delay for key, source in sources.by_key.items()} == {"baomau": 3.0, "bao2": 3.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sources:" + GOOD, "sources.baomau stands in "),
        ("families: {epi: {marks: [.x]}}", "families.epi stands in "),
        ("default: {every: 2h}", "unknown key `default` (known: changes, defaults, families, sources)"),
        ("sources: [x]", "sources: expected `key: block` lines"),
        ("sources: {x: {name: X}}", "sources.x: object missing required field"),
    ],
)
def test_a_file_of_sources_d_that_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    own, added = tmp_path / "sources.yml", tmp_path / "them.yml"
    own.write_text("families: {epi: {marks: [.x]}}\nsources:" + GOOD, encoding="utf-8")
    added.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_sources(own, [added])
    assert str(caught.value).startswith(f"{added}: ")
    assert message in str(caught.value)
    assert (str(own) in str(caught.value)) == ("stands in" in message)


def beside(folder: Path, text: str) -> Sources:
    """The good block with a file of sources.d beside it."""
    (folder / "sources.yml").write_text(f"sources:{GOOD}", encoding="utf-8")
    more = folder / "settings.changes.yml"
    more.write_text(text, encoding="utf-8")
    return load_sources(folder / "sources.yml", [more])


def test_a_file_beside_may_change_a_source_and_the_defaults(tmp_path: Path) -> None:
    sources = beside(
        tmp_path, "defaults: {contact: tin@so.vn}\nchanges: {baomau: {state: paused, every: 3h}, no_more: {}}"
    )
    assert sources.contact == "tin@so.vn"
    assert (sources.by_key["baomau"].state, sources.by_key["baomau"].every) == ("paused", timedelta(hours=3))
    assert sources.by_key["baomau"].name == "Báo Mẫu"
    assert sources.named([]) == []
    assert [one.key for one in sources.named(["baomau"])] == ["baomau"]


@pytest.mark.parametrize(
    "text",
    ["changes: {baomau: {state: asleep}}", "changes: {baomau: 1}", "changes: [x]", "defaults: {every: x}"],
)
def test_what_is_wrong_beside_names_that_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"settings\.changes\.yml: (changes|sources\.baomau|defaults)"):
        beside(tmp_path, text)
