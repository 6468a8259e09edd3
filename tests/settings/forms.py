"""Forms of the settings as a browser without scripts sends them, and what came of it."""

import html
import re
from contextlib import closing
from typing import Any

import httpx
from datasette.app import Datasette

from archive.config_edit import open_config
from archive.desk import log
from archive.desk.db import open_desk
from archive.home import Home
from tests.web_sample import words

DIGEST = "/cai-dat/ban-tin/hang-ngay"

LONG = "ấ" * 100_000


def filled(page: httpx.Response, action: str) -> dict[str, Any]:
    """The fields of the form with this address, as a browser without scripts would send them."""
    form = next(
        one
        for one in re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)
        if f'action="{html.escape(action)}"' in one and 'method="post"' in one
    )
    data: dict[str, Any] = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        name, value = (re.search(rf'\b{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and not (("checkbox" in tag) and " checked" not in tag):
            data.setdefault(html.unescape(name[1]), []).append(html.unescape(value[1]) if value else "")
    for name, inner in re.findall(r'<textarea\b[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        data[html.unescape(name)] = html.unescape(inner)
    for name, inner in re.findall(r'<select\b[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner) or re.search(r'value="([^"]*)"', inner)
        data[name] = chosen[1] if chosen else ""
    return data


async def send(site: Datasette, path: str, action: str = "", **changes: Any) -> httpx.Response:
    """Open a page, change some fields of a form and send it."""
    page = await site.client.get(path)
    action = action or path.split("?")[0]
    data = filled(page, action) | changes
    cookies = {"ds_csrftoken": page.cookies["ds_csrftoken"]}
    return await site.client.post(
        action, data={k: v for k, v in data.items() if v is not None}, cookies=cookies
    )


def digest_of(home: Home) -> dict[str, Any]:
    block: dict[str, Any] = open_config(home, "alerts.yml").data["hang-ngay"]
    return block


def logged(home: Home) -> list[str]:
    with closing(open_desk(home.desk_db)) as desk:
        return [entry.what for entry in log.entries(desk)]


async def add_mail(site: Datasette) -> None:
    """A mail channel for three, with a password."""
    new = f"{DIGEST}/noi-nhan/moi"
    good = await send(
        site, f"{new}?loai=smtp", new, to="an@so.gov.vn\n${LEADER}\nBình <binh@so.gov.vn>",
        sender="Điểm Tin <tin@so.gov.vn>", host="mail.so.gov.vn", attach=["docx", "pdf"],
        **{"mat-khau.password": "bí mật 9"},
    )  # fmt: skip
    assert good.status_code == 303, words(good)
