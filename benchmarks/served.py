"""How much of an embedding server is used: ``python -m benchmarks.served http://127.0.0.1:8000/v1 MODEL``.

A plain load generator (requests of 16 passages, so many at a time) and the app's own client embed the same passages in
turns; prints passages a second of both, and the ratio.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from kb.config import EmbeddingSettings, Settings
from kb.models.embed.choose import choose
from kb.models.embed.served.probe_texts import long_words

_WINDOW = 256
"""Passages that an import embeds at a time."""
_TOGETHER = 16


def main() -> None:
    """Prints one figure a line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("model")
    options.add_argument("--passages", type=int, default=1024)
    options.add_argument("--words", type=int, default=150)
    options.add_argument("--at-once", type=int, default=16)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    logging.disable(logging.WARNING)
    words = long_words(given.words + given.passages).split()
    passages = [" ".join(words[start : start + given.words]) for start in range(given.passages)]
    with tempfile.TemporaryDirectory() as home:
        asked = EmbeddingSettings(engine="endpoint", url=given.url, model=given.model)
        embedder, _ = choose(Settings(home=Path(home), embedding=asked))
        print(embedder.engine_status)
        plain, ours = [], []
        for _ in range(given.rounds):
            plain.append(_plain(given.url, given.model, passages, at_once=given.at_once))
            began = time.perf_counter()
            for start in range(0, len(passages), _WINDOW):
                embedder.embed_documents(passages[start : start + _WINDOW])
            ours.append(time.perf_counter() - began)
        embedder.close()
    print(f"plain load generator, {given.at_once} at once: {len(passages) / min(plain):.0f} passages/s")
    print(f"Footnote: {len(passages) / min(ours):.0f} passages/s, {min(plain) / min(ours):.3f} of it")


def _plain(url: str, model: str, passages: list[str], *, at_once: int) -> float:
    """Returns the seconds that the plain requests take."""
    groups = [passages[start : start + _TOGETHER] for start in range(0, len(passages), _TOGETHER)]
    with httpx.Client(timeout=600) as client, ThreadPoolExecutor(at_once) as pool:

        def post(texts: list[str]) -> None:
            reply = client.post(f"{url}/embeddings", json={"model": model, "input": texts})
            reply.raise_for_status()
            assert len(reply.json()["data"]) == len(texts)

        began = time.perf_counter()
        list(pool.map(post, groups))
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
