"""How well names decide: companies of thirty filings, and things that are called nearly the same.

python -m benchmarks.names [filings] [near]

Prints, by words alone and by the app's search, for each half (companies, or questions, with an even and an odd number):
the share of questions whose first passage is of the right document, and whose first five hold a passage that answers.
"""

from __future__ import annotations

import argparse
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.cached import FOLDER, bundled_embedder
from benchmarks.filings import COMPANIES, filings, questions
from benchmarks.near_names import near_names
from benchmarks.retrieval import PASSAGES, Library, Settings, library
from kb.config import ParsingSettings, RetrievalSettings
from kb.evaluate.embedding_cache import RememberingEmbedder

WORDS_ALONE = 0.0
"""The weight of meaning at which only words count."""
_WAYS: Mapping[str, float | None] = {"words": WORDS_ALONE, "search": None}


def main() -> None:
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["filings", "near"])
    parser.add_argument("--cache", type=Path, default=FOLDER)
    options = parser.parse_args()
    settings = Settings(Path(), ParsingSettings().chunk_tokens, RetrievalSettings().dense_weight)
    with bundled_embedder(options.cache) as embedder:
        for part in options.parts:
            print(f"{part}:", flush=True)
            for line in {"filings": _filings, "near": _near}[part](embedder, settings):
                print(f"  {line}", flush=True)


def _filings(embedder: RememberingEmbedder, settings: Settings) -> Iterable[str]:
    """Yields a line for each way of searching and kind of question."""
    made = filings()
    asked = questions(made)
    with library(embedder, settings) as documents:
        for filing in made:
            documents.add_text(filing.text, filing.file_name)
        for way, weight in _WAYS.items():
            first: dict[str, list[list[bool]]] = defaultdict(lambda: [[], []])
            within: dict[str, list[list[bool]]] = defaultdict(lambda: [[], []])
            for question in asked:
                half = COMPANIES.index(question.company) % 2
                hits = documents.search(question.text, PASSAGES, dense_weight=weight)
                names = [hit.document.name for hit in hits]
                answers = [
                    hit.document.name == question.file_name
                    and any(line in hit.chunk.text for line in question.lines)
                    for hit in hits
                ]
                kind = "derived" if question.derived else "stated"
                first[kind][half].append(bool(names) and names[0] == question.file_name)
                within[kind][half].append(any(answers))
            for kind in first:
                yield (
                    f"{way:<7} {kind:<8} right document first {_share(first[kind])}   "
                    f"answer within {PASSAGES} {_share(within[kind])}"
                )


def _near(embedder: RememberingEmbedder, settings: Settings) -> Iterable[str]:
    """Yields a line for each kind of name: the right text first, by words and by the app's search."""
    found: dict[tuple[str, str], list[list[bool]]] = defaultdict(lambda: [[], []])
    asked = near_names()
    with library(embedder, settings) as documents:
        keys = _add_texts(documents, [text for each in asked for text in each.texts], _file_names())
        for number, question in enumerate(asked):
            for way, weight in _WAYS.items():
                hits = documents.search(question.question, 1, dense_weight=weight)
                right = bool(hits) and hits[0].document.name == keys[question.texts[question.right]]
                found[question.kind, way][number % 2].append(right)
    for (kind, way), halves in sorted(found.items()):
        yield f"{kind:<8} {way:<7} right text first {_share(halves)}"


def _file_names() -> dict[str, str]:
    """Returns text -> the name of its file, where that tells something."""
    return {
        text: name
        for each in near_names()
        if each.file_names
        for text, name in zip(each.texts, each.file_names, strict=True)
    }


def _add_texts(documents: Library, texts: Sequence[str], file_names: Mapping[str, str]) -> dict[str, str]:
    """Adds each text once; returns text -> the name of its document."""
    keys = {}
    for number, text in enumerate(dict.fromkeys(texts)):
        keys[text] = file_names.get(text, f"{number:04}.md")
        documents.add_text(text, keys[text])
    return keys


def _share(halves: Sequence[Sequence[bool]]) -> str:
    """Returns the share of both halves, and of each."""
    both = [each for half in halves for each in half]
    one, other = (sum(half) / max(1, len(half)) for half in halves)
    return f"{sum(both) / max(1, len(both)):.3f} ({one:.3f} / {other:.3f}; {len(both)})"


if __name__ == "__main__":
    main()
