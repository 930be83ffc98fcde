"""The files of a question set: one object a line, and the documents with their hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb.errors import BadInput
from kb.evaluate.questions import SourceFile


def lines(path: Path, *required: str) -> Iterator[dict[str, Any]]:
    """Yields the objects of a file with one JSON object a line, each with the fields that are ``required``.

    Raises:
        BadInput: a line is not such an object; the message names it.
    """
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadInput(f"{path}, line {number}, is not JSON: {error}.") from error
        missing = [name for name in required if not isinstance(entry, dict) or entry.get(name) is None]
        if missing:
            raise BadInput(f"{path}, line {number}: the field {missing[0]!r} is missing.")
        yield entry


def text_of(path: Path) -> str:
    """Returns the text of a UTF-8 file with its own line ends.

    Raises:
        BadInput: it cannot be read, or is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8", newline="") as reader:  # offsets count the file's own line ends
            return reader.read()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}.") from error


def text_file(document_id: str, suffix: str, text: str) -> SourceFile:
    """Returns a document made of a text of the set, named for its id."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return SourceFile(document_id, f"{document_id}{suffix}", digest, text=text)


def file_at(document_id: str, path: Path) -> SourceFile:
    """Returns a document that is a file on this machine; one in a folder of the set is named with it.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        with path.open("rb") as reader:
            digest = hashlib.file_digest(reader, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    name = document_id.replace("/", " - ") if "/" in document_id else path.name
    return SourceFile(document_id, name, digest, path=path)
