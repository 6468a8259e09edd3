"""The classify stage: fields filled, irrelevant articles ended where only relevant ones are kept."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.i18n import Words
from archive.model import Article, Mention, Outcome
from archive.places.gazetteer import load_places
from pipelines.classify import classify
from pipelines.classify.topics import load_topics
from pipelines.item import Context, Item, Keep, Page, Reject

CONFIG = Path(__file__).parent.parent / "config"
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(load_places(CONFIG / "places.yml"), load_topics(CONFIG / "topics.yml"), now=lambda: NOW)


def item(title: str, lead: str = "", body: str = "", keep: Keep = "relevant") -> Item:
    article = Article(
        url="https://vidu.vn/1", source="vidu", title=title, lead=lead, body=body, published_at=NOW
    )
    return Item(article, keep=keep)


def test_a_relevant_article_is_filled(context: Context) -> None:
    made = item(
        "Thái Nguyên thêm hai nhà máy trong KCN Sông Công II",
        "Samsung và TISCO cùng dự lễ khởi công ở Thái Nguyên.",
        "Dự án làm theo Nghị quyết số 23-NQ/TW ngày 22/3/2018 của Bộ Chính trị.",
    )
    classify(made, context)
    article = made.article
    assert article.relevant
    assert article.level == "about"
    assert article.score >= context.topics.scale.threshold
    assert "khu-cong-nghiep" in article.topics
    assert Mention("place", "Thái Nguyên", 2) in article.mentions
    assert Mention("organisation", "Gang thép Thái Nguyên", 1) in article.mentions
    assert [(c.number, c.dated) for c in article.citations] == [("23-NQ/TW", "2018-03-22")]


def test_the_reasons_can_be_read(context: Context) -> None:
    made = item("Thái Nguyên mở rộng khu công nghiệp", "Khu công nghiệp rộng thêm 40 ha.")
    classify(made, context)
    why = [Words("vi").reason(code) for code in made.article.why]
    assert why[:2] == ["«Thái Nguyên» ở tiêu đề", "«mở rộng khu công nghiệp» 1 lần"]


def test_an_article_that_names_the_province_is_kept_as_a_mention(context: Context) -> None:
    made = item("Thái Nguyên ngập sâu", "Mưa lớn gây ngập lụt.")
    classify(made, context)
    assert (made.article.relevant, made.article.level) == (False, "mention")
    assert "thiên tai" in Words("vi").reason(made.article.why[-1])
    assert made.article.mentions == [Mention("place", "Thái Nguyên", 1)]


def test_an_article_that_names_nothing_of_the_province_ends_with_its_fields_filled(context: Context) -> None:
    made = item("Cháy ở Thái Nguyên, Sơn Tây", "Thành phố của Trung Quốc.", "Theo Nghị quyết số 23-NQ/TW.")
    with pytest.raises(Reject) as ended:
        classify(made, context)
    assert ended.value.outcome is Outcome.IRRELEVANT
    said = Words("vi").reason(ended.value.reason)
    assert "10 điểm, cần" in said
    assert "Trung Quốc" in said
    assert made.article.level is None
    assert [cited.number for cited in made.article.citations] == ["23-NQ/TW"]


def test_papers_kept_whole_keep_irrelevant_articles_with_their_topics(context: Context) -> None:
    made = item("Trường học mua hóa đơn điện tử", "Thanh toán không dùng tiền mặt ở căng tin.", keep="all")
    classify(made, context)
    assert not made.article.relevant
    assert made.article.level is None
    assert made.article.topics == ["kinh-te-so"]


def test_the_day_of_the_page_stands_in_for_a_missing_date(context: Context) -> None:
    made = item(
        "Bắc Kạn khởi công khu công nghiệp Thanh Bình, Thái Nguyên", "Tỉnh Bắc Kạn cũ có khu công nghiệp mới."
    )
    made.article.published_at = None
    undated = replace(made, article=replace(made.article))
    made.page = Page("https://vidu.vn/1", b"", NOW)
    classify(made, context)
    classify(undated, context)
    assert made.article.score >= undated.article.score


def test_a_document_of_a_text_without_a_date_is_of_the_year_of_its_page(context: Context) -> None:
    made = item("Thái Nguyên", body="Thái Nguyên làm theo Quyết định 1234/QĐ-UBND ngày 3/6.")
    made.article.published_at = None
    made.page = Page("https://vidu.vn/1", b"", NOW.replace(year=2020))
    classify(made, context)
    assert [one.dated for one in made.article.citations] == ["2020-06-03"]


def test_an_empty_article_is_irrelevant_not_an_error(context: Context) -> None:
    with pytest.raises(Reject, match="province_unnamed"):
        classify(item(""), context)


def test_a_paper_of_the_province_need_not_name_it(context: Context) -> None:
    text = "Toàn tỉnh hoàn thành số hóa hồ sơ đất đai", "Chuyển đổi số giúp UBND tỉnh rút ngắn thời gian."
    theirs, ours = item(*text, keep="all"), item(*text, keep="all")
    ours.article.source = "baothainguyen"
    classify(theirs, context)
    classify(ours, context)
    assert (theirs.article.relevant, ours.article.relevant) == (False, True)


def test_a_relevant_article_has_a_topic_even_where_no_query_finds_it(context: Context) -> None:
    made = item(
        "Nhà vườn Thái Nguyên chốt đơn mỗi tối",
        "Các hộ học nhau quay dựng rồi bán qua mạng cho khách ở xa.",
    )
    assert context.topics.match([made.article]) == [[]]
    classify(made, context)
    assert (made.article.relevant, made.article.topics) == (True, ["kinh-te-so"])
    other = item("Thái Nguyên ngập sâu", "Mưa lớn, có người vẫn quay dựng và bán qua mạng.")
    classify(other, context)
    assert (other.article.relevant, other.article.topics) == (False, [])
