"""What stands in a story's box and is none of its text does not get into the archive; the story does."""

import pytest

from tests.story import ELSEWHERE, PARAGRAPHS, TEXT, page, read

STORY = list(PARAGRAPHS)
LINK = f'<a href="/khac.html">{ELSEWHERE}</a>'
HALVES = (
    "".join(f"<p>{line}</p>" for line in PARAGRAPHS[:2]),
    "".join(f"<p>{line}</p>" for line in PARAGRAPHS[2:]),
)


def within(furniture: str) -> list[str]:
    """The text of a story with something in its midst."""
    first, second = HALVES
    return read(page(f'<div class="article-body">{first}{furniture}{second}</div>')).article.body.split("\n")


def behind(furniture: str) -> list[str]:
    return read(page(f'<div class="article-body">{TEXT}{furniture}</div>')).article.body.split("\n")


@pytest.mark.parametrize(
    "furniture",
    [
        f"<div class='tin-lien-quan'><p>Tin liên quan</p><ul><li>{LINK}</li></ul></div>",
        f"<div class='box-related'><h4>Bài viết liên quan</h4><p>{LINK}</p></div>",
        f"<p>Xem thêm: {LINK}</p>",
        f"<p>&gt;&gt; {LINK}</p>",
        f"<p><strong>{LINK}</strong></p>",
        f"<ul><li>{LINK}</li><li>{LINK}</li></ul>",
        "<p>Quảng cáo</p>",
        "<div class='ads-slot'>Mua một tặng một, gọi ngay</div>",
        "<div class='share-box'>Chia sẻ Facebook Zalo</div>",
        "<figure><img src=a.jpg><figcaption>Công nhân bên máy mới. Ảnh: Báo Mẫu</figcaption></figure>",
        "<table><tr><td><img src=a.jpg></td></tr><tr><td>Công nhân bên máy mới</td></tr></table>",
        "<p>Công nhân bên máy mới. Ảnh: Báo Mẫu</p>",
        "<script>var dai_dong = 'không phải chữ';</script>",
        "<div style='display:none'>Chữ giấu không ai thấy, dài hơn một dòng để lẫn với bài.</div>",
    ],
)
def test_furniture_in_the_midst_goes_and_the_story_stays(furniture: str) -> None:
    assert within(furniture) == STORY


@pytest.mark.parametrize(
    "furniture",
    [
        "<p>Bình luận (3)</p><p>Bài hay quá, mong xưởng sớm tuyển người vào làm.</p>",
        "<div class='box-comment'><p>Bài hay quá, mong xưởng sớm tuyển người vào làm.</p></div>",
        "<form><label>Ý kiến của bạn</label><textarea></textarea><button>Gửi bình luận</button></form>",
        "<div class='tags'>Từ khóa: <a href=/t/1>nhựa</a> <a href=/t/2>Sông Công</a></div>",
        "<div class='author-box'>Báo Mẫu là tờ báo bịa ra để thử chương trình này.</div>",
        "<p>(*) Không sao chép dưới mọi hình thức</p>",
        "<footer>Giấy phép số 1/GP, tổng biên tập, địa chỉ, điện thoại, thư điện tử</footer>",
    ],
)
def test_furniture_behind_the_story_goes(furniture: str) -> None:
    assert behind(furniture) == STORY


def test_the_official_sign_off_goes_and_its_full_stop_stays() -> None:
    assert behind("<p>Xưởng sẽ mở cửa đón khách tham quan vào cuối năm nay./.</p>")[-1].endswith(
        "cuối năm nay."
    )


@pytest.mark.parametrize(
    "line",
    [
        "Xem thêm một ca làm việc, người ta mới thấy dây chuyền chạy êm đến mức nào giữa xưởng đông người.",
        "Quảng cáo của xưởng năm nay giảm một nửa vì hàng làm ra đến đâu bán hết đến đó, quản đốc kể.",
        "Bình luận về con số này, một chủ xưởng khác cho rằng thị trường còn rộng cho cả vùng.",
        "Ảnh hưởng của giá dầu lên hạt nhựa chưa đáng kể, theo lời người phụ trách kho.",
    ],
)
def test_sentences_that_begin_like_furniture_stay(line: str) -> None:
    assert line in within(f"<p>{line}</p>")


def test_a_bordered_box_is_part_of_the_story() -> None:
    said = "Xưởng nhựa mẫu lập năm 2009 với mười hai người thợ, nay có hơn ba trăm lao động thường xuyên."
    assert said in within(f'<div class="VCSortableInPreviewMode" type="content"><div><p>{said}</p></div></div>')


def test_a_name_that_every_paragraph_bears_is_no_name_of_furniture() -> None:
    body = "".join(f'<p class="paywall">{line}</p>' for line in PARAGRAPHS)
    assert read(page(f"<article>{body}</article>")).article.body.split("\n") == STORY


def test_a_quotation_between_paragraphs_stays() -> None:
    said = "Chúng tôi chờ ngày này đã ba năm, giờ chỉ lo thiếu người đứng máy ca đêm"
    assert any(said in line for line in within(f"<blockquote><p>“{said}”, quản đốc nói.</p></blockquote>"))
