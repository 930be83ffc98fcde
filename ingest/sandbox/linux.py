"""What Linux offers to confine a process that reads an untrusted file, through ctypes alone.

``confine`` is called in a process that was forked for one document and cannot be undone there:

- **resource limits**: memory, CPU seconds, open files; no file may grow; no core dump.
- **seccomp**: the kernel allows what reading needs (open files, its own memory, threads and signals, the time)
  and refuses every other call: sockets, processes, writing, the host's name and clock, and what later kernels
  bring. Refused calls fail, they do not kill, so that a library that tries one can go on without it.
- **Landlock** (kernel 5.13 and later): of the file system only the document and the folders of Python and of
  the system's libraries and fonts can be opened, and those for reading; TCP is refused once more.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
from collections.abc import Iterable
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2

_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""Name -> (AUDIT_ARCH, column of the tables below)."""

# fmt: off
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # files that are open, and opening for reading (below)
    "read": (0, 63), "pread64": (17, 67), "readv": (19, 65), "preadv": (295, 69), "preadv2": (327, 286),
    "write": (1, 64), "writev": (20, 66), "close": (3, 57), "close_range": (436, 436), "lseek": (8, 62),
    "open": (2, None), "openat": (257, 56), "fcntl": (72, 25), "ioctl": (16, 29), "fadvise64": (221, 223),
    "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "pipe": (22, None), "pipe2": (293, 59),
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72), "eventfd2": (290, 19),
    "epoll_create1": (291, 20), "epoll_ctl": (233, 21), "epoll_wait": (232, None), "epoll_pwait": (281, 22),
    # what there is in folders
    "stat": (4, None), "lstat": (6, None), "fstat": (5, 80), "newfstatat": (262, 79), "statx": (332, 291),
    "statfs": (137, 43), "fstatfs": (138, 44), "access": (21, None), "faccessat": (269, 48),
    "faccessat2": (439, 439), "readlink": (89, None), "readlinkat": (267, 78), "getdents": (78, None),
    "getdents64": (217, 61), "getcwd": (79, 17),
    # its own memory
    "mmap": (9, 222), "munmap": (11, 215), "mremap": (25, 216), "mprotect": (10, 226), "madvise": (28, 233),
    "mincore": (27, 232), "brk": (12, 214), "membarrier": (324, 283), "get_mempolicy": (239, 236),
    # its own threads and signals; `clone`, `kill` and `tgkill` below
    "clone": (56, 220), "futex": (202, 98), "futex_waitv": (449, 449), "set_tid_address": (218, 96),
    "set_robust_list": (273, 99), "get_robust_list": (274, 100), "rseq": (334, 293), "arch_prctl": (158, None),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "rt_sigpending": (127, 136),
    "sigaltstack": (131, 132), "kill": (62, 129), "tgkill": (234, 131), "exit": (60, 93), "exit_group": (231, 94),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120), "sched_get_priority_max": (146, 125), "sched_get_priority_min": (147, 126),
    "getcpu": (309, 168), "restart_syscall": (219, 128), "wait4": (61, 260), "waitid": (247, 95),
    # the time, chance, and who it is
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "nanosleep": (35, 101),
    "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153), "alarm": (37, None),
    "setitimer": (38, 103), "getitimer": (36, 102), "getrandom": (318, 278), "uname": (63, 160),
    "sysinfo": (99, 179), "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getpgid": (121, 155),
    "getpgrp": (111, None), "getsid": (124, 156), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176),
    "getegid": (108, 177), "getgroups": (115, 158), "getresuid": (118, 148), "getresgid": (120, 150),
    "getrlimit": (97, 163), "getrusage": (98, 165), "getpriority": (140, 141), "capget": (125, 90),
    "prctl": (157, 167), "prlimit64": (302, 261),
}
"""Name -> (x86_64, aarch64). Everything else is refused: what a kernel has that nobody thought of, too."""
_UNKNOWN: dict[str, tuple[int, int]] = {
    # "no such call": their flags lie in memory, where a filter cannot look; callers fall back to the older ones
    "clone3": (435, 435), "openat2": (437, 437),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
}
_FIRST_UNKNOWN = 450
"""Calls of later kernels than these tables know do not exist either: a C library that tries one falls back."""
_OPEN: dict[str, tuple[int | None, int, int]] = {"open": (2, 0, 1), "openat": (257, 56, 2)}
"""Name -> (x86_64, aarch64, which argument holds the flags); aarch64 has no ``open``."""
_CLONE, _PRCTL, _PRLIMIT, _KILL, _TGKILL = (56, 220), (157, 167), (302, 261), (62, 129), (234, 131)
_IOCTL = (16, 29)
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5450, 0x5451)
"""What Python asks of a file it opened: is it a terminal, how wide, how much waits; close it in programs, or do not."""
# fmt: on

