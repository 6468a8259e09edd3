"""``/cai-dat/ban-tin/TÊN/noi-nhan/SỐ``: where a digest goes, one channel a form; secrets are never shown."""

import asyncio
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from datasette.utils.asgi import NotFound, Response

from archive.config import ConfigError
from archive.config_edit import OURS_ALONE, ChangedMeanwhile
from archive.reasons import reason
from archive.web.forms import values
from archive.web.request import PageRequest
from archive.web.views.settings.form import Field, Form, Problem, in_order, number, put
from archive.web.views.settings.store import ALERTS, home_of, opened, save

KINDS = ("smtp", "file", "atom", "webhook", "apprise")
SECRET = {"smtp": ("password",), "webhook": ("url",), "apprise": ("url",)}
NEW = "moi"
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_MAILBOX = re.compile(r"[^\s<>@,;:\"]+@[^\s<>@,;:\".]+(\.[^\s<>@,;:\".]+)+")
_PATH = re.compile(r"(?!/|~|.*\.\.)[^\0]+")


def _is_mailbox(text: str) -> bool:
    return bool(_VARIABLE.fullmatch(text) or _MAILBOX.fullmatch(parseaddr(text)[1]))


def check_mailbox(text: str) -> Problem:
    """What is wrong with an e-mail address, with or without a name before it; ``${NAME}`` may stand for it."""
    return "" if _is_mailbox(text) else reason("set_no_mailbox", text=text[:100])


def _mailboxes(text: str) -> Problem:
    wrong = [line.strip() for line in text.split("\n") if line.strip() and not _is_mailbox(line.strip())]
    return reason("set_no_mailbox", text=wrong[0][:100]) if wrong else ""


def _host(text: str) -> Problem:
    fine = _VARIABLE.fullmatch(text) or re.fullmatch(r"[\w.:-]+", text)
    return "" if fine else reason("set_no_host", text=text[:100])


def _port(text: str) -> Problem:
    return (
        "" if text.isascii() and text.isdigit() and 0 < int(text) < 65536 else reason("set_no_port", text=text)
    )


def _path(text: str) -> Problem:
    return "" if _PATH.fullmatch(text) else reason("set_no_path", text=text[:100])


def _link(text: str) -> Problem:
    fine = _VARIABLE.search(text) or re.match(r"https?://[^\s/]+", text)
    return "" if fine else reason("set_no_link", text="…")


def _link_or_mail(text: str) -> Problem:
    return "" if text.startswith("mailto:") else _link(text)


def _name(text: str) -> Problem:
    return "" if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,30}", text) else reason("set_bad_name", text=text[:60])


_TLS = (("starttls", "set.tls.starttls"), ("ssl", "set.tls.ssl"), ("none", "set.tls.none"))
_FORMATS = tuple((name, f"set.format.{name}") for name in ("html", "text", "docx", "pdf", "json"))
_ATTACH = tuple((name, f"set.format.{name}") for name in ("docx", "pdf"))
FIELDS: dict[str, tuple[Field, ...]] = {
    "smtp": (
        Field("to", "long", most=20_000, needed=True, check=_mailboxes),
        Field("sender", needed=True, check=check_mailbox),
        Field("host", needed=True, check=_host),
        Field("port", needed=True, check=_port),
        Field("tls", "choice", _TLS),
        Field("user"),
        Field("password", "secret", most=1000),
        Field("attach", "ticks", _ATTACH),
        Field("reply_to", check=check_mailbox),
        Field("unsubscribe", check=_link_or_mail),
    ),
    "file": (Field("path", needed=True, check=_path), Field("formats", "ticks", _FORMATS)),
    "atom": (Field("path", needed=True, check=_path, label="atom_path"), Field("entries", "number")),
    "webhook": (Field("url", "secret", most=2000, check=_link),),
    "apprise": (Field("url", "secret", most=2000),),
}
_EMPTY: dict[str, dict[str, Any]] = {
    "smtp": {"port": 587, "tls": "starttls"},
    "file": {"path": "digests", "formats": ["html", "text"]},
    "atom": {"entries": 30},
}


def fields_of(kind: str) -> tuple[Field, ...]:
    """The fields of a kind of channel, its name among the channels last."""
    return (*FIELDS[kind], Field("name", check=_name, label="channel_name"))


def secret_state(value: Any) -> tuple[str, str]:
    """How a secret is set, without showing it: ``none``, ``set``, or ``by`` and the name of its variable."""
    if not value:
        return "none", ""
    match = _VARIABLE.fullmatch(str(value))
    return ("by", match[1]) if match else ("set", "")


def summary(block: dict[str, Any]) -> str:
    """A channel in one line, without its secrets."""
    kind = block.get("type")
    if kind == "smtp":
        return ", ".join(map(str, block.get("to") or []))
    if kind == "webhook":
        return str(block.get("url", "")) if secret_state(block.get("url"))[0] == "by" else ""
    return "" if kind == "apprise" else str(block.get("path", ""))


