"""The test server itself: what it keeps, and that it ends with whoever started it."""

import http.client
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.services import swift
from video.storage.s3 import S3Place, S3Storage

pytestmark = pytest.mark.needs_s3


@pytest.fixture(autouse=True)
def _needed() -> None:
    if reason := swift.missing():
        pytest.skip(reason)


def test_it_keeps_its_objects_and_ends_with_its_block(tmp_path: Path) -> None:
    for already in (False, True):
        with swift.running(tmp_path / "swift") as server:
            storage = S3Storage(S3Place(server.endpoint, "kept", server.access_key, server.secret_key, server.region))
            storage.prepare()
            assert (storage.head("a/source") is not None) is already
            if not already:
                source = tmp_path / "source"
                source.write_bytes(b"x")
                storage.put(
                    "a/source", source, sha256="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
                )
        at = urlsplit(server.endpoint)
        with pytest.raises(ConnectionRefusedError):
            http.client.HTTPConnection(at.hostname or "", at.port, timeout=5).connect()


def test_it_is_described_in_backrows_own_settings(tmp_path: Path) -> None:
    server = swift.Swift("http://127.0.0.1:1", "access", "secret", "us-east-1", tmp_path)
    settings = server.environment("backrow")
    assert settings["BACKROW_STORAGE"] == "s3"
    assert settings["BACKROW_S3_BUCKET"] == "backrow"
