"""Requests to web addresses of the config: a name is looked up once, and what was checked is dialled."""

import http.client
import socket
import urllib.request
from typing import IO, Any
from urllib.parse import urlsplit

from archive.network.addresses import is_public, names_own_network


class PrivateAddress(OSError):
    """A name leads to an address of one's own network, which nobody wrote down."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are not followed: one could lead what is sent to an address inside the network."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        return None


def opener(*, own_network: bool = False) -> urllib.request.OpenerDirector:
    """What opens http and https addresses, and follows no redirect.

    ``own_network``: a name may lead into one's own network. Raises PrivateAddress, an OSError, in ``open``.
    """
    dial = _dial_any if own_network else _dial

    class Plain(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(_with(http.client.HTTPConnection, dial), req)

    class Secure(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(_with(http.client.HTTPSConnection, dial), req)

    return urllib.request.build_opener(NoRedirect, Plain, Secure)


def _with(kind: Any, dial: Any) -> Any:
    """A maker of connections that are dialled so."""

    def make(host: str, **options: Any) -> Any:
        connection = kind(host, **options)
        connection._create_connection = dial
        return connection

    return make


def _dial_any(address: tuple[str, int], *more: Any) -> socket.socket:
    return socket.create_connection(address, *more)


def _dial(
    address: tuple[str, int], timeout: float | None = None, source: tuple[str, int] | None = None
) -> socket.socket:
    """Look a name up and connect to the first of its addresses that answers; all of them must be public."""
    host, port = address
    if names_own_network(host) or host in _proxies():
        return socket.create_connection(address, timeout, source)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = list(dict.fromkeys(str(where[0]) for *_, where in found))
    private = [number for number in numbers if not is_public(number)]
    if private:
        raise PrivateAddress(f"{host} leads to the private address {private[0]}")
    fault: OSError = OSError(f"no address of {host}")
    for number in numbers:
        try:
            return socket.create_connection((number, port), timeout, source)
        except OSError as error:
            fault = error
    raise fault


def _proxies() -> set[str]:
    """Hosts of the proxies that this machine goes through: they look the names up."""
    return {urlsplit(url).hostname or "" for url in urllib.request.getproxies().values()}
