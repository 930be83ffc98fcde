"""Embedding models in GGUF files, run by llama.cpp: real files of the small models, the real child process."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest

from kb.config import EmbeddingSettings, Settings
from kb.errors import BackendDown, Misconfigured, Unembeddable
from kb.models.embed.choose import choose
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.served.backends import served
from kb.models.embed.served.embedder import ServedEmbedder
from kb.models.embed.served.gguf_model import GgufServer
from kb.models.embed.served.openai_server import OpenAiServer
from kb.models.embed.served.protocol import Answered, ServerFault, TextsRefused
from kb.types import DocumentState
from tests.ingest.test_pipeline import Library
from tests.kb.models.embed.reference import ReferenceQwen3
from tests.kb.models.embed.test_reference import FLOAT32
from tests.kb.models.embed.tiny_gguf import tiny_gguf
from tests.kb.models.embed.tiny_model import tiny_qwen3
from tests.waiting import wait_until

LONGEST = 2048
TEXTS = ["the quick brown fox", "知识库在每个回答下面给出脚注。", "it's  1a2\n\n\t naïve", "a bridge " * 200]

IMPORTED = {
    "ferry": "A ferry crosses the sound.",
    "bad": "zzzz harbour",
    "pump": "The pump needs oil of grade 7.",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_qwen3(tmp_path_factory.mktemp("models") / "tiny", max_tokens=2 * LONGEST)


@pytest.fixture(scope="module")
def home(folder: Path) -> Path:
    """A data folder with one GGUF file in it, which has been proved by the first test that opens it."""
    (folder.parent / "home" / "models").mkdir(parents=True)
    tiny_gguf(folder, folder.parent / "home" / "models" / "tiny-embed.gguf")
    return folder.parent / "home"


@pytest.fixture
def server(home: Path) -> Iterator[GgufServer]:
    made = GgufServer(home / "models" / "tiny-embed.gguf", pooling="last", longest=LONGEST)
    yield made
    made.close()


def opened(home: Path, model: str = "auto") -> ServedEmbedder:
    made, _ = choose(Settings(home=home, embedding=EmbeddingSettings(engine="gguf", model=model)))
    assert isinstance(made, ServedEmbedder)
    return made


def children() -> list[psutil.Process]:
    alive = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
    return [one for one in alive if "kb.models.gguf_server" in one.cmdline()]


def halted() -> psutil.Process:
    """Returns the one child, once it stands: on a busy machine it may still answer after the signal was sent."""
    (child,) = children()
    child.suspend()
    wait_until(lambda: child.status() == psutil.STATUS_STOPPED)
    return child


def test_the_one_file_of_the_data_folder_gives_the_vectors_of_the_formulas(home: Path, folder: Path) -> None:
    embedder = opened(home)
    reference = ReferenceQwen3(folder)
    assert embedder.embed_documents(TEXTS) == pytest.approx(reference.embed_documents(TEXTS), abs=FLOAT32)
    assert [count + 1 for count in embedder.count_tokens(TEXTS)] == [
        len(reference.ids(text)) for text in TEXTS
    ]
    assert "llama.cpp" in embedder.engine_status
    again = opened(home, str(home / "models" / "tiny-embed.gguf"))
    assert again.fingerprint == embedder.fingerprint
    embedder.close()
    again.close()
    assert children() == []


def test_a_file_that_does_not_say_how_it_pools_is_pooled_at_its_end(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    file = tiny_gguf(folder, tmp_path / "silent.gguf", pooling=False)
    for _ in range(2):  # the second time by what was proved
        embedder = opened(tmp_path / "home", str(file))
        expected = ReferenceQwen3(folder).embed_documents(TEXTS[:1])
        assert embedder.embed_documents(TEXTS[:1]) == pytest.approx(expected, abs=FLOAT32)
        embedder.close()


def test_a_missing_file_is_said_so_with_those_there_are(home: Path) -> None:
    with pytest.raises(Misconfigured, match=r"no model file 'gone\.gguf'.*There is: tiny-embed\.gguf"):
        opened(home, "gone.gguf")


def test_a_damaged_file_is_said_so(home: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes((home / "models" / "tiny-embed.gguf").read_bytes()[:-200_000])
    with pytest.raises(Misconfigured, match=r"damaged\.gguf cannot be loaded"):
        opened(home, str(damaged))
    assert children() == []


def test_llama_cpp_that_stops_is_started_again(server: GgufServer) -> None:
    before = server.embed(TEXTS[:1]).vectors
    (child,) = children()
    child.kill()
    child.wait()
    assert server.embed(TEXTS[:1]).vectors == pytest.approx(before)
    threading.Timer(0.3, halted().kill).start()  # dies in the middle of a text
    with pytest.raises(ServerFault, match="stopped at a text"):
        server.embed(TEXTS[:1])
    assert server.embed(TEXTS[:1]).vectors == pytest.approx(before)


def test_a_connection_that_is_slow_to_come_is_no_text_at_which_it_stopped(
    server: GgufServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = server.embed(TEXTS[:1]).vectors
    (child,) = children()

    def slow(*_: object) -> Answered:
        raise BackendDown("It does not answer.") from httpx.ConnectTimeout("")

    with monkeypatch.context() as busy:
        busy.setattr(OpenAiServer, "embed", slow)
        with pytest.raises(BackendDown) as said:
            server.embed(TEXTS[:1])
    assert "stopped at a text" not in str(said.value)
    assert server.embed(TEXTS[:1]).vectors == pytest.approx(before)
    assert children() == [child]


def test_its_memory_is_given_back_when_nobody_asks_and_it_comes_again(home: Path) -> None:
    server = GgufServer(home / "models" / "tiny-embed.gguf", pooling="last", longest=64, idle_seconds=0.2)
    before = server.embed(TEXTS[:1]).vectors
    wait_until(lambda: not server.loaded and not children())
    assert server.embed(TEXTS[:1]).vectors == pytest.approx(before)
    server.close()
    with pytest.raises(BackendDown, match="closed"):
        server.embed(TEXTS[:1])


def of_tokens(embedder: LocalEmbedder, wanted: int) -> str:
    """Returns a text that is ``wanted`` tokens long, the end token included."""
    text = "fox"
    while len(embedder.token_rows("", [text])[0]) < wanted:
        text += "."
    return text


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_a_text_one_token_over_the_context_is_refused_and_one_that_fills_it_is_not(
    home: Path, folder: Path, pooling: str
) -> None:
    """llama.cpp rounds contexts up to 256 tokens: what lies between was computed and counted, and never proved."""
    local = LocalEmbedder(folder, device="cpu")
    for longest in (300, 512):
        server = GgufServer(home / "models" / "tiny-embed.gguf", pooling=pooling, longest=longest)
        assert server.embed([of_tokens(local, longest)]).tokens == longest
        with pytest.raises((TextsRefused, ServerFault), match=f"{longest + 1}"):
            server.embed([of_tokens(local, longest + 1)])
        server.close()


def test_a_whole_document_gets_a_context_of_its_own(home: Path, folder: Path) -> None:
    """Longer than what passages are computed with, and nothing of it is left out."""
    embedder, local = opened(home), LocalEmbedder(folder, device="cpu")
    assert embedder.max_tokens <= LONGEST
    text = "A ferry crosses the sound. " * 150
    whole, expected = embedder.embed_whole(["short", text]), local.embed_whole(["short", text])
    assert LONGEST < whole.tokens[1] < 2 * LONGEST
    assert whole.tokens == expected.tokens
    assert (whole.vectors * expected.vectors).sum(axis=1).min() > 0.9999
    with pytest.raises(Unembeddable, match="takes at most 4,096 in one piece"):
        embedder.embed_whole([text * 2])
    embedder.close()
    local.close()
    assert children() == []


class StopsAt(GgufServer):
    """Its process is killed in the middle of each text that has ``word`` in it, and of no other."""

    word = "zzzz"
    _given = threading.local()

    def embed(self, texts: Sequence[str]) -> Answered:
        answers = []
        for text in texts:
            self._given.stops = self.word in text
            answers.append(super().embed([text]))
        return Answered(
            np.concatenate([each.vectors for each in answers]), sum(each.tokens or 0 for each in answers)
        )

    @contextmanager
    def _running(self) -> Iterator[OpenAiServer]:
        with super()._running() as server:
            if getattr(self._given, "stops", False):
                threading.Timer(0.2, halted().kill).start()
            yield server


def test_a_document_at_which_llama_cpp_stops_fails_by_name_and_the_others_are_imported(
    home: Path, tmp_path: Path
) -> None:
    file = home / "models" / "tiny-embed.gguf"
    server = StopsAt(file, pooling="last", longest=LONGEST)
    settings = Settings(home=home, embedding=EmbeddingSettings(engine="gguf"))
    embedder = served(settings, server, "here", announce=print, proofs=None)
    library = Library(tmp_path, embedder)  # type: ignore[arg-type]  # any embedder will do
    named = {name: library.add(f"{name}.txt", text) for name, text in IMPORTED.items()}
    library.run()
    state = {name: library.documents.get(document.id) for name, document in named.items()}
    assert {name: one.state for name, one in state.items()} == {
        "ferry": DocumentState.READY,
        "bad": DocumentState.FAILED,
        "pump": DocumentState.READY,
    }
    assert "stopped at a text" in str(state["bad"].reason)
    assert "zzzz harbour" in str(state["bad"].reason)
    library.close()
    embedder.close()
    assert children() == []


def test_a_model_whose_context_is_shorter_than_the_texts_of_a_proof_is_proved(tmp_path: Path) -> None:
    short = tiny_qwen3(tmp_path / "tiny", max_tokens=24)
    (tmp_path / "home").mkdir()
    embedder = opened(tmp_path / "home", str(tiny_gguf(short, tmp_path / "short.gguf")))
    assert embedder.max_tokens <= 24
    assert embedder.embed_documents(["a pump"]).shape[0] == 1
    embedder.close()
