"""The embedded database: it starts, stops, survives being killed, and is nobody else's."""

import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from config import children
from config.accounts import PostgresTrouble, processes_in, system_user
from config.lock import COMMAND, SERVE, DataLock, Taken
from config.postgres import APP, OWNER, SUPERUSER, Cluster, programs

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user: run the tests as root for this")


def kill_all(data: Path) -> None:
    """Kill a cluster's processes; the first takes others with it."""
    for process_id in processes_in(data):
        with suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGKILL)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder outside pytest's own, which every run of pytest by this account closes anew while others use theirs."""
    made = Path(tempfile.mkdtemp(prefix="backrow-tests-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def folder(place: Path) -> Iterator[Path]:
    """A folder for a durable cluster, whose server is gone afterwards."""
    made = place / "database"
    yield made
    kill_all(made.resolve() / "cluster")


def start(cluster: Cluster) -> children.Child:
    cluster.folder.parent.mkdir(exist_ok=True)
    with (cluster.folder.parent / "postgres.log").open("ab") as log:
        return cluster.start(output=log)


def keep(cluster: Cluster, word: str) -> None:
    with psycopg.connect(cluster.conninfo(OWNER)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [word])


def kept(cluster: Cluster) -> list[str]:
    with psycopg.connect(cluster.conninfo(OWNER)) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM kept ORDER BY word")]


def test_it_starts_keeps_rows_and_stops_leaving_no_process(folder: Path) -> None:
    cluster = Cluster(folder, durable=False)
    child = start(cluster)
    keep(cluster, "first")
    cluster.stop()
    assert child.returncode == 0
    assert processes_in(cluster.data) == []
    start(cluster)
    assert kept(cluster) == ["first"]
    cluster.stop()


def test_it_is_set_up_to_lose_nothing_and_to_be_reached_by_nobody(folder: Path) -> None:
    cluster = Cluster(folder)
    start(cluster)
    with psycopg.connect(cluster.conninfo(SUPERUSER)) as connection:
        said: dict[str, str] = dict(connection.execute("SELECT name, setting FROM pg_settings").fetchall())
    cluster.stop()
    assert (said["fsync"], said["synchronous_commit"], said["full_page_writes"]) == ("on", "on", "on")
    assert said["data_checksums"] == "on"
    assert said["listen_addresses"] == ""
    assert said["TimeZone"] == "UTC"
    for private in (cluster.data, cluster.socket_folder):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_killed_with_all_its_processes_it_comes_back_with_every_committed_row(folder: Path) -> None:
    first = Cluster(folder)
    start(first)
    keep(first, "committed")
    kill_all(first.data)
    second = Cluster(folder)
    start(second)
    assert kept(second) == ["committed"]
    second.stop()
    first.stop()


def test_a_server_that_was_left_behind_is_ended_first(folder: Path) -> None:
    first, second = Cluster(folder, durable=False), Cluster(folder, durable=False)
    left = start(first)
    keep(first, "before")
    start(second)
    assert left.wait(timeout=10) == 0, "it was asked to stop, not killed"
    assert kept(second) == ["before"]
    second.stop()


def test_a_lock_file_that_names_a_live_stranger_does_not_keep_it_from_starting(folder: Path) -> None:
    cluster = Cluster(folder)
    start(cluster)
    keep(cluster, "before")
    lock_file = (cluster.data / "postmaster.pid").read_text().splitlines()
    kill_all(cluster.data)
    cluster.stop()
    # After a machine's restart another process of ours may well have the number that the dead server had.
    (cluster.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lock_file[1:]]) + "\n")
    start(cluster)
    assert kept(cluster) == ["before"]
    cluster.stop()


def test_an_initdb_that_was_killed_is_begun_again(folder: Path) -> None:
    (folder / "cluster" / "base").mkdir(parents=True)
    cluster = Cluster(folder, durable=False)
    start(cluster)
    assert cluster.answers()
    cluster.stop()


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(place: Path) -> None:
    cluster = Cluster(place / ("a-school-with-a-long-name-" * 4) / "database", durable=False)
    assert len(str(cluster.socket_folder)) < 60
    start(cluster)
    assert cluster.answers()
    assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
    cluster.stop()
    cluster.socket_folder.rmdir()


def test_the_application_is_let_in_as_itself_and_strangers_are_not(folder: Path) -> None:
    cluster = Cluster(folder, durable=False)
    start(cluster)
    with psycopg.connect(cluster.conninfo(APP)) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert row == (False, False, False)
    with pytest.raises(psycopg.OperationalError, match=r"does not exist|failed for user"):
        psycopg.connect(cluster.conninfo("postgres"))
    cluster.stop()


@as_root
def test_another_account_can_not_reach_the_socket(folder: Path) -> None:
    cluster = Cluster(folder, durable=False)
    start(cluster)
    stranger = children.RunAs(65_534, 65_534)
    psql: list[str | Path] = [programs() / "psql", cluster.conninfo(APP), "-c", "SELECT 1"]
    status, said = children.run(psql, run_as=stranger)
    assert status != 0
    assert "Permission denied" in said
    cluster.stop()


@as_root
def test_it_runs_as_a_user_of_its_own_and_walks_through_private_folders(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "data" / "database", durable=False)
    child = start(cluster)
    own = system_user()
    assert own is not None
    assert Path(f"/proc/{child.pid}").stat().st_uid == own.uid != 0
    assert closed.stat().st_mode & stat.S_IRWXO == 0, "nobody else may walk there"
    status, _ = children.run(["ls", closed], run_as=own)
    assert status != 0, "it may walk through, not look round"
    cluster.stop()


@as_root
def test_data_of_another_user_are_left_alone(folder: Path) -> None:
    (folder / "cluster").mkdir(parents=True)
    os.chown(folder / "cluster", 12_345, 12_345)
    with pytest.raises(PostgresTrouble, match="belongs to another user"):
        start(Cluster(folder, durable=False))


def test_data_of_another_version_are_left_alone(folder: Path) -> None:
    (folder / "cluster").mkdir(parents=True)
    (folder / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(PostgresTrouble, match="written by PostgreSQL 17"):
        start(Cluster(folder, durable=False))
    assert (folder / "cluster" / "PG_VERSION").read_text() == "17\n"


def test_a_server_that_can_not_start_is_said_so(folder: Path) -> None:
    cluster = Cluster(folder, durable=False)
    start(cluster)
    cluster.stop()
    (cluster.data / "global" / "pg_control").unlink()
    with pytest.raises(PostgresTrouble, match="stopped at its start"):
        start(cluster)
    assert processes_in(cluster.data) == []


def test_a_data_folder_has_one_holder_who_is_named(tmp_path: Path) -> None:
    lock = DataLock.take(tmp_path, SERVE)
    with pytest.raises(Taken, match=f"process {os.getpid()}, since"):
        DataLock.take(tmp_path, SERVE, patience_s=60)
    lock.release()
    again = DataLock.take(tmp_path, COMMAND)
    with pytest.raises(Taken):
        DataLock.take(tmp_path, SERVE, patience_s=0.1)
    again.release()
