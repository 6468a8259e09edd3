"""Everything odd about the sample press really is what it claims."""

import re
import unicodedata
from urllib.parse import urlsplit

import feedparser
import pytest

from archive.model import Outcome
from crawler.demo import DemoPress
from tests.demo_expected import every_article, special_urls
from tests.wire import decoded, get, named_by_lists


def key_of(press: DemoPress, special: str) -> str:
    return next(row.key for row in every_article(press) if row.special == special)


class TestOddFeeds:
    def test_windows_1258(self, quiet: DemoPress) -> None:
        answer = get(special_urls(quiet)["feed-windows-1258"])
        assert b'encoding="windows-1258"' in answer.body
        with pytest.raises(UnicodeDecodeError):
            answer.body.decode("utf-8")
        text = answer.body.decode("cp1258")
        assert not unicodedata.is_normalized("NFC", text)
        assert "&#" not in text
        assert "Hội nghị xúc tiến đầu tư" in unicodedata.normalize("NFC", text)

    def test_utf_16(self, quiet: DemoPress) -> None:
        body = get(special_urls(quiet)["feed-utf-16"]).body
        assert body.startswith(b"\xff\xfe")
        assert "Nghị quyết 52-NQ/TW" in body.decode("utf-16")

    def test_one_that_says_utf_16_and_is_not(self, quiet: DemoPress) -> None:
        body = get(special_urls(quiet)["feed-utf-8-sig"]).body
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
    def test_dates_in_the_forms_real_feeds_write(self, quiet: DemoPress, form: str, pattern: str) -> None:
        text = decoded(get(special_urls(quiet)[f"dates-{form}"]))
        assert re.search(f"<pubDate>{pattern}</pubDate>", text)

    def test_links_with_campaign_parameters_lead_to_the_same_page(self, quiet: DemoPress) -> None:
        text = decoded(get(special_urls(quiet)["dates-gmt7"]))
        link = feedparser.parse(text).entries[0].link
        plain, _, query = link.partition("?")
        assert query == "utm_source=rss&utm_medium=feed"
        assert get(link).body == get(plain).body