def _form_of(kind: str, block: dict[str, Any], version: str) -> Form:
    usual = _EMPTY.get(kind, {})
    shown = block or usual
    typed: dict[str, Any] = {}
    for one in fields_of(kind):
        value = shown.get(one.name, usual.get(one.name, ""))
        if one.kind == "secret":
            typed[one.name] = ""
        elif one.kind == "tick":
            typed[one.name] = bool(value)
        elif one.kind == "ticks":
            typed[one.name] = [str(each) for each in value or ()]
        else:
            typed[one.name] = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
    return Form(fields_of(kind), typed, version)


async def channel(req: PageRequest) -> Response:
    """The form of one channel, a new one where the address says ``moi``; and its answer."""
    name, number_ = req.url_vars["name"], req.url_vars["number"]
    file = await opened(req, ALERTS)
    block = file.data.get(name)
    if not isinstance(block, dict):
        raise NotFound(f"no digest {name}")
    given = await values(req) if req.request.method == "POST" else {}
    at, existing = _found(block.get("channels") or [], number_)
    kind = str(existing.get("type")) if existing else (given.get("loai") or [req.arg("loai")])[0]
    if kind not in KINDS:
        raise NotFound(f"no channel {kind}")
    form = _form_of(kind, existing, file.version)
    if not given:
        return await _page(req, name, kind, existing, form, at)
    sent = Form.sent(fields_of(kind), given)
    return await _save(req, (name, kind, at), existing, sent, form, removing="bo" in given)


def _found(channels: list[Any], number_: str) -> tuple[int | None, dict[str, Any]]:
    if number_ == NEW:
        return None, {}
    at = int(number_) - 1
    if not 0 <= at < len(channels) or not isinstance(channels[at], dict):
        raise NotFound(f"no channel {number_}")
    return at, channels[at]


async def _save(
    req: PageRequest, about: tuple[str, str, int | None], existing: dict[str, Any], sent: Form, form: Form, *,
    removing: bool,
) -> Response:  # fmt: skip
    name, kind, at = about
    sent.problems |= {} if removing else _missing_secret(kind, existing, sent)
    if removing:
        sent.problems = {}
    code = "set_channel_removed" if removing else "set_channel"
    try:
        if sent.fine:
            what = reason(code, digest=name, kind=kind)
            await save(req, ALERTS, sent.version, _change(name, kind, at, None if removing else sent), what)
            await asyncio.to_thread(_hide, home_of(req).config(ALERTS), kind, sent)
            return Response.redirect(req.path(f"/cai-dat/ban-tin/{name}", {"da": "luu"}) + "#noi-nhan", 303)
    except ChangedMeanwhile:
        sent.compared(form).top = reason("set_changed")
    except ConfigError as error:
        sent.top = str(error)
    return await _page(req, name, kind, existing, sent, at, status=400)


def _hide(path: Path, kind: str, sent: Form) -> None:
    """A file that a secret was written into is readable by its owner alone."""
    if any(secret_state(sent.typed[name])[0] == "set" for name in SECRET.get(kind, ())):
        path.chmod(path.stat().st_mode & OURS_ALONE)


def _missing_secret(kind: str, existing: dict[str, Any], sent: Form) -> dict[str, Problem]:
    """A webhook without address goes nowhere; a password may be missing, or stay as it is."""
    needs = kind in ("webhook", "apprise") and not sent.text("url")
    has = existing.get("url") or existing.get("url_env")
    return {"url": reason("set_needed")} if needs and not has else {}


def _change(name: str, kind: str, at: int | None, sent: Form | None) -> Any:
    """What to do to the data of alerts.yml; without a form the channel is taken away."""

    def change(data: dict[str, Any]) -> None:
        channels = data[name].setdefault("channels", [])
        if sent is None:
            if at is not None:
                del channels[at]
        elif at is None:
            channels.append(_written(kind, {"type": kind}, sent))
        else:
            _written(kind, channels[at], sent)

    return change


def _written(kind: str, block: dict[str, Any], sent: Form) -> dict[str, Any]:
    for one in fields_of(kind):
        value = _value(one, sent, block.get(one.name))
        if one.kind == "secret":
            if value:
                block[one.name] = value
                block.pop("url_env", None)
        elif value in ("", False, []) and one.name not in _EMPTY.get(kind, {}):
            block.pop(one.name, None)
        else:
            put(block, one.name, value)
    return block


def _value(one: Field, sent: Form, before: Any) -> Any:
    if one.name == "to":
        return sent.lines("to")
    if one.kind == "ticks":
        return in_order(before or [], sent.typed[one.name])
    text = sent.text(one.name)
    return number(text) if text and (one.kind == "number" or one.name == "port") else text


async def _page(
    req: PageRequest, name: str, kind: str, existing: dict[str, Any], form: Form, at: int | None, *,
    status: int = 200,
) -> Response:  # fmt: skip
    return await req.render(
        "settings/channel.html",
        status=status,
        form=form,
        digest=name,
        kind=kind,
        number=NEW if at is None else at + 1,
        secrets={key: secret_state(existing.get(key)) for key in SECRET.get(kind, ())},
    )
