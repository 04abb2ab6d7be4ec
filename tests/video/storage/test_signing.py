"""Addresses of the local storage: which secrets and hosts open them."""

from urllib.parse import parse_qsl

import pytest

from tests.video.storage.bench import KEY
from video.storage.signing import AddressRefused, Signer


def test_an_older_secret_still_opens_until_it_is_taken_away() -> None:
    old, new = bytes(32), bytes([1]) * 32
    address, _ = Signer({"k1": old}, host="h").sign("GET", KEY, expires_s=60, type="video/mp4")
    query = dict(parse_qsl(address.partition("?")[2]))
    grant = Signer({"k2": new, "k1": old}, host="h").admit("GET", KEY, host="h", query=query)
    assert grant.fields["type"] == "video/mp4"
    for secrets in ({"k2": new}, {"k1": new}):
        with pytest.raises(AddressRefused):
            Signer(secrets, host="h").admit("GET", KEY, host="h", query=query)


@pytest.mark.parametrize(
    ("signed_for", "asked_at", "opens"),
    [
        pytest.param("127.0.0.1:8000", "localhost:8000", True, id="one machine, two names for itself"),
        pytest.param("backrow.example", "BACKROW.example:443", True, id="the usual port may be said"),
        pytest.param("127.0.0.1:8000", "127.0.0.1:8001", False, id="another port is another site"),
        pytest.param("127.0.0.1:8000", "evil.example:8000", False, id="a name that was pointed here"),
        pytest.param("backrow.example", "localhost", False, id="not by the back door"),
    ],
)
def test_an_address_holds_on_its_own_host(signed_for: str, asked_at: str, opens: bool) -> None:
    signer = Signer({"k1": bytes(32)}, host=signed_for)
    address, _ = signer.sign("GET", KEY, expires_s=60, type="video/mp4")
    query = dict(parse_qsl(address.partition("?")[2]))
    try:
        signer.admit("GET", KEY, host=asked_at, query=query)
    except AddressRefused:
        assert not opens
    else:
        assert opens


def test_short_secrets_are_refused() -> None:
    for secrets in ({}, {"k1": bytes(31)}):
        with pytest.raises(ValueError, match="32 bytes"):
            Signer(secrets, host="h")


def test_the_method_is_signed_too() -> None:
    signer = Signer({"k1": bytes(32)}, host="h")
    address, _ = signer.sign("PUT", KEY, expires_s=60, type="video/mp4")
    with pytest.raises(AddressRefused):
        signer.admit("GET", KEY, host="h", query=dict(parse_qsl(address.partition("?")[2])))
