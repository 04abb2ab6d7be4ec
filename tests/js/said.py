"""What the test server says just now, and what it has been told: tests turn it, and read it afterwards."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import current_app


def _flowing() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class Said:
    """What the server says just now, and what it has been told."""

    media: Path
    storage: str = ""
    #: 200, or how every request about the lesson is refused
    access: int = 200
    #: segments that are ready, or None when all are
    ready: int | None = None
    #: media paths that storage refuses once, as an old address is
    old_once: set[str] = field(default_factory=set)
    #: while set up and not yet set, storage answers nothing
    slow: threading.Event = field(default_factory=_flowing)
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: how often each note's key was sent
    keys: Counter[str] = field(default_factory=Counter)
    #: the next posts of notes are kept, but their answers are lost
    lose_answers: int = 0
    #: fragments of notes are answered as what may not be seen
    lose_fragments: bool = False
    refuse_note: dict[str, Any] | None = None
    watched: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: bytes of each part taken, by (upload, number), and how often it was taken
    parts: dict[tuple[str, int], bytes] = field(default_factory=dict)
    puts: Counter[tuple[str, int]] = field(default_factory=Counter)
    #: storage takes this many parts, then holds the others until `go` is set, and drops them
    hold_after: int | None = None
    go: threading.Event = field(default_factory=threading.Event)
    asked: int = 0
    counting: threading.Lock = field(default_factory=threading.Lock)
    #: parts whose first address is old
    old_parts: set[int] = field(default_factory=set)
    expired: bool = False
    completed: list[dict[str, Any]] = field(default_factory=list)
    status: str = "Checking the film."
    settled: bool = False
    hopes: str = ""


def said() -> Said:
    """What the server says just now."""
    now = current_app.config["said"]
    assert isinstance(now, Said)
    return now
