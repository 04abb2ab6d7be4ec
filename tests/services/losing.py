"""A line to a server that loses some of its answers: what was asked for was done, and nobody hears of it."""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_BLOCK = 65536
_GO_ON = b"HTTP/1.1 100"


@dataclass
class Line:
    """The line: its own port, and how many answers to writing it has lost so far."""

    port: int
    #: Each n-th answer to a PUT or POST is lost.
    every: int
    lost: int = 0
    _writes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def loses(self) -> bool:
        """Decide about the next answer to a write."""
        with self._lock:
            self._writes += 1
            lost = self._writes % self.every == 0
            self.lost += lost
        return lost


@contextmanager
def losing(to: tuple[str, int], *, every: int) -> Iterator[Line]:
    """Be a line to a server, on a port of this machine, that loses each n-th answer to a write."""
    with socket.create_server(("127.0.0.1", 0)) as heard:
        line = Line(heard.getsockname()[1], every)
        threading.Thread(target=_take, args=(heard, to, line), daemon=True).start()
        yield line
        # A thread that waits in `accept` isn't woken by closing alone.
        heard.shutdown(socket.SHUT_RDWR)


def _take(heard: socket.socket, to: tuple[str, int], line: Line) -> None:
    while True:
        try:
            client, _ = heard.accept()
        except OSError:
            return  # it was closed
        threading.Thread(target=_carry, args=(client, to, line), daemon=True).start()


def _carry(client: socket.socket, to: tuple[str, int], line: Line) -> None:
    """Carry requests and answers until one of both ends, or an answer is lost."""
    with client, socket.create_connection(to) as server, selectors.DefaultSelector() as both, suppress(OSError):
        both.register(client, selectors.EVENT_READ, server)
        both.register(server, selectors.EVENT_READ, client)
        writes = False
        while True:
            for key, _ in both.select():
                block = key.fileobj.recv(_BLOCK)  # type: ignore[union-attr]  # they are sockets, both
                if not block:
                    return
                if key.fileobj is client and block[:4] in {b"PUT ", b"POST", b"GET ", b"HEAD", b"DELE"}:
                    writes = block[:4] in {b"PUT ", b"POST"}
                elif key.fileobj is server and writes and not block.startswith(_GO_ON):
                    writes = False
                    if line.loses():
                        return
                key.data.sendall(block)
