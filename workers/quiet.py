"""Long work for which nobody waits, behind what somebody waits for on the same machine."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

_LAST: Final = 19


def behind(work: Callable[[], T]) -> T:
    """Do `work` in a thread that gets of the processor what all others leave; return what it returns.

    The thread is its own and ends with the work: an ordinary account can put a thread back, but never forward again.

    Raises:
        Exception: whatever `work` raises.
    """
    with ThreadPoolExecutor(1, initializer=_step_back) as quiet:
        return quiet.submit(work).result()


def _step_back() -> None:
    # Linux keeps a thread's own place, under its own number (sched(7), setpriority(2)).
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST)
