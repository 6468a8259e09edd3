"""The text as a reader would copy it: one paragraph a line, in order, nothing said twice, nothing lost."""

import pytest

from tests.story import LEAD, PARAGRAPHS, TEXT, TITLE, page, read

STORY = list(PARAGRAPHS)


def lines(inner: str) -> list[str]:
    return read(page(f'<div class="article-content">{inner}</div>')).article.body.split("\n")


@pytest.mark.parametrize(
    "inner",
    [
        TEXT,
        "".join(f"<div>{line}</div>" for line in PARAGRAPHS),
        "<br><br>".join(PARAGRAPHS),
        "<p>" + "<br /><br />".join(PARAGRAPHS) + "</p>",
        "".join(f"<p><span><font>{line}</font></span></p>" for line in PARAGRAPHS),
        "".join(f"<div><span>{line}</span></div>" for line in PARAGRAPHS),
        "".join(f"<p>{line}</p><p>&nbsp;</p>" for line in PARAGRAPHS),
        PARAGRAPHS[0] + "".join(f"<p>{line}</p>" for line in PARAGRAPHS[1:]),
        "<section>" + "".join(f"<p>{line}\n" for line in PARAGRAPHS) + "</section>",
    ],
)
def test_paragraphs_are_lines_however_they_are_marked_up(inner: str) -> None:
    assert lines(inner) == STORY


def test_words_are_not_joined_or_parted_by_inline_markup() -> None:
    marked = (
        PARAGRAPHS[1]
        .replace("quản đốc", "<b>quản</b> <i>đốc</i>")
        .replace("chín trăm", "ch<u>ín</u> <a href=/x>trăm</a>")
    )
    assert lines(TEXT.replace(PARAGRAPHS[1], marked)) == STORY


def test_a_line_break_parts_words() -> None:
    assert "Ca sáng Ca chiều" in " ".join(
        lines(f"<p>Ca sáng<br>Ca chiều đều đủ người đứng máy hôm nay.</p>{TEXT}")
    )


def test_subheadings_and_lists_stay_in_their_places() -> None:
    first, *rest = (f"<p>{line}</p>" for line in PARAGRAPHS)
    shifts = "<ul><li>Ca sáng: hai mươi người</li><li>Ca đêm: hai mươi người</li></ul>"
    text = lines(f"{first}<h2>Tuyển thêm người</h2>{''.join(rest)}{shifts}")
    assert text[:3] == [STORY[0], "Tuyển thêm người", STORY[1]]
    assert [line.lstrip("- ") for line in text[-2:]] == ["Ca sáng: hai mươi người", "Ca đêm: hai mươi người"]


def test_title_and_lead_are_not_said_again_in_the_text() -> None:
    inner = f'<h2 class="sapo">{LEAD}</h2><div class="article-content"><p>{TITLE}</p><p>{LEAD}</p>{TEXT}</div>'
    article = read(page(inner)).article
    assert article.lead == LEAD
    assert article.body.split("\n") == STORY


@pytest.mark.parametrize("signed", ["Lê Thị Mẫu", "<b>Lê Thị Mẫu</b>", "<strong>LÊ THỊ MẪU</strong>"])
def test_the_line_of_the_author_goes_into_a_field(signed: str) -> None:
    article = read(
        page(f'<div class="article-content">{TEXT}<p style="text-align:right">{signed}</p></div>')
    ).article
    assert article.body.split("\n") == STORY
    assert [name.casefold() for name in article.authors] == ["lê thị mẫu"]


def test_the_line_of_the_credit_goes_into_a_field() -> None:
    article = read(page(f'<div class="article-content">{TEXT}<p>Theo Báo Mẫu</p></div>')).article
    assert article.body.split("\n") == STORY
    assert article.credit is not None
    assert article.credit.outlet == "Báo Mẫu"


def test_a_text_cut_off_in_a_tag_is_kept_up_to_there() -> None:
    whole = page(f'<div class="article-content">{TEXT}</div>')
    assert read(whole[: whole.index(PARAGRAPHS[3]) - 1]).article.body.split("\n") == STORY[:3]


def test_signs_that_look_like_markup_are_text() -> None:
    line = "Mức 3 &lt; 5 và 7 &gt; 2, tỷ lệ 4 &amp; 6, viết là &lt;b&gt; cho dễ nhớ trong bảng của xưởng."
    assert "Mức 3 < 5 và 7 > 2, tỷ lệ 4 & 6, viết là <b> cho dễ nhớ trong bảng của xưởng." in lines(
        f"<p>{line}</p>{TEXT}"
    )
