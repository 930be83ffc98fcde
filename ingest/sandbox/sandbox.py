"""Runs parsers and the page renderer in limited processes that can be killed.

What protects against what:

| layer | platforms | keeps a file from |
|---|---|---|
| a process of its own, watched by the clock | all | stopping or crashing the app, working for ever |
| answers checked value by value (``protocol``) | all | planting objects or unbounded output in the app |
| scrubbed environment, empty folder, low priority | all | finding secrets, slowing questions down |
| audit hook in the child | all | sockets, programs, writing, other files: by Python code |
| a fork for every document | Linux | touching the files that come after it |
| resource limits | Linux | more memory or CPU than allowed; writing to a file; core dumps |
| memory watched from outside | elsewhere | more memory than allowed, within a tenth of a second |
| seccomp, Landlock (``linux``) | Linux | the network, processes, writing, other files: by any code |

On macOS and Windows a parser that a file has taken over with machine code (not merely crashed) has the rights
of the person who runs the app; only the process boundary, the clock and the memory watch hold there. When the
app dies, children on Linux are gone at once; elsewhere as soon as the parser lets go of the interpreter.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ingest.sandbox import protocol
from ingest.sandbox.child import Options
from ingest.sandbox.pool import LONG_SECONDS, Pool
from ingest.sandbox.process import ChildGone, Killed
from kb import errors
from kb.errors import BadInput, Cancelled, FootnoteError, NotFound, NotReadNow
from kb.types import ParsedDocument, Rect

log = logging.getLogger(__name__)

_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_RENDER_SECONDS = 8
MOST_ASIDE = 2
"""So many parsers more may run while others take long; each may use as much memory as one file is allowed."""
_LEAVES = {
    leaf.__name__: leaf for leaf in (errors.BadInput, errors.NotFound, errors.Misconfigured, errors.Denied)
}
_OUT_OF_TIME = (getattr(signal, "SIGXCPU", None),)
_OUT_OF_MEMORY = (getattr(signal, "SIGKILL", None),)
"""The kernel's own way to end a process when the whole machine runs out of memory."""
_NEARLY_ALL = 0.7
"""A parser that died with this share of its memory in use died of it: C++ ends itself when memory runs out."""


def workers_for(cores: int | None) -> int:
    """How many files are parsed at once: one core is left to the app, and two files at least are read, since one may
    take its two minutes.
    """
    return min(max((cores or 2) - 1, 2), 4)


class ParserCrashed(NotReadNow):
    """The parser died on the file, twice; another try would not help."""


