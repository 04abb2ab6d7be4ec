"""A line to a server that counts every byte of a film's parts, those of parts broken off too, and can be held."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.running import free_port

_BLOCK_BYTES = 64 * 1024


class CountingLine:
    """Stands before one port of this machine and passes on what it is sent, whatever it is.

    `sent_bytes` are the bodies of a browser's PUTs as they were sent, whether or not they were sent to their end.
    """

    def __init__(self, to_port: int) -> None:
        self.port, self._to_port = free_port(), to_port
        self.sent_bytes = 0
        self.held = threading.Event()
        self._hold_at: int | None = None
        self._go = threading.Event()
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    @property
    def address(self) -> str:
        """Where to send to."""
        return f"http://127.0.0.1:{self.port}"

    def hold_at(self, byte: int) -> None:
        """Let so many bytes of parts through, then none: `held` is set when the line stands."""
        self._hold_at = byte

    def release(self) -> None:
        """Let everything through again: what the browser sent before it was closed also arrives, and is counted."""
        self._hold_at = None
        self._go.set()

    def begin(self) -> None:
        """Take connections."""
        self._run(self._accept)

    def end(self) -> None:
        """Close all connections; no thread is left."""
        self.release()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for end in self._ends:
            _shut(end)
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            end.close()

    def _run(self, act: Callable[..., None], *given: socket.socket) -> None:
        thread = threading.Thread(target=act, args=given)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listening.accept()
            except OSError:
                return
            self._ends.append(browser)
            try:
                server = socket.create_connection(("127.0.0.1", self._to_port))
            except OSError:  # it is stopped just now: so the browser sees it
                _shut(browser)
                continue
            self._ends.append(server)
            self._run(self._up, browser, server)
            self._run(self._down, server, browser)

    def _up(self, browser: socket.socket, server: socket.socket) -> None:
        requests = _Requests()
        with suppress(OSError):
            while block := browser.recv(_BLOCK_BYTES):
                for piece, is_part in requests.follow(block):
                    self._pass_on(piece, server, is_part=is_part)
        _shut(server)

    def _down(self, server: socket.socket, browser: socket.socket) -> None:
        with suppress(OSError):
            while block := server.recv(_BLOCK_BYTES):
                browser.sendall(block)
        _shut(browser)

    def _pass_on(self, piece: bytes, server: socket.socket, *, is_part: bool) -> None:
        if not is_part:
            server.sendall(piece)
            return
        with self._lock:
            room = len(piece) if self._hold_at is None else max(0, self._hold_at - self.sent_bytes)
            self.sent_bytes += min(room, len(piece))
        server.sendall(piece[:room])
        if room < len(piece):
            self.held.set()
            self._go.wait()
            with self._lock:
                self.sent_bytes += len(piece) - room
            server.sendall(piece[room:])


class _Requests:
    """Follows the requests of one connection, and tells which bytes are a part's."""

    def __init__(self) -> None:
        self._head, self._left, self._is_part = b"", 0, False

    def follow(self, block: bytes) -> Iterator[tuple[bytes, bool]]:
        """Cut a block where heads and bodies meet."""
        while block:
            if self._left:
                piece, block = block[: self._left], block[self._left :]
                self._left -= len(piece)
                yield piece, self._is_part
                continue
            known = len(self._head)
            self._head += block
            end = self._head.find(b"\r\n\r\n")
            piece, block = (block, b"") if end < 0 else (block[: end + 4 - known], block[end + 4 - known :])
            if end >= 0:
                self._begin_body(self._head[:end])
                self._head = b""
            yield piece, False

    def _begin_body(self, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        # Only browsers say from which page they send; workers that store what they have made don't.
        self._is_part = first.startswith("PUT ") and "origin" in headers
        whole = "transfer-encoding" not in headers
        self._left = int(headers.get("content-length", "0")) if whole else sys.maxsize


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def counted(to_port: int) -> Iterator[CountingLine]:
    """Have a line to a port for a while."""
    line = CountingLine(to_port)
    line.begin()
    try:
        yield line
    finally:
        line.end()
