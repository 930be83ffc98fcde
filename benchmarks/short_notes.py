"""Refusals over very short documents: ``python -m benchmarks.short_notes [FOLDER] [--missed]``.

Libraries of one to five notes of a sentence or a few, lists and tables of one row (``short_notes.toml``), each asked
what it answers and what it does not, by the whole app without a model; every second library of a language is of the
half kept aside. With FOLDER, the shared evaluation data, XQuAD too: each question on a library of one sentence, the one
that answers it, or another of its paragraph.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from benchmarks.cached import bundled_embedder
from benchmarks.library import Library, files
from benchmarks.quoted import Asked as Quoted
from benchmarks.quoted import answered, quoting, scored
from benchmarks.taken_out import one_sentence
from kb.answer.answerability import evidence
from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.retrieval.sentence_similarity import SentenceSimilarity
from kb.types import Refusals

_NOTES = Path(__file__).with_suffix(".toml")
_SETS = ("xquad_en", "xquad_zh")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question over short notes, and what became of it at a setting."""

    language: str
    is_chosen_on: bool
    is_answered: bool
    """Whether the notes answer it."""
    refused: bool
    held: bool = False
    """Whether the answer held what it had to."""
    units: int = 0
    """How many sentences and lines were quoted."""


def main() -> None:
    """Prints, for each setting and half, what was refused of what the notes answer, and of what they do not."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("eval", nargs="?", type=Path, help="the shared evaluation data")
    options.add_argument("--missed", action="store_true", help="print what went wrong as set by default")
    given = options.parse_args()
    with bundled_embedder() as embedder:
        print("answered but refused; found of those without an answer; right answer held; units quoted")
        asyncio.run(_notes(embedder, missed=given.missed))
        for name in _SETS if given.eval else ():
            _one_sentence(name, given.eval, embedder)


# --- Notes ------------------------------------------------------------------------------------


async def _notes(embedder: RememberingEmbedder, *, missed: bool) -> None:
    outcomes: dict[Refusals, list[Outcome]] = {setting: [] for setting in get_args(Refusals)}
    for made, is_chosen_on in _libraries():
        with tempfile.TemporaryDirectory() as folder:
            for name, text in made["files"].items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
            library = Library(files(Path(folder), embedder), embedder, names=True)
            for setting, found in outcomes.items():
                shown = missed and setting == "balanced"
                found += await _asked(made, is_chosen_on, library, embedder, setting, missed=shown)
            library.close()
    for setting, found in outcomes.items():
        for language in ("all", *dict.fromkeys(each.language for each in found)):
            here = [each for each in found if language in ("all", each.language)]
            parts = [_line([each for each in here if each.is_chosen_on == half]) for half in (True, False)]
            print(f"  {setting}, {language}: chosen on {parts[0]} | kept aside {parts[1]}", flush=True)


def _libraries() -> Iterator[tuple[dict[str, Any], bool]]:
    """Yields each library, and whether it is of the half chosen on."""
    seen = Counter[str]()
    for made in tomllib.loads(_NOTES.read_text(encoding="utf-8"))["library"]:
        yield made, seen[made["language"]] % 2 == 0
        seen[made["language"]] += 1


async def _asked(
    made: dict[str, Any],
    is_chosen_on: bool,
    library: Library,
    embedder: RememberingEmbedder,
    setting: Refusals,
    *,
    missed: bool,
) -> list[Outcome]:
    answerer = quoting(library, embedder, refusals=setting)
    outcomes = []
    for question, gold in (*made["answered"], *((text, None) for text in made["unanswered"])):
        answer = await answered(answerer, question)
        worth = scored(Quoted("", question, (gold or question,)), answer)
        found = Outcome(
            made["language"], is_chosen_on, gold is not None, answer.refused, worth.held, worth.sentences
        )
        outcomes.append(found)
        if missed and found.is_answered != (found.held if gold else not found.refused):
            half = "chosen on" if is_chosen_on else "kept aside"
            print(f"    {half} {made['language']} {question} ({gold}): {answer.text!r}")
    return outcomes


def _line(outcomes: Sequence[Outcome]) -> str:
    with_answer = [each for each in outcomes if each.is_answered]
    without = [each for each in outcomes if not each.is_answered]
    said = [each.units for each in with_answer if not each.refused]
    return (
        f"{_mean([each.refused for each in with_answer])} of {len(with_answer)}; "
        f"{_mean([each.refused for each in without])} of {len(without)}; "
        f"{_mean([each.held for each in with_answer])}; {_mean(said)}"
    )


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3f}" if values else "-"


# --- A library of one sentence ----------------------------------------------------------------


def _one_sentence(name: str, folder: Path, embedder: RememberingEmbedder) -> None:
    similarity = SentenceSimilarity(embedder)
    asked = list(one_sentence(folder / "retrieval" / name, embedder))
    found = [evidence(each.question, each.hits, similarity) for each in asked]
    for setting in get_args(Refusals):
        outcomes = [
            Outcome(name[-2:], each.is_chosen_on, each.is_answered, not has.is_enough(setting))
            for each, has in zip(asked, found, strict=True)
        ]
        parts = [_line([each for each in outcomes if each.is_chosen_on == half]) for half in (True, False)]
        print(f"  {setting}, one sentence of {name}: chosen on {parts[0]} | kept aside {parts[1]}")


if __name__ == "__main__":
    main()
