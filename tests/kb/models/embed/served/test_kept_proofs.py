"""What decides whether stored vectors may be compared survives: restarts, lost files, other addresses, rounding."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.config import EmbeddingSettings, Settings
from kb.models.embed.choose import choose
from kb.models.embed.served.proof import Proof
from kb.models.embed.served.recognise import recognised
from kb.models.embed.served.record import Identity, Record, place_of, read, stored
from kb.state.db import Database
from kb.state.server_proofs import ProvedAnew, ServerProofs
from kb.types import Fingerprint
from tests.doubles.embedding_model import ServedModel
from tests.doubles.embedding_servers import EmbeddingDouble, embedding_double
from tests.doubles.scripted_http import Reply

ROUNDING = 0.005
"""Of a vector's length, added to each: cosine .99999, and another hash."""
QUANTISED = 0.05
"""The same of weights in few bits: cosine .999."""


@pytest.fixture
def proofs(tmp_path: Path) -> Iterator[ServerProofs]:
    with closing(Database(tmp_path / "footnote.db")) as database:
        yield ServerProofs(database)


@pytest.fixture
def double(folder: Path) -> Iterator[EmbeddingDouble]:
    model = ServedModel(folder)
    yield EmbeddingDouble(model, "ollama", name=str(folder))
    model.close()


@contextmanager
def address(double: EmbeddingDouble, home: Path) -> Iterator[Settings]:
    """Another one each time."""
    with embedding_double(double) as running:
        asked = EmbeddingSettings(engine="ollama", url=running.url, model=double.name)
        yield Settings(home=home, embedding=asked)


def fingerprint(settings: Settings, proofs: ServerProofs | ProvedAnew) -> Fingerprint:
    embedder, _ = choose(settings, proofs=proofs)
    embedder.close()
    return embedder.fingerprint


def test_a_server_elsewhere_that_only_rounds_otherwise_keeps_the_fingerprint(
    double: EmbeddingDouble, proofs: ServerProofs, tmp_path: Path
) -> None:
    with address(double, tmp_path) as settings:
        first = fingerprint(settings, proofs)
        double.before = lambda _: Reply(cut=True)
        assert fingerprint(settings, proofs) == first  # by what is kept
    assert not (tmp_path / "models").exists()
    double.before = lambda _: None
    double.model.quantised, double.digest = ROUNDING, "sha256:bb"
    with address(double, tmp_path) as settings:
        assert fingerprint(settings, proofs) == first
    double.model.adds_end_token = False
    double.name = "another name"  # so that no reference says what it must compute
    with address(double, tmp_path) as settings:
        other = fingerprint(settings, proofs)
        assert other.stored_key != first.stored_key
        assert fingerprint(settings, ProvedAnew(proofs)) == other
    assert len(proofs.all()) == 3


def test_the_folder_of_the_model_need_not_be_on_the_other_machine(
    double: EmbeddingDouble, proofs: ServerProofs, tmp_path: Path
) -> None:
    with address(double, tmp_path) as settings:
        first = fingerprint(settings, proofs)
    double.name = "tiny-as-it-is-called-there"
    with address(double, tmp_path) as settings:
        embedder, _ = choose(settings, proofs=proofs)
        assert embedder.fingerprint == first
        embedder.embed_queries(["x"])
        assert double.bodies[-1]["input"][0].startswith("Instruct: Given a web search query")
        embedder.close()


def test_files_of_the_version_before_are_taken_in_once(
    double: EmbeddingDouble, proofs: ServerProofs, tmp_path: Path
) -> None:
    with address(double, tmp_path) as settings:
        first = fingerprint(settings, proofs)
        record = read(proofs.all()[0])
        assert record is not None
        kept = json.loads(stored(record, "").record)
        del kept["identity"], kept["spec"]
        rows = base64.b64encode(record.proof.vectors.astype("<f4").tobytes()).decode()
        kept = {**kept, "proof": {**kept["proof"], "vectors": rows}, "file": 1}
        old = tmp_path / "old"
        file = old / "models" / "served" / f"{place_of(settings.embedding.url or '', double.name)}.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(kept), encoding="utf-8")
        double.before = lambda _: Reply(cut=True)
        with closing(Database(old / "footnote.db")) as database:
            settings = settings.model_copy(update={"home": old})
            assert fingerprint(settings, ServerProofs(database)) == first
            file.unlink()
            assert fingerprint(settings, ServerProofs(database)) == first


class Answers:
    """A server that gives the texts of a proof vectors turned by an angle of that cosine."""

    who = "The double"

    def __init__(self, proof: Proof, cosine: float) -> None:
        self._proof = proof
        self._cosine = cosine

    def embed(self, texts: list[str]) -> object:
        from kb.models.embed.served.protocol import Answered

        return Answered(turned(self._proof, self._cosine, texts), None)


def turned(proof: Proof, cosine: float, texts: list[str] | tuple[str, ...]) -> np.ndarray:
    rows = proof.vectors[[proof.texts.index(text) for text in texts]]
    across = np.roll(rows, 1, axis=1) * np.tile([1, -1], rows.shape[1] // 2)
    across -= (across * rows).sum(axis=1, keepdims=True) * rows
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    return np.asarray(cosine * rows + np.sqrt(1 - cosine**2) * across, np.float32)


@pytest.mark.parametrize(
    ("cosine", "bits", "digest", "same"),
    [
        (0.99995, 16.0, "a", True),
        (0.9995, 16.0, "a", False),
        (0.99995, 16.0, "other", True),
        (0.985, 4.5, "a", True),
        (0.985, 4.5, "other", False),
        (0.985, 4.5, "", False),
        (0.97, 4.5, "a", False),
    ],
)
def test_how_near_the_vectors_must_be(cosine: float, bits: float, digest: str, *, same: bool) -> None:
    rows = np.random.default_rng(3).standard_normal((3, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    proof = Proof(("a", "b", "c"), rows, "", 0, counts=False, longest=9, agreement=None)
    identity = Identity("m", "a", "s 1", "", "1")
    before = Record("m", "s", "1", digest and "a", bits, "estimate", 1.0, True, proof, identity, None)
    now = replace(proof, vectors=turned(proof, cosine, proof.texts))
    record = replace(before, digest=digest, proof=now, identity=replace(identity, digest="2"))
    found = recognised(record, Answers(proof, cosine), [before])  # type: ignore[arg-type]
    assert (found.identity == identity) == same
