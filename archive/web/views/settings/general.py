"""``/cai-dat``: what there is to set; ``/cai-dat/chung``: who answers for the crawler, where the archive is."""

import re
from typing import Any
from urllib.parse import urlsplit

from datasette.utils.asgi import Response

from archive.config import ConfigError
from archive.config_edit import ChangedMeanwhile, ConfigFile
from archive.digests.config import DEFAULTS_BLOCK
from archive.reasons import reason
from archive.web.access import is_loopback
from archive.web.forms import values
from archive.web.request import PageRequest
from archive.web.views.settings.channels import check_mailbox
from archive.web.views.settings.form import Field, Form, Problem
from archive.web.views.settings.store import ALERTS, SOURCES, opened, save

_USUAL = "http://127.0.0.1:8001"


def _contact(text: str) -> Problem:
    fine = re.fullmatch(r"https?://[^\s/]+\S*", text) or not check_mailbox(text)
    return "" if fine and text.isascii() and "\n" not in text else reason("set_no_contact", text=text[:100])


def _address(text: str) -> Problem:
    try:
        parts = urlsplit(text)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    return "" if fine and not re.search(r"\s", text) else reason("set_no_archive_url", text=text[:100])


CONTACT = Field("contact", check=_contact)
ARCHIVE_URL = Field("archive_url", needed=True, check=_address)


async def overview(req: PageRequest) -> Response:
    """The rooms of settings, with what asks to be set."""
    alerts = await opened(req, ALERTS)
    crawling = req.site.crawling
    return await req.render(
        "settings/overview.html",
        wants_url=wants_url(alerts),
        wants_contact=bool(crawling and not crawling.contact()),
        crawls=crawling is not None,
    )


def wants_url(alerts: ConfigFile) -> bool:
    """Whether mails go out whose links lead to the reader's own machine."""
    url = str((alerts.data.get(DEFAULTS_BLOCK) or {}).get("archive_url", _USUAL))
    channels = [
        channel
        for block in alerts.data.values()
        if isinstance(block, dict)
        for channel in block.get("channels") or []
    ]
    mails = any(isinstance(one, dict) and one.get("type") == "smtp" for one in channels)
    try:
        return mails and is_loopback(urlsplit(url).hostname or "localhost")
    except ValueError:
        return mails


async def general(req: PageRequest) -> Response:
    """Two forms, one a file: the archive's address, and the contact of the crawler."""
    given = await values(req) if req.request.method == "POST" else {}
    which = (given.get("viec") or [""])[0]
    url, contact = await _url_form(req), await _contact_form(req)
    forms = {"archive_url": url, "contact": contact}
    if given and (shown := forms.get(which)):
        sent = Form.sent(shown.fields, given)
        try:
            if sent.fine:
                await _save(req, which, sent)
                return Response.redirect(req.path("/cai-dat/chung", {"da": "luu"}), 303)
        except ChangedMeanwhile:
            sent.compared(shown).top = reason("set_changed")
        except ConfigError as error:
            sent.top = str(error)
        forms[which] = sent
    status = 200 if all(form is None or form.fine for form in forms.values()) else 400
    alerts = await opened(req, ALERTS)
    return await req.render(
        "settings/general.html",
        status=status,
        forms=forms,
        wants_url=wants_url(alerts),
        saved=bool(req.arg("da")),
    )


async def _url_form(req: PageRequest) -> Form:
    file = await opened(req, ALERTS)
    url = str((file.data.get(DEFAULTS_BLOCK) or {}).get("archive_url", _USUAL))
    return Form((ARCHIVE_URL,), {"archive_url": url}, file.version)


async def _contact_form(req: PageRequest) -> Form | None:
    """None where nothing crawls."""
    if req.site.crawling is None:
        return None
    file = await opened(req, SOURCES)
    return Form((CONTACT,), {"contact": req.site.crawling.contact()}, file.version)


async def _save(req: PageRequest, which: str, form: Form) -> None:
    value = form.text(which)

    def change(data: dict[str, Any]) -> None:
        key = DEFAULTS_BLOCK if which == "archive_url" else "defaults"
        data[key] = (data.get(key) or {}) | {which: value}

    file = ALERTS if which == "archive_url" else SOURCES
    await save(req, file, form.version, change, reason(f"set_{which}"))
