"""One text on several outlets is one story; two texts on one event are two."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.clock import stamp
from archive.db import sort_at
from archive.model import Article, Credit
from archive.schema import open_archive
from archive.stories import grouping
from pipelines.fingerprint import shingles

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

LEAD = "Nhà máy lắp ráp cảm biến đầu tiên của cụm công nghiệp Sông Bằng chạy thử sáng nay với 340 lao động."
BODY = """\
Sau mười bốn tháng xây dựng, dây chuyền thứ nhất đã cho ra lô hàng mẫu gồm 12.500 chiếc cảm biến.
Chủ đầu tư cho biết tổng vốn giai đoạn đầu là 1.280 tỷ đồng, trong đó phần thiết bị chiếm 61,5%.
Đại diện ban quản lý cụm công nghiệp nói rằng đường nội bộ, trạm điện và khu xử lý nước thải đã xong từ tháng 8.
Phần lớn công nhân là người trong vùng, được học nghề ba tháng ở trường cao đẳng trước khi vào xưởng.
Dự kiến đến quý II năm 2027, nhà máy chạy hai ca và đạt sản lượng 4 triệu sản phẩm mỗi năm.
Cùng với nhà máy, một kho hàng tự động rộng 2,4 ha được khởi công bên cạnh để phục vụ cả cụm.
Các hộ kinh doanh quanh cụm công nghiệp bắt đầu mở quán ăn, nhà trọ và xe đưa đón theo ca làm việc.
Chính quyền xã đề nghị chủ đầu tư công khai số liệu quan trắc khí thải trên bảng điện tử trước cổng."""

FOLLOW_UP = """\
Hai ngày sau buổi chạy thử, đoàn kiểm tra môi trường đã lấy mẫu nước ở ba cửa xả của cụm công nghiệp.
Kết quả bước đầu cho thấy độ màu cao hơn mức cho phép 1,2 lần ở cửa xả phía tây, hai cửa còn lại đạt yêu cầu.
Chủ đầu tư cho biết tổng vốn giai đoạn đầu là 1.280 tỷ đồng, trong đó phần thiết bị chiếm 61,5%.
Trưởng đoàn yêu cầu lắp thêm bể lắng trước ngày 15/12 và báo cáo hằng tuần cho đến khi các chỉ số ổn định.
Người dân xóm Hạ phản ánh mùi khét vào ban đêm, đoàn sẽ đặt máy đo tự động trong bốn tuần tới.
Nhà máy cam kết dừng một phần dây chuyền nếu lần đo sau vẫn vượt ngưỡng, theo biên bản ký chiều qua."""


class Context:
    """An archive to put articles into, one a minute unless said otherwise."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.count = 0

    def add(
        self,
        source: str,
        body: str,
        *,
        lead: str = "",
        after: timedelta | None = None,
        credit: Credit | None = None,
        title: str = "",
    ) -> int:
        self.count += 1
        at = NOW - timedelta(days=2) + (after or timedelta(minutes=self.count))
        url = f"https://{source}.example/{self.count}.html"
        article = Article(url, source, title or f"Bài {self.count}", lead, body, published_at=at, credit=credit)
        self.db.execute("insert or ignore into sources (key, name) values (?, ?)", (source, source.title()))
        self.db.execute(
            "insert into articles (id, sort, url, source, title, lead, body, published_at, first_seen_at,"
            " last_seen_at, sha256, credit, credit_url) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?)",
            (
                self.count,
                sort_at(at) + self.count,
                url,
                source,
                article.title,
                lead,
                body,
                stamp(at),
                stamp(at),
                stamp(at),
                credit.outlet if credit else None,
                credit.url if credit else None,
            ),
        )
        grouping.assign(self.db, self.count, article, shingles(article.text), NOW)
        return self.count

    def edit(self, article_id: int, body: str) -> None:
        self.db.execute("update articles set body = ? where id = ?", (body, article_id))
        url, source, lead = self.db.execute(
            "select url, source, lead from articles where id = ?", (article_id,)
        ).fetchone()
        article = Article(url, source, lead=lead, body=body)
        grouping.assign(self.db, article_id, article, shingles(article.text), NOW)

    def story(self, article_id: int) -> int:
        story_id: int = self.db.execute("select story_id from articles where id = ?", (article_id,)).fetchone()[
            0
        ]
        return story_id

    def row(self, article_id: int) -> tuple[str, int, int, int]:
        found: tuple[str, int, int, int] = self.db.execute(
            "select title, first_article_id, articles, outlets from stories where id = ?",
            (self.story(article_id),),
        ).fetchone()
        return found

    def consistent(self) -> None:
        """Every article has a story, every story its articles, and the counts are right."""
        counted = self.db.execute("select story_id, count(*) from articles group by 1 order by 1").fetchall()
        assert counted == self.db.execute("select id, articles from stories order by 1").fetchall()


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    db = open_archive(tmp_path / "archive.db")
    yield Context(db)
    db.close()


