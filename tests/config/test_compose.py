"""The compose file, read as compose would: what it says is held to what we want of it and to what Backrow knows."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.cli import cli
from config.settings import KNOWN

ROOT = Path(__file__).parents[2]
OURS = {"web", "live", "worker", "clock"}
ONCE = {"migrate", "own"}
VARIABLES = {
    "BACKROW_PUBLIC_HOST": "backrow.school.example",
    "BACKROW_SECRET_KEY": "s" * 40,
    "POSTGRES_PASSWORD": "p" * 20,
    "BACKROW_S3_ACCESS_KEY": "access",
    "BACKROW_S3_SECRET_KEY": "hidden",
}


def filled(said: str) -> str:
    """Put variables in as compose does; fails for one that has neither a value nor a default."""

    def value(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        if found["name"] in VARIABLES:
            return VARIABLES[found["name"]]
        assert found["kind"] == ":-", f"{found['name']} isn't set and has no default"
        return str(found["rest"])

    return re.sub(r"(?P<dollar>\$\$)|\$\{(?P<name>\w+)(?:(?P<kind>:[-?])(?P<rest>[^}]*))?\}", value, said)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as compose would read it."""
    read: dict[str, Any] = yaml.safe_load(filled((ROOT / "docker-compose.yml").read_text()))
    return read


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def test_every_kind_of_process_is_there(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == OURS | ONCE | {"database", "s3", "nginx"}


def test_our_processes_are_commands_that_exist(services: dict[str, dict[str, Any]]) -> None:
    for name in OURS | {"migrate"}:
        command, *options = services[name]["command"]
        cli.commands[command].make_context(command, list(options), resilient_parsing=False)


def test_whatever_runs_on_is_asked_whether_it_is_well(services: dict[str, dict[str, Any]]) -> None:
    for name in set(services) - ONCE:
        asked = services[name]["healthcheck"]
        assert asked["test"][0] in {"CMD", "CMD-SHELL"}, name
        assert asked["interval"]
        assert asked["timeout"]
        assert services[name]["restart"] == "unless-stopped", name


def test_nobody_is_root_nor_can_become_it(services: dict[str, dict[str, Any]]) -> None:
    for name in set(services) - ONCE:
        service = services[name]
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("user", "of the image") not in {"root", "0", "0:0"}, name
    for name in ("database", "s3", "nginx"):
        assert "user" in services[name], f"{name}: its image begins as root"
    image = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER (?!root|0)", image, re.MULTILINE)
    assert services["own"]["network_mode"] == "none", "the one that is root reaches nobody"
    assert services["own"]["cap_add"] == ["CHOWN"]


def test_our_processes_can_write_to_the_data_folder_and_the_scratch_alone(services: dict[str, dict[str, Any]]) -> None:
    for name in OURS | {"migrate"}:
        assert services[name]["read_only"] is True, name
        assert services[name]["volumes"] == ["data:/var/lib/backrow"], name


def test_images_are_named_by_exact_version(services: dict[str, dict[str, Any]]) -> None:
    exact = re.compile(r"^[\w./-]+:v?\d+(\.\d+)+(-[\w.-]+)?(@sha256:[0-9a-f]{64})?$")
    named = [service["image"] for service in services.values()]
    named += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert [image for image in named if not exact.match(image)] == []


def test_what_must_be_kept_is_on_volumes_that_exist(compose: dict[str, Any]) -> None:
    used = {
        mount.partition(":")[0]
        for service in compose["services"].values()
        for mount in service.get("volumes", [])
        if not mount.startswith(".")
    }
    assert used == set(compose["volumes"]) == {"data", "database", "films"}


def test_settings_are_ones_that_backrow_knows(services: dict[str, dict[str, Any]]) -> None:
    for name in OURS | {"migrate"}:
        given = {key for key in services[name]["environment"] if key.startswith("BACKROW_")}
        assert given <= set(KNOWN), name
        assert services[name]["environment"]["BACKROW_STORAGE"] == "s3"


def test_only_the_proxy_can_be_reached_from_outside(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in services.items() if service.get("ports")} == {"nginx"}
    trusted = services["web"]["environment"]["BACKROW_TRUSTED_PROXY"]
    assert trusted == services["nginx"]["networks"]["inside"]["ipv4_address"]


def test_nothing_serves_before_the_database_has_its_steps(services: dict[str, dict[str, Any]]) -> None:
    for name in OURS:
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully", name
    assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert "backrow_owner" in services["migrate"]["environment"]["BACKROW_DATABASE_OWNER_URL"]
    assert "BACKROW_DATABASE_OWNER_URL" not in services["web"]["environment"], "pages never speak as the owner"


def test_the_proxy_hides_metrics_and_sends_streams_to_their_own_process() -> None:
    said = (ROOT / "config/nginx.conf").read_text()
    assert re.search(r"location = /metrics \{\s*return 404;", said)
    assert re.search(r"location = /api/v1/events \{[^}]*proxy_buffering off;[^}]*proxy_pass \$live;", said)
    assert "access_log off;" in said
