"""The sample press: everything odd about it really is what it claims, and everything else is in order."""

import gzip
import http.client
import re
import signal
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from lxml import etree, html
from protego import Protego

from archive.model import Outcome
from crawler.samplepress import SampleArticle, SamplePress
from crawler.samplepress.stock import load_articles, load_outlets

NOW = datetime(2026, 9, 5, 6, 30, tzinfo=UTC)


class Got:
    """An answer as it came over the wire."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def tree(self) -> html.HtmlElement:
        return html.fromstring(self.text)


def get(url: str, method: str = "GET", **headers: str) -> Got:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, headers={"User-Agent": "tests", **named})
        return Got(connection.getresponse())
    finally:
        connection.close()


@pytest.fixture
def press() -> Iterator[SamplePress]:
    with SamplePress(NOW) as running:
        yield running


@pytest.fixture(scope="module")
def quiet() -> Iterator[SamplePress]:
    """A press shared by tests that set nothing off that another test looks at."""
    with SamplePress(NOW) as running:
        yield running


def key_of(press: SamplePress, special: str) -> str:
    return next(row.key for row in press.listed() if row.special == special)


def named_by_lists(press: SamplePress, source: str) -> set[str]:
    """Every article address that feeds, sitemaps and section pages of a source name."""
    block = press.sources()[source]
    found: set[str] = set()
    for url in block["feeds"]:
        found |= {entry.link for entry in feedparser.parse(decoded(get(url))).entries}
    for url in block["sections"]:
        found |= {urljoin(url, href) for href in get(url).tree.xpath("//a/@href")}
    for url in block["sitemaps"]:
        found |= locs(url)
    return {url for url in found if re.search(block["article"], url.split("?")[0])}


def locs(url: str) -> set[str]:
    body = get(url).body
    tree = etree.fromstring(gzip.decompress(body) if url.endswith(".gz") else body)
    urls = set(tree.xpath("//*[local-name()='loc']/text()"))
    if tree.tag.endswith("sitemapindex"):
        return {deeper for one in urls for deeper in locs(one)}
    return urls


def decoded(answer: Got) -> str:
    """A feed as text without its declaration, whatever that says."""
    body = answer.body
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = body.decode("utf-16")
    elif b'encoding="windows-1258"' in body[:80]:
        text = unicodedata.normalize("NFC", body.decode("cp1258"))
    else:
        text = body.decode("utf-8-sig")
    return re.sub(r"^<\?xml[^>]*\?>\s*", "", text)


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

    def test_about_half_is_about_the_province_and_its_industry(self, quiet: SamplePress) -> None:
        rows = quiet.listed()
        assert 35 <= sum(row.relevant for row in rows) <= 50
        assert sum(not row.relevant for row in rows) >= 25

    def test_everything_written_is_composed_unicode(self) -> None:
        for outlet in load_outlets():
            for article in load_articles(outlet):
                text = "".join((article.title, article.lead, article.body, article.author))
                assert unicodedata.is_normalized("NFC", text), article.key

    def test_every_page_says_it_is_a_sample(self, quiet: SamplePress) -> None:
        for row in quiet.listed():
            answer = get(row.url)
            if answer.status == 200:
                assert "trang mẫu" in unicodedata.normalize("NFC", answer.text), row.url

    def test_more_rounds_of_it_say_other_figures(self) -> None:
        with SamplePress(NOW, scale=3) as large, SamplePress(NOW) as small:
            assert len(large.listed()) > 2 * len(small.listed())
            assert "tăng 11,7%" in get(large.url_of("det-may-don-hang-2")).text
            assert {row.url for row in large.listed() if row.source == "congmau"} <= named_by_lists(
                large, "congmau"
            )


class TestLists:
    @pytest.mark.parametrize("source", load_outlets())
    def test_every_article_is_named_and_nothing_else(self, press: SamplePress, source: str) -> None:
        rows = [row for row in press.listed() if row.source == source]
        named = {url.split("?")[0] for url in named_by_lists(press, source)}
        assert named == {row.url for row in rows} | {twin for row in rows for twin in row.twins}

    def test_feeds_alone_do_not_name_everything(self, quiet: SamplePress) -> None:
        block = quiet.sources()["baomau"]
        linked = {e.link for url in block["feeds"] for e in feedparser.parse(decoded(get(url))).entries}
        assert 0 < len(linked) < sum(quiet.expected()["baomau"].values())

    def test_the_portal_has_no_feed_and_pages_its_sections(self, quiet: SamplePress) -> None:
        block = quiet.sources()["congmau"]
        assert block["feeds"] == block["sitemaps"] == []
        first = next(url for url in block["sections"] if url.endswith("/chuyen-doi-so/"))
        assert get(first).tree.xpath("//a[@rel='next']/@href") == ["/news/chuyen-doi-so/page-2/"]
        assert get(urljoin(first, "page-9/")).status == 404

    def test_one_sitemap_is_an_index_of_gzipped_months(self, quiet: SamplePress) -> None:
        index = get(quiet.sources()["baomau"]["sitemaps"][0]).text
        months = re.findall(r"<loc>(.+?)</loc>", index)
        assert [month.rsplit("/", 1)[1] for month in months] == ["news-2026-9.xml.gz", "news-2026-8.xml.gz"]
        assert all(get(month).body.startswith(b"\x1f\x8b") for month in months)

    def test_one_is_a_news_sitemap_of_two_days(self, quiet: SamplePress) -> None:
        text = get(quiet.sources()["kinhtemau"]["sitemaps"][0]).text
        dates = [datetime.fromisoformat(found) for found in re.findall(r"publication_date>([^<]+)</", text)]
        assert len(dates) > 5
        assert max(dates) - min(dates) < timedelta(days=2)

    def test_robots_txt_forbids_one_listed_article_and_asks_for_patience(self, quiet: SamplePress) -> None:
        forbidden = quiet.specials()["forbidden"]
        blocks = quiet.sources()
        rules = Protego.parse(get(urljoin(forbidden, "/robots.txt")).text)
        assert not rules.can_fetch(forbidden, "tests")
        assert list(rules.sitemaps) == blocks["baomau"]["sitemaps"]
        assert Protego.parse(get(f"{blocks['congmau']['home']}robots.txt").text).crawl_delay("tests") == 0.1
        for row in quiet.listed():
            if row.outcome is not Outcome.ROBOTS:
                rules = Protego.parse(get(urljoin(row.url, "/robots.txt")).text)
                assert rules.can_fetch(row.url, "tests"), row.url


class TestOddFeeds:
    def test_windows_1258(self, quiet: SamplePress) -> None:
        answer = get(quiet.specials()["feed-windows-1258"])
        assert b'encoding="windows-1258"' in answer.body
        with pytest.raises(UnicodeDecodeError):
            answer.body.decode("utf-8")
        text = answer.body.decode("cp1258")
        assert not unicodedata.is_normalized("NFC", text)
        assert "&#" not in text
        assert "Hội nghị xúc tiến đầu tư" in unicodedata.normalize("NFC", text)

    def test_utf_16(self, quiet: SamplePress) -> None:
        body = get(quiet.specials()["feed-utf-16"]).body
        assert body.startswith(b"\xff\xfe")
        assert "Nghị quyết 52-NQ/TW" in body.decode("utf-16")

    def test_one_that_says_utf_16_and_is_not(self, quiet: SamplePress) -> None:
        body = get(quiet.specials()["feed-utf-8-sig"]).body
        assert body.startswith(b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-16"?>')
        assert "Lãi suất huy động" in body.decode("utf-8-sig")

    @pytest.mark.parametrize(
        ("form", "pattern"),
        [
            ("rfc", r"Sat, 05 Sep 2026 \d\d:\d\d:\d\d \+0700"),
            ("offset", r"Sat, 05 Sep 2026 \d\d:\d\d:\d\d \+07:00"),
            ("short", r"Sat, 05 Sep 2026 \d\d:\d\d:\d\d \+07"),
            ("gmt7", r"Sat, 05 Sep 2026 \d\d:\d\d:\d\d GMT\+7"),
            ("american", r"9/5/2026 12:36:00\u202fPM"),
        ],
    )
    def test_dates_in_the_forms_real_feeds_write(self, quiet: SamplePress, form: str, pattern: str) -> None:
        text = decoded(get(quiet.specials()[f"dates-{form}"]))
        assert re.search(f"<pubDate>{pattern}</pubDate>", text)

    def test_links_with_campaign_parameters_lead_to_the_same_page(self, quiet: SamplePress) -> None:
        text = decoded(get(quiet.specials()["dates-gmt7"]))
        link = feedparser.parse(text).entries[0].link
        plain, _, query = link.partition("?")
        assert query == "utm_source=rss&utm_medium=feed"
        assert get(link).body == get(plain).body


class TestOddArticles:
    def test_a_figure_is_edited_between_two_visits(self, press: SamplePress) -> None:
        url = press.specials()["edited"]
        before, after = get(url), get(url)
        assert "tăng 7,8%" in before.text
        assert "7,8%" not in after.text
        assert after.text.replace("6,8%", "7,8%") == before.text
        assert before.headers["etag"] != after.headers["etag"]
        assert get(url).body == after.body

    def test_a_story_is_taken_down_after_the_first_visit(self, press: SamplePress) -> None:
        url = press.specials()["taken_down"]
        assert url in named_by_lists(press, "kinhtemau")
        assert get(url, "HEAD").status == 200
        assert get(url).status == 200
        assert url not in named_by_lists(press, "kinhtemau")
        assert [get(url).status for _ in range(2)] == [404, 404]

    def test_one_answers_500_once(self, press: SamplePress) -> None:
        url = press.specials()["fails_once"]
        assert [get(url).status for _ in range(3)] == [500, 200, 200]

    def test_one_page_is_decomposed_and_only_that_one(self, quiet: SamplePress) -> None:
        odd = quiet.specials()["nfd"]
        assert unicodedata.is_normalized("NFD", get(odd).text)
        assert not unicodedata.is_normalized("NFC", get(odd).text)
        for row in quiet.listed():
            if row.url != odd:
                assert unicodedata.is_normalized("NFC", get(row.url).text), row.url

    def test_one_is_spelt_in_the_old_tone_placement(self, quiet: SamplePress) -> None:
        text = get(quiet.specials()["old_tones"]).text
        assert {"hoá", "thuỷ", "hoà", "khoẻ", "Thuỵ"} <= set(re.findall(r"\w+", text))

    def test_one_has_no_date_for_machines_and_cites_an_older_one(self, quiet: SamplePress) -> None:
        text = get(quiet.specials()["undated"]).text
        assert not re.search(r"published_time|datePublished|datetime=|<time", text)
        assert "ngày 27/9/2019" in text
        assert "Thứ sáu - 04/09/2026 22:12" in text

    def test_reprints_say_whose_they_are(self, quiet: SamplePress) -> None:
        original = quiet.url_of("fdi-muoi-thang")
        tree = get(quiet.specials()["reprint"]).tree
        assert tree.xpath("string(//p[@data-role='source'])") == "Theo Báo Mẫu Thái Nguyên"
        assert tree.xpath("//a[@class='link-source-full']/@href") == [original]
        paragraphs = get(original).tree.xpath("//div[contains(@class, 'cms-body')]/p/text()")
        assert len(paragraphs) > 5
        assert set(paragraphs) <= set(tree.xpath("//div[@data-role='content']/p/text()"))
        assert "Theo Báo Mẫu Thái Nguyên" in get(quiet.specials()["reprint_broadcaster"]).text

    def test_unrelated_stories_stand_among_menus_that_name_the_province(self, quiet: SamplePress) -> None:
        tree = get(quiet.specials()["sidebar"]).tree
        content = tree.xpath("//div[@data-role='content']")[0]
        story = tree.xpath("string(//h1)") + tree.xpath("string(//h2)")
        story += "".join(content.xpath("./p/text()"))
        assert "Thái Nguyên" not in story
        assert tree.text_content().count("Thái Nguyên") >= 3

    def test_other_things_called_thai_nguyen(self, quiet: SamplePress) -> None:
        assert "tỉnh Sơn Tây (Trung Quốc)" in get(quiet.specials()["chinese_city"]).text
        assert "Kỹ sư Đỗ Thái Nguyên" in get(quiet.specials()["person"]).text

    def test_twins_are_the_same_story_and_name_its_address(self, quiet: SamplePress) -> None:
        row = next(row for row in quiet.listed() if row.special == "twins")
        assert {urlsplit(twin).path.split("/")[1] for twin in row.twins} == {"amp", "m"}
        for twin in row.twins:
            assert get(twin).tree.xpath("//link[@rel='canonical']/@href") == [row.url]
            assert get(twin).body == get(row.url).body

    @pytest.mark.parametrize("special", ["tool_page", "topic_page"])
    def test_pages_that_are_no_articles_stand_at_article_addresses(
        self, quiet: SamplePress, special: str
    ) -> None:
        row = next(row for row in quiet.listed() if row.special == special)
        assert row.outcome is Outcome.NOT_ARTICLE
        assert re.search(quiet.sources()[row.source]["article"], row.url)
        text = get(row.url).text
        assert not re.search(r"detail-content|b-maincontent|NewsArticle", text)

    def test_the_photo_story_is_too_short(self, quiet: SamplePress) -> None:
        row = next(row for row in quiet.listed() if row.special == "photo_story")
        assert row.outcome is Outcome.TOO_SHORT
        text = get(row.url).tree.xpath("string(//div[contains(@class, 'cms-body')]/table)")
        assert len(text.split()) < 30

    def test_the_broadcaster_repeats_headline_and_captions_in_the_text(self, quiet: SamplePress) -> None:
        tree = get(quiet.specials()["captions"]).tree
        lines = tree.xpath("//div[@class='news-content']/p/text()")
        assert lines[0] == tree.xpath("string(//h1)")
        assert "Đồng chí Phó Chủ tịch UBND tỉnh phát biểu tại hội nghị" in lines
        assert lines[-1].endswith("./.")

    def test_the_interview_asks_and_the_reserved_page_says_so(self, quiet: SamplePress) -> None:
        questions = get(quiet.specials()["interview"]).tree.xpath("//p/strong/text()")
        assert len(questions) == 5
        assert all(question.endswith("?") for question in questions)
        assert '<meta name="googlebot" content="noarchive">' in get(quiet.specials()["noarchive"]).text


class TestFamilies:
    def test_vccorp_headlines_are_escaped_twice_and_addresses_hold_the_time(self, quiet: SamplePress) -> None:
        url = quiet.url_of("linh-kien-noi-dia")
        assert re.search(r"-199260905061100\d{1,3}\.htm$", url)
        scripts = get(url).tree.xpath("//script[@type='application/ld+json']/text()")
        assert "chen chân vào chu&amp;#7895;i" in scripts[-1]
        assert '"datePublished": "2026-09-05T06:18:00&#x2B;07:00"' in scripts[-1]

    def test_onecms_writes_its_meta_date_month_first(self, quiet: SamplePress) -> None:
        text = get(quiet.url_of("nghi-quyet-52")).text
        assert '<meta name="article:published_time" content="9/5/2026 6:42:00 AM">' in text
        assert '"datePublished": "2026-09-05T06:42:00+07:00"' in text

    @pytest.mark.parametrize(
        ("source", "body", "title"),
        [
            ("baomau", "article__body cms-body", "article__title cms-title"),
            ("kinhtemau", "detail-content afcbc-body", "detail-title"),
            ("congnghemau", "entry", "sc-longform-header-title"),
        ],
    )
    def test_pages_wear_the_class_names_of_their_family(
        self, quiet: SamplePress, source: str, body: str, title: str
    ) -> None:
        for row in quiet.listed():
            if row.source == source and not row.later and row.outcome in (Outcome.STORED, Outcome.IRRELEVANT):
                tree = get(row.url).tree
                assert tree.cssselect("h1." + title.replace(" ", "."))[0].text == row.title
                assert len(tree.cssselect("." + body.replace(" ", "."))) == 1

    @pytest.mark.parametrize("source", ["congmau", "truyenhinhmau"])
    def test_selectors_of_sources_without_a_family_find_their_piece(
        self, quiet: SamplePress, source: str
    ) -> None:
        block = quiet.sources()[source]
        for row in quiet.listed():
            if row.source == source:
                tree = get(row.url).tree
                title = unicodedata.normalize("NFC", tree.cssselect(block["title"])[0].text)
                assert title == row.title
                assert row.published_at.strftime("%d/%m/%Y") in tree.cssselect(block["published"])[0].text
                for name in ("body", "lead", "section"):
                    assert len(tree.cssselect(block[name])) == 1


class TestServing:
    def test_conditional_requests(self, press: SamplePress) -> None:
        for url in (press.url_of("det-may-don-hang"), press.sources()["baomau"]["feeds"][0]):
            first = get(url)
            tag, time = first.headers["etag"], first.headers["last-modified"]
            again = get(url, If_None_Match=tag)
            assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
            assert get(url, If_Modified_Since=time).status == 304
            assert get(url, If_None_Match='"other"', If_Modified_Since=time).status == 200
            assert get(url, If_Modified_Since="Sat, 01 Jan 2000 00:00:00 GMT").status == 200
            assert get(url, If_Modified_Since="yesterday").status == 200

    def test_a_silent_edit_is_seen_by_conditional_requests(self, press: SamplePress) -> None:
        url = press.url_of("cang-can")
        first = get(url)
        press.edit("cang-can", "12 giờ", "13 giờ")
        again = get(url, If_None_Match=first.headers["etag"], If_Modified_Since=first.headers["last-modified"])
        assert again.status == 200
        assert "13 giờ" in again.text
        assert get(url, If_Modified_Since=first.headers["last-modified"]).status == 200
        with pytest.raises(ValueError, match="says nowhere"):
            press.edit("cang-can", "không có câu này", "…")

    def test_every_visit_is_noted(self, press: SamplePress) -> None:
        url = press.url_of("cang-can")
        size = len(get(f"{url}?a=1", User_Agent="diemtin/0").body)
        get(url, "HEAD")
        first, second = press.visits
        assert (first.host, first.path) == (urlsplit(url).netloc, f"{urlsplit(url).path}?a=1")
        assert (first.status, first.bytes, first.user_agent) == (200, size, "diemtin/0")
        assert (second.status, second.bytes) == (200, 0)
        assert first.at <= second.at

    def test_it_can_be_published_to_and_taken_down_from(self, press: SamplePress) -> None:
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

    def test_it_can_be_made_to_fail(self, press: SamplePress) -> None:
        url, robots = press.url_of("det-may-don-hang"), f"{press.sources()['baomau']['home']}robots.txt"
        press.fail("baomau", 503, under="/robots.txt")
        assert (get(robots).status, get(url).status) == (503, 200)
        press.fail("baomau", 503)
        assert get(url).status == 503
        press.fail("baomau", None)
        assert (get(robots).status, get(url).status) == (200, 200)

    def test_it_stops_while_a_client_still_holds_a_connection(self) -> None:
        with SamplePress(NOW) as press:
            parts = urlsplit(press.url_of("cang-can"))
            connection = http.client.HTTPConnection(parts.netloc, timeout=10)
            for _ in range(2):
                connection.request("GET", parts.path)
                assert connection.getresponse().read()
        with pytest.raises(OSError, match=r"refused|reset|closed"):
            get(parts.geturl())
        connection.close()

    def test_pictures_and_missing_pages(self, quiet: SamplePress) -> None:
        home = quiet.sources()["kinhtemau"]["home"]
        assert get(f"{home}anh/cang-can.svg").headers["content-type"] == "image/svg+xml"
        assert get(f"{home}khong-co-trang-nay.htm").status == 404

    def test_a_naive_start_is_refused(self) -> None:
        with pytest.raises(ValueError, match="naive"):
            SamplePress(datetime(2026, 9, 5))  # noqa: DTZ001


def test_the_module_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "crawler.samplepress"]
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


def test_expectations_add_up(quiet: SamplePress) -> None:
    expected = quiet.expected()
    assert set(expected) == set(quiet.sources())
    assert sum(sum(counts.values()) for counts in expected.values()) == len(quiet.listed())
    assert {outcome for counts in expected.values() for outcome in counts} == {
        Outcome.STORED, Outcome.IRRELEVANT, Outcome.NOT_ARTICLE, Outcome.TOO_SHORT, Outcome.ROBOTS,
    }  # fmt: skip
    later = {row.special: row.later for row in quiet.listed() if row.later}
    assert later == {"edited": Outcome.REVISED, "taken_down": Outcome.GONE}
