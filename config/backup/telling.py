"""How far a long piece of work has come, said every now and then."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

_EVERY_S = 10.0
_GB = 1_000_000_000
_MB = 1_000_000


@dataclass
class Progress:
    """Counts bytes, and says so every ten seconds: a night's job fills no log, and nobody thinks that it hangs."""

    what: str
    total_bytes: int
    say: Callable[[str], None]
    done_bytes: int = 0
    _said_at: float = field(default_factory=time.monotonic)

    def __call__(self, size_bytes: int) -> None:
        """Count some more."""
        self.done_bytes += size_bytes
        if time.monotonic() - self._said_at >= _EVERY_S:
            self._said_at = time.monotonic()
            self.say(f"{self.what}: {in_words(self.done_bytes)} of {in_words(self.total_bytes)}")


def in_words(size_bytes: int) -> str:
    """Give a size as people say it."""
    if size_bytes >= _GB:
        return f"{size_bytes / _GB:.1f} GB"
    return f"{-(-size_bytes // _MB)} MB"
