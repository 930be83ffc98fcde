"""One long text in one piece by each engine: processor time, memory at the peak, and the cosine with PyTorch's vector.

python -m benchmarks.long_inputs [--tokens N]     a small Qwen3 with random weights that takes 32,768 tokens

Each engine runs in a process of its own. OpenVINO and ONNX Runtime leave such a text to PyTorch.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import psutil

from kb.config import EmbeddingSettings, Settings
from kb.models.embed.choose import choose
from tests.kb.models.embed.tiny_gguf import tiny_gguf
from tests.kb.models.embed.tiny_model import tiny_qwen3

_LONGEST = 32_768
_ENGINES = ("torch", "openvino", "onnx", "gguf")
_SAMPLE_SECONDS = 0.05


def main() -> None:
    """Prints a line for each engine."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--tokens", type=int, default=20_000)
    options.add_argument("--engine", choices=_ENGINES, help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.engine:
        _embed(given.engine, given.folder, given.tokens)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = tiny_qwen3(Path(temporary, "tiny"), max_tokens=_LONGEST)
        tiny_gguf(folder, Path(temporary, "tiny.gguf"))
        reference = None
        for engine in _ENGINES:
            said = _measured(engine, Path(temporary), given.tokens)
            vector = np.load(Path(temporary, f"{engine}.npy"))
            reference = vector if reference is None else reference
            print(f"{said}, cosine with PyTorch's {float(vector @ reference):.6f}")


def _measured(engine: str, folder: Path, tokens: int) -> str:
    """Returns what one engine took, its own processes counted."""
    command = [sys.executable, "-m", "benchmarks.long_inputs"]
    command += ["--engine", engine, "--folder", str(folder), "--tokens", str(tokens)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _embed(engine: str, folder: Path, tokens: int) -> None:
    model = folder / ("tiny.gguf" if engine == "gguf" else "tiny")
    asked = EmbeddingSettings.model_validate({"engine": engine, "model": str(model), "device": "cpu"})
    embedder, _ = choose(Settings(home=folder / f"home-{engine}", embedding=asked))
    embedder.warm_up()
    word = "bridge "
    text = word * (tokens // max(1, embedder.count_tokens([word * 100])[0] // 100))
    peak, ended = [0], threading.Event()
    watching = threading.Thread(target=_watch, args=(peak, ended))
    watching.start()
    started = _processor_seconds()
    whole = embedder.embed_whole([text])
    seconds = _processor_seconds() - started
    ended.set()
    watching.join()
    np.save(folder / f"{engine}.npy", whole.vectors[0])
    print(f"{engine}: {whole.tokens[0]:,} tokens, {seconds:.1f} s, {peak[0] / 1e6:,.0f} MB")
    embedder.close()


def _processor_seconds() -> float:
    """Returns those of this process and of its children that have ended."""
    return sum(os.times()[:4])


def _watch(peak: list[int], ended: threading.Event) -> None:
    """Keeps the most memory that this process and its children had at once."""
    own = psutil.Process()
    while not ended.wait(_SAMPLE_SECONDS):
        total = 0
        for process in (own, *own.children(recursive=True)):
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        peak[0] = max(peak[0], total)


if __name__ == "__main__":
    main()
