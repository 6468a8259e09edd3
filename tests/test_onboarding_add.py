"""``sources add``: what is written is a source that a crawl can use; the rest of the file stays as it was."""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from archive.clock import utc_now
from archive.config import ConfigError
from archive.home import DEFAULTS, Home
from crawler.cli import main
from crawler.demo import DemoPress
from crawler.onboarding.proposal import Unfit, Wish, key_of, propose
from crawler.onboarding.writer import write_source
from crawler.sources import Sources, home_sources, load_sources
from pipelines.item import Context, ContextFiles
from tests.demo_expected import every_article
from tests.tiny_site import RSS, TEXT, TinySite, article, feed, page

# trafilatura looks for a SOCKS proxy at its first import and does without.
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
SHIPPED = DEFAULTS / "sources.yml"
PATHS = [f"/xuong-che-doi-mau-ban-hang-{number}.html" for number in range(187001, 187009)]
MENU = {"/kinh-te": "Kinh tế", "/doi-song-c12.html": "Đời sống", "/lien-he.html": "Liên hệ"}
LINKS = dict.fromkeys(PATHS, "Xưởng chè Đồi Mẫu bán hàng bằng mã truy xuất")
DECLARED = '<link rel="alternate" type="application/rss+xml" href="/rss/kinh-te.rss">'


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A desk by the clock on the wall, which is the sample press's and the commands' too."""
    return ContextFiles.of(Home.at(tmp_path_factory.mktemp("home")), load_sources(SHIPPED).families).load()


@pytest.fixture(scope="module")
def then(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A desk on the day of the tiny site's articles."""
    return ContextFiles.of(Home.at(tmp_path_factory.mktemp("home")), load_sources(SHIPPED).families).load(
        lambda: NOW
    )


@pytest.fixture(scope="module")
def press() -> Iterator[DemoPress]:
    with DemoPress(utc_now()) as running:
        yield running


@pytest.fixture(scope="module")
def none() -> Sources:
    return Sources({}, load_sources(SHIPPED).families)


def add(home: Path, url: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "sources", "add", url, "--delay", "0", *options])


def stem(url: str) -> str:
    return "/" + url.split("/", 3)[3]


SAMPLES = {
    "baomau": ("epi", {"/rss/home.rss", "/rss/kinhte-11.rss"}, {"/sitemap.xml"}, set()),
    "kinhtemau": (
        "vccorp",
        {"/rss/kinh-doanh.rss", "/rss/thi-truong.rss"},
        {"/sitemaps/google-news.xml"},
        set(),
    ),
    "congnghemau": ("onecms", {"/rss/moi-nhat"}, {"/sitemap.xml"}, set()),
    "congmau": (None, set(), set(), {"/", "/news/chuyen-doi-so/", "/news/cong-nghiep/", "/news/thong-bao/"}),
    "truyenhinhmau": (None, {"/rss.xml"}, set(), set()),
}


@pytest.mark.parametrize("key", SAMPLES)
def test_an_outlet_is_found_out_from_its_home_page(
    press: DemoPress, context: Context, none: Sources, key: str
) -> None:
    block = press.sources()[key]
    found = propose(Wish(block["home"], key), none, context, delay=0)
    family, feeds, sitemaps, sections = SAMPLES[key]
    assert found.name == block["name"]
    assert found.family == family
    assert {stem(feed.url) for feed in found.feeds} == feeds
    assert {stem(sitemap.url) for sitemap in found.sitemaps} == sitemaps
    assert {stem(url) for url in found.sections} == sections
    assert found.item is not None
    assert found.item.article.title
    assert found.item.article.published_at
    assert set(found.item.rule_missed) <= {"author"}


@pytest.mark.parametrize("key", SAMPLES)
def test_the_derived_form_takes_every_article_of_the_outlet(
    press: DemoPress, context: Context, none: Sources, key: str
) -> None:
    found = propose(Wish(press.sources()[key]["home"], key), none, context, delay=0)
    listed = [row.url for row in every_article(press) if row.source == key and row.outcome == "stored"]
    missed = [url for url in listed if not re.search(found.pattern.regex, url)]
    assert len(missed) <= len(listed) * 0.1


def test_an_article_or_a_section_leads_to_the_same(press: DemoPress, context: Context, none: Sources) -> None:
    block = press.sources()["kinhtemau"]
    one = next(row.url for row in every_article(press) if row.source == "kinhtemau" and row.outcome == "stored")
    by_article = propose(Wish(one, "x"), none, context, delay=0)
    by_section = propose(Wish(block["sections"][0], "x"), none, context, delay=0)
    assert by_article.pattern.regex == by_section.pattern.regex
    assert by_article.item is not None
    assert by_article.item.article.url == one
    assert (by_article.sections, by_section.sections) == ([], [block["sections"][0]])


