"""Shuts itself in, then becomes the program that it was given; run as a file, never imported by the rest.

`python -I -S jail_child.py JSON` reads its order, ties its life to its parent's, gives away what it may not use
(files by Landlock, the network by an empty namespace and by seccomp, memory and time by limits) and calls `execve`.
It's a program of its own and not a `preexec_fn`, because a worker has threads and a forked copy of those may hang.
Only the standard library is used here: in the jail there may be nothing else to import.
"""

import ctypes
import json
import os
import platform
import resource
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

_LIBC = ctypes.CDLL(None, use_errno=True)
_SET_PDEATHSIG, _SET_NO_NEW_PRIVS, _SET_SECCOMP, _CAPBSET_DROP = 1, 38, 22, 24
_NEWUSER, _NEWNET = 0x10000000, 0x40000000

# Landlock's system calls have the same numbers on every architecture.
_LL_CREATE, _LL_ADD, _LL_RESTRICT = 444, 445, 446
_LL_ABI_QUERY: Final = 1
_EXECUTE, _WRITE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REMOVE_FILE, _MAKE_REG, _REFER, _TRUNCATE, _IOCTL = 1 << 5, 1 << 8, 1 << 13, 1 << 14, 1 << 15
_FILE_RIGHTS = _EXECUTE | _WRITE | _READ_FILE | _TRUNCATE | _IOCTL
_LL_ABI_REFER, _LL_ABI_TRUNCATE, _LL_ABI_IOCTL, _LL_ABI_SCOPE = 2, 3, 5, 6

# Refused by seccomp, name → (x86_64, aarch64); None where the architecture has no such call. Sockets and io_uring are
# the network; the rest are what Landlock leaves open: other processes, and files' modes, owners, times and lengths.
_REFUSED: Final[dict[str, tuple[int | None, int | None]]] = {
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "sendto": (44, 206), "sendmsg": (46, 211),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "fork": (57, None), "vfork": (58, None), "ptrace": (101, 117), "kill": (62, 129), "tkill": (200, 130),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "setsid": (112, 157), "setpgid": (109, 154),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "truncate": (76, 45), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "utime": (132, None), "utimes": (235, None),
    "utimensat": (280, 88), "futimesat": (261, None), "shmget": (29, 194), "shmat": (30, 196), "msgget": (68, 186),
    "semget": (64, 190), "mq_open": (240, 180), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "seccomp": (317, 277),
}  # fmt: skip
_CLONE, _CLONE3, _PRLIMIT = (56, 220), (435, 435), (302, 261)
_CLONE_THREAD = 0x00010000
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_ALLOW, _KILL, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
_LOAD, _JUMP_EQ, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NR_AT, _ARCH_AT, _ARG0_AT = 0, 4, 16


class Trouble(Exception):
    """The jail could not be shut; nothing was run."""


def _call(number: int, *args: object) -> int:
    answer = int(_LIBC.syscall(number, *args))
    if answer < 0:
        raise Trouble(f"system call {number}: {os.strerror(ctypes.get_errno())}")
    return answer


def _prctl(option: int, *args: int) -> None:
    if _LIBC.prctl(option, *(ctypes.c_ulong(arg) for arg in (*args, 0, 0, 0, 0)[:4])) != 0:
        raise Trouble(f"prctl {option}: {os.strerror(ctypes.get_errno())}")


def die_with(parent: int) -> None:
    """Ask the kernel to kill this program when its worker ends, even by kill -9; 0 means that another sees to it."""
    _prctl(_SET_PDEATHSIG, signal.SIGKILL)
    if parent and os.getppid() != parent:
        raise Trouble("the worker was gone before its child had begun")


def set_limits(limits: dict[str, int]) -> None:
    """Set seconds of CPU, bytes of memory and of one file, and no core dump: a core would hold the lesson."""
    wanted = {
        resource.RLIMIT_CPU: limits["cpu_s"],
        resource.RLIMIT_AS: limits["memory_bytes"],
        resource.RLIMIT_FSIZE: limits["output_bytes"],
        resource.RLIMIT_NOFILE: 128,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in wanted.items():
        hard = resource.getrlimit(what)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (value, value))


def leave_network() -> bool:
    """Move into an empty network namespace; False where this machine allows none (seccomp then stands alone)."""
    return any(int(_LIBC.unshare(flags)) == 0 for flags in (_NEWNET, _NEWUSER | _NEWNET))


def drop_capabilities() -> None:
    """Give up root's powers for the program to come; does nothing for whoever has none."""
    for capability in range(64):  # the kernel has fewer, and says no to the others
        _LIBC.prctl(_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0)


