"""Fetch one page for ``read`` and ``sources``: with our name, and only where robots.txt lets us."""

from urllib.parse import urlsplit

import httpx
from protego import Protego

from archive.config import ConfigError
from crawler.settings import ROBOTSTXT_USER_AGENT, user_agent
from crawler.sources import Sources

TIMEOUT = 30.0  # seconds


def fetch(url: str, sources: Sources) -> tuple[bytes, str, str]:
    """Body, final address and content type of a page.

    Raises ConfigError in one line when robots.txt forbids it or it does not answer with a page.
    """
    headers = {"User-Agent": user_agent(sources.contact)}
    with httpx.Client(headers=headers, follow_redirects=True, timeout=TIMEOUT) as client:
        try:
            if not _allowed(client, url):
                raise ConfigError(f"{url}: robots.txt does not allow it")
            answer = client.get(url)
        except httpx.HTTPError as error:
            raise ConfigError(f"{url}: cannot be reached ({error})") from error
    if answer.status_code != httpx.codes.OK:
        raise ConfigError(f"{url}: answered {answer.status_code}")
    return answer.content, str(answer.url), answer.headers.get("content-type", "")


def _allowed(client: httpx.Client, url: str) -> bool:
    parts = urlsplit(url)
    robots = client.get(f"{parts.scheme}://{parts.netloc}/robots.txt")
    if robots.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise ConfigError(f"{url}: robots.txt answered {robots.status_code}, try again later")
    if robots.status_code != httpx.codes.OK:
        return True
    return bool(Protego.parse(robots.text).can_fetch(url, ROBOTSTXT_USER_AGENT))
