"""Texts that are easily cut or read otherwise than printed: several boxes, hidden parts, tables, data."""

import json
from urllib.parse import quote

import pytest

from archive.model import Outcome
from pipelines.item import Hint
from tests.story import ELSEWHERE, LEAD, PARAGRAPHS, TEXT, TITLE, linked, page, read

STORY = list(PARAGRAPHS)
FIRST, LAST = ("".join(f"<p>{line}</p>" for line in PARAGRAPHS[cut]) for cut in (slice(2), slice(2, 4)))
LINKS = "".join(f"<li><a href='/tin-{n}.html'>{ELSEWHERE} lần {n}</a></li>" for n in range(4))
MORE = "Một nửa số thùng hàng làm ra trong tháng đầu đã có người đặt mua, phần còn lại giữ trong kho."
OTHER = "Chợ hoa ở bến sông mở cửa từ rằm tháng Chạp, người bán phải thuê chỗ qua cổng của phường."


def lines(inner: str, head: str = "") -> list[str]:
    return read(page(inner, head)).article.body.split("\n")


def within(inner: str) -> list[str]:
    return lines(f'<div class="article-body">{inner}</div>')


REST = "".join(f"<p>{line}</p>" for line in STORY[1:])
EACH = "".join(
    f'<div><div class="m-body rich-text-{n}"><p>{line}</p></div></div>' for n, line in enumerate(STORY)
)
PICTURES = "<div><h3>Ảnh trong xưởng</h3></div>"


@pytest.mark.parametrize(
    "inner",
    [
        f'<div class="entry-content">{FIRST}</div><ul>{LINKS}</ul><div class="entry-content">{LAST}</div>',
        f'<div class="rich-text a1">{FIRST}</div>{PICTURES}<div class="rich-text a2">{LAST}</div>',
        EACH,
        f'<section><div class="noidung"><p>{STORY[0]}</p></div></section><div class="p2">{REST}</div>',
    ],
)
def test_a_text_in_several_boxes_is_read_whole(inner: str) -> None:
    assert [line for line in lines(inner) if line in STORY] == STORY


def test_cards_of_other_stories_between_two_boxes_are_left_out() -> None:
    card = f"<div class='card'><h3><a href='/k.html'>{ELSEWHERE}</a></h3><p>{OTHER}</p><p>{MORE}</p></div>"
    boxes = (f'<div class="entry-content">{part}</div>' for part in (FIRST, LAST))
    assert lines(card.join(boxes)) == STORY


def test_cards_of_some_length_in_a_row_are_of_other_stories() -> None:
    card = "<div class='teaser'><h3><a href='/k{n}.html'>{h}</a></h3><p>{p}</p><p>{p}</p><p>{p}</p></div>"
    cards = "".join(card.format(n=n, h=ELSEWHERE, p=OTHER) for n in range(3))
    assert within(f"{FIRST}<div class='row'>{cards}</div>{LAST}") == STORY


@pytest.mark.parametrize(
    "part",
    [
        '<div id="more" style="display:none"><p>{}</p></div>',
        '<div class="collapse hidden"><p>{}</p></div>',
        '<div class="field field--label-hidden"><p>{}</p></div>',
        '<div class="overflow-hidden"><p>{}</p></div>',
        '<div class="hidden md:block"><p>{}</p></div>',
        '<div aria-hidden="true"><p>{}</p></div>',
        "<details><summary>Đọc tiếp</summary><p>{}</p></details>",
        '<div class="info-box"><p>{}</p></div>',
        '<div class="ket-qua survey"><p>{}</p></div>',
        '<section class="social-housing"><p>{}</p></section>',
        '<div class="cmp-text"><p>{}</p></div>',
        '<h2>Bình luận của thợ cả</h2><div class="comment"><p>{}</p></div>',
        '<figure class="wp-block-pullquote"><blockquote><p>{}</p></blockquote></figure>',
    ],
)
def test_what_one_click_shows_and_unlucky_names_are_text(part: str) -> None:
    assert MORE in within(TEXT + part.format(MORE))


