"""The command line of each rung of the jail: what a program that reads a stranger's file may see of this machine."""

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

#: How a program is shut in: by bubblewrap with Landlock inside, by Landlock and seccomp, or not at all.
Rung = Literal["bwrap", "landlock", "off"]

#: What shuts itself in and then becomes the program; its path stands in the command of whatever isn't it yet.
CHILD: Final = Path(__file__).with_name("jail_child.py")
#: What a dynamically linked program needs of the system: libraries, and where the loader finds them.
_SYSTEM: Final = ("/usr", "/lib", "/lib64", "/lib32", "/etc/ld.so.cache", "/etc/alternatives")
_ENV: Final = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": "/nowhere"}
#: Higher than any version of Landlock's interface: take what the kernel has.
NEWEST_ABI: Final = 99


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one run may use before the kernel, or its worker, ends it."""

    cpu_s: int
    wall_s: float
    memory_bytes: int = 4 * 1024**3
    output_bytes: int = 8 * 1024**3


@dataclass(frozen=True, kw_only=True)
class Task:
    """One run of one program: `{0}`, `{1}` … in `argv` stand for the inputs; it works, and may write, in `folder`."""

    argv: tuple[str, ...]
    folder: Path
    limits: Limits
    inputs: tuple[Path, ...] = ()
    #: More on standard output than this is a fault, and ends the run.
    most_out_bytes: int = 1024**2
    #: A path that must not be readable inside; set only when the jail itself is tried.
    canary: Path | None = field(default=None)


def python_paths() -> list[str]:
    """List what the interpreter that runs now needs: its own home, its packages, and this storey's code."""
    homes = [sys.base_prefix, sys.prefix, str(Path(sys.executable).resolve().parent), str(CHILD.parent)]
    return [home for home in dict.fromkeys(homes) if home != "/"]


def command(rung: Rung, task: Task, *, abi: int = NEWEST_ABI, bwrap: str = "") -> list[str]:
    """Return what to execute so that `task` runs on that rung, with its worker as the parent it dies with."""
    if rung == "bwrap":
        return _with_bwrap(task, bwrap, abi)
    folder = task.folder.resolve()
    inputs = [str(path.resolve()) for path in task.inputs]
    order = _order(task, inputs, str(folder)) | {"parent": os.getpid(), "limits": _limits(task)}
    if rung == "landlock":
        program = str(Path(task.argv[0]).resolve())
        readable = [*_SYSTEM, *python_paths(), program, *inputs, "/dev/urandom"]
        order["landlock"] = {"read": readable, "write": [str(folder), "/dev/null"], "abi": abi, "elsewhere": False}
    return _launch(order)


def _with_bwrap(task: Task, bwrap: str, abi: int) -> list[str]:
    inputs = [f"/in/{number}" for number in range(len(task.inputs))]
    program = Path(task.argv[0]).resolve()
    inner = _order(task, inputs, "/out") | {"parent": 0}
    readable = [*_SYSTEM, *python_paths(), str(program), "/in", "/dev/urandom"]
    inner["landlock"] = {"read": readable, "write": ["/out", "/dev/null"], "abi": abi, "elsewhere": True}
    binds: list[str] = []
    for path in _SYSTEM:
        linked = Path(path).is_symlink()
        binds += ["--symlink", str(Path(path).readlink()), path] if linked else ["--ro-bind-try", path, path]
    for home in python_paths():
        binds += [] if Path(home).is_relative_to("/usr") else ["--ro-bind", home, home]
    binds += [] if program.is_relative_to("/usr") else ["--ro-bind", str(program), str(program)]
    for inside, outside in zip(inputs, task.inputs, strict=True):
        binds += ["--ro-bind", str(outside.resolve()), inside]
    walls = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    places = ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - the jail's own, made for this run
    argv = [bwrap, *walls, *places, *binds, "--bind", str(task.folder.resolve()), "/out", "--chdir", "/out", "--"]
    outer: dict[str, Any] = {"parent": os.getpid(), "limits": _limits(task), "folder": "/", "env": _ENV}
    return _launch(outer | {"argv": [*argv, *_launch(inner)]})


def _order(task: Task, inputs: list[str], folder: str) -> dict[str, Any]:
    argv = [str(Path(task.argv[0]).resolve()) if not _is_python(task.argv[0]) else task.argv[0]]
    for arg in task.argv[1:]:
        for number, path in enumerate(inputs):
            arg = arg.replace(f"{{{number}}}", path)  # noqa: PLW2901 - one place after another is filled in
        argv.append(arg)
    order: dict[str, Any] = {"argv": argv, "env": _ENV, "folder": folder}
    if task.canary is not None:
        order["canary"] = str(task.canary)
    return order


def _is_python(program: str) -> bool:
    # Its link in the virtual environment is how it finds its packages, and must not be resolved.
    return program == sys.executable


def _limits(task: Task) -> dict[str, int]:
    most = task.limits
    return {"cpu_s": most.cpu_s, "memory_bytes": most.memory_bytes, "output_bytes": most.output_bytes}


def _launch(order: dict[str, Any]) -> list[str]:
    return [sys.executable, "-I", "-S", str(CHILD), json.dumps(order)]
