"""JSONL as other tools write it: what can be read is read, the rest is told by its line."""

import bz2
import codecs
import gzip
import json
import lzma
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crawler.importing.jsonl import Fault, records
from crawler.importing.texts import import_line
from tests.commands import diemtin

TITLE = "Thái Nguyên mở rộng khu công nghiệp"
FIRST, SECOND = ({"url": f"https://baomau.vn/tin-{n}.htm", "title": f"{TITLE} số {n}"} for n in (1, 2))
LINES = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in (FIRST, SECOND))


def read(tmp_path: Path, content: bytes | str) -> list[dict[str, Any] | str]:
    file = tmp_path / "texts.jsonl"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return [one.reason if isinstance(one, Fault) else one for _, one in records(file)]


@pytest.mark.parametrize(
    "content",
    [
        LINES,
        LINES.strip(),
        codecs.BOM_UTF8 + LINES.encode(),
        LINES.replace("\n", "\r\n"),
        LINES.replace("\n", "\n\n \n"),
        LINES.replace("\n", ",\n"),
        LINES.encode().replace(b"\n", b"\n\0\0"),
        LINES.encode("utf-16"),
        LINES.encode("utf-16-le"),
        gzip.compress(LINES.encode(), mtime=0),
        lzma.compress(LINES.encode()),
        bz2.compress(LINES.encode()),
        json.dumps([FIRST, SECOND]),
        json.dumps([FIRST, SECOND], indent=1, ensure_ascii=False).encode("utf-8-sig"),
        f"[\n{json.dumps(FIRST)}\n,{json.dumps(SECOND)}]",
        json.dumps(FIRST, indent=2) + "\n" + json.dumps(SECOND, indent=2),
    ],
)
def test_records_are_read_however_a_tool_wrote_them(tmp_path: Path, content: bytes | str) -> None:
    assert read(tmp_path, content) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("bad", "title"),
    [
        (b'{"title": "A \\ud83d B"}', "A \ufffd B"),
        (b'{"title": "A \\u0000 B"}', "A  B"),
        (b'{"title": "A \x0b B"}', "A  B"),
        (b'{"title": "A\tB"}', "A\tB"),
        (b'{"title": "Th\xe1i Nguy\xean"}', "Thái Nguyên"),
        (b'{"title": null, "authors": NaN}', ""),
        (b'{"title": 404}', "404"),
    ],
)
def test_a_bad_character_costs_at_most_itself(tmp_path: Path, bad: bytes, title: str) -> None:
    first, second = read(tmp_path, bad + b"\n" + LINES.splitlines()[0].encode())
    assert isinstance(first, dict)
    assert import_line(first).title == title
    assert second == FIRST


@pytest.mark.parametrize(
    "bad", ['{"url": "https://ba', "url,title", "[]x", "17", '"text"', "{'url': 'x'}", "[" * 3000]
)
def test_a_line_that_is_no_record_is_told_and_the_next_goes_on(tmp_path: Path, bad: str) -> None:
    first, fault, last = read(tmp_path, LINES.replace("\n", f"\n{bad}\n", 1))
    assert (first, last) == (FIRST, SECOND)
    assert isinstance(fault, str)
    assert fault


def test_of_an_array_that_is_cut_off_all_before_is_read(tmp_path: Path) -> None:
    *whole, fault = read(tmp_path, json.dumps([FIRST, SECOND, FIRST], indent=1)[:-40])
    assert whole == [FIRST, SECOND]
    assert isinstance(fault, str)


def test_the_names_of_other_tools_are_known() -> None:
    trafilatura = import_line(
        {"source": "https://baomau.vn/tin-1.htm", "author": "Hà An; Lê Bình", "date": "2026-11-20",
         "text": "Tin", "excerpt": "Tóm tắt", "title": TITLE}
    )  # fmt: skip
    assert (trafilatura.url, trafilatura.source, trafilatura.lead) == (
        "https://baomau.vn/tin-1.htm",
        "",
        "Tóm tắt",
    )
    assert (trafilatura.authors, trafilatura.body) == (["Hà An", "Lê Bình"], "Tin")
    news_please = import_line(
        {"url": "a", "maintext": "Tin", "date_publish": "2026-11-20 15:20:00", "authors": []}
    )
    assert (news_please.body, news_please.published) == ("Tin", "2026-11-20 15:20:00")
    scrapy = import_line({"link": "a", "content": ["Một", "Hai"], "author": {"name": "Hà An"}, "headline": "T"})
    assert (scrapy.url, scrapy.body, scrapy.authors, scrapy.title) == ("a", "Một\nHai", ["Hà An"], "T")


def test_faults_are_told_by_line_and_by_the_exit_code_and_the_rest_is_kept(tmp_path: Path) -> None:
    body = "Thái Nguyên mở rộng khu công nghiệp Sông Công thêm 74 ha, bàn giao trước hạn 45 ngày. " * 3
    times: list[Any] = [
        "2026-11-20T15:20:00+07:00", "2026-11-20 15:20", "20/11/2026 15:20", "Fri, 20 Nov 2026 15:20:00 +0700",
        1795162800, 1795162800000, "1795162800000000000", {"$date": "2026-11-20T08:20:00Z"}, "hôm nọ", None,
    ]  # fmt: skip
    lines = [
        json.dumps(
            {"url": f"https://baomau.vn/tin-{n}.htm", "title": f"{TITLE} {n}", "body": body, "published": at}
        )
        for n, at in enumerate(times)
    ]
    file = tmp_path / "texts.jsonl"
    file.write_text("\n".join([*lines[:2], '{"url": "https', '{"title": "x"}', *lines[2:]]))
    done = diemtin("--lang", "en", "import", str(file), home=tmp_path, check=False)
    assert done.returncode == 1
    told = [
        line.partition(", line ")[2].partition(":")[0] for line in done.stderr.splitlines() if ", line " in line
    ]
    assert told == ["3", "4", "11"]
    assert "10 stored" in done.stdout
    assert "lines with a fault: 3" in done.stdout
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        rows = db.execute("select published_at from articles order by url").fetchall()
    assert rows == [("2026-11-20T08:20:00Z",)] * 8 + [(None,)] * 2


def test_a_file_without_faults_ends_with_0(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text(LINES)
    assert "lines with a fault" not in diemtin("--lang", "en", "import", str(file), home=tmp_path).stdout
