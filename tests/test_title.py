"""Title, lead, section and picture of a page: the printed ones, without the site's name and without scripts."""

import pytest

from pipelines.item import Rules
from tests.story import ELSEWHERE, LEAD, PARAGRAPHS, TEXT, TITLE, linked, page, read

SITE = '<meta property="og:site_name" content="Báo Mẫu">'


def raw(inner: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body>{inner}</body></html>"


def test_the_printed_heading_is_the_title_whatever_the_head_says() -> None:
    head = f'<title>{ELSEWHERE} | Báo Mẫu</title><meta property="og:title" content="{TITLE} - cho mạng">'
    assert read(raw(f"<h1>{TITLE}</h1>{TEXT}", head)).article.title == TITLE


@pytest.mark.parametrize("tail", [" | Báo Mẫu", " - Báo Mẫu", " – Báo Mẫu", " » Báo Mẫu", " | baomau.example"])
def test_the_name_of_the_site_is_no_part_of_a_title(tail: str) -> None:
    assert read(raw(TEXT, f"{SITE}<title>{TITLE}{tail}</title>")).article.title == TITLE


def test_a_site_name_in_a_heading_is_no_title() -> None:
    body = raw(f"<h1><a href=/><img src=l.png>Báo Mẫu</a></h1><div><h1>{TITLE}</h1>{TEXT}</div>", SITE)
    assert read(body).article.title == TITLE


def test_of_two_headings_the_one_the_head_claims_is_the_title() -> None:
    head = f'<meta property="og:title" content="{TITLE}">'
    assert read(raw(f"<h1>{ELSEWHERE}</h1><h1>{TITLE}</h1>{TEXT}", head)).article.title == TITLE


def test_a_title_printed_in_no_heading_is_found_by_what_the_head_claims() -> None:
    head = f'<title>{TITLE} - Cổng mẫu</title><meta property="og:site_name" content="Cổng mẫu">'
    article = read(raw(f'<div class="tieu-de">{TITLE}</div><div class="noi-dung">{TEXT}</div>', head)).article
    assert article.title == TITLE
    assert article.body.split("\n") == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "printed",
    [
        TITLE.replace(" ", "\n  "),
        TITLE.replace("nhựa", "nh\u200bựa"),
        TITLE.replace("nhựa", "<b>nhựa</b><script>alert(1)</script>"),
        TITLE.replace("ự", "&#7921;"),
    ],
)
def test_a_title_is_one_clean_line(printed: str) -> None:
    assert read(raw(f"<h1>{printed}</h1>{TEXT}")).article.title == TITLE


def test_a_claim_escaped_twice_is_read_as_it_was_meant() -> None:
    head = '<meta property="og:title" content="Nhựa &amp;amp; gỗ: hai xưởng chung một dây chuyền mới">'
    assert read(raw(TEXT, head)).article.title == "Nhựa & gỗ: hai xưởng chung một dây chuyền mới"


@pytest.mark.parametrize("name", ["sapo", "lead", "detail-sapo", "article-summary", "chapeau", "news-desc"])
def test_the_lead_is_apart_from_the_text(name: str) -> None:
    article = read(page(f'<h2 class="{name}">{LEAD}</h2><div class="article-content">{TEXT}</div>')).article
    assert article.lead == LEAD
    assert article.body.split("\n") == list(PARAGRAPHS)


def test_a_lead_inside_the_container_is_taken_out_of_the_text() -> None:
    article = read(page(f'<div class="article-content"><p class="sapo">{LEAD}</p>{TEXT}</div>')).article
    assert (article.lead, article.body.split("\n")) == (LEAD, list(PARAGRAPHS))


def test_a_lead_without_a_name_is_known_by_the_description() -> None:
    head = f'<meta name="description" content="{LEAD}">'
    article = read(page(f'<div><p>{LEAD}</p></div><div class="article-content">{TEXT}</div>', head)).article
    assert (article.lead, article.body.split("\n")) == (LEAD, list(PARAGRAPHS))


def test_the_beginning_of_the_text_is_not_said_twice_as_lead() -> None:
    head = f'<meta name="description" content="{PARAGRAPHS[0][:90]}">'
    article = read(page(f"<article>{TEXT}</article>", head)).article
    assert f"{article.lead}\n{article.body}".count(PARAGRAPHS[0][:60]) == 1


def test_a_rule_names_title_lead_and_section() -> None:
    rules = Rules(title=".t", lead=".l", section=".s")
    body = raw(f"<i class=s>Kinh tế</i><h1>{ELSEWHERE}</h1><b class=t>{TITLE}</b><p class=l>{LEAD}</p>{TEXT}")
    item = read(body, rules=rules)
    assert (item.article.title, item.article.lead, item.article.section) == (TITLE, LEAD, "Kinh tế")
    assert item.rule_missed == []


@pytest.mark.parametrize(
    ("head", "inner"),
    [
        (linked(articleSection="Công nghiệp"), ""),
        ('<meta property="article:section" content="Công nghiệp">', ""),
        ("", "<ul class=breadcrumb><li><a href=/>Trang chủ</a></li><li><a href=/cn>Công nghiệp</a></li></ul>"),
    ],
)
def test_the_section_is_told_by_head_or_crumbs(head: str, inner: str) -> None:
    assert read(raw(f"{inner}<h1>{TITLE}</h1>{TEXT}", head)).article.section == "Công nghiệp"


def test_the_picture_gets_a_whole_address() -> None:
    article = read(page(TEXT, '<meta property="og:image" content="/anh/xuong.jpg">')).article
    assert article.image == "https://baomau.example/anh/xuong.jpg"
