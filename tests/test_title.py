"""Title, lead, section and picture of a page: the printed ones, without the site's name and without scripts."""

from html import escape

import pytest

from archive.reasons import parse
from pipelines.item import Hint, Rules
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


@pytest.mark.parametrize("marked", [f"<p>{LEAD}</p>", f'<p class="x">{LEAD[:9]}<b>{LEAD[9:]}</b><br/></p>'])
def test_tags_that_a_field_of_the_head_holds_are_not_read_out(marked: str) -> None:
    for head in (
        f'<meta name="description" content="{escape(marked)}">',
        linked(headline=f"<strong>{TITLE}</strong>", description=marked),
    ):
        body = page(f"<article>{TEXT}</article>", head).replace("<h1>", "<p>").replace("</h1>", "</p>")
        assert (read(body).article.lead, read(body).article.title) == (LEAD, TITLE)


def test_signs_that_are_no_tags_stay_in_a_title() -> None:
    title = "Phim <Mắt biếc> đạt 5 < 6 và > 4 điểm"
    assert (
        read(page(f"<article>{TEXT}</article>", linked(headline=title), escape(title))).article.title == title
    )


@pytest.mark.parametrize("broken", ["</titlé>", "</title <", ""])
def test_a_title_that_is_not_closed_ends_at_the_next_tag(broken: str) -> None:
    head = f'<title>{TITLE}{broken}<meta name="robots" content="all"><link rel=icon href=/x></title>'
    assert read(raw(f"<article>{TEXT}</article>", head)).article.title == f"{TITLE}{broken}".partition("<")[0]


def test_a_section_has_no_thousand_letters() -> None:
    rules = Rules(section=".s")
    body = raw(f"<div class=s>Kinh tế {TEXT}</div><h1>{TITLE}</h1>{TEXT}")
    assert read(body, rules=rules).article.section is None


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


@pytest.mark.parametrize("tail", [" | Baomau", " - Baomau Online", " – Bản tin Baomau", " | Báo Mẫu"])
@pytest.mark.parametrize(
    "form", ["<title>{}</title>", '<meta property="og:title" content="{}">', "<h1>{}</h1>"]
)
def test_a_site_is_known_by_its_host_and_by_the_beginning_of_its_name(form: str, tail: str) -> None:
    name = '<meta property="og:site_name" content="Báo Mẫu">'
    assert read(raw(f"{form.format(TITLE + tail)}{TEXT}", name)).article.title == TITLE


@pytest.mark.parametrize("front", ["Báo Mẫu | ", "Báo Mẫu - ", "Báo Mẫu: tin nhanh » "])
def test_a_site_s_name_may_stand_before_the_title(front: str) -> None:
    known = front.startswith(("Báo Mẫu |", "Báo Mẫu -"))
    wanted = TITLE if known else f"{front}{TITLE}"
    assert read(raw(TEXT, f"{SITE}<title>{front}{TITLE}</title>")).article.title == wanted


def test_a_tail_that_only_holds_a_host_s_name_among_others_stays() -> None:
    long = f"{TITLE} | Mười điều nên biết về trang Baomau trước khi đọc"
    assert read(raw(TEXT, f"<title>{long}</title>")).article.title == long


def test_a_heading_as_long_as_a_lead_gives_way_to_the_head_s_headline() -> None:
    head = f'<meta property="og:title" content="{TITLE}">'
    long = f"{TITLE}: {LEAD} {LEAD} {LEAD}"
    assert read(raw(f"<h1>{long}</h1>{TEXT}", head)).article.title == TITLE
    assert read(raw(f"<h1>{long}</h1>{TEXT}")).article.title == long


def test_words_in_two_lines_of_a_heading_are_two_words() -> None:
    first, _, last = TITLE.rpartition(" chạy ")
    for lines in (f"{first}<br>chạy {last}", f"<div>{first}</div><div>chạy {last}</div>"):
        assert read(raw(f"<h1>{lines}</h1>{TEXT}")).article.title == TITLE


def test_a_site_s_name_in_a_list_s_or_head_s_title_hides_no_kicker() -> None:
    head = f'<meta property="og:title" content="{TITLE} | Báo Mẫu">{SITE}'
    for heading in (f"<b>Blog</b> {TITLE}", f"<span>{TITLE}</span> <i>(nguồn khác)</i> <i>87</i>"):
        assert read(raw(f"<h1>{heading}</h1>{TEXT}", head)).article.title == TITLE


def test_the_sign_of_a_site_is_no_title_though_the_head_ends_with_it() -> None:
    site = "Nhật ký của Nguyễn Mẫu Anh"
    head = (
        f'<meta property="og:title" content="Hai dòng • {site}"><meta property="og:site_name" content="{site}">'
    )
    assert read(raw(f"<p><a href=/>{site}</a></p>{TEXT}", head)).article.title == "Hai dòng"


