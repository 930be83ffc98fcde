from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kb.config import EmbeddingSettings, Settings
from kb.errors import BackendDown, Misconfigured
from kb.models import hub
from kb.models.embed.choose import choose, preferred, require_fitting
from kb.models.embed.spec import BUNDLED, SPECS, known
from kb.models.hardware import Hardware, detect
from tests.kb.models.embed.tiny_model import tiny_bert
from tests.kb.models.embed.unpacked import bundled_home

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("hardware", "expected", "because"),
    [
        (Hardware(), BUNDLED, "no GPU"),
        (Hardware(gpu="RTX 4090", gpu_free=23 * GB), "Qwen/Qwen3-Embedding-4B", "RTX 4090 has 23 GB free"),
        (Hardware(gpu="RTX 3070", gpu_free=7 * GB), "Qwen/Qwen3-Embedding-0.6B", "7 GB free"),
        (Hardware(gpu="GT 1030", gpu_free=1 * GB), BUNDLED, "too little"),
        (Hardware(apple_silicon=True, memory=32 * GB), "Qwen/Qwen3-Embedding-0.6B", "Apple silicon"),
        (Hardware(apple_silicon=True, memory=8 * GB), BUNDLED, "no GPU"),
    ],
)
def test_auto_picks_by_hardware_and_says_why(hardware: Hardware, expected: str, because: str) -> None:
    spec, why = preferred(hardware)
    assert spec.model == expected
    assert because in why


def test_auto_falls_back_to_the_bundled_model_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    embedder, why = choose(
        Settings(home=bundled_home(tmp_path / "home"), embedding=EmbeddingSettings(model="auto")),
        announce=said.append,
        hardware=Hardware(gpu="RTX 4090", gpu_free=23 * GB),
    )
    assert embedder.fingerprint.model == BUNDLED
    assert "RTX 4090" in why
    assert "could not be had" in why
    assert "HF_HUB_OFFLINE" in why
    assert said


def test_auto_stays_with_the_model_of_the_index(tmp_path: Path) -> None:
    big = Hardware(gpu="RTX 4090", gpu_free=23 * GB)
    settings = Settings(home=bundled_home(tmp_path / "home"), embedding=EmbeddingSettings(model="auto"))
    embedder, why = choose(settings, hardware=big, keep=BUNDLED)
    assert embedder.fingerprint.model == BUNDLED
    assert "this index" in why


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "mine")
    embedder, why = choose(Settings(home=tmp_path, embedding=EmbeddingSettings(model=str(folder))))
    assert embedder.fingerprint.model == "mine"
    assert "settings" in why


def test_a_model_may_be_called_with_the_backend_that_runs_it(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "mine")
    embedder, why = choose(Settings(home=tmp_path, embedding=EmbeddingSettings(model=f"local/{folder}")))
    assert embedder.fingerprint.model == "mine"
    assert "local/" in why


def test_a_named_model_that_is_not_here_is_an_error_with_advice(tmp_path: Path) -> None:
    with pytest.raises(BackendDown, match=r"not on this machine yet.*bundled"):
        choose(Settings(home=tmp_path, embedding=EmbeddingSettings(model="Qwen/Qwen3-Embedding-8B")))


def test_a_name_that_is_nothing_lists_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"auto, bundled, .*Qwen3-Embedding-4B"):
        choose(Settings(home=tmp_path, embedding=EmbeddingSettings(model="no such model")))


@pytest.mark.parametrize(
    ("name", "width", "allowed"), [("bundled", 128, "only 384"), ("Qwen3-Embedding-0.6B", 2048, "32 to 1024")]
)
def test_a_width_is_checked_before_anything_is_downloaded(
    name: str, width: int, allowed: str, tmp_path: Path
) -> None:
    home = bundled_home(tmp_path / "home")
    with pytest.raises(Misconfigured, match=allowed):
        choose(Settings(home=home, embedding=EmbeddingSettings(model=name, width=width)))


def test_widths() -> None:
    qwen = SPECS["Qwen/Qwen3-Embedding-4B"]
    assert [qwen.checked_width(width) for width in (None, 2560, 32, 1000)] == [2560, 2560, 32, 1000]


def test_models_go_by_their_short_names_too() -> None:
    assert known("qwen3-embedding-8b") is SPECS["Qwen/Qwen3-Embedding-8B"]
    assert known("something else") is None


def test_an_interrupted_download_does_not_count_as_cached(tmp_path: Path) -> None:
    commit = "a" * 40
    snapshot = tmp_path / "models--owner--name" / "snapshots" / commit
    tiny_bert(snapshot)
    assert hub.cached("owner/name", commit, cache=tmp_path) == snapshot
    (snapshot / "model.safetensors").unlink()
    assert hub.cached("owner/name", commit, cache=tmp_path) is None
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (snapshot / "model.safetensors.index.json").write_text(json.dumps(index))
    (snapshot / "model-1.safetensors").write_bytes(b"")
    assert hub.cached("owner/name", commit, cache=tmp_path) is None


def test_progress_is_said_in_tenths() -> None:
    said: list[str] = []
    bar = hub.announcing("owner/name", said.append)(total=2 * GB, unit="B", mininterval=0)
    for _ in range(40):
        bar.update(GB // 20)
    bar.close()
    assert said[0] == "owner/name: 10% of 2.0 GB"
    assert said[-1] == "owner/name: 100% of 2.0 GB"
    assert len(said) == 10


def test_looking_at_the_hardware_does_not_import_torch() -> None:
    script = "import sys; from kb.models.hardware import detect; detect(); assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_machine_without_a_driver_has_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert detect().gpu is None


@pytest.mark.parametrize(
    ("engine", "model", "fitting"),
    [
        *((engine, "FILE", "gguf") for engine in ("torch", "openvino", "onnx", "ollama")),
        ("gguf", "FOLDER", "torch"),
        ("gguf", "bundled", "torch"),
        ("torch", "ollama/some", "auto"),
    ],
)
def test_an_engine_that_cannot_take_the_kind_of_model_names_the_one_that_can(
    tmp_path: Path, engine: str, model: str, fitting: str
) -> None:
    file = tmp_path / "tiny.gguf"
    file.write_bytes(b"GGUF")
    named = {"FILE": str(file), "FOLDER": str(tmp_path)}.get(model, model)
    asked = EmbeddingSettings.model_validate({"engine": engine, "model": named})
    with pytest.raises(Misconfigured, match=f'engine = .*"{fitting}"'):
        require_fitting(Settings(home=tmp_path, embedding=asked))


@pytest.mark.parametrize("engine", ["auto", "torch", "openvino"])
@pytest.mark.parametrize("name", ["/nowhere/model", "nonsense", "bundle"])
def test_what_names_no_model_is_said_before_anything_waits_for_it(
    tmp_path: Path, engine: str, name: str
) -> None:
    asked = EmbeddingSettings.model_validate({"engine": engine, "model": name})
    with pytest.raises(Misconfigured, match="neither a folder nor a model"):
        require_fitting(Settings(home=tmp_path, embedding=asked))
