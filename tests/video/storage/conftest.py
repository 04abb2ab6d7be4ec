"""Both storages, each with a real server that answers to its addresses over HTTP."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import botocore.auth
import pytest
from flask import Flask

from app.web.objects import make_blueprint
from tests.services import swift as swift_service
from tests.services.swift import Swift
from tests.serving import serving
from tests.video.storage.bench import Bench
from video.storage.local import LocalStorage
from video.storage.s3 import S3Place, S3Storage
from video.storage.signing import Signer


class Clock:
    """The real time, and an offset to it."""

    offset_s = 0.0

    def __call__(self) -> float:
        """Say what time it is."""
        return time.time() + self.offset_s


@contextmanager
def served(storage_for: Callable[[str], LocalStorage]) -> Iterator[tuple[LocalStorage, str]]:
    """Serve a local storage's addresses over real HTTP."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024  # as pages allow; parts are larger
    with serving(app) as server:
        host = f"127.0.0.1:{server.port}"
        storage = storage_for(host)
        app.register_blueprint(make_blueprint(storage))
        yield storage, f"http://{host}"


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Bench]:
    clock, root = Clock(), tmp_path / "storage"

    @contextmanager
    def signing_ago(seconds: int) -> Iterator[None]:
        clock.offset_s = -float(seconds)
        yield
        clock.offset_s = 0.0

    def make(host: str) -> LocalStorage:
        return LocalStorage(root, signer=Signer({"k1": secrets.token_bytes(32)}, host=host, clock=clock))

    with served(make) as (storage, origin):
        storage.prepare()
        yield Bench("local", storage, origin, root, signing_ago)


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swift]:
    if reason := swift_service.missing():
        pytest.skip(reason)
    with swift_service.running(tmp_path_factory.mktemp("swift")) as server:
        yield server


@pytest.fixture
def s3(swift: Swift) -> Bench:
    @contextmanager
    def signing_ago(seconds: int) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            then = datetime.now(UTC) - timedelta(seconds=seconds)
            patch.setattr(botocore.auth, "get_current_datetime", lambda **_: then.replace(tzinfo=None))
            yield

    place = S3Place(
        endpoint=swift.endpoint,
        bucket=f"b{secrets.token_hex(6)}",
        access_key=swift.access_key,
        secret_key=swift.secret_key,
        region=swift.region,
        origin="http://127.0.0.1:8000",
    )
    storage = S3Storage(place)
    storage.prepare()
    return Bench("s3", storage, swift.endpoint, swift.folder / "disk", signing_ago)


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.needs_s3)])
def bench(request: pytest.FixtureRequest) -> Bench:
    found: Bench = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def store(bench: Bench, tmp_path: Path) -> Callable[[str, bytes], None]:
    """Put bytes under a key."""

    def put(key: str, body: bytes) -> None:
        source = tmp_path / "source"
        source.write_bytes(body)
        bench.storage.put(key, source, sha256=sha256(body).hexdigest())

    return put


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "storage"


@pytest.fixture
def storage(root: Path) -> LocalStorage:
    made = LocalStorage(root, signer=Signer({"k1": bytes(32)}, host="127.0.0.1:8000"))
    made.prepare()
    return made


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A file that gives its bytes only as the test writes them."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path
