"""A wire to the broker that can be cut: a TCP proxy on loopback."""

import socket
import threading
from contextlib import suppress


class Wire:
    """Hands on what passes between its own port and that of the broker; cut, it is silent or refuses."""

    def __init__(self, broker: int) -> None:
        self.broker = broker
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.whole, self.refuses = threading.Event(), False
        self.whole.set()
        self.ends: set[socket.socket] = set()
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """The broker's address by this wire."""
        return f"redis://127.0.0.1:{self.listening.getsockname()[1]}/0"

    def cut(self, seconds: float, *, refuse: bool) -> None:
        """Hand on nothing for so long; what was sent meanwhile arrives later, unless it is to ``refuse``."""
        self.refuses = refuse
        self.whole.clear()
        for end in list(self.ends) if refuse else ():
            _end(end)
        timer = threading.Timer(seconds, self.mend)
        timer.daemon = True
        timer.start()

    def mend(self) -> None:
        """Hand on again."""
        self.refuses = False
        self.whole.set()

    def _serve(self) -> None:
        while True:
            near, _ = self.listening.accept()
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        try:
            if self.refuses:
                raise ConnectionRefusedError
            self.whole.wait()
            far = socket.create_connection(("127.0.0.1", self.broker))
        except OSError:
            near.close()
            return
        self.ends |= {near, far}
        back = threading.Thread(target=self._pass_on, args=(far, near), daemon=True)
        back.start()
        self._pass_on(near, far)
        back.join()
        self.ends -= {near, far}
        near.close()
        far.close()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.whole.wait()
                sink.sendall(data)
        _end(source)
        _end(sink)


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
