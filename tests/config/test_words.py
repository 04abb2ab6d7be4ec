"""What leaves a process: letters go where they should, logs and errors hold no words of anybody's."""

import logging
import stat
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from app.errors import Conflict
from config import cli
from config.logging import Wordless, describe
from config.mail import FolderMailer, letter
from config.proxy import OnlyNamedProxies
from config.reading import Problem, SettingsProblems

_CANARY = "Aisha struggled with fractions"


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def line(name: str, said: str, *put_in: object, error: Exception | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    return Wordless().format(logging.LogRecord(name, logging.ERROR, __file__, 1, said, put_in, info))


def test_an_error_is_logged_by_kind_and_place_without_its_words() -> None:
    written = line("app.lessons", "note %s was not kept", "n1", error=raised(ValueError(_CANARY)))
    assert _CANARY not in written
    assert "note n1 was not kept | builtins.ValueError at test_words.py:" in written


def test_causes_are_named_and_still_say_nothing() -> None:
    refusal = Conflict("lease_lost", _CANARY)
    refusal.__cause__ = raised(KeyError(_CANARY))
    said = describe(raised(refusal))
    assert _CANARY not in said
    assert said.startswith("app.errors.Conflict[lease_lost]")
    assert "<- builtins.KeyError" in said


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(line("gunicorn.error", "Error handling request %s", _CANARY), id="what a package puts in"),
        pytest.param(line("urllib3", _CANARY, error=raised(OSError(_CANARY))), id="what a package quotes"),
    ],
)
def test_what_packages_say_is_kept_to_their_own_words(written: str) -> None:
    assert _CANARY not in written


def test_a_log_line_is_one_line() -> None:
    assert "\n" not in line("app", "first\nsecond")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(
            SettingsProblems([Problem("BACKROW_PORT", "is 'x'", "Give a number.")]), "Give a number.", id="settings"
        ),
        pytest.param(
            Conflict("lease_lost", "Try again in a minute."), "Try again in a minute.", id="a refusal of ours"
        ),
        pytest.param(
            PermissionError(13, "Permission denied", "/var/x"), "/var/x: Permission denied", id="the machine's"
        ),
        pytest.param(KeyError(_CANARY), "backrow doctor", id="what nobody thought of"),
    ],
)
def test_a_command_tells_errors_in_a_sentence(error: Exception, expected: str) -> None:
    said = cli.explain(raised(error))
    assert expected in said
    assert "Traceback" not in said
    assert _CANARY not in said


def test_a_command_tells_of_a_database_that_is_away_without_its_address() -> None:
    away = create_engine("postgresql+psycopg://web:hunter2@/backrow?host=/nowhere")
    with pytest.raises(OperationalError) as caught:
        away.connect()
    away.dispose()
    said = cli.explain(caught.value)
    assert "The database refused or did not answer" in said
    assert "hunter2" not in said


def test_letters_without_a_mail_server_are_kept_for_their_own_account(tmp_path: Path) -> None:
    FolderMailer(tmp_path / "mail", "backrow@school.example").send(
        to="mel@school.example", subject="A lesson was shared", body="Sign in to see it."
    )
    (kept,) = (tmp_path / "mail").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700
    read = message_from_bytes(kept.read_bytes())
    assert (read["To"], read["From"], read["Subject"]) == (
        "mel@school.example",
        "backrow@school.example",
        "A lesson was shared",
    )
    assert str(read.get_payload()).strip() == "Sign in to see it."


def test_a_kept_letter_shows_a_long_link_in_one_piece(tmp_path: Path) -> None:
    link = f"https://backrow.a-school-of-a-long-name.example/reset/{'HRkXpoDsI7' * 4}"
    FolderMailer(tmp_path, "backrow@school.example").send(
        to="mel@school.example", subject="x", body=f"Amélie, {link}\n"
    )
    (kept,) = tmp_path.iterdir()
    assert link in kept.read_text(encoding="utf-8").splitlines()[-1]


@pytest.mark.parametrize("field", ["to", "subject"])
def test_a_letter_takes_no_second_addressee_by_a_line_end(field: str) -> None:
    words = {"to": "mel@school.example", "subject": "Hello"}
    words[field] += "\nBcc: everybody@elsewhere.example"
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        letter("backrow@school.example", body="x", **words)


@pytest.mark.parametrize(
    ("caller", "believed"),
    [
        pytest.param("10.0.0.5", True, id="the named proxy"),
        pytest.param("10.0.1.77", True, id="one of the named network"),
        pytest.param("192.0.2.9", False, id="anybody else"),
        pytest.param("", False, id="nobody knows"),
    ],
)
def test_only_the_named_proxy_is_believed(caller: str, believed: bool) -> None:
    seen: dict[str, object] = {}

    def inner(environ: dict[str, object], _start: object) -> list[bytes]:
        seen.update(environ)
        return []

    guarded = OnlyNamedProxies(inner, ("10.0.0.5", "10.0.1.0/24"))
    sent = {"REMOTE_ADDR": caller, "HTTP_X_FORWARDED_FOR": "203.0.113.1", "HTTP_FORWARDED": "for=203.0.113.1"}
    guarded(sent, lambda *_: lambda _: None)
    assert ("HTTP_X_FORWARDED_FOR" in seen) is believed
    assert ("HTTP_FORWARDED" in seen) is believed
    assert seen["REMOTE_ADDR"] == caller
