"""What the commands print. Nothing else in ``kb/cli`` prints: names and passages are data of others.

A name or a passage may hold what a terminal obeys (a colour, a cleared screen, a changed direction of writing), which
is shown as an escape instead. Secrets are masked.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any, TextIO

from kb.system.redact import redacted
from kb.text.visible import visible, visible_json, visible_line


def say(line: object = "", *, flush: bool = False) -> None:
    print(visible_line(redacted(str(line))), flush=flush)


def say_questions(now: dict[str, Any]) -> None:
    """Prints what the labelled questions found before and after a change, where there are any in its status."""
    if found := now["questions"]:
        say(
            f"Of {found['questions']} labelled questions {found['before']} found their passage before "
            f"({found['first_before']} in the first place), {found['after']} do now ({found['first_after']})."
        )


def say_text(text: object, *, end: str = "\n") -> None:
    """Prints text that may have several lines, at once."""
    print(visible(redacted(str(text))), end=end, flush=True)


def note(text: object) -> None:
    """Prints to the standard error, for a person: scripts read the other one."""
    print(visible(redacted(str(text))), file=sys.stderr, flush=True)


def step(what: str) -> None:
    """Shows on a terminal the current step, in place of the one before; "" clears it."""
    print(f"\r\x1b[K{visible_line(redacted(what))}", end="", file=sys.stderr, flush=True)


def print_new_key(text: str) -> None:
    """Prints a key, the one time that it is shown: nothing in ``text`` is masked."""
    print(text, flush=True)


def print_json(data: Any) -> None:
    print(visible_json(redacted(json.dumps(data, ensure_ascii=False, indent=2))))


def print_json_line(data: Any) -> None:
    """Prints an object on a line of its own, at once: for what goes on coming."""
    print(visible_json(redacted(json.dumps(data, ensure_ascii=False))), flush=True)


def hang_up() -> None:
    """Gives up printing: whoever read it has closed the pipe."""
    sys.stderr.close()


def spare_unprintable() -> None:
    """Lets output that its encoding cannot hold come as escapes: a Windows pipe may know 256 characters."""
    for stream in (sys.stdout, sys.stderr):
        _spare(stream)


def _spare(stream: TextIO) -> None:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
