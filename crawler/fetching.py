"""Visit pages one by one for ``read`` and ``sources``: with our name, after robots.txt, never in haste."""

import socket
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from protego import Protego

from archive.config import ConfigError
from crawler.middlewares import LONGEST_CRAWL_DELAY
from crawler.resolver import is_public
from crawler.settings import DOWNLOAD_MAXSIZE, REDIRECT_MAX_TIMES, ROBOTSTXT_USER_AGENT, user_agent
from crawler.sources import Sources

TIMEOUT = 30.0  # seconds without a byte
LONGEST = 90.0  # seconds for a whole page
BLOCKED = frozenset({401, 403, 429, 451})
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a visit; ``problem`` says in a few words why there is no page.

    ``status`` is 0 where nobody answered; ``refused`` where the site does not want us.
    """

    url: str
    status: int = 0
    body: bytes = b""
    content_type: str = ""
    problem: str = ""
    refused: bool = False


@dataclass(slots=True)
class Robots:
    """A host's robots.txt; ``problem`` says why nothing may be fetched now (RFC 9309, 2.3.1.4)."""

    status: int
    rules: Any = None
    problem: str = ""
    sitemaps: list[str] = field(default_factory=list)
    crawl_delay: float | None = None

    def allows(self, url: str) -> bool:
        """Whether our name may fetch an address."""
        return self.rules is None or bool(self.rules.can_fetch(url, ROBOTSTXT_USER_AGENT))


class Visitor:
    """Fetches from the hosts that ``own`` allows, ``delay`` seconds apart or as long as robots.txt asks.

    Names that lead to private addresses are refused unless they are in ``private``. One thread only.
    """

    def __init__(
        self,
        contact: str,
        delay: float = 0.0,
        *,
        own: Callable[[str], object] = bool,
        private: Collection[str] = (),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = httpx.Client(headers={"User-Agent": user_agent(contact)}, timeout=TIMEOUT)
        self._delay, self._own, self._private, self._sleep = delay, own, private, sleep
        self._robots: dict[str, Robots] = {}
        self._last = float("-inf")
        self.requests = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, url: str) -> Reply:
        """The page at an address, redirects followed on allowed hosts; never raises for what a site does."""
        return self._follow(url, self._forbidden)

    def robots(self, url: str) -> Robots:
        """The robots.txt of an address's host, fetched once."""
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._robots:
            self._robots[host] = self._read_robots(f"{host}/robots.txt")
            self._delay = max(self._delay, self._robots[host].crawl_delay or 0.0)
        return self._robots[host]

    def _read_robots(self, url: str) -> Robots:
        reply = self._follow(url, self._misled)
        if reply.status == 0:
            return Robots(0, problem=reply.problem)
        if reply.status >= httpx.codes.INTERNAL_SERVER_ERROR or reply.status == httpx.codes.TOO_MANY_REQUESTS:
            return Robots(reply.status, problem=f"robots.txt answered {reply.status}, try again later")
        if reply.problem:
            return Robots(reply.status)
        rules = Protego.parse(reply.body.decode("utf-8", "replace"))
        asked = rules.crawl_delay(ROBOTSTXT_USER_AGENT)
        delay = min(float(asked), LONGEST_CRAWL_DELAY) if asked else None
        return Robots(reply.status, rules, "", list(rules.sitemaps), delay)

    def _follow(self, url: str, forbidden: Callable[[str], Reply | None]) -> Reply:
        for _ in range(REDIRECT_MAX_TIMES + 1):
            if refusal := forbidden(url):
                return refusal
            reply = self._ask(url)
            if isinstance(reply, Reply):
                return reply
            url = reply
        return Reply(url, 302, problem="redirects without end", refused=True)

    def _forbidden(self, url: str) -> Reply | None:
        if _host(url) and not self._own(urlsplit(url).netloc):
            return Reply(url, problem=f"leads to another host, {urlsplit(url).netloc}")
        if misled := self._misled(url):
            return misled
        robots = self.robots(url)
        if robots.problem:
            return Reply(url, robots.status, problem=robots.problem)
        return (
            None
            if robots.allows(url)
            else Reply(url, 200, problem="robots.txt does not allow it", refused=True)
        )

    def _misled(self, url: str) -> Reply | None:
        """A refusal for addresses that lead into the machine's own network, or are none."""
        host = _host(url)
        if not host:
            return Reply(url, problem="is no http(s) address")
        if host not in self._private and (address := _private_address(host)):
            return Reply(url, problem=f"{host} leads to the private address {address}")
        return None

    def _ask(self, url: str) -> Reply | str:
        """One request; a redirect gives the address it leads to. Cookies are not kept, as in a crawl."""
        self._wait()
        self.requests += 1
        self._client.cookies.clear()
        try:
            with self._client.stream("GET", url) as answer:
                if answer.has_redirect_location and answer.next_request:
                    return str(answer.next_request.url)
                return _reply(url, answer)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return Reply(url, problem=f"cannot be reached ({_reason(error)})")
        finally:
            self._last = time.monotonic()

    def _wait(self) -> None:
        if (left := self._last + self._delay - time.monotonic()) > 0:
            self._sleep(left)


def _reply(url: str, answer: httpx.Response) -> Reply:
    status, kind = answer.status_code, answer.headers.get("content-type", "")
    if status in BLOCKED or "cf-mitigated" in answer.headers:
        return Reply(url, status, content_type=kind, problem=f"answered {status}", refused=True)
    if status != httpx.codes.OK:
        return Reply(url, status, content_type=kind, problem=f"answered {status}")
    body, end = bytearray(), time.monotonic() + LONGEST
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > DOWNLOAD_MAXSIZE:
            return Reply(url, status, problem=f"is larger than {DOWNLOAD_MAXSIZE // _MEGABYTE} MB")
        if time.monotonic() > end:
            return Reply(url, status, problem=f"takes longer than {LONGEST:g} s")
    return Reply(url, status, bytes(body), kind)


def _host(url: str) -> str:
    """The host of an http(s) address, empty for anything else."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "" if parts.scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _private_address(host: str) -> str:
    """The first address of a host that is not public; empty for a public or unknown one."""
    try:
        found = {str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return ""
    return next((address for address in sorted(found) if not is_public(address)), "")


def _reason(error: Exception) -> str:
    """Why a request failed, in a few words."""
    said = str(error)
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ConnectError):
        if any(word in said for word in ("resolution", "not known", "No address", "nodename")):
            return "name not found"
        return "connection refused" if "refused" in said else said or "no connection"
    return said or type(error).__name__


def fetch(url: str, sources: Sources) -> tuple[bytes, str, str]:
    """Body, final address and content type of a page.

    Raises ConfigError in one line when robots.txt forbids it or it does not answer with a page.
    """
    host = urlsplit(url).hostname or ""
    with Visitor(sources.contact, private={host}) as visitor:
        reply = visitor.get(url)
    if reply.problem:
        raise ConfigError(f"{url}: {reply.problem}")
    return reply.body, reply.url, reply.content_type