_CLONE_THREAD = 0x10000
_O_TMPFILE = 0o20000000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | _O_TMPFILE

# The classic BPF of seccomp: load a word, jump if equal, at least, or any bit set; return.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32_CALLS = 0x40000000

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FS_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Landlock ABI -> every right on files that it knows; what is handled is refused unless a rule allows it."""
_TCP_RIGHTS, _SCOPES = 0b11, 0b11

_LEAST_BYTES = 16 * 2**20
"""What a parser gets at least, however small the limit: without it not even a refusal could be written."""

_SYSTEM_FOLDERS = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share",
    "/usr/local/share",
)
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/dev/null", "/dev/urandom")


def die_with_parent() -> None:
    """Asks the kernel to kill this process when the thread that started it ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def limit_resources(*, megabytes: int, seconds: int) -> None:
    """Sets the limits that need nothing but ``setrlimit``.

    The address space may grow by what is left between the memory that is resident now and ``megabytes``;
    so resident memory cannot pass ``megabytes``, whatever kind of mapping it comes from.
    """
    handle = os.open("/proc/self/statm", os.O_RDONLY)
    mapped, resident = (int(pages) * resource.getpagesize() for pages in os.read(handle, 100).split()[:2])
    os.close(handle)
    space = mapped + max(megabytes * 2**20 - resident, _LEAST_BYTES)
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 1, seconds + 2))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def confine(document: Path | None, folders: Iterable[str]) -> list[str]:
    """Takes every right away that reading ``document`` does not need; for good.

    Returns the names of the layers that this kernel has: ``seccomp``, ``landlock``. ``folders`` may be read
    besides the system's own libraries and fonts.
    """
    die_with_parent()
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return []
    layers = []
    if restrict_files(document, folders):  # first: the filter below refuses no call that this one makes,
        layers.append("landlock")  # but a later kernel's Landlock might need one that it does
    if filter_calls():
        layers.append("seccomp")
    return layers


def restrict_files(document: Path | None, folders: Iterable[str]) -> bool:
    """Puts Landlock in force; returns whether this kernel has it."""
    abi = _LIBC.syscall(_CREATE_RULESET, None, 0, 1)
    if abi < 1:
        return False
    handled = _FS_RIGHTS[max(known for known in _FS_RIGHTS if known <= abi)]
    attributes = struct.pack("QQQ", handled, _TCP_RIGHTS, _SCOPES)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    rules = _LIBC.syscall(_CREATE_RULESET, attributes, size, 0)
    if rules < 0:
        raise OSError(ctypes.get_errno(), "the Landlock rules cannot be made")
    for folder in (*_SYSTEM_FOLDERS, *folders):
        _allow(rules, folder, _READ_FILE | _READ_DIR)
    for file in _SYSTEM_FILES if document is None else (*_SYSTEM_FILES, document):
        _allow(rules, file, _READ_FILE)
    if _LIBC.syscall(_RESTRICT_SELF, rules, 0) != 0:
        raise OSError(ctypes.get_errno(), "the Landlock rules cannot be put in force")
    os.close(rules)
    return True