def test_an_article_alone_is_its_own_story(context: Context) -> None:
    one = context.add("bao-a", BODY, lead=LEAD, title="Nhà máy chạy thử")
    assert context.row(one) == ("Nhà máy chạy thử", one, 1, 1)


def test_a_reprint_with_a_new_lead_and_captions_is_the_same_story(context: Context) -> None:
    first = context.add("bao-a", BODY, lead=LEAD, title="Nhà máy chạy thử")
    paragraphs = BODY.split("\n")
    copy = "\n".join([*paragraphs[:3], "Công nhân trong xưởng. Ảnh: Báo A", *paragraphs[3:], "Theo Báo A"])
    again = context.add("bao-b", copy, lead="Cụm Sông Bằng có thêm nhà máy mới vào cuối năm.")
    assert context.row(again) == ("Nhà máy chạy thử", first, 2, 2)
    assert [row.id for row in grouping.members(context.db, context.story(first))] == [first, again]


def test_a_copy_cut_to_its_first_half_is_the_same_story(context: Context) -> None:
    first = context.add("bao-a", BODY, lead=LEAD)
    assert context.story(context.add("bao-b", "\n".join(BODY.split("\n")[:4]))) == context.story(first)


def test_accents_in_the_old_style_make_no_difference(context: Context) -> None:
    first = context.add("bao-a", BODY.replace("khởi công", "hoà vào, thuỷ lợi"))
    assert context.story(context.add("bao-b", BODY.replace("khởi công", "hòa vào, thủy lợi"))) == context.story(
        first
    )


def test_a_follow_up_that_quotes_is_another_story(context: Context) -> None:
    first = context.add("bao-a", BODY, lead=LEAD)
    assert context.story(context.add("bao-b", FOLLOW_UP)) != context.story(first)


def test_a_follow_up_with_the_whole_text_as_background_is_another_story(context: Context) -> None:
    first = context.add("bao-a", "\n".join(BODY.split("\n")[:3]))
    assert context.story(context.add("bao-b", f"{FOLLOW_UP}\n{desk_text(context, first)}")) != context.story(
        first
    )


def desk_text(context: Context, article_id: int) -> str:
    text: str = context.db.execute("select body from articles where id = ?", (article_id,)).fetchone()[0]
    return text


def test_a_daily_report_in_the_same_words_is_another_story(context: Context) -> None:
    form = (
        "Giá thép cuộn giao tại kho hôm nay {} đồng một kg so với phiên liền trước của thị trường miền Bắc, "
        "còn giá thép thanh vằn giao tại kho cùng ngày {} đồng một kg theo bảng niêm yết của nhà phân phối. "
        "Lượng hàng bán ra trong ngày của các đại lý được hỏi {} tấn, tồn kho cuối ngày ước chừng {} tấn, "
        "thép phế liệu mua vào {} đồng và phôi thép chào bán {} đồng một kg chưa gồm thuế giá trị gia tăng."
    )
    monday = context.add("bao-a", form.format("13.910", "14.120", "1.870", "22.400", "8.450", "11.960"))
    tuesday = context.add("bao-a", form.format("13.880", "14.200", "1.645", "21.980", "8.390", "12.040"))
    assert context.story(monday) != context.story(tuesday)


def test_a_link_in_the_credit_line_joins_a_retelling(context: Context) -> None:
    first = context.add("bao-a", BODY, lead=LEAD)
    credit = Credit("Bao-A", "http://bao-a.example/1.html?utm_source=b")
    retold = "\n".join([*FOLLOW_UP.split("\n")[:2], *BODY.split("\n")[:2]])
    assert context.story(context.add("bao-b", retold, credit=credit)) == context.story(first)


