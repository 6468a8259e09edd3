"""The guide: it names what is on the pages, its pictures are there, and the page Trợ giúp shows it."""

import re
from pathlib import Path

import pytest

from archive.config import load_yaml
from archive.home import Home
from archive.i18n import Language
from archive.web.access import Access
from archive.web.app import build
from tests import web_sample
from tests.guide import ALL, GUIDE, PICTURES
from tests.house import ROOT
from tests.web_sample import NOW

FROM_TEXTS = {"khu công nghiệp", "–"}  # quoted, but no words of our pages
FILES: dict[Language, Path] = {"vi": GUIDE, "en": GUIDE.with_name("guide.en.md")}
PARTS = (r"^#+ ", r"^\|", r"^- ", r"^!\[", r"«[^»]+»", r"\*\*[^*]+\*\*", r"`[^`]+`")


@pytest.mark.parametrize("language", FILES)
def test_every_button_and_page_it_quotes_is_there(language: Language) -> None:
    known = {entry[language].rstrip(".") for entry in load_yaml(ROOT / "archive" / "words.yml").values()}
    quoted = {one.rstrip(".") for one in re.findall("«([^»]+)»", FILES[language].read_text(encoding="utf-8"))}
    assert quoted - FROM_TEXTS <= known


@pytest.mark.parametrize("language", FILES)
def test_each_picture_is_taken_by_the_script_and_shown_once(language: Language) -> None:
    shown = re.findall(r"static/huong-dan/([\w-]+)\.png", FILES[language].read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(one.name for one in ALL)
    assert sorted(shown) == sorted(file.stem for file in PICTURES.iterdir())


def test_both_languages_have_the_same_parts_and_lead_to_one_another() -> None:
    texts = [file.read_text(encoding="utf-8") for file in FILES.values()]
    for pattern in PARTS:
        assert len({len(re.findall(pattern, text, re.MULTILINE)) for text in texts}) == 1, pattern
    assert f"({FILES['en'].name})" in texts[0]
    assert f"({FILES['vi'].name})" in texts[1]


async def test_the_page_shows_it_with_its_pictures_and_the_public_has_none(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        page = (await site.client.get("/tro-giup")).text
        pictures = re.findall(r'src="([^"]+huong-dan/[^"]+)"', page)
        assert len(pictures) == len(ALL)
        for picture in pictures:
            assert (await site.client.get(picture)).headers["content-type"] == "image/png"
        english = (await site.client.get("/tro-giup?lang=en")).text
        for text, told in ((page, "Làm bản điểm tin (mười phút)"), (english, "Make the digest (ten minutes)")):
            assert told in text
            assert ".md" not in text
        assert len(re.findall(r'src="([^"]+huong-dan/[^"]+)"', english)) == len(ALL)
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as site:
        assert "huong-dan" not in (await site.client.get("/tro-giup")).text
