"""Serve the archive with uvicorn inside the parent's event loop; the port is taken before anything starts."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import uvicorn

from archive.clock import Clock
from archive.config import ConfigError
from archive.home import Home
from archive.i18n import current

if TYPE_CHECKING:
    from archive.web.access import Access

HOST = "127.0.0.1"


def take_port(host: str, port: int) -> socket.socket:
    """A listening socket; ConfigError with what to do when someone else has the port."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen()  # bound alone, Linux would let a second process bind it too
    except (OSError, OverflowError) as error:
        taken.close()
        why = error.strerror if isinstance(error, OSError) else "there are ports 1 to 65535"
        raise ConfigError(
            f"port {port} on {host} cannot be used ({why}); choose another with --port"
        ) from error
    return taken


def address_line(taken: socket.socket, access: "Access | None", home: Home | None = None) -> str:
    """Where the archive is, and who may read it there."""
    from archive.web.access import have_accounts

    host, port = taken.getsockname()[:2]
    named = f"[{host}]" if ":" in host else host
    kind = "accounts" if have_accounts(home) else "password" if access and access.password else "open"
    if access and access.public:
        kind = "public"
    return current()(f"up.address.{kind}", url=f"http://{named}:{port}/")


class SupervisedServer(uvicorn.Server):
    """A server that leaves the signals to its parent."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections; that none can be taken floods no log."""
        from crawler.service.connections import accept_failed

        asyncio.get_running_loop().set_exception_handler(accept_failed)
        await super().startup(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def build_server(home: Home, now: Clock, access: "Access | None" = None) -> SupervisedServer:
    """The Datasette over the home's archive, ready to serve to those who have access."""
    from archive.web.app import build
    from archive.web.proxies import load_web
    from crawler.asked.explain import Explainer
    from crawler.onboarding.served import ServedCrawler
    from crawler.service import connections
    from crawler.service.log_limit import limit_logs

    explain, crawling = Explainer(home, now), ServedCrawler(home, now)
    app = build(home, now=now, access=access, explain=explain, crawling=crawling).app()
    limit_logs()
    most = connections.room_for(connections.raise_handles())
    return SupervisedServer(
        uvicorn.Config(
            connections.unhurried(app),
            http=connections.protocol(most),
            ws="none",
            h11_max_incomplete_event_size=connections.LONGEST_HEAD,
            backlog=connections.AT_A_TIME,
            forwarded_allow_ips=list(load_web(home.config("web.yml")).proxies),
            server_header=False,
            log_config=None,  # the one log of the process, which has its limit
            log_level="warning",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=3,
        )
    )
