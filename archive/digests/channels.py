"""Where editions go: the kinds of channels alerts.yml may name, and the secrets they need."""

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from archive.config import ConfigError, as_block
from archive.digests.mail.addresses import PLACEHOLDER, AddressError, check, link, parse
from archive.i18n import current
from archive.reasons import reason

Format = Literal["html", "text", "docx", "pdf", "json"]
EXTENSIONS: dict[Format, str] = {
    "html": ".html", "text": ".txt", "docx": ".docx", "pdf": ".pdf", "json": ".json",
}  # fmt: skip
MEDIA: dict[Format, str] = {
    "html": "text/html; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "json": "application/json",
}

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_ADDRESS = re.compile(r"(?<![^\s<>@,;:])[^\s<>@,;:]++@[^\s<>@,;:]+")
_LINK = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


Ready = Callable[[], None]  # called when a text is about to go out; raises Undelivered where it must not


class Undelivered(Exception):
    """A channel did not take an edition; ``reason`` is a stored reason without addresses or secrets.

    ``final``: it never will; ``unsure``: it may have taken it, for no answer came.
    """

    def __init__(self, code: str, *, final: bool = False, unsure: bool = False, **params: object) -> None:
        self.reason = reason(code, **params)
        self.final, self.unsure = final, unsure
        super().__init__(self.reason)


def at_once() -> None:
    """The ``Ready`` of what nobody else could be sending."""


class FileChannel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A folder that gets one file per edition and format."""

    path: str
    formats: tuple[Format, ...] = ("html", "text")
    name: str = ""


class AtomChannel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A feed file holding the newest editions."""

    path: str
    entries: int = 30
    name: str = ""


class _Quiet(msgspec.Struct, frozen=True):
    """A channel that holds secrets: its name is all that a log or traceback may say of it."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class SmtpChannel(_Quiet, frozen=True, forbid_unknown_fields=True):
    """E-mail by SMTP; every recipient is a delivery of its own."""

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    tls: Literal["starttls", "ssl", "none"] = "starttls"
    user: str = ""
    password: str = ""
    reply_to: str = ""
    unsubscribe: str = ""
    attach: tuple[Literal["docx", "pdf"], ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        if not self.to:
            raise ValueError(current()("config.mail.nobody"))
        if self.tls == "none" and self.password and self.host not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError(current()("config.mail.in_clear"))
        if not self.host.strip() or not 0 < self.port < 65536:
            raise ValueError(current()("config.mail.no_server", host=self.host, port=self.port))


class WebhookChannel(_Quiet, frozen=True, forbid_unknown_fields=True):
    """An address that gets the edition as JSON by POST; ``private``: its name may lead to a private one."""

    url: str
    headers: dict[str, str] = {}
    name: str = ""
    private: bool = False

    def __post_init__(self) -> None:
        """A secret stands there as a placeholder: what it makes of the address is known when it is sent."""
        if not PLACEHOLDER.search(self.url) and not is_web_address(self.url):
            raise ValueError(current()("config.webhook.url"))


class AppriseChannel(_Quiet, frozen=True, forbid_unknown_fields=True):
    """An Apprise address (Telegram, Zalo, Teams, Slack …) that gets a short text."""

    url: str = ""
    url_env: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if bool(self.url) == bool(self.url_env):
            raise ValueError(current()("config.channel.url"))


def is_web_address(url: str) -> bool:
    """Whether an address is one of the web, with a host and a port that can be."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


Channel = FileChannel | AtomChannel | SmtpChannel | WebhookChannel | AppriseChannel

KINDS: dict[str, type[Channel]] = {
    "file": FileChannel,
    "atom": AtomChannel,
    "smtp": SmtpChannel,
    "webhook": WebhookChannel,
    "apprise": AppriseChannel,
}


def as_channels(path: Path, block: str, items: list[dict[str, Any]]) -> dict[str, Channel]:
    """The channels of one digest by key: their own name, else their kind and number (``smtp-1``).

    Raises ConfigError naming file, block and key.
    """
    channels: dict[str, Channel] = {}
    for number, item in enumerate(items):
        where = f"{block}[{number}]"
        channel, kind = _as_channel(path, where, item)
        same_kind = sum(1 for known in channels.values() if type(known) is type(channel))
        key = channel.name or f"{kind}-{same_kind + 1}"
        if not _NAME.fullmatch(key):
            raise _wrong(path, f"{where}.name", "config.channel.name", name=key)
        if key in channels:
            raise _wrong(path, f"{where}.name", "config.channel.twice", name=key)
        channels[key] = channel
    return channels


