"""The jail: what runs in it sees neither files nor network, keeps to its limits, and dies with its worker."""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from tests.video.lessons import Maker
from video.errors import MediaError
from video.process import Finished, Jail, Limits, Task, TimeUp, ffmpeg_report

_LIMITS = Limits(cpu_s=20, wall_s=30.0)
_SECRET = b"what only the school may see"
_TRY = """
import os, socket, sys
what, where = sys.argv[1:3]
if what == "read": print(open(where, "rb").read())
if what == "write": open(where, "wb").write(b"x")
if what == "list": print(os.listdir(where))
if what == "truncate": os.truncate(where, 0)
if what == "empty": os.open(where, os.O_RDONLY | os.O_TRUNC)
if what == "chmod": os.chmod(where, 0o777)
if what == "touch": os.utime(where, (1, 1))
if what == "unlink": os.unlink(where)
if what == "link": os.link(where, "mine")
if what == "tcp": socket.create_connection(("127.0.0.1", int(where)), timeout=5)
if what == "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", int(where)))
if what == "unix": socket.socket(socket.AF_UNIX).connect(where)
if what == "kill": os.kill(int(where), 0)
if what == "fork": os.fork()
if what == "spawn": os.posix_spawn("/usr/bin/true", ["true"], {})
if what == "environ": print(open(f"/proc/{where}/environ", "rb").read())
"""


def attempt(jail: Jail, folder: Path, what: str, where: object) -> Finished:
    """Run a line of Python in the jail, as a decoder would that a hostile file has taken over."""
    script = folder / "attempt.py"
    script.write_text(_TRY)
    argv = (sys.executable, "-I", "attempt.py", what, str(where))
    return jail.run(Task(argv=argv, folder=folder, limits=_LIMITS))


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    path = tmp_path / "canary"
    path.write_bytes(_SECRET)
    return path


