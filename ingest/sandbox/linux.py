"""What Linux offers to confine a process that reads a file nobody vouches for, through ctypes alone.

``confine`` is called in a process that was forked for one document and cannot be undone there:

- **resource limits**: memory, CPU seconds, open files; no file may grow; no core dump.
- **seccomp**: the kernel refuses sockets, new processes and programs, signals to others, opening anything
  for writing, every call that changes the file system, tracing, mounting, namespaces, keys, BPF, io_uring.
  A list of what is refused, not of what is allowed: libraries keep working when they or the C library
  change, and everything on the list is something that no parser needs.
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
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # the network, and sockets to other processes
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    # other processes
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "setsid": (112, 157), "setpgid": (109, 154),
    # changing the file system
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "link": (86, None), "linkat": (265, 37),
    "symlink": (88, None), "symlinkat": (266, 36), "unlink": (87, None), "unlinkat": (263, 35),
    "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "mknod": (133, None), "mknodat": (259, 33),
    "creat": (85, None), "truncate": (76, 45), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "chown": (92, None), "lchown": (94, None), "fchown": (93, 55),
    "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None), "futimesat": (261, None),
    "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    # memory that no limit counts, and mail boxes
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "shmat": (30, 196),
    "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    # rights, and the parts of the kernel where holes are found
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159), "capset": (126, 91),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "move_mount": (429, 429), "open_tree": (428, 428),
    "fsopen": (430, 430), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "fanotify_init": (300, 262),
    "open_by_handle_at": (304, 265), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
}
_UNKNOWN: dict[str, tuple[int, int]] = {
    # "no such call": their flags lie in memory, where a filter cannot look; callers fall back to the older ones
    "clone3": (435, 435), "openat2": (437, 437),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
}
_OPEN: dict[str, tuple[int | None, int, int]] = {"open": (2, 0, 1), "openat": (257, 56, 2)}
"""Name -> (x86_64, aarch64, which argument holds the flags); aarch64 has no ``open``."""
_CLONE, _PRCTL, _PRLIMIT, _KILL, _TGKILL = (56, 220), (157, 167), (302, 261), (62, 129), (234, 131)
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
    """Landlock: whether this kernel has it, in which case it is in force now."""
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
    """seccomp: whether this kernel has it, in which case it is in force now."""
    if _MACHINE is None:
        return False
    program = [*_FOR_ALL, *_only_itself(_MACHINE[1], os.getpid()), _step(_RETURN, _ALLOW)]
    code = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code))
    return bool(_LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def _program(architecture: int, column: int) -> list[bytes]:
    """The filter: instructions of eight bytes each, run by the kernel on every call."""
    refuse = _step(_RETURN, _ERRNO | errno.EPERM)
    program = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD, _NUMBER),
    ]
    if column == 0:  # x86_64 kernels carry a second table of the same calls
        program += [_step(_AT_LEAST, _X32_CALLS, 0, 1), refuse]
    for numbers in _REFUSED.values():
        if (number := numbers[column]) is not None:
            program += [_step(_EQUAL, number, 0, 1), refuse]
    for known in _UNKNOWN.values():
        program += [_step(_EQUAL, known[column], 0, 1), _step(_RETURN, _ERRNO | errno.ENOSYS)]
    for *numbers_of_open, argument in _OPEN.values():
        if (number := numbers_of_open[column]) is not None:
            program += _unless(number, argument, _step(_ANY_BIT, _WRITING, 0, 1), refuse)
    program += _unless(_CLONE[column], 0, _step(_ANY_BIT, _CLONE_THREAD, 1, 0), refuse)
    program += _unless(_PRCTL[column], 0, _step(_EQUAL, _PR_SET_PDEATHSIG, 0, 1), refuse)
    program += _unless(_PRLIMIT[column], 0, _step(_EQUAL, 0, 1, 0), refuse)
    return program


def _only_itself(column: int, pid: int) -> list[bytes]:
    """More of it: signals go to ``pid`` alone, for that is how abort() works."""
    refuse = _step(_RETURN, _ERRNO | errno.EPERM)
    program = []
    for call in (_KILL, _TGKILL):
        program += _unless(call[column], 0, _step(_EQUAL, pid, 1, 0), refuse)
    return program


def _unless(number: int, argument: int, test: bytes, refuse: bytes) -> list[bytes]:
    """Refuses call ``number`` unless ``test`` of the low half of its argument jumps over the refusal."""
    return [
        _step(_EQUAL, number, 0, 4),
        _step(_LOAD, _ARGUMENTS + 8 * argument),
        test,
        refuse,
        _step(_LOAD, _NUMBER),
    ]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


_MACHINE = _MACHINES.get(platform.machine())
_FOR_ALL = _program(*_MACHINE) if _MACHINE else []
"""Assembled once, not in every fork."""
