"""The ledger of figures, from texts to what is asked of it: points, conflicts, promises, revisions."""

from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import pytest
from sqlite_utils import Database

from archive import articles
from archive.db import writing
from archive.figures.agreement import agree
from archive.figures.conflicts import conflicts
from archive.figures.indicators import load_indicators
from archive.figures.ledger import (
    NOBODY,
    LedgerPoint,
    Saying,
    by_key,
    holders,
    is_own,
    last_reported,
    load_points,
    of_holder,
)
from archive.figures.promises import promises
from archive.figures.revised import load_revisions
from archive.model import Article, FigureKind
from archive.places.gazetteer import load_places
from archive.schema import open_archive
from pipelines.figures import find_figures
from pipelines.fingerprint import shingles

pytestmark = pytest.mark.timeless
CONFIG = Path(__file__).parent.parent / "config"
INDICATORS = load_indicators(CONFIG / "indicators.yml")
PLACES = load_places(CONFIG / "places.yml")
HOME = "Thái Nguyên"
FILLER = (
    "Lãnh đạo sở cho biết các phòng đã rà soát hồ sơ từ đầu quý. Nhiều hộ kinh doanh ở chợ dùng mã vạch. "
    "Cán bộ trẻ xuống từng xóm chỉ bà con cách nộp hồ sơ trên điện thoại và chụp ảnh giấy tờ cho rõ."
)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    db = open_archive(tmp_path / "archive.db")
    names = {"song-bang": "Báo Sông Bằng", "may-tre": "Tạp chí Mây Tre", "dien-dan": "Diễn đàn Số"}
    db.table("sources").upsert_all(({"key": key, "name": name} for key, name in names.items()), pk="key")
    return db


def publish(
    db: Database, day: str, text: str, source: str = "song-bang", *, url: str = "", seen: str = ""
) -> int:
    """Store an article as a crawl does: its figures are read off the text; its id."""
    at = datetime.fromisoformat(f"{day}T03:00").replace(tzinfo=UTC)
    title, _, body = text.partition("\n")
    article = Article(url or f"https://{source}.example/{day}-{crc32(text.encode())}", source, title, "", body)
    article.published_at = at
    whole = f"{article.title}\n{article.text}"
    article.figures = find_figures(whole, at, INDICATORS, PLACES, dated=True)
    now = datetime.fromisoformat(f"{seen or day}T04:00").replace(tzinfo=UTC)
    with writing(db):
        return articles.store(db, article, shingles(article.text), now).article_id


def point(value: float, kind: FigureKind = "actual", **given: object) -> LedgerPoint:
    """A point of one article; ``at`` is its number."""
    at = int(str(given.pop("at", value)).partition(".")[0])
    said: dict[str, object] = {
        "key": "digital_enterprises", "name": "Doanh nghiệp số", "unit": "doanh nghiệp", "period": "2025",
        "base": "", "qualifier": "", "rank_of": None, "subject_kind": "province", "subject": HOME,
        "place": HOME, "story": at,
    }  # fmt: skip
    day = f"2026-01-{at % 27 + 1:02}T00:00:00Z"
    told = Saying(at, "bao", f"Báo {at}", "Tít", "https://a.example", day, 0, False, "Câu.", str(value), 5)
    return LedgerPoint(kind=kind, value=value, **(said | given), sayings=[told])  # type: ignore[arg-type]


def values(points: list[LedgerPoint]) -> list[list[str]]:
    return [
        [f"{one.points[0].value:g}" for one in conflict.values] for conflict in conflicts(points, INDICATORS)
    ]


