"""What an edition says of its sources: those in trouble, silent, never read, and what was refused."""

from archive.digests.content import (
    Health,
    Reach,
)
from archive.digests.layout.html import to_html, to_text
from tests.rendered import Reader, content, paper


def test_of_many_sources_in_trouble_the_worst_are_named() -> None:
    ill = [Health(f"Báo {n}", "amber", "Không có bài mới 9 giờ.") for n in range(1, 21)]
    sick = content(sources=50, well=26, health=ill)
    for shown in (to_text(sick), Reader(to_html(sick)).shown, paper(sick)):
        assert (
            "26/50 nguồn bình thường; 4 nguồn chưa chạy hoặc chặn máy thu thập; 20 nguồn cần xem:"
            in " ".join(shown.split())
        )
        assert "Báo 8: " in shown
        assert "Báo 9" not in shown
        assert "12 nguồn khác" in shown


def test_the_foot_says_how_many_sources_were_read_and_names_the_silent() -> None:
    silent = [f"Báo {n}" for n in range(1, 11)]
    for reach, line in (
        (Reach(3, 3), "3/3 nguồn đọc được từ 07:00 20/11."),
        (Reach(2, 3, ["Báo 1"]), "2/3 nguồn đọc được từ 07:00 20/11; im lặng: Báo 1."),
        (Reach(0, 2, [], ["Báo 1", "Báo 2"]), "; chưa đọc được lần nào: Báo 1, Báo 2."),
        (
            Reach(1, 3, ["Báo 1"], ["Báo 2"], "2026-11-22T01:00:00Z"),
            "1/3 nguồn đọc được từ 08:00 22/11; im lặng: Báo 1; chưa đọc được lần nào: Báo 2.",
        ),
        (
            Reach(48, 58, silent),
            "; im lặng: Báo 1, Báo 2, Báo 3, Báo 4, Báo 5, Báo 6, Báo 7, Báo 8 và 2 nguồn khác.",
        ),
    ):
        told = content(reach=reach)
        for shown in (to_text(told), Reader(to_html(told)).shown, paper(told)):
            assert line in " ".join(shown.split())
    assert "đọc được từ" not in to_text(content())


def test_the_first_edition_says_from_when_anything_was_seen() -> None:
    told = content(reach=Reach(3, 3, since="2026-11-22T01:00:00Z"))
    line = "Tin ghi nhận từ 08:00 22/11 đến 07:00 23/11; kho này bắt đầu đọc báo từ lúc đó"
    for shown in (to_text(told), Reader(to_html(told)).shown, paper(told)):
        assert line in " ".join(shown.split())
    assert "bắt đầu đọc" not in to_text(content(reach=Reach(3, 3)))


def test_the_foot_says_how_many_were_refused_and_leads_to_them() -> None:
    told = content(refused=1234)
    line = "1.234 bài có nhắc đến tỉnh bị loại từ bản tin trước: "
    address = f"{told.archive_url}/da-loai"
    assert line + address in " ".join(to_text(told).split())
    mail = Reader(to_html(told))
    assert f"{line}xem vì sao" in " ".join(mail.shown.split())
    assert address in mail.links
    assert f"{line}xem vì sao" in paper(told)
    assert "bị loại" not in to_text(content())
