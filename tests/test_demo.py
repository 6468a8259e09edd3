"""The sample press: its stock, its lists, and how it serves."""

import http.client
import re
import signal
import subprocess
import sys
import unicodedata
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from protego import Protego

from archive.model import Outcome
from crawler.demo import DemoPress, SampleArticle
from crawler.demo.stock import load_articles, load_outlets
from tests.demo_expected import every_article, expected_outcomes, special_urls
from tests.wire import NOW, decoded, get, named_by_lists


class TestTheStock:
    def test_there_are_enough_articles_of_many_lengths(self) -> None:
        articles = [article for outlet in load_outlets() for article in load_articles(outlet)]
        own = [article for article in articles if article.body and article.layout == "article"]
        assert len(own) >= 66
        words = sorted(len(f"{article.lead} {article.body}".split()) for article in own if not article.expect)
        assert words[0] >= 120
        assert words[-1] >= 500

    def test_a_demo_always_has_news_of_today_and_some_weeks_of_past(self) -> None:
        hours = [article.hours_ago for outlet in load_outlets() for article in load_articles(outlet)]
        assert sum(hour <= 20 for hour in hours) >= 15
        assert min(hours) <= 1.5
        assert 400 < max(hours) <= 20 * 24

    def test_about_half_is_about_the_province_and_its_industry(self, quiet: DemoPress) -> None:
        rows = every_article(quiet)
        assert 35 <= sum(row.relevant for row in rows) <= 50
        assert sum(not row.relevant for row in rows) >= 25

    def test_everything_written_is_composed_unicode(self) -> None:
        for outlet in load_outlets():
            for article in load_articles(outlet):
                text = "".join((article.title, article.lead, article.body, article.author))
                assert unicodedata.is_normalized("NFC", text), article.key

    def test_every_page_says_it_is_a_sample(self, quiet: DemoPress) -> None:
        for row in every_article(quiet):
            answer = get(row.url)
            if answer.status == 200:
                assert "trang mẫu" in unicodedata.normalize("NFC", answer.text), row.url

    def test_more_rounds_of_it_say_other_figures(self) -> None:
        with DemoPress(NOW, scale=3) as large, DemoPress(NOW) as small:
            assert len(every_article(large)) > 2 * len(every_article(small))
            assert "tăng 11,7%" in get(large.url_of("det-may-don-hang-2")).text
            assert {row.url for row in every_article(large) if row.source == "congmau"} <= named_by_lists(
                large, "congmau"
            )


class TestLists:
    @pytest.mark.parametrize("source", load_outlets())
    def test_every_article_is_named_and_nothing_else(self, press: DemoPress, source: str) -> None:
        rows = [row for row in every_article(press) if row.source == source]
        named = {url.split("?")[0] for url in named_by_lists(press, source)}
        assert named == {row.url for row in rows} | {twin for row in rows for twin in row.twins}

    def test_feeds_alone_do_not_name_everything(self, quiet: DemoPress) -> None:
        block = quiet.sources()["baomau"]
        linked = {e.link for url in block["feeds"] for e in feedparser.parse(decoded(get(url))).entries}
        assert 0 < len(linked) < sum(expected_outcomes(quiet)["baomau"].values())

    def test_the_portal_has_no_feed_and_pages_its_sections(self, quiet: DemoPress) -> None:
        block = quiet.sources()["congmau"]
        assert block["feeds"] == block["sitemaps"] == []
        first = next(url for url in block["sections"] if url.endswith("/chuyen-doi-so/"))
        assert get(first).tree.xpath("//a[@rel='next']/@href") == ["/news/chuyen-doi-so/page-2/"]
        assert get(urljoin(first, "page-9/")).status == 404

    def test_one_sitemap_is_an_index_of_gzipped_months(self, quiet: DemoPress) -> None:
        index = get(quiet.sources()["baomau"]["sitemaps"][0]).text
        months = re.findall(r"<loc>(.+?)</loc>", index)
        assert [month.rsplit("/", 1)[1] for month in months] == ["news-2026-9.xml.gz", "news-2026-8.xml.gz"]
        assert all(get(month).body.startswith(b"\x1f\x8b") for month in months)

    def test_one_is_a_news_sitemap_of_two_days(self, quiet: DemoPress) -> None:
        text = get(quiet.sources()["kinhtemau"]["sitemaps"][0]).text
        dates = [datetime.fromisoformat(found) for found in re.findall(r"publication_date>([^<]+)</", text)]
        assert len(dates) > 5
        assert max(dates) - min(dates) < timedelta(days=2)

    def test_robots_txt_forbids_one_listed_article_and_asks_for_patience(self, quiet: DemoPress) -> None:
        forbidden = special_urls(quiet)["forbidden"]
        blocks = quiet.sources()
        rules = Protego.parse(get(urljoin(forbidden, "/robots.txt")).text)
        assert not rules.can_fetch(forbidden, "tests")
        assert list(rules.sitemaps) == blocks["baomau"]["sitemaps"]
        assert Protego.parse(get(f"{blocks['congmau']['home']}robots.txt").text).crawl_delay("tests") == 0.1
        for row in every_article(quiet):
            if row.outcome is not Outcome.ROBOTS:
                rules = Protego.parse(get(urljoin(row.url, "/robots.txt")).text)
                assert rules.can_fetch(row.url, "tests"), row.url


