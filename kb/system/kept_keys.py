"""Keys that were set on the page or by a command: in a file that its owner alone can read, and that no backup has."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kb.system.redact import know_secret


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key, and the one server that it may be sent to."""

    key: str = field(repr=False)
    server: str
    """As ``kb.system.addresses.server_of`` has it."""


class KeptKeys:
    """Keys by the name of their setting. They are read to be sent, never to be shown."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> dict[str, KeptKey]:
        """Returns every key, known as a secret from here on; none where the file is lost or damaged."""
        try:
            held = json.loads(self._file.read_text(encoding="utf-8"))
            keys = {str(name): KeptKey(str(each["key"]), str(each["server"])) for name, each in held.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}
        for each in keys.values():
            know_secret(each.key)
        return keys

    def change(self, keys: Mapping[str, KeptKey | None]) -> None:
        """Keeps ``keys``; None forgets one. On disk when it returns."""
        kept = {name: asdict(each) for name, each in {**self.all(), **keys}.items() if each is not None}
        if not kept:
            self._file.unlink(missing_ok=True)
            return
        part = self._file.with_suffix(".part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as writer:
            json.dump(kept, writer)
            writer.flush()
            os.fsync(writer.fileno())
        part.replace(self._file)
