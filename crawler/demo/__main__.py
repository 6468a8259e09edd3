"""Serve the sample press until Ctrl-C: ``python -m crawler.demo``."""

import signal
import threading

from archive.clock import utc_now
from crawler.demo.press import DemoPress


def main() -> None:
    """Print each outlet's address, and serve until Ctrl-C or SIGTERM."""
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    with DemoPress(utc_now()) as press:
        for key, source in press.sources().items():
            print(f"{key:15} {source['home']}  {source['name']}", flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()