class TestServing:
    def test_conditional_requests(self, press: DemoPress) -> None:
        for url in (press.url_of("det-may-don-hang"), press.sources()["baomau"]["feeds"][0]):
            first = get(url)
            tag, time = first.headers["etag"], first.headers["last-modified"]
            again = get(url, If_None_Match=tag)
            assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
            assert get(url, If_Modified_Since=time).status == 304
            assert get(url, If_None_Match='"other"', If_Modified_Since=time).status == 200
            assert get(url, If_Modified_Since="Sat, 01 Jan 2000 00:00:00 GMT").status == 200
            assert get(url, If_Modified_Since="yesterday").status == 200

    def test_a_silent_edit_is_seen_by_conditional_requests(self, press: DemoPress) -> None:
        url = press.url_of("cang-can")
        first = get(url)
        press.edit("cang-can", "12 giờ", "13 giờ")
        again = get(url, If_None_Match=first.headers["etag"], If_Modified_Since=first.headers["last-modified"])
        assert again.status == 200
        assert "13 giờ" in again.text
        assert get(url, If_Modified_Since=first.headers["last-modified"]).status == 200
        with pytest.raises(ValueError, match="says nowhere"):
            press.edit("cang-can", "không có câu này", "…")

    def test_every_visit_is_noted(self, press: DemoPress) -> None:
        url = press.url_of("cang-can")
        size = len(get(f"{url}?a=1", User_Agent="diemtin/0").body)
        get(url, "HEAD")
        first, second = press.visits
        assert (first.host, first.path) == (urlsplit(url).netloc, f"{urlsplit(url).path}?a=1")
        assert (first.status, first.bytes, first.user_agent) == (200, size, "diemtin/0")
        assert (second.status, second.bytes) == (200, 0)
        assert first.at <= second.at

    def test_it_can_be_published_to_and_taken_down_from(self, press: DemoPress) -> None:
        words = "Khu công nghiệp Thái Nguyên có thêm một nhà máy. " * 30
        new = SampleArticle(
            key="moi", section="kinh-te", hours_ago=0, title="Tin mới", relevant=True, body=words
        )
        url = press.publish("baomau", new)
        assert "thêm một nhà máy" in get(url).text
        assert url in decoded(get(press.sources()["baomau"]["feeds"][0]))
        with pytest.raises(ValueError, match="is taken"):
            press.publish("baomau", new)
        press.take_down("moi")
        assert get(url).status == 404
        assert url not in named_by_lists(press, "baomau")

    def test_it_can_be_made_to_fail(self, press: DemoPress) -> None:
        url, robots = press.url_of("det-may-don-hang"), f"{press.sources()['baomau']['home']}robots.txt"
        press.fail("baomau", 503, under="/robots.txt")
        assert (get(robots).status, get(url).status) == (503, 200)
        press.fail("baomau", 503)
        assert get(url).status == 503
        press.fail("baomau", None)
        assert (get(robots).status, get(url).status) == (200, 200)

    def test_it_stops_while_a_client_still_holds_a_connection(self) -> None:
        with DemoPress(NOW) as press:
            parts = urlsplit(press.url_of("cang-can"))
            connection = http.client.HTTPConnection(parts.netloc, timeout=10)
            for _ in range(2):
                connection.request("GET", parts.path)
                assert connection.getresponse().read()
        with pytest.raises(OSError, match=r"refused|reset|closed"):
            get(parts.geturl())
        connection.close()

    def test_pictures_and_missing_pages(self, quiet: DemoPress) -> None:
        home = quiet.sources()["kinhtemau"]["home"]
        assert get(f"{home}anh/cang-can.svg").headers["content-type"] == "image/svg+xml"
        assert get(f"{home}khong-co-trang-nay.htm").status == 404

    def test_a_naive_start_is_refused(self) -> None:
        with pytest.raises(ValueError, match="naive"):
            DemoPress(datetime(2026, 9, 5))  # noqa: DTZ001


def test_the_module_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "crawler.demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        lines = [running.stdout.readline() for _ in load_outlets()]
        home = next(re.search(r"http://\S+", line) for line in lines if "Cổng thông tin Mẫu" in line)
        assert home is not None
        assert get(f"{home[0]}robots.txt").status == 200
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=20) == 0
        assert running.stderr.read() == ""


def test_the_module_says_how_it_is_used() -> None:
    command = [sys.executable, "-m", "crawler.demo"]
    asked = subprocess.run([*command, "--help"], capture_output=True, text=True, check=False, timeout=60)
    assert asked.returncode == 0
    assert asked.stdout.startswith("Usage: python -m crawler.demo")
    assert "Example: python -m crawler.demo" in asked.stdout
    wrong = subprocess.run([*command, "--pot", "1"], capture_output=True, text=True, check=False, timeout=60)
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert re.fullmatch(r"python -m crawler\.demo: .*--pot.*\n", wrong.stderr)


def test_expectations_add_up(quiet: DemoPress) -> None:
    expected = expected_outcomes(quiet)
    assert set(expected) == set(quiet.sources())
    assert sum(sum(counts.values()) for counts in expected.values()) == len(every_article(quiet))
    assert {outcome for counts in expected.values() for outcome in counts} == {
        Outcome.STORED, Outcome.IRRELEVANT, Outcome.NOT_ARTICLE, Outcome.TOO_SHORT, Outcome.ROBOTS,
    }  # fmt: skip
    later = {row.special: row.later for row in every_article(quiet) if row.later}
    assert later == {"edited": Outcome.REVISED, "taken_down": Outcome.GONE}