def test_it_asks_by_name_politely_and_only_what_it_has_seen(then: Context, none: Sources) -> None:
    pages = {
        "/robots.txt": (200, "User-agent: *\nDisallow: /kin", TEXT),
        "/": page({**MENU, "/kin/danh-sach": "RSS", **LINKS}, DECLARED),
        "/rss/kinh-te.rss": feed(PATHS),
        **{path: article() for path in PATHS},
    }
    with TinySite(pages) as site:
        found = propose(Wish(site.home), none, then, delay=0)
    assert site.paths == ["/robots.txt", "/", "/rss/kinh-te.rss", PATHS[0]]
    assert all("diemtin" in agent for _, agent, _ in site.visits)
    assert found.requests == 4
    assert found.pattern.regex == r"-\d{5,7}\.html$"


def test_feeds_are_found_through_a_page_that_lists_them(then: Context, none: Sources) -> None:
    pages = {
        "/": page({**MENU, "/kenh-tin": "RSS", **LINKS}),
        "/kenh-tin": page({"/rss/kinh-te.rss": "Kinh tế"}),
        "/rss/kinh-te.rss": feed(PATHS),
        **{path: article() for path in PATHS},
    }
    with TinySite(pages) as site:
        found = propose(Wish(site.home), none, then, delay=0)
    assert [stem(one.url) for one in found.feeds] == ["/rss/kinh-te.rss"]


UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "nobody": ({}, "answered 404"),
    "no articles": ({"/": page(MENU)}, "no form of article addresses stands out"),
    "dead articles": ({"/": page(LINKS)}, "no article can be read; {home}" + PATHS[2] + ": answered 404"),
    "forbidden": ({"/robots.txt": (200, "User-agent: *\nDisallow: /", TEXT)}, "robots.txt does not allow it"),
    "moved": ({"/": (301, "", RSS, {"Location": "http://192.0.2.1/"})}, "leads to another host, 192.0.2.1"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_gives_no_source_is_one_line(tmp_path: Path, case: str) -> None:
    pages, said = UNFIT[case]
    with TinySite(pages) as site:
        done = add(tmp_path, site.home, "--write")
        assert done.exit_code == 1
        assert done.stderr.count("\n") == 1
        assert said.replace("{home}", site.home) in done.stderr
    assert not (tmp_path / "config").exists()
    assert not (tmp_path / "pages-golden").exists()


def test_without_write_nothing_is_written_and_the_block_is_shown(tmp_path: Path, press: DemoPress) -> None:
    done = add(tmp_path, press.sources()["baomau"]["home"], "--key", "baomau")
    assert done.exit_code == 0
    assert "  baomau:\n    name: Báo Mẫu Thái Nguyên\n" in done.stdout
    assert "title      " in done.stdout
    assert "nothing written" in done.stdout
    assert not (tmp_path / "config").exists()


def test_write_makes_a_file_of_its_own_beside_the_shipped_one(tmp_path: Path, press: DemoPress) -> None:
    done = add(
        tmp_path, press.sources()["baomau"]["home"], "--key", "baomau", "--write", "--kind", "provincial"
    )
    assert done.exit_code == 0, done.output
    config = tmp_path / "config"
    files = [path for path in config.rglob("*") if path.is_file()]
    assert files == [config / "sources.d" / "baomau.yml"]
    sources = home_sources(Home.at(tmp_path)).by_key
    assert set(sources) == set(load_sources(SHIPPED).by_key) | {"baomau"}
    source = sources["baomau"]
    assert (source.name, source.kind, source.home) == (
        "Báo Mẫu Thái Nguyên",
        "provincial",
        press.sources()["baomau"]["home"].rstrip("/"),
    )
    assert source.seen.startswith("found by sources add on 20")
    assert source.rules.body == ".article__body"
    golden = tmp_path / "pages-golden" / "baomau"
    expected = json.loads((golden / "expected.json").read_text(encoding="utf-8"))
    assert expected["title"] in gzip.decompress((golden / "page.html.gz").read_bytes()).decode()
    assert (expected["family"], expected["published_from"]) == ("epi", "jsonld")
    files[0].write_text(files[0].read_text(encoding="utf-8") + "    delay: 0s\n", encoding="utf-8")
    checked = CliRunner().invoke(main, ["--home", str(tmp_path), "sources", "check", "baomau"])
    assert "1 ok" in checked.stdout


def test_a_key_or_host_that_is_there_is_refused_in_one_line(tmp_path: Path, press: DemoPress) -> None:
    by_host = add(tmp_path, "https://m.vnexpress.net/thoi-su", "--write")
    assert (by_host.exit_code, by_host.stderr) == (
        2,
        "diemtin: m.vnexpress.net is there already, as source `vnexpress`\n",
    )
    by_key = add(tmp_path, press.sources()["baomau"]["home"], "--key", "vnexpress", "--write")
    assert by_key.stderr == "diemtin: there is a source `vnexpress` already; name another with --key\n"
    no_key = add(tmp_path, press.sources()["baomau"]["home"], "--key", "Báo Mẫu")
    assert "a key has only a-z" in no_key.stderr
    no_url = add(tmp_path, "baomau.vn")
    assert "write it like https://" in no_url.stderr
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize(
    "text",
    [
        "sources:\n",
        "# mine\nsources:\n    a: &x {name: A, home: 'https://a.vn', kind: portal, article: x}  # stays\n",
        "sources: {a: {name: A, home: 'https://a.vn', kind: portal, article: x}}\n",
        "defaults: {every: 2h}\n",
        "",
    ],
)
def test_the_users_own_file_stays_byte_for_byte(
    tmp_path: Path, press: DemoPress, context: Context, none: Sources, text: str
) -> None:
    own = tmp_path / "config" / "sources.yml"
    own.parent.mkdir()
    own.write_text(text, encoding="utf-8")
    known = set(load_sources(own).by_key)
    proposal = propose(Wish(press.sources()["truyenhinhmau"]["home"], "moi"), none, context, delay=0)
    write_source(Home.at(tmp_path), proposal, utc_now())
    assert own.read_text(encoding="utf-8") == text
    assert set(home_sources(Home.at(tmp_path)).by_key) == known | {"moi"}
    assert sorted(path.name for path in (own.parent / "sources.d").iterdir()) == ["moi.yml"]


@pytest.mark.parametrize("key", ["127_0_0_1", "no", "1e3", "0x1f", "null", "2026-11-29"])
def test_a_key_that_yaml_reads_as_something_else_stays_a_word(
    tmp_path: Path, press: DemoPress, context: Context, none: Sources, key: str
) -> None:
    home, site = Home.at(tmp_path), press.sources()["truyenhinhmau"]["home"]
    proposal = propose(Wish(site, key), none, context, delay=0)
    file = write_source(home, proposal, utc_now())[0]
    assert key in home_sources(home).by_key
    proposal.home, kept = "https://khac.example", file.read_bytes()
    with pytest.raises(ConfigError, match="already"):
        write_source(home, proposal, utc_now())
    file.write_bytes(b"sources: {}\n")
    with pytest.raises(ConfigError, match="this file is there already"):
        write_source(home, proposal, utc_now())
    assert kept != file.read_bytes() == b"sources: {}\n"


def test_what_cannot_be_read_back_is_not_written(
    tmp_path: Path, press: DemoPress, context: Context, none: Sources
) -> None:
    proposal = propose(Wish(press.sources()["truyenhinhmau"]["home"], "moi"), none, context, delay=0)
    proposal.family = "khong-co"
    with pytest.raises(ConfigError, match="no family `khong-co`"):
        write_source(Home.at(tmp_path), proposal, utc_now())
    assert list((tmp_path / "config" / "sources.d").iterdir()) == []
    assert list((tmp_path / "pages-golden").iterdir()) == []


def test_what_the_user_says_wins(press: DemoPress, context: Context, none: Sources) -> None:
    home = press.sources()["baomau"]["home"]
    found = propose(Wish(home, "x", "Tên khác", "magazine", r"-post\d{6,8}\.html$"), none, context, delay=0)
    assert (found.name, found.kind, found.pattern.regex) == ("Tên khác", "magazine", r"-post\d{6,8}\.html$")
    with pytest.raises(ConfigError, match="bad regular expression"):
        propose(Wish(home, "x", article="-(\\d"), none, context, delay=0)
    with pytest.raises(Unfit, match="no article"):
        propose(Wish(home, "x", article="/khong-co"), none, context, delay=0)


def test_keys_come_from_hosts() -> None:
    keys = {
        "https://www.bao-moi.com.vn/x": "bao-moi",
        "https://chuyendoiso.thainguyen.gov.vn": "chuyendoiso_thainguyen",
        "http://127.0.0.1:8000/": "s127_0_0_1",
        "https://www.24h.com.vn/": "s24h",
        "https://baothainguyen.vn": "baothainguyen",
    }
    assert {url: key_of(url) for url in keys} == keys
