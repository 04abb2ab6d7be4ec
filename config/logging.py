"""Logs without words: ids, kinds and places in the code, never what people wrote, their names or addresses."""

import logging
import sys
import time
import traceback

_OURS = ("app", "video", "workers", "config")
# What the queue says of itself is worked out from ids; what other packages say may quote anything that they got.
_TRUSTED = (*_OURS, "procrastinate")


def configure(process: str, *, sql: bool = False) -> None:
    """Set up logging for one process, to its standard error: the supervisor puts the process's name before it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Wordless())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    if sql:
        # Statements only: the engine is told to keep what stands in them to itself.
        logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    logging.getLogger("config").debug("logging is set up for %s", process)


class Wordless(logging.Formatter):
    """Writes one line an event; of an error its kind and where it came from, never its own words."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        """Write the event, its error if it has one, and nothing that a stranger could have chosen."""
        said = self._said(record).replace("\n", " ")
        line = f"{self.formatTime(record)} {record.levelname.lower()} {record.name}: {said}"
        if record.exc_info and record.exc_info[1] is not None:
            line += f" | {describe(record.exc_info[1])}"
        return line

    @staticmethod
    def _said(record: logging.LogRecord) -> str:
        if record.name.split(".")[0] in (*_TRUSTED, "sqlalchemy"):
            return record.getMessage()
        # The sentence as its author wrote it, without what was put into it.
        return str(record.msg) if record.args or not record.exc_info else "error"


def describe(error: BaseException) -> str:
    """Describe an error by kind, code and the places it went through, its causes behind it."""
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    code = getattr(error, "code", None)
    shown = f"{type(error).__module__}.{type(error).__qualname__}"
    shown += f"[{code}]" if isinstance(code, str) and code.replace("_", "").isalnum() else ""
    shown += f"[{error.name}]" if isinstance(error, ImportError) else ""
    shown += f" at {' > '.join(places[-6:])}" if places else ""
    cause = error.__cause__ or error.__context__
    return f"{shown} <- {describe(cause)}" if cause is not None else shown
