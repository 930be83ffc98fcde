"""Where what was proved of embedding servers is kept, so that this package knows no database."""

from __future__ import annotations

from typing import Protocol

from kb.types import StoredProof


class ProofStore(Protocol):
    """Keeps what was proved of embedding servers. Its methods raise Damaged, DiskFull."""

    def find(self, place: str) -> StoredProof | None:
        """Returns what was proved at ``place``; None where nothing was."""
        ...

    def all(self) -> list[StoredProof]:
        """Returns everything, the newest first."""
        ...

    def keep(self, proof: StoredProof) -> None:
        """Keeps it, in place of what was kept of its place."""
        ...
