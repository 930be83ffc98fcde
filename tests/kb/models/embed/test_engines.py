"""PyTorch and OpenVINO compute the same vectors from the same weights; which one does it is measured once and said."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from kb.errors import Cancelled
from kb.models.embed.converted import Converted, Measured, kept_folder
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.openvino_model import OpenVinoModel
from kb.models.openvino_package import is_installed
from tests.kb.models.embed.reference import ReferenceQwen3
from tests.kb.models.embed.test_reference import FLOAT32
from tests.kb.models.embed.tiny_model import tiny_qwen3
from tests.kb.models.embed.unpacked import bundled_folder

pytestmark = pytest.mark.skipif(not is_installed(), reason="there is no OpenVINO for this platform")

ROUNDED = 0.999
"""Cosine to PyTorch's vectors of a model whose weights are random: bfloat16, in which some processors compute, rounds
one text to .9998; a token too many, or padding that is attended to, leaves less than .99."""
RAGGED = [
    "short",
    "知识库在每个回答下面给出脚注。",
    "The keeper of the lighthouse counts the ships. " * 27,
    "A bridge. " * 600,
    "",
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A small model's folder, and where its converted file is kept, made by the first test that opens it."""
    home = tmp_path_factory.mktemp("home")
    return tiny_qwen3(home / "tiny"), home / "converted"


def opened(tiny: tuple[Path, Path], engine: str = "openvino") -> tuple[LocalEmbedder, str]:
    """The small model with its weights loaded, and what it says of its engine."""
    embedder = LocalEmbedder(tiny[0], device="cpu", engine=engine, kept=tiny[1])
    embedder.warm_up()
    return embedder, embedder.engine_status


def test_it_reports_to_nobody_and_loads_no_pytorch(tiny: tuple[Path, Path]) -> None:
    """The package tells its maker of each import, unless what does that cannot be imported.

    It stands first, so that it is this process, which has loaded nothing yet, that has the model converted.
    """
    script = (
        "import os, sys, pathlib; from kb.models.embed.local import LocalEmbedder\n"
        "folder, kept = map(pathlib.Path, sys.argv[1:])\n"
        "e = LocalEmbedder(folder, device='cpu', engine='openvino', kept=kept)\n"
        "e.embed_documents(['a', 'b']); e.embed_queries(['c'])\n"
        "assert e.engine_status.startswith('OpenVINO'), e.engine_status\n"
        "assert 'openvino' in sys.modules and 'torch' not in sys.modules and 'transformers' not in sys.modules\n"
        "assert not [n for n, m in sys.modules.items() if n.startswith('openvino_telemetry') and m is not None]\n"
        "if sys.platform == 'linux':\n"
        "    tasks = pathlib.Path('/proc/self/task').iterdir()\n"
        "    assert '10' in {(t / 'stat').read_text().rpartition(')')[2].split()[16] for t in tasks}"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, tiny)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_whoever_waits_at_a_terminal_is_told_of_a_conversion_once(tmp_path: Path) -> None:
    tiny_qwen3(tmp_path / "tiny")
    script = (
        "import pathlib, sys; from kb.system.logs import configure_logs\n"
        "from kb.models.embed.local import LocalEmbedder\n"
        "configure_logs(verbose=False)\n"
        "folder, kept = map(pathlib.Path, sys.argv[1:])\n"
        "for _ in range(2):\n"
        "    LocalEmbedder(folder, device='cpu', engine='openvino', kept=kept).prepare()"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "tiny"), str(tmp_path / "kept")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = [line for line in done.stderr.splitlines() if "converted" in line]
    assert len(told) == 1
    assert "is converted for OpenVINO, compared and measured, once on this machine." in told[0]
    assert "INFO" not in told[0]