@pytest.mark.parametrize(
    "part",
    [
        f'<div hidden>{TITLE}. {" ".join(PARAGRAPHS)}</div>',
        f'<div class="modal" aria-hidden="true"><p>{OTHER}</p></div>',
        "<div hidden><p>Bạn đọc vui lòng đăng nhập bằng số điện thoại để gửi ý kiến về bài này.</p></div>",
        f"<div class='comment'><p>{MORE}</p></div><div class='comment'><p>{OTHER}</p></div>",
        f"<div class='comment'><p>{MORE}</p><span>Trả lời</span> <span>3 giờ trước</span></div>",
        f"<div class='info-box'><h4>Nhà máy mẫu</h4><p>{OTHER}</p></div>",
        "<div class='survey'><p>Bạn có hay đi qua cụm công nghiệp này không?</p><input type=radio> Có</div>",
    ],
)  # fmt: skip
def test_copies_dialogs_and_readers_are_none(part: str) -> None:
    assert within(TEXT + part) == STORY


@pytest.mark.parametrize("heading", ["<h2>Bình luận</h2>", "<p><b>Ý kiến bạn đọc</b></p>", "<h3>Chủ đề</h3>"])
def test_a_part_of_the_story_may_be_called_as_readers_comments_are(heading: str) -> None:
    assert [line for line in within(FIRST + heading + LAST) if line in STORY] == STORY


@pytest.mark.parametrize("heading", ["Bình luận (2)", "Ý kiến bạn đọc"])
def test_readers_comments_end_the_text(heading: str) -> None:
    remarks = f"<p>{MORE}</p><p>Thích 4</p><p>Trả lời</p>"
    assert within(f"{TEXT}<h3>{heading}</h3>{remarks}") == STORY


def test_parts_that_a_page_streams_in_behind_itself_are_put_in_place() -> None:
    hole = f'<div class="article-body"><p>{STORY[0]}</p><template id="B:1"></template></div>'
    part = f'<div hidden id="S:0">{"".join(f"<p>{line}</p>" for line in STORY[1:])}</div>'
    assert lines(f'{hole}{part}<script>$RC("B:1","S:0")</script>') == STORY
    assert lines(hole.replace("B:1", "P:0") + part) == STORY


ROWS = (
    ("Mặt hàng", "Kế hoạch", "Thực hiện"),
    ("Thùng", "900 chiếc", "950 chiếc"),
    ("Khay", "12 tấn", "13 tấn"),
)
TABLE = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)


@pytest.mark.parametrize(
    "frame",
    [
        "<table>{}</table>",
        "<figure class='table'><table>{}</table></figure>",
        "<figure class='wp-block-table'><table>{}</table><figcaption>Mười tháng</figcaption></figure>",
        "<table width=100%><tr><td>" + TEXT + "<table>{}</table></td></tr></table>",
    ],
)
def test_a_table_keeps_its_rows_as_lines(frame: str) -> None:
    told = within(TEXT + frame.format(TABLE))
    assert [line for line in told if "|" in line] == [" | ".join(row) for row in ROWS]
    assert set(STORY) <= set(told)


def test_questions_and_answers_are_paragraphs() -> None:
    asked = "".join(
        f"<dt>Hỏi câu {at}: nộp hồ sơ ở đâu?</dt><dd>{line}</dd>" for at, line in enumerate(PARAGRAPHS)
    )
    told = [text for at, line in enumerate(PARAGRAPHS) for text in (f"Hỏi câu {at}: nộp hồ sơ ở đâu?", line)]
    assert lines(f"<article><dl>{asked}</dl></article>") == told


@pytest.mark.parametrize("line", ["20/11/2026 15:20", "Thứ Sáu, 20/11/2026", "Cập nhật: 20/11/2026"])
def test_a_date_alone_is_no_text(line: str) -> None:
    picture = "<div><p>Đồ họa: đường vào cụm công nghiệp.</p><img src=a.png></div>"
    item = read(page(f"<main><div>{line}</div>{picture}</main>"))
    assert (item.article.body, item.outcome) == ("", Outcome.TOO_SHORT)


def test_cells_with_paragraphs_lay_out_a_page() -> None:
    left, right = ("".join(f"<p>{line}</p>" for line in PARAGRAPHS[cut]) for cut in (slice(2), slice(2, 4)))
    assert lines(f"<table><tr><td>{left}</td><td>{right}</td></tr></table>") == [*PARAGRAPHS]


