"""A sign of life for those who watch from outside: a file, touched for as long as the process does its rounds."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

#: Whoever looks (a container's health check) may take a file that is a minute old for a process that hangs.
EVERY_S: Final = 5.0


async def beat_for_ever(file: Path) -> None:
    """Touch a file every few seconds; where that fails, nothing is touched, and who watches takes us for dead."""
    while True:
        with suppress(OSError):
            await asyncio.to_thread(file.touch)
        await asyncio.sleep(EVERY_S)


async def with_pulse(file: Path | None, rounds: Coroutine[Any, Any, None]) -> None:
    """Do a process's rounds, and show a pulse meanwhile where a file is named for it."""
    if file is None:
        await rounds
        return
    async with asyncio.TaskGroup() as both:
        beating = both.create_task(beat_for_ever(file))
        await rounds
        beating.cancel()
