"""Changes values in ``footnote.toml`` and leaves everything else in it, comments too, as its owner wrote it."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from kb.errors import Misconfigured

Values = Mapping[str, str | int | None]
"""Name of a setting -> its value, None for none."""

_HEADER = re.compile(r"\s*\[")


def set_in_section(file: Path, section: str, values: Values) -> None:
    """Sets values of a section, made where there is none; None removes a line. On disk when it returns.

    Raises:
        Misconfigured: the file is written in a way that this cannot change; the message says what to write by hand.
    """
    before = file.read_text(encoding="utf-8-sig") if file.exists() else ""
    after = _changed(before.splitlines(), section, values)
    if not _says(after, section, values) or _rest(after, section, values) != _rest(before, section, values):
        wanted = ", ".join(
            f"{name} = {json.dumps(value)}" for name, value in values.items() if value is not None
        )
        raise Misconfigured(
            f"{file} is written in a way that is not changed here. In its section [{section}] set: {wanted}."
        )
    part = file.with_suffix(".part")
    with part.open("w", encoding="utf-8") as writer:
        writer.write(after)
        writer.flush()
        os.fsync(writer.fileno())
    part.replace(file)


def _changed(lines: list[str], section: str, values: Values) -> str:
    header = f"[{section}]"
    start = next((at for at, line in enumerate(lines) if line.split("#")[0].strip() == header), None)
    if start is None:
        lines = [*lines, *([""] if lines else []), header]
        start = len(lines) - 1
    end = next((at for at in range(start + 1, len(lines)) if _HEADER.match(lines[at])), len(lines))
    kept = [
        line for line in lines[start + 1 : end] if line.partition("=")[0].strip().strip("\"'") not in values
    ]
    new = [f"{name} = {json.dumps(value)}" for name, value in values.items() if value is not None]
    return "\n".join([*lines[: start + 1], *new, *kept, *lines[end:]]) + "\n"


def _says(text: str, section: str, values: Values) -> bool:
    try:
        said = tomllib.loads(text).get(section, {})
    except tomllib.TOMLDecodeError:
        return False
    return all(said.get(name) == value for name, value in values.items())


def _rest(text: str, section: str, values: Values) -> object:
    """Returns what the file says beside ``values``; None where it is not TOML."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    left = {name: value for name, value in said.get(section, {}).items() if name not in values}
    return {
        **{name: value for name, value in said.items() if name != section},
        **({section: left} if left else {}),
    }
