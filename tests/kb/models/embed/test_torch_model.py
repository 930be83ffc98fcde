"""A GPU that runs out of memory, is shared and is left alone.

The tiny model runs on ``cpu:0``, which is to PyTorch the processor and to us a device like ``cuda:0``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from app import App
from kb.config import Settings
from kb.engine.device_watch import DeviceWatch
from kb.errors import Misconfigured
from kb.knowledge_base import open_knowledge_base
from kb.models.embed.batching import unit_rows
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.torch_model import AWAY_SECONDS, Model, usable_device
from kb.types import OWNER
from tests.kb.models.embed.reference import ReferenceQwen3
from tests.kb.models.embed.test_reference import FLOAT32
from tests.kb.models.embed.tiny_model import tiny_qwen3

GPU = "cpu:0"
TEXTS = [
    "the quick brown fox",
    "知识库在每个回答下面给出脚注。",
    "a bridge",
    "x",
    "a ferry crosses the sound",
]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Gpu:
    """Raises ``error`` where a batch on it has more than ``room`` rows."""

    def __init__(
        self, model: Model, *, room: int, error: type[RuntimeError] = torch.OutOfMemoryError
    ) -> None:
        self.room = room
        self.ran: list[tuple[str, int]] = []
        self._model = model
        self._error = error
        model.network().register_forward_pre_hook(self._before)

    def _before(self, _network: torch.nn.Module, given: tuple[Any, ...]) -> None:
        rows = len(given[0]["input_ids"])
        if self._model.device == GPU and rows > self.room:
            raise self._error("MPS backend out of memory (made up)")
        self.ran.append((self._model.device, rows))


def in_trouble(model: Model) -> bool:
    return model.trouble is not None


def in_memory(embedder: LocalEmbedder) -> bool:
    return embedder.loaded


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_qwen3(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[list[int]]:
    return LocalEmbedder(folder, device="cpu").token_rows("", TEXTS)


@pytest.fixture(scope="module")
def expected(folder: Path) -> np.ndarray[Any, Any]:
    return ReferenceQwen3(folder).embed_documents(TEXTS)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def model(folder: Path, clock: Clock) -> Iterator[Model]:
    made = Model(folder, LocalEmbedder(folder).spec, device=GPU, pad=0, clock=clock)
    yield made
    made.close()


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError])
def test_a_batch_that_is_too_large_is_halved_and_later_ones_are_smaller(
    model: Model, rows: list[list[int]], expected: np.ndarray[Any, Any], error: type[RuntimeError]
) -> None:
    gpu = Gpu(model, room=2, error=error)
    assert unit_rows(model.run(rows)) == pytest.approx(expected, abs=FLOAT32)
    assert {device for device, _ in gpu.ran} == {GPU}
    assert max(number for _, number in gpu.ran) == 2
    assert not in_trouble(model)
    assert model.batch_tokens < Model.batch_tokens


def test_a_gpu_without_room_for_one_text_is_left_for_a_while_and_that_is_said(
    model: Model, rows: list[list[int]], expected: np.ndarray[Any, Any], clock: Clock
) -> None:
    gpu = Gpu(model, room=0)
    assert unit_rows(model.run(rows)) == pytest.approx(expected, abs=FLOAT32)
    assert unit_rows(np.concatenate(model.run_in_background([rows[:2], rows[2:]]))) == pytest.approx(
        expected, abs=FLOAT32
    )
    assert {device for device, _ in gpu.ran} == {"cpu"}
    assert f"the memory of {GPU} ran out" in str(model.trouble)
    assert "10 minutes" in str(model.trouble)

    clock.now += AWAY_SECONDS  # still no room
    assert unit_rows(model.run(rows)) == pytest.approx(expected, abs=FLOAT32)
    assert in_trouble(model)

    gpu.room, gpu.ran = 9, []
    clock.now += AWAY_SECONDS - 1
    model.run(rows)
    assert gpu.ran == [("cpu", 5)]
    clock.now += 1
    assert unit_rows(model.run(rows)) == pytest.approx(expected, abs=FLOAT32)
    assert gpu.ran[1:] == [(GPU, 5)]
    assert not in_trouble(model)
    assert model.batch_tokens == Model.batch_tokens


def test_other_errors_are_neither_halved_nor_moved(model: Model) -> None:
    with pytest.raises((IndexError, RuntimeError), match="index"):
        model.run([[10_000_000], [1]])
    assert model.device == GPU
    assert not in_trouble(model)


def test_attention_keeps_no_matrix_of_all_pairs(model: Model) -> None:
    network: Any = model.network()[0]
    assert network.auto_model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize("device", ["cuda:7", "cuda:x", "mps:0", "tpu"])
def test_a_device_that_is_not_there_is_refused(device: str) -> None:
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(Misconfigured, match=r"is not there: PyTorch sees"):
        usable_device(device)


def test_a_gpu_is_freed_when_nobody_asks_and_never_under_a_text(folder: Path, clock: Clock) -> None:
    embedder = LocalEmbedder(folder, device=GPU, idle_seconds=60, clock=clock)
    before = embedder.embed_queries(["a fox"])
    clock.now += 59
    embedder.unload_if_idle()
    assert in_memory(embedder)
    clock.now += 1
    embedder.unload_if_idle()
    assert not in_memory(embedder)

    assert embedder.embed_queries(["a fox"]) == pytest.approx(before)
    asked = []

    def meanwhile(_network: torch.nn.Module, _given: tuple[Any, ...]) -> None:
        clock.now += 100
        embedder.unload_if_idle()
        asked.append(in_memory(embedder))

    assert isinstance(embedder._model, Model)
    embedder._model.network().register_forward_pre_hook(meanwhile)
    assert embedder.embed_documents(["a fox", "a bridge"]).shape == (2, 64)
    assert asked == [True]
    embedder.unload_if_idle()
    assert in_memory(embedder), "a text was just computed"
    embedder.close()


@pytest.mark.parametrize(("device", "idle_seconds"), [("cpu", 60), (GPU, None)])
def test_on_the_processor_and_where_it_is_set_so_the_model_stays(
    folder: Path, clock: Clock, device: str, idle_seconds: float | None
) -> None:
    embedder = LocalEmbedder(folder, device=device, idle_seconds=idle_seconds, clock=clock)
    embedder.embed_queries(["a fox"])
    clock.now += 1e6
    embedder.unload_if_idle()
    assert in_memory(embedder)
    embedder.close()


def test_the_owner_reads_of_it_and_an_import_that_waits_keeps_the_model(
    folder: Path, tmp_path: Path, clock: Clock
) -> None:
    embedder = LocalEmbedder(folder, device=GPU, idle_seconds=60, clock=clock)
    app = App()
    kb = open_knowledge_base(
        Settings(home=tmp_path / "home"), renderer=app, suffixes=frozenset({".txt"}), embedder=embedder
    )
    kb.maintenance.lock()
    kb.warm_up()
    devices = DeviceWatch(kb._parts.database)
    assert isinstance(embedder._model, Model)
    Gpu(embedder._model, room=0)
    embedder.embed_queries(["a fox"])
    for _ in range(2):
        devices.look(embedder)
    assert f"the memory of {GPU} ran out" in kb.embedder_status()
    (notice,) = kb.maintenance.notices(caller=OWNER)
    assert f"the memory of {GPU} ran out" in notice.text

    (tmp_path / "ferry.txt").write_text("A ferry crosses the sound.", encoding="utf-8")
    added = kb.library.add(tmp_path / "ferry.txt", "ferry.txt", caller=OWNER)
    clock.now += 1e6
    devices.look(embedder)
    assert in_memory(embedder)
    kb.jobs.cancel(added.document.id, caller=OWNER)
    devices.look(embedder)
    assert not in_memory(embedder)
    kb.close()
    app.close()
    embedder.close()
