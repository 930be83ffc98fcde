"""The closer look: the sentence that answers decides between passages that score alike, always."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from kb.config.thresholds import default_thresholds
from kb.errors import BackendDown
from kb.retrieval.sentence_rerank import TOP_N, TOP_N_ACROSS, SentenceReranker, View, promising_pair
from kb.types import Hit
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.answer.samples import hit

if TYPE_CHECKING:
    from kb.types import Matrix

QUESTION = "Who built the harbour bridge?"
ANSWERS = "Ferries cross the bay all day. Dorman built the harbour bridge. Fish is sold on Mondays."
ELSEWHERE = "Sheep graze on the hills. Wool is cheap."


def found(embedder: HashEmbedder, *texts: str, scores: Sequence[float] = ()) -> list[Hit]:
    """A hit a text, with its real cosine, and a score that falls slowly."""
    question = embedder.embed_queries([QUESTION])[0]
    hits = []
    for number, text in enumerate(texts, start=1):
        made = hit(text, number=number)
        cosine = float(embedder.embed_queries([made.chunk.embedded_text])[0] @ question)
        score = scores[number - 1] if scores else 9.0 - number / 100
        hits.append(replace(made, score=score, rank=number, scores={"dense": cosine}))
    return hits


def numbers(hits: Sequence[Hit]) -> list[int]:
    return [one.chunk.id for one in hits]


def views(embedder: HashEmbedder, count: int) -> list[View]:
    return [View(embedder.embed_queries([QUESTION])[0])] * count


def test_the_sentence_that_is_nearest_to_the_question_decides() -> None:
    embedder = HashEmbedder()
    hits = found(embedder, ELSEWHERE, ANSWERS)
    ordered = SentenceReranker(embedder).order(hits, views(embedder, 2), unit=5.0)
    assert [one.chunk.text for one in ordered] == [ANSWERS, ELSEWHERE]
    assert [one.rank for one in ordered] == [1, 2]
    answer = float(
        embedder.embed_queries(["Dorman built the harbour bridge."])[0]
        @ embedder.embed_queries([QUESTION])[0]
    )
    assert ordered[0].scores["part"] == pytest.approx(answer, abs=1e-5)
    assert ordered[0].score == hits[1].score


def test_what_is_far_behind_or_too_far_down_is_not_looked_at() -> None:
    embedder = HashEmbedder()
    far = found(embedder, ELSEWHERE, ANSWERS, scores=(9.0, 8.9 - default_thresholds().search.score_gap))
    assert SentenceReranker(embedder).order(far, views(embedder, 2), unit=5.0) == tuple(far)
    assert embedder.embedded == []
    low = found(embedder, *[ELSEWHERE] * TOP_N, ANSWERS)
    assert (
        numbers(SentenceReranker(embedder).order(low, views(embedder, TOP_N + 1), unit=5.0))[-1]
        == low[-1].chunk.id
    )


def test_across_languages_more_passages_are_read() -> None:
    embedder = HashEmbedder()
    hits = found(embedder, *[ELSEWHERE] * (TOP_N_ACROSS - 1), ANSWERS)
    own = views(embedder, TOP_N_ACROSS)
    across = [View(view.vector, 0.01) for view in own]
    look = SentenceReranker(embedder)
    assert look.order(hits, own, unit=5.0)[0].chunk.id == hits[0].chunk.id
    assert look.order(hits, across, unit=5.0)[0].chunk.id == hits[-1].chunk.id


def test_a_part_counts_as_much_as_meaning_does() -> None:
    """In a question for a name, meaning counts for little, and so does the meaning of a sentence."""
    embedder = HashEmbedder()
    hits = found(embedder, ELSEWHERE, ANSWERS, scores=(9.0, 8.5))
    assert numbers(SentenceReranker(embedder).order(hits, views(embedder, 2), unit=0.1)) == numbers(hits)


def test_a_passage_in_another_language_is_compared_as_it_was_found() -> None:
    embedder = HashEmbedder()
    hits = found(embedder, ANSWERS, ELSEWHERE)
    own, other = views(embedder, 1)[0], View(np.zeros(64, np.float32) + 0.01, 0.9)
    ordered = SentenceReranker(embedder).order(hits, [own, other], unit=5.0)
    assert ordered[0].chunk.text == ELSEWHERE
    assert ordered[0].scores["part"] > 0.8


def test_a_model_that_fails_leaves_the_order() -> None:
    class Failing(HashEmbedder):
        def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
            raise BackendDown("The server does not answer.")

    embedder = Failing()
    hits = found(embedder, ELSEWHERE, ANSWERS)
    assert SentenceReranker(embedder).order(hits, views(embedder, 2), unit=5.0) == tuple(hits)


def test_sentences_and_the_pair_that_promises_most_are_embedded_without_their_headings() -> None:
    """All parts of a passage share its headings, and its own vector holds them already."""
    embedder = HashEmbedder()
    one = "It is grey. The harbour bridge is long. Dorman built it. Fish is sold. Rain falls."
    hits = found(embedder, one, ELSEWHERE)
    titled = [replace(found, chunk=replace(found.chunk, heading_path=("Bridges",))) for found in hits]
    SentenceReranker(embedder).order(titled, views(embedder, 2), unit=5.0)
    assert embedder.embedded == [
        *("It is grey.", "The harbour bridge is long.", "Dorman built it.", "Fish is sold.", "Rain falls."),
        *("Sheep graze on the hills.", "Wool is cheap."),
        "The harbour bridge is long. Dorman built it.",
        ELSEWHERE,
    ]


def test_neighbours_promise_what_their_tokens_do() -> None:
    spans = [(0, 10), (11, 21), (22, 122), (123, 133)]
    assert promising_pair(spans, [0.8, 0.9, 0.1, 0.9]) == [(0, 21)]
    assert promising_pair(spans, [0.1, 0.9, 0.8, 0.1]) == [(11, 122)], "a long sentence weighs more"
    assert promising_pair(spans[:1], [0.9]) == []


def test_what_two_sentences_say_together_decides() -> None:
    embedder = HashEmbedder()
    apart = "The harbour bridge is long. Dorman built it. Fish is sold on Mondays."
    hits = found(embedder, "Who knows? Sheep graze on the harbour.", apart)
    ordered = SentenceReranker(embedder).order(hits, views(embedder, 2), unit=5.0)
    best = ordered[0]
    assert best.chunk.text == apart
    alone = embedder.embed_documents(["The harbour bridge is long.", "Dorman built it."])
    assert best.scores["part"] > float((alone @ embedder.embed_queries([QUESTION])[0]).max())


class Heavy(HashEmbedder):
    """An embedder for which a sentence is no small matter."""

    is_light = False


def test_a_heavy_model_leaves_the_order() -> None:
    embedder = Heavy()
    hits = found(embedder, ELSEWHERE, ANSWERS)
    assert SentenceReranker(embedder).order(hits, views(embedder, 2), unit=5.0) == tuple(hits)
    assert embedder.embedded == []


def test_however_long_it_takes_the_order_is_the_same() -> None:
    class Slow(HashEmbedder):
        def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
            time.sleep(0.2)
            return super().embed_documents(texts, urgent=urgent)

    slow, quick = Slow(), HashEmbedder()
    texts = (ELSEWHERE + "".join(f" Pier {n} is wet." for n in range(40)), ANSWERS)
    look = SentenceReranker(slow)
    orders = [look.order(found(slow, *texts), views(slow, 2), unit=5.0) for _ in range(3)]
    expected = SentenceReranker(quick).order(found(quick, *texts), views(quick, 2), unit=5.0)
    assert [numbers(order) for order in orders] == [numbers(expected)] * 3
    assert len(slow.embedded) == len(set(slow.embedded)), "a sentence is embedded once"
