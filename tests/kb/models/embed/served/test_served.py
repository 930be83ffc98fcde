"""A served embedder: how it is registered, used, paused, and proved again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from kb.config import EmbeddingSettings, Settings
from kb.errors import BackendDown, Busy, Misconfigured, Unembeddable
from kb.models.embed.choose import choose
from kb.models.embed.served.batches import grouped
from kb.models.embed.served.embedder import ServedEmbedder
from kb.models.embed.served.protocol import ProofFailed
from tests.doubles.embedding_model import ServedModel
from tests.doubles.embedding_servers import EmbeddingDouble, embedding_double
from tests.doubles.scripted_http import Reply, json_reply

TEXTS = [
    f"Sentence {number} of the manual says {'much ' * (number % 7)}of pump {number}." for number in range(30)
]


@dataclass
class Running:
    """A double that serves, and the settings that name it."""

    double: EmbeddingDouble
    settings: Settings
    url: str

    def embedder(self, **changed: object) -> ServedEmbedder:
        section = self.settings.embedding.model_copy(update=changed)
        embedder, _ = choose(
            self.settings.model_copy(update={"embedding": section}), announce=self.said.append
        )
        assert isinstance(embedder, ServedEmbedder)
        self.made.append(embedder)
        return embedder

    def __post_init__(self) -> None:
        self.said: list[str] = []
        self.made: list[ServedEmbedder] = []


@contextmanager
def serving(double: EmbeddingDouble, home: Path, **embedding: object) -> Iterator[Running]:
    with embedding_double(double) as running:
        ollama = double.kind == "ollama"
        asked = {
            "engine": "ollama" if ollama else "endpoint",
            "url": running.url if ollama else f"{running.url}/v1",
            "model": double.name,
            **embedding,
        }
        found = Running(
            double, Settings(home=home, embedding=EmbeddingSettings.model_validate(asked)), running.url
        )
        try:
            yield found
        finally:
            for embedder in found.made:
                embedder.close()


@pytest.fixture(scope="module")
def model(folder: Path) -> Iterator[ServedModel]:
    made = ServedModel(folder)
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["vllm", "tei", "ollama"])
def test_each_kind_of_server_is_proved_and_told_apart(model: ServedModel, tmp_path: Path, kind: str) -> None:
    with serving(EmbeddingDouble(model, kind), tmp_path) as running:
        embedder = running.embedder()
        fingerprint = embedder.fingerprint
        named = {"vllm": "vLLM 0.32.0", "tei": "Text Embeddings Inference 1.9.0", "ollama": "Ollama 0.14.0"}[
            kind
        ]
        assert (fingerprint.model, fingerprint.native_width) == ("tiny", 64)
        assert f"server={named}" in fingerprint.details
        assert "proof=" in fingerprint.details
        assert named in embedder.engine_status
        assert embedder.embed_documents(TEXTS).shape == (30, 64)
        for body in running.double.bodies:
            assert set(body) - {"truncate", "keep_alive"} == {"model", "input"}


def test_ollama_is_told_not_to_cut_and_has_a_missing_model_pulled(model: ServedModel, tmp_path: Path) -> None:
    with serving(EmbeddingDouble(model, "ollama", has_model=False), tmp_path) as running:
        embedder = running.embedder()
        assert "tiny: 50% of 0.7 GB" in running.said
        assert "tiny: 100% of 0.7 GB" in running.said
        assert {body["truncate"] for body in running.double.bodies} == {False}
        assert embedder.fingerprint.revision == "sha256:aa"


def test_the_tokenizer_of_a_folder_that_the_server_names_is_used(
    model: ServedModel, folder: Path, tmp_path: Path
) -> None:
    with serving(EmbeddingDouble(model, "tei", name=str(folder)), tmp_path) as running:
        embedder = running.embedder()
        assert f"counted by the tokenizer in {folder}" in embedder.engine_status
        assert "cosine 1.0000" in embedder.engine_status
        assert embedder.count_tokens(["passage", ""]) == [*model.count_tokens(["passage"]), 0]
        assert embedder.max_tokens <= 1024 - 1 - model.count_tokens(["Instruct: Given a web search query"])[0]


@pytest.mark.parametrize(("kind", "how"), [("vllm", "/tokenize"), ("tei", "a safe estimate")])
def test_tokens_are_counted_by_the_server_or_estimated(
    model: ServedModel, tmp_path: Path, kind: str, how: str
) -> None:
    with serving(EmbeddingDouble(model, kind), tmp_path) as running:
        embedder = running.embedder()
        assert how in embedder.engine_status
        counted, own = embedder.count_tokens(TEXTS), model.count_tokens(TEXTS)
        if kind == "vllm":
            assert counted == own
        else:
            assert all(estimate >= 0.9 * true for estimate, true in zip(counted, own, strict=True))


def test_a_model_that_lacks_its_end_token_gets_it(folder: Path, tmp_path: Path) -> None:
    lacking = ServedModel(folder, adds_end_token=False)
    with serving(EmbeddingDouble(lacking, "tei", name=str(folder)), tmp_path) as running:
        embedder = running.embedder()
        assert "end='<|endoftext|>'" in embedder.fingerprint.details
        assert embedder.embed_documents(["a passage"]).shape == (1, 64)
        assert running.double.bodies[-1]["input"] == ["a passage<|endoftext|>"]
    lacking.close()


def test_an_instruction_takes_the_template_of_the_model(
    model: ServedModel, folder: Path, tmp_path: Path
) -> None:
    with serving(EmbeddingDouble(model, "tei", name=str(folder)), tmp_path) as running:
        running.embedder(instruction="Find duplicates").embed_queries(["x"])
        assert running.double.bodies[-1]["input"] == ["Instruct: Find duplicates\nQuery:x"]
        running.embedder().embed_queries(["x"])
        assert running.double.bodies[-1]["input"][0].startswith("Instruct: Given a web search query")


def test_a_model_that_nothing_is_known_of_gets_no_prompt(model: ServedModel, tmp_path: Path) -> None:
    with serving(EmbeddingDouble(model, "tei"), tmp_path) as running:
        running.embedder().embed_queries(["x"])
        assert running.double.bodies[-1]["input"] == ["x"]


def test_width_is_cut_here_and_at_length_one_again(model: ServedModel, tmp_path: Path) -> None:
    with serving(EmbeddingDouble(model, "tei"), tmp_path) as running:
        wide, narrow = running.embedder(), running.embedder(width=32)
        whole, cut = wide.embed_queries(["x"])[0], narrow.embed_queries(["x"])[0]
        assert cut == pytest.approx(whole[:32] / np.linalg.norm(whole[:32]), abs=1e-6)
        assert narrow.fingerprint.stored_key == wide.fingerprint.stored_key
        with pytest.raises(Misconfigured, match="width = 65"):
            running.embedder(width=65)


# --- Trouble -------------------------------------------------------------------------------------


def test_a_server_that_takes_few_texts_at_a_time_gets_few(model: ServedModel, tmp_path: Path) -> None:
    with serving(EmbeddingDouble(model, "tei", most_texts=5), tmp_path) as running:
        embedder = running.embedder()
        vectors = embedder.embed_documents(TEXTS)
        running.double.bodies.clear()
        again = embedder.embed_documents(TEXTS)
        assert (vectors * again).sum(axis=1).min() > 0.9999
        assert max(len(body["input"]) for body in running.double.bodies) <= 5  # learnt


def test_the_one_bad_text_is_named_and_the_server_goes_on(model: ServedModel, tmp_path: Path) -> None:
    with serving(EmbeddingDouble(model, "tei"), tmp_path) as running:
        embedder = running.embedder()
        running.double.before = lambda request: (
            json_reply({"error": "no such letters"}, 400) if b"pump 17" in request.body else None
        )
        with pytest.raises(Unembeddable, match=r"no such letters.*Sentence 17") as named:
            embedder.embed_documents(TEXTS)
        assert named.value.place == 17
        running.double.before = lambda _: json_reply({"error": "gone"}, 400)
        with pytest.raises(ProofFailed, match="takes no text any more"):
            embedder.embed_documents(TEXTS)


def test_an_error_of_the_server_is_tried_once_more_alone(model: ServedModel, tmp_path: Path) -> None:
    with serving(EmbeddingDouble(model, "tei"), tmp_path) as running:
        embedder = running.embedder()
        running.double.faults = [json_reply({"error": "runner stopped"}, 500)]
        assert embedder.embed_documents(TEXTS[:3]).shape == (3, 64)
        running.double.before = lambda request: (
            json_reply({"error": "runner stopped"}, 500) if b"pump 2 " in request.body else None
        )
        text = "It says pump 2 again."
        with pytest.raises(Unembeddable, match="runner stopped"):
            embedder.embed_documents([text, "another"])


def test_a_server_without_time_is_waited_for_as_it_says(model: ServedModel, tmp_path: Path) -> None:
    with serving(EmbeddingDouble(model, "tei"), tmp_path) as running:
        embedder = running.embedder()
        waits: list[float] = []
        embedder._patience._sleep = waits.append
        busy = [Reply([b"{}"], 429, {"Retry-After": "7"}), Reply([b"{}"], 503), Reply([b"{}"], 503)]
        running.double.faults = busy
        assert embedder.embed_documents(["a text"]).shape == (1, 64)
        assert waits == [7.0, 1.0, 2.0]
        running.double.before = lambda _: Reply([b"{}"], 429, {"Retry-After": "9999"})
        with pytest.raises(Busy):
            embedder.embed_documents(["a text"])
        assert sum(waits) < 200
        with pytest.raises(Busy):  # somebody waits for a question
            embedder.embed_queries(["a text"])


def test_a_cut_in_silence_stops_the_import(model: ServedModel, folder: Path, tmp_path: Path) -> None:
    served = ServedModel(folder)
    with serving(EmbeddingDouble(served, "tei", name=str(folder)), tmp_path) as running:
        embedder = running.embedder()
        served.longest, served.cuts = 20, "end"
        with pytest.raises(BackendDown, match=r"read 20 of \d+ tokens: it cut"):
            embedder.embed_documents(["A sentence that is a good deal longer than twenty tokens are."])
    served.close()


def test_a_server_that_was_away_is_proved_again(model: ServedModel, folder: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        running = stack.enter_context(serving(EmbeddingDouble(model, "tei"), tmp_path))
        embedder = running.embedder()
        now = 0.0
        embedder._clock = lambda: now
        running.double.before = lambda _: Reply(cut=True)
        with pytest.raises(BackendDown, match="broke off"):
            embedder.embed_documents(TEXTS)
        assert "by words alone" in embedder.engine_status
        running.double.before = lambda _: None
        with pytest.raises(BackendDown):  # left alone for a moment
            embedder.embed_queries(["x"])
        now = 5.0
        assert embedder.embed_documents(TEXTS).shape == (30, 64)
        assert "words alone" not in embedder.engine_status


def test_the_record_lets_the_next_start_go_without_the_server(model: ServedModel, tmp_path: Path) -> None:
    double = EmbeddingDouble(model, "tei")
    with serving(double, tmp_path) as running:
        first = running.embedder().fingerprint
        requests = len(double.bodies)
        double.before = lambda _: Reply(cut=True)
        embedder = running.embedder()
        assert embedder.fingerprint == first
        assert len(double.bodies) == requests
        with pytest.raises(BackendDown):
            embedder.embed_queries(["x"])


def test_what_differs_at_the_next_start_is_named_and_nothing_is_embedded(
    folder: Path, tmp_path: Path
) -> None:
    served = ServedModel(folder)
    double = EmbeddingDouble(served, "ollama")
    with serving(double, tmp_path) as running:
        before = running.embedder().fingerprint
        served.adds_end_token = False
        with pytest.raises(
            ProofFailed, match=r"another vector than when it was registered.*doctor --prove-again"
        ):
            running.embedder().embed_documents(["x"])
        served.adds_end_token, double.digest = True, "sha256:bb"
        embedder = running.embedder()
        with pytest.raises(ProofFailed, match="other weights under the name 'tiny'"):
            embedder.embed_documents(["x"])
        assert "other weights" in embedder.engine_status
        double.digest = "sha256:aa"
        after = running.embedder()
        assert after.embed_documents(["x"]).shape == (1, 64)
        assert after.fingerprint == before
    served.close()


def test_nothing_is_kept_of_a_server_that_fails_its_proof(folder: Path, tmp_path: Path) -> None:
    served = ServedModel(folder, batch_differs=0.1)
    with serving(EmbeddingDouble(served, "vllm"), tmp_path) as running:
        with pytest.raises(ProofFailed, match="in a batch than alone"):
            running.embedder()
        assert not list(tmp_path.rglob("*.json"))
    served.close()


def test_a_damaged_record_is_made_anew(model: ServedModel, tmp_path: Path) -> None:
    with serving(EmbeddingDouble(model, "tei"), tmp_path) as running:
        first = running.embedder().fingerprint
        (file,) = (tmp_path / "models" / "served").iterdir()
        for content in ("[]", json.dumps({"file": 1, "proof": {"vectors": "x"}})):
            file.write_text(content, encoding="utf-8")
            assert running.embedder().fingerprint == first


def test_the_model_that_the_server_lists_first_is_taken_where_none_is_named(
    model: ServedModel, tmp_path: Path
) -> None:
    with serving(EmbeddingDouble(model, "vllm"), tmp_path, model="auto") as running:
        assert running.embedder().fingerprint.model == "tiny"
        running.double.before = lambda _: Reply(cut=True)
        assert running.embedder().fingerprint.model == "tiny"
        running.double.before = lambda _: None
        with pytest.raises(Misconfigured, match=r"has no model 'other'\. It has: tiny"):
            running.embedder(model="other")
    (tmp_path / "tei").mkdir()  # which lists none, and tells the one it runs elsewhere
    with serving(EmbeddingDouble(model, "tei", name="owner/tiny"), tmp_path / "tei", model="auto") as running:
        assert running.embedder().fingerprint.model == "owner/tiny"


def test_a_key_is_sent_and_never_said(model: ServedModel, tmp_path: Path) -> None:
    key = "abcd1234efgh5678"
    heard: list[str | None] = []

    def refuses(request: object) -> Reply:
        heard.append(request.headers.get("Authorization"))  # type: ignore[attr-defined]
        return json_reply({"error": {"message": f"Incorrect API key provided: {key}"}}, 401)

    with serving(EmbeddingDouble(model, "vllm"), tmp_path, key=key) as running:
        running.double.before = refuses
        with pytest.raises(Misconfigured, match=r"refuses the key.*embedding\.key") as refused:
            running.embedder()
        assert heard == [f"Bearer {key}"]
        assert key not in str(refused.value)


def test_several_requests_are_under_way_at_once_and_questions_pass_by(
    model: ServedModel, tmp_path: Path
) -> None:
    with serving(EmbeddingDouble(model, "tei"), tmp_path) as running:
        embedder = running.embedder()
        together, most, held = threading.Semaphore(0), 0, threading.Event()
        under_way = 0
        lock = threading.Lock()

        def slow(request: object) -> None:
            nonlocal under_way, most
            if b"Sentence" not in request.body:  # type: ignore[attr-defined]
                return
            with lock:
                under_way += 1
                most = max(most, under_way)
            together.release()
            held.wait(10)
            with lock:
                under_way -= 1

        running.double.before = slow
        importing = threading.Thread(target=embedder.embed_documents, args=(TEXTS * 20,))
        importing.start()
        for _ in range(4):
            assert together.acquire(timeout=10)
        assert embedder.embed_queries(["now"]).shape == (1, 64)
        held.set()
        importing.join(30)
        assert most >= 4


def test_batches_fill_every_request_that_is_under_way() -> None:
    groups = grouped([200] * 256, budget=4096, most=64, at_once=16)
    assert sorted(index for group in groups for index in group) == list(range(256))
    assert {len(group) for group in groups} == {8}
    assert [len(group) for group in grouped([9000, 10, 9000], budget=4096, most=64, at_once=1)] == [1, 1, 1]
    assert max(map(len, grouped([1] * 500, budget=4096, most=64, at_once=1))) == 64
    assert grouped([], budget=4096, most=64, at_once=4) == []


def _embedding(value: str) -> Reply:
    return Reply([f'{{"data": [{{"index": 0, "embedding": {value}}}]}}'.encode()])


@pytest.mark.parametrize(
    ("reply", "differs"),
    [
        (_embedding("[NaN, 1.0]"), "not numbers"),
        (_embedding("[1e400, 1.0]"), "JSON|not numbers|beyond"),
        (_embedding("[0.0, 0.0]"), "without a direction"),
        (_embedding('["1", "2"]'), "else than numbers"),
        (Reply([b"<html><p>Welcome</p></html>"]), "not JSON"),
        (Reply([b"broken"], 500), "answered with an error .500."),
    ],
)
def test_a_wrong_answer_of_a_server_that_was_never_proved_fails_the_proof(
    model: ServedModel, tmp_path: Path, reply: Reply, differs: str
) -> None:
    wrong = EmbeddingDouble(
        model, before=lambda request: reply if request.path.endswith("/embeddings") else None
    )
    with serving(wrong, tmp_path) as running:
        with pytest.raises(ProofFailed, match=differs):
            running.embedder()
        assert not list(tmp_path.rglob("served/*.json"))


def test_a_page_for_people_at_every_address_fails_the_proof(model: ServedModel, tmp_path: Path) -> None:
    page = Reply([b"<html><p>Welcome</p></html>"])
    for kind in ("vllm", "ollama"):
        wrong = EmbeddingDouble(model, kind, before=lambda _: page)
        with serving(wrong, tmp_path) as running, pytest.raises(ProofFailed, match="not JSON"):
            running.embedder()


@pytest.mark.parametrize("status", [502, 504])
def test_a_server_that_a_proxy_does_not_reach_is_away(
    model: ServedModel, tmp_path: Path, status: int
) -> None:
    away = EmbeddingDouble(model, before=lambda _: Reply([b"no upstream"], status))
    with serving(away, tmp_path) as running, pytest.raises(BackendDown, match="is away"):
        running.embedder()


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_server_that_refuses_the_batch_of_the_proof_is_proved_in_smaller_ones(
    model: ServedModel, tmp_path: Path, most: int
) -> None:
    few = EmbeddingDouble(model, most_texts=most)
    with serving(few, tmp_path) as running:
        running.embedder().embed_documents(TEXTS[:1])
        again = running.embedder()
        again.require_proof()
        few.bodies.clear()
        again.embed_documents(TEXTS[:6])
        if most == 1:
            assert [len(body["input"]) for body in few.bodies] == [1] * 6