def test_an_outlet_named_in_the_credit_line_counts_as_evidence(context: Context) -> None:
    first = context.add("bao-a", BODY, lead=LEAD)
    half = "\n".join([*BODY.split("\n")[:4], *FOLLOW_UP.split("\n")[1:2], *FOLLOW_UP.split("\n")[3:6]])
    assert context.story(context.add("bao-b", half)) != context.story(first)
    assert context.story(context.add("bao-c", half, credit=Credit("Theo Báo Bao-A"))) == context.story(first)


def test_an_outlet_that_opens_anew_on_its_own_text_follows_it_up(context: Context) -> None:
    first = context.add("bao-a", BODY, lead=LEAD)
    update = "\n".join([*FOLLOW_UP.split("\n")[:2], *BODY.split("\n")[2:]])
    assert context.story(context.add("bao-a", update)) != context.story(first)
    assert context.story(context.add("bao-b", update)) == context.story(first)


def test_a_rewritten_text_on_the_same_event_is_another_story(context: Context) -> None:
    first = context.add("bao-a", BODY, lead=LEAD)
    paragraphs = [f"Theo tin mới nhận, {one[0].lower()}{one[1:-30]} như đã đưa." for one in BODY.split("\n")]
    rewritten = "\n".join([*paragraphs[:4], *FOLLOW_UP.split("\n")[:3], *BODY.split("\n")[6:]])
    assert context.story(context.add("bao-b", rewritten)) != context.story(first)


def test_an_item_of_a_round_up_is_another_story(context: Context) -> None:
    item = context.add("bao-a", "\n".join(BODY.split("\n")[:2]))
    rest = "\n".join(f"Mục {at}: {FOLLOW_UP.split(chr(10))[at % 6]} Chuyện thứ {at}." for at in range(6))
    assert context.story(context.add("bao-b", f"{rest}\n{desk_text(context, item)}")) != context.story(item)


def test_after_the_window_the_same_words_are_another_story(context: Context) -> None:
    first = context.add("bao-a", BODY, after=timedelta(days=-40))
    assert context.story(context.add("bao-b", BODY)) != context.story(first)


def test_the_earliest_published_is_first_whenever_it_was_found(context: Context) -> None:
    late = context.add("bao-b", BODY, title="Đăng lại")
    early = context.add("bao-a", BODY, after=timedelta(hours=-5), title="Bản gốc")
    assert context.row(late) == ("Bản gốc", early, 2, 2)


def test_a_whole_text_joins_the_stories_of_its_parts(context: Context) -> None:
    paragraphs = BODY.split("\n")
    head = context.add("bao-b", "\n".join(paragraphs[:4]))
    tail = context.add("bao-c", "\n".join(paragraphs[4:]))
    assert context.story(head) != context.story(tail)
    whole = context.add("bao-a", BODY, after=timedelta(hours=-1))
    assert context.story(head) == context.story(tail) == context.story(whole)
    context.consistent()
    context.edit(whole, FOLLOW_UP)
    assert len({context.story(one) for one in (head, tail, whole)}) == 3
    context.consistent()


def test_an_edit_moves_an_article_to_the_story_it_now_carries(context: Context) -> None:
    first, other = context.add("bao-a", BODY), context.add("bao-c", FOLLOW_UP)
    moving = context.add("bao-b", BODY)
    context.edit(moving, FOLLOW_UP)
    assert context.story(moving) == context.story(other)
    assert context.row(first)[2:] == (1, 1)
    context.consistent()


def test_pruning_keeps_the_window_and_rebuilding_loses_nothing(context: Context) -> None:
    old = [context.add(source, BODY, after=timedelta(days=-40)) for source in ("bao-a", "bao-b")]
    fresh = context.add("bao-c", FOLLOW_UP)
    assert grouping.prune(context.db, NOW) == 2
    kept = context.db.execute("select distinct article_id from shingles").fetchall()
    assert kept == [(fresh,)]

    context.db.execute("update articles set story_id = null")
    context.db.execute("delete from stories")
    assert grouping.rebuild(context.db, NOW) == 3
    assert context.story(old[0]) == context.story(old[1]) != context.story(fresh)
    assert context.db.execute("select distinct article_id from shingles").fetchall() == [(fresh,)]
    context.consistent()
    assert grouping.rebuild(context.db, NOW, since=NOW - timedelta(days=3)) == 1
    context.consistent()


def test_a_text_without_words_is_a_story_too(context: Context) -> None:
    one, other = context.add("bao-a", ""), context.add("bao-b", "…")
    assert context.story(one) != context.story(other)