def landlock_abi() -> int:
    """Return the version of Landlock's interface that this kernel offers; 0 for none."""
    return max(int(_LIBC.syscall(_LL_CREATE, None, ctypes.c_size_t(0), _LL_ABI_QUERY)), 0)


def _handled(abi: int) -> int:
    rights = (1 << 13) - 1
    rights |= _REFER if abi >= _LL_ABI_REFER else 0
    rights |= _TRUNCATE if abi >= _LL_ABI_TRUNCATE else 0
    return rights | (_IOCTL if abi >= _LL_ABI_IOCTL else 0)


def shut_files(readable: list[str], writable: list[str], most_abi: int) -> None:
    """Leave only these files and folders open, by Landlock at no more than version `most_abi` of its interface."""
    abi = min(landlock_abi(), most_abi)
    if abi < 1:
        raise Trouble("this kernel has no Landlock")
    handled = _handled(abi)
    scoped = 3 if abi >= _LL_ABI_SCOPE else 0
    attributes = struct.pack("QQQ", handled, 0, scoped) if scoped else struct.pack("Q", handled)
    rules = _call(_LL_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    write = _READ_FILE | _READ_DIR | _WRITE | _REMOVE_FILE | _MAKE_REG | _TRUNCATE
    for paths, rights in ((readable, _EXECUTE | _READ_FILE | _READ_DIR), (writable, write)):
        for path in paths:
            _allow(rules, path, rights & handled)
    _call(_LL_RESTRICT, rules, 0)
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # such as /lib64 on a machine that has none
    if not Path(path).is_dir():
        rights &= _FILE_RIGHTS
    _call(_LL_ADD, rules, 1, struct.pack("=Qi", rights, place), 0)
    os.close(place)


def shut_calls() -> bool:
    """Refuse sockets, other processes and the like by seccomp; False on an architecture that it has no table for."""
    machine = platform.machine()
    if machine not in _AUDIT_ARCH:
        return False
    column = list(_AUDIT_ARCH).index(machine)
    steps: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCH_AT),
        (_JUMP_EQ, 1, 0, _AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NR_AT),
        (_JUMP_GE, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
        (_JUMP_EQ, 0, 1, _CLONE3[column]),  # its flags lie in memory, out of reach: glibc falls back to clone
        (_RETURN, 0, 0, _ENOSYS),
        (_JUMP_EQ, 0, 4, _CLONE[column]),
        (_LOAD, 0, 0, _ARG0_AT),
        (_JUMP_SET, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _EPERM),
        (_RETURN, 0, 0, _ALLOW),
        (_JUMP_EQ, 0, 4, _PRLIMIT[column]),  # its own limits may be asked for, nobody else's changed
        (_LOAD, 0, 0, _ARG0_AT),
        (_JUMP_EQ, 1, 0, 0),
        (_RETURN, 0, 0, _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    for numbers in _REFUSED.values():
        number = numbers[column]
        if number is not None:
            steps += [(_JUMP_EQ, 0, 1, number), (_RETURN, 0, 0, _EPERM)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code)))
    _prctl(_SET_SECCOMP, 2, ctypes.addressof(program))
    return True


def shut(order: dict[str, Any]) -> None:
    """Close every door that the order names, and fail rather than leave one open."""
    if "landlock" not in order:
        return
    doors = order["landlock"]
    no_network = leave_network()
    drop_capabilities()
    _prctl(_SET_NO_NEW_PRIVS, 1)
    if doors["abi"]:
        shut_files(doors["read"], doors["write"], doors["abi"])
    if not shut_calls() and not (no_network or doors["elsewhere"]):
        raise Trouble("neither an empty network namespace nor seccomp is to be had")


def try_doors(canary: str) -> NoReturn:
    """Push at the doors from inside: 0 only when a file outside can't be read and no socket leads anywhere."""
    try:
        Path(canary).read_bytes()
        raise Trouble("a file outside could be read")
    except OSError:
        pass
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
            outward.connect(("192.0.2.1", 9))
        raise Trouble("the network could be reached")
    except OSError:
        sys.exit(0)


def main() -> None:
    """Carry out the order given as JSON in the only argument."""
    order = json.loads(sys.argv[1])
    die_with(order["parent"])
    if "limits" in order:
        set_limits(order["limits"])
    os.chdir(order["folder"])
    shut(order)
    die_with(order["parent"])  # once more: a change of powers makes the kernel forget it
    if "canary" in order:
        try_doors(order["canary"])
    os.execve(order["argv"][0], order["argv"], order["env"])  # noqa: S606 - becoming the program is this one's purpose


if __name__ == "__main__":
    try:
        main()
    except (Trouble, OSError) as trouble:
        sys.stderr.write(f"jail: {trouble}\n")
        sys.exit(125)
