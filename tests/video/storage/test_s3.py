"""What is particular to S3: a server that is away, keys that do not fit, browsers from other sites."""

import dataclasses
import http.client
import socket
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import pytest

from tests.services.swift import ORIGINS, Swift
from tests.video.storage.bench import KEY, SECOND, Bench, address, begin
from video.storage.base import StorageError, StorageUnavailable
from video.storage.s3 import S3Place, S3Storage


def place_of(swift: Swift) -> S3Place:
    return S3Place(
        endpoint=swift.endpoint,
        bucket="somebodys",
        access_key=swift.access_key,
        secret_key=swift.secret_key,
        region=swift.region,
    )


def test_a_server_that_is_away_is_said_to_be_away(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    storage = S3Storage(S3Place(f"http://127.0.0.1:{port}", "bucket", "access", "secret"))
    source = tmp_path / "source"
    source.write_bytes(b"x")
    with pytest.raises(StorageUnavailable, match="did not answer"):
        storage.put(KEY, source, sha256=sha256(b"x").hexdigest())
    with pytest.raises(StorageUnavailable) as away:
        storage.check()
    assert away.value.retryable


@pytest.mark.needs_s3
def test_a_wrong_secret_is_refused_without_being_repeated(swift: Swift) -> None:
    guess = token_hex(20)
    wrong = dataclasses.replace(place_of(swift), secret_key=guess)
    with pytest.raises(StorageError) as refused:
        S3Storage(wrong).check()
    assert isinstance(refused.value, StorageUnavailable)
    assert guess not in str(refused.value) + repr(wrong)


@pytest.mark.needs_s3
def test_an_address_signed_with_another_secret_opens_nothing(s3: Bench, swift: Swift, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"a lesson")
    s3.storage.put(KEY, source, sha256=sha256(b"a lesson").hexdigest())
    bucket = urlsplit(s3.storage.url(KEY, expires_s=60, content_type="video/mp4")).path.split("/")[1]
    forger = S3Storage(dataclasses.replace(place_of(swift), bucket=bucket, secret_key=token_hex(20)))
    answer = s3.ask("GET", forger.url(KEY, expires_s=60, content_type="video/mp4"))
    assert answer.status == 403
    assert b"a lesson" not in answer.body


@pytest.mark.needs_s3
@pytest.mark.parametrize(("origin", "allowed"), [(ORIGINS[0], True), ("http://elsewhere.example", False)])
def test_browsers_of_our_own_site_alone_may_send_parts(s3: Bench, origin: str, allowed: bool) -> None:
    signed = address(s3, begin(s3), 2, SECOND)
    at = urlsplit(signed.url)
    line = http.client.HTTPConnection(at.netloc, timeout=30)
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": ", ".join(signed.headers),
    }
    line.request("OPTIONS", f"{at.path}?{at.query}", headers=asked)
    answer = line.getresponse()
    answer.read()
    line.close()
    assert (answer.headers["Access-Control-Allow-Origin"] == origin) is allowed
    sent = s3.ask("PUT", signed.url, SECOND, {**signed.headers, "Origin": origin})
    assert ("ETag" in sent.headers.get("Access-Control-Expose-Headers", "").replace("etag", "ETag")) is allowed


@pytest.mark.needs_s3
def test_the_secret_is_in_no_address(s3: Bench, swift: Swift) -> None:
    assert swift.secret_key not in s3.storage.url(KEY, expires_s=60, content_type="video/mp4")
