"""``diemtin read``: the answers a program reads, for pages and for texts."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands import diemtin

PAGE = """<html><head><title>Plant opens</title>
<meta property="article:published_time" content="2026-03-07T20:30:00-05:00"></head>
<body><article><h1>Plant opens in Thái Nguyên</h1><p>{}</p></article></body></html>"""
TEXT = "Khu công nghiệp Sông Công II của tỉnh Thái Nguyên đón thêm 3 dự án, tổng vốn 1.240 tỷ đồng tháng này. "
CONTRACT = {
    "id", "url", "outcome", "title", "lead", "text", "authors", "published", "published_from", "image",
    "section", "credit", "relevant", "score", "topics", "places", "organisations", "documents", "figures",
}  # fmt: skip


def answers(home: Path, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    done = diemtin("read", "--jsonl", home=home, stdin="\n".join(map(json.dumps, lines)))
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html.gz"
    path.write_bytes(gzip.compress(PAGE.format(TEXT * 5).encode()))
    return path


def test_a_page_is_answered_with_every_key_and_the_time_in_its_own_zone(tmp_path: Path, page: Path) -> None:
    (answer,) = answers(tmp_path, {"id": 7, "path": str(page), "url": "https://example.org/a.html"})
    assert set(answer) >= CONTRACT
    assert (answer["id"], answer["published"]) == (7, "2026-03-07T20:30:00-05:00")
    assert answer["title"] == "Plant opens in Thái Nguyên"
    contract = {"indicator", "value", "unit", "qualifier", "rank_of", "period", "kind", "quote"}
    more = {"key", "base", "subject_kind", "subject", "place", "starts", "ends"}
    assert contract | more == set(answer["figures"][0])
    assert 1_240_000_000_000 in {figure["value"] for figure in answer["figures"]}


def test_a_text_is_judged_without_a_page(tmp_path: Path) -> None:
    given = {"id": "t", "title": "Khu công nghiệp ở Thái Nguyên đón 3 dự án", "lead": "", "body": TEXT * 3}
    near, far = answers(
        tmp_path, given, {"id": "u", "title": "Giá gạo tăng", "lead": "", "body": "Gạo tăng giá."}
    )
    assert (near["id"], near["relevant"], near["outcome"]) == ("t", True, "stored")
    assert (far["id"], far["relevant"], far["outcome"]) == ("u", False, "irrelevant")


def test_one_bad_page_is_one_failed_answer_and_the_next_is_read(tmp_path: Path, page: Path) -> None:
    lost, read = answers(tmp_path, {"id": 1, "path": str(tmp_path / "none.html")}, {"id": 2, "path": str(page)})
    assert (lost["id"], lost["outcome"]) == (1, "failed")
    assert "none.html" in lost["reason"]
    assert (read["id"], read["title"]) == (2, "Plant opens in Thái Nguyên")


def test_a_missing_file_is_one_plain_line(tmp_path: Path) -> None:
    done = diemtin("read", str(tmp_path / "none.html"), home=tmp_path, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "none.html" in done.stderr


def test_the_day_of_a_text_says_which_year_its_figures_are_for(tmp_path: Path) -> None:
    body = "Thái Nguyên: 9 tháng đầu năm, chỉ số sản xuất công nghiệp tăng 7,8%."
    given = {"title": "IIP tăng", "lead": "", "body": body}
    undated, dated = answers(tmp_path, given, {**given, "published": "2025-10-06T07:00:00+07:00"})
    assert (undated["published"], undated["published_from"]) == (None, None)
    assert (dated["published"], dated["published_from"]) == ("2025-10-06T00:00:00+00:00", "import")
    assert [one["figures"][0]["period"] for one in (undated, dated)] == [None, "2025-01..2025-09"]
