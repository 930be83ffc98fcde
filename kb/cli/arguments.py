"""What may be typed after a command: words that are text, numbers within their bounds, paths that can be one."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from kb.text.visible import visible, visible_line

_TWO_HYPHENS = re.compile("-[^-]=?--|--[^=]+=--")
"""argparse takes the hyphens for the end of the options, and gives a list in the place of a value."""
_SHOWN = 60
"""Characters of a value that a message repeats."""


class Parser(argparse.ArgumentParser):
    """argparse, whose complaints show what they repeat instead of sending it to the terminal."""

    def error(self, message: str) -> NoReturn:
        """Prints the usage and ``message``; ends the program with 2."""
        super().error(visible(message))

    def parsed(self, arguments: Iterable[str]) -> argparse.Namespace:
        """Returns the options; ends the program with 2 where one is wrong."""
        given = list(arguments)
        for word in given[: given.index("--")] if "--" in given else given:
            if _TWO_HYPHENS.fullmatch(word):
                self.error(f"{word[:-2].rstrip('=')}: -- is no value")
        options = self.parse_args(given)
        for name, value in vars(options).items():
            for each in _texts(value):
                if complaint := _complaint(each):
                    self.error(f"{name.replace('_', '-')} {shown(str(each))}: {complaint}")
        return options


def number(least: int, most: int) -> Callable[[str], int]:
    """Returns the ``type`` of an option that reads a whole number within these bounds."""

    def read(text: str) -> int:
        try:
            found = int(text)
        except ValueError:
            found = None
        if found is None or not least <= found <= most:
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {least} to {most}, not {shown(text)}"
            )
        return found

    return read


def typed_path(text: str) -> Path:
    """Returns a path that was typed; an empty one is refused: it would be the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("must name a file or folder, and is empty")
    try:
        os.fsencode(text)
    except UnicodeEncodeError as error:
        raise argparse.ArgumentTypeError(f"no file can have the name {shown(text)}") from error
    return Path(text)


def shown(text: str) -> str:
    """Returns a value as a message repeats it, in quotes, truncated."""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"'{visible_line(cut)}'"


def _texts(value: object) -> Iterator[str | Path]:
    if isinstance(value, str | Path):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _complaint(value: str | Path) -> str | None:
    """Returns what is wrong with a value of any option; None where nothing is. A path may hold any byte but NUL."""
    if "\0" in str(value):
        return "holds a NUL character, which neither text nor a path can"
    if isinstance(value, str) and not _is_text(value):
        return "holds bytes that are not UTF-8. Set the terminal to UTF-8, or type it anew"
    return None


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
