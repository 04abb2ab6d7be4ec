"""Settings: everything wrong is said at once, each with its mend; what is unsafe does not start."""

import os
import stat
from pathlib import Path

import pytest

from config.first_run import first_run_code
from config.settings import KNOWN, Settings, SettingsProblems

_KEY = "0123456789abcdef0123456789abcdef"


def settings(tmp_path: Path, environ: dict[str, str] | None = None) -> Settings:
    return Settings.from_env({"BACKROW_DATA": str(tmp_path / "data")} | (environ or {}))


def problems(tmp_path: Path, environ: dict[str, str]) -> dict[str, str]:
    with pytest.raises(SettingsProblems) as caught:
        settings(tmp_path, environ)
    assert not (tmp_path / "data").exists(), "a refused start must leave nothing behind"
    return {problem.setting: str(problem) for problem in caught.value.problems}


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert (found.host, found.port, found.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert found.embedded
    assert found.s3 is None
    assert found.cookie_name == "backrow"


def test_every_problem_is_told_at_once_with_its_mend(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        {
            "BACKROW_PORT": "eighty",
            "BACKROW_STORAGE": "s3",
            "BACKROW_JAIL": "none",
            "BACKROW_SMTP_URL": "mail.school.example",
            "BACKROW_FFMPEG": "/no/such/ffmpeg",
            "BACKROW_DATABASE_URL": "mysql://db/backrow",
            "BACKROW_TLS_CERT": "/no/such/cert.pem",
            "BACKROW_TRUSTED_PROXY": "proxy.school.example",
            "BACKROW_SECRET_KEY": "changeme",
            "BACKROW_PUBLIC_URL": "backrow.school.example",
        },
    )
    assert set(found) == {
        "BACKROW_PORT",
        "BACKROW_S3_ENDPOINT",
        "BACKROW_S3_BUCKET",
        "BACKROW_S3_ACCESS_KEY",
        "BACKROW_S3_SECRET_KEY",
        "BACKROW_JAIL",
        "BACKROW_SMTP_URL",
        "BACKROW_FFMPEG",
        "BACKROW_DATABASE_URL",
        "BACKROW_TLS_CERT",
        "BACKROW_TRUSTED_PROXY",
        "BACKROW_SECRET_KEY",
        "BACKROW_PUBLIC_URL",
    }
    assert all(said.count(". ") >= 1 for said in found.values()), "each has a sentence, and a mend after it"


@pytest.mark.parametrize(
    ("environ", "where"),
    [
        pytest.param({"BACKROW_HOST": "203.0.113.5"}, "BACKROW_HOST", id="an address of the network, in plain"),
        pytest.param({"BACKROW_HOST": "::"}, "BACKROW_HOST", id="all the world, by IPv6"),
        pytest.param({"BACKROW_PUBLIC_URL": "http://backrow.example"}, "BACKROW_PUBLIC_URL", id="a name, in plain"),
        pytest.param({"BACKROW_PUBLIC_URL": "https://backrow.example"}, "BACKROW_PUBLIC_URL", id="https by nobody"),
        pytest.param(
            {"BACKROW_HOST": "10.0.0.4", "BACKROW_PUBLIC_URL": "http://localhost:8000"},
            "BACKROW_HOST",
            id="it says loopback, but others can reach it",
        ),
        pytest.param(
            {"BACKROW_PUBLIC_URL": "http://backrow.example", "BACKROW_TRUSTED_PROXY": "127.0.0.1"},
            "BACKROW_PUBLIC_URL",
            id="a proxy doesn't make plain http safe",
        ),
        pytest.param({"BACKROW_SECRET_KEY": "a" * 64}, "BACKROW_SECRET_KEY", id="long, but can be guessed"),
    ],
)
def test_what_is_unsafe_does_not_start(tmp_path: Path, environ: dict[str, str], where: str) -> None:
    assert set(problems(tmp_path, environ)) == {where}


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({"BACKROW_HOST": "localhost"}, id="loopback by name"),
        pytest.param({"BACKROW_HOST": "::1"}, id="loopback by IPv6"),
        pytest.param(
            {"BACKROW_PUBLIC_URL": "https://backrow.example", "BACKROW_TRUSTED_PROXY": "127.0.0.1, 10.0.0.0/24"},
            id="behind a named proxy",
        ),
        pytest.param(
            {
                "BACKROW_HOST": "203.0.113.5",
                "BACKROW_PUBLIC_URL": "https://backrow.example",
                "BACKROW_TLS_CERT": __file__,
                "BACKROW_TLS_KEY": __file__,
            },
            id="with a certificate of its own",
        ),
    ],
)
def test_what_is_safe_starts(tmp_path: Path, environ: dict[str, str]) -> None:
    found = settings(tmp_path, environ)
    assert found.secure is ("BACKROW_PUBLIC_URL" in environ)
    assert found.cookie_name == ("__Host-backrow" if found.secure else "backrow")


