"""The guide: it names what is on the pages, its pictures are there, and the page Trợ giúp shows it."""

import re
from pathlib import Path

from archive.config import load_yaml
from archive.home import Home
from archive.web.access import Access
from archive.web.app import build
from tests import web_sample
from tests.guide import ALL, GUIDE, PICTURES
from tests.house import ROOT
from tests.web_sample import NOW

FROM_TEXTS = {"khu công nghiệp", "–"}  # quoted, but no words of our pages


def test_every_button_and_page_it_quotes_is_there() -> None:
    known = {entry["vi"].rstrip(".") for entry in load_yaml(ROOT / "archive" / "words.yml").values()}
    quoted = {one.rstrip(".") for one in re.findall("«([^»]+)»", GUIDE.read_text(encoding="utf-8"))}
    assert quoted - FROM_TEXTS <= known


def test_each_picture_is_taken_by_the_script_and_shown_once() -> None:
    shown = re.findall(r"static/huong-dan/([\w-]+)\.png", GUIDE.read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(one.name for one in ALL)
    assert sorted(shown) == sorted(file.stem for file in PICTURES.iterdir())


async def test_the_page_shows_it_with_its_pictures_and_the_public_has_none(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    web_sample.fill(home.archive_db)
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        page = (await site.client.get("/tro-giup")).text
        pictures = re.findall(r'src="([^"]+huong-dan/[^"]+)"', page)
        assert len(pictures) == len(ALL)
        for picture in pictures:
            assert (await site.client.get(picture)).headers["content-type"] == "image/png"
    async with web_sample.running(build(home, now=lambda: NOW, access=Access(public=True))) as site:
        assert "huong-dan" not in (await site.client.get("/tro-giup")).text
