"""The classify stage: fields filled, irrelevant articles ended where only relevant ones are kept."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.gazetteer.places import load_places
from archive.model import Article, Mention, Outcome
from pipelines.classify import classify
from pipelines.draft import Desk, Draft, Ended, Keep, Page
from pipelines.topics import load_topics

CONFIG = Path(__file__).parent.parent / "config"
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(load_places(CONFIG / "places.yml"), load_topics(CONFIG / "topics.yml"), now=lambda: NOW)


def draft(title: str, lead: str = "", body: str = "", keep: Keep = "relevant") -> Draft:
    article = Article(
        url="https://vidu.vn/1", source="vidu", title=title, lead=lead, body=body, published_at=NOW
    )
    return Draft(article, keep=keep)


def test_a_relevant_article_is_filled(desk: Desk) -> None:
    made = draft(
        "Thái Nguyên thêm hai nhà máy trong KCN Sông Công II",
        "Samsung và TISCO cùng dự lễ khởi công ở Thái Nguyên.",
        "Dự án làm theo Nghị quyết số 23-NQ/TW ngày 22/3/2018 của Bộ Chính trị.",
    )
    classify(made, desk)
    article = made.article
    assert article.relevant
    assert article.score >= desk.topics.scale.threshold
    assert "khu-cong-nghiep" in article.topics
    assert Mention("place", "Thái Nguyên", 2) in article.mentions
    assert Mention("organisation", "Gang thép Thái Nguyên", 1) in article.mentions
    assert [(c.number, c.dated) for c in article.citations] == [("23-NQ/TW", "2018-03-22")]


def test_the_reasons_can_be_read(desk: Desk) -> None:
    made = draft("Thái Nguyên mở rộng khu công nghiệp", "Khu công nghiệp rộng thêm 40 ha.")
    classify(made, desk)
    assert made.article.why[:2] == ["«Thái Nguyên» ở tiêu đề", "«khu công nghiệp» 2 lần"]


def test_an_irrelevant_article_ends_with_its_fields_filled(desk: Desk) -> None:
    made = draft("Thái Nguyên ngập sâu", "Mưa lớn gây ngập lụt.")
    with pytest.raises(Ended) as ended:
        classify(made, desk)
    assert ended.value.outcome is Outcome.IRRELEVANT
    assert "10 điểm, cần" in ended.value.reason
    assert "thiên tai" in ended.value.reason
    assert made.article.mentions == [Mention("place", "Thái Nguyên", 1)]


def test_papers_kept_whole_keep_irrelevant_articles_with_their_topics(desk: Desk) -> None:
    made = draft("Trường học mua hóa đơn điện tử", "Thanh toán không dùng tiền mặt ở căng tin.", keep="all")
    classify(made, desk)
    assert not made.article.relevant
    assert made.article.topics == ["kinh-te-so"]


def test_the_day_of_the_page_stands_in_for_a_missing_date(desk: Desk) -> None:
    made = draft(
        "Bắc Kạn khởi công khu công nghiệp Thanh Bình, Thái Nguyên", "Tỉnh Bắc Kạn cũ có khu công nghiệp mới."
    )
    made.article.published_at = None
    undated = replace(made, article=replace(made.article))
    made.page = Page("https://vidu.vn/1", b"", NOW)
    classify(made, desk)
    classify(undated, desk)
    assert made.article.score >= undated.article.score


def test_an_empty_article_is_irrelevant_not_an_error(desk: Desk) -> None:
    with pytest.raises(Ended, match="không nhắc tên tỉnh"):
        classify(draft(""), desk)


def test_a_paper_of_the_province_need_not_name_it(desk: Desk) -> None:
    text = "Toàn tỉnh hoàn thành số hóa hồ sơ đất đai", "Chuyển đổi số giúp UBND tỉnh rút ngắn thời gian."
    theirs, ours = draft(*text, keep="all"), draft(*text, keep="all")
    ours.article.source = "baothainguyen"
    classify(theirs, desk)
    classify(ours, desk)
    assert (theirs.article.relevant, ours.article.relevant) == (False, True)
