"""Rerankers by llama.cpp: a real file of a small one, the real child process, and its real server over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kb.config import RerankerSettings, Settings
from kb.errors import BackendDown, Misconfigured
from kb.models.embed.served.gguf_model import GgufEmbedder
from kb.models.gguf_files import embedding_files, kind_of, read_header, reranking_files
from kb.models.gguf_process import GgufProcess
from kb.models.rerank.endpoint import EndpointReranker
from kb.models.rerank.gguf import GgufReranker
from kb.models.rerank.proof import TRIALS, prove
from kb.models.rerank.proved import ProvedReranker
from kb.retrieval.model_rerank import description, named_reranker
from tests.kb.models.embed.tiny_gguf import tiny_gguf
from tests.kb.models.embed.tiny_model import tiny_qwen3
from tests.kb.models.rerank.tiny_gguf_reranker import TinyReranker

QUESTION, PASSAGES = TRIALS[0].questions[1], TRIALS[0].passages


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyReranker:
    return TinyReranker(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def reranker(tiny: TinyReranker) -> Iterator[GgufReranker]:
    made = GgufReranker(tiny.file)
    yield made
    made.close()


def children() -> list[psutil.Process]:
    alive = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
    return [one for one in alive if "kb.models.gguf_server" in one.cmdline()]


def test_its_scores_are_those_of_the_same_weights_in_pytorch(
    tiny: TinyReranker, reranker: GgufReranker
) -> None:
    assert read_header(tiny.file).ranks
    assert kind_of(tiny.file) == "reranker"
    assert reranker.scores(QUESTION, PASSAGES) == pytest.approx(tiny.scores(QUESTION, PASSAGES), abs=1e-2)
    assert prove(reranker, "It") == ("English",)
    assert reranker.scores(QUESTION, []) == []
    reranker.close()
    assert children() == []


def test_a_process_that_was_killed_is_started_again(reranker: GgufReranker) -> None:
    before = reranker.scores(QUESTION, PASSAGES)
    children()[0].kill()
    try:
        again = reranker.scores(QUESTION, PASSAGES)
    except BackendDown:  # it was not seen dead yet
        again = reranker.scores(QUESTION, PASSAGES)
    assert again == pytest.approx(before)


def test_the_settings_name_a_file_here_or_anywhere(tiny: TinyReranker, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "ours.gguf").write_bytes(tiny.file.read_bytes())
    for name in ("ours.gguf", "gguf/ours.gguf", str(tiny.file)):
        settings = Settings(home=tmp_path, reranker=RerankerSettings(model=name))
        made = named_reranker(settings)
        assert made is not None
        assert made.scores(QUESTION, PASSAGES).index(max(made.scores(QUESTION, PASSAGES))) == 1
        made.close()
        assert name in description(settings)
    assert list(reranking_files(settings)) == ["ours.gguf"]
    assert embedding_files(settings) == {}
    with pytest.raises(Misconfigured, match=r"ours\.gguf"):
        named_reranker(Settings(home=tmp_path, reranker=RerankerSettings(model="none.gguf")))


def test_a_file_of_another_kind_is_told_from_one_that_is_not_there(
    tiny: TinyReranker, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    embedding = tmp_path / "models" / "tiny-embed.gguf"
    embedding.write_bytes(tiny_gguf(tiny_qwen3(tmp_path / "tiny"), tmp_path / "t.gguf").read_bytes())
    (tmp_path / "models" / "tiny-rerank.gguf").write_bytes(tiny.file.read_bytes())
    asked = Settings(home=tmp_path)
    with pytest.raises(Misconfigured, match="holds no reranker: it is of the kind embedding"):
        GgufReranker.from_settings(asked, "tiny-embed.gguf")
    with pytest.raises(Misconfigured, match="holds no embedding model: it is of the kind reranker"):
        GgufEmbedder.from_settings(asked, "tiny-rerank.gguf", announce=print, proofs=None)


def test_a_file_that_orders_nothing_is_refused(tmp_path: Path) -> None:
    random = TinyReranker(tmp_path / "random", learns=False)
    made = ProvedReranker(GgufReranker(random.file))
    with pytest.raises(Misconfigured, match="does not put the passage first that answers"):
        made.scores(QUESTION, PASSAGES)
    made.close()


@pytest.mark.parametrize("path", ["", "/v1", "/v1/rerank", "/rerank"])
def test_a_real_llama_cpp_server_is_asked_over_http(path: str, tiny: TinyReranker) -> None:
    process = GgufProcess(tiny.file, {"embedding": "rank", "context": 512}, setting="reranker.model")
    try:
        served = ProvedReranker(EndpointReranker(process.address() + path, model="tiny", key=process.key))
        assert served.scores(QUESTION, PASSAGES) == pytest.approx(tiny.scores(QUESTION, PASSAGES), abs=1e-2)
        served.close()
        refused = EndpointReranker(process.address() + path, key="another-key-1234")
        with pytest.raises(Misconfigured, match=r"reranker\.key"):
            refused.scores(QUESTION, PASSAGES)
        refused.close()
    finally:
        process.end()
