"""Scrapy's HTTP client that gives up on headers without end and knows a body that was reset."""

from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.web._newclient import BODY
from twisted.web.http import _IdentityTransferDecoder

MOST_OF_HEADERS = 256_000  # bytes of one answer, with its interim answers (1xx, RFC 9110, 15.2)


class EndlessHeaders(Exception):
    """The headers of an answer do not come to an end."""


class AnswerParser(_LenientHTTPClientParser):
    """Gives up on endless headers; takes a reset for what it is, where the body has no length."""

    headers_size = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        self.headers_size += len(line) + 1
        if self.headers_size > MOST_OF_HEADERS:
            raise EndlessHeaders(f"more than {MOST_OF_HEADERS} bytes of headers")
        super().lineReceived(line)

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: N802 - Twisted's name
        if reason is not None and self._was_reset(reason):
            decoder: Any = self.bodyDecoder
            decoder.contentLength = 1  # as if bytes were missing of a body whose length is known
        super().connectionLost(reason)

    def _was_reset(self, reason: Failure) -> bool:
        """Whether a body that ends with the connection was cut; over TLS servers often just hang up."""
        decoder: Any = self.bodyDecoder
        unlimited = isinstance(decoder, _IdentityTransferDecoder) and decoder.contentLength is None
        is_plain = not hasattr(self.transport, "getPeerCertificate")
        return unlimited and is_plain and self.state == BODY and not reason.check(ConnectionDone)  # type: ignore[no-untyped-call]


class AnswerProtocol(_LenientHTTP11ClientProtocol):
    """A connection whose answers are read by the parser above."""

    def request(self, request: Any) -> Any:
        answer = super().request(request)
        parser: Any = self._parser
        parser.__class__ = AnswerParser  # as Scrapy puts in its own: Twisted names the class in its code
        return answer


class AnswerFactory(_LenientHTTP11ClientFactory):
    """Makes these connections."""

    noisy = False

    def buildProtocol(self, addr: Any) -> AnswerProtocol:  # noqa: N802 - Twisted's name
        return AnswerProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class AnswerHandler(HTTP11DownloadHandler):
    """Downloads http and https addresses over these connections."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = AnswerFactory
