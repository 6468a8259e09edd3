"""Forms sent to our pages: whether one of our own pages sent it, and its fields."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from archive.web.request import PageRequest

_CSRF_COOKIE = "ds_csrftoken"


def own_form(req: PageRequest) -> bool:
    """Whether a page of this archive sent it.

    Datasette compares its token (the field or header ``x-csrftoken``) with its cookie, but lets requests
    without any cookie pass.
    """
    return _CSRF_COOKIE in req.request.cookies and from_here(req.request.headers)


def from_here(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that no other site sent it; programs say nothing."""
    same_site = headers.get("sec-fetch-site", "same-origin") == "same-origin"
    return same_site and ("origin" not in headers or _host(headers["origin"]) == headers.get("host", ""))


def _host(origin: str) -> str | None:
    """The host that an origin names, as the header Host has it; None for ``null``, which others may send."""
    return urlsplit(origin).netloc or None


async def fields(req: PageRequest) -> dict[str, str]:
    """The fields by name, the first of each as it was typed, lines divided by ``\\n``."""
    return {name: given[0] for name, given in (await values(req)).items()}


async def values(req: PageRequest) -> dict[str, list[str]]:
    """The same with all values of each, for boxes that are ticked. The body can be read once."""
    body = (await req.request.post_body()).decode("utf-8", "replace")
    given = parse_qs(body, keep_blank_values=True)
    return {name: [one.replace("\r\n", "\n") for one in some] for name, some in given.items()}
