"""Where models that answer are, or could be, and what of it fits here."""

from __future__ import annotations

from pathlib import Path

import psutil

from kb.models.chat.offers import model_offers
from kb.types import OfferedModel
from tests.doubles.ollama_server import DoubleModel, ollama_double
from tests.doubles.scripted_http import json_reply, scripted_http
from tests.kb.models.chat.test_choose import NOBODY, served, settings, with_gguf


async def test_every_place_is_listed_with_what_it_has_or_why_it_cannot_be_had(tmp_path: Path) -> None:
    given = settings(with_gguf(tmp_path))
    found = await model_offers(given)
    ollama, files = found.offers
    assert (ollama.kind, ollama.place, ollama.models) == ("ollama", NOBODY, ())
    assert "does not answer" in (ollama.failed or "")
    assert (files.kind, files.place) == ("files", str(tmp_path / "models"))
    assert files.models == (OfferedModel("gguf/smol.gguf", "135M, 0.1 GB", fits=True),)
    assert found.suggested.startswith("qwen3:")
    assert 0 < found.memory <= max(psutil.virtual_memory().total, found.memory)


async def test_what_is_too_large_is_said_of_this_machine_alone(tmp_path: Path) -> None:
    huge = psutil.virtual_memory().total * 2
    with (
        ollama_double(small=DoubleModel(size=10**8), huge=DoubleModel(size=huge)) as (ollama, _),
        scripted_http(lambda _: json_reply(served("big"))) as server,
    ):
        given = settings(tmp_path, ollama=ollama.url, endpoint_url=f"{server.url}/v1")
        found = await model_offers(given)
    fits = {model.name: model.fits for offer in found.offers for model in offer.models}
    assert fits == {"ollama/small": True, "ollama/huge": False, "endpoint/big": None}
