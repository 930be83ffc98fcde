"""What the C library is asked to do with freed memory; in processes of their own, because it holds for a whole one."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")

_ARENAS = """
import ctypes, threading
from kb.system.malloc import share_arenas

if {shared}:
    share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fdopen.restype = ctypes.c_void_p
everybody = threading.Barrier(9)

def allocate():
    libc.malloc(1000)
    everybody.wait()  # all are alive at once: each takes an arena of its own, if it can
    everybody.wait()

for _ in range(8):
    threading.Thread(target=allocate).start()
everybody.wait()
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
everybody.wait()
"""

_GIVE_BACK = """
import ctypes, psutil
from kb.system.malloc import give_back

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
pieces = [libc.malloc(4000) for _ in range(20_000)]
for piece in pieces:
    ctypes.memset(piece, 1, 4000)
for piece in pieces[:-1]:  # the last one keeps the end of the heap where it is
    libc.free(piece)
before = psutil.Process().memory_info().rss
give_back()
print(before - psutil.Process().memory_info().rss)
"""


def printed(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("shared", "arenas"), [(False, range(3, 99)), (True, range(1, 3))])
def test_threads_share_arenas(shared: bool, arenas: range) -> None:
    assert printed(_ARENAS.format(shared=shared)).count("<heap nr=") in arenas


def test_what_was_freed_goes_back_to_the_system() -> None:
    assert int(printed(_GIVE_BACK)) > 40 << 20