def test_a_text_longer_than_was_proved_is_computed_by_pytorch(
    tiny: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    """A converted model keeps a number for each pair of tokens: 69 GB at the longest input of Qwen3-Embedding."""
    embedder, said = opened(tiny)
    assert said.startswith("OpenVINO")
    assert isinstance(embedder._model, OpenVinoModel)
    embedder._model.most_alone = 12
    caplog.set_level(logging.INFO, "kb.models.embed.torch_model")
    assert embedder.embed_whole(["short"]).tokens < (12,)
    assert not caplog.records
    texts = ["a bridge over the river to the other side of the town", "short", "x " * 30]
    whole = embedder.embed_whole(texts)
    assert [record.message for record in caplog.records] == ["loaded the embedding model"]
    expected = ReferenceQwen3(tiny[0]).embed_documents(texts)
    assert whole.vectors[[0, 2]] == pytest.approx(expected[[0, 2]], abs=FLOAT32)
    assert (whole.vectors * expected).sum(axis=1).min() > ROUNDED
    assert whole.tokens == tuple(len(ReferenceQwen3(tiny[0]).ids(text)) for text in texts)
    embedder.close()


def note_of(tiny: tuple[Path, Path], engine: str = "openvino", **changes: object) -> None:
    """Changes what is remembered of the small model."""
    converted = Converted(*tiny, engine)
    measured = converted.read()
    assert measured is not None
    converted.write(replace(measured, **changes))  # type: ignore[arg-type]


def test_both_engines_have_the_vectors_and_the_fingerprint_of_the_bundled_model() -> None:
    folder = bundled_folder()
    by_torch = LocalEmbedder(folder, device="cpu")
    by_openvino = LocalEmbedder(folder, device="cpu", engine="openvino", kept=kept_folder(folder.parent))
    for texts in (RAGGED, RAGGED[::-1], RAGGED[:1]):
        cosines = (by_torch.embed_documents(texts) * by_openvino.embed_documents(texts)).sum(axis=1)
        assert cosines.min() > 0.9999
    assert (by_torch.embed_queries(RAGGED) * by_openvino.embed_queries(RAGGED)).sum(axis=1).min() > 0.9999
    assert by_torch.fingerprint == by_openvino.fingerprint
    assert "OpenVINO" in by_openvino.engine_status
    assert "PyTorch computes" in by_torch.engine_status
    by_torch.close()
    by_openvino.close()


def test_padding_on_the_left_and_the_last_token_are_kept_in_the_conversion(tiny: tuple[Path, Path]) -> None:
    embedder, said = opened(tiny)
    assert said.startswith("OpenVINO"), said
    reference = LocalEmbedder(tiny[0], device="cpu")
    texts = ["fox", "the quick brown fox " * 9, "知识库"]
    assert (embedder.embed_documents(texts) * reference.embed_documents(texts)).sum(axis=1).min() > ROUNDED
    embedder.close()
    reference.close()


@pytest.mark.skipif(os.name == "nt", reason="the fault is played by a signal")
def test_a_library_that_a_format_of_numbers_ends_is_tried_in_float32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Played by a module that Python imports at its start, since no processor must have the fault."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "if 'kb.models.embed.convert' in sys.orig_argv and '--float32' not in sys.orig_argv:\n"
        "    os.kill(os.getpid(), signal.SIGFPE)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    embedder, said = opened((tiny_qwen3(tmp_path / "tiny"), tmp_path / "converted"))
    embedder.close()
    assert said.startswith("OpenVINO")
    assert "in float32" in said


def test_what_was_measured_is_remembered_and_decides(tiny: tuple[Path, Path]) -> None:
    opened(tiny, "auto")[0].close()
    note_of(tiny, ratio=0.345)
    note_of(tiny, "onnx", ratio=0.234)
    embedder, said = opened(tiny, "auto")
    embedder.close()
    assert said.startswith("ONNX Runtime"), "it is the quicker one"
    note_of(tiny, ratio=0.123)
    note_of(tiny, "onnx", ratio=1.99)
    embedder, said = opened(tiny, "auto")
    embedder.close()
    assert said.startswith("OpenVINO")
    assert "0.12 of the time" in said
    assert LocalEmbedder(tiny[0], device="cpu", engine="auto", kept=tiny[1]).engine_status == said
    note_of(tiny, ratio=1.5)
    slow, said = opened(tiny, "auto")
    slow.close()
    assert said.startswith("PyTorch")
    assert "1.50 of its time" in said


def test_a_damaged_converted_file_is_made_anew(tiny: tuple[Path, Path]) -> None:
    first, _ = opened(tiny)
    expected = first.embed_queries(["fox"])
    first.close()
    converted = Converted(*tiny)
    sound = converted.digest()
    note_of(tiny, ratio=0.123)
    damaged = bytearray(converted.weights.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    converted.weights.write_bytes(damaged)
    embedder, said = opened(tiny)
    assert np.allclose(embedder.embed_queries(["fox"]), expected)
    assert converted.digest() == sound
    assert "0.12 of the time" not in said, "it was measured again"
    embedder.close()


def test_a_note_that_cannot_be_read_is_no_note(tmp_path: Path) -> None:
    converted = Converted(tiny_qwen3(tmp_path / "model"), tmp_path)
    assert converted.read() is None
    for content in ("{", "[]", json.dumps({"precision": "f32"})):
        converted.note.write_text(content)
        assert converted.read() is None
    measured = Measured("f32", 0.5, 1.0, digest="none")
    content = converted.stem.name.partition("-openvino-")[0]
    older = tmp_path / f"{content}-openvino-1999.0-00.bin"
    older.write_bytes(b"of another version")
    other = tmp_path / "model-00000000-openvino-1999.0-00.bin"
    other.write_bytes(b"of another model whose folder has the same name")
    converted.write(measured)
    assert converted.read() == measured
    assert not converted.is_sound(measured)
    assert not older.exists()
    assert other.exists()
    assert asdict(measured)["reason"] == ""


def test_without_the_package_it_is_pytorch_and_says_so(
    tiny: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    embedder, said = opened(tiny)
    assert said.startswith("PyTorch")
    assert "openvino" in said
    assert "not installed" in said
    assert any("not installed" in str(getattr(record, "reason", "")) for record in caplog.records)
    assert embedder.embed_queries(["fox"]).shape == (1, 64)
    embedder.close()


def test_a_question_that_meets_a_closed_model_is_cancelled(tiny: tuple[Path, Path]) -> None:
    opened(tiny)[0].close()
    embedder = LocalEmbedder(tiny[0])
    model = OpenVinoModel(Converted(*tiny).opened, precision="f32", pad=embedder.pad)
    rows = embedder.token_rows("", ["a fox"])
    assert np.isfinite(model.run(rows)).all()
    model.close()
    with pytest.raises(Cancelled):
        model.run(rows)
    with pytest.raises(Cancelled):
        model.run_in_background([rows])


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms have no variable for it")
def test_data_folders_share_what_was_converted_where_there_is_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert (
        kept_folder(tmp_path / "one")
        == kept_folder(tmp_path / "two")
        == tmp_path / "cache/footnote/converted"
    )
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert kept_folder(tmp_path / "one") == tmp_path / "one" / "converted"
