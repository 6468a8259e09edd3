"""What a process tells systemd (sd_notify(3)): that it is ready, alive or stopping; nothing where none is."""

import asyncio
import os
import socket
from collections.abc import Mapping

_MICROSECONDS = 1_000_000


def notify(state: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Send one state (``READY=1``) to the socket that systemd named; False where it named none."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # Linux' abstract sockets begin with a zero byte
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.sendto(state.encode(), address)
    return True


def watchdog_interval(environment: Mapping[str, str] = os.environ) -> float | None:
    """Seconds between two signs of life, half of what systemd waits (sd_watchdog_enabled(3)); None without."""
    given, process = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not given.isdigit() or process not in ("", str(os.getpid())):
        return None
    return int(given) / _MICROSECONDS / 2


async def keep_alive() -> None:
    """Tell systemd that the event loop turns; one that hangs is started anew."""
    interval = watchdog_interval()
    while interval:
        notify("WATCHDOG=1")
        await asyncio.sleep(interval)