def _as_channel(path: Path, where: str, item: Any) -> tuple[Channel, str]:
    if not isinstance(item, dict):
        raise _wrong(path, where, "config.channel.type")
    kind = item.get("type")
    if kind not in KINDS:
        raise _wrong(path, f"{where}.type", "config.channel.kind", name=kind, known=", ".join(KINDS))
    rest = {key: value for key, value in item.items() if key != "type"}
    if kind == "smtp":
        return _as_mail(path, where, rest), kind
    return as_block(path, where, rest, KINDS[kind]), kind


def _as_mail(path: Path, where: str, block: dict[str, Any]) -> SmtpChannel:
    """A channel by mail, its ``to`` with an entry for each recipient; a line of alerts.yml may name several."""
    if isinstance(block.get("to"), str):
        block["to"] = [block["to"]]
    channel = as_block(path, where, block, SmtpChannel)
    to = [one for n, text in enumerate(channel.to) for one in _checked(path, f"{where}.to[{n}]", text)]
    if len(_checked(path, f"{where}.sender", channel.sender)) > 1:
        raise _no_address(path, f"{where}.sender", AddressError("several", channel.sender))
    if channel.reply_to:
        _checked(path, f"{where}.reply_to", channel.reply_to)
    if channel.unsubscribe and not PLACEHOLDER.search(channel.unsubscribe):
        try:
            link(channel.unsubscribe)
        except AddressError as error:
            raise _no_address(path, f"{where}.unsubscribe", error) from error
    return msgspec.structs.replace(channel, to=_once(to))


def _checked(path: Path, where: str, text: str) -> list[str]:
    try:
        return check(text)
    except AddressError as error:
        raise _no_address(path, where, error) from error


def _no_address(path: Path, where: str, error: AddressError) -> ConfigError:
    return _wrong(path, where, f"config.mail.{error.code}", text=error.text)


def _wrong(path: Path, where: str, key: str, **values: object) -> ConfigError:
    return ConfigError(f"{path}: {where}: {current()(key, **values)}")


def _once(entries: list[str]) -> tuple[str, ...]:
    """The entries without those whose address is there already: nobody gets an edition twice."""
    known: dict[str, str] = {}
    for entry in entries:
        known.setdefault(entry if PLACEHOLDER.search(entry) else parse(entry).address.lower(), entry)
    return tuple(known.values())


def recipients(channels: Mapping[str, Channel]) -> dict[str, tuple[Channel, str]]:
    """Delivery keys of a digest, with channel and recipient: ``file-1``; ``smtp-1.2`` is the second of several.

    The keys stand in archive.db, which is served: they never hold a recipient or an address.
    """
    by_key: dict[str, tuple[Channel, str]] = {}
    for key, channel in channels.items():
        to = channel.to if isinstance(channel, SmtpChannel) else ("",)
        for number, one in enumerate(to, 1):
            by_key[key if len(to) == 1 else f"{key}.{number}"] = (channel, one)
    return by_key


def kind_of(channel: Channel) -> str:
    """``smtp``, ``file`` …: what alerts.yml calls it."""
    return next(kind for kind, known in KINDS.items() if isinstance(channel, known))


def ways(channels: Mapping[str, Channel]) -> list[tuple[str, int]]:
    """The kinds of channels an edition goes by, each with how many deliveries."""
    return list(Counter(kind_of(channel) for channel, _ in recipients(channels).values()).items())


@dataclass(frozen=True, slots=True)
class Secrets:
    """What ``${NAME}`` in a channel stands for: the environment, then the secrets file."""

    values: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    @classmethod
    def read(cls, path: Path | None, environ: Mapping[str, str] = os.environ) -> "Secrets":
        """Raises ConfigError when the file cannot be read or a line is not ``NAME=value``."""
        return cls({**_secrets_file(path), **environ} if path else environ)

    def fill(self, text: str) -> str:
        """The text with every ``${NAME}`` filled in; raises Undelivered naming one that is not set."""

        def value(match: re.Match[str]) -> str:
            if match[1] not in self.values:
                raise Undelivered("secret_missing", name=match[1])
            return self.values[match[1]]

        return PLACEHOLDER.sub(value, text)


def _secrets_file(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(current()("config.unreadable", path=path, why=error.strerror)) from error
    values = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            line = current()("config.line", n=number)
            raise ConfigError(f"{path}{line}: {current()('config.secret_line')}")
        values[name.strip()] = value.strip()
    return values


def scrub(text: str) -> str:
    """One short line of a foreign error text, without addresses: archive.db is served to readers."""
    plain = _ADDRESS.sub("…@…", _LINK.sub("…", " ".join(text.split())))
    return plain if len(plain) <= 200 else plain[:199] + "…"
