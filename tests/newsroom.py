"""A small archive of made-up outlets for the tests of alerts and digests."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32

from sqlite_utils import Database

from archive import articles
from archive.clock import HANOI, stamp
from archive.digests.alerts import evaluate
from archive.digests.config import Alerts, load_alerts
from archive.digests.outbox import deliver
from archive.model import Article, Citation, Credit, Figure, Level
from archive.schema import open_archive
from pipelines.fingerprint import shingles

OUTLETS = {"song-bang": "Báo Sông Bằng", "may-tre": "Tạp chí Mây Tre", "dien-dan-so": "Diễn đàn Số"}

ALERTS = """\
hang-ngay:
  title: Điểm tin Sông Bằng
  queries:
    Công nghiệp: '"khu công nghiệp" OR "nhà máy"'
    Chuyển đổi số: chuyen doi so
  schedule: daily 07:00
  options: {working_days: true}
  channels:
    - type: file
      path: digests
      formats: [html, text, docx, json]
"""

FACTORY = (
    "Nhà máy cảm biến Sông Bằng chạy thử",
    "Nhà máy lắp ráp cảm biến đầu tiên của khu công nghiệp Sông Bằng chạy thử sáng nay với 340 lao động.",
    (
        "Sau mười bốn tháng xây dựng, dây chuyền thứ nhất đã cho ra lô hàng mẫu gồm 12.500 chiếc cảm biến.\n"
        "Chủ đầu tư cho biết tổng vốn giai đoạn đầu là 1.280 tỷ đồng, trong đó phần thiết bị chiếm 61,5%.\n"
        "Phần lớn công nhân là người trong vùng, được học nghề ba tháng ở trường cao đẳng rồi mới vào xưởng.\n"
        "Dự kiến đến quý II năm 2027, nhà máy chạy hai ca và đạt sản lượng 4 triệu sản phẩm mỗi năm."
    ),
)
PORTAL = (
    "Xã Hạ Bằng đưa chuyển đổi số tới từng xóm",
    "",
    (
        "Tổ công nghệ số của xã Hạ Bằng đã tới 14 xóm tháng này. Bà con được chỉ cách nộp hồ sơ trên mạng. "
        "Mỗi tối thứ Bảy, nhà văn hóa xóm mở cửa để ai cũng có thể hỏi cán bộ trẻ về điện thoại của mình.\n"
        "Chủ tịch xã nói rằng chuyển đổi số chỉ có ích khi người già cũng dùng được dịch vụ công trực tuyến."
    ),
)
FIELDS = (
    "Được mùa bưởi ở Hạ Bằng",
    "Vườn bưởi của xã cho thu hoạch sớm hơn mọi năm nửa tháng.",
    "Thương lái vào tận vườn mua với giá cao hơn năm trước, bà con phấn khởi chuẩn bị cho vụ sau.",
)


def hanoi(day: str, clock: str = "07:00") -> datetime:
    """A Hà Nội time: ``hanoi("2026-11-23", "06:40")``."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=HANOI)


@dataclass
class Newsroom:
    """An archive to put articles into; each one is matched at once, as a crawl does."""

    folder: Path
    rules: str = ALERTS
    db: Database = field(init=False)
    alerts: Alerts = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.db = open_archive(self.folder / "archive.db")
        self.db.table("sources").upsert_all(
            ({"key": key, "name": name} for key, name in OUTLETS.items()), pk="key"
        )
        self.use(self.rules)

    def use(self, rules: str) -> Alerts:
        """Take an alerts.yml into use."""
        path = self.folder / "alerts.yml"
        path.write_text(rules, encoding="utf-8")
        self.alerts = load_alerts(path)
        return self.alerts

    def publish(
        self,
        text: tuple[str, str, str],
        at: datetime,
        *,
        source: str = "song-bang",
        seen: datetime | None = None,
        url: str = "",
        credit: str | None = None,
        figures: list[Figure] | None = None,
        citations: list[Citation] | None = None,
        topics: list[str] | None = None,
        level: Level | None = "about",
    ) -> int:
        """Store an article as published ``at`` and first seen then (or at ``seen``); its id."""
        title, lead, body = text
        article = Article(
            url=url or f"https://{source}.example/{stamp(at)}-{crc32(title.encode()) % 10_000}.html",
            source=source,
            title=title,
            lead=lead,
            body=body,
            published_at=at.astimezone(UTC),
            credit=Credit(credit) if credit else None,
            figures=figures or [],
            citations=citations or [],
            topics=topics or [],
            relevant=level == "about",
            level=level,
        )
        stored = articles.store(self.db, article, shingles(article.text), seen or at)
        evaluate(self.db, self.alerts, seen or at)
        return stored.article_id

    def take_down(self, url: str, suspected: datetime, confirmed: datetime) -> None:
        """The page is missing at two looks."""
        for at in (suspected, confirmed):
            articles.missed(self.db, url, "404", at, timedelta(hours=1))

    def crawled(self, source: str, at: datetime, state: str = "done", reason: str = "") -> None:
        """Note a crawl of a source."""
        self.db.table("runs").insert(
            {
                "source": source,
                "started_at": stamp(at),
                "finished_at": stamp(at),
                "state": state,
                "reason": reason,
            }
        )

    def send_given_up(self, now: datetime) -> int:
        """Send by hand what was given up, as whoever reads of it does; how many those were.

        A sender that was killed over the same text twice gives it up: nothing else may be among them.
        """
        given_up = self.db.execute("select last_error from deliveries where state = 'failed'").fetchall()
        assert set(given_up) <= {("delivery_unsure",)}
        deliver(self.db, self.alerts, now, base=self.folder, again=True)
        return len(given_up)

    def url(self, article_id: int) -> str:
        """The address of an article."""
        return str(self.db.table("articles").get(article_id)["url"])
