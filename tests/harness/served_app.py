"""``app.py serve`` as a fork of a process that has imported everything: a start costs a second less, not five more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from app import App
from kb.cli import main as cli
from tests.harness.app_process import lives, log_to

ROOT = Path(__file__).parents[2]


class ServedApp:
    """A running app, until it is ended."""

    def __init__(
        self, home: Path, port: int, *, log: Path, environment: Mapping[str, str], forked: bool = True
    ) -> None:
        """Starts it with these variables and no others of ours; it may still be importing.

        ``forked=False`` begins a new interpreter, as a person does: only that one can start itself again.
        """
        self._process: Any
        if forked:
            self._process = lives().Process(target=_serve, args=(home, port, log, dict(environment)))
            self._process.start()
            return
        command = [sys.executable, str(ROOT / "app.py"), "serve", "--home", str(home), "--port", str(port)]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, env=_own(environment)
            )

    def is_alive(self) -> bool:
        if isinstance(self._process, subprocess.Popen):
            return self._process.poll() is None
        return bool(self._process.is_alive())

    def end(self, *, patience_s: float) -> bool:
        """Ends it as Ctrl+C does; returns whether it obeyed within ``patience_s``, and kills it where not."""
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGINT)
        deadline = time.monotonic() + patience_s
        while self.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        obeyed = not self.is_alive()
        self._process.kill()
        self._process.wait() if isinstance(self._process, subprocess.Popen) else self._process.join()
        return obeyed


def _own(environment: Mapping[str, str]) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("FOOTNOTE_")}
    return others | dict(environment)


def _serve(home: Path, port: int, log: Path, environment: dict[str, str]) -> None:
    log_to(log)
    whole = _own(environment)
    os.environ.clear()
    os.environ.update(whole)
    sys.exit(cli.main(["serve", "--home", str(home), "--port", str(port)], App()))
