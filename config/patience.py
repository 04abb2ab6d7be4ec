"""How long one caller may keep a thread waiting: half a request would hold it for good, and there are only so many."""

import logging
import socket
import struct
from collections.abc import Iterable
from typing import Final

#: Longer than any line stays silent in the midst of a request, or of an answer.
WAIT_S: Final = 20


def bound_waiting(listeners: Iterable[socket.socket], *, wait_s: int = WAIT_S) -> None:
    """Let the kernel end each read and write that stands still for so long.

    Gunicorn has no setting for it, and makes sockets blocking again; what a listener is given, its connections inherit.
    """
    limit = struct.pack("ll", wait_s, 0)
    for listener in listeners:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


class Unhurried(logging.Filter):
    """Keeps out of the log that a caller stood still: it is no fault of ours, and happens to every telephone."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a line is kept."""
        return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))
