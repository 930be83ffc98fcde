from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from kb.errors import Misconfigured
from kb.models.embed.folder import read_spec
from tests.kb.models.embed.tiny_model import MAX_TOKENS, QWEN_PROMPT, tiny_qwen3


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_qwen3(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "tiny"))


def _edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_model_is_read_from_its_own_files(folder: Path) -> None:
    spec = read_spec(folder)
    assert (spec.model, spec.width, spec.narrowest, spec.max_tokens) == ("tiny", 64, 64, MAX_TOKENS)
    assert (spec.query_prompt, spec.document_prompt) == (QWEN_PROMPT, "")
    assert (spec.pooling, spec.padding) == ("lasttoken", "left")


def test_other_weights_are_another_revision(folder: Path, original: Path) -> None:
    assert read_spec(folder).revision == read_spec(original).revision
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content[: len(content) // 2] + bytes(4096) + content[len(content) // 2 :])
    assert read_spec(folder).revision != read_spec(original).revision


def test_a_cached_hub_model_keeps_its_name_and_commit(original: Path, tmp_path: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    cached = tmp_path / "models--someone--their-model" / "snapshots" / commit
    shutil.copytree(original, cached)
    spec = read_spec(cached)
    assert (spec.model, spec.revision) == ("someone/their-model", commit)


def test_a_known_model_has_its_entry(folder: Path) -> None:
    (folder / "footnote.json").write_text('{"model": "Qwen/Qwen3-Embedding-0.6B", "revision": "r"}')
    with pytest.raises(Misconfigured, match="64 wide instead of 1024"):
        read_spec(folder)
    _edit(folder / "config.json", hidden_size=1024)
    spec = read_spec(folder)
    assert (spec.narrowest, spec.revision, spec.end_token) == (32, "r", "<|endoftext|>")


def test_pickled_weights_are_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(Misconfigured, match="safetensors"):
        read_spec(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_code_of_the_models_own_is_refused(folder: Path, name: str) -> None:
    _edit(folder / name, auto_map={"AutoModel": "modeling.Evil"})
    with pytest.raises(Misconfigured, match="own code"):
        read_spec(folder)


@pytest.mark.parametrize(
    "module",
    [
        {"type": "modeling.Evil", "path": ""},
        {"type": "os.system", "path": ""},
        {"type": "sentence_transformers.util.import_from_string", "path": ""},
        {"type": "sentence_transformers.models.Pooling", "path": "../../elsewhere"},
        {"type": "sentence_transformers.models.Pooling", "path": "/etc"},
    ],
)
def test_hostile_modules_are_refused(folder: Path, module: dict[str, str]) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps([modules[0], module]))
    with pytest.raises(Misconfigured, match=r"own code|outside itself"):
        read_spec(folder)


@pytest.mark.parametrize("name", ["modules.json", "config.json", "tokenizer.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(Misconfigured, match=name):
        read_spec(folder)


def test_a_damaged_file_is_named(folder: Path) -> None:
    (folder / "config.json").write_text("{")
    with pytest.raises(Misconfigured, match=r"config\.json cannot be read"):
        read_spec(folder)


def test_what_would_change_vectors_silently_is_refused(folder: Path) -> None:
    _edit(folder / "sentence_bert_config.json", do_lower_case=True)
    with pytest.raises(Misconfigured, match="lower-cases"):
        read_spec(folder)