def test_a_promise_of_2021_and_a_report_of_2024_stand_side_by_side(db: Database) -> None:
    publish(
        db,
        "2021-03-12",
        f"Nghị quyết mới\nTỉnh Thái Nguyên phấn đấu có trên 700 doanh nghiệp số đến năm 2025. {FILLER}",
    )
    publish(
        db,
        "2024-11-05",
        "Thái Nguyên kể chuyện số\nHiện toàn tỉnh có 324 doanh nghiệp công nghệ số. Lớp học mở ở xóm.",
    )
    points = load_points(db, "digital_enterprises")
    [promise] = promises(points, INDICATORS)
    assert (promise.target.value, promise.target.period, promise.target.first.day.year) == (700, "2025", 2021)
    assert promise.reported is not None
    assert (promise.reported.value, promise.reported.outlets) == (324, ["Báo Sông Bằng"])
    assert promise.past(datetime(2026, 1, 1, tzinfo=UTC).date())
    assert not promise.past(datetime(2025, 12, 31, tzinfo=UTC).date())
    assert promise.verdict == "", "a count of 2024 says nothing of the end of 2025"
    assert points[0].first.printed == "700 doanh nghiệp"


def test_a_reprint_is_no_second_point(db: Database) -> None:
    text = f"Số mới\nHiện toàn tỉnh Thái Nguyên có 324 doanh nghiệp công nghệ số. {FILLER}"
    publish(db, "2024-11-05", text)
    publish(db, "2024-11-06", text, "may-tre")
    publish(
        db,
        "2024-11-07",
        "Chuyện khác\nHiện toàn tỉnh Thái Nguyên có 324 doanh nghiệp công nghệ số, theo sở.",
        "dien-dan",
    )
    points = load_points(db)
    assert [point.outlets for point in points] == [["Báo Sông Bằng", "Tạp chí Mây Tre"], ["Diễn đàn Số"]]
    assert [point.period for point in points] == ["2024-11-05", "2024-11-07"]


def test_outlets_that_differ_on_one_period_are_told_with_who_says_what(db: Database) -> None:
    iip = "IIP\nChỉ số sản xuất công nghiệp tỉnh Thái Nguyên 10 tháng năm 2024 tăng {} so với cùng kỳ. {}"
    publish(db, "2024-11-05", iip.format("6,8%", "Các nhà máy tuyển thêm thợ lành nghề."))
    publish(db, "2024-11-06", iip.format("7,8%", FILLER), "may-tre")
    publish(
        db, "2024-11-06", iip.format("6,8%", "Giá điện giữ nguyên từ đầu năm đến nay ở các xưởng."), "dien-dan"
    )
    publish(db, "2024-11-06", iip.format("5%", "Ở tỉnh bạn cũng vậy.").replace(HOME, "Bắc Ninh"), "dien-dan")
    [conflict] = conflicts(load_points(db), INDICATORS)
    assert (conflict.key, conflict.holder, conflict.period) == ("iip", HOME, "2024-01..2024-10")
    said = [(one.points[0].value, one.outlets) for one in conflict.values]
    assert said == [(6.8, ["Báo Sông Bằng", "Diễn đàn Số"]), (7.8, ["Tạp chí Mây Tre"])]


def test_an_edited_figure_keeps_what_it_was(db: Database) -> None:
    text = "IIP\nChỉ số sản xuất công nghiệp tỉnh Thái Nguyên 10 tháng năm 2024 tăng 7,8% so với cùng kỳ."
    address = {"url": "https://song-bang.example/iip"}
    publish(db, "2024-11-05", text, **address)
    publish(db, "2024-11-05", text.replace("7,8%", "7,2%"), seen="2024-11-06", **address)
    publish(db, "2024-11-05", text.replace("7,8%", "6,8%"), seen="2024-11-07", **address)
    points = load_points(db, "iip")
    [(place, revisions)] = load_revisions(db, points).items()
    assert place == (points[0].first.article_id, points[0].first.starts)
    assert [(one.before, one.after) for one in revisions] == [("7,2%", "6,8%"), ("7,8%", "7,2%")]
    assert revisions[0].at.startswith("2024-11-07")


def test_whose_figure_it_is(db: Database) -> None:
    publish(db, "2024-11-05", "Xuất khẩu\nGiá trị xuất khẩu của tỉnh Thái Nguyên đạt 28,5 tỷ USD. " + FILLER)
    publish(db, "2024-11-06", "Tỉnh bạn\nGiá trị xuất khẩu của tỉnh Bắc Ninh đạt 39 tỷ USD.", "may-tre")
    points = load_points(db, "exports")
    assert holders(points) == {"Bắc Ninh": 1, HOME: 1}
    assert [point.value for point in points if is_own(point, HOME)] == [28.5e9]
    assert not is_own(point(1.0, subject_kind="company", subject="Công ty Sao Mai", place=""), HOME)


