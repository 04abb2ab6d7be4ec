"""Addresses of both storages, asked over real HTTP: each opens one thing, in one way, for its time."""

from hashlib import sha256
from secrets import token_bytes
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from tests.video.storage.bench import FIRST, KEY, SECOND, Answer, Bench, Store, address, begin


def altered(url: str, **fields: str) -> str:
    """Return the address with these query fields changed; `path` changes the path."""
    at = urlsplit(url)
    query = {**dict(parse_qsl(at.query)), **{name: value for name, value in fields.items() if name != "path"}}
    return urlunsplit(at._replace(path=fields.get("path", at.path), query=urlencode(query)))


def assert_refused(answer: Answer) -> None:
    assert answer.status == 403
    assert FIRST[:16] not in answer.body
    assert SECOND[:16] not in answer.body


def test_an_address_gives_the_object_and_ranges_of_it(bench: Bench, store: Store) -> None:
    body = token_bytes(2000)
    store(KEY, body)
    url = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    whole = bench.ask("GET", url)
    assert (whole.status, whole.body) == (200, body)
    assert whole.headers["Content-Type"] == "video/mp4"
    assert whole.headers["Cache-Control"] == "private, no-store"
    some = bench.ask("GET", url, headers={"Range": "bytes=100-199"})
    assert (some.status, some.body) == (206, body[100:200])
    assert some.headers["Content-Range"] == "bytes 100-199/2000"
    assert bench.ask("GET", url, headers={"Range": "bytes=2000-"}).status == 416


@pytest.mark.parametrize("method", ["HEAD", "PUT", "POST", "DELETE"])
def test_p38_an_address_to_read_allows_nothing_else(bench: Bench, store: Store, method: str) -> None:
    store(KEY, FIRST[:64])
    url = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    answer = bench.ask(method, url, b"other" if method in {"PUT", "POST"} else None)
    # No rule at all for a method is as good a refusal as a wrong signature.
    assert answer.status in {403, 405, 501}
    assert bench.storage.sha256_of(KEY) == sha256(FIRST[:64]).hexdigest()


def test_p38_an_altered_address_is_refused(bench: Bench, store: Store) -> None:
    store(KEY, FIRST[:64])
    store("lessons/r2/film.mp4", SECOND[:64])
    url = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    assert bench.ask("GET", url).status == 200
    query = dict(parse_qsl(urlsplit(url).query))
    for name, value in query.items():
        other = value[:-1] + ("0" if value[-1] != "0" else "1")
        assert bench.ask("GET", altered(url, **{name: other})).status in {400, 403}, name
    path = urlsplit(url).path
    assert_refused(bench.ask("GET", altered(url, path=path.replace("r1", "r2"))))
    assert_refused(bench.ask("GET", url, headers={"Host": "elsewhere.example"}))


def test_p7_p38_an_address_ends(bench: Bench, store: Store) -> None:
    store(KEY, FIRST[:64])
    with bench.signing_ago(61):
        ended = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    with bench.signing_ago(30):
        holds = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    assert_refused(bench.ask("GET", ended))
    assert bench.ask("GET", holds).status == 200


@pytest.mark.parametrize("expires_s", [0, -1, 61, 3600])
def test_p38_no_address_to_read_lives_longer_than_a_minute(bench: Bench, expires_s: int) -> None:
    with pytest.raises(ValueError, match="may live 1 to 60 s"):
        bench.storage.url(KEY, expires_s=expires_s, content_type="video/mp4")


def test_p38_an_altered_part_address_is_refused(bench: Bench) -> None:
    upload_id = begin(bench)
    signed = address(bench, upload_id, 2, SECOND)
    for name, value in parse_qsl(urlsplit(signed.url).query):
        other = value[:-1] + ("0" if value[-1] != "0" else "1")
        answer = bench.ask("PUT", altered(signed.url, **{name: other}), SECOND, signed.headers)
        assert answer.status in {400, 403}, name
    elsewhere = altered(signed.url, path=urlsplit(signed.url).path.replace("r1", "r2"))
    assert_refused(bench.ask("PUT", elsewhere, SECOND, signed.headers))
    assert_refused(bench.ask("PUT", signed.url, SECOND, {**signed.headers, "Host": "elsewhere.example"}))
    assert_refused(bench.ask("GET", signed.url, None, signed.headers))
    assert bench.ask("PUT", signed.url, SECOND + b"x", signed.headers).status in {400, 403}
    assert bench.storage.parts(KEY, upload_id) == []


def test_p38_a_part_address_ends(bench: Bench) -> None:
    upload_id = begin(bench)
    with bench.signing_ago(901):
        signed = address(bench, upload_id, 2, SECOND)
    assert_refused(bench.ask("PUT", signed.url, SECOND, signed.headers))
    assert bench.storage.parts(KEY, upload_id) == []
