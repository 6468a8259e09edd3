"""An edition on paper: the office's head and signatures, sheet, names of files."""

import io
import re
from pathlib import Path
from typing import Any

import docx
import pytest
from msgspec.structs import replace

from archive.config import ConfigError
from archive.digests.config import Digest, load_alerts
from archive.digests.content import Content
from archive.digests.layout.docx import to_docx
from archive.digests.paper.office import Office
from tests.test_render import FULL

pytestmark = pytest.mark.timeless

OFFICE = Office(
    above="UBND tỉnh Sông Bằng", name="Sở Khoa học và Công nghệ", code="SKHCN", place="Sông Bằng",
    signer="Nguyễn Thị Lan", approved="Trần Văn Minh",
)  # fmt: skip
FILED = replace(FULL, office=OFFICE, number=5)
ALERTS = """\
defaults:
  office: {{above: UBND tỉnh Sông Bằng, name: Văn phòng, code: VP{shared}}}
sang:
  title: Sáng
  queries: {{a: thép}}
  {sang}
chieu:
  title: Chiều
  queries: {{a: thép}}
  {chieu}
"""


def opened(content: Content) -> Any:
    return docx.Document(io.BytesIO(to_docx(content)))


def cells(content: Content) -> list[list[list[str]]]:
    """The lines of each cell of each row of the tables, empty ones left out."""
    tables = opened(content).tables
    return [
        [[line for line in cell.text.split("\n") if line] for cell in row.cells]
        for table in tables
        for row in table.rows
    ]


def load_both(path: Path, *, sang: str = "", chieu: str = "", shared: str = "") -> dict[str, Digest]:
    path = path / "alerts.yml"
    path.write_text(ALERTS.format(sang=sang, chieu=chieu, shared=shared), encoding="utf-8")
    return load_alerts(path, strict=True).digests


def test_the_office_heads_and_signs_the_paper_as_the_decree_asks() -> None:
    assert cells(FILED) == [
        [["UBND TỈNH SÔNG BẰNG", "SỞ KHOA HỌC VÀ CÔNG NGHỆ"],
         ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]],
        [["Số: 05/ĐT-SKHCN"], ["Sông Bằng, ngày 23 tháng 11 năm 2026"]],
        [["NGƯỜI TỔNG HỢP", "Nguyễn Thị Lan"], ["LÃNH ĐẠO ĐƠN VỊ DUYỆT", "Trần Văn Minh"]],
    ]  # fmt: skip
    text = "\n".join(one.text for one in opened(FILED).paragraphs)
    assert "Số 5" not in text, "the number stands in the head alone"


@pytest.mark.parametrize(
    ("office", "number", "date"),
    [
        (Office(name="a"), "Số: 05/ĐT", "ngày 23 tháng 11 năm 2026"),
        (Office(name="a", code="VP", number="{number}-{year}/BC-{office}"), "Số: 05-2026/BC-VP", None),
    ],
)
def test_numbers_of_papers_are_written_as_the_office_writes_them(
    office: Office, number: str, date: str | None
) -> None:
    left, right = cells(replace(FILED, office=office))[1]
    assert left == [number]
    assert date is None or right == [date]


def test_months_have_a_zero_where_the_decree_asks_for_one() -> None:
    for end, written in (("2027-02-05", "ngày 05 tháng 02"), ("2027-03-05", "ngày 05 tháng 3")):
        filed = replace(FILED, covers_to=f"{end}T00:00:00Z")
        assert cells(filed)[1][1] == [f"Sông Bằng, {written} năm 2027"]


def test_one_who_signs_alone_signs_at_the_right_and_nobody_leaves_no_room() -> None:
    alone = replace(FILED, office=replace(OFFICE, signer_title="", signer=""))
    assert cells(alone)[-1] == [[], ["LÃNH ĐẠO ĐƠN VỊ DUYỆT", "Trần Văn Minh"]]
    nobody = replace(OFFICE, signer_title="", signer="", approved_title="", approved="")
    assert len(cells(replace(FILED, office=nobody))) == 2


def test_without_an_office_the_paper_has_a_plain_head() -> None:
    assert cells(FULL) == []
    assert [one.text for one in opened(FULL).paragraphs][1] == "Số 217"


