"""People, the log and the office in forms; who may come in, and files that someone broke by hand."""

from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.clock import stamp
from archive.db import reading
from archive.desk.accounts import add as add_account
from archive.desk.db import open_desk
from archive.digests.config import load_alerts
from archive.home import DEFAULTS, Home
from archive.web.app import build
from tests import web_sample
from tests.settings.forms import DIGEST, digest_of, filled, send
from tests.web_sample import NOW, words

pytestmark = pytest.mark.timeless


async def test_people(site: Datasette, home: Home) -> None:
    path = "/cai-dat/nguoi-dung"
    assert "Chưa có tài khoản" in words(await site.client.get(path))
    short = await send(site, path, name="Thu An", **{"mat-khau.password": "ngắn"})
    assert short.status_code == 400
    assert 'id="loi-password"' in short.text
    assert filled(short, path)["name"] == ["Thu An"]
    assert (
        await send(site, path, name="Thu An", role="admin", **{"mat-khau.password": "chè xanh 2026!"})
    ).status_code == 303
    assert (await site.client.get(path)).status_code in (302, 403)  # from now on everyone logs in


async def test_only_an_admin_and_only_our_own_form(home: Home) -> None:
    with closing(open_desk(home.desk_db)) as desk:
        for name, role in (("quan", "admin"), ("bien", "editor"), ("doc", "reader")):
            add_account(desk, name, role, f"mật khẩu của {name}", by="", now=NOW)  # type: ignore[arg-type]
    async with web_sample.running(build(home, now=lambda: NOW)) as site:
        for name, status in (("quan", 200), ("bien", 403), ("doc", 403)):
            login = await site.client.post(
                "/dang-nhap", data={"name": name, "password": f"mật khẩu của {name}"}
            )
            jar = dict(login.cookies)
            assert (await site.client.get("/cai-dat", cookies=jar)).status_code == status
            assert (await site.client.get("/cai-dat/nhat-ky", cookies=jar)).status_code == status
        bare = await site.client.post(DIGEST, data={"title": "x"}, cookies=jar)
        assert bare.status_code == 403
    assert not (home.path / "config" / "alerts.yml").exists()


async def test_the_log_tells_who_changed_what(site: Datasette, home: Home) -> None:
    await send(site, DIGEST, hour="06:30")
    page = words(await site.client.get("/cai-dat/nhat-ky"))
    assert "máy này sửa bản tin hang-ngay" in page
    assert "hang-ngay.schedule : daily 07:00 daily 06:30" in page
    english = words(await site.client.get("/cai-dat/nhat-ky?lang=en"))
    assert "changed digest hang-ngay" in english


async def test_nothing_to_set_where_nothing_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    web_sample.fill(path)
    async with web_sample.running(Datasette([str(path)])) as site:
        assert (await site.client.get("/cai-dat")).status_code in (403, 404)


async def test_what_is_saved_sees_the_open_window_at_once(site: Datasette, home: Home) -> None:
    def matched(rule: str) -> int:
        with reading(home.archive_db) as archive:
            sql = "select count(*) from matches where alert = ? and matched_at = ?"
            found: int = archive.execute(sql, [f"hang-ngay/{rule}", stamp(NOW)]).fetchone()[0]
            return found

    assert (await send(site, "/cai-dat/quy-tac?q=x", name="thu", q="nhà máy")).status_code == 303
    first = matched("thu")
    assert first
    await send(site, DIGEST, **{"luat.thu": "không ai viết câu này bao giờ"})
    assert matched("thu") == 0, "a changed rule takes back what it matched and does no more"
    await send(site, DIGEST, **{"luat.thu": "nhà máy"})
    assert matched("thu") == first


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2\n", "- x\n", "\xff"])
async def test_a_file_broken_by_hand_is_told_and_not_touched(site: Datasette, home: Home, text: str) -> None:
    own = home.path / "config" / "alerts.yml"
    own.write_bytes(text.encode("latin-1"))
    for path in ("/cai-dat", "/cai-dat/ban-tin", DIGEST, "/cai-dat/quy-tac?q=x"):
        answer = await site.client.get(path)
        assert answer.status_code == 409
        assert "alerts.yml" in words(answer)
        assert "config/history" in words(answer)
    assert own.read_bytes() == text.encode("latin-1")


async def test_the_office_and_the_name_of_files(site: Datasette, home: Home) -> None:
    answer = await send(
        site, DIGEST, file_name="Ban tin {date}",
        **{"co-quan.name": "Sở Khoa học và Công nghệ", "co-quan.code": "SKHCN", "co-quan.signer_title": ""},
    )  # fmt: skip
    assert answer.status_code == 303, words(answer)
    block = digest_of(home)
    assert block["office"] == {"name": "Sở Khoa học và Công nghệ", "code": "SKHCN", "signer_title": ""}
    digest = load_alerts(home.config("alerts.yml")).digest("hang-ngay")
    assert digest.office.signatures() == [("Lãnh đạo đơn vị duyệt", "")]
    assert digest.options.file_name == "Ban tin {date}"
    before = (home.path / "config" / "alerts.yml").read_text(encoding="utf-8")
    assert (await send(site, DIGEST)).status_code == 303
    assert (home.path / "config" / "alerts.yml").read_text(encoding="utf-8") == before


async def test_what_the_defaults_say_of_the_office_is_shown_and_not_written_again(
    site: Datasette, home: Home
) -> None:
    text = (DEFAULTS / "alerts.yml").read_text(encoding="utf-8")
    path = home.path / "config" / "alerts.yml"
    path.write_text(
        text.replace("defaults:\n", "defaults:\n  office: {name: Văn phòng, place: Sông Bằng}\n", 1)
    )
    shown = filled(await site.client.get(DIGEST), DIGEST)
    assert shown["co-quan.name"] == ["Văn phòng"]
    assert (await send(site, DIGEST, **{"co-quan.place": "Hạ Bằng"})).status_code == 303
    assert digest_of(home)["office"] == {"place": "Hạ Bằng"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"file_name": "../{date}"}, "«../{date}» không đặt tên tệp được"),
        ({"file_name": "Diem-tin"}, "và phải có {date}."),
        (
            {"co-quan.number": "{so}/BC"},
            "«{so}/BC» có dấu ngoặc nhọn lạ; dùng được {number}, {office}, {year}.",
        ),
    ],
)
async def test_a_name_of_files_or_papers_that_cannot_be_is_said_at_its_field(
    site: Datasette, home: Home, changes: dict[str, str], sentence: str
) -> None:
    answer = await send(site, DIGEST, **changes)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert not (home.path / "config" / "alerts.yml").exists()
