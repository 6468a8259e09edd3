"""A page as it was fetched, made so that showing it runs nothing and asks nobody: framed, or on paper."""

import codecs
import re

from archive.network.charsets import text_codec

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_AHEAD = re.compile(rb"<(link|i?frame|object|embed)(?=[\s/>])", re.IGNORECASE)
_META = re.compile(rb"<meta([^>]*+)", re.IGNORECASE)
_REFRESH = re.compile(rb"http-equiv\s*+=\s*+[\"']?\s*+refresh", re.IGNORECASE)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def as_html(body: bytes, content_type: str) -> tuple[bytes, str]:
    """The bytes and the content type to send: always HTML, in the charset they prove or were sent with.

    Tags are put out of use for which Chromium connects to the host before it asks the content policy
    (``<link rel=preconnect>``, ``<iframe src>``: seen in the browser test).
    """
    if body.startswith(_WIDE):
        body = body.decode("utf-16", "replace").encode()
    charset = _charset(body, content_type)
    return _AHEAD.sub(b"<basefont", body), f"text/html{f'; charset={charset}' if charset else ''}"


def as_file(body: bytes, content_type: str) -> bytes:
    """The same as a file of its own: policy and charset stand in it, and it leads nowhere else."""
    html, kind = as_html(body, content_type)
    charset = kind.partition("charset=")[2]
    head = f'<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    if charset:
        head += f'<meta charset="{charset}">'
    return head.encode() + _META.sub(_kept_here, html)


def _charset(body: bytes, content_type: str) -> str:
    """UTF-8 where the bytes are valid, else what the header said; '' leaves it to the page's own tag."""
    try:
        body.decode()
    except UnicodeDecodeError:
        claimed = _CHARSET.search(content_type)
    else:
        return "utf-8"
    return (text_codec(claimed[1]) if claimed else None) or ""


def _kept_here(meta: re.Match[bytes]) -> bytes:
    """A meta as it is; one that would lead the reader elsewhere is a tag that does nothing."""
    return b"<basefont" + meta[1] if _REFRESH.search(meta[1]) else meta[0]