def test_a_heading_that_neither_head_nor_address_knows_is_no_title() -> None:
    head = f'<meta property="og:title" content="{TITLE} từ sáng nay">'
    body = raw(f"{TEXT}<h1>Đôi lời của toà soạn gửi bạn đọc gần xa</h1>", head)
    assert (
        read(body, url="https://baomau.example/xuong-nhua-chay-thu-day-chuyen-1.html").article.title
        == f"{TITLE} từ sáng nay"
    )
    assert read(body, url="https://baomau.example/loi-toa-soan-gui-ban-doc.html").article.title.startswith(
        "Đôi lời"
    )


NAMED = f'<title>{TITLE} | Kinh tế | Báo Mẫu</title><meta property="og:title" content="{TITLE}">'


@pytest.mark.parametrize(
    "heading",
    [
        "{} <button>Lưu tin</button>",
        "{}<a class=btn-audio href='#nghe'>Nghe đọc bài</a>",
        "{}<sup class=new>Mới</sup>",
        "{}<span class=sr-only> (Cập nhật)</span>",
        "<span class=kicker>Thời sự - Kinh tế</span> {}",
        "<span class=overline>Đầu tư</span>\n {} <svg><title>loa</title></svg>",
        "{} <time>20/11/2026</time>",
    ],
)
@pytest.mark.parametrize("head", [NAMED, ""])
def test_what_stands_in_the_heading_beside_the_title_is_left_out(heading: str, head: str) -> None:
    assert read(raw(f"<h1>{heading.format(TITLE)}</h1>{TEXT}", head)).article.title == TITLE


def test_a_kicker_with_its_colon_is_part_of_the_title() -> None:
    body = raw(f"<h1><span class=kicker>Nhựa:</span> {TITLE}</h1>{TEXT}")
    assert read(body).article.title == f"Nhựa: {TITLE}"


SIGNBOARDS = [
    ("<h1>Tin tức - Sự kiện</h1>", "<h2>{}</h2>"),
    ("<h1><a href=/khoa-hoc>Khoa học và Công nghệ</a></h1>", "<div class=tieu-de>{}</div>"),
    ("<h1>Cổng thông tin điện tử Sở Công nghiệp tỉnh Mẫu</h1>", "<div class=tieude>{}</div>"),
    ("<h1 class=visually-hidden>Chi tiết bài viết của Sở Công nghiệp</h1>", "<h2>{}</h2>"),
    ("", "<span class=title>{}</span>"),
]


@pytest.mark.parametrize(("heading", "printed"), SIGNBOARDS)
def test_a_heading_that_is_a_signboard_gives_way_to_the_printed_title(heading: str, printed: str) -> None:
    body = f"<a href=/>Sở Công nghiệp Mẫu</a>{heading}<div>{printed.format(TITLE)}{TEXT}</div>"
    assert read(raw(body, "<title>Sở Công nghiệp Mẫu</title>")).article.title == TITLE


@pytest.mark.parametrize(
    ("heading", "printed"),
    [*SIGNBOARDS, ("<h1>Kinh tế - Đầu tư</h1>", "<h2>{}</h2>"), ("<h1>404</h1>", "<b>{}</b>")],
)
def test_the_list_says_which_printed_line_is_the_title(heading: str, printed: str) -> None:
    body = raw(f"{heading}<div>{printed.format(TITLE)}{TEXT}</div>", "<title>Sở Công nghiệp Mẫu</title>")
    assert read(body, hint=Hint(title=TITLE)).article.title == TITLE


def test_a_headline_that_begins_like_a_portal_is_a_headline() -> None:
    name = "Cổng thông tin điện tử tỉnh Mẫu ra mắt giao diện mới, tra cứu nhanh gấp ba lần"
    assert read(page(TEXT, title=name)).article.title == name


def test_a_list_that_cuts_the_title_takes_nothing_from_it() -> None:
    head = f'<title>{TITLE[:25]}...</title><meta property="og:title" content="{TITLE[:25]}...">'
    article = read(raw(f"<h1>{TITLE}</h1>{TEXT}", head), hint=Hint(title=f"{TITLE[:25]}…")).article
    assert (article.title, article.doubt) == (TITLE, [])


def test_a_title_that_the_list_and_the_head_deny_is_theirs() -> None:
    article = read(raw(f"<h1>{ELSEWHERE}</h1>{TEXT}", NAMED), hint=Hint(title=TITLE)).article
    assert article.title == TITLE


def test_a_title_that_only_the_list_denies_is_in_doubt() -> None:
    article = read(raw(f"<h1>{ELSEWHERE}</h1>{TEXT}"), hint=Hint(title=TITLE)).article
    assert article.title == ELSEWHERE
    assert [parse(one) for one in article.doubt if one.startswith("title")] == [
        ("title_differs", {"title": ELSEWHERE, "listed": TITLE})
    ]
    named = raw(f"<h1>{ELSEWHERE}</h1>{TEXT}", f"<title>{ELSEWHERE}</title>")
    assert not [one for one in read(named, hint=Hint(title=TITLE)).article.doubt if one.startswith("title")]
