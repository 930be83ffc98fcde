"""Speed, waiting times and memory of the bundled embedding model: ``python -m benchmarks.embed``."""

from __future__ import annotations

import argparse
import logging
import random
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import psutil
from tokenizers import Tokenizer

from kb.models.embed import bundled
from kb.models.embed.converted import kept_folder
from kb.models.embed.local import LocalEmbedder

T = TypeVar("T")
QUESTIONS = [
    "What does the contract say about notice periods?",
    "合同对通知期限有什么规定？",
    "Wer haftet wofür?",
]


def main() -> None:
    """Prints one figure a line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--passages", type=int, default=200)
    options.add_argument("--rounds", type=int, default=3, help="of both ways, in turns")
    options.add_argument("--engine", choices=("auto", "torch", "openvino", "onnx"), default="auto")
    options.add_argument("--questions", type=int, default=60)
    given = options.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as temporary:
        seconds, folder = _timed(lambda: bundled.unpack(Path(temporary)))
        print(f"unpack: {seconds:.1f} s")
        embedder = _load(folder, given.engine)
        passages = _passages(embedder, given.passages)
        _counting(embedder, passages)
        _throughput(embedder, folder, passages, rounds=given.rounds)
        _waiting(embedder, passages, questions=given.questions)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        print(
            f"memory: {_resident():.0f} MB now, {peak / 1e6:.0f} MB at the peak (both models, unpacking included)"
        )
        embedder.close()


def _load(folder: Path, engine: str) -> LocalEmbedder:
    embedder = LocalEmbedder(folder, device="cpu", engine=engine, kept=kept_folder(folder.parent))
    seconds, _ = _timed(embedder.prepare)
    print(f"converted and measured, once on a machine: {seconds:.1f} s")
    before = _resident()
    seconds, _ = _timed(embedder.warm_up)
    print(embedder.engine_status)
    print(f"libraries, tokenizer, weights, first question: {seconds:.1f} s, {_resident() - before:.0f} MB")
    return embedder


def _passages(embedder: LocalEmbedder, count: int) -> list[str]:
    """Returns seeded words of the model's own vocabulary; 200 to 250 tokens each. Speed does not depend on meaning."""
    rng = random.Random(0)
    vocabulary = Tokenizer.from_file(str(embedder.folder / "tokenizer.json")).get_vocab()
    words = sorted(piece[1:] for piece in vocabulary if piece[0] == "▁" and piece[1:].isalpha())
    texts = [" ".join(rng.choices(words, k=rng.randint(180, 240))) for _ in range(count)]
    lengths = embedder.count_tokens(texts)
    print(
        f"passages: {count}, {min(lengths)} to {max(lengths)} tokens, {statistics.mean(lengths):.0f} on average"
    )
    return texts


def _counting(embedder: LocalEmbedder, passages: Sequence[str]) -> None:
    seconds, lengths = _timed(lambda: embedder.count_tokens(passages))
    print(f"counting: {sum(lengths) / seconds / 1000:.0f} thousand tokens a second")


def _throughput(embedder: LocalEmbedder, folder: Path, passages: list[str], *, rounds: int) -> None:
    from sentence_transformers import SentenceTransformer

    bare = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    reference = bare.encode(passages[:8], prompt_name="document", show_progress_bar=False)
    agreement = (embedder.embed_documents(passages[:8]) * reference).sum(axis=1).min()
    print(f"cosine to the bare encode: at least {agreement:.6f}")
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(
            _timed(lambda: bare.encode(passages, prompt_name="document", show_progress_bar=False))[0]
        )
        ours.append(_timed(lambda: embedder.embed_documents(passages))[0])
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    print(f"bare encode: {len(passages) / statistics.median(theirs):.1f} passages/s")
    print(f"embed_documents: {len(passages) / statistics.median(ours):.1f} passages/s")
    print(
        f"wall time over bare encode: {statistics.median(ratios):.2f} ({', '.join(f'{r:.2f}' for r in ratios)})"
    )


def _waiting(embedder: LocalEmbedder, passages: list[str], *, questions: int) -> None:
    idle = _ask(embedder, questions)
    _report("a question, idle", idle)
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            embedder.embed_documents(passages[:64])

    worker = threading.Thread(target=work)
    worker.start()
    time.sleep(1)
    busy = _ask(embedder, questions)
    done.set()
    worker.join()
    _report("a question while passages are embedded", busy)
    print(f"p95 busy over idle: {_p95(busy) / _p95(idle):.2f}")


def _ask(embedder: LocalEmbedder, count: int) -> list[float]:
    seconds = []
    for number in range(count):
        seconds.append(_timed(lambda: embedder.embed_queries([QUESTIONS[number % len(QUESTIONS)]]))[0])  # noqa: B023
        time.sleep(0.05)
    return seconds


def _report(what: str, seconds: list[float]) -> None:
    print(f"{what}: p50 {1000 * statistics.median(seconds):.0f} ms, p95 {1000 * _p95(seconds):.0f} ms")


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def _resident() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6


if __name__ == "__main__":
    main()
