"""Words as people mean them: what of a query stands together, which syllables are meant without marks."""

from pathlib import Path

import pytest

from archive.home import DEFAULTS
from archive.places.gazetteer import load_places
from archive.query import ReadAs, parse
from archive.query.lexicon import Lexicon, Word, lines_of
from archive.search.lexicon import learn
from tests.bench.words import score

pytestmark = pytest.mark.timeless

DATA = Path(__file__).parent / "data"


def cut(text: str, lexicon: Lexicon | None = None) -> str:
    return " ".join("_".join(word.syllables) for word in parse(text, how=ReadAs(lexicon)).parsed.words)


def meant(text: str) -> str:
    """The syllables of a query that must stand there as typed."""
    words = parse(text).parsed.words
    return " ".join(one for word in words for one, exactly in zip(*word, strict=True) if exactly)


def test_queries_are_cut_as_a_reader_would(capsys: pytest.CaptureFixture[str]) -> None:
    """166 queries written from headlines and cut by hand; half of them were not looked at while tuning."""
    right, rows = score(DATA / "words.txt", load_places(DEFAULTS / "places.yml"), ReadAs())
    assert rows == 166
    assert right / rows >= 0.9, capsys.readouterr().out


def test_a_syllable_without_a_mark_is_meant_as_a_reader_would() -> None:
    """In each line ! stands behind what is meant as typed, ? behind what may bear any marks."""
    right, rows = 0, (DATA / "marks.txt").read_text(encoding="utf-8").splitlines()
    for line in rows:
        plain = {word[:-1] for word in line.split() if word[-1] == "!"}
        any_marks = {word[:-1] for word in line.split() if word[-1] == "?"}
        exactly = set(meant(line.replace("!", "").replace("?", "")).split())
        right += plain <= exactly and not any_marks & exactly
    assert len(rows) >= 75
    assert right / len(rows) >= 0.95


def test_a_place_written_without_marks_beside_words_with_marks_bears_any() -> None:
    """The gazetteer knows «Thai Nguyen» too, as others write it: whoever types it means Thái Nguyên."""
    known = Lexicon(names=["Thái Nguyên", "Thai Nguyen"])
    words = parse("chuyển đổi số thai nguyen", how=ReadAs(known)).parsed.words
    exactly = {one for word in words for one, exact in zip(*word, strict=True) if exact}
    assert exactly == {"chuyển", "đổi", "số"}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("chuyen doi so thai nguyen", "chuyen_doi_so thai_nguyen"),
        ("mưa thái nguyên công nhân", "mưa thái_nguyên công_nhân"),
        ("chuyen doi, so", "chuyen_doi so"),
        ("chuyen doi - so", "chuyen_doi so"),
        ("Thái. Nguyên", "Thái Nguyên"),
        ("(chuyen doi) so", "chuyen_doi so"),
        ("chuyen doi OR so thai nguyen", "chuyen_doi so thai_nguyen"),
        ("chuyen AND doi", "chuyen doi"),
        ("chuyen* doi so", "chuyen doi so"),
        ("title:chuyen doi", "chuyen doi"),
        ("title:(chuyen doi)", "chuyen_doi"),
        ('"chuyen" doi', "chuyen doi"),
        ("bão số 3 yên bái", "bão_số_3 yên_bái"),
        ("quoc lo 3", "quoc_lo_3"),
        ("ông Phạm Gia Túc nói", "ông Phạm_Gia_Túc nói"),
        ("nguyen thi lan huong ha noi", "nguyen_thi_lan_huong ha_noi"),
        ("an toàn thực phẩm trường học", "an_toàn_thực_phẩm trường_học"),
    ],
)
def test_what_stands_together(typed: str, words: str) -> None:
    assert cut(typed) == words


@pytest.mark.parametrize(
    ("typed", "as_typed"),
    [
        ("công an", "công an"),
        ('"công an"', "công an"),
        ("cong an", ""),
        ("chuyển doi so", "chuyển"),
        ('"chuyển doi so"', "chuyển"),
        ("thái nguyên cong an", "thái nguyên an"),
        ("hà noi mưa", "hà mưa"),
        ("giá vang", "giá"),
        ("vốn FDI 2026", "vốn"),
        ("công ng*", "công"),
        ("tin OR thép", "tin thép"),
        ("tin nguồn:báo", ""),
    ],
)
def test_which_marks_are_meant(typed: str, as_typed: str) -> None:
    assert meant(typed) == as_typed


def test_each_syllable_and_any_marks_on_request() -> None:
    assert [word.syllables for word in parse("công an", how=ReadAs(apart=True)).parsed.words] == [
        ("công",),
        ("an",),
    ]
    any_marks = parse("công an", how=ReadAs(any_marks=True)).parsed
    assert any_marks.plain == ()
    assert any_marks.words == [Word(("công", "an"), (True, False))]
    assert parse("công an").parsed.plain == ("an",)
    assert parse("công an").parsed.together == [Word(("công", "an"), (True, True))]
    assert not parse('"công an"').parsed.together


def test_words_are_learned_from_texts() -> None:
    filler = ["Trời mưa", "Nước lên", "Đường vắng", "Chợ đông", "Lúa chín", "Cầu gãy", "Xe hỏng", "Gà gáy"] * 60
    told = ["ra mỏ Trại Cau đào", "thợ ở Trại Cau về", "ông Lê Văn Bo ở đây", "nói ông Lê Văn Bo"] * 12
    learned = learn([*filler, *told])
    assert {"trại cau", "lê văn bo"} <= learned.keys()
    assert not {"ông lê văn bo", "ở trại cau", "mỏ trại cau"} & learned.keys()
    assert cut("mo trai cau", Lexicon(learned.items())) == "mo trai_cau"
    assert cut("mo trai cau", Lexicon((), ["Trại Cau"])) == "mo trai_cau"
    assert lines_of([("trại cau", 9), ("trại", 3)]) == ["trại\t3\tcau 9"]