def test_the_sheet_is_the_decrees() -> None:
    document = opened(FILED)
    [sheet] = document.sections
    assert (round(sheet.page_width.mm), round(sheet.page_height.mm)) == (210, 297)
    top, bottom, left, right = (
        round(getattr(sheet, f"{side}_margin").mm) for side in ("top", "bottom", "left", "right")
    )
    assert {top, bottom} <= set(range(20, 26))
    assert left in range(30, 36)
    assert right in range(15, 21)
    normal = document.styles["Normal"].font
    assert (normal.name, normal.size.pt) == ("Times New Roman", 13)
    footer = sheet.footer.paragraphs[0]._p.xml
    assert re.findall('w:instr="([A-Z]+)"', footer) == ["PAGE", "NUMPAGES"]


def test_a_digest_takes_what_its_office_does_not_say_from_the_defaults(tmp_path: Path) -> None:
    digests = load_both(tmp_path, sang="office: {code: SKHCN, name: Sở Khoa học}", chieu="office: {name: ''}")
    sang, chieu = digests["sang"].office, digests["chieu"].office
    assert (sang.above, sang.name, sang.code) == ("UBND tỉnh Sông Bằng", "Sở Khoa học", "SKHCN")
    assert chieu.name == "", "this one has a plain head"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sang": "office: {ten: Sở}"}, "sang.office: unknown key `ten`"),
        ({"shared": ", ten: Sở"}, "defaults.office: unknown key `ten`"),
        ({"sang": "office: {number: '{so}/BC'}"}, "sang.office: there is no `{so}`"),
        ({"sang": "office: {code: 12}"}, "sang.office.code: "),
        ({"sang": "options: {file_name: '../{date}'}"}, "sang.options: `../{date}` cannot name a file"),
        ({"sang": "options: {file_name: '/etc/{date}'}"}, "cannot name a file"),
        ({"sang": "options: {file_name: 'a\\{date}'}"}, "cannot name a file"),
        ({"sang": "options: {file_name: '.{date}'}"}, "cannot name a file"),
        ({"sang": "options: {file_name: \"a\\n{date}\"}"}, "cannot name a file"),
        ({"sang": "options: {file_name: \"a\\u202e{date}\"}"}, "cannot name a file"),
        ({"sang": "options: {file_name: Diem-tin}"}, "`file_name` needs {date}"),
        ({"sang": "options: {file_name: '{date.__class__}'}"}, "there is no `{date.__class__}`"),
        ({"sang": "options: {file_name: '{date}}'}"}, "a stray brace"),
        ({"sang": f"options: {{file_name: '{'a' * 90}{{date}}'}}"}, "80 characters at most"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_with_file_block_and_key(
    tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError) as error:
        load_both(tmp_path, **changes)
    assert said in str(error.value)
    assert "alerts.yml" in str(error.value)


@pytest.mark.parametrize(
    ("pattern", "edition", "stem"),
    [
        ("", "2026-11-28", "hang-ngay-2026-11-28"),
        ("Diem-tin-{date}", "2026-11-28", "Diem-tin-2026-11-28"),
        ("Diem-tin-{date}", "2026-11-28T10:30", "Diem-tin-2026-11-28-1030"),
        ("Diem-tin-{date}", "2026-11-28T10:30:07", "Diem-tin-2026-11-28-103007"),
        ("Điểm tin {date} (số {number})", "2026-11-28", "Điểm tin 2026-11-28 (số 217)"),
        ("{name}_{date}", "2026-11-28", "hang-ngay_2026-11-28"),
    ],
)
def test_every_edition_has_a_file_name_of_its_own(pattern: str, edition: str, stem: str) -> None:
    assert replace(FULL, file_name=pattern, edition=edition).file_stem == stem


def test_two_digests_of_one_pattern_write_no_file_over_one_another(tmp_path: Path) -> None:
    options = "options: {file_name: 'Diem-tin-{date}'}"
    digests = load_both(tmp_path, sang=options, chieu=options)
    assert digests["sang"].options.file_name == "Diem-tin-{date}"
    assert digests["chieu"].options.file_name == "Diem-tin-{date}-{name}"
