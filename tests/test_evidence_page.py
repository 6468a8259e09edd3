"""The page Bằng chứng: what is kept and what it proves; a press brings a pack that holds; nothing in public."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette

from archive.db import reading
from archive.desk import log
from archive.evidence.chain import sha256
from archive.evidence.verify import verify
from archive.home import Home
from archive.web.access import Access
from archive.web.app import build
from archive.web.views import evidence
from tests import web_sample
from tests.evidence_sample import MADE, TEXTS, Sample, edited_and_gone, page_of
from tests.web_sample import words

PAGE = "/bai/1/bang-chung"
pytestmark = pytest.mark.timeless


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Sample]:
    with closing(edited_and_gone(tmp_path)) as sample:
        yield sample


@pytest.fixture
async def site(sample: Sample) -> AsyncIterator[Datasette]:
    async with web_sample.running(build(sample.home, now=lambda: MADE)) as datasette:
        yield datasette


async def press(site: Datasette, path: str = PAGE, **more: str) -> httpx.Response:
    page = await site.client.get(path)
    found = re.search(r'name="csrftoken" value="([^"]+)"', page.text)
    data = {"csrftoken": found[1] if found else "", "viec": "lap", **more}
    answer: httpx.Response = await site.client.post(
        path,
        data=data,
        cookies={"ds_csrftoken": page.cookies["ds_csrftoken"]},
        headers={"origin": "http://localhost"},
    )
    return answer


async def test_the_page_tells_what_is_kept_and_what_it_proves(site: Datasette) -> None:
    page = await site.client.get(PAGE)
    text = words(page)
    for wanted in (
        "Bản đầu tiên", "Báo sửa bài", "Có thể đã gỡ", "Đã gỡ", "máy chủ 192.0.2.7 trả lời 404",
        sha256(page_of(TEXTS[1])), "Chứng minh được", "Không chứng minh được", "Ai đã viết",
        "Không xin dấu thời gian (chưa khai nơi cấp trong evidence.yml)",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert "<script>alert" not in page.text
    assert f'href="{PAGE}"' in (await site.client.get("/bai/1")).text


async def test_a_press_downloads_a_pack_that_is_whole_and_logs_its_hash(
    site: Datasette, sample: Sample, tmp_path: Path
) -> None:
    answer = await press(site)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="bang-chung-1-20261125-103020.zip"'
    path = tmp_path / "goi.zip"
    path.write_bytes(answer.content)
    assert verify(path).whole
    with reading(sample.home.desk_db) as desk:
        entry = log.entries(desk)[0]
    assert entry.article_id == 1
    assert "log_evidence" in entry.what
    assert re.search(r'"sha256": "[0-9a-f]{64}"', entry.what)


async def test_one_pack_at_a_time(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    with evidence._ONE_AT_A_TIME:
        answer = await press(site)
        assert answer.status_code == 503
        assert "Một gói khác đang được lập" in words(answer)
    assert (await press(site)).status_code == 200


async def test_looking_makes_nothing(site: Datasette, sample: Sample) -> None:
    await site.client.get(f"{PAGE}?viec=lap")
    assert not sample.home.desk_db.exists()
    assert (await site.client.get("/bai/999/bang-chung")).status_code == 404


async def test_a_headline_alone_proves_nothing(site: Datasette, sample: Sample) -> None:
    sample.archive.execute("delete from versions")
    answer = await site.client.get(PAGE)
    assert 'name="viec"' not in answer.text
    assert "Chưa có gì để chứng minh" in words(answer)


async def test_in_public_there_is_none(sample: Sample) -> None:
    async with web_sample.running(build(sample.home, now=lambda: MADE, access=Access(public=True))) as site:
        assert (await site.client.get(PAGE)).status_code == 404
        assert "bang-chung" not in (await site.client.get("/bai/1")).text


async def test_a_config_that_is_wrong_is_no_pack_without_stamps(site: Datasette, sample: Sample) -> None:
    path = Home.at(sample.home.path).path / "config" / "evidence.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("evidence: {timestamp: []}", encoding="utf-8")
    page = await site.client.get(PAGE)
    assert page.status_code == 200
    assert "evidence.yml" in words(page)
    assert "timestamp" in words(page)
    assert 'name="viec"' not in page.text