def test_two_on_one_machine_have_cookies_of_their_own(tmp_path: Path) -> None:
    names = {settings(tmp_path, {"BACKROW_PORT": port}).cookie_name for port in ("8000", "8001", "8002")}
    assert names == {"backrow", "backrow-8001", "backrow-8002"}


def test_a_secret_is_made_once_and_kept_for_its_own_account(tmp_path: Path) -> None:
    first, second = settings(tmp_path), settings(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_two_starts_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    readers = []
    for _ in range(6):
        read, write = os.pipe()
        if os.fork() == 0:
            os.write(write, settings(tmp_path).secret_key.encode())
            os._exit(0)
        os.close(write)
        readers.append(read)
    secrets = {os.read(read, 100) for read in readers}
    for read in readers:
        os.close(read)
        os.wait()
    assert len(secrets) == 1


def test_machines_that_share_a_database_must_share_a_secret(tmp_path: Path) -> None:
    url = "postgresql://backrow_web:hunter2@db.example/backrow"
    assert set(problems(tmp_path, {"BACKROW_DATABASE_URL": url})) == {"BACKROW_SECRET_KEY"}
    found = settings(tmp_path, {"BACKROW_DATABASE_URL": url, "BACKROW_SECRET_KEY": _KEY})
    assert found.database_url == "postgresql+psycopg://backrow_web:hunter2@db.example/backrow"
    assert found.database_owner_url == found.database_direct_url == found.database_url


def test_secrets_are_not_shown_where_settings_are(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        {
            "BACKROW_SECRET_KEY": _KEY,
            "BACKROW_DATABASE_URL": "postgresql://web:hunter2@db.example/backrow",
            "BACKROW_SMTP_URL": "smtp://name:hunter2@mail.example",
            "BACKROW_STORAGE": "s3",
            "BACKROW_S3_ENDPOINT": "https://s3.example",
            "BACKROW_S3_BUCKET": "backrow",
            "BACKROW_S3_ACCESS_KEY": "key",
            "BACKROW_S3_SECRET_KEY": "hunter2",
        },
    )
    assert "hunter2" not in repr(found)
    assert _KEY not in repr(found)


def test_a_problem_does_not_repeat_a_secret(tmp_path: Path) -> None:
    found = problems(
        tmp_path, {"BACKROW_SMTP_URL": "http://name:hunter2@mail.example", "BACKROW_SECRET_KEY": "hunter2"}
    )
    assert "hunter2" not in "".join(found.values())


def test_an_env_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "backrow.env"
    file.write_text(f"# ours\nBACKROW_PORT=9000\nBACKROW_HOST='localhost'\nBACKROW_SECRET_KEY={_KEY}\n")
    file.chmod(0o600)
    found = settings(tmp_path, {"BACKROW_ENV_FILE": str(file), "BACKROW_PORT": "9001"})
    assert (found.port, found.host, found.secret_key) == (9001, "localhost", _KEY)


def test_an_env_file_with_secrets_is_for_nobody_else(tmp_path: Path) -> None:
    file = tmp_path / "backrow.env"
    file.write_text(f"BACKROW_SECRET_KEY={_KEY}\n")
    file.chmod(0o644)
    assert "chmod 600" in problems(tmp_path, {"BACKROW_ENV_FILE": str(file)})["BACKROW_ENV_FILE"]


def test_a_misspelt_setting_is_noticed(tmp_path: Path) -> None:
    assert "BACKROW_SMTP_URL" in problems(tmp_path, {"BACKROW_STMP_URL": "smtp://mail.example"})["BACKROW_STMP_URL"]


def test_the_example_names_every_setting() -> None:
    example = (Path(__file__).parents[2] / "config" / "env.example").read_text()
    named = {line.removeprefix("#").partition("=")[0] for line in example.splitlines() if line.startswith("#BACKROW_")}
    assert named == set(KNOWN) - {"BACKROW_ENV_FILE"}


def test_the_first_run_code_is_one_for_each_installation_and_tells_nothing_of_its_secret(tmp_path: Path) -> None:
    code = first_run_code(_KEY)
    assert code == first_run_code(_KEY)
    assert code != first_run_code(settings(tmp_path).secret_key)
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