@pytest.mark.parametrize("what", ["read", "write", "truncate", "empty", "chmod", "touch", "unlink", "link"])
def test_no_file_outside_can_be_read_or_changed(each_jail: Jail, into: Path, canary: Path, what: str) -> None:
    before = canary.stat()
    ended = attempt(each_jail, into, what, canary)
    assert ended.code != 0
    assert b"school" not in ended.out
    assert canary.read_bytes() == _SECRET
    assert (canary.stat().st_mode, canary.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


@pytest.mark.parametrize("where", ["/etc/passwd", "/root", "/proc/1/environ"])
def test_the_machines_own_files_are_not_there(each_jail: Jail, into: Path, where: str) -> None:
    ended = attempt(each_jail, into, "list" if where == "/root" else "read", where)
    outside = Path(where)
    assert ended.code != 0 or (outside.exists() and outside.read_bytes()[:20] not in ended.out)


@pytest.mark.parametrize("abi", [1, 2, 3])
@pytest.mark.parametrize("what", ["read", "write", "truncate", "empty", "unlink", "link"])
def test_older_kernels_landlock_keeps_files_shut_too(into: Path, canary: Path, abi: int, what: str) -> None:
    ended = attempt(replace(Jail.choose("landlock"), abi=abi), into, what, canary)
    assert ended.code != 0
    assert canary.read_bytes() == _SECRET


def test_the_network_is_out_of_reach(each_jail: Jail, into: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        ended = attempt(each_jail, into, "tcp", listener.getsockname()[1])
        assert ended.code != 0
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_no_datagram_leaves(each_jail: Jail, into: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)
        assert attempt(each_jail, into, "udp", listener.getsockname()[1]).code != 0
        with pytest.raises(BlockingIOError):
            listener.recv(10)


def test_the_databases_own_socket_is_out_of_reach(each_jail: Jail, into: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        listener.setblocking(False)
        assert attempt(each_jail, into, "unix", tmp_path / "s").code != 0
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize("what", ["kill", "fork", "spawn", "environ"])
def test_other_processes_are_out_of_reach(each_jail: Jail, into: Path, what: str) -> None:
    assert attempt(each_jail, into, what, os.getpid()).code != 0


def test_what_it_was_given_can_be_read_but_not_changed(each_jail: Jail, into: Path, canary: Path) -> None:
    (into / "attempt.py").write_text(_TRY)
    for what, well in (("read", True), ("write", False), ("empty", False), ("unlink", False)):
        argv = (sys.executable, "-I", "attempt.py", what, "{0}")
        ended = each_jail.run(Task(argv=argv, folder=into, limits=_LIMITS, inputs=(canary,)))
        assert (ended.code == 0) is well, what
    assert canary.read_bytes() == _SECRET


@pytest.mark.parametrize("what", ["read", "tcp", "unix", "kill", "fork", "spawn", "truncate", "chmod", "link"])
def test_without_the_jail_each_of_these_would_have_worked(into: Path, canary: Path, tmp_path: Path, what: str) -> None:
    """Or the tests above would prove nothing."""
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(tmp_path / "s"))
        unix.listen()
        where = {"tcp": tcp.getsockname()[1], "unix": tmp_path / "s", "kill": os.getpid()}.get(what, canary)
        ended = attempt(Jail.choose("off"), into, what, where)
    assert (ended.code, ended.err) == (0, "")


def test_it_may_write_in_its_own_folder(each_jail: Jail, into: Path) -> None:
    ended = attempt(each_jail, into, "write", "mine.mp4")
    assert (ended.code, ended.err) == (0, "")
    assert (into / "mine.mp4").read_bytes() == b"x"


def endless(name: str = "endless.mp4") -> list[str]:
    """Arguments for a film without an end."""
    return ["-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=5", "-c:v", "libx264", name]


def pids_of(marker: str) -> list[int]:
    """List the processes whose command line holds `marker`, the one that looks for it apart."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and marker.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return [pid for pid in found if pid != os.getpid()]


def test_a_run_that_takes_too_long_is_killed(each_jail: Jail, into: Path) -> None:
    name = f"{uuid4()}.mp4"
    with pytest.raises(TimeUp):
        each_jail.run_ffmpeg(endless(name), folder=into, limits=replace(_LIMITS, wall_s=1.0))
    assert pids_of(name) == []


def test_a_worker_can_break_off_a_run_at_a_tick(each_jail: Jail, into: Path) -> None:
    class LeaseLostError(Exception):
        pass

    def lost() -> None:
        raise LeaseLostError

    name = f"{uuid4()}.mp4"
    with pytest.raises(LeaseLostError):
        each_jail.run_ffmpeg(endless(name), folder=into, limits=_LIMITS, on_tick=lost)
    assert pids_of(name) == []


def test_seconds_of_the_processor_are_limited(each_jail: Jail, into: Path) -> None:
    args = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=1920x1080", "-f", "null", "-"]
    assert each_jail.run_ffmpeg(args, folder=into, limits=Limits(cpu_s=1, wall_s=60.0)).code != 0


def test_memory_is_limited(each_jail: Jail, into: Path) -> None:
    args = ["-v", "error", "-f", "lavfi", "-i", "color=s=16000x16000:d=1", "-f", "null", "-"]
    limits = replace(_LIMITS, memory_bytes=400 * 1024**2)
    # It ends with 0 all the same: an exit code alone proves nothing, which is why frames are counted.
    assert "Cannot allocate memory" in each_jail.run_ffmpeg(args, folder=into, limits=limits).err


def test_what_it_writes_is_limited(each_jail: Jail, into: Path) -> None:
    args = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=d=60", "-f", "rawvideo", "big.raw"]
    each_jail.run_ffmpeg(args, folder=into, limits=replace(_LIMITS, output_bytes=1_000_000))
    assert (into / "big.raw").stat().st_size <= 1_000_000


_WORKER = """
import sys
from pathlib import Path
from video.process import Jail, Limits
rung, folder, name = sys.argv[1:]
args = ["-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=5", "-c:v", "libx264", name]
Jail.choose(rung).run_ffmpeg(args, folder=Path(folder), limits=Limits(cpu_s=60, wall_s=60.0),
                             on_tick=lambda: print("tick", flush=True))
"""


@contextmanager
def worker(jail: Jail, folder: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    root = Path(__file__).parents[2]
    argv = [sys.executable, "-c", _WORKER, jail.rung, str(folder), name]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=root) as child:  # noqa: S603 - our own worker, to be killed
        try:
            yield child
        finally:
            child.kill()


def test_the_child_dies_with_a_worker_that_is_killed(each_jail: Jail, into: Path) -> None:
    name = f"{uuid4()}.mp4"
    with worker(each_jail, into, name) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"tick\n"
        children = [pid for pid in pids_of(name) if pid != parent.pid]
        assert children
        watched = [os.pidfd_open(pid) for pid in children]
        os.kill(parent.pid, signal.SIGKILL)
        for fd in watched:
            ended, _, _ = select.select([fd], [], [], 10)
            os.close(fd)
            assert ended, "a child outlived its worker"
    assert pids_of(name) == []


def test_without_a_jail_nothing_is_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MediaError) as refused:
        Jail.choose("bwrap", ffmpeg=str(Jail.choose("off").ffmpeg))
    assert refused.value.code == "no_jail"


def test_off_is_only_taken_by_name() -> None:
    assert Jail.choose("off").rung == "off"
    assert Jail.choose("auto").rung in {"bwrap", "landlock"}
    assert Jail.choose("auto").why


def test_the_ffmpeg_that_came_by_pip_has_all_that_the_recipes_use(jail: Jail) -> None:
    report = ffmpeg_report(jail)
    assert report.missing == ()
    assert report.version


HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(HLS, id="HLS"),
        pytest.param("ffconcat version 1.0\nfile '{address}'\n", id="concat"),
        pytest.param("ffconcat version 1.0\nfile 'subfile,,start,0,end,99,,:{address}'\n", id="subfile"),
    ],
)
@pytest.mark.parametrize("target", ["file", "network"])
def test_the_jail_alone_stops_a_playlist(each_jail: Jail, into: Path, maker: Maker, script: str, target: str) -> None:
    """Everything is whitelisted here, so that nothing but the jail stands between the playlist and its aim."""
    film = maker.lesson("plain.mp4").path
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        address = f"file:{film}" if target == "file" else f"http://127.0.0.1:{listener.getsockname()[1]}/x.mp4"
        evil = into.parent / "evil.mp4"
        evil.write_text(script.format(address=address))
        open_doors = ["-protocol_whitelist", "file,http,tcp,crypto,data,subfile,concat", "-allowed_extensions", "ALL"]
        kind = ["-f", "hls"] if "EXTM3U" in script else ["-f", "concat", "-safe", "0"]
        doors = open_doors if "hls" in kind else open_doors[:2]
        args = ["-v", "error", *doors, *kind, "-i", "file:{0}", "-c", "copy", "out.mp4"]
        each_jail.run_ffmpeg(args, folder=into, limits=_LIMITS, inputs=[evil])
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert not (into / "out.mp4").exists() or (into / "out.mp4").stat().st_size < 2000


def test_outside_the_jail_that_playlist_would_have_worked(into: Path, maker: Maker) -> None:
    """Or the test above would prove nothing."""
    evil = into.parent / "evil.mp4"
    evil.write_text(f"ffconcat version 1.0\nfile 'file:{maker.lesson('plain.mp4').path}'\n")
    args = ["-v", "error", "-f", "concat", "-safe", "0", "-i", "file:{0}", "-c", "copy", "out.mp4"]
    assert Jail.choose("off").run_ffmpeg(args, folder=into, limits=_LIMITS, inputs=[evil]).code == 0
    assert (into / "out.mp4").stat().st_size > 20_000
