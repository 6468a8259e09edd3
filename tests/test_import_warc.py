"""WARC files of other tools: read however they were written; what is broken off or too large is no article."""

import functools
import gzip
import hashlib
import json
import shutil
import sqlite3
import subprocess
import threading
import time
import zlib
from base64 import b32encode
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli
import pytest
from backports import zstd

from archive.clock import stamp, utc_now
from crawler.importing.records import is_warc, records
from tests.commands import Copy, diemtin

TITLE = "Thái Nguyên mở rộng khu công nghiệp Sông Công"
TEXT = "Ban quản lý các khu công nghiệp cho biết diện tích tăng thêm 74 ha, bàn giao trước hạn 45 ngày."
URL = "https://baomau.example/kinh-te/mo-rong-khu-cong-nghiep-{}.html"
HTML = {"Content-Type": "text/html; charset=utf-8"}
Encode = Callable[[bytes], bytes]


def page(text: str = TEXT, title: str = TITLE) -> bytes:
    head = f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title></head>"
    return f"{head}<body><h1>{title}</h1><p>{text}</p><p>{text}</p></body></html>".encode()


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def record(
    block: bytes, number: int = 1, kind: str = "response", *, length: int | None = None, **more: str
) -> bytes:
    """One record as bytes; ``length``: what it says of its own length."""
    headers = {
        "WARC-Type": kind,
        "WARC-Target-URI": URL.format(number),
        "WARC-Date": "2026-10-01T02:00:00Z",
        "WARC-Record-ID": f"<urn:uuid:{number}>",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block) if length is None else length),
    } | {name.replace("_", "-"): value for name, value in more.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    return f"WARC/1.0\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def answer(body: bytes = page(), number: int = 1, **more: str) -> bytes:
    return record(http(body, Content_Type="text/html; charset=utf-8"), number, **more)


def imported(home: Path, *contents: bytes, faults: int = 0) -> tuple[str, list[tuple[object, ...]]]:
    """What the command says of the files, one after the other, and the articles."""
    said = ""
    for n, content in enumerate(contents):
        file = home / f"{n}.warc"
        file.write_bytes(content)
        done = diemtin("--lang", "en", "import", str(file), home=home, check=False)
        assert done.returncode == int(faults > 0), done.stderr
        assert len([line for line in done.stderr.splitlines() if ".warc:" in line]) == faults, done.stderr
        said += done.stdout
    with closing(sqlite3.connect(home / "archive.db")) as db:
        rows = db.execute("select url, title, first_seen_at, last_seen_at, edits, state, source from articles")
        return said, rows.fetchall()


def chunked(body: bytes) -> bytes:
    pieces = [body[at : at + 100] for at in range(0, len(body), 100)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


PACKED: dict[str, tuple[Encode, dict[str, str]]] = {
    "plain": (bytes, {}),
    "chunked": (chunked, {"Transfer_Encoding": "chunked"}),
    "chunked, with trailers": (
        lambda body: chunked(body)[:-2] + b"X-Sum: 1\r\n\r\n", {"Transfer_Encoding": "chunked"}
    ),
    "said chunked, is not": (bytes, {"Transfer_Encoding": "chunked"}),
    "gzip": (gzip.compress, {"Content_Encoding": "gzip"}),
    "gzip, chunked": (
        lambda body: chunked(gzip.compress(body)), {"Content_Encoding": "gzip", "Transfer_Encoding": "chunked"}
    ),
    "deflate": (zlib.compress, {"Content_Encoding": "deflate"}),
    "raw deflate": (lambda body: zlib.compress(body)[2:-4], {"Content_Encoding": "deflate"}),
    "br": (brotli.compress, {"Content_Encoding": "br"}),
    "zstd": (zstd.compress, {"Content_Encoding": "zstd"}),
    "twice": (lambda body: brotli.compress(gzip.compress(body)), {"Content_Encoding": "gzip, br"}),
    "said gzip, is not": (bytes, {"Content_Encoding": "gzip"}),
    "gzip unsaid": (gzip.compress, {}),
    "length of the packed body": (bytes, {"Content_Encoding": "gzip", "Content_Length": "99999"}),
}  # fmt: skip


def test_bodies_are_read_however_they_were_packed(tmp_path: Path) -> None:
    warc = b"".join(
        record(http(pack(page(TEXT, f"{TITLE} {n}")), Content_Type="text/html", **headers), n)
        for n, (pack, headers) in enumerate(PACKED.values())
    )
    said, rows = imported(tmp_path, warc)
    assert f"{len(PACKED)} stored" in said
    assert {row[1] for row in rows} == {f"{TITLE} {n}" for n in range(len(PACKED))}
    assert {row[2:] for row in rows} == {("2026-10-01T02:00:00Z", "2026-10-01T02:00:00Z", 0, "live", "import")}


CONTAINERS: dict[str, Encode] = {
    "as it is": bytes,
    "one gzip": gzip.compress,
    "members": lambda warc: b"".join(gzip.compress(b"WARC/" + one) for one in warc.split(b"WARC/")[1:]),
    "cut at 999 bytes": lambda warc: b"".join(
        gzip.compress(warc[at : at + 999]) for at in range(0, len(warc), 999)
    ),
    "no blank lines": lambda warc: warc.replace(b"</html>\r\n\r\n", b"</html>\r\n"),
    "trailing zeros": lambda warc: gzip.compress(warc) + b"\0" * 512,
    "1.1": lambda warc: warc.replace(b"WARC/1.0", b"WARC/1.1"),
}  # fmt: skip


@pytest.mark.parametrize("pack", CONTAINERS.values(), ids=CONTAINERS.keys())
def test_records_are_found_however_the_file_is_packed(tmp_path: Path, pack: Encode) -> None:
    file = tmp_path / "x"
    file.write_bytes(pack(answer() + answer(page() * 3, 2) + answer(number=3)))
    assert is_warc(file)
    with file.open("rb") as raw:
        found = list(records(raw))
    assert [one.header("WARC-Target-URI") for one in found] == [URL.format(n) for n in (1, 2, 3)]
    assert all(one.whole for one in found)


DAMAGED: dict[str, Encode] = {
    "its length is too large": lambda _: answer(number=2, length="2000"),  # type: ignore[arg-type]
    "its length is too small": lambda _: answer(number=2, length="300"),  # type: ignore[arg-type]
    "no length": lambda one: one.replace(b"Content-Length", b"X-Length"),
    "a length that is no number": lambda one: one.replace(b"Content-Length: ", b"Content-Length: x"),
    "a negative length": lambda one: one.replace(b"Content-Length: ", b"Content-Length: -"),
    "no headers": lambda one: b"WARC/1.0\r\n\r\n" + one.partition(b"\r\n\r\n")[2],
    "garbage before it": lambda one: b"\xff\x00garbage\r\n" * 50,
    "endless headers": lambda one: b"WARC/1.0\r\n" + b"X-Odd: " + b"x" * 200_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("spoil", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_record_costs_itself_alone(tmp_path: Path, spoil: Encode) -> None:
    file = tmp_path / "x"
    file.write_bytes(answer() + spoil(answer(number=2)) + answer(number=3))
    with file.open("rb") as raw:
        found = {one.header("WARC-Target-URI"): one.whole for one in records(raw)}
    assert found.pop(URL.format(2), False) is False
    assert found == {URL.format(1): True, URL.format(3): True}


@pytest.mark.parametrize("at", [0.3, 0.6])
def test_a_damaged_member_of_a_gzip_file_costs_itself_alone(tmp_path: Path, at: float) -> None:
    members = [gzip.compress(answer(page(TEXT * 3), n)) for n in (1, 2, 3)]
    place = int(len(members[1]) * at)
    members[1] = (
        members[1][:place] + bytes(b ^ 0x55 for b in members[1][place : place + 40]) + members[1][place + 40 :]
    )
    file = tmp_path / "x"
    file.write_bytes(b"".join(members))
    with file.open("rb") as raw:
        found = {one.header("WARC-Target-URI"): one.whole for one in records(raw)}
    assert found.pop(URL.format(2), False) is False
    assert found == {URL.format(1): True, URL.format(3): True}


def test_what_is_not_whole_is_failed_and_told(tmp_path: Path) -> None:
    packed = gzip.compress(page())
    short = http(page()[:-60], Content_Type="text/html", Content_Length=str(len(page())))
    cut = [
        record(http(packed[:-20], Content_Type="text/html", Content_Encoding="gzip"), 1),
        record(http(chunked(page())[:-40], Content_Type="text/html", Transfer_Encoding="chunked"), 2),
        record(short, 3),
        answer(number=4, WARC_Truncated="length"),
        answer(number=5, WARC_Segment_Number="1"),
        record(http(brotli.compress(page())[:-5], Content_Type="text/html", Content_Encoding="br"), 6),
        record(http(b"\x01\x02\x03", Content_Type="text/html", Content_Encoding="zstd"), 7),
        answer(number=8, WARC_Date=""),
        answer(number=9, WARC_Date="hôm qua"),
        record(b"no HTTP at all", 10),
        answer(number=12, WARC_Target_URI="http://[::1/bai-bao-12.html"),
        answer(number=11)[:-100],
    ]
    said, rows = imported(tmp_path, b"".join(cut), faults=len(cut))
    assert (f"{len(cut)} failed" in said, rows) == (True, [])


def test_a_bomb_is_failed(tmp_path: Path) -> None:
    zeros = bytes(20_000_000)
    bombs = {
        "gzip": gzip.compress(zeros),
        "br": brotli.compress(zeros, quality=4),
        "zstd": zstd.compress(zeros),
    }
    warc = [
        record(http(bomb, Content_Type="text/html", Content_Encoding=name), n)
        for n, (name, bomb) in enumerate(bombs.items())
    ]
    warc.append(record(http(gzip.compress(page()), Content_Type="text/html", Content_Encoding="zlib"), 7))
    said, rows = imported(tmp_path, b"".join(warc), faults=4)
    assert ("4 failed" in said, rows) == (True, [])


def test_what_is_no_page_is_counted_apart(tmp_path: Path) -> None:
    others = [
        record(b"software: x", 0, "warcinfo", WARC_Target_URI="", Content_Type="application/warc-fields"),
        record(b"GET / HTTP/1.1\r\n\r\n", 1, "request"),
        record(http(b"\x89PNG", Content_Type="image/png"), 2),
        record(http(b"alert(1)", Content_Type="text/javascript"), 3),
        record(http(b"", "301 Moved", Location="/", Content_Type="text/html"), 4),
        record(http(b"<p>", "404 Not Found", Content_Type="text/html"), 5),
        record(b"1.2.3.4", 6, "response", WARC_Target_URI="dns:baomau.example", Content_Type="text/dns"),
        record(b"{}", 7, "metadata"),
        record(b"\x89PNG", 8, "resource", Content_Type="image/png"),
    ]
    said, rows = imported(tmp_path, b"".join(others) + answer(number=9))
    assert ("1 stored" in said, len(rows)) == (True, 1)
    assert "records that are no pages: 9" in said


def test_the_times_of_the_file_make_first_seen_edits_and_takedowns(tmp_path: Path) -> None:
    later = TEXT.replace("74 ha", "47 ha")
    gone = http(b"<p>404", "404 Not Found", Content_Type="text/html")
    first = answer(WARC_Date="2026-10-01T02:00:00.25Z")
    edit = answer(page(later), WARC_Date="2026-10-02T02:00:00Z")
    lost = [record(gone, WARC_Date=f"2026-10-0{day}T02:00:00Z") for day in (4, 6)]
    said, rows = imported(tmp_path, first, b"".join([edit, *lost]), first + edit)
    assert rows == [(URL.format(1), TITLE, "2026-10-01T02:00:00Z", "2026-10-02T02:00:00Z", 1, "gone", "import")]
    assert said.splitlines()[2].startswith(f"{tmp_path}/2.warc: 2 pages: 2 unchanged")
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        assert [at for (at,) in db.execute("select seen_at from versions order by id")] == [
            "2026-10-01T02:00:00Z", "2026-10-02T02:00:00Z",
        ]  # fmt: skip
        assert db.execute("select gone_at from articles").fetchall() == [("2026-10-06T02:00:00Z",)]
    with closing(sqlite3.connect(tmp_path / "pages.db")) as db:
        assert db.execute("select fetched_at from pages order by id").fetchall() == [
            ("2026-10-01T02:00:00Z",), ("2026-10-02T02:00:00Z",),
        ]  # fmt: skip


def test_an_older_page_after_a_newer_one_is_no_edit(tmp_path: Path) -> None:
    new, old = answer(page(TEXT.replace("74", "47"))), answer(WARC_Date="2025-01-01T00:00:00Z")
    _, rows = imported(tmp_path, new, old)
    assert [row[4] for row in rows] == [0]
    with closing(sqlite3.connect(tmp_path / "pages.db")) as db:
        assert db.execute("select count(*) from pages").fetchone() == (2,)


def test_a_time_ahead_of_the_clock_is_now(tmp_path: Path) -> None:
    _, rows = imported(tmp_path, answer(WARC_Date=stamp(datetime.now(UTC) + timedelta(days=400))))
    assert str(rows[0][2]) <= stamp(utc_now())


def test_revisits_say_that_a_page_stood(tmp_path: Path) -> None:
    sha1 = "sha1:" + b32encode(hashlib.sha1(page(), usedforsecurity=False).digest()).decode()
    again = {
        "kind": "revisit",
        "WARC_Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
    }
    head = http(b"", Content_Type="text/html; charset=utf-8")
    edit = answer(page(TEXT.replace("74", "47")), WARC_Date="2026-10-03T00:00:00Z")
    warc = [
        answer(),
        record(head, WARC_Date="2026-10-02T00:00:00Z", WARC_Payload_Digest=sha1, **again),
        edit,
        record(head, WARC_Date="2026-10-04T00:00:00Z", WARC_Payload_Digest=sha1, **again),
        record(b"", WARC_Date="2026-10-05T00:00:00Z", WARC_Payload_Digest="sha1:X", **again),
        record(head, 7, WARC_Date="2026-10-06T00:00:00Z", WARC_Payload_Digest=sha1, **again),
    ]
    said, rows = imported(tmp_path, b"".join(warc))
    assert [(row[3], row[4]) for row in rows] == [("2026-10-05T00:00:00Z", 2)]
    assert "1 stored, 2 revised, 2 unchanged" in said
    assert "records that are no pages: 1" in said


def test_an_outlet_is_known_by_its_host_and_the_page_by_its_own_address(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    block = {"name": "Báo Mẫu", "home": "https://baomau.example/", "kind": "provincial", "article": r"\.html$"}
    (tmp_path / "config" / "sources.yml").write_text(json.dumps({"sources": {"baomau": block}}))
    mobile = answer(
        WARC_Target_URI="<http://m.baomau.example/kinh-te/mo-rong-khu-cong-nghiep-1.html?utm_source=zalo>"
    )
    _, rows = imported(tmp_path, mobile)
    assert [(row[0], row[6]) for row in rows] == [(URL.format(1), "baomau")]


def test_resources_of_other_tools_are_pages_too(tmp_path: Path) -> None:
    said, rows = imported(tmp_path, record(page(), kind="resource", Content_Type="text/html"))
    assert ("1 stored" in said, len(rows)) == (True, 1)


def test_an_import_that_is_killed_is_ended_by_the_next_one(tmp_path: Path) -> None:
    versions = [page(TEXT.replace("74", str(n)), f"{TITLE} {n % 20}") for n in range(60)]
    dates = [f"2026-10-{1 + n // 20:02}T00:00:00Z" for n in range(60)]
    warc = b"".join(
        answer(body, n % 20, WARC_Date=at) for n, (body, at) in enumerate(zip(versions, dates, strict=True))
    )
    homes = [tmp_path / name for name in ("killed", "whole")]
    for home in homes:
        home.mkdir()
        (home / "x.warc").write_bytes(warc)
    with Copy("--home", homes[0], "import", homes[0] / "x.warc", stdout=subprocess.DEVNULL) as child:
        end = time.monotonic() + 60
        while column(homes[0], "select count(*) from versions") < 3 and time.monotonic() < end:
            time.sleep(0.01)
        child.kill()
    for home in homes:
        diemtin("import", str(home / "x.warc"), home=home)
    rows = """select group_concat(url || seen_at || kind || v.title || v.body)
        from (select * from versions order by id) v join articles a on a.id = article_id"""
    assert column(homes[0], rows) == column(homes[1], rows)
    assert column(homes[0], "select count(*) from articles") == 20


def column(home: Path, sql: str) -> Any:
    """One value of the archive; 0 while there is none."""
    try:
        with closing(sqlite3.connect(f"file:{home / 'archive.db'}?mode=ro", uri=True)) as db:
            return db.execute(sql).fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def test_a_file_of_wget_is_read(tmp_path: Path) -> None:
    wget = shutil.which("wget")
    if wget is None:
        pytest.skip("wget is not installed")
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text(
        '<a href="bai-bao-so-123.html">x</a><img src="x.png"><a href="mat.html">y</a>'
    )
    (site / "bai-bao-so-123.html").write_bytes(page())
    (site / "x.png").write_bytes(b"\x89PNG")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        words = [wget, "-q", "-r", "-p", "-e", "robots=off", "--warc-file=site", address]
        subprocess.run(words, cwd=tmp_path, check=False, capture_output=True, timeout=60)
        server.shutdown()
    done = diemtin("--lang", "en", "import", str(tmp_path / "site.warc.gz"), home=tmp_path / "home")
    assert "1 stored" in done.stdout
    assert (
        column(tmp_path / "home", "select url || title from articles") == f"{address}bai-bao-so-123.html{TITLE}"
    )
