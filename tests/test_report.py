"""The month's report: every number is a plain count, and where nothing is known it says so."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import docx
import pytest
from sqlite_utils import Database

from archive.clock import HANOI, stamp
from archive.db import sort_at
from archive.digests.paper.office import Office
from archive.home import Home
from archive.i18n import Words
from archive.report.build import load_report
from archive.report.content import Compared, MonthReport, ReportRow
from archive.report.counts import load_months
from archive.report.desk import load_desk_facts
from archive.report.docx import to_docx
from archive.report.month import Month
from archive.report.plain import to_json, to_text
from archive.report.shown import ShownReport, paper_address
from archive.schema import open_archive
from crawler.workspace import open_workspace
from tests.bench.report import MadeYear, make_year
from tests.commands import diemtin
from tests.report_expected import differences
from tests.web_sample import SOURCES

pytestmark = pytest.mark.timeless  # the months are named, and the clock is given

NOVEMBER = Month(2026, 11)
NOON = datetime(2026, 11, 29, 12, 0, tzinfo=HANOI)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("year"))
    make_year(home, MadeYear(900, 13, NOVEMBER, NOON, outlets=5, topics=3, documents=6))
    return home


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(open_archive(tmp_path / "archive.db")) as db:
        db.execute("insert into sources (key, name) values ('trungdu', 'Báo Trung Du')")
        yield db


def article(db: Database, article_id: int, at: datetime, **given: object) -> None:
    own = {"id": article_id, "sort": sort_at(at) + article_id, "url": f"https://t.example/{article_id}"}
    own |= {"source": "trungdu", "title": "Khu công nghiệp", "published_at": stamp(at), "level": "about"}
    own |= {"first_seen_at": stamp(at), "last_seen_at": stamp(at), "sha256": "", "relevant": 1}
    db.table("articles").insert(own | given)


def crawl(db: Database, at: datetime) -> None:
    own = {"source": "trungdu", "started_at": stamp(at), "finished_at": stamp(at), "state": "done"}
    db.table("runs").insert(own)


def made(db: Database, month: Month = NOVEMBER, now: datetime = NOON, *, public: bool = False) -> MonthReport:
    facts = None if public else load_desk_facts(None, [month, month.plus(-1), month.plus(-12)], now)
    return load_report(db, month, "about", facts, now)


def row(report: MonthReport, table: str, key: str) -> ReportRow:
    found = report.table(table)
    assert found
    return next(one for one in found.rows if one.key == key)


def shown(report: MonthReport, words: Words = Words("vi")) -> ShownReport:  # noqa: B008 - frozen
    return ShownReport(report, words, paper_address("https://tin.example"))


def text(db: Database, month: Month = NOVEMBER, now: datetime = NOON) -> str:
    return " ".join(to_text(shown(made(db, month, now))).split())


def test_every_number_is_what_plain_sql_counts(year: Home) -> None:
    checked, wrong = differences(year, NOVEMBER, NOON)
    assert wrong == []
    assert checked > 350


def test_a_month_begins_at_midnight_in_hanoi(db: Database) -> None:
    for article_id, at in enumerate((NOVEMBER.start - timedelta(seconds=60), NOVEMBER.start, NOVEMBER.end), 1):
        article(db, article_id, at)
    assert row(made(db), "total", "articles").cells == [Compared(1, 1, None)]
    assert [str(month) for month in load_months(db)] == ["2026-12", "2026-11", "2026-10"]


def test_what_has_no_date_belongs_to_the_month_it_was_first_seen_in(db: Database) -> None:
    article(db, 1, NOON, published_at=None)
    ahead = '["date_future {}"]'
    article(db, 2, NOON, published_at=stamp(NOON + timedelta(days=90)), doubt=ahead)
    assert made(db).undated == 2
    assert row(made(db), "total", "articles").cells[0].now == 2
    assert "2 bài không rõ ngày đăng tính theo lúc thấy lần đầu" in text(db)


def test_a_month_that_nobody_crawled_has_no_numbers_and_says_so(db: Database) -> None:
    article(db, 1, NOON)
    for day in range(29):
        crawl(db, NOVEMBER.start + timedelta(days=day, hours=3))
    report = made(db)
    assert row(report, "outlet", "trungdu").cells[1] == Compared(1, None, None)
    assert row(report, "total", "edits").cells == [Compared(0, None, None)]
    told = text(db)
    assert "Bài 1 – –" in told
    assert "Tháng 10/2026: kho không thu thập và không có bài nào" in told
    assert "Tháng 11/2026: kho" not in told


def test_what_was_found_later_is_counted_and_marked(db: Database) -> None:
    article(db, 1, datetime(2026, 10, 5, tzinfo=HANOI))
    crawl(db, NOON)
    report = made(db)
    assert row(report, "outlet", "trungdu").cells[1] == Compared(0, 1, None)
    assert "10/2026*" in text(db)
    assert "Tháng 10/2026: kho không thu thập ngày nào" in text(db)
    assert "kho chỉ thu thập 1/29 ngày" in text(db)


@pytest.mark.parametrize("month", [Month(2026, 11), Month(2031, 1), Month(1999, 12)])
def test_an_empty_archive_makes_an_honest_empty_report(db: Database, month: Month) -> None:
    report = made(db, month)
    assert [row(report, "tone", tone).cells[0].now for tone in ("good", "")] == [None, None]
    assert "thuận lợi – – –" in text(db, month).lower()
    assert ("Tháng này chưa tới" in text(db, month)) == (month.year == 2031)


def test_days_to_come_have_no_number(db: Database) -> None:
    article(db, 1, NOON - timedelta(days=1))
    report = made(db)
    assert row(report, "day", "2026-11-28").cells[1].now == 1
    assert row(report, "day", "2026-11-29").cells[1].now == 0
    assert row(report, "day", "2026-11-30").cells[1].now is None


def test_the_thirty_first_is_compared_with_no_day_of_a_shorter_month(db: Database) -> None:
    december = Month(2026, 12)
    article(db, 1, datetime(2026, 12, 31, 8, tzinfo=HANOI))
    article(db, 2, datetime(2026, 11, 30, 8, tzinfo=HANOI))
    report = made(db, december, december.end)
    assert row(report, "day", "2026-12-31").cells[1] == Compared(1, None, None)
    assert row(report, "day", "2026-12-30").cells[1].before == 1


def test_tones_that_nobody_set_are_not_assessed(db: Database) -> None:
    article(db, 1, NOON)
    report = made(db)
    assert [row(report, "tone", tone).cells[1].now for tone in ("good", "neutral", "bad", "")] == [0, 0, 0, 1]
    assert made(db, public=True).table("tone") is None
    assert made(db, public=True).table("answered") is None


def test_an_outlet_that_changed_its_name_is_one_line_with_both_names(tmp_path: Path) -> None:
    home, source = Home.at(tmp_path), SOURCES.partition("  songche")[0]
    config = tmp_path / "config" / "sources.yml"
    config.parent.mkdir()
    for name, now in (("Báo Bắc Cũ", NOON - timedelta(days=40)), ("Báo Trung Du", NOON)):
        config.write_text(source.replace("Báo Trung Du", name), encoding="utf-8")
        with open_workspace(home, lambda now=now: now) as workspace:  # type: ignore[misc]
            article(workspace.archive, now.day, now)
    with closing(open_archive(home.archive_db)) as db:
        line = row(made(db), "outlet", "trungdu")
        assert (line.name, line.once) == ("Báo Trung Du", ["Báo Bắc Cũ"])
        assert line.cells[1] == Compared(1, 1, None)
        assert "Báo Trung Du (trước là Báo Bắc Cũ)" in text(db)


def test_differences_and_percentages(db: Database) -> None:
    for article_id in range(1, 5):
        article(db, article_id, NOON - timedelta(hours=article_id))
    for article_id in range(5, 8):
        article(db, article_id, datetime(2026, 10, 9, tzinfo=HANOI))
    article(db, 8, datetime(2025, 11, 9, tzinfo=HANOI), level="mention", relevant=0)
    assert "Bài 4 3 +1 (+33,3%) 0 +4" in text(db)
    numbers = json.loads(to_json(shown(made(db))))["tables"][0]["rows"][1]["columns"][0]
    assert numbers["now"] == 4
    assert numbers["list"] == "https://tin.example/bao-cao/bai?thang=2026-11"
    assert numbers["before"]["difference"] == 1
    assert numbers["before"]["percent"] == 33.3
    assert numbers["year"]["percent"] is None


def test_the_report_in_english(db: Database) -> None:
    article(db, 1, NOON)
    told = to_text(shown(made(db), Words("en")))
    assert "Report of 11/2026" in told
    assert "Not assessed" in told


def test_the_command_writes_each_form(year: Home, tmp_path: Path) -> None:
    for form, begins in (("docx", b"PK"), ("html", b"<!doctype html>")):
        out = tmp_path / f"bao-cao.{form}"
        diemtin("report", "2026-11", "--out", str(out), home=year.path)
        assert out.read_bytes().startswith(begins)
    told = diemtin("--lang", "vi", "report", "2026-11", "--level", "all", home=year.path).stdout
    assert told.startswith("Báo cáo tháng 11/2026\nĐếm mọi bài trong kho.")


def test_a_file_that_would_not_be_what_its_name_says_is_refused(year: Home, tmp_path: Path) -> None:
    done = diemtin("report", "2026-11", "--out", str(tmp_path / "a.pdf"), home=year.path, check=False)
    assert done.returncode == 2
    assert "txt, html, docx, xlsx, json" in done.stderr
    assert not list(tmp_path.iterdir())


def test_months_of_which_nothing_is_known_have_no_number_in_the_chart_either(db: Database) -> None:
    article(db, 1, NOON)
    crawl(db, NOVEMBER.plus(-2).start + timedelta(days=1))
    bars = shown(made(db)).trend
    assert [(one.label[:2], one.n, bool(one.href)) for one in bars[-3:]] == [
        ("09", 0, True),
        ("10", 0, False),
        ("11", 1, True),
    ]
    tables = docx.Document(io.BytesIO(to_docx(shown(made(db)), Office()))).tables
    assert ["10/2026", "–", ""] in [
        [cell.text for cell in line.cells] for table in tables for line in table.rows
    ]
    empty = docx.Document(io.BytesIO(to_docx(shown(made(db, Month(2020, 1))), Office())))
    assert "SỐ BÀI 13 THÁNG" not in [line.text.upper() for line in empty.paragraphs]


def test_word_has_the_head_of_the_office_and_room_for_a_number(db: Database) -> None:
    article(db, 1, NOON)
    office = Office(name="Sở Khoa học và Công nghệ", code="SKHCN", place="Thái Nguyên", signer="Trần Lan")
    paper = docx.Document(io.BytesIO(to_docx(shown(made(db)), office)))
    head = "\n".join(cell.text for line in paper.tables[0].rows for cell in line.cells)
    assert re.search(r"Số: +/BC-SKHCN", head)
    assert "Thái Nguyên, ngày 29 tháng 11 năm 2026" in head
    assert "Trần Lan" in paper.tables[-1].cell(0, 1).text + paper.tables[-1].cell(0, 0).text


@pytest.mark.parametrize("month", ["11-2026", "2026-13", "tháng 11"])
def test_a_month_that_is_none_is_refused_with_how_to_write_one(year: Home, month: str) -> None:
    done = diemtin("--lang", "vi", "report", month, home=year.path, check=False)
    assert done.returncode == 2
    assert "không phải một tháng" in done.stderr
