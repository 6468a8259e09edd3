"""The look at raw bytes ends the walk only where nothing could be kept."""

import pytest

from archive.clock import utc_now
from archive.home import DEFAULTS
from archive.model import Article, Outcome
from archive.places.gazetteer import load_places
from pipelines.classify.topics import load_topics
from pipelines.item import Context, Item, Keep, Page, Reject
from pipelines.prefilter import prefilter

DESK = Context(load_places(DEFAULTS / "places.yml"), load_topics(DEFAULTS / "topics.yml"))
ELSEWHERE = "<html><body><p>Giá gạo ở đồng bằng sông Cửu Long tăng nhẹ.</p></body></html>"
HERE = "<html><body><p>Khu công nghiệp ở Thái Nguyên đón dự án mới.</p></body></html>"


def item(text: str, keep: Keep = "relevant", source: str = "vnexpress", *, read_whole: bool = False) -> Item:
    page = Page("https://bao.vn/a.html", text.encode(), utc_now())
    return Item(Article(page.url, source), page=page, keep=keep, read_whole=read_whole)


def test_a_page_that_cannot_name_the_province_ends_here() -> None:
    one = item(ELSEWHERE)
    with pytest.raises(Reject) as ended:
        prefilter(one, DESK)
    assert ended.value.outcome is Outcome.IRRELEVANT
    assert one.prefiltered


@pytest.mark.parametrize(
    "one",
    [
        item(HERE),
        item(ELSEWHERE, keep="all"),
        item(ELSEWHERE, source="baothainguyen"),
        item(ELSEWHERE, read_whole=True),
        Item(Article("urn:x", "vnexpress")),
    ],
)
def test_every_other_page_goes_on(one: Item) -> None:
    prefilter(one, DESK)
    assert not one.prefiltered


@pytest.mark.parametrize(
    "text", ["Bệnh tâm thần sau sinh.", "Chợ Đồng Xuân đông khách.", "Mẫu xe mã XTNGA mới."]
)
def test_a_name_within_other_words_is_none(text: str) -> None:
    with pytest.raises(Reject):
        prefilter(item(f"<html><body><p>{text}</p></body></html>"), DESK)


@pytest.mark.parametrize(
    "text",
    [
        "Sở Nông nghiệpThái Nguyên.",
        "6Thái Nguyên 280",
        "<b>Tin</b>Thái<i> Ngu</i>yên<b>hôm nay</b>",
        "CTCP TNG.",
    ],
)
def test_a_name_that_words_or_tags_run_into_is_one(text: str) -> None:
    one = item(f"<html><body><p>{text}</p></body></html>")
    prefilter(one, DESK)
    assert not one.prefiltered
