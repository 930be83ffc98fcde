"""Parsers that misbehave, and a renderer; run by the children of ``test_sandbox.py``."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from kb.errors import BadInput, NotFound
from kb.types import Block, BlockKind, LinePlace, ParagraphPlace, ParsedDocument, PdfPlace, Rect, Span

PNG = b"\x89PNG\r\n\x1a\n"
_served = 0


def behave(path: Path, name: str) -> ParsedDocument:
    """Does what the first word of the file says, with the rest as its argument."""
    global _served
    _served += 1
    what, _, argument = path.read_text(encoding="utf-8").partition(" ")
    return document(_BEHAVIOURS[what](argument))


def sleep_or_read(path: Path, name: str) -> ParsedDocument:
    """Reads a file, or, where its name says so, takes a minute over it."""
    if name.startswith("sleep"):
        time.sleep(60)
    return document(path.read_text(encoding="utf-8"))


def document(text: object) -> ParsedDocument:
    """A document of one paragraph."""
    return ParsedDocument((Block(BlockKind.PARAGRAPH, str(text)),))


def refuse(name: str) -> str:
    raise BadInput(f"{name} is not to my taste.")


def damage(_: str) -> str:
    raise KeyError("xref")


def recurse(text: str) -> str:
    return recurse(text) + text


def loop(_: str) -> str:
    while True:
        pass


def allocate(_: str) -> str:
    hoard = []
    while True:
        hoard.append(b"x" * 2**22)


def allocate_in_c(_: str) -> str:
    """Does what C++ does: takes memory until there is none, then ends itself."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while block := libc.malloc(2**20):
        ctypes.memset(block, 1, 2**20)
    os.abort()


def segfault(_: str) -> str:
    return ctypes.string_at(0).decode()


def exit_at_once(code: str) -> str:
    os._exit(int(code))


def abort(_: str) -> str:
    os.abort()


def chatter(_: str) -> str:
    sys.stdout.write("noise " * 100_000)
    os.write(1, b"\x00" * 100_000)
    sys.stderr.write("more noise\n" * 10_000)
    return "said"


def fill(megabytes: str) -> str:
    return "x" * (int(megabytes) * 2**20)


def read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def write(path: str) -> str:
    Path(path).write_text("written", encoding="utf-8")
    return "written"


def connect(port: str) -> str:
    socket.create_connection(("127.0.0.1", int(port)), timeout=1)
    return "connected"


def spawn(_: str) -> str:
    return subprocess.check_output([sys.executable, "--version"], text=True)


def serve_count(_: str) -> str:
    return str(_served)


def environment(_: str) -> str:
    return " ".join(os.environ)


def sleep(seconds: str) -> str:
    time.sleep(float(seconds))
    return "slept"


def surrogate(_: str) -> str:
    return "half a pair: \ud800."


def libc_call(source: str) -> str:
    """What a file that runs its own machine code would do: past Python, and past its audit hooks."""
    libc = ctypes.CDLL(None, use_errno=True)
    calls: dict[str, Callable[[], int]] = {
        "socket": lambda: libc.socket(2, 1, 0),
        "fork": lambda: libc.fork(),
        "exec": lambda: libc.execl(b"/bin/true", b"true", None),
        "system": lambda: 0 if libc.system(b"true") == 0 else -1,
        "kill": lambda: libc.kill(os.getppid(), 0),
        "write": lambda: libc.open(b"/tmp/footnote-escaped", os.O_WRONLY | os.O_CREAT, 0o600),
        "truncate": lambda: libc.truncate(b"/tmp/footnote-escaped", 0),
        "unlink": lambda: libc.unlink(b"/tmp/footnote-escaped"),
        "read": lambda: libc.open(b"/etc/passwd", os.O_RDONLY),
        "survive": lambda: libc.prctl(1, 0, 0, 0, 0),
        "memfd": lambda: libc.memfd_create(b"x", 0),
        "ptrace": lambda: libc.ptrace(16, os.getppid(), 0, 0),
    }
    return "refused" if calls[source]() == -1 else "allowed"


def open_many(path: str) -> str:
    """Opens the same file until that is refused."""
    handles = list[int]()
    try:
        while True:
            handles.append(os.open(path, os.O_RDONLY))
    except OSError as error:
        return f"{len(handles)} {error.strerror}"
    finally:
        for handle in handles:
            os.close(handle)


def flood(_: str) -> str:
    """Fills every pipe it holds, past the protocol, as something that runs its own machine code could."""
    pipes = [handle for handle in range(3, 64) if _is_pipe(handle)]
    while True:
        for handle in pipes:
            os.write(handle, bytes(1 << 16))


def _is_pipe(handle: int) -> bool:
    import fcntl  # not there on Windows, which never gets here

    try:
        return stat.S_ISFIFO(os.fstat(handle).st_mode) and bool(
            fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_WRONLY
        )
    except OSError:
        return False


def stop_clock(_: str) -> str:
    """Closes every pipe and stays, as something that wants to outlive its welcome would."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.closerange(0, 64)
    while True:
        time.sleep(1)


_BEHAVIOURS: dict[str, Callable[[str], str]] = {
    function.__name__: function
    for function in (
        refuse, damage, recurse, loop, allocate, allocate_in_c, segfault, exit_at_once, abort,
        chatter, fill, read, write, connect, spawn, serve_count, environment, sleep, surrogate, libc_call,
        stop_clock, open_many, flood,
    )
}  # fmt: skip


def everything(path: Path, name: str) -> ParsedDocument:
    """A document that uses every field."""
    text = path.read_text(encoding="utf-8")
    return ParsedDocument(
        blocks=(
            Block(BlockKind.HEADING, "Title", (Span(0, 5, LinePlace.at(1)),), level=1),
            Block(
                BlockKind.PARAGRAPH,
                text,
                (
                    Span(0, 1, PdfPlace((Rect(3, 1.5, 2.0, 3.2, 4.0),))),
                    Span(1, len(text), ParagraphPlace.at(7)),
                ),
            ),
        ),
        pages=3,
        title=name,
        metadata={"author": "Zoë 王"},
        warnings=("One picture was left out.",),
    )


class Renderer:
    """Answers with the PNG signature and what it was asked for; page 404 does not exist."""

    def render(self, path: Path, page: int, *, rects: Iterable[Rect] = (), width: int = 900) -> bytes:
        if page == 404:
            raise NotFound("There is no page 404.")
        if page == 500:
            return b"<svg onload=alert(1)>"
        return PNG + f"{path.name} {page} {width} {list(rects)}".encode()
