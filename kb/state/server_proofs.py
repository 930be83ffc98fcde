"""What was proved of embedding servers: kept with the vectors whose keys rest on it, so that backups have both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kb.types import StoredProof

if TYPE_CHECKING:
    from kb.state.sql import SqlDatabase


class ServerProofs:
    """The table ``server_proofs``; a ``kb.models.embed.proof_store.ProofStore``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def find(self, place: str) -> StoredProof | None:
        return next((proof for proof in self.all() if proof.place == place), None)

    def all(self) -> list[StoredProof]:
        rows = self._database.read().execute(
            "SELECT place, record, vectors FROM server_proofs ORDER BY made DESC, place"
        )
        return [StoredProof(row["place"], row["record"], row["vectors"]) for row in rows]

    def keep(self, proof: StoredProof) -> None:
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO server_proofs (place, made, record, vectors) VALUES (?, ?, ?, ?) ON CONFLICT (place) "
                "DO UPDATE SET made = excluded.made, record = excluded.record, vectors = excluded.vectors",
                (proof.place, datetime.now(UTC).isoformat(), proof.record, proof.vectors),
            )

    def remove(self, place: str) -> None:
        """Forgets what was proved at ``place``."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM server_proofs WHERE place = ?", (place,))


class ProvedAnew:
    """The proofs without those of before under their own places: whoever asks proves anew, and compares with all."""

    def __init__(self, proofs: ServerProofs) -> None:
        self._proofs = proofs
        self._kept: set[str] = set()

    def find(self, place: str) -> StoredProof | None:
        return self._proofs.find(place) if place in self._kept else None

    def all(self) -> list[StoredProof]:
        return self._proofs.all()

    def keep(self, proof: StoredProof) -> None:
        self._proofs.keep(proof)
        self._kept.add(proof.place)
