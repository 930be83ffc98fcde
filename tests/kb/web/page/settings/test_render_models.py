"""The sheet of models that can answer."""

from __future__ import annotations

import pytest

from kb.types import ModelOffer, ModelOffers, OfferedModel
from kb.web.page.settings.render_models import model_sheet
from kb.web.page.words.models import EN, ZH, ModelsWords

FILES = ModelOffer("files", "/home/<me>/models", (OfferedModel("gguf/a<b.gguf", "135M, 0.1 GB", fits=False),))


def offers(ollama: ModelOffer) -> ModelOffers:
    return ModelOffers((ollama, FILES), 16_000_000_000, None, "qwen3:4b")


@pytest.mark.parametrize("words", [EN, ZH])
def test_what_is_away_says_how_to_get_it_and_what_is_there_can_be_chosen(words: ModelsWords) -> None:
    away = model_sheet(offers(ModelOffer("ollama", "http://here", (), failed="no")), "extractive", words, str)
    assert words.ollama_away.format(place="http://here") in away
    assert 'data-command="ollama pull qwen3:4b"' in away
    assert f"135M, 0.1 GB · {words.too_large}" in away
    assert "a&lt;b.gguf" in away
    assert "<me>" not in away
    assert 'data-model="extractive" aria-pressed="true"' in away
    there = ModelOffer("ollama", "http://here", (OfferedModel("ollama/qwen3:4b", "4B", fits=True),))
    shown = model_sheet(offers(there), None, words, str)
    assert "<bdi>qwen3:4b</bdi>" in shown
    assert "ollama pull" not in shown  # what it would suggest is here
    assert 'aria-pressed="true"' not in shown