def test_cells_over_several_rows_stand_in_each_of_them() -> None:
    rows = (
        "<tr><th rowspan=2>Xưởng</th><th colspan=2>Tháng 10</th></tr><tr><th>Ca sáng</th><th>Ca đêm</th></tr>"
    )
    table = f"<table>{rows}<tr><td>Nhựa</td><td>20</td><td>18</td></tr></table>"
    assert within(TEXT + table)[-3:] == ["Xưởng | Tháng 10", "Xưởng | Ca sáng | Ca đêm", "Nhựa | 20 | 18"]


@pytest.mark.parametrize(
    ("marked", "read_as"),
    [
        ("rộng 42.000 m<sup>2</sup>, sâu 3 m<sup>3</sup>", "rộng 42.000 m², sâu 3 m³"),
        ("chừng 3,2 x 10<sup>6</sup> thùng", "chừng 3,2 x 10⁶ thùng"),
        ("thải 120 tấn CO<sub>2</sub>", "thải 120 tấn CO2"),
        ("tốn 250<sup>2</sup> tỷ đồng", "tốn 250 tỷ đồng"),
        ("tăng 12<sup>1</sup>% và 7<sup><a href='#n1'>2</a></sup>%", "tăng 12% và 7%"),
        ("theo công ty<sup class=fn>[3]</sup>, là thế", "theo công ty[3], là thế"),
        ("tốn <del>1.590</del> 1.950 tỷ, bằng <s>45%</s> <ins>40%</ins> vốn", "tốn 1.950 tỷ, bằng 40% vốn"),
        ("chiếm <sup>2</sup>&frasl;<sub>3</sub> số thợ", "chiếm 2⁄3 số thợ"),
        ("là lần 1<sup>st</sup> và thế kỷ XX<sup>e</sup>", "là lần 1st và thế kỷ XXe"),
        ("ở vùng Suðurland, Ísland", "ở vùng Suðurland, Ísland"),
        ("tại Ðức của ông Ðorđe", "tại Ðức của ông Ðorđe"),
    ],
)
def test_small_raised_and_struck_out_is_read_as_printed(marked: str, read_as: str) -> None:
    tail = "như người của xưởng kể với khách trong buổi chạy thử."
    assert within(f"{TEXT}<p>Dây chuyền {marked} {tail}</p>")[-1] == f"Dây chuyền {read_as} {tail}"


HTML = "".join(f"<p>{line}</p>" for line in STORY)
ELSE = "".join(f"<p>{line}</p>" for line in (OTHER, MORE, OTHER))
FOREIGN = {"title": ELSEWHERE, "content": ELSE}
BLOCKS = [{"type": "text", "content": line} for line in STORY]
NEXT = ' id="__NEXT_DATA__" type="application/json"'
STREAMED = "5:" + json.dumps({"title": TITLE, "html": HTML})
GIVEN = json.dumps({"article": {"title": TITLE, "content": HTML}}).replace("</p", "<\\/p")
BARE = f'<h2 class="sapo">{LEAD}</h2><div class="skeleton"></div>'


def script(data: object, before: str = "", kind: str = "") -> str:
    return f"<script{kind}>{before}{json.dumps(data)}</script>".replace("</p", "<\\/p")


STATE = {"q": [{"state": {"title": TITLE, "content": f"$$AD$$ {HTML}"}}]}
PUSHED = script(STATE, 'x["r"] = x["r"] || [];x["r"].push(').replace("</script", ")</script")


@pytest.mark.parametrize(
    "data",
    [
        script({"props": {"post": {"title": TITLE, "content": HTML}, "more": [FOREIGN]}}, kind=NEXT),
        script({"data": [{"detail": {"Title": TITLE, "Body": HTML}, "hot": [FOREIGN]}]}, "window.__NUXT__="),
        script({"news": {"title": TITLE, "blocks": BLOCKS}}, "window.__INITIAL_STATE__ = "),
        script([{"title": 1, "body": 2}, TITLE, HTML], kind=' type="application/json" id="__NUXT_DATA__"'),
        f"<script>self.__next_f.push([1,{json.dumps(STREAMED)}])</script>",
        script({"post": {"name": TITLE, "body": HTML}}, kind=" type='application/json'"),
        PUSHED,
        f"<script>window.d = JSON.parse({json.dumps(GIVEN)})</script>",
        f"<script>var d = JSON.parse('{GIVEN.replace(chr(92), chr(92) * 2)}');</script>",
        f'<script>d(JSON.parse(decodeURIComponent("{quote(GIVEN)}")))</script>',
        linked(headline=TITLE, articleBody="\n\n".join(STORY)),
        linked(headline=TITLE, articleBody=HTML.replace("<", "&lt;").replace(">", "&gt;")),
    ],
)  # fmt: skip
def test_a_text_that_stands_in_a_script_alone_is_read_from_there(data: str) -> None:
    assert lines(BARE + data) == STORY


