"""Places: names old and new, marks that must match, names that mean something else."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from archive.config import ConfigError
from archive.places.gazetteer import Gazetteer, load_places
from archive.places.matcher import Phrases, TextWords
from crawler.demo.stock import load_outlets

CONFIG = Path(__file__).parent.parent / "config" / "places.yml"
TODAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    return load_places(CONFIG)


def counted(places: Gazetteer, text: str, on: date | None = TODAY) -> list[str]:
    return [span.name for span in places.find(text, on) if span.weight == 1 and span.group != "elsewhere"]


def test_every_unit_of_today_and_before_is_known(places: Gazetteer) -> None:
    communes = [place for place in places.places if place.group == "communes"]
    assert len(communes) == 92
    assert sum(place.kind == "phường" for place in communes) == 15
    assert sum(place.group == "districts" for place in places.places) == 17
    assert all(place.since == date(2025, 7, 1) and place.units for place in communes)


@pytest.mark.parametrize(
    ("asked", "also"),
    [
        ("Đại Phúc", {"Hùng Sơn", "Phúc Tân", "Tân Thái"}),
        ("dai phuc", {"Hùng Sơn"}),
        ("xã Đại Phúc", {"Hùng Sơn"}),
        ("Hùng Sơn", {"Đại Phúc"}),
        ("huyện Đại Từ", {"La Bằng", "Quân Chu"}),
        ("Bắc Kạn", {"Bắc Cạn"}),
        ("Định Hoá", {"Định Hóa"}),
        ("TISCO", {"Gang thép Thái Nguyên"}),
        ("tỉnh Thái Nguyên", {"Thái Nguyên"}),
    ],
)
def test_a_place_is_asked_for_by_any_of_its_names(places: Gazetteer, asked: str, also: set[str]) -> None:
    assert also <= set(places.names_for(asked))


def test_marks_tell_places_apart_and_no_marks_mean_both(places: Gazetteer) -> None:
    assert "Văn Lăng" not in places.names_for("Văn Lang")
    assert "Văn Lang" not in places.names_for("Văn Lăng")
    assert {"Văn Lang", "Văn Lăng"} <= set(places.names_for("van lang"))


def test_an_unknown_name_has_no_others(places: Gazetteer) -> None:
    assert places.names_for("Hà Nội") == ()
    assert places.names_for("") == ()


def test_pho_yen_had_three_ranks_and_has_a_fourth(places: Gazetteer) -> None:
    pho_yen = next(place for place in places.named("Phổ Yên") if place.group == "districts")
    days = [date(2014, 1, 1), date(2015, 5, 15), date(2022, 4, 10), date(2025, 7, 1)]
    assert [pho_yen.called(day) for day in days] == ["huyện", "thị xã", "thành phố", "phường"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("UBND tỉnh Thái Nguyên", ["Thái Nguyên"]),
        ("THÁI NGUYÊN ĐÓN 3 DỰ ÁN", ["Thái Nguyên"]),
        ("thành phố Thái Nguyên", ["Thái Nguyên"]),
        ("Thai Nguyen Province", ["Thái Nguyên"]),
        ("cuộc sống bình yên ở Phổ Yên", ["Phổ Yên"]),
        ("KCN Điềm Thuỵ và khu công nghiệp Sông Công II", ["KCN Điềm Thụy", "KCN Sông Công II"]),
        ("Samsung ở Thái Nguyên", ["Samsung", "Thái Nguyên"]),
        ("Samsung ở Bắc Ninh", []),
        ("xã Tân Thành, Thái Nguyên", ["Tân Thành", "Thái Nguyên"]),
        ("xã Tân Thành, Đồng Tháp", []),
        (
            "Thái Nguyên: các xã La Bằng, Quân Chu và Thành Công",
            ["Thái Nguyên", "La Bằng", "Quân Chu", "Thành Công"],
        ),
        ("Thái Nguyên gặt hái thành công. Thành công này", ["Thái Nguyên"]),
        ("Bí thư Tỉnh ủy Thái Nguyên Nguyễn Thanh Hải", ["Thái Nguyên", "Nguyễn Thanh Hải"]),
    ],
)
def test_names_are_found_where_they_mean_the_place(places: Gazetteer, text: str, names: list[str]) -> None:
    assert counted(places, text) == names


@pytest.mark.parametrize(
    "text",
    [
        "thành phố Thái Nguyên, tỉnh Sơn Tây",
        "Thái Nguyên (Trung Quốc)",
        "ông Nguyễn Thái Nguyên",
        "ca sĩ Thái Nguyên",
        "đường Thái Nguyên, Nha Trang",
        "cao tốc Hà Nội - Thái Nguyên",
        "tuyến Thái Nguyên – Chợ Mới",
        "Hà Nội, Bắc Ninh, Thái Nguyên và Phú Thọ",
        "quê Thái Nguyên",
        "trên sân Thái Nguyên",
        "chè Thái Nguyên",
        "Thái Nguyên T&T",
        "Ảnh: Thái Nguyên",
    ],
)
def test_names_that_mean_something_else_do_not_count(places: Gazetteer, text: str) -> None:
    spans = [span for span in places.find(text, TODAY) if span.group == "province"]
    assert spans, "the name itself is seen"
    assert all(span.weight < 1 and span.reason for span in spans)


def test_taiyuan_is_taiyuan_to_the_end_of_the_text(places: Gazetteer) -> None:
    text = "Thái Nguyên, thủ phủ tỉnh Sơn Tây, có tuyết. Người dân Thái Nguyên đi làm muộn."
    assert counted(places, text) == []
    assert counted(places, text + " Tỉnh Thái Nguyên của Việt Nam thì không.") == ["Thái Nguyên"]


def test_bac_kan_belongs_to_the_province_from_the_day_of_the_merger(places: Gazetteer) -> None:
    text = "Nhà máy ở Bắc Kạn"
    assert counted(places, text, date(2025, 7, 1)) == ["Bắc Kạn"]
    assert counted(places, text, date(2025, 6, 30)) == []
    assert counted(places, text, None) == ["Bắc Kạn"]


def test_the_papers_of_the_province_are_sources_or_of_the_sample_press(places: Gazetteer) -> None:
    sources = yaml.safe_load((CONFIG.parent / "sources.yml").read_text(encoding="utf-8"))["sources"]
    assert places.papers <= {*sources, *load_outlets()}


def test_offsets_count_in_the_normalised_text(places: Gazetteer) -> None:
    span = places.find("Ở Thái Nguyên", TODAY)[0]
    assert (span.start, span.end) == (2, 13)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("KCN mới", ["KCN"]),
        ("kcn mới", []),
        ("Khu Công Nghiệp", ["khu công nghiệp"]),
        ("chế biến, chế tạo", ["chế biến, chế tạo"]),
        ("khu. công nghiệp", []),
        ("khu\ncông nghiệp", []),
        ("Sở KH&CN", ["Sở KH&CN"]),
        ("các khu công nghiệp cao", ["khu công nghiệp"]),
    ],
)
def test_phrases_keep_their_capitals_and_stay_in_one_line(text: str, found: list[str]) -> None:
    phrases = Phrases((name, name) for name in ("KCN", "khu công nghiệp", "chế biến, chế tạo", "Sở KH&CN"))
    assert [hit.value for hit in phrases.find(TextWords(text))] == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("provinces: {}", "unknown key `provinces`"),
        ("province: {name: A, merged: 2025-07-01}\ncommunes: {a: {nam: B}}", "communes.a: unknown key `nam`"),
        ("province: {name: A, merged: soon}", "province.merged"),
        ("province: {name: A, merged: 2025-07-01}\nelsewhere: 3", "elsewhere"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "places.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        load_places(path)
