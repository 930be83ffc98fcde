"""Serves a library in memory: ``python -m tests.kb.web.serve_standin HOME PORT [HOST]``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from kb.errors import FootnoteError
from kb.web.page.frame.mount import page
from kb.web.server import serve
from tests.kb.web.standin import InMemoryLibrary


def main(home: str, port: str, host: str = "127.0.0.1") -> int:
    def ready(address: str) -> None:
        sys.stdout.write(f"ready {address}\n")
        sys.stdout.flush()

    try:
        library: Any = InMemoryLibrary(Path(home))
        serve(library, host, int(port), ready, mount=page(library, port=int(port)))
    except FootnoteError as error:
        sys.stdout.write(f"{type(error).__name__}: {error}\n")
        return 2
    sys.stdout.write("closed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
