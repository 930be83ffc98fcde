"""What was proved of a server, kept in the data folder: the next start compares with it and keeps the fingerprint."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kb.models.embed.served.proof import Proof
from kb.system.home_layout import HomeLayout

_VERSION = 1


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

    def write(self, file: Path) -> None:
        """Keeps it in ``file``, whole or not at all."""
        kept = {**asdict(self), "proof": _proof_json(self.proof), "file": _VERSION}
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as part:
                json.dump(kept, part, ensure_ascii=False)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def record_file(home: Path, url: str, model: str) -> Path:
    """Returns where the record of a model of a server is kept."""
    name = hashlib.sha256(f"{url}\0{model}".encode()).hexdigest()[:16]
    return HomeLayout(home).models / "served" / f"{name}.json"


def read_record(file: Path) -> Record | None:
    """Returns the record in ``file``; None where there is none, or none of this version that can be read."""
    try:
        kept: Any = json.loads(file.read_text(encoding="utf-8"))
        if kept.pop("file") != _VERSION:
            return None
        proof = kept.pop("proof")
        vectors = np.frombuffer(base64.b64decode(proof.pop("vectors")), dtype="<f4")
        texts = tuple(proof.pop("texts"))
        rows = vectors.reshape(len(texts), -1).astype(np.float32)
        return Record(**kept, proof=Proof(texts=texts, vectors=rows, **proof))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _proof_json(proof: Proof) -> dict[str, Any]:
    vectors = base64.b64encode(np.asarray(proof.vectors, dtype="<f4").tobytes()).decode()
    names = ("texts", "ending", "special_tokens", "counts", "longest", "agreement")
    return {**{name: getattr(proof, name) for name in names}, "vectors": vectors}