class Sandbox:
    """Parsers and the page renderer in processes of their own; a ``kb.ports.PageRenderer`` itself.

    Safe to call from several threads. At most ``workers`` files are parsed at once, and two more while others take
    long; callers beyond that wait. Pages are rendered by one process more, so that they never wait for a file.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        seconds: int = 120,
        megabytes: int = 1024,
        output_megabytes: int = 64,
        parser: str = "ingest.formats:parse",
        renderer: str = "ingest.render:PdfiumRenderer",
        confined: bool = sys.platform == "linux",
        long_seconds: float = LONG_SECONDS,
    ) -> None:
        """Starts the first parser process in the background; the others start when they are needed.

        ``workers`` None takes as many as suit the cores; two more run while others have worked for ``long_seconds``.
        ``seconds`` and ``megabytes`` limit one file, ``output_megabytes`` its text with the places of its words.
        ``confined=False`` leaves out what only Linux has.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="footnote-parser-", ignore_cleanup_errors=True)

        def options(role: str, target: str, limit: int) -> Options:
            return Options(role, target, confined, limit, megabytes, output_megabytes * 2**20)

        workers = workers or workers_for(os.cpu_count())
        folder = Path(self._folder.name)
        self._parsers = Pool(
            options("parse", parser, seconds),
            size=workers,
            folder=folder,
            aside=MOST_ASIDE,
            long_seconds=long_seconds,
        )
        self._renderers = Pool(
            options("render", renderer, min(seconds, _MOST_RENDER_SECONDS)), size=1, folder=folder
        )
        self._parsers.warm()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def parse(
        self,
        path: Path,
        name: str,
        *,
        cancelled: threading.Event | None = None,
        begun: Callable[[], None] | None = None,
    ) -> ParsedDocument:
        """Returns the content of the file at ``path``; ``name`` is what the person called it, for messages only.

        ``begun`` is called once a process is free, just before it opens the file.

        Raises:
            BadInput: the file cannot be read, or not within the limits.
            ParserCrashed: the parser died on it, twice.
            Cancelled: ``cancelled`` was set meanwhile, or the sandbox was closed.
            Misconfigured: the parser's process does not start.
            NotFound: there is no such file.
        """
        if not path.is_file():
            raise NotFound(f"The file of {name} is gone from the data folder. Add it once more.")
        request = {"path": str(path.absolute()), "name": name}
        try:
            return self._parse(request, name, cancelled, begun)
        except ParserCrashed:
            log.warning("the parser crashed, and is tried once more", extra={"file": name})
            return self._parse(request, name, cancelled, None)

    def render(self, path: Path, page: int, *, rects: Iterable[Rect] = (), width: int = 900) -> bytes:
        """Returns the 1-based ``page`` as a PNG, ``width`` pixels wide, with ``rects`` highlighted.

        Raises:
            NotFound: there is no such page.
            BadInput: the page cannot be drawn, or not within the limits.
            Cancelled: the sandbox was closed meanwhile.
        """
        corners = [(rect.page, rect.x0, rect.y0, rect.x1, rect.y1) for rect in rects]
        request = {"path": str(path.absolute()), "page": page, "rects": corners, "width": width}
        kind, body = _ask(self._renderers, request, f"Page {page}", None)
        if kind != protocol.IMAGE or not body.startswith(_PNG):
            raise _crashed(f"Page {page}", "an answer that is no picture")
        return body

    def close(self) -> None:
        """Kills every child; callers that wait for one get ``Cancelled``. May be called twice."""
        self._parsers.close()
        self._renderers.close()
        self._folder.cleanup()

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that confine the parsers here: some of ``limits``, ``audit``, ``landlock``, ``seccomp``."""
        return self._parsers.layers()

    def _parse(
        self,
        request: dict[str, Any],
        name: str,
        cancelled: threading.Event | None,
        begun: Callable[[], None] | None,
    ) -> ParsedDocument:
        kind, body = _ask(self._parsers, request, name, cancelled, begun)
        try:
            if kind == protocol.DOCUMENT:
                return protocol.decode_document(body, cancelled=cancelled)
        except protocol.WireError as error:
            raise _crashed(name, str(error)) from error
        raise _crashed(name, f"an answer of the kind {kind!r}")


def _ask(
    pool: Pool,
    request: dict[str, Any],
    name: str,
    cancelled: threading.Event | None,
    begun: Callable[[], None] | None = None,
) -> tuple[bytes, bytes]:
    """Returns the answer's (kind, body); every failure is raised as the error that the person gets."""
    try:
        kind, body, printed = pool.ask(request, cancelled=cancelled, begun=begun)
        if kind == protocol.ERROR:
            raise _refused(protocol.decode_refusal(body), name)
        if kind == protocol.ENDED:
            ended = protocol.decode_ended(body)
            raise _ended(_cause(ended, pool.options), name, pool.options, f"{ended}\n{printed}")
    except ChildGone as gone:
        raise _ended(gone.killed, name, pool.options, str(gone)) from gone
    except protocol.WireError as error:
        raise _crashed(name, str(error)) from error
    if kind == protocol.NO_MEMORY:
        raise _ended(Killed.MEMORY, name, pool.options, printed)
    if kind == protocol.TOO_MUCH:
        raise BadInput(
            f"{name} holds more than {pool.options.output_bytes >> 20} MB of text; it was given up. "
            "Split it into smaller files and add those."
        )
    return kind, body


def _refused(refusal: protocol.Refusal, name: str) -> FootnoteError:
    """Returns what the parser raised: its own sentence if it meant to, else that the file is damaged."""
    leaf = _LEAVES.get(refusal.leaf)
    if leaf is not None:
        return leaf(refusal.sentence)
    log.warning("a parser failed", extra={"file": name, "reason": refusal.detail})
    kind = refusal.detail.rstrip().rpartition("\n")[2]
    return BadInput(
        f"{name} seems to be damaged: the parser stopped at {kind[:200]}. "
        "Open it in its own program, save it anew and add that."
    )


def _cause(ended: protocol.Ended, options: Options) -> Killed | None:
    """Returns why a fork that the app did not kill has died; None for a crash."""
    if -ended.code in _OUT_OF_TIME:
        return Killed.TIME
    if -ended.code in _OUT_OF_MEMORY or ended.megabytes > _NEARLY_ALL * options.megabytes:
        return Killed.MEMORY
    return None


def _ended(killed: Killed | None, name: str, options: Options, printed: str) -> FootnoteError:
    """Returns the error for the person whose file the child read when it ended."""
    match killed:
        case Killed.TIME if options.role == "render":
            return BadInput(
                f"{name} takes longer than {options.seconds} s to draw, so it is not shown. "
                "Its text is read and searched all the same."
            )
        case Killed.TIME:
            return NotReadNow(
                f"{name} took longer than {options.seconds} s to read and was given up. "
                "Split it into smaller files, or raise parsing.seconds in the settings."
            )
        case Killed.MEMORY:
            return NotReadNow(
                f"{name} needs more than {options.megabytes} MB of memory to read; it was given up. "
                "Split it into smaller files, or raise parsing.megabytes in the settings."
            )
        case Killed.CANCELLED:
            return Cancelled(f"{name} was stopped.")
        case Killed.CLOSED:
            return Cancelled(f"{name} was stopped: the app is closing.")
    return _crashed(name, printed)


def _crashed(name: str, printed: str) -> ParserCrashed:
    log.warning("the parser crashed", extra={"file": name, "printed": printed})
    return ParserCrashed(
        f"The parser crashed on {name}. Open it in its own program, save it anew and add that."
    )
