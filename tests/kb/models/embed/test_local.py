from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from kb.errors import Cancelled, Misconfigured
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.runtime import Turns
from kb.models.embed.torch_model import Model
from tests.kb.models.embed.tiny_model import MAX_TOKENS, QWEN_PROMPT, tiny_bert, tiny_qwen3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_qwen3(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def qwen3(folder: Path) -> Iterator[LocalEmbedder]:
    embedder = LocalEmbedder(folder, device="cpu")
    yield embedder
    embedder.close()


@pytest.mark.parametrize("make", [tiny_bert, tiny_qwen3])
def test_vectors_are_those_of_sentence_transformers(make: type, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    folder = make(tmp_path / "model")
    texts = ["the quick brown fox", "知识库 " * 40, "x"]
    reference = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    ours = LocalEmbedder(folder, device="cpu")
    expected = reference.encode(texts, prompt_name="document", normalize_embeddings=True)
    assert (ours.embed_documents(texts) * expected).sum(axis=1).min() > 0.99999
    expected = reference.encode(["a fox?"], prompt_name="query", normalize_embeddings=True)
    assert ours.embed_queries(["a fox?"])[0] @ expected[0] > 0.99999
    ours.close()


def test_a_question_that_meets_a_closed_model_is_cancelled(folder: Path, qwen3: LocalEmbedder) -> None:
    """The app ends while another thread is loading the model to warm it up."""
    rows = qwen3.token_rows("", ["a fox"])
    model = Model(folder, qwen3.spec, device="cpu", pad=0)
    assert model.run(rows).shape[0] == 1
    model.close()
    with pytest.raises(Cancelled):
        model.run(rows)


def test_a_closed_model_is_freed_at_once(folder: Path, qwen3: LocalEmbedder) -> None:
    """Its modules refer to each other, and a process that opens one after the other would hold several."""
    model = Model(folder, qwen3.spec, device="cpu", pad=0)
    freed = weakref.ref(model.network())
    model.close()
    assert freed() is None


def test_the_question_gets_its_instruction_and_passages_get_none(qwen3: LocalEmbedder) -> None:
    as_passage = qwen3.embed_documents([QWEN_PROMPT + "which fox?"])[0]
    assert qwen3.embed_queries(["which fox?"])[0] @ as_passage > 0.99999


def test_a_cut_text_still_ends_with_the_end_token(qwen3: LocalEmbedder) -> None:
    long = "fox " * 500
    (row,) = qwen3.token_rows("", [long])
    assert len(row) == MAX_TOKENS
    assert row[-1] == 0
    assert row[-2] != 0


def test_the_end_token_is_added_where_the_tokenizer_does_not(folder: Path, tmp_path: Path) -> None:
    bare = Path(shutil.copytree(folder, tmp_path / "bare"))
    tokenizer = json.loads((bare / "tokenizer.json").read_text())
    (bare / "tokenizer.json").write_text(json.dumps({**tokenizer, "post_processor": None}))
    config = json.loads((bare / "config.json").read_text())
    (bare / "config.json").write_text(json.dumps({**config, "hidden_size": 1024}))
    (bare / "footnote.json").write_text('{"model": "Qwen/Qwen3-Embedding-0.6B", "revision": "r"}')
    assert LocalEmbedder(bare).token_rows("", ["fox"]) == LocalEmbedder(folder).token_rows("", ["fox"])


def test_a_narrower_question_is_the_prefix_at_length_one(folder: Path, qwen3: LocalEmbedder) -> None:
    narrow = LocalEmbedder(folder, device="cpu")
    narrow.width = 32
    full = qwen3.embed_queries(["which fox?"])[0]
    cut = narrow.embed_queries(["which fox?"])[0]
    narrow.close()
    assert cut.shape == (32,)
    assert cut == pytest.approx(full[:32] / np.linalg.norm(full[:32]), abs=1e-5)


def test_a_width_that_the_model_does_not_have_is_refused(folder: Path) -> None:
    with pytest.raises(Misconfigured, match="allows only 64"):
        LocalEmbedder(folder, width=32)


def test_counting_and_the_fingerprint_need_neither_weights_nor_torch(folder: Path) -> None:
    script = (
        "import sys, pathlib; from kb.models.embed.local import LocalEmbedder\n"
        "e = LocalEmbedder(pathlib.Path(sys.argv[1]))\n"
        "print(e.count_tokens(['fox']), e.fingerprint.key, e.max_tokens, e.loaded)\n"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith(f"{MAX_TOKENS} False")


def test_passages_do_not_lower_the_callers_priority(qwen3: LocalEmbedder) -> None:
    qwen3.embed_documents(["a fox"])
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == os.getpriority(
        os.PRIO_PROCESS, os.getpid()
    )


@pytest.mark.skipif(sys.platform != "linux", reason="priorities of threads are a Linux matter")
def test_passages_are_computed_at_a_lower_priority(qwen3: LocalEmbedder) -> None:
    qwen3.embed_documents(["a fox"])
    priorities = {
        int((task / "stat").read_text().rpartition(")")[2].split()[16])
        for task in Path("/proc/self/task").iterdir()
    }
    assert 10 in priorities


def test_it_loads_once_whoever_comes_first_and_again_after_close(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def loads() -> int:
        return sum(record.message == "loaded the embedding model" for record in caplog.records)

    caplog.set_level(logging.INFO, "kb.models.embed.torch_model")
    embedder = LocalEmbedder(folder, device="cpu")
    assert loads() == 0
    threads = [threading.Thread(target=embedder.warm_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads() == 1
    embedder.close()
    assert embedder.embed_queries(["again"])[0].shape == (64,)
    assert loads() == 2
    embedder.close()


def test_a_device_that_is_not_there_is_named(folder: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(Misconfigured, match="cuda"):
        LocalEmbedder(folder, device="cuda").embed_queries(["fox"])


def test_on_a_gpu_a_question_goes_before_passages_that_waited_longer() -> None:
    turns, order, waiting = Turns(), [], threading.Semaphore(0)

    def take(question: bool) -> None:
        waiting.release()
        with turns.take(question=question):
            order.append(question)

    with turns.take(question=False):
        threads = [threading.Thread(target=take, args=(question,)) for question in (False, False, True)]
        for thread in threads:
            thread.start()
            waiting.acquire()
        while turns.waiting_questions == 0:
            pass
    for thread in threads:
        thread.join()
    assert order[0] is True
    assert len(order) == 3


def test_a_small_model_is_light_and_a_large_one_is_not_on_a_processor(folder: Path, tmp_path: Path) -> None:
    assert LocalEmbedder(folder, device="cpu").is_light
    large = Path(shutil.copytree(folder, tmp_path / "large"))
    with (large / "more.safetensors").open("wb") as file:
        file.truncate(3 << 30)  # takes no room
    assert not LocalEmbedder(large, device="cpu").is_light
    assert LocalEmbedder(large, device="cuda").is_light


def test_a_question_and_urgent_passages_do_not_wait_for_an_import(folder: Path) -> None:
    embedder = LocalEmbedder(folder, device="cpu")
    embedder.warm_up()
    free = threading.Event()
    model = embedder._model
    assert isinstance(model, Model)
    importing = model._background.submit(free.wait, 20)
    try:
        with ThreadPoolExecutor(2) as pool:
            imported = pool.submit(embedder.embed_documents, ["a fox"])
            evaluated = pool.submit(
                embedder.embed_queries, ["a question of an evaluation"] * model.batch_tokens
            )
            assert embedder.embed_queries(["a fox?"]).shape == (1, 64)
            assert embedder.embed_documents(["a fox"], urgent=True).shape == (1, 64)
            assert not imported.done()
            assert not evaluated.done()
            free.set()
            assert imported.result(20).shape == (1, 64)
            assert evaluated.result(20).shape == (model.batch_tokens, 64)
    finally:
        free.set()
        importing.result(20)
        embedder.close()
