"""The look at raw bytes ends the walk only where nothing could be kept."""

import pytest

from archive.clock import utc_now
from archive.gazetteer.places import load_places
from archive.home import DEFAULTS
from archive.model import Article, Outcome
from pipelines.draft import Desk, Draft, Ended, Keep, Page
from pipelines.glance import glance
from pipelines.topics import load_topics

DESK = Desk(load_places(DEFAULTS / "places.yml"), load_topics(DEFAULTS / "topics.yml"))
ELSEWHERE = "<html><body><p>Giá gạo ở đồng bằng sông Cửu Long tăng nhẹ.</p></body></html>"
HERE = "<html><body><p>Khu công nghiệp ở Thái Nguyên đón dự án mới.</p></body></html>"


def draft(text: str, keep: Keep = "relevant", source: str = "vnexpress", *, read_whole: bool = False) -> Draft:
    page = Page("https://bao.vn/a.html", text.encode(), utc_now())
    return Draft(Article(page.url, source), page=page, keep=keep, read_whole=read_whole)


def test_a_page_that_cannot_name_the_province_ends_here() -> None:
    one = draft(ELSEWHERE)
    with pytest.raises(Ended) as ended:
        glance(one, DESK)
    assert ended.value.outcome is Outcome.IRRELEVANT
    assert one.glanced


@pytest.mark.parametrize(
    "one",
    [
        draft(HERE),
        draft(ELSEWHERE, keep="all"),
        draft(ELSEWHERE, source="baothainguyen"),
        draft(ELSEWHERE, read_whole=True),
        Draft(Article("urn:x", "vnexpress")),
    ],
)
def test_every_other_page_goes_on(one: Draft) -> None:
    glance(one, DESK)
    assert not one.glanced
