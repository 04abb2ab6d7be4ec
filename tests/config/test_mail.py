"""Letters reach a real mail server: signed in, encrypted wherever it isn't on this machine, or not at all."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import TypeAlias

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from config.mail import SmtpMailer
from tests.running import free_port

# It doesn't know that `smtps` is encrypted already, nor that some of these servers are badly kept on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
TLS = Path(__file__).with_name("tls")
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"  # the second stands for another machine: it isn't called by this one's names
WORDS = {"to": "tom@school.example", "subject": "Your lesson is ready", "body": "Wann? – Heute um 9."}


@dataclass
class Postbox:
    """What a mail server took, and who may hand letters over."""

    full: bool = False
    taken: list[tuple[Session, Envelope]] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name for it
        """Take a letter."""
        if self.full:
            return "452 no room"
        self.taken.append((session, envelope))
        return "250 taken"


Servers: TypeAlias = Callable[..., int]


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def server(postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """Start mail servers that people sign in to as `backrow`; gives the port."""
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "mail_cert.pem"))
    with ExitStack() as stack:

        def start(host: str = HERE, *, tls: bool = False, starttls: bool = False, sign_in: bool = True) -> int:
            port = free_port()
            controller = Controller(
                postbox,
                hostname=host,
                port=port,
                ssl_context=_tls() if tls else None,
                tls_context=_tls() if starttls else None,
                require_starttls=starttls,
                authenticator=_opens,
                auth_required=sign_in,
                auth_require_tls=starttls,
            )
            controller.start()
            stack.callback(controller.stop)
            return port

        yield start


def _opens(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"backrow", b"p:ss word")
    return AuthResult(success=right, handled=False)


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / "mail_cert.pem", TLS / "mail_key.pem")
    return context


def _mailer(scheme: str, host: str, port: int, *, password: str = "p%3Ass%20word") -> SmtpMailer:  # noqa: S107 - of a server that a test has started
    return SmtpMailer(f"{scheme}://backrow:{password}@{host}:{port}", "backrow@school.example")


def test_a_letter_arrives_over_tls_from_the_first_byte(server: Servers, postbox: Postbox) -> None:
    port = server(tls=True)
    _mailer("smtps", HERE, port).send(**WORDS)
    ((session, envelope),) = postbox.taken
    assert session.authenticated
    assert (envelope.mail_from, envelope.rcpt_tos) == ("backrow@school.example", ["tom@school.example"])
    arrived = message_from_bytes(envelope.original_content or b"", policy=policy.default)
    assert (arrived["Subject"], arrived["Auto-Submitted"]) == (WORDS["subject"], "auto-generated")
    assert arrived.get_content().strip() == WORDS["body"]


def test_on_another_machine_nothing_is_said_before_starttls(server: Servers, postbox: Postbox) -> None:
    port = server(ELSEWHERE, starttls=True)
    _mailer("smtp", ELSEWHERE, port).send(**WORDS)
    ((session, _),) = postbox.taken
    assert session.ssl is not None
    assert session.authenticated


def test_a_server_elsewhere_that_cannot_encrypt_gets_neither_letter_nor_password(
    server: Servers, postbox: Postbox
) -> None:
    port = server(ELSEWHERE)
    with pytest.raises(OSError, match="STARTTLS"):
        _mailer("smtp", ELSEWHERE, port).send(**WORDS)
    assert postbox.taken == []


def test_a_server_with_a_certificate_of_somebody_else_gets_nothing(
    server: Servers, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "cert.pem"))
    port = server(ELSEWHERE, starttls=True)
    with pytest.raises(ssl.SSLCertVerificationError):
        _mailer("smtp", ELSEWHERE, port).check()
    assert postbox.taken == []


def test_on_this_machine_a_plain_relay_will_do(server: Servers, postbox: Postbox) -> None:
    port = server(sign_in=False)
    SmtpMailer(f"smtp://{HERE}:{port}", "backrow@school.example").send(**WORDS)
    assert len(postbox.taken) == 1


def test_a_wrong_password_and_a_full_server_are_told_apart_from_success(server: Servers, postbox: Postbox) -> None:
    port = server(tls=True)
    with pytest.raises(OSError, match="535"):
        _mailer("smtps", HERE, port, password="guessed").check()  # noqa: S106 - it opens nothing
    _mailer("smtps", HERE, port).check()
    postbox.full = True
    with pytest.raises(OSError, match="452"):
        _mailer("smtps", HERE, port).send(**WORDS)
    assert postbox.taken == []
