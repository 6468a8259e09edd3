"""Digests, rules and channels in forms: what is saved is in the YAML, what is wrong stands at its field."""

import html
import re
from typing import Any

import pytest
from datasette.app import Datasette

from archive.digests.config import load_alerts
from archive.home import DEFAULTS, Home
from tests.settings.forms import DIGEST, LONG, add_mail, digest_of, filled, logged, send
from tests.web_sample import words

pytestmark = pytest.mark.timeless


async def test_sending_a_form_as_it_stands_changes_nothing(site: Datasette, home: Home) -> None:
    for path in (DIGEST, f"{DIGEST}/noi-nhan/1", "/cai-dat/chu-de/fdi", "/cai-dat/chu-de/cong-nghiep"):
        answer = await send(site, path)
        assert answer.status_code == 303, words(answer)
    assert not (home.path / "config" / "alerts.yml").exists()
    assert not (home.path / "config" / "topics.yml").exists()
    assert logged(home) == []


async def test_hour_review_and_title_are_written_beside_their_comments(site: Datasette, home: Home) -> None:
    answer = await send(site, DIGEST, title="Điểm tin sáng", hour="06:30", review="until", until="07:15")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{DIGEST}?da=luu")
    block = digest_of(home)
    assert (block["title"], block["schedule"], block["review"]) == (
        "Điểm tin sáng", "daily 06:30", "until 07:15",
    )  # fmt: skip
    text = (home.path / "config" / "alerts.yml").read_text(encoding="utf-8")
    shipped = (DEFAULTS / "alerts.yml").read_text(encoding="utf-8")
    changed = [line.split("#")[0].rstrip() for line in text.splitlines() if line not in shipped.splitlines()]
    assert changed == ['  title: "Điểm tin sáng"', "  schedule: daily 06:30", "  review: until 07:15"]
    assert text.count("#") == shipped.count("#")
    assert "Đã lưu." in words(await site.client.get(answer.headers["location"]))
    assert load_alerts(home.config("alerts.yml")).digest("hang-ngay").review.kind == "until"
    assert len(list((home.path / "config" / "history").iterdir())) == 1


async def test_every_kind_of_hour(site: Datasette, home: Home) -> None:
    for changes, schedule in (
        ({"when": "weekly", "weekday": "fri", "hour": "16:00"}, "weekly fri 16:00"),
        ({"when": "hourly"}, "hourly"),
        ({"when": "cron", "cron": "30 6,15 * * 1-5"}, "30 6,15 * * 1-5"),
        ({"when": "instant"}, "instant"),
        ({"when": "daily", "hour": "07:00"}, "daily 07:00"),
    ):
        assert (await send(site, DIGEST, **changes)).status_code == 303
        assert digest_of(home)["schedule"] == schedule
        shown = filled(await site.client.get(DIGEST), DIGEST)
        assert all(
            value == (shown[name][0] if name in ("hour", "cron") else shown[name])
            for name, value in changes.items()
        )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"hour": "25:00"}, "«25:00» không phải giờ; viết 07:00."),
        ({"hour": "bảy giờ"}, "«bảy giờ» không phải giờ; viết 07:00."),
        ({"hour": ""}, "Ô này cần có chữ."),
        ({"when": "cron", "cron": "mỗi sáng"}, "«mỗi sáng» không phải dòng cron"),
        ({"review": "until", "until": "24:61"}, "«24:61» không phải giờ"),
        ({"when": "instant", "review": "required"}, "thì không chờ duyệt được"),
        ({"title": ""}, "Ô này cần có chữ."),
        ({"title": LONG}, "Dài 100.000 chữ; nhiều nhất 300."),
        ({"max_items": "nhiều"}, "«nhiều» không phải số lớn hơn 0."),
        ({"max_items": "-1"}, "«-1» không phải số lớn hơn 0."),
        ({"topics": []}, "cần ít nhất một chủ đề hoặc một quy tắc"),
        ({"topics": ["khong-co"]}, "«khong-co» không có trong danh sách."),
        ({"when": "<script>alert(1)</script>"}, "không có trong danh sách"),
    ],
)  # fmt: skip
async def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    site: Datasette, home: Home, changes: dict[str, Any], sentence: str
) -> None:
    answer = await send(site, DIGEST, **{"title": "Bản tin <b>của tôi</b>", "max_items": "17"} | changes)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert 'aria-invalid="true"' in answer.text
    assert "<script>alert" not in answer.text
    assert not (home.path / "config" / "alerts.yml").exists()
    typed = filled(answer, DIGEST)
    expected = {"title": "Bản tin <b>của tôi</b>", "max_items": "17"} | changes
    for name in ("title", "max_items", "hour", "cron", "until"):
        if name in expected:
            assert typed[name] == [expected[name]]


