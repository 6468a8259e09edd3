"""Made-up Vietnamese articles for the benches: seeded, each text its own, of words written here."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

LOCAL = 20  # one article in so many is on Thái Nguyên

WHO = """
    nhóm kỹ sư | hợp tác xã | ban quản lý | đội thi công | xưởng dệt | trạm bơm | tổ bảo trì |
    phòng thí nghiệm | cửa hàng | kho lạnh | lớp nghề | bến xe | nhà máy | trang trại | hội làm vườn |
    đoàn khảo sát | tổ sản xuất | trung tâm | xí nghiệp | câu lạc bộ | người trồng chè | thợ hàn | tài xế |
    học viên | cán bộ | công nhân | nhà vườn | chủ thuyền | kế toán | thủ kho
"""
DID = """
    lắp đặt | kiểm tra | mở rộng | sửa chữa | bàn giao | thử nghiệm | ghi chép | thay thế | vận hành |
    đóng gói | chuyển giao | đo đạc | thu hoạch | giới thiệu | nâng cấp | rà soát | tính toán | sắp xếp |
    thiết kế | đặt hàng | bảo dưỡng | cân đối | hoàn thiện | phân loại
"""
WHAT = """
    máy sấy | băng chuyền | phần mềm | tấm pin | đường ống | cảm biến | giống lúa | mái kho | bản vẽ |
    khuôn đúc | lò hơi | giàn tưới | tủ điện | xe nâng | sổ kho | quạt gió | cầu phao | mẫu đất | khung thép |
    bể lọc | tem nhãn | máy phay | cây giống | đèn đường | thùng hàng | biển báo | cửa cống | bộ lọc | dây cáp
    | giá kệ
"""
WHERE = """
    bên sông | đầu làng | cuối phố | gần chợ | trên đồi | cạnh ga | ven hồ | ngoài bãi | trong xóm |
    dưới chân núi | tại cảng | ở khu mới | phía đông | phía tây | sau trường | trước đình
"""
WHEN = """
    sáng thứ hai | chiều qua | đầu quý | giữa tuần | cuối tháng | hôm rằm | mùa mưa | vụ này | đêm trước |
    tuần tới | năm ngoái | kỳ nghỉ | dịp hè | sau hội chợ | đầu xuân | hằng ngày
"""
WHY = """
    để giảm hao hụt | nhằm tiết kiệm điện | vì đơn hàng tăng | do đường hẹp | để kịp vụ | theo kế hoạch |
    cho kịp tiến độ | nhờ vốn vay | khi giá giảm | sau góp ý | vì thiếu người | để tránh ngập | theo hợp đồng
    | cho dễ theo dõi | trước mùa cao điểm
"""
UNITS = """
    tấn | mét | bộ | chiếc | hộ | ca | giờ | thùng | héc-ta | lượt | cây | người
"""
ABOUT = (
    "Khu công nghiệp Sông Công ở tỉnh Thái Nguyên đón thêm {n} dự án chuyển đổi số. "
    "Tỉnh Thái Nguyên hỗ trợ {n} doanh nghiệp dùng nền tảng số trong sản xuất công nghiệp."
)


def _pick(rng: random.Random, words: str) -> str:
    return rng.choice(words.split("|")).strip()


def sentence(rng: random.Random) -> str:
    """A sentence that hardly comes twice: nine draws in one of three orders."""
    who, did, what, when = (_pick(rng, words) for words in (WHO, DID, WHAT, WHEN))
    more = f"{_pick(rng, DID)} {rng.randint(2, 980)} {_pick(rng, UNITS)} {_pick(rng, WHAT)}"
    where, why = _pick(rng, WHERE), _pick(rng, WHY)
    orders = (
        f"{who} {where} {did} {what} {when}, {more} {why}",
        f"{when}, {who} {did} {what} {where} rồi {more} {why}",
        f"{why}, {who} {more} {where}, còn {what} thì {did} {when}",
    )
    text = rng.choice(orders)
    return f"{text[0].upper()}{text[1:]}."


@dataclass(frozen=True, slots=True)
class Piece:
    """A made-up article of an outlet."""

    path: str
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    published_at: datetime


def piece(outlet: int, number: int, now: datetime) -> Piece:
    """The article of that number, always the same text; the higher the number, the older."""
    rng = random.Random(outlet * 1_000_003 + number)
    title = sentence(rng).rstrip(".").replace(",", "")
    paragraphs = [" ".join(sentence(rng) for _ in range(rng.randint(2, 4))) for _ in range(12)]
    if number % LOCAL == 0:
        title = f"Khu công nghiệp Thái Nguyên chuyển đổi số: {title[0].lower()}{title[1:]}"
        paragraphs[0] = f"{ABOUT.format(n=rng.randint(2, 90))} {paragraphs[0]}"
    path = f"/bai-viet/tin-so-{outlet:02d}{number:05d}.html"
    return Piece(path, title, sentence(rng), tuple(paragraphs), now - timedelta(minutes=20 * number + 5))
