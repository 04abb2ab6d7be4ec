"""Room on the disk: asked for before work begins, and looked at while it goes on.

Scratch, recordings and database often share one disk. Work ends well before it is full: a database that can't write
any more is worse than a lesson that waits.
"""

import shutil
from pathlib import Path
from typing import Final

from video.storage.base import StorageFull

#: More than all workers of a small machine write between two looks; what is left is the database's.
LEAST_FREE_BYTES: Final = 256 * 1024 * 1024


def leave_room(folder: Path, *, wanted_bytes: int = 0) -> None:
    """See that `wanted_bytes` fit where `folder` lies, and that enough is left then.

    Raises:
        StorageFull: they don't, or it isn't.
    """
    if shutil.disk_usage(folder).free < LEAST_FREE_BYTES + wanted_bytes:
        raise StorageFull(folder.name, "The disk is nearly full. Make room on it: the work then goes on by itself.")
