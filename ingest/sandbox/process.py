"""One child process as the app sees it: started, asked, watched by the clock, killed."""

from __future__ import annotations

import logging
import os
import signal
import site
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

import orjson

from ingest.sandbox import protocol
from ingest.sandbox.child import Options
from kb.errors import Misconfigured

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
_KEPT_VARIABLES = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "SYSTEMROOT",
    "WINDIR",
    "TEMP",
    "TMP",
    "TMPDIR",
)
"""All of the app's environment that a child gets; keys and tokens are in other ones."""
_WINDOWS_FLAGS = sum(
    getattr(subprocess, flag, 0) for flag in ("CREATE_NO_WINDOW", "BELOW_NORMAL_PRIORITY_CLASS")
)
_START_SECONDS = 60
_GRACE_SECONDS = 0.5
"""For how long a child that was told to end may take to clear up."""
_MOST_LOG_BYTES = 16_384
_MOST_DOCUMENTS = 50
"""A child that cannot fork is replaced after so many documents, or when it has grown by the figure below."""
_MOST_GROWTH_BYTES = 256 * 2**20


class Killed(Enum):
    """Why the app ended a child."""

    TIME = auto()
    MEMORY = auto()
    CANCELLED = auto()
    CLOSED = auto()


class ChildGone(Exception):
    """The child ended, or broke the protocol, before it answered."""

    def __init__(self, killed: Killed | None, printed: str) -> None:
        super().__init__(printed)
        self.killed = killed
        """None when it ended by itself."""


@dataclass(frozen=True, slots=True)
class Watch:
    """When to kill a child that works."""

    deadline: float
    """By ``time.monotonic``."""
    cancelled: threading.Event | None = None
    rss_bytes: int | None = None
    """None where the kernel limits the memory."""


