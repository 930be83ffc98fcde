"""Keeps the C library from holding on to freed memory: a process that serves for weeks starts and ends many threads."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_M_ARENA_MAX = -8
"""From glibc's ``malloc.h``; see mallopt(3)."""
_ARENAS = 2


def share_arenas() -> None:
    """Lets all threads allocate from two arenas; to be called before any are started.

    By default glibc gives up to eight for each core, and what is freed in one serves no thread of another: after 20
    minutes of imports and questions memory was a third larger. Does nothing where the C library is another one.
    """
    if (libc := _glibc()) is not None:
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Returns free memory to the system; a few milliseconds. Does nothing where the C library is another one."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None  # musl has no arenas
