"""Long work that nobody waits for is last in the queue for the processor, and leaves everybody else's place alone."""

import os
import threading

import pytest

from workers.quiet import behind


def place() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_it_is_behind_everything_else_and_only_it() -> None:
    before = place()
    assert behind(place) == 19
    assert place() == before


def test_what_goes_wrong_in_it_goes_wrong_here() -> None:
    with pytest.raises(OSError, match="the disk is away"):
        behind(lambda: _fail("the disk is away"))


def _fail(words: str) -> None:
    raise OSError(words)
