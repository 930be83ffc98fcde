"""What was proved of a server, as it is kept: the next start compares with it and keeps the fingerprint."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from kb.models.embed.proof_store import ProofStore
from kb.models.embed.served.proof import Proof
from kb.models.embed.spec import EmbedderSpec
from kb.system.home_layout import HomeLayout
from kb.types import StoredProof

_VERSION = 2


@dataclass(frozen=True, slots=True)
class Identity:
    """What the fingerprint says of a server: that of the first whose vectors may be compared with those of this one."""

    model: str
    revision: str
    served: str
    """Kind and version of the server."""
    ending: str
    digest: str
    """Of the proof."""


@dataclass(frozen=True, slots=True)
class Record:
    """One registration."""

    model: str
    """As the server knows it."""
    kind: str
    version: str
    digest: str
    weight_bits: float | None
    counting: str
    """How tokens are counted: ``file``, ``server`` or ``estimate``."""
    factor: float
    """Of the estimate."""
    is_light: bool
    """Whether twenty sentences took less than half a second."""
    proof: Proof
    identity: Identity
    spec: EmbedderSpec | None
    """How the model wants to be used, as it was known when it was proved: another machine may not have its folder."""

    @property
    def served(self) -> str:
        """Kind and version of the server, in words."""
        return f"{self.kind} {self.version}".strip()


def place_of(url: str, model: str) -> str:
    """Returns under what the record of a model of a server is kept: a hash."""
    return hashlib.sha256(f"{url}\0{model}".encode()).hexdigest()[:16]


def stored(record: Record, place: str) -> StoredProof:
    """Returns ``record`` as it is kept."""
    kept = {**asdict(record), "proof": _without_vectors(record.proof)}
    vectors = np.asarray(record.proof.vectors, dtype="<f2").tobytes()
    return StoredProof(place, json.dumps(kept, ensure_ascii=False), vectors)


def read(kept: StoredProof | None, spec: EmbedderSpec | None = None) -> Record | None:
    """Returns the record that was kept; None where there is none, or none that can be read.

    ``spec`` is what is known of the model now, for a record of the first version, which has none.
    """
    if kept is None:
        return None
    try:
        found: Any = json.loads(kept.record)
        proof = found.pop("proof")
        texts = tuple(proof.pop("texts"))
        vectors = np.frombuffer(kept.vectors, dtype="<f2").astype(np.float32).reshape(len(texts), -1)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(vectors).all():
            return None
        return Record(
            proof=Proof(texts=texts, vectors=vectors, **proof),
            identity=Identity(**found.pop("identity")),
            spec=_spec(found.pop("spec")) if "spec" in found else spec,
            **found,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


class ProofFiles:
    """Proofs in files below ``models`` of a data folder: of embedders that belong to no library, and of former
    versions.
    """

    def __init__(self, home: Path) -> None:
        self._folder = HomeLayout(home).models / "served"

    def find(self, place: str) -> StoredProof | None:
        return _read_file(self._folder / f"{place}.json")

    def all(self) -> list[StoredProof]:
        with suppress(OSError):
            files = sorted(self._folder.glob("*.json"), key=lambda file: -file.stat().st_mtime)
            return [found for file in files if (found := _read_file(file)) is not None]
        return []

    def keep(self, proof: StoredProof) -> None:
        """Keeps it whole or not at all."""
        kept = {"file": _VERSION, "record": proof.record, "vectors": base64.b64encode(proof.vectors).decode()}
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as part:
                json.dump(kept, part, ensure_ascii=False)
            Path(name).replace(self._folder / f"{proof.place}.json")
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def opened_proofs(home: Path, proofs: ProofStore | None) -> ProofStore:
    """Returns ``proofs``, with what former versions kept in files; None for these files.

    What is known of the same place already is not replaced.
    """
    files = ProofFiles(home)
    if proofs is None:
        return files
    if found := files.all():
        known = {proof.place for proof in proofs.all()}
        for proof in found:
            if proof.place not in known:
                proofs.keep(proof)
    return proofs


def _read_file(file: Path) -> StoredProof | None:
    try:
        kept: Any = json.loads(file.read_text(encoding="utf-8"))
        if kept.pop("file") == _VERSION:
            return StoredProof(file.stem, kept["record"], base64.b64decode(kept["vectors"]))
        return _of_first_version(file.stem, kept)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _of_first_version(place: str, kept: dict[str, Any]) -> StoredProof:
    """Returns what the first version kept: vectors in full precision, no identity, and no spec."""
    proof = kept.pop("proof")
    rows = np.frombuffer(base64.b64decode(proof.pop("vectors")), dtype="<f4").reshape(len(proof["texts"]), -1)
    whole = Proof(vectors=rows.astype(np.float32), **{**proof, "texts": tuple(proof["texts"])})
    identity = Identity(
        model=kept["model"],
        revision=kept["digest"] or "served",
        served=f"{kept['kind']} {kept['version']}".strip(),
        ending=whole.ending,
        digest=whole.digest,
    )
    record = {**kept, "proof": proof, "identity": asdict(identity)}
    return StoredProof(place, json.dumps(record, ensure_ascii=False), np.asarray(rows, dtype="<f2").tobytes())


def _spec(kept: dict[str, Any] | None) -> EmbedderSpec | None:
    """Returns the spec that was kept; what another version knew of it besides is left out."""
    names = {field.name for field in fields(EmbedderSpec)}
    return None if kept is None else EmbedderSpec(**{key: kept[key] for key in kept.keys() & names})


def _without_vectors(proof: Proof) -> dict[str, Any]:
    names = ("texts", "ending", "special_tokens", "counts", "longest", "agreement", "most_texts")
    return {name: getattr(proof, name) for name in names}
