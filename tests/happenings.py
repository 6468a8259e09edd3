"""A fire that four outlets tell: two in their own words at once, one that reprints, one the next day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.db import writing
from archive.model import Figure
from archive.stories.events import event_of, join_events
from tests.newsroom import Newsroom, hanoi

FIRE = (
    "Cháy xưởng gỗ Thành Đạt ở cụm công nghiệp Sông Bằng",
    "Khoảng 5h sáng nay, xưởng gỗ 2.400 m² của Công ty Thành Đạt ở cụm công nghiệp Sông Bằng bốc cháy.",
    (
        "Lửa bén từ kho mùn cưa rồi lan sang nhà xưởng.\nHai xe cứu hỏa tới sau mười phút, không ai bị nạn.\n"
        "Chủ xưởng ước thiệt hại ban đầu ba tỷ đồng, máy móc phần lớn đã hỏng.\nNguyên nhân đang được điều tra."
    ),
)
ANEW = (
    "Xưởng gỗ Thành Đạt 2.400 m² ở Sông Bằng cháy rụi lúc rạng sáng",
    (
        "Xưởng gỗ 2.400 m² của Công ty Thành Đạt ở cụm công nghiệp Sông Bằng bốc cháy khoảng 5h sáng nay; "
        "lính cứu hỏa dập tắt sau ba giờ, công ty báo thiệt hại năm tỷ đồng, chưa rõ nguyên nhân vụ việc."
    ),
    (
        "Anh bảo vệ kể rằng anh nghe tiếng nổ nhỏ trước khi thấy khói.\nCả ca đêm chạy ra sân an toàn.\n"
        "Công an xã phong tỏa lối vào nhà máy, đưa bình ga ra ngoài.\nBà con quanh đó góp nước và đèn pin."
    ),
)
LATER = (
    "Công ty Thành Đạt nói về vụ cháy xưởng gỗ ở cụm công nghiệp Sông Bằng",
    "Sau vụ cháy xưởng gỗ 2.400 m² ở cụm công nghiệp Sông Bằng, Công ty Thành Đạt trả lương cho công nhân.",
    (
        "Giám đốc gặp từng tổ vào buổi chiều.\nMỗi người được tạm ứng một tháng lương.\n"
        "Xưởng mới sẽ dựng ở lô bên cạnh, nhà máy chạy lại sau Tết.\nNgân hàng hứa giãn nợ sáu tháng."
    ),
)
NAMES = ("gỗ", "đá", "cát", "gạch", "sợi", "vải", "giấy", "thép", "kẽm", "pin", "đèn", "loa", "bơm")


@dataclass(frozen=True)
class Fire:
    """The ids of its articles."""

    first: int
    anew: int
    reprint: int


def damage(value: float) -> list[Figure]:
    """What an outlet says the fire cost."""
    said = f"thiệt hại {value:g} tỷ đồng"
    return [Figure("thiệt hại", value * 1e9, "đồng", said, key="damage")]


def tell_fire(room: Newsroom, at: datetime) -> Fire:
    """Three outlets within three hours."""
    first = room.publish(FIRE, at, url="https://song-bang.example/chay", figures=damage(3))
    anew = room.publish(ANEW, at + timedelta(hours=2), source="may-tre", figures=damage(5))
    one_event(room, first, anew)
    reprint = room.publish(FIRE, at + timedelta(hours=3), source="dien-dan-so", credit="Báo Sông Bằng")
    return Fire(first, anew, reprint)


def one_event(room: Newsroom, founder: int, article: int) -> None:
    """Make sure that both are of one event, whatever the words alone would say."""
    events = event_of(room.db, article), event_of(room.db, founder)
    if events[0] != events[1] and events[0] and events[1]:
        with writing(room.db):
            join_events(room.db, events[0], events[1], hanoi("2026-11-01"))


def fill(room: Newsroom, at: datetime) -> None:
    """Other news of the weeks before, by which the archive learns which words are rare."""
    for n in range(60):
        kind = ("Khánh thành", "Khởi công", "Tổng kết", "Thăm hỏi", "Kiểm tra")[n % 5]
        name = NAMES[n % 13]
        told = (
            f"{kind} công trình {name} số {n} ở xã Hạ Bằng",
            f"Đoàn {name} {n} làm việc với công ty {n + 7} trong sáng nay.",
            " ".join(f"Ông {name} kể về {other} số {n * 31 + place}." for place, other in enumerate(NAMES)),
        )
        room.publish(told, at - timedelta(days=20, minutes=n), source="dien-dan-so", level="mention")
