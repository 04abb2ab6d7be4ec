"""A worker or clock process with the real handlers, for tests that kill it.

`python -m tests.workers.handlers.worker worker|clock CONNINFO URL FOLDER`
"""

import logging
import sys
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from app.wall import everywhere
from tests.workers.handlers.bench import QUEUES, NoLetters
from video.process import Jail
from video.storage.local import LocalStorage
from video.storage.signing import Signer
from workers import run
from workers.handlers import blurs, encode, erase, exports, keeping, looks, upload
from workers.tools import Scratch, Tools

#: Importing a chain's module makes its handlers known.
CHAIN = (blurs, encode, erase, exports, looks, upload, keeping)


def main(role: str, conninfo: str, url: str, folder: Path) -> None:
    """Be the process."""
    logging.basicConfig(level=logging.INFO)
    tools = Tools(
        sessions=everywhere(sessionmaker(create_engine(url))),
        storage=LocalStorage(folder / "objects", signer=Signer({"1": b"k" * 32}, host="127.0.0.1:8000")),
        jail=Jail.choose(),
        mailer=NoLetters(),
        scratch=Scratch(folder / "scratch"),
        public_url="http://127.0.0.1:8000",
    )
    if role == "clock":
        run.keep_time(conninfo, tools)
    else:
        run.work(conninfo, tools, queues=QUEUES, slots=2)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