def _allow(rules: int, path: str | Path, rights: int) -> None:
    """Adds ``path`` to what may be read; a path that is not there needs no rule."""
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rule = struct.pack("=Qi", rights, handle)
    if _LIBC.syscall(_ADD_RULE, rules, 1, rule, 0) != 0:
        raise OSError(ctypes.get_errno(), "a Landlock rule cannot be added", str(path))
    os.close(handle)


def filter_calls() -> bool:
    """Puts the seccomp filter in force; returns whether this kernel has seccomp."""
    if _MACHINE is None:
        return False
    program = [*_FIRST, *_only_itself(_MACHINE[1], os.getpid()), *_LAST]
    code = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code))
    return bool(_LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def allowed_calls() -> frozenset[int]:
    """Returns the numbers of the calls that the filter lets through, some of them with certain arguments alone."""
    column = _MACHINE[1] if _MACHINE else 0
    return frozenset(number for numbers in _ALLOWED.values() if (number := numbers[column]) is not None)


def _first(architecture: int, column: int) -> list[bytes]:
    """Returns the first part of the filter: instructions of eight bytes each, run by the kernel on every call.

    Arguments are checked first.
    """
    program = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD, _NUMBER),
    ]
    if column == 0:  # x86_64 kernels carry a second table of the same calls
        program += [_step(_AT_LEAST, _X32_CALLS, 0, 1), _REFUSE]
    for known in _UNKNOWN.values():
        program += [_step(_EQUAL, known[column], 0, 1), _step(_RETURN, _ERRNO | errno.ENOSYS)]
    for *numbers_of_open, argument in _OPEN.values():
        if (number := numbers_of_open[column]) is not None:
            program += _unless(number, argument, [_step(_ANY_BIT, _WRITING, 0, 1)])
    program += _unless(_CLONE[column], 0, [_step(_ANY_BIT, _CLONE_THREAD, 1, 0)])
    program += _unless(_PRCTL[column], 0, [_step(_EQUAL, _PR_SET_PDEATHSIG, 0, 1)])
    program += _unless(_PRLIMIT[column], 0, [_step(_EQUAL, 0, 1, 0)])
    requests = [_step(_EQUAL, request, len(_IOCTLS) - at, 0) for at, request in enumerate(_IOCTLS)]
    return program + _unless(_IOCTL[column], 1, requests)


def _only_itself(column: int, pid: int) -> list[bytes]:
    """Returns the part that lets signals go to ``pid`` alone, which is how abort() works."""
    program = []
    for call in (_KILL, _TGKILL):
        program += _unless(call[column], 0, [_step(_EQUAL, pid, 1, 0)])
    return program


def _last(column: int) -> list[bytes]:
    """Returns the end of the filter: what is on the list is allowed, all else is not."""
    program = []
    for numbers in _ALLOWED.values():
        if (number := numbers[column]) is not None:
            program += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _ALLOW)]
    return [*program, _step(_AT_LEAST, _FIRST_UNKNOWN, 0, 1), _step(_RETURN, _ERRNO | errno.ENOSYS), _REFUSE]


def _unless(number: int, argument: int, tests: list[bytes]) -> list[bytes]:
    """Returns instructions that refuse call ``number`` unless one of ``tests`` of its argument's low half jumps."""
    return [
        _step(_EQUAL, number, 0, 3 + len(tests)),
        _step(_LOAD, _ARGUMENTS + 8 * argument),
        *tests,
        _REFUSE,
        _step(_LOAD, _NUMBER),
    ]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


_REFUSE = _step(_RETURN, _ERRNO | errno.EPERM)
_MACHINE = _MACHINES.get(platform.machine())
_FIRST, _LAST = (_first(*_MACHINE), _last(_MACHINE[1])) if _MACHINE else ([], [])
"""Assembled once, not in every fork."""
