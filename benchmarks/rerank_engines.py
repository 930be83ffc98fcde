"""How long a cross-encoder takes by PyTorch and by OpenVINO: ``python -m benchmarks.rerank_engines [FOLDER]``.

Without a folder a BERT with random weights, as large as the small published cross-encoders (12 layers of 384). Prints
seconds for each 20 passages, wall and processor time, and the largest difference of two scores.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from kb.models.rerank.cross_encoder import CrossEncoderReranker
from tests.kb.models.rerank.tiny_cross_encoder import tiny_cross_encoder

_PASSAGES = 20
"""So many are reranked."""
_WORDS = 180


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folder", nargs="?", type=Path)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    words = ["the", "quick", "brown", "fox", "jumps", "over", "lazy", "dog"]
    passages = [
        " ".join(words[(place * at) % 8] for place in range(_WORDS)) for at in range(1, 1 + _PASSAGES)
    ]
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or tiny_cross_encoder(Path(temporary), layers=12, width=384, longest=256)
        rerankers = {
            engine: CrossEncoderReranker(str(folder), device="cpu", local_only=True, engine=engine)
            for engine in ("torch", "auto")
        }
        scores = {}
        for engine, reranker in rerankers.items():
            scores[engine] = reranker.scores("which fox?", passages)
            print(f"{engine}: {reranker.engine_status}")
        difference = max(abs(one - other) for one, other in zip(*scores.values(), strict=True))
        print(f"largest difference of two scores: {difference:.1e}")
        for _ in range(given.rounds):
            for engine, reranker in rerankers.items():
                began, computed = time.perf_counter(), time.process_time()
                reranker.scores("which fox?", passages)
                wall, processor = time.perf_counter() - began, time.process_time() - computed
                print(f"  {engine}: {_PASSAGES} passages in {wall:.2f} s; processor {processor:.2f} s")


if __name__ == "__main__":
    main()
