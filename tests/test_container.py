"""The text comes from the piece of the page that holds the story, by rule or by the page's own shape."""

import json

import pytest

from pipelines.item import Family, Rules
from tests.story import ELSEWHERE, PARAGRAPHS, TEXT, page, read

STORY = list(PARAGRAPHS)
OTHERS = "".join(f'<li><a href="/{n}.html">{ELSEWHERE} lần {n}</a></li>' for n in range(12))
TEASERS = "".join(
    f"<div><h3><a href='/{n}.html'>{ELSEWHERE}</a></h3><p>{ELSEWHERE}, lần {n}.</p></div>" for n in range(6)
)


def text_of(body: str, rules: Rules | None = None, families: tuple[Family, ...] = ()) -> list[str]:
    return read(body, rules=rules, families=families).article.body.split("\n")


@pytest.mark.parametrize(
    "frame",
    [
        "<article>{}</article>",
        '<div class="article-content">{}</div>',
        '<div class="detail-cmain"><div class="noi-dung">{}</div></div>',
        '<div id="main"><div class="x1"><div class="x2">{}</div></div></div>',
        "<table><tr><td width=200><ul>{others}</ul></td><td>{}</td></tr></table>",
        '<form id="aspnetForm" method="post"><div class="c">{}</div></form>',
        "{}",
    ],
)
def test_the_story_is_found_in_every_usual_frame(frame: str) -> None:
    story = frame.replace("{others}", OTHERS).replace("{}", TEXT)
    assert text_of(page(f"<ul>{OTHERS}</ul>{story}<ul>{OTHERS}</ul>")) == STORY


def test_teasers_beside_the_story_stay_out() -> None:
    left, right = f'<div class="entry-content">{TEXT}</div>', f'<div class="col-right">{TEASERS}</div>'
    assert text_of(page(f'<div class="col-left">{left}</div>{right}')) == STORY


def test_a_rule_names_the_container_where_the_shape_says_another() -> None:
    body = page(f"<div class='big'>{TEXT}{TEXT}</div><div class='mine'>{TEXT}</div>")
    item = read(body, rules=Rules(body="div.mine"))
    assert item.article.body.split("\n") == STORY
    assert item.rule_missed == []


@pytest.mark.parametrize("css", ["div.gone", "div.teaser"])
def test_a_rule_that_finds_nothing_or_far_too_little_is_noted_and_the_story_still_read(css: str) -> None:
    twice = TEXT + TEXT.replace("thứ ba", "thứ tư")
    body = page(f"<div class='teaser'><p>{ELSEWHERE}.</p></div><div class='story'>{twice}</div>")
    item = read(body, rules=Rules(body=css))
    assert set(STORY) <= set(item.article.body.split("\n"))
    assert item.rule_missed == ["body"]


def test_a_selector_that_cannot_be_read_counts_as_missed() -> None:
    item = read(page(TEXT), rules=Rules(body="div[", lead="::x"))
    assert item.article.body.split("\n") == STORY
    assert set(item.rule_missed) == {"body", "lead"}


def test_a_family_lends_its_rules_to_pages_that_bear_all_its_marks() -> None:
    family = Family("mẫu", ("div.mau-cms", "meta[name=mau]"), Rules(body="div.zz"))
    inner = f"<div class='mau-cms'><div class='zz'>{TEXT}</div><div>{TEXT.replace('xưởng', 'tiệm')}</div></div>"
    assert text_of(page(inner, "<meta name=mau content=1>"), families=(family,)) == STORY
    assert any("tiệm" in line for line in text_of(page(inner), families=(family,)))


def test_a_mark_of_two_templates_knows_a_page_of_either() -> None:
    family = Family("hai-mau", (".tieu-de-dai, .tieu-de-ngan",), Rules(body=".than-bai"))
    story = "<h1 class='tieu-de-ngan'>Tít</h1>" + f"<div class='than-bai'>{TEXT}</div><p>{ELSEWHERE}.</p>"
    assert text_of(story, families=(family,)) == STORY


def test_json_ld_tells_the_story_from_a_longer_text_beside_it() -> None:
    line = "<p>Chuyện khác số {}, kể dài dòng về một phiên chợ quê không dính gì đến xưởng nhựa này.</p>"
    other = "".join(line.format(n) for n in range(8))
    linked = json.dumps({"@type": "NewsArticle", "articleBody": " ".join(PARAGRAPHS)})
    head = f'<script type="application/ld+json">{linked}</script>'
    assert text_of(page(f"<div><div>{TEXT}</div></div><div><div>{other}</div></div>", head)) == STORY


def test_text_divided_by_line_breaks_is_paragraphs() -> None:
    assert text_of(page("<div class='content-detail'>" + "<br><br>".join(PARAGRAPHS) + "</div>")) == STORY


def test_a_table_of_figures_in_the_story_is_kept() -> None:
    table = (
        "<table><tr><td>Quý I</td><td>1.240 thùng</td></tr><tr><td>Quý II</td><td>1.860 thùng</td></tr></table>"
    )
    text = "\n".join(text_of(page(f"<article>{TEXT}{table}<p>{PARAGRAPHS[0]}</p></article>")))
    assert "1.240 thùng" in text
    assert "Quý II" in text
