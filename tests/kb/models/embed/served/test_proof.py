"""A server is proved before it may write: what a sound one shows, and each fault by which another is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.errors import Misconfigured
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.served.probe_texts import CHINESE, NEARLY_EMPTY, SHORT, long_words, of_length
from kb.models.embed.served.proof import QUANTISED_COSINE, Demands, Proof, prove, prove_again
from kb.models.embed.served.protocol import Answered, NotVectors, ProofFailed, matrix
from tests.doubles.embedding_model import ServedModel

END = "<|endoftext|>"


@pytest.fixture(scope="module")
def reference(folder: Path) -> Iterator[LocalEmbedder]:
    made = LocalEmbedder(folder, device="cpu", engine="torch")
    yield made
    made.close()


@pytest.fixture(scope="module")
def demands(reference: LocalEmbedder) -> Demands:
    return Demands(
        count=reference.count_tokens,
        reference=reference.embed_documents,
        endings=("", END),
        longest=1000,
    )


@pytest.fixture(scope="module")
def sound(folder: Path, demands: Demands) -> Proof:
    return prove(ServedModel(folder), demands)


def test_a_sound_server_is_proved_with_texts_of_every_kind(sound: Proof, demands: Demands) -> None:
    assert {SHORT, CHINESE, NEARLY_EMPTY} < set(sound.texts)
    assert len(sound.texts) == 5
    assert demands.count is not None
    assert sorted(demands.count(sound.texts))[-2:] == pytest.approx([299, 999], abs=10)
    assert (sound.longest, sound.counts, sound.special_tokens, sound.ending) == (1000, True, 1, "")
    assert sound.agreement is not None
    assert sound.agreement > 0.99999
    assert sound.vectors.shape == (5, 64)


def test_texts_are_sent_alone_and_once_together_in_another_order(folder: Path, demands: Demands) -> None:
    server = ServedModel(folder)
    proof = prove(server, replace(demands, reference=None))
    alone = [sent[0] for sent in server.requests if len(sent) == 1]
    (together,) = (sent for sent in server.requests if len(sent) > 1)
    assert set(together) == set(alone) == set(proof.texts)
    assert together != tuple(alone)


def test_the_ending_that_fits_the_reference_is_kept(folder: Path, demands: Demands) -> None:
    proof = prove(ServedModel(folder, adds_end_token=False), demands)
    assert proof.ending == END
    assert proof.agreement is not None
    assert proof.agreement > 0.99999


def test_another_model_of_the_same_name_may_not_write(folder: Path, demands: Demands) -> None:
    with pytest.raises(ProofFailed, match=r"does not compute what the model.*cosine is 0\."):
        prove(ServedModel(folder, adds_end_token=False), replace(demands, endings=("",)))


def test_quantised_weights_are_held_to_less(folder: Path, demands: Demands) -> None:
    server = ServedModel(folder, quantised=0.12)
    with pytest.raises(ProofFailed, match=r"0\.99\d+, and 0\.999 is demanded"):
        prove(server, demands)
    proof = prove(server, replace(demands, least_cosine=QUANTISED_COSINE))
    assert proof.agreement is not None
    assert 0.98 < proof.agreement < 0.999


def test_one_vector_for_every_text_is_refused() -> None:
    class Constant:
        who = "The server"

        def embed(self, texts: Sequence[str]) -> Answered:
            return Answered(np.full((len(texts), 8), 2.0, np.float32), None)

    with pytest.raises(ProofFailed, match="tells no text from another"):
        prove(Constant(), Demands())


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"batch_differs": 0.05}, "another vector in a batch than alone"),
        ({"swaps": True}, "in another order"),
        ({"narrow_batches": True}, "56 dimensions in a batch and 64"),
    ],
)
def test_a_batch_that_is_not_its_texts_is_refused(
    folder: Path, demands: Demands, fault: dict[str, float], said: str
) -> None:
    with pytest.raises(ProofFailed, match=said) as refused:
        prove(ServedModel(folder, **fault), demands)  # type: ignore[arg-type]
    assert isinstance(refused.value, Misconfigured)


@pytest.mark.parametrize("cuts", ["", "end", "beginning"])
def test_a_length_that_is_refused_or_cut_is_not_proven(folder: Path, demands: Demands, cuts: str) -> None:
    proof = prove(ServedModel(folder, longest=512, cuts=cuts), replace(demands, reference=None))
    assert 512 - 16 <= proof.longest <= 512
    assert len(proof.texts) == 4


@pytest.mark.parametrize("cuts", ["end", "beginning"])
@pytest.mark.parametrize("counts", [True, False])
def test_a_cut_is_found_without_a_count_too(folder: Path, cuts: str, *, counts: bool) -> None:
    server = ServedModel(folder, longest=600, cuts=cuts, tells_tokens=counts, counts_before_cutting=True)
    proof = prove(server, Demands())
    assert not proof.counts
    longest = max(proof.texts, key=len)
    assert 0 < len(server.count_tokens([longest])) <= 600
    assert server.count_tokens([longest])[0] <= 600


def test_the_proof_holds_at_the_next_start(folder: Path, sound: Proof) -> None:
    prove_again(ServedModel(folder), sound)


def test_what_differs_at_the_next_start_is_named(folder: Path, sound: Proof) -> None:
    with pytest.raises(ProofFailed, match=r"another vector than when it was registered: their cosine is 0\."):
        prove_again(ServedModel(folder, adds_end_token=False), sound)
    with pytest.raises(ProofFailed, match="56 dimensions; those that are stored have 64"):
        prove_again(ServedModel(folder, narrow_batches=True), sound)


def test_the_digest_is_of_texts_and_vectors(sound: Proof) -> None:
    assert replace(sound).digest == sound.digest
    assert replace(sound, vectors=-sound.vectors).digest != sound.digest


def test_long_texts_are_fixed_and_as_long_as_they_should_be(reference: LocalEmbedder) -> None:
    assert long_words(40).startswith("Entry 1: the pump in the north hall was inspected")
    assert len(set(long_words(1500).split(". "))) == len(long_words(1500).split(". "))
    text = of_length(300, reference.count_tokens)
    assert 290 <= reference.count_tokens([text])[0] <= 300
    assert 200 <= len(of_length(300, None).split()) <= 240


@pytest.mark.parametrize(
    "rows",
    [
        None,
        "vectors",
        {"0": [1.0]},
        [[1.0, 2.0]],
        [[1.0], [1.0, 2.0]],
        [[], []],
        [[1.0, "2"], [1.0, 2.0]],
        [[True, 1.0], [1.0, 2.0]],
        [[None, 1.0], [1.0, 2.0]],
        [[float("nan"), 1.0], [1.0, 2.0]],
        [[0.0, 0.0], [1.0, 2.0]],
        [[1e39, 1.0], [1.0, 2.0]],
        [[10**400, 1.0], [1.0, 2.0]],
        [[[1.0], [2.0]], [[1.0], [2.0]]],
    ],
)
def test_what_is_no_vector_for_each_text_is_said_so(rows: object) -> None:
    with pytest.raises(NotVectors, match="The double"):
        matrix(rows, count=2, who="The double")


def test_vectors_are_read_as_they_are() -> None:
    assert matrix([[3, 4.0], [0, -1.5]], count=2, who="x").tolist() == [[3, 4], [0, -1.5]]
    assert matrix([[3, 4.0]], count=1, who="x").dtype == np.float32