def test_values_that_agree_are_no_conflict() -> None:
    assert agree(point(8503e9, unit="đồng"), point(8.5e12, unit="đồng"))
    assert agree(point(700, qualifier="hơn"), point(712))
    assert not agree(point(700, qualifier="hơn"), point(690))
    assert agree(point(700, qualifier="gần"), point(690))
    assert not agree(point(700), point(712))
    assert not agree(point(7.0, unit="%"), point(7.4, unit="%"))


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ([point(324), point(342)], [["324", "342"]]),
        ([point(324), point(342, period="2024")], []),
        ([point(324), point(342, place="Bắc Ninh")], []),
        ([point(324), point(342, "target")], []),
        ([point(324), point(342, "said")], []),
        ([point(324, "estimate"), point(342)], [["342", "324"]]),
        ([point(700, "target"), point(800, "plan")], [["700", "800"]]),
        ([point(324, at=1), point(342, at=1)], []),
        ([point(8.2, key="iip", unit="%"), point(1.5, key="iip", unit="%", base="tháng trước")], []),
        (
            [point(8.2, key="iip", unit="%"), point(8.7, key="iip", unit="%", base="cùng kỳ", at=9)],
            [["8.2", "8.7"]],
        ),
        ([point(324, period=""), point(342, period="")], []),
    ],
)
def test_what_is_a_conflict(points: list[LedgerPoint], told: list[list[str]]) -> None:
    assert [sorted(one) for one in values(points)] == [sorted(one) for one in told]


@pytest.mark.parametrize(
    ("target", "reported", "verdict"),
    [
        (point(700, "target"), point(712), "met"),
        (point(700, "target"), point(650), "missed"),
        (point(700, "target"), point(712, period="2024-06-30"), "met"),
        (point(700, "target"), point(650, period="2024-06-30"), ""),
        (point(700, "target"), point(650, period="2026-01-05"), "missed"),
        (point(1.0, "target", key="poverty_rate", unit="%"), point(0.8, key="poverty_rate", unit="%"), "met"),
        (point(9, "target", key="pci", unit="hạng"), point(21, key="pci", unit="hạng"), "missed"),
        (point(30, "target", key="bts_stations"), point(28, key="bts_stations", period="2024"), ""),
        (point(50, "target", key="industry_share", unit="%"), point(60, key="industry_share", unit="%"), ""),
        (point(700, "target"), point(712, place="Bắc Ninh"), ""),
    ],
)  # fmt: skip
def test_promise_against_report(target: LedgerPoint, reported: LedgerPoint, verdict: str) -> None:
    [promise] = promises([target, reported], INDICATORS)
    assert promise.verdict == verdict
    assert (promise.reported is None) == (reported.place != HOME)


def test_a_target_said_again_is_one_promise() -> None:
    [promise] = promises([point(700, "target", at=1), point(700, "target", at=2)], INDICATORS)
    assert len(promise.points) == 2


def test_the_last_reported_is_of_the_latest_period() -> None:
    late = point(300, period="2023", at=9)
    assert last_reported([point(324, period="2024", at=1), late, point(999, "target")]) != late
    assert last_reported([point(999, "target")]) is None
    assert by_key([late]) == {"digital_enterprises": [late]}


def test_what_nobody_is_said_to_own_is_no_conflict_and_no_promise() -> None:
    loose = {"place": "", "subject_kind": "", "subject": ""}
    points = [point(324, **loose), point(342, **loose), point(700, "target", **loose)]
    assert conflicts(points, INDICATORS) == []
    assert promises(points, INDICATORS) == []
    assert not is_own(points[0], HOME)
    assert len(of_holder([*points, point(1)], NOBODY)) == 3


def test_the_part_of_a_target_is_no_target() -> None:
    [promise] = promises([point(4e6, "target", at=1), point(2e4, "target", at=1)], INDICATORS)
    assert promise.target.value == 4e6