async def test_a_file_changed_by_hand_meanwhile_is_not_overwritten(site: Datasette, home: Home) -> None:
    await send(site, DIGEST, hour="06:30")
    form = await site.client.get(DIGEST)
    own = home.path / "config" / "alerts.yml"
    by_hand = own.read_text(encoding="utf-8").replace("max_items: 40", "max_items: 25") + "# của tôi\n"
    own.write_text(by_hand, encoding="utf-8")
    data = filled(form, DIGEST) | {"title": "Tên mới"}
    cookies = {"ds_csrftoken": form.cookies["ds_csrftoken"]}
    answer = await site.client.post(DIGEST, data=data, cookies=cookies)
    assert answer.status_code == 400
    assert own.read_text(encoding="utf-8") == by_hand
    assert "Tệp vừa được sửa ở nơi khác, nên chưa lưu." in words(answer)
    assert "Trong tệp bây giờ là: 25" in words(answer)
    assert filled(answer, DIGEST)["title"] == ["Tên mới"]
    again = await site.client.post(DIGEST, data=filled(answer, DIGEST) | {"max_items": "25"}, cookies=cookies)
    assert again.status_code == 303
    assert (digest_of(home)["title"], digest_of(home)["options"]["max_items"]) == ("Tên mới", 25)
    assert own.read_text(encoding="utf-8").endswith("# của tôi\n")


async def test_recipients_and_a_mail_channel(site: Datasette, home: Home) -> None:
    new = f"{DIGEST}/noi-nhan/moi"
    bad = await send(
        site, f"{new}?loai=smtp", new, to="an@so.gov.vn\nbinh-so.gov.vn", sender="Điểm Tin", host="mail",
        **{"mat-khau.password": "bí mật 9"},
    )  # fmt: skip
    assert bad.status_code == 400
    assert "«binh-so.gov.vn» không phải địa chỉ thư; viết ten@noi.vn." in words(bad)
    assert "«Điểm Tin» không phải địa chỉ thư" in words(bad)
    assert "bí mật 9" not in bad.text
    typed = filled(bad, new)
    assert typed["to"] == "an@so.gov.vn\nbinh-so.gov.vn"
    await add_mail(site)
    assert digest_of(home)["channels"][1] == {
        "type": "smtp", "to": ["an@so.gov.vn", "${LEADER}", "Bình <binh@so.gov.vn>"],
        "sender": "Điểm Tin <tin@so.gov.vn>", "host": "mail.so.gov.vn", "port": 587, "tls": "starttls",
        "password": "bí mật 9", "attach": ["docx", "pdf"],
    }  # fmt: skip


async def test_secrets_are_never_shown_and_stay_when_left_empty(site: Datasette, home: Home) -> None:
    await add_mail(site)
    path = f"{DIGEST}/noi-nhan/2"
    seen = [await site.client.get(one) for one in (path, DIGEST, "/cai-dat/nhat-ky", "/cai-dat")]
    assert all("bí mật 9" not in html.unescape(one.text) for one in seen)
    assert "Mật khẩu đã đặt" in words(seen[0])
    assert (await send(site, path, port="465", tls="ssl")).status_code == 303
    assert (digest_of(home)["channels"][1]["password"], digest_of(home)["channels"][1]["port"]) == (
        "bí mật 9",
        465,
    )
    await send(site, path, **{"mat-khau.password": "${SMTP_PASSWORD}"})
    assert "đặt bằng ${SMTP_PASSWORD}" in words(await site.client.get(path))
    assert "bí mật 9" not in " ".join(logged(home))
    own = home.path / "config" / "alerts.yml"
    own.chmod(0o644)
    await send(site, path, **{"mat-khau.password": "bí mật 10"})
    assert own.stat().st_mode & 0o777 == 0o600
    assert (await send(site, path, bo="1")).status_code == 303
    assert len(digest_of(home)["channels"]) == 1
    assert all(kept.stat().st_mode & 0o077 == 0 for kept in (home.path / "config" / "history").iterdir())


