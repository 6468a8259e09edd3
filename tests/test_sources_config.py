"""The shipped sources.yml: it loads, invents nothing, and its rules fit the pages and addresses known."""

import gzip
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
import yaml
from lxml import html
from lxml.cssselect import CSSSelector

from archive.home import DEFAULTS
from crawler.sources import Source, Sources, has_lists, load_sources
from crawler.urls import article_address, own_host

FILE = DEFAULTS / "sources.yml"
PROVEN = ("live-", "in-page", "listed-in-use")
PROVINCE = {
    "baothainguyen",
    "en_baothainguyen",
    "thainguyentv",
    "baobackan",
    "thainguyen_gov",
    "nghiata_tn",
    "chuyendoiso_tn",
    "ict_tn",
    "dcs_tn",
    "hotropldn_tn",
    "hoinhabao_tn",
    "sct_tn",
    "songcong_tn",
    "phoyen_tn",
}
# Names of the file's dated fields as the facts write them
DATED = {"{year}": "YYYY", "{month}": "MM", "{month1}": "M", "{day}": "DD"}

EXAMPLES: dict[str, dict[str, list[str]]] = yaml.safe_load(
    Path(__file__).with_name("sources_examples.yml").read_text(encoding="utf-8")
)
BLOCKS: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["sources"]


@cache
def sources() -> Sources:
    return load_sources(FILE)


@cache
def shared() -> Path:
    folder = os.environ.get("DIEMTIN_SHARED")
    if not folder:
        pytest.skip("DIEMTIN_SHARED is not set: the facts and real pages are not here")
    return Path(folder)


@cache
def facts() -> dict[str, dict[str, Any]]:
    """What is known of each outlet, with the pages on the province that were found later."""
    entries = json.loads((shared() / "facts" / "sources.json").read_text(encoding="utf-8"))
    known = {entry["id"]: entry for entry in entries}
    for tag in json.loads((shared() / "facts" / "tags.json").read_text(encoding="utf-8")):
        new = {"home_url": tag["home"], "kind": None, "feeds": [], "sections": [], "article_url": None}
        outlet = known.setdefault(tag["outlet"], new)
        if tag["kind"] == "feed" and tag["url"] not in {feed["url"] for feed in outlet["feeds"]}:
            status = "in-page" if re.search("declared", tag["notes"] + tag["seen_title"]) else "listed"
            outlet["feeds"].append({"url": tag["url"], "status": status})
        else:
            outlet["sections"].append({"url": tag["url"]})
        outlet.setdefault("found_later", []).append(tag)
    return known


