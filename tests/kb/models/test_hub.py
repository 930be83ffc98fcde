"""Whether a model's folder is whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.models.hub import is_whole


def test_one_file_of_weights_is_enough(tmp_path: Path) -> None:
    assert not is_whole(tmp_path)
    (tmp_path / "model.safetensors").symlink_to(
        tmp_path / "blob"
    )  # as the hub's cache links what never arrived
    assert not is_whole(tmp_path)
    (tmp_path / "blob").write_bytes(b"")
    assert is_whole(tmp_path)


def test_all_parts_of_an_index_have_to_be_there(tmp_path: Path) -> None:
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    (tmp_path / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"a": names[0], "b": names[1]}})
    )
    (tmp_path / names[0]).write_bytes(b"")
    assert not is_whole(tmp_path)
    (tmp_path / names[1]).write_bytes(b"")
    assert is_whole(tmp_path)


@pytest.mark.parametrize("index", ["{", "[]", "{}", '{"weight_map": 3}'])
def test_an_index_that_cannot_be_read_is_not_whole(index: str, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"")
    (tmp_path / "model.safetensors.index.json").write_text(index)
    assert not is_whole(tmp_path)
