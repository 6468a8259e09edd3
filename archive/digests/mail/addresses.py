"""Mail addresses as people write them: several in a line, names with commas, domains in Vietnamese."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
LONGEST_LINK = 900  # List-Unsubscribe stays on one line, and a line may hold 998 characters

_TOKEN = re.compile(r'"(?:[^"\\]|\\.){0,998}"|<[^<>]*>|[^,;\r\n"<]+|.', re.DOTALL)
_DIVIDERS = frozenset(",;\r\n")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.){0,998})"', re.DOTALL)
_NAMED = re.compile(rf"([^<>]*|{_QUOTED.pattern}\s*)<([^<>]*)>", re.DOTALL)
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*", re.ASCII)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LINK_SAFE = "%/:?#[]@!$&'()*+,;=~"


class AddressError(ValueError):
    """What is written is no address that mail can go to; ``code`` says why, for ``config.mail.CODE``."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = shorten(text)
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class MailAddress:
    """A name, '' where there is none, and an address in ASCII that every mail server takes."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def split(text: str) -> list[str]:
    """What one line names, an entry for each address, as written.

    A part without an address belongs to the name behind it: ``Nguyễn Văn A, Phòng Tin <a@example.vn>`` is one.
    Raises AddressError for a name that has no address.
    """
    entries, name = [], ""
    for part, divider in _parts(text):
        written = f"{name}{part}"
        if part.endswith(">") or (not name and ("@" in _QUOTED.sub("", part) or PLACEHOLDER.search(part))):
            entries.append(written)
            name = ""
        elif part and divider == ",":
            name = f"{written}, "
        elif written:
            raise AddressError("none", written.removesuffix(", "))
    return entries


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """What stands between commas, semicolons and line ends outside of quotes, each with what ends it."""
    part = ""
    for match in _TOKEN.finditer(text):
        if match[0] in _DIVIDERS:
            yield part.strip(), match[0]
            part = ""
        else:
            part += match[0]
    yield part.strip(), ""


def parse(text: str) -> MailAddress:
    """The one address that a text names; raises AddressError for anything else."""
    entries = split(text)
    if len(entries) != 1:
        raise AddressError("several" if entries else "none", text)
    named = _NAMED.fullmatch(entries[0])
    name, address = (named[1], named[3]) if named else ("", entries[0])
    return MailAddress(_plain_name(name), _plain_address(address))


def check(text: str) -> list[str]:
    """The entries of a line; raises AddressError unless each is an address or has a ``${…}`` to fill in."""
    entries = split(text)
    if not entries:
        raise AddressError("none", text)
    for entry in entries:
        if not PLACEHOLDER.search(entry):
            parse(entry)
    return entries


def link(text: str) -> str:
    """A ``mailto:`` or ``http(s):`` address in plain ASCII; raises AddressError for anything else."""
    bare = text.strip().removeprefix("<").removesuffix(">")
    try:
        plain = _mail_link(bare) if bare.lower().startswith("mailto:") else _web_link(bare)
    except ValueError as error:  # AddressError is one, so are urlsplit's
        raise AddressError("link", text) from error
    if len(plain) > LONGEST_LINK:
        raise AddressError("link", text)
    return plain


def _mail_link(bare: str) -> str:
    to, mark, query = bare[len("mailto:") :].partition("?")
    return f"mailto:{_plain_address(to)}{mark}{quote(' '.join(query.split()), safe=_LINK_SAFE)}"


def _web_link(bare: str) -> str:
    parts = urlsplit(bare)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s<>\"]", bare):
        raise AddressError("link", bare)
    if not parts.netloc.isascii():
        user, at, _ = parts.netloc.rpartition("@")
        port = f":{parts.port}" if parts.port else ""
        parts = parts._replace(netloc=f"{quote(user, safe=':%')}{at}{_plain_domain(parts.hostname)}{port}")
    return quote(parts.geturl(), safe=_LINK_SAFE)


def _plain_name(text: str) -> str:
    name = text.strip()
    if quoted := _QUOTED.fullmatch(name):
        name = re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL)
    return plain_text(name)


def plain_text(text: str) -> str:
    """One line without control characters and halves of characters."""
    line = " ".join(text.split()).encode("utf-8", "replace").decode()
    return " ".join("".join(c for c in line if unicodedata.category(c) != "Cc").split())


def _plain_address(text: str) -> str:
    """The address in ASCII, without the invisible characters that come along when it is copied."""
    bare = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
    local, _, domain = bare.rpartition("@")
    if local and not local.isascii() and not re.search(r"\s", local):
        raise AddressError("local", text)
    if not _LOCAL.fullmatch(local) or len(local) > 64:
        raise AddressError("none", text)
    address = f"{local}@{_plain_domain(domain)}"
    if len(address) > 254:
        raise AddressError("domain", text)
    return address


def _plain_domain(text: str) -> str:
    try:
        domain = text.encode("idna").decode().lower()
    except UnicodeError as error:
        raise AddressError("domain", text) from error
    if not _DOMAIN.fullmatch(domain):
        raise AddressError("domain", text)
    return domain


def shorten(text: str) -> str:
    """The text as a message quotes it."""
    plain = plain_text(text)
    return plain if len(plain) <= 80 else f"{plain[:79]}…"