class Child:
    """A process that answers one request at a time. ``call`` from one thread; ``kill`` from any."""

    def __init__(self, options: Options, *, folder: Path) -> None:
        self._options = options
        self._process = _start(options, folder)
        self._log: deque[bytes] = deque(maxlen=8)
        self._killed: Killed | None = None
        self._grace_ends = 0.0
        self._watch: Watch | None = None
        self._served = 0
        self._first_rss = 0
        self._ready = False
        self.layers: tuple[str, ...] = ()
        """What confines it, by its own account; empty until ``wait_until_ready`` has returned."""
        self._log_thread = threading.Thread(target=self._keep_log, name="sandbox-log", daemon=True)
        self._log_thread.start()

    def wait_until_ready(self, cancelled: threading.Event | None = None) -> None:
        """Returns once the child has loaded its parsers; at once after the first time.

        Raises:
            ChildGone: it was killed meanwhile.
            Misconfigured: it does not start.
        """
        if self._ready:
            return
        self._watch = Watch(time.monotonic() + _START_SECONDS, cancelled)
        try:
            _, body = self._receive()
        except ChildGone as gone:
            if gone.killed in (Killed.CANCELLED, Killed.CLOSED):
                raise
            raise Misconfigured(
                f"The process for {self._options.target} does not start: {_last_line(str(gone))}. "
                "Run `python3 start.py` once more to complete the installation."
            ) from gone
        self._watch = None
        self._ready = True
        self.layers = tuple(orjson.loads(body))
        log.info(
            "a process is ready", extra={"role": self._options.role, "confined_by": ", ".join(self.layers)}
        )
        self._first_rss = self._rss()

    def call(self, request: dict[str, Any], watch: Watch) -> tuple[bytes, bytes]:
        """Returns the (kind, body) of the answer; see ``protocol``.

        Raises:
            ChildGone: there will be none; the child cannot be used any more.
        """
        body = orjson.dumps(request)
        self._watch = watch
        try:
            stdin = _pipe(self._process.stdin)
            stdin.write(len(body).to_bytes(4, "big") + body)
            stdin.flush()
            return self._receive()
        except (OSError, ValueError) as error:  # the pipe is closed: it died or was killed before we asked
            raise self._gone() from error
        finally:
            self._watch = None
            self._served += 1

    def check(self, now: float) -> None:
        """Kills the child if its watch says so; called many times a second."""
        watch = self._watch
        if watch is None:
            return
        if self._killed is not None:
            if now > self._grace_ends:
                self._kill_group()
        elif watch.cancelled is not None and watch.cancelled.is_set():
            self.kill(Killed.CANCELLED)
        elif now > watch.deadline:
            self.kill(Killed.TIME)
        elif watch.rss_bytes is not None and self._rss() > watch.rss_bytes:
            self.kill(Killed.MEMORY)

    def kill(self, why: Killed) -> None:
        """Ends the child and all that it started, without waiting. The first reason stays.

        A child that has forked sees its pipe close, kills its fork and reaps it, which nobody else could: under
        an init that does not reap orphans zombies would pile up. One that does not obey is killed all the same.
        """
        self._killed = self._killed or why
        self._grace_ends = time.monotonic() + _GRACE_SECONDS
        if self._options.confined and self._ready:
            with suppress(OSError):
                _pipe(self._process.stdin).close()
        else:
            self._kill_group()

    def close(self) -> None:
        """Kills it and waits until it is gone."""
        self.kill(Killed.CLOSED)
        self._wait()
        with suppress(OSError):  # a request may still lie in its buffer
            _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()

    @property
    def is_worn(self) -> bool:
        """Whether it should be replaced: it reads document after document, and has read enough."""
        if self._options.confined:
            return False
        return self._served >= _MOST_DOCUMENTS or self._rss() - self._first_rss > _MOST_GROWTH_BYTES

    @property
    def log(self) -> str:
        """The end of its stdout and stderr."""
        return b"".join(self._log)[-_MOST_LOG_BYTES:].decode("utf-8", "replace")

    def _receive(self) -> tuple[bytes, bytes]:
        try:
            answer = protocol.read_frame(_pipe(self._process.stdout).read, limit=self._options.output_bytes)
        except protocol.WireError as error:
            log.warning("a parser's process answered nonsense", extra={"reason": str(error)})
            answer = None
        if answer is None:
            raise self._gone()
        return answer

    def _gone(self) -> ChildGone:
        killed = self._killed  # before the line below gives a reason of its own
        self.kill(Killed.CLOSED)
        self._wait()
        self._log_thread.join(1)
        return ChildGone(killed, f"exit status {self._process.returncode}\n{self.log}")

    def _wait(self) -> None:
        try:
            self._process.wait(timeout=_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill_group()
            self._process.wait()

    def _kill_group(self) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                if hasattr(os, "killpg"):
                    os.killpg(self._process.pid, signal.SIGKILL)
                else:
                    self._process.kill()

    def _rss(self) -> int:
        """Returns resident bytes; 0 where the kernel limits them, or when the child is gone."""
        if self._options.confined:
            return 0
        import psutil

        try:
            rss: int = psutil.Process(self._process.pid).memory_info().rss
        except psutil.NoSuchProcess:
            return 0
        return rss

    def _keep_log(self) -> None:
        """Drains stderr, so that the child never waits for us, and stores its end."""
        stream = _pipe(self._process.stderr)
        while piece := stream.read1(2048):
            self._log.append(piece)
        stream.close()


def _start(options: Options, folder: Path) -> subprocess.Popen[bytes]:
    # -P keeps the working folder off the import path; -B: a child writes no files, compiled ones included
    command = [
        sys.executable,
        "-P",
        "-B",
        "-m",
        "ingest.sandbox.child",
        orjson.dumps(asdict(options)).decode(),
    ]
    return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=_environment(),
        start_new_session=True,  # a group of its own to kill; Ctrl-C is for the app alone
        creationflags=_WINDOWS_FLAGS,
    )


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    path = [str(_ROOT), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])]
    # one thread: a fork of a process with threads is not safe, and the cores belong to the embedder
    return kept | {"PYTHONPATH": os.pathsep.join(path), "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"}


def _pipe(stream: Any) -> Any:
    """Returns ``stream``, which Popen types as optional though every one of ours is a pipe."""
    return stream


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].rstrip(".") if lines else "it ended without a word"