class TestOddArticles:
    def test_a_figure_is_edited_between_two_visits(self, press: DemoPress) -> None:
        url = special_urls(press)["edited"]
        before, after = get(url), get(url)
        assert "tăng 7,8%" in before.text
        assert "7,8%" not in after.text
        assert after.text.replace("6,8%", "7,8%") == before.text
        assert before.headers["etag"] != after.headers["etag"]
        assert get(url).body == after.body

    def test_a_story_is_taken_down_after_the_first_visit(self, press: DemoPress) -> None:
        url = special_urls(press)["taken_down"]
        assert url in named_by_lists(press, "kinhtemau")
        assert get(url, "HEAD").status == 200
        assert get(url).status == 200
        assert url not in named_by_lists(press, "kinhtemau")
        assert [get(url).status for _ in range(2)] == [404, 404]

    def test_one_answers_500_once(self, press: DemoPress) -> None:
        url = special_urls(press)["fails_once"]
        assert [get(url).status for _ in range(3)] == [500, 200, 200]

    def test_one_page_is_decomposed_and_only_that_one(self, quiet: DemoPress) -> None:
        odd = special_urls(quiet)["nfd"]
        assert unicodedata.is_normalized("NFD", get(odd).text)
        assert not unicodedata.is_normalized("NFC", get(odd).text)
        for row in every_article(quiet):
            if row.url != odd:
                assert unicodedata.is_normalized("NFC", get(row.url).text), row.url

    def test_one_is_spelt_in_the_old_tone_placement(self, quiet: DemoPress) -> None:
        text = get(special_urls(quiet)["old_tones"]).text
        assert {"hoá", "thuỷ", "hoà", "khoẻ", "Thuỵ"} <= set(re.findall(r"\w+", text))

    def test_one_has_no_date_for_machines_and_cites_an_older_one(self, quiet: DemoPress) -> None:
        text = get(special_urls(quiet)["undated"]).text
        assert not re.search(r"published_time|datePublished|datetime=|<time", text)
        assert "ngày 27/9/2019" in text
        assert "Thứ sáu - 04/09/2026 22:12" in text

    def test_reprints_say_whose_they_are(self, quiet: DemoPress) -> None:
        original = quiet.url_of("fdi-muoi-thang")
        tree = get(special_urls(quiet)["reprint"]).tree
        assert tree.xpath("string(//p[@data-role='source'])") == "Theo Báo Mẫu Thái Nguyên"
        assert tree.xpath("//a[@class='link-source-full']/@href") == [original]
        paragraphs = get(original).tree.xpath("//div[contains(@class, 'cms-body')]/p/text()")
        assert len(paragraphs) > 5
        assert set(paragraphs) <= set(tree.xpath("//div[@data-role='content']/p/text()"))
        assert "Theo Báo Mẫu Thái Nguyên" in get(special_urls(quiet)["reprint_broadcaster"]).text

    def test_unrelated_stories_stand_among_menus_that_name_the_province(self, quiet: DemoPress) -> None:
        tree = get(special_urls(quiet)["sidebar"]).tree
        content = tree.xpath("//div[@data-role='content']")[0]
        story = tree.xpath("string(//h1)") + tree.xpath("string(//h2)")
        story += "".join(content.xpath("./p/text()"))
        assert "Thái Nguyên" not in story
        assert tree.text_content().count("Thái Nguyên") >= 3

    def test_other_things_called_thai_nguyen(self, quiet: DemoPress) -> None:
        assert "tỉnh Sơn Tây (Trung Quốc)" in get(special_urls(quiet)["chinese_city"]).text
        assert "Kỹ sư Đỗ Thái Nguyên" in get(special_urls(quiet)["person"]).text

    def test_twins_are_the_same_story_and_name_its_address(self, quiet: DemoPress) -> None:
        row = next(row for row in every_article(quiet) if row.special == "twins")
        assert {urlsplit(twin).path.split("/")[1] for twin in row.twins} == {"amp", "m"}
        for twin in row.twins:
            assert get(twin).tree.xpath("//link[@rel='canonical']/@href") == [row.url]
            assert get(twin).body == get(row.url).body

    @pytest.mark.parametrize("special", ["tool_page", "topic_page"])
    def test_pages_that_are_no_articles_stand_at_article_addresses(
        self, quiet: DemoPress, special: str
    ) -> None:
        row = next(row for row in every_article(quiet) if row.special == special)
        assert row.outcome is Outcome.NOT_ARTICLE
        assert re.search(quiet.sources()[row.source]["article"], row.url)
        text = get(row.url).text
        assert not re.search(r"detail-content|b-maincontent|NewsArticle", text)

    def test_the_photo_story_is_too_short(self, quiet: DemoPress) -> None:
        row = next(row for row in every_article(quiet) if row.special == "photo_story")
        assert row.outcome is Outcome.TOO_SHORT
        text = get(row.url).tree.xpath("string(//div[contains(@class, 'cms-body')]/table)")
        assert len(text.split()) < 30

    def test_the_broadcaster_repeats_headline_and_captions_in_the_text(self, quiet: DemoPress) -> None:
        tree = get(special_urls(quiet)["captions"]).tree
        lines = tree.xpath("//div[@class='news-content']/p/text()")
        assert lines[0] == tree.xpath("string(//h1)")
        assert "Đồng chí Phó Chủ tịch UBND tỉnh phát biểu tại hội nghị" in lines
        assert lines[-1].endswith("./.")

    def test_the_interview_asks_and_the_reserved_page_says_so(self, quiet: DemoPress) -> None:
        questions = get(special_urls(quiet)["interview"]).tree.xpath("//p/strong/text()")
        assert len(questions) == 5
        assert all(question.endswith("?") for question in questions)
        assert '<meta name="googlebot" content="noarchive">' in get(special_urls(quiet)["noarchive"]).text


class TestFamilies:
    def test_vccorp_headlines_are_escaped_twice_and_addresses_hold_the_time(self, quiet: DemoPress) -> None:
        url = quiet.url_of("linh-kien-noi-dia")
        assert re.search(r"-199260905061100\d{1,3}\.htm$", url)
        scripts = get(url).tree.xpath("//script[@type='application/ld+json']/text()")
        assert "chen chân vào chu&amp;#7895;i" in scripts[-1]
        assert '"datePublished": "2026-09-05T06:18:00&#x2B;07:00"' in scripts[-1]

    def test_onecms_writes_its_meta_date_month_first(self, quiet: DemoPress) -> None:
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
        self, quiet: DemoPress, source: str, body: str, title: str
    ) -> None:
        for row in every_article(quiet):
            if row.source == source and not row.later and row.outcome in (Outcome.STORED, Outcome.IRRELEVANT):
                if row.special == "fails_once":
                    get(row.url)  # the first answer is 500
                tree = get(row.url).tree
                assert tree.cssselect("h1." + title.replace(" ", "."))[0].text == row.title
                assert len(tree.cssselect("." + body.replace(" ", "."))) == 1

    @pytest.mark.parametrize("source", ["congmau", "truyenhinhmau"])
    def test_selectors_of_sources_without_a_family_find_their_piece(
        self, quiet: DemoPress, source: str
    ) -> None:
        block = quiet.sources()[source]
        for row in every_article(quiet):
            if row.source == source:
                tree = get(row.url).tree
                title = unicodedata.normalize("NFC", tree.cssselect(block["title"])[0].text)
                assert title == row.title
                assert row.published_at.strftime("%d/%m/%Y") in tree.cssselect(block["published"])[0].text
                for name in ("body", "lead", "section"):
                    assert len(tree.cssselect(block[name])) == 1
