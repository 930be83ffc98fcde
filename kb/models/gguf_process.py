"""The process that runs one GGUF file: started, told what to load, watched, ended."""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, cast

from kb.errors import BackendDown, Misconfigured

log = logging.getLogger(__name__)

_REASON = re.compile(r"error loading model: (.+)")


class GgufProcess:
    """llama.cpp with one model loaded: ``kb.models.gguf_server``. Safe to use from several threads."""

    def __init__(self, file: Path, wanted: dict[str, Any], *, setting: str) -> None:
        """``wanted`` is what the process is told beside the file; ``setting`` names the file in the settings.

        Raises:
            Misconfigured: the package for it is not installed.
        """
        if find_spec("xllamacpp") is None:
            raise Misconfigured("Model files need the package 'xllamacpp'. Run: pip install xllamacpp")
        self.key = secrets.token_urlsafe(32)
        self._file = file
        self._setting = setting
        self._lock = threading.Lock()
        self._address: str | None = None
        self._ended = False
        self._broke_off = False
        self._errors = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - end() closes it
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "kb.models.gguf_server"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=os.environ | {"GGML_NO_BACKTRACE": "1"},  # else an abort waits for a debugger
            text=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows would open a console
        )
        self._stdin = cast("IO[str]", self._popen.stdin)
        self._stdout = cast("IO[str]", self._popen.stdout)
        self._wanted = json.dumps({**wanted, "file": str(file.resolve()), "key": self.key})

    @property
    def alive(self) -> bool:
        """Whether it has not ended; it may still be loading."""
        return not self._broke_off and self._popen.poll() is None

    def broke_off(self) -> None:
        """Counts it as ended from now on."""
        self._broke_off = True

    def address(self) -> str:
        """Returns where it listens. Waits until the model is loaded.

        Raises:
            Misconfigured: the model cannot be loaded; the message says why.
            BackendDown: it was ended meanwhile.
        """
        with self._lock:
            if self._address is None:
                self._address = self._handshake()
                log.info("loaded a model", extra={"file": str(self._file)})
        return self._address

    def end(self) -> None:
        """Kills the process at once."""
        self._ended = True
        self._popen.kill()
        self._popen.wait()
        with self._lock:  # a thread that waits for the handshake sees the end of the pipe and leaves
            for pipe in (self._stdin, self._stdout, self._errors):
                pipe.close()

    def _handshake(self) -> str:
        try:
            self._stdin.write(self._wanted + "\n")
            self._stdin.flush()
            answer = self._stdout.readline()
        except OSError:  # a broken pipe: it ended first
            answer = ""
        if answer:
            return str(json.loads(answer)["address"])
        if self._ended:
            raise BackendDown(f"{self._file.name} was closed while it was loading. Ask once more.")
        raise Misconfigured(
            f"{self._file} cannot be loaded: {self._why()}. Download it again, or set {self._setting} to another file."
        )

    def _why(self) -> str:
        code = self._popen.wait()
        self._errors.seek(0)
        if reasons := _REASON.findall(self._errors.read()):
            return str(reasons[-1])
        if code < 0:
            return f"llama.cpp was ended by signal {-code}; the file is damaged or needs too much memory"
        return "it is damaged, or of a kind that this llama.cpp does not know"