def test_the_text_of_another_story_in_a_script_is_not_read() -> None:
    other = script({"hot": FOREIGN}, kind=' type="application/json"')
    assert read(page(BARE + other)).article.body == ""


def test_half_a_letter_in_json_ld_costs_nothing_else() -> None:
    item = read(page(TEXT, linked(headline="Tin \ud83d mới", description="a\0b", articleSection="Tin \ud83d")))
    assert item.outcome is None
    "".join([item.article.title, item.article.lead, item.article.body]).encode()


CAPTIONS = [f"Thợ ca {n} xếp thùng hàng lên xe ở cửa sau của xưởng nhựa." for n in ("một", "hai", "ba")]


@pytest.mark.parametrize(
    "one",
    [
        "<figure><img src={n}.jpg><figcaption>{c}</figcaption></figure>",
        '<div type="Photo"><div><img src={n}.jpg></div><div class="PhotoCMS_Caption"><p>{c}</p></div></div>',
        "<table><tr><td><img src={n}.jpg></td></tr><tr><td><p class=Image>{c}</p></td></tr></table>",
        '<li class="blocks-gallery-item"><figure><img src={n}.jpg><figcaption>{c}</figcaption></figure></li>',
        '<div class="s"><p class="thumb"><img src={n}.jpg></p><div class="desc_cation"><p>{c}</p></div></div>',
    ],
)
def test_captions_are_the_text_of_a_story_told_by_pictures(one: str) -> None:
    pictures = "".join(one.format(n=n, c=caption) for n, caption in enumerate(CAPTIONS))
    box = f"<aside><figure><img src=k.jpg><figcaption>{ELSEWHERE}</figcaption></figure></aside>"
    item = read(page(f"<p>Nhịp ca sáng ở xưởng.</p><div class='article-body'>{pictures}</div>{box}"))
    assert item.outcome is None
    assert [line for line in item.article.body.split("\n") if line in CAPTIONS] == CAPTIONS
    assert ELSEWHERE not in item.article.body


def test_what_seems_cut_is_doubted_and_what_is_whole_is_not() -> None:
    assert read(page(TEXT + f"<ul>{LINKS}</ul>")).article.doubt == []
    far = f"<div><div><i>1</i>{'<p>' + ' '.join(STORY) * 4 + '</p>'}</div></div>"
    item = read(page(f"<article><h1>{TITLE}</h1><p>{MORE}</p></article><div><h4>2</h4></div>{far}"))
    assert len(item.article.body) > 1000 or [one for one in item.article.doubt if one.startswith("cut")]


@pytest.mark.parametrize(
    "title",
    [
        "Access Denied: cuộc thi an ninh mạng của thợ trẻ Sông Công",
        "Just a moment, triển lãm ảnh về công nhân Sông Công",
        "Trang không tồn tại trên bản đồ: xóm tái định cư có mạng 5G",
        "404 hộ dân Sông Công nhận nhà mới trước Tết",
        "Không tìm thấy trang sử nào về xưởng nhựa cũ",
    ],
)
def test_a_headline_that_sounds_like_an_error_is_one_of_a_story(title: str) -> None:
    assert read(page(f"<p>{PARAGRAPHS[0]}</p>", title=title)).outcome is None


def test_a_page_that_bears_the_headline_of_its_list_is_its_story() -> None:
    title = "Access denied - trang web của xưởng bị đánh sập"
    inner = f"<p>{PARAGRAPHS[0]}</p>"
    assert read(page(inner, title=title)).outcome is Outcome.BLOCKED
    assert read(page(inner, title=title), hint=Hint(title)).outcome is None


def test_a_page_of_an_office_that_says_nothing_of_itself_is_no_list() -> None:
    links = "".join(f"<a href='/m{n}'>Thủ tục hành chính số {n} của phòng</a>" for n in range(9))
    notice = read(
        page(f"<div>{links}</div><div>{TEXT}</div>", title="Thông báo"), url="https://baomau.example/tb"
    )
    assert notice.outcome is None
