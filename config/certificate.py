"""What a certificate says, found out as a browser would: by greeting it, in memory, trusting it alone."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

_MOST_ROUNDS = 10


def read_certificate(cert: Path, key: Path, *, host: str) -> datetime:
    """Tell until when a certificate holds.

    Raises:
        ssl.SSLCertVerificationError: it is past its date, or for another host.
        ssl.SSLError: certificate and key can't be read, or don't belong together.
        OSError: a file isn't there.
    """
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(cert, key)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # whoever signed it is the browsers' affair
    theirs.load_verify_locations(cert)
    to_us, to_them = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = ours.wrap_bio(to_us, to_them, server_side=True)
    browser = theirs.wrap_bio(to_them, to_us, server_hostname=host)
    for _ in range(_MOST_ROUNDS):
        if all([_greet(browser), _greet(server)]):
            break
    said = browser.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(said["notAfter"])), UTC)


def _greet(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