@cache
def gold() -> tuple[dict[str, Any], ...]:
    lines = (shared() / "pages" / "vn" / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


def page(name: str) -> html.HtmlElement:
    return html.document_fromstring(gzip.decompress((shared() / "pages" / name).read_bytes()).decode())


def source_of(url: str) -> Source:
    host = urlsplit(url).netloc.removeprefix("m.")
    return next(source for source in sources().by_key.values() if urlsplit(source.home).netloc == host)


def select(root: html.HtmlElement, css: str) -> list[html.HtmlElement]:
    return cast("list[html.HtmlElement]", CSSSelector(css)(root))


def said(found: html.HtmlElement) -> str:
    return " ".join(found.text_content().split())


def first(root: html.HtmlElement, css: str) -> str:
    found = select(root, css)
    return said(found[0]) if found else ""


def lists_of(source: Source) -> Iterator[str]:
    yield from (*source.feeds, *source.sitemaps, *source.sections)


def test_enough_outlets_and_the_province_first() -> None:
    keys = list(sources().by_key)
    assert len(keys) >= 50
    assert set(keys[: len(PROVINCE)]) == PROVINCE
    assert all(sources().by_key[key].keep == "all" for key in PROVINCE)
    assert all(source.keep == "relevant" for key, source in sources().by_key.items() if key not in PROVINCE)


def test_every_block_says_how_it_is_known() -> None:
    for key, source in sources().by_key.items():
        assert re.search(r"20\d\d|confirm", source.seen), key
        assert source.state != "unverified" or "confirm" in source.seen, key


def test_a_live_source_has_lists_and_one_of_unknown_form_is_not_live() -> None:
    for key, source in sources().by_key.items():
        if source.state == "live":
            assert has_lists(source), key
            assert source.article.pattern != "(?!)", key


def test_sites_that_refuse_machines_are_blocked() -> None:
    blocked = {key for key, source in sources().by_key.items() if source.state == "blocked"}
    assert blocked == {"laodong", "qdnd", "vov", "hanoimoi"}
    assert not blocked & {source.key for source in sources().named([])}


def test_addresses_are_given_once_and_on_the_outlets_own_hosts() -> None:
    seen: set[str] = set()
    for key, source in sources().by_key.items():
        bare = urlsplit(source.home).netloc.removeprefix("www.")
        for url in lists_of(source):
            assert urlsplit(url).netloc.removeprefix("www.").endswith(bare), (key, url)
            assert url not in seen, url
            seen.add(url)


def test_no_list_is_taken_for_an_article() -> None:
    for key, source in sources().by_key.items():
        for url in (source.home, *lists_of(source)):
            assert not source.article.search(url), (key, url)


def test_what_outlets_published_is_recognised() -> None:
    """A pattern that no longer fits loses an outlet silently."""
    assert sum(len(known.get("articles", [])) for known in EXAMPLES.values()) >= 90
    for key, known in EXAMPLES.items():
        source = sources().by_key[key]
        for url in known.get("articles", []):
            assert source.article.search(url), (key, url)
            assert not own_host(urlsplit(url).netloc, source) or article_address(url, source), (key, url)


def test_no_tag_topic_or_further_page_is_taken_for_an_article() -> None:
    for key, known in EXAMPLES.items():
        for url in known.get("lists", []):
            assert not sources().by_key[key].article.search(url), (key, url)


def test_print_copies_are_no_articles() -> None:
    for key, module in (("dcs_tn", "xay-dung-dang"), ("hotropldn_tn", "news"), ("hoinhabao_tn", "vi/news")):
        source = sources().by_key[key]
        story = f"{source.home}/{module}/tin-trong-tinh/mot-bai-bao-63.html"
        assert source.article.search(story)
        assert not source.article.search(story.replace(f"/{module}/", f"/{module}/savefile/"))


def test_families_are_found_by_marks_and_give_title_and_body() -> None:
    for family in sources().families:
        assert family.marks, family.name
        assert family.rules.title, family.name
        assert family.rules.body, family.name


def test_outlets_are_named_and_placed_as_the_facts_say() -> None:
    kinds = {"government portal": "portal", "trade magazine": "magazine"}
    for key, source in sources().by_key.items():
        known = facts()[key]
        assert source.home == known["home_url"], key
        assert source.kind == kinds.get(known["kind"], known["kind"]) or known["kind"] is None, key


def test_no_address_is_invented() -> None:
    for key, source in sources().by_key.items():
        words = json.dumps(facts()[key], ensure_ascii=False)
        for url in lists_of(source):
            assert is_known(url, facts()[key], words), (key, url)
        for host in BLOCKS[key].get("hosts", []):
            assert host in words or host in alternates(key), (key, host)


def is_known(url: str, known: dict[str, Any], words: str) -> bool:
    """Whether the facts hold the address: as it is, below an index, or as a pattern filled with their words."""
    for field, letters in DATED.items():
        url = url.replace(field, letters)
    below = re.escape(url.removeprefix(known["home_url"] + "/"))
    if f'"{url}"' in words or f" {url} " in words or f"-> {url}" in words or re.search(f"-> {below}", words):
        return True
    for pattern in (entry["url"] for entry in known["sections"] if "{" in entry["url"]):
        filled = re.fullmatch(re.sub(r"\\\{\w+\\\}", "([a-z0-9-]+)", re.escape(pattern)), url)
        if filled and all(part.isdigit() or part in words for part in filled.groups()):
            return True
    return False


def alternates(key: str) -> str:
    """The twins that real pages of an outlet name in their heads."""
    pages = (page(item["file"]) for item in gold() if source_of(item["url"]).key == key)
    twins = (link for root in pages for link in select(root, 'link[rel="alternate"][media]'))
    return " ".join(link.get("href", "") for link in twins)


def test_feeds_are_proven() -> None:
    with_live_feed = 0
    for key, source in sources().by_key.items():
        status = {feed["url"]: feed["status"] for feed in facts()[key]["feeds"]}
        for url in source.feeds:
            assert status[url].startswith(PROVEN), (key, url, status[url])
        with_live_feed += any(status[url].startswith("live-") for url in source.feeds)
    assert with_live_feed >= 15


def test_known_articles_are_recognised_in_their_canonical_form() -> None:
    examples = [
        (key, url)
        for key, known in facts().items()
        if key in sources().by_key and known["article_url"]
        for url in known["article_url"].get("examples", [])
        if url.startswith("http")
    ]
    examples += [(source_of(item["url"]).key, item["url"]) for item in gold()]
    assert len(examples) >= 13
    for key, url in examples:
        assert article_address(url, sources().by_key[key]) == url
        assert article_address(f"{url}?utm_source=x#top", sources().by_key[key]) == url


@pytest.mark.parametrize("name", ["vnexpress", "tuoitre", "baochinhphu", "cafef"])
def test_listing_pages_give_articles(name: str) -> None:
    root = page(f"vn_lists/{name}.html.gz")
    source = sources().by_key[name]
    root.make_links_absolute(source.home)
    links = {link for element, _, link, _ in root.iterlinks() if element.tag == "a"}
    assert len({article_address(link, source) for link in links} - {None}) >= 15


def test_rules_read_the_real_pages() -> None:
    for item in gold():
        root, rules = page(item["file"]), source_of(item["url"]).rules
        assert first(root, rules.title) == " ".join(item["title"].split()), item["url"]
        assert first(root, rules.lead) == " ".join(item["lead"].split()), item["url"]
        assert item["date"][:4] in first(root, rules.published), item["url"]
        assert first(root, rules.section), item["url"]
        names = {said(found) for found in select(root, rules.author)}
        assert all(any(author in name for name in names) for author in item.get("authors", [])), item["url"]


def test_exactly_one_family_claims_each_real_page() -> None:
    for item in gold():
        root = page(item["file"])
        claims = {f.name for f in sources().families if all(select(root, mark) for mark in f.marks)}
        assert claims == {BLOCKS[source_of(item["url"]).key]["family"]}, item["url"]


def test_the_body_holds_the_text_and_drop_clears_the_furniture() -> None:
    for item in gold():
        root, rules = page(item["file"]), source_of(item["url"]).rules
        body = select(root, rules.body)[0]
        for css in rules.drop:
            for found in select(body, css):
                found.drop_tree()
        text, captions = said(body), item["text"].count("Ảnh:")
        kept = [line in text for line in (" ".join(line.split()) for line in item["text"].splitlines())]
        assert kept.count(False) <= max(captions, 1), item["url"]
        for junk in item.get("junk", []):
            assert " ".join(junk.split()) not in text, (item["url"], junk)


def test_the_page_on_sources_lists_each_with_its_state() -> None:
    text = (FILE.parent.parent / "docs" / "sources.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| \[.*\| (live|unverified|blocked) \|$", text, re.MULTILINE))
    assert rows == {key: source.state for key, source in sources().by_key.items()}
    for family in sources().families:
        assert f"| `{family.name}` |" in text


def test_the_counts_in_the_page_on_sources_are_right() -> None:
    text = (FILE.parent.parent / "docs" / "sources.md").read_text(encoding="utf-8")
    states = [source.state for source in sources().by_key.values()]
    counts = (len(states), *(states.count(state) for state in ("live", "unverified", "blocked")))
    assert "names {} outlets; {} are live, {} unverified, {} blocked".format(*counts) in text
    found = dict(re.findall(r"^\| `(\w+)` \| \[[^|]*\| \w+ \| ([^|]*) \|", text, re.MULTILINE))
    for key, source in sources().by_key.items():
        lists = (("feed", source.feeds), ("sitemap", source.sitemaps), ("section", source.sections))
        said_so = [f"{len(urls)} {kind}{'s' * (len(urls) > 1)}" for kind, urls in lists if urls]
        assert found[key] == (", ".join(said_so) or "–"), key
