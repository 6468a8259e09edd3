"""A morning at the desk for tests and benches: some outlets, their stories, one digest that waits."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.clock import stamp
from archive.db import sort_at
from archive.home import Home
from archive.schema import open_archive
from tests.web_sample import HOSTILE

NOW = datetime(2026, 11, 23, 23, 40, tzinfo=UTC)  # Tuesday 24/11/2026, 06:40 in Hà Nội
OUTLETS = {
    "trungdu": "Báo Trung Du",
    "songche": "Thời báo Sông Chè",
    "sotin": "Cổng tin Sở Tin",
    "doiche": "Đồi Chè Online",
}
TOPICS = {"khu-cong-nghiep": "Khu công nghiệp", "fdi": "Đầu tư nước ngoài", "kinh-te-so": "Kinh tế số"}
SUBJECTS = (
    "Khu công nghiệp Đồi Chè bàn giao thêm {n} ha mặt bằng cho nhà đầu tư",
    "Nhà máy Sao Mai tuyển {n} công nhân dây chuyền lắp ráp bảng mạch",
    "Dự án linh kiện {n} triệu USD xin chủ trương tại xã Phú Lương",
    "Sở Tin tập huấn chữ ký số cho {n} cán bộ cấp xã",
    "Sàn nông sản số của tỉnh nhận đơn hàng chè thứ {n}.000",
    "Trạm biến áp cụm xưởng Bến Đá quá tải lần thứ {n} trong tháng",
    "Hội chợ chuyển đổi số mở cửa {n} gian hàng tại quảng trường",
)
LEAD = (
    "Ban quản lý cho biết hạ tầng điện, nước và đường gom đã nghiệm thu; {n} doanh nghiệp đăng ký giữ chỗ, "
    "trong đó một nửa là nhà cung ứng cấp hai. Tỉnh yêu cầu báo cáo tiến độ hằng tuần."
)
ALERTS = """\
defaults:
  archive_url: http://127.0.0.1:8001
sang:
  title: Điểm tin buổi sáng
  topics: [khu-cong-nghiep, fdi, kinh-te-so]
  schedule: daily 07:00
  review: required
  options: {mentions: lines}
  channels:
    - {type: file, path: digests, formats: [docx, html]}
"""
SMTP = """\
    - type: smtp
      host: 127.0.0.1
      port: PORT
      tls: none
      sender: 'Điểm Tin <diemtin@so.example>'
      to: ['giam-doc@so.example', 'pho@so.example']
      attach: [docx]
"""


def morning(home: Home, stories: int = 40, *, port: int = 0, alerts: str = ALERTS, now: datetime = NOW) -> Home:
    """Write archive.db and alerts.yml; with a ``port`` the digest goes to a mail server there too."""
    path = home.path / "config" / "alerts.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(alerts + (SMTP.replace("PORT", str(port)) if port else ""), encoding="utf-8")
    db = open_archive(home.archive_db)
    for key, name in OUTLETS.items():
        db.table("sources").insert(
            {"key": key, "name": name, "home": f"https://{key}.example/", "kind": "provincial", "state": "live"}
        )
    for at, (key, name) in enumerate(TOPICS.items()):
        row = {"key": key, "name": name, "name_en": key, "query": f'"{name.lower()}"', "weight": 9.0 - at}
        db.table("topics").insert(row)
    for number in range(1, stories + 1):
        _story(db.conn, number, now - timedelta(minutes=11 * number % 1300 + 20))
    _history(db.conn, now)
    db.close()
    return home


def _story(conn: sqlite3.Connection, number: int, at: datetime) -> None:
    """Every fifth one is carried by two or three outlets."""
    carriers = 1 if number % 5 else 2 + number % 2
    title = SUBJECTS[number % len(SUBJECTS)].format(n=number + 10)
    topic = list(TOPICS)[number % len(TOPICS)]
    ids = [number * 10 + more for more in range(carriers)]
    for more, one in enumerate(ids):
        source = list(OUTLETS)[(number + more) % len(OUTLETS)]
        seen = at + timedelta(minutes=17 * more)
        credit = OUTLETS[list(OUTLETS)[number % len(OUTLETS)]] if more else None
        _article(conn, one, source, title, seen, number, credit)
        conn.execute("insert into article_topics (article_id, topic) values (?, ?)", [one, topic])
        conn.execute(
            "insert into matches (alert, article_id, matched_at) values (?, ?, ?)",
            [f"sang/{topic}", one, stamp(seen + timedelta(minutes=5))],
        )
    conn.execute(
        "insert into stories (id, title, first_article_id, first_published_at, articles, outlets)"
        " values (?, ?, ?, ?, ?, ?)",
        [number, title, ids[0], stamp(at), carriers, carriers],
    )


def _article(
    conn: sqlite3.Connection, one: int, source: str, title: str, at: datetime, story: int, credit: str | None
) -> None:
    row = {
        "id": one, "sort": sort_at(at) + one % 1000, "url": f"https://{source}.example/{one}", "source": source,
        "title": title, "lead": LEAD.format(n=one), "body": LEAD.format(n=one) * 4, "published_at": stamp(at),
        "published_from": "jsonld", "first_seen_at": stamp(at + timedelta(minutes=3)),
        "last_seen_at": stamp(at + timedelta(minutes=9)), "relevant": 1, "level": "about", "sha256": "0" * 64,
        "story_id": story, "credit": credit,
    }  # fmt: skip
    conn.execute(
        f"insert into articles ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values())
    )


def _history(conn: sqlite3.Connection, now: datetime) -> None:
    """The first story was edited, the second taken down, the third is doubtful and hostile."""
    at = stamp(now - timedelta(minutes=30))
    changes = json.dumps([{"kind": "figure", "field": "body", "before": "7,8%", "after": "6,8%"}])
    conn.execute("update articles set edits = 1, changed_at = ? where id = 10", [at])
    conn.execute(
        "insert into versions (article_id, seen_at, kind, title, lead, body, sha256, changes)"
        " values (10, ?, 'edit', '', '', '', '', ?)",
        [at, changes],
    )
    conn.execute("update articles set state = 'gone', gone_at = ? where id = 20", [at])
    conn.execute("insert into states (article_id, at, state, reason) values (20, ?, 'gone', 'x')", [at])
    conn.execute(
        "update articles set title = ?, lead = ?, doubt = ? where id = 30",
        [HOSTILE, HOSTILE, json.dumps(['date_future {"by": "jsonld", "written": "2026-12-21T04:00:00Z"}'])],
    )


def opened(path: Path) -> Home:
    """A home there, with a morning in it."""
    return morning(Home.at(path))