async def test_a_webhook_is_set_by_an_address_that_is_not_shown(site: Datasette, home: Home) -> None:
    new = f"{DIGEST}/noi-nhan/moi"
    assert "Ô này cần có chữ." in words(await send(site, f"{new}?loai=webhook", new))
    assert (
        await send(site, f"{new}?loai=webhook", new, **{"mat-khau.url": "https://x.vn/khoá"})
    ).status_code == 303
    assert (
        "khoá"
        not in (await site.client.get(f"{DIGEST}/noi-nhan/2")).text.partition("<main")[2].partition("</main")[0]
    )
    assert digest_of(home)["channels"][1] == {"type": "webhook", "url": "https://x.vn/khoá"}


async def test_get_this_news_is_tried_and_then_a_rule(site: Datasette, home: Home) -> None:
    search = await site.client.get("/tim", params={"q": '"khu công nghiệp"', "nguon": "songche"})
    link = re.search(r'href="(/cai-dat/quy-tac[^"]*)"', search.text)
    assert link
    trial = await site.client.get(html.unescape(link[1]))
    assert '"khu công nghiệp" nguồn:songche' in words(trial)
    assert re.search(r"\d+ bài 7 ngày qua", words(trial))
    answer = await send(site, html.unescape(link[1]), "/cai-dat/quy-tac", name="kcn-song-che")
    assert answer.headers["location"] == f"{DIGEST}?da=luu#luat"
    assert digest_of(home)["queries"] == {"kcn-song-che": '"khu công nghiệp" nguồn:songche'}
    rules = load_alerts(home.config("alerts.yml")).rules
    assert rules["hang-ngay/kcn-song-che"].query.fts
    again = await send(site, html.unescape(link[1]), "/cai-dat/quy-tac", name="kcn-song-che")
    assert "đã có quy tắc «kcn-song-che»" in words(again)
    await send(site, DIGEST, **{"luat.kcn-song-che": '"cụm công nghiệp"'})
    assert digest_of(home)["queries"] == {"kcn-song-che": '"cụm công nghiệp"'}
    await send(site, DIGEST, **{"bo.kcn-song-che": "1"})
    assert not digest_of(home)["queries"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("-nhà", "Không hiểu hết câu này"),
        ('"chưa đóng', "Không hiểu hết câu này"),
        ("", "Ô này cần có chữ."),
        ("sau:hôm-qua", "Không hiểu hết"),
    ],
)
async def test_a_rule_that_cannot_be_understood(site: Datasette, home: Home, text: str, sentence: str) -> None:
    answer = await send(site, "/cai-dat/quy-tac?q=x", name="thu", q=text)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert 'name="name" value="thu"' in answer.text
    assert not (home.path / "config" / "alerts.yml").exists()


async def test_a_new_digest(site: Datasette, home: Home) -> None:
    assert "chỉ dùng chữ a-z" in words(await send(site, "/cai-dat/ban-tin", name="Bản mới", title="Mới"))
    assert "Đã có bản tin «hang-ngay»" in words(
        await send(site, "/cai-dat/ban-tin", name="hang-ngay", title="Mới")
    )
    assert (await send(site, "/cai-dat/ban-tin", name="tuan", title="Điểm tin tuần")).status_code == 303
    alerts = load_alerts(home.config("alerts.yml"), strict=True)
    assert alerts.digest("tuan").title == "Điểm tin tuần"
    assert len(alerts.digest("tuan").alerts) == 6
    gone = await send(site, "/cai-dat/ban-tin/tuan", **{"bo-ban-tin": "1"})
    assert gone.headers["location"] == "/cai-dat/ban-tin"
    assert list(load_alerts(home.config("alerts.yml"), strict=True).digests) == ["hang-ngay"]
