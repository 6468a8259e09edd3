"""Pictures of articles, of which the archive keeps addresses: linked to, and shown where a reader asks for one.

Only a reader who switched it on is offered to see a picture, and only when the button of its page is pressed
the browser asks the outlet for it. In public there is the link alone.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from datasette.utils.asgi import Response

from archive.text import safe_url
from archive.web import headers
from archive.web.forms import from_here
from archive.web.request import PageRequest

_COOKIE = "diemtin_pictures"
_YEAR = 365 * 24 * 3600
_PORTS = (None, 80, 443)
# A name with a dot, its last part no number: no machine of the reader's own network, no sign of a policy.
_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)+(?!local$|localhost$|internal$|home$|lan$)(?:xn--)?[a-z][a-z0-9-]{1,62}"
)


@dataclass(frozen=True, slots=True)
class Picture:
    """``origin`` is scheme and host, as a policy names them; ``shown``: the browser is to load it."""

    url: str
    origin: str
    host: str
    offered: bool = False
    shown: bool = False


def picture_of(req: PageRequest, address: str | None) -> Picture | None:
    """The picture at an address; None where no picture of an outlet can be there."""
    found = _parsed(address)
    if found is None:
        return None
    url, origin, host = found
    offered = switched_on(req)
    return Picture(
        url, origin, host, offered, offered and req.arg("anh") == "1" and from_here(req.request.headers)
    )


def switched_on(req: PageRequest) -> bool:
    """Whether the reader wants to be offered pictures; never in public."""
    return not req.public and req.may("reader") and req.request.cookies.get(_COOKIE) == "1"


def switch(req: PageRequest, response: Response, on: bool) -> None:
    """Remember in this browser whether pictures are offered."""
    age, https = _YEAR if on else 0, req.request.scheme == "https"
    value = "1" if on else ""
    response.set_cookie(_COOKIE, value, max_age=age, httponly=True, samesite="strict", secure=https)


def allow(response: Response, picture: Picture | None) -> Response:
    """The answer, with leave to load the picture from its host where it is shown."""
    if picture and picture.shown:
        response.headers["content-security-policy"] = headers.with_pictures_of(picture.origin)
    return response


def _parsed(address: str | None) -> tuple[str, str, str] | None:
    url = safe_url(address)
    if url is None:
        return None
    parts = urlsplit(url)
    try:
        host, port = str(parts.hostname).encode("idna").decode("ascii").lower(), parts.port
    except (UnicodeError, ValueError):
        return None
    if "@" in parts.netloc or port not in _PORTS or not _HOST.fullmatch(host):
        return None
    return url, f"{parts.scheme}://{host}" + (f":{port}" if port else ""), host
