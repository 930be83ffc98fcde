from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from kb.config.thresholds import default_thresholds
from kb.retrieval.language_bias import LanguageBias
from kb.text.language import LANGUAGE_NAMES, language
from kb.text.probes import generic_questions
from tests.doubles.hash_embedder import HashEmbedder

if TYPE_CHECKING:
    from kb.types import Matrix


class Biased(HashEmbedder):
    """As a multilingual model: every text points some way along its language's axis, 0 for Chinese, 1 for others."""

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        rows = super().embed_documents(texts, urgent=urgent)
        for row, text in zip(rows, texts, strict=True):
            row[0 if language(text) == "zh" else 1] += 3.0
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        rows = super().embed_queries(texts)
        for row, text in zip(rows, texts, strict=True):
            row[0 if language(text) == "zh" else 1] += 2.0
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.mark.parametrize("code", sorted(generic_questions()))
def test_every_language_asks_the_same_questions(code: str) -> None:
    assert len(set(generic_questions()[code])) == len(generic_questions()["en"])
    assert language(" ".join(generic_questions()[code])) == code


def test_every_language_that_is_told_apart_has_a_centre() -> None:
    assert generic_questions().keys() == LANGUAGE_NAMES.keys()


def test_a_centre_is_what_the_texts_of_a_language_have_in_common() -> None:
    centres = LanguageBias(Biased())
    assert centres.centroid("zh")[0] > 0.9
    assert centres.centroid("en")[1] > 0.9
    assert abs(centres.centroid("zh")[1]) < 0.2
    assert centres.knows("zh")
    assert not centres.knows("eo")
    assert not centres.knows(None)


def test_the_score_across_languages_by_hand() -> None:
    centres = LanguageBias(Biased())
    rng = np.random.default_rng(0)
    question, passage = rng.standard_normal((2, 64)).astype(np.float32)
    zh, en, asked = centres.centroid("zh"), centres.centroid("en"), centres.asked("zh")
    score = float(passage @ centres.without_language(question, "zh")) + centres.offset(question, "zh", "en")
    whole = float((question - asked) @ passage + asked @ (zh + 2 * en) / 3 + question @ (zh - en))
    removed = default_thresholds().search.language_removed
    assert score == pytest.approx((1 - removed) * float(question @ passage) + removed * whole, abs=1e-4)


def test_two_thirds_of_what_two_languages_lie_apart_are_made_up_for() -> None:
    """For a question about nothing and texts about nothing."""
    centres = LanguageBias(Biased())
    zh, en, asked = centres.centroid("zh"), centres.centroid("en"), centres.asked("zh")
    score = float(en @ centres.without_language(asked, "zh")) + centres.offset(asked, "zh", "en")
    apart = float(asked @ (zh - en))
    assert apart > 0.5
    assert float(asked @ zh) - score == pytest.approx(apart / 3, abs=1e-4)


def test_passages_in_other_languages_come_first_where_they_are_searched_for() -> None:
    centres = LanguageBias(Biased())
    zh, en, asked = centres.centroid("zh"), centres.centroid("en"), centres.asked("zh")
    assert float(asked @ zh) > float(asked @ en)
    towards = centres.towards(asked, "zh", {"en"})
    assert float(towards @ en) > float(towards @ zh)


def test_the_questions_of_a_language_are_embedded_once_and_cut_to_the_width_in_use() -> None:
    embedder = Biased()
    centres = LanguageBias(embedder)
    assert centres.centroid("en").shape == (embedder.fingerprint.width,)
    centres.centroid("en")
    assert 0.01 < centres.spread < 0.5
    assert embedder.embedded.count(generic_questions()["en"][0]) == 1
