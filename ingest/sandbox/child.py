"""The process in which a parser or the page renderer runs: ``python -m ingest.sandbox.child JSON``.

On Linux it loads the parsers, then forks for every document. The fork confines itself (``linux``),
reads the one document, writes its answer to a pipe and is gone: whatever a file did to it, the next file
starts from the clean process. Where there is no safe fork (macOS, Windows) the same process reads one
document after the other, guarded by Python's audit hooks alone, until the app replaces it.
"""

from __future__ import annotations

import codecs
import gc
import os
import queue
import select
import signal
import site
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from encodings.aliases import aliases
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, NoReturn

import orjson

from ingest.sandbox import protocol
from kb import errors
from kb.text.word_lists import all_word_lists
from kb.types import Rect

_ROOT = Path(__file__).resolve().parents[2]
_LEAVES = (errors.BadInput, errors.NotFound, errors.Misconfigured, errors.Denied)
"""What a parser may raise on purpose."""
_IMPORTED_ON_DEMAND = {"ingest.formats": ("ingest.parse",)}
"""Module of a parser -> packages of which it imports parts when a file wants them; a fork would do so each time."""
_REQUEST = struct.Struct(">I")

_REFUSED_EVENTS = (
    "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "os.system",
    "pty.", "os.kill", "signal.pthread_kill", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link",
    "os.symlink", "os.truncate", "os.chmod", "os.chown", "os.lchown", "os.chflags", "os.utime", "os.setxattr",
    "os.removexattr", "shutil.", "tempfile.", "urllib.", "ftplib.", "smtplib.", "imaplib.", "poplib.", "nntplib.",
    "telnetlib.", "webbrowser.", "sqlite3.connect", "winreg.", "_winapi.CreateProcess", "_winapi.OpenProcess",
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(frozen=True, slots=True)
class Options:
    """What the app says when it starts a child."""

    role: str
    """``parse`` or ``render``."""
    target: str
    """``module:attribute``: a parser function, or a renderer class."""
    confined: bool
    """Fork and confine for each document; needs Linux."""
    seconds: int
    megabytes: int
    output_bytes: int


Work = Callable[[dict[str, Any]], bytes]
"""A request in, a frame out."""


def main() -> None:
    """Loads what is needed, says hello, answers requests until the app closes the pipe or dies."""
    options = Options(**orjson.loads(sys.argv[1]))
    requests, answers = _take_pipes()
    if hasattr(os, "nice"):
        os.nice(5)
    work = _load(options)
    if options.confined:
        gc.collect()
        gc.freeze()  # the forks then share these pages instead of copying them
        _write(answers, protocol.frame(protocol.HELLO, orjson.dumps(_layers())))
        _serve_by_forks(requests, answers, work, options)
    else:
        _limit_portably()
        sys.addaudithook(_guard)
        _write(answers, protocol.frame(protocol.HELLO, orjson.dumps(["audit"])))
        _serve_here(requests, answers, work, options)


def _take_pipes() -> tuple[int, int]:
    """Moves the protocol away from stdin and stdout, so that nothing a library prints can get into it."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    if sys.platform == "win32":
        import msvcrt

        for pipe in (requests, answers):
            msvcrt.setmode(pipe, os.O_BINARY)
    return requests, answers


# --- The work itself --------------------------------------------------------------------------


def _load(options: Options) -> Work:
    """Returns the parser or renderer, with all that it will need imported, so that the first file is quick too."""
    module, _, attribute = options.target.partition(":")
    target = getattr(import_module(module), attribute)
    if options.role == "render":
        renderer = target()
        return lambda request: protocol.frame(protocol.IMAGE, _render(renderer, request))
    for package in _IMPORTED_ON_DEMAND.get(module, ()):
        for found in walk_packages(import_module(package).__path__, f"{package}."):
            import_module(found.name)
        _import_codecs()
        all_word_lists()  # a fork would read them for each web page: 60 ms
    return lambda request: protocol.frame(protocol.DOCUMENT, _parse(target, request))


def _parse(parser: Any, request: dict[str, Any]) -> bytes:
    document = parser(Path(request["path"]), request["name"])
    protocol.require_within_limits(document, request["name"])
    return protocol.encode_document(document)


def _import_codecs() -> None:
    """Loads every codec, since the detection of an encoding tries most of them: a quarter of a second a file."""
    for codec in set(aliases.values()):
        with suppress(LookupError):  # some exist on Windows alone
            codecs.lookup(codec)


def _render(renderer: Any, request: dict[str, Any]) -> bytes:
    rects = [Rect(*rect) for rect in request["rects"]]
    png: bytes = renderer.render(Path(request["path"]), request["page"], rects=rects, width=request["width"])
    return png


def _answer(work: Work, request: dict[str, Any], options: Options) -> bytes:
    """Returns the frame for one document, whatever the parser does short of dying."""
    try:
        answer = work(request)
    except MemoryError:
        return protocol.frame(protocol.NO_MEMORY)
    except errors.FootnoteError as error:
        leaf = next((leaf.__name__ for leaf in _LEAVES if isinstance(error, leaf)), "BadInput")
        return _refusal(leaf, str(error), error)
    except BaseException as error:  # noqa: BLE001 -- the boundary: the app tells the person, the log the rest
        return _refusal("", "", error)
    return protocol.frame(protocol.TOO_MUCH) if len(answer) > options.output_bytes else answer


def _refusal(leaf: str, sentence: str, error: BaseException) -> bytes:
    where = "".join(traceback.format_tb(error.__traceback__, limit=-8))
    detail = f"{where}{type(error).__name__}: {error}"
    return protocol.frame(protocol.ERROR, protocol.encode_refusal(protocol.Refusal(leaf, sentence, detail)))


# --- Linux: a process for every document ------------------------------------------------------


def _serve_by_forks(requests: int, answers: int, work: Work, options: Options) -> None:
    while (request := _read_request(requests)) is not None:
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            for ours in (requests, answers, reader):
                os.close(ours)
            _work_and_exit(writer, work, request, options)
        os.close(writer)
        _write(answers, _relay(reader, pid, requests, options))
        os.close(reader)


def _work_and_exit(writer: int, work: Work, request: dict[str, Any], options: Options) -> NoReturn:
    """Runs a fork. It exits without Python's own cleanup, which belongs to the process it was forked from."""
    from ingest.sandbox import linux

    try:
        linux.limit_resources(megabytes=options.megabytes, seconds=options.seconds)
        linux.confine(Path(request["path"]), _READABLE)
        sys.addaudithook(_guard)
        with _allowed(request["path"]):
            _write(writer, _answer(work, request, options))
    except BaseException:  # noqa: BLE001 -- nothing may return into the code of the process it was forked from
        traceback.print_exc()
        os._exit(os.EX_SOFTWARE)
    os._exit(os.EX_OK)


def _relay(reader: int, pid: int, requests: int, options: Options) -> bytes:
    """Returns the fork's answer as one whole frame, or how it ended without one. Leaves no process behind."""
    pieces, size, limit = [], 0, options.output_bytes + protocol.HEADER.size
    while True:
        ready, _, _ = select.select([reader, requests], [], [])
        if requests in ready:  # nobody asks while we work: the app has closed the pipe, or died
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            sys.exit()
        piece = os.read(reader, 1 << 20)
        pieces.append(piece)
        size += len(piece)
        if not piece or size > limit:
            break
    os.kill(pid, signal.SIGKILL)  # it has closed its pipe: a fork that still lives is up to no good
    _, status, usage = os.wait4(pid, 0)
    if size > limit:
        return protocol.frame(protocol.TOO_MUCH)
    answer = b"".join(pieces)
    if size >= protocol.HEADER.size and protocol.HEADER.unpack_from(answer)[0] == size - protocol.HEADER.size:
        return answer
    ended = protocol.Ended(os.waitstatus_to_exitcode(status), usage.ru_maxrss >> 10)
    return protocol.frame(protocol.ENDED, protocol.encode_ended(ended))


def _layers() -> list[str]:
    """Returns the layers that are in force in a fork: found by confining one and asking it."""
    from ingest.sandbox import linux

    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            layers = linux.confine(None, _READABLE)
            os.write(writer, orjson.dumps(["limits", "audit", *layers]))
        finally:
            os._exit(0)
    os.close(writer)
    found = os.read(reader, 4096)
    os.close(reader)
    os.waitpid(pid, 0)
    return orjson.loads(found)  # type: ignore[no-any-return]


# --- Elsewhere: one document after the other --------------------------------------------------


def _serve_here(requests: int, answers: int, work: Work, options: Options) -> None:
    """Reads requests on a thread of their own, so that the end of the app is noticed while a parser runs."""
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def listen() -> None:
        while (request := _read_request(requests)) is not None:
            waiting.put(request)
        os._exit(0)

    threading.Thread(target=listen, name="requests", daemon=True).start()
    while True:
        request = waiting.get()
        with _allowed(request["path"]):
            answer = _answer(work, request, options)
        _write(answers, answer)


def _limit_portably() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# --- What Python code may do ------------------------------------------------------------------

_document: list[str] = []
"""The document being read: what ``_guard`` lets Python code open besides the libraries."""


@contextmanager
def _allowed(path: str) -> Iterator[None]:
    _document[:] = [_canonical(path)]
    try:
        yield
    finally:
        _document.clear()


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuses what no parser does (an audit hook): for Python code; C code never asks it."""
    if event == "open":
        path, _, flags = arguments
        if isinstance(flags, int) and flags & _WRITING:
            raise PermissionError(f"A parser may not write {path!r}.")
        if isinstance(path, (str, bytes)) and not _is_readable(os.fsdecode(path)):
            raise PermissionError(f"A parser may not read {path!r}.")
    elif event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"A parser may not do this: {event}.")


def _is_readable(path: str) -> bool:
    path = _canonical(path)
    return path in _document or path.startswith(_PREFIXES)


def _canonical(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))


def _readable_folders() -> list[str]:
    """Returns the folders of Python, its packages and this program's own parsers; never the data folder."""
    found = [sys.prefix, sys.base_prefix, *site.getsitepackages(), str(_ROOT / "ingest"), str(_ROOT / "kb")]
    if site.ENABLE_USER_SITE:
        found.append(site.getusersitepackages())
    return found


_READABLE = tuple(map(_canonical, _readable_folders()))
_PREFIXES = tuple(folder + os.sep for folder in (*_READABLE, "/usr/share", "/usr/lib", "/lib"))


# --- Pipes ------------------------------------------------------------------------------------


def _read_request(requests: int) -> dict[str, Any] | None:
    """Returns the next request; None once the app is gone."""
    header = _read(requests, _REQUEST.size)
    if len(header) < _REQUEST.size:
        return None
    (length,) = _REQUEST.unpack(header)
    body = _read(requests, length)
    if len(body) < length:
        return None
    request: dict[str, Any] = orjson.loads(body)
    return request


def _read(pipe: int, size: int) -> bytes:
    pieces = []
    while size and (piece := os.read(pipe, min(size, 1 << 20))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _write(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]


if __name__ == "__main__":
    main()
